"""Plans of many codebases by one run of Terraform.

A plan of its own costs a codebase some nine seconds, nearly all of it the start of the provider. So one root
module calls all of them, and the plan of each is cut out of the whole: addresses lose the call, the module's
configuration becomes the root's, and what was passed to it its variables.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from code_builder import PROVIDER, written
from codebases import CODEBASES, PATTERN, Codebase
from sg_alarm.readers.terraform.parser import parse

ROOT = (
    """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""
    + PROVIDER
)
_VARIABLE_FILES = re.compile(r"(?:terraform|.*\.auto)\.tfvars(?:\.json)?")
_FROM_REGISTRY = re.compile(r'source\s*=\s*"(?!\.)[^"]*"(?:\s*version\s*=\s*"[^"]*")?')


NOTHING = "there is nothing to judge"
NO_MODULE = "terraform init finds no such module"
NO_CODE = "Terraform cannot parse it"
LEFT_OUT = {
    "code without AWS": NOTHING,
    "no code": NOTHING,
    "a missing module that is about networks": NO_MODULE,
    "an alarm module that is not here": NO_MODULE,
    "a module that is not here, with the pattern as argument": NO_MODULE,
    "a metric filter and an alarm from a registry, not downloaded": NO_MODULE,
    "the alarms of a benchmark from a registry, not downloaded": NO_MODULE,
    "alarms on a trail from a registry, not downloaded": NO_MODULE,
    "a file that cannot be parsed": NO_CODE,
    "JSON that cannot be parsed": NO_CODE,
    "a variable file that cannot be parsed": NO_CODE,
    "bytes that are no text": NO_CODE,
    "a reference to nothing": "Terraform refuses what is not declared",
    "a pattern in a file that is not here": "Terraform refuses a file that is not there",
    "the group by the state of another code": "there is no such state",
}
"""Codebases that Terraform does not plan, and why."""

VALUES = {
    "the group by a variable": 'g = "of-another-code"',
    "a mail address from a variable": 'mail = "a@example.com"',
    "names with a variable in them": 'prefix = "acme"',
    "names in small letters, with a variable in them": 'prefix = "acme"',
    "a count that hangs on a variable without value": "on = true",
    "a count that compares a text without value": 'stage = "prod"',
    "a count that hangs on the length of a list without value": 'l = ["a"]',
    "a pattern chosen by a text without value": 'stage = "dev"',
    "a pattern looked up by a text without value": 'stage = "prod"',
    "a module that may be switched off": "on = false",
    "a module whose argument has no value": "on = true",
    "selectors without value": 's = ["ReadOnly"]',
    "for_each over a list without value": 'mails = ["a@example.com"]',
    "a pattern without value": f"p = {PATTERN}",
    "a pattern with an operation without value": 'p = "DeleteSecurityGroup"',
    "a threshold without value": "t = 1",
    "an action of another code": 'topic = "arn:aws:sns:eu-west-1:123456789012:theirs"',
    "actions without value": "topics = []",
    "a key that may be set": 'key = "alias/aws/sns"',
    "a key on a condition that nobody knows": "encrypt = true",
    "dynamic metrics without value": 'm = ["a"]',
    "a module for each of what nobody knows": 'x = ["a"]',
}
"""Variables that Terraform asks for; given to both readers."""

PLANNED = {one.name: one for one in CODEBASES if one.name not in LEFT_OUT}


