"""One root module read into a deployment.

What is plain is evaluated right here, by :mod:`~sg_alarm.readers.code.plain`. Only where something that bears
on the rule is not plain, tfparse evaluates all of it; that must be in a child process, as it can kill the one
that it is in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sg_alarm.readers.assembly import Resource, Scope, deployment_of
from sg_alarm.readers.code.evaluated import (
    Evaluated,
    Raw,
    count_of,
    module_of,
    path_of,
)
from sg_alarm.readers.code.expressions import REMEDY
from sg_alarm.readers.code.folders import Call, Tree
from sg_alarm.readers.code.hcl import Block, SyntaxProblem, parse
from sg_alarm.readers.code.mirror import VARIABLES, presence_name, write
from sg_alarm.readers.code.placeholders import ACCOUNT, PARTITION, REGION, SUFFIX, Placeholders, looked_at
from sg_alarm.readers.code.plain import evaluate
from sg_alarm.readers.policy_document import POLICY_DOCUMENT
from sg_alarm.readers.reading import (
    OWN_REGION,
    Position,
    Reading,
    account_of,
    addresses_of,
    says_alarm,
    unread,
)
from sg_alarm.readers.terraform_names import MERELY_THERE, TYPES, resource
from sg_alarm.unknown import Unknown

_ASKED = frozenset({*TYPES, POLICY_DOCUMENT})
_UNSEEN = (
    "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_metric_alarm",
    "aws_sns_topic",
    "aws_sns_topic_subscription",
)
_PARTITION, _SUFFIX = "${partition}", "${dns_suffix}"
# In an expression; not in a path, a data source, or a key such as "aws:SourceArn".
_RESOURCE = re.compile(r"(?<![\w.\"/-])(aws_[a-z0-9_]+\.[A-Za-z_][\w-]*)(?=[.\[])")
_LOCAL = re.compile(r"\blocal\.([\w-]+)")
_TFVARS = ("terraform.tfvars", "terraform.tfvars.json")


def has_tfparse() -> bool:
    """Whether tfparse evaluates; ``SG_ALARM_WITHOUT_TFPARSE`` in the environment says no where it could."""
    return not os.environ.get("SG_ALARM_WITHOUT_TFPARSE") and find_spec("tfparse") is not None


def read_root(root: Path, name: str, variable_files: tuple[Path, ...] = ()) -> Reading:
    """Read one root module, by tfparse where that is needed and there; ``name`` is what it is called."""
    reading = read_plainly(root, name, variable_files)
    return read_by_tfparse(root, name, variable_files) if asks_for_tfparse(reading) else reading


def read_plainly(root: Path, name: str, variable_files: tuple[Path, ...] = ()) -> Reading:
    """Read one root module without tfparse."""
    return _read(root, name, variable_files, by_tfparse=False)


def read_by_tfparse(root: Path, name: str, variable_files: tuple[Path, ...] = ()) -> Reading:
    """Read one root module by tfparse, which must be there."""
    return _read(root, name, variable_files, by_tfparse=True)


def asks_for_tfparse(reading: Reading) -> bool:
    """Whether tfparse, which is there, may tell something that was left aside as not plain."""
    return has_tfparse() and _holds_remedy(reading.deployment)


def _holds_remedy(value: Any) -> bool:
    if isinstance(value, Unknown):
        return REMEDY in value.reason
    if isinstance(value, tuple):
        return any(map(_holds_remedy, value))
    if isinstance(value, Mapping):
        return any(map(_holds_remedy, value.values()))
    return is_dataclass(value) and any(map(_holds_remedy, vars(value).values()))


def _read(root: Path, name: str, variable_files: tuple[Path, ...], by_tfparse: bool) -> Reading:
    try:
        return _Root(Tree(root), name, by_tfparse).reading(variable_files)
    except (SyntaxProblem, OSError) as error:
        return unread(name, f"the code could not be read: {error}")


class _Root:
    def __init__(self, tree: Tree, name: str, by_tfparse: bool) -> None:
        self._tree = tree
        self._name = name
        self._by_tfparse = by_tfparse
        self._account = account_of(name)
        self._positions: dict[str, Position] = {}
        self._declared: dict[Path, set[str]] = {}
        self._locals: dict[Path, dict[str, str]] = {}

    def reading(self, variable_files: tuple[Path, ...]) -> Reading:
        anchor = self._anchor()
        missing = list(_alarm_modules_missing(self._tree))
        if not anchor and not missing:
            return Reading(self._name, None)
        evaluated = Evaluated({})
        if self._has_any(frozenset(TYPES)):
            try:
                evaluated = self._evaluate(variable_files)
            except ValueError as error:
                return unread(self._name, f"the code could not be evaluated: {error}")
        regions = _Regions(evaluated, self._tree, self._account)
        scope = Scope(self._account, *regions.of("", "aws")[1:], elsewhere=_elsewhere(missing))
        evaluated.constants |= {
            OWN_REGION: scope.region,
            _PARTITION: scope.partition,
            _SUFFIX: "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com",
        }
        resources = list(self._resources(evaluated, regions))
        for call, reason in missing:
            address = f"module.{call.name}"
            self._positions[address] = Position(str(call.file.path), call.block.line)
            place = (scope.region, scope.account, scope.partition)
            resources += [
                resource(kind, f"{address}.{kind}.*", reason, *place, existence=reason) for kind in _UNSEEN
            ]
        deployment = deployment_of(resources, scope)
        return Reading(
            self._name,
            deployment,
            addresses_of(deployment, resources, anchor, f"module.{missing[0][0].name}" if missing else ""),
            self._positions,
            anchor,
        )

    def _evaluate(self, variable_files: tuple[Path, ...]) -> Evaluated:
        given = _given(self._tree.root, variable_files)
        assigned = {name for file in given for name in _assigned(file)}
        missing = {
            block.labels[0]: block
            for _, block in self._tree.folders[self._tree.root].of("variable")
            if block.labels and "default" not in block.attributes and block.labels[0] not in assigned
        }
        texts = frozenset(name for name, block in missing.items() if _is_text(block))
        placeholders = Placeholders(self._tree, _ASKED, texts)
        values = {ACCOUNT: self._account, REGION: OWN_REGION, PARTITION: _PARTITION, SUFFIX: _SUFFIX}
        advice = _advice(sorted(set(missing) - placeholders.variables))
        if self._by_tfparse:
            blocks = self._parsed(given, placeholders, values)
        else:
            blocks = evaluate(self._tree, given, _ASKED, placeholders, values, advice)
        return Evaluated(blocks, advice)

    def _parsed(
        self, given: list[Path], placeholders: Placeholders, values: Mapping[str, str]
    ) -> dict[str, list[Raw]]:
        from tfparse import ParseError, load_from_path

        with tempfile.TemporaryDirectory(prefix="sg-alarm-") as folder:
            root = write(self._tree, Path(folder), _ASKED, placeholders, values)
            files = [VARIABLES]
            for number, path in enumerate(given):
                copy = f"sg_alarm_{number}_{path.name}"
                shutil.copyfile(path, root / copy)
                files.append(copy)
            try:
                blocks: dict[str, list[Raw]] = load_from_path(
                    str(root), stop_on_hcl_error=True, vars_paths=files
                )
            except ParseError as error:
                raise ValueError(str(error)) from error
        return blocks

    def _has_any(self, types: frozenset[str]) -> bool:
        return any(
            block.kind == "resource" and block.labels[:1] and block.labels[0] in types
            for folder in self._tree.folders.values()
            for _, block in folder.blocks
        )

    def _anchor(self) -> str:
        """Return the provider of AWS, else the first resource of AWS; empty where there is none."""
        first = ""
        for path, folder in self._tree.folders.items():
            for file, block in folder.blocks:
                kind = block.labels[0] if block.labels else ""
                if block.kind == "provider" and kind == "aws" and path == self._tree.root:
                    self._positions["provider.aws"] = Position(str(file.path), block.line)
                    return "provider.aws"
                if not first and block.kind in ("resource", "data") and kind.startswith("aws_"):
                    first = ("data." if block.kind == "data" else "") + ".".join(block.labels)
                    self._positions[first] = Position(str(file.path), block.line)
        return first

    def _resources(self, evaluated: Evaluated, regions: _Regions) -> Iterator[Resource]:
        instances = list(self._instances(evaluated))
        for module, _, _ in instances:
            for kind in TYPES:
                for raw in evaluated.blocks.get(kind, ()):
                    if module_of(path_of(raw)) == module:
                        evaluated.locations[path_of(raw)] = regions.of(module, _provider(raw))
        for module, folder, doubt in instances:
            for file, block in self._tree.folders[folder].of("resource"):
                if not block.labels or block.labels[0] not in TYPES:
                    continue
                kind, address = block.labels[0], ".".join(([module] if module else []) + list(block.labels))
                found = [
                    raw
                    for raw in evaluated.blocks.get(kind, ())
                    if re.sub(r"\[[^\[\]]*\]$", "", path_of(raw)) == address
                    and raw["__tfmeta"].get("type") == "resource"
                ]
                position = Position(str(file.path), block.line)
                self._positions[address] = position
                dangling = None if kind in MERELY_THERE else self._dangling(folder, block)
                for raw in found:
                    self._positions[path_of(raw)] = position
                    unsure = doubt or dangling or _doubt_of_count(raw, block, evaluated)
                    yield replace(evaluated.resource(kind, raw), existence=unsure)
                if not found and (reason := doubt or self._doubt(evaluated, module, block)):
                    account, region, partition = regions.of(module, "aws")
                    yield resource(kind, address, reason, region, account, partition, reason)

    def _dangling(self, folder: Path, block: Block) -> Unknown | None:
        """Doubt a resource that refers to one which is not declared: Terraform refuses the code."""
        if folder not in self._declared:
            self._declared[folder] = {
                ".".join(one.labels) for _, one in self._tree.folders[folder].of("resource")
            }
            self._locals[folder] = {
                name: attribute.text
                for _, one in self._tree.folders[folder].of("locals")
                for name, attribute in one.attributes.items()
            }
        todo, seen = list(looked_at(block)), set[str]()
        while todo:
            text = todo.pop()
            for reference in _RESOURCE.findall(text):
                if reference not in self._declared[folder]:
                    return Unknown(f"it refers to {reference}, which is not declared")
            further = set(_LOCAL.findall(text)) & self._locals[folder].keys() - seen
            seen |= further
            todo += [self._locals[folder][name] for name in further]
        return None

    def _instances(self, evaluated: Evaluated) -> Iterator[tuple[str, Path, Unknown | None]]:
        """Yield each module that there is or may be: its address, its folder, and the doubt."""
        todo: list[tuple[str, Path, Unknown | None, tuple[Path, ...]]] = [("", self._tree.root, None, ())]
        while todo:
            module, folder, doubt, above = todo.pop()
            yield module, folder, doubt
            for call in self._tree.calls[folder]:
                if call.folder is None or call.folder in above:
                    continue
                address = f"{module}.module.{call.name}".lstrip(".")
                inner = (*above, folder)
                found = [
                    raw
                    for raw in evaluated.blocks.get("module", ())
                    if re.sub(r"\[[^\[\]]*\]$", "", path_of(raw)) == address
                ]
                for raw in found:
                    todo.append(
                        (
                            path_of(raw),
                            call.folder,
                            doubt or _doubt_of_count(raw, call.block, evaluated),
                            inner,
                        )
                    )
                if not found and (reason := doubt or self._doubt(evaluated, module, call.block)):
                    todo.append((address, call.folder, reason, inner))

    @staticmethod
    def _doubt(evaluated: Evaluated, module: str, block: Block) -> Unknown | None:
        """Return why nobody can tell whether a block exists that was left out; ``None`` if it does not."""
        name = next((name for name in ("count", "for_each") if name in block.attributes), "")
        if not name:
            return Unknown("it could not be read") if evaluated.blocks else None
        presence = dict(evaluated.locals_of(module)).get(presence_name(block))
        if isinstance(presence, Unknown):
            return Unknown(f"its {name} could not be told: {presence.reason}")
        size = count_of(presence)
        if size is None:
            size = count_of(_json(block.attributes[name].text))
        if size == 0:
            return None
        return Unknown(
            f"its {name} could not be told, {_short(block.attributes[name].text)}: {evaluated.advice}"
        )


def _provider(raw: Raw) -> str:
    found = raw.get("provider")
    return str(found["__attribute__"]) if isinstance(found, Mapping) and "__attribute__" in found else "aws"


def _doubt_of_count(raw: Raw, block: Block, evaluated: Evaluated) -> Unknown | None:
    if "count" in block.attributes and count_of(raw.get("count")) is None:
        text = _short(block.attributes["count"].text)
        return Unknown(f"whether it exists could not be told, count = {text}: {evaluated.advice}")
    return None


def _advice(missing: list[str]) -> str:
    """Return what to do about values that are not known; ``missing`` are variables without one."""
    if not missing:
        return "judge the plan instead"
    names = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
    return f"give a variable file that sets {names}, or judge the plan"


def _assigned(file: Path) -> set[str]:
    text = file.read_text("utf-8")
    if file.name.endswith(".json"):
        found = _json(text)
        return set(found) if isinstance(found, dict) else set()
    try:
        blocks = parse(f"variables {{\n{text}\n}}")
    except SyntaxProblem as error:
        raise SyntaxProblem(f"{file.name}: {error}") from error
    return set(blocks[0].attributes)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_text(block: Block) -> bool:
    return (
        block.attributes["type"].text.strip('"') in ("string", "any") if "type" in block.attributes else True
    )


def _given(root: Path, further: tuple[Path, ...]) -> list[Path]:
    """Return the variable files that Terraform reads, in its order; later ones win."""
    names = sorted(os.listdir(root))
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return [root / name for name in (*(one for one in _TFVARS if one in names), *automatic)] + list(further)


def _alarm_modules_missing(tree: Tree) -> Iterator[tuple[Call, Unknown]]:
    """Yield the calls of modules that are not there and surely have to do with such alarms.

    Any missing module may hold anything; only those count whose source or arguments say so. Else a codebase
    with a missing network module could never be told that it has no alarm.
    """
    for calls in tree.calls.values():
        for call in calls:
            if call.folder is None and says_alarm(_said_of(call)):
                reason = f"the module {call.source} is not here: run terraform init, or judge the plan"
                yield call, Unknown(reason)


def _said_of(call: Call) -> str:
    return " ".join((call.source, *(one.text for one in call.block.attributes.values())))


def _elsewhere(missing: list[tuple[Call, Unknown]]) -> Unknown | None:
    return missing[0][1] if missing else None


class _Regions:
    """Where each provider deploys to."""

    def __init__(self, evaluated: Evaluated, tree: Tree, account: str) -> None:
        self._account = account
        self._passed: dict[tuple[Path, str], dict[str, str]] = {}
        self._tree = tree
        self._configured: dict[str, tuple[str, str]] = {}
        for raw in evaluated.blocks.get("provider", ()):
            meta = raw.get("__tfmeta", {})
            if meta.get("label") != "aws" or "module." in path_of(raw):
                continue
            alias = raw.get("alias")
            name = f"aws.{alias}" if isinstance(alias, str) else "aws"
            region = evaluated.value(raw["region"], "", "region") if raw.get("region") else None
            other = alias and any(raw.get(key) is not None for key in ("assume_role", "profile"))
            self._configured[name] = (
                f"${{account of provider {name}}}" if other else account,
                region if isinstance(region, str) and "${" not in region else _placeholder(name),
            )

    def of(self, module: str, provider: str) -> tuple[str, str, str]:
        """Return account, region and partition of a provider as a module knows it."""
        account, region = self._configured.get(
            self._in_root(module, provider), (self._account, _placeholder(provider))
        )
        return account, region, _partition(region)

    def _in_root(self, module: str, provider: str) -> str:
        names = re.findall(r"module\.([\w-]+)", module)
        folders = [self._tree.root]
        for name in names:
            call = self._call(folders[-1], name)
            if call is None or call.folder is None:
                return provider
            folders.append(call.folder)
        for folder, name in zip(reversed(folders[:-1]), reversed(names), strict=True):
            call = self._call(folder, name)
            passed = call.block.attributes.get("providers") if call else None
            pairs = dict(re.findall(r"([\w.-]+)\s*=\s*([\w.-]+)", passed.text)) if passed else {}
            if provider in pairs:
                provider = pairs[provider]
            elif provider != "aws":
                return f"{provider} of module {name}"
        return provider

    def _call(self, folder: Path, name: str) -> Call | None:
        return next((one for one in self._tree.calls[folder] if one.name == name), None)


def _placeholder(provider: str) -> str:
    return OWN_REGION if provider == "aws" else f"${{region of provider {provider}}}"


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
