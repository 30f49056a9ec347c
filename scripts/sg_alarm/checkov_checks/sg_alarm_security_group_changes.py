"""The Checkov check CKV2_CWL_4: every change of a security group must raise an alarm that reaches somebody.

Checkov executes this file under its bare name, swallows what it raises, and asks a check about one resource
at a time. So the check is registered for every kind of block and answers at one of them only: the anchor that
:mod:`sg_alarm.checkov` chooses for each root module, plan and template. Whatever goes wrong in there is a
failed check that says so, once, and never a silent pass.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck as TemplateCheck
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.module.base_module_check import BaseModuleCheck
from checkov.terraform.checks.provider.base_check import BaseProviderCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

ID = "CKV2_CWL_4"
TITLE = "Ensure every change of a security group raises an alarm that reaches somebody"
GUIDELINE = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-10"


def load_package() -> None:
    """Make the ``sg_alarm`` that this file belongs to importable, and nothing beside it.

    A signed copy of this file may stand elsewhere: it takes the package that is installed.
    """
    folder = Path(__file__).resolve().parents[1]
    if "sg_alarm" in sys.modules or not (folder / "checkov" / "scans.py").is_file():
        return
    spec = importlib.util.spec_from_file_location(
        "sg_alarm", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"no package in {folder}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["sg_alarm"] = module
    spec.loader.exec_module(module)


def outcome_function() -> Callable[[str, str, Mapping[str, Any]], Any]:
    """Return what answers; where it cannot be imported, what says so."""
    try:
        load_package()
        from sg_alarm.checkov import outcome_at
    except Exception as error:
        faults: list[Exception] = [error]
        return lambda *block: _raise(faults.pop()) if faults else None
    return outcome_at


def _raise(error: Exception) -> None:
    raise error


_outcome_at = outcome_function()


class _Anchored:
    """Answers at the anchors, and is silent everywhere else."""

    name: str
    details: list[str]
    block_type: str

    def run(
        self,
        scanned_file: str,
        entity_configuration: dict[str, Any],
        entity_name: str,
        entity_type: str,
        skip_info: Any,
    ) -> dict[str, Any]:
        self.name, self.details = TITLE, []
        kind = self.block_type if self.block_type != "resource" else entity_type
        try:
            outcome = _outcome_at(kind, entity_name, entity_configuration)
        except Exception as error:
            hint = getattr(error, "hint", "")
            said = f"{error}; {hint}" if hint else f"the check itself failed: {type(error).__name__}: {error}"
            self.name = f"{TITLE}: nobody could look: {said}"
            return {"result": CheckResult.FAILED, "evaluated_keys": []}
        if outcome is None:
            return {"result": CheckResult.UNKNOWN, "evaluated_keys": []}
        if skip_info:
            return {"result": CheckResult.SKIPPED, "suppress_comment": skip_info["suppress_comment"]}
        if outcome.said:
            self.name = f"{TITLE}: {outcome.said}"
        self.details = list(outcome.details)
        answer = {"result": CheckResult(outcome.result), "evaluated_keys": []}
        if outcome.result == "SKIPPED":
            answer["suppress_comment"] = outcome.said
        return answer

    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> CheckResult:
        """Nothing is judged by one block alone."""
        return CheckResult.UNKNOWN

    scan_resource_conf = scan_module_conf = scan_provider_conf = scan_entity_conf


class TerraformResource(_Anchored, BaseResourceCheck):
    """Resources, of code and of plans."""


class TerraformModule(_Anchored, BaseModuleCheck):
    """Calls of modules, where a module itself is not in Checkov's sight."""


class TerraformProvider(_Anchored, BaseProviderCheck):
    """Providers, where nothing of the chain is there at all."""


class Template(_Anchored, TemplateCheck):
    """Resources of CloudFormation templates."""


def register() -> None:
    """Register the check for every kind of block."""
    about = {"name": TITLE, "id": ID, "categories": [CheckCategories.LOGGING], "guideline": GUIDELINE}
    TerraformResource(supported_resources=["*"], **about)
    TerraformModule(supported_resources=["module"], **about)
    TerraformProvider(supported_provider=["aws"], **about)
    Template(supported_resources=["*"], **about)


register()