def planned(
    codebases: Mapping[str, tuple[Codebase, str]],
    folder: Path,
    terraform: str,
    environment: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """Plan codebases, each with the text of a variable file; return the JSON of their plans by name."""
    calls = {
        _call(name): _written(one, values, folder, _call(name)) for name, (one, values) in codebases.items()
    }
    (folder / "main.tf").write_text(ROOT + "".join(calls.values()))

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [terraform, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", "-no-color", "-input=false")
    run("plan", "-no-color", "-input=false", "-refresh=false", "-lock=false", "-out=all.tfplan")
    document = json.loads(run("show", "-json", "all.tfplan"))
    return {name: of_module(document, _call(name)) for name in codebases}


def _call(name: str) -> str:
    return re.sub(r"\W+", "_", name)


def _written(codebase: Codebase, values: str, folder: Path, name: str) -> str:
    """Write a codebase as a module; return its call."""
    files = {path: _as_module(path, text, codebase) for path, text in codebase.files.items()}
    root = (written(folder / name, files) / codebase.root).resolve()
    passed = _variables([*sorted(root.iterdir())]) | _assignments(values or codebase.given)
    arguments = "".join(f"  {variable} = {text}\n" for variable, text in passed.items())
    return f'\nmodule "{name}" {{\n  source = "./{root.relative_to(folder.resolve())}"\n{arguments}}}\n'


def _as_module(path: str, text: str, codebase: Codebase) -> str:
    """Return code as a module may have it: with our provider, and with the folders of what was downloaded."""
    if path.endswith(".tf.json"):
        return json.dumps({key: value for key, value in json.loads(text).items() if key != "provider"})
    manifest = codebase.files.get(".terraform/modules/modules.json")
    if path == "main.tf" and manifest:
        places = [f"./{one['Dir']}" for one in json.loads(manifest)["Modules"] if "." not in one["Key"]][1:]
        text = _FROM_REGISTRY.sub(lambda _: f'source = "{places.pop(0)}"', text)
    return text.replace(PROVIDER, "")


def _variables(files: Iterable[Path]) -> dict[str, str]:
    """Return what variable files assign, later ones winning, as expressions."""
    found: dict[str, str] = {}
    for file in files:
        if _VARIABLE_FILES.fullmatch(file.name):
            text = file.read_text("utf-8")
            if file.name.endswith(".json"):
                found |= {name: json.dumps(value) for name, value in json.loads(text).items()}
            else:
                found |= _assignments(text)
    return found


def _assignments(text: str) -> dict[str, str]:
    return {name: attribute.text for name, attribute in parse(text).attributes.items()}


def of_module(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the plan of one module that the root calls, as if it were a root itself.

    What is passed to it must be constants, as only those are in the plan.
    """
    call = document["configuration"]["root_module"]["module_calls"][name]
    module = call["module"]
    passed = {key: value["constant_value"] for key, value in call.get("expressions", {}).items()}
    defaults = {key: one.get("default") for key, one in module.get("variables", {}).items()}
    prefix = f"module.{name}."

    def cut(value: Any) -> Any:
        """Return addresses, and keys of providers, without the call."""
        if isinstance(value, str):
            return value.removeprefix(prefix).removeprefix(f"module.{name}:")
        if isinstance(value, list):
            return [cut(one) for one in value]
        if isinstance(value, Mapping):
            return {cut(key): cut(one) for key, one in value.items() if one != f"module.{name}"}
        return value

    def inner(values: Mapping[str, Any]) -> dict[str, Any]:
        children = values.get("root_module", {}).get("child_modules", [])
        found = next((one for one in children if one["address"] == f"module.{name}"), {})
        return {"root_module": cut(found)}

    providers = {
        cut(key): cut(one)
        for key, one in document["configuration"].get("provider_config", {}).items()
        if key == "aws" or key.startswith((f"module.{name}:", prefix))
    }
    return {
        "format_version": document["format_version"],
        "terraform_version": document["terraform_version"],
        "variables": {key: {"value": value} for key, value in {**defaults, **passed}.items()},
        "planned_values": inner(document["planned_values"]),
        "resource_changes": [
            cut(one) for one in document.get("resource_changes", []) if one["address"].startswith(prefix)
        ],
        "configuration": {"provider_config": providers, "root_module": cut(module)},
        "prior_state": {"values": inner(document.get("prior_state", {}).get("values", {}))},
        "relevant_attributes": [
            cut(one) for one in document.get("relevant_attributes", []) if one["resource"].startswith(prefix)
        ],
    }
