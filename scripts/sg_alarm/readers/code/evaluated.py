"""What tfparse found, with references followed and unknown values told from unset ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sg_alarm.readers.assembly import Resource
from sg_alarm.readers.code.mirror import DYNAMIC, IS_NULL, PREFIX, REFERENCE, STATIC, UNKNOWN_DATA
from sg_alarm.readers.policy_document import POLICY_DOCUMENT, policy_of
from sg_alarm.readers.terraform_names import resource
from sg_alarm.unknown import Unknown

Raw = Mapping[str, Any]

_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_UNRESOLVED = re.compile(
    r"\$\{(?!account of |input\.)[^}]*?\b((?:var|local|each|data|module|count|self|aws_\w+)\.[^\s}]*)",
    re.DOTALL,
)
_MARKED = re.compile(rf"{REFERENCE}\(([^()]*)\)")
_STEP = re.compile(r"\[([^\[\]]*)\]|([^.\[\]]+)")
# Attributes that AWS makes, and by which resources are referred to.
_NAMES_OF_ITSELF = frozenset({"arn", "id", "key_id", "name_prefix"})
_MAX_DEPTH = 30


class Evaluated:
    """The blocks of one root by address, and the values of their attributes.

    ``advice`` is what somebody can do where a value is not known. ``locations`` tell for a resource's address
    where it is deployed: account, region and partition; ``constants`` what placeholders stand for.
    """

    def __init__(self, blocks: Mapping[str, list[Raw]], advice: str = "") -> None:
        self.blocks = blocks
        self.advice = advice
        self.constants: dict[str, str] = {"${input.": "${var."}
        self._by_path: dict[str, Raw] = {}
        self._by_id: dict[str, tuple[str, Raw]] = {}
        self.locations: dict[str, tuple[str, str, str]] = {}
        for kind, found in blocks.items():
            for raw in found:
                path = path_of(raw)
                self._by_path[path] = raw
                if kind not in ("locals", "provider") and isinstance(raw.get("id"), str):
                    self._by_id[raw["id"]] = (kind, raw)
        self._names: dict[str, str] = {}

    def locals_of(self, module: str) -> Iterator[tuple[str, Any]]:
        """Yield the locals of a module; all files together."""
        wanted = f"{module}.locals" if module else "locals"
        for raw in self.blocks.get("locals", ()):
            if path_of(raw) == wanted:
                yield from raw.items()

    def values(self, raw: Raw, module: str) -> dict[str, Any]:
        """Return the attributes and nested blocks of a block."""
        found: dict[str, Any] = {}
        for name, value in raw.items():
            if name in ("__tfmeta", "id") or name.startswith(PREFIX):
                continue
            if value is None and raw.get(IS_NULL + name) is True:
                continue
            if is_block(value):
                found[name] = [
                    self.values(one, module) for one in (value if isinstance(value, list) else [value])
                ]
            elif _is_reference(value) and raw.get(IS_NULL + name) is True:
                continue
            else:
                found[name] = self.value(value, module, name)
        self._complete(raw, found)
        return found

    def _complete(self, raw: Raw, found: dict[str, Any]) -> None:
        """Put ``Unknown`` for dynamic blocks of which some are missing."""
        for name, static in raw.items():
            if not name.startswith(STATIC):
                continue
            label = name.removeprefix(STATIC)
            wanted = static
            for key, elements in raw.items():
                if key.startswith(DYNAMIC) and key.removeprefix(DYNAMIC).partition("_")[2] == label:
                    size = count_of(elements)
                    wanted = None if wanted is None or size is None else wanted + size
            blocks = found.get(label, ())
            if wanted is None or isinstance(blocks, Unknown) or len(blocks) != wanted:
                found[label] = Unknown(f"the blocks {label} are dynamic and could not be told: {self.advice}")

    def value(self, value: Any, module: str, name: str = "", depth: int = 0) -> Any:
        """Return a value with its references followed."""
        if value is None:
            return Unknown(f"{name or 'a value'} could not be told: {self.advice}")
        if isinstance(value, str):
            return self._text(value, module, depth)
        if isinstance(value, list):
            return [self.value(one, module, name, depth) for one in value]
        if _is_reference(value):
            return self._follow(value["__attribute__"], module, depth)
        if isinstance(value, Mapping):
            return {
                key: self.value(one, module, str(key), depth)
                for key, one in value.items()
                if key not in ("__tfmeta", "__name__")
            }
        return value

    def _text(self, text: str, module: str, depth: int) -> Any:
        if whole := _MARKED.fullmatch(text):
            return self._follow(whole[1], module, depth + 1)
        for marked in _MARKED.finditer(text):
            found = self._follow(marked[1], module, depth + 1)
            if not isinstance(found, str):
                return found if isinstance(found, Unknown) else Unknown(f"{marked[1]} is no text")
            text = text.replace(marked[0], found)
        named = self._by_id.get(text)
        if named and named[0] == POLICY_DOCUMENT:
            return policy_of(self.values(named[1], module_of(path_of(named[1]))))
        unresolved = _UNRESOLVED.search(text)  # a template that tfparse left as it is
        if unresolved:
            reference = unresolved[1].replace(UNKNOWN_DATA, "")
            return Unknown(f"{reference} could not be told: {self.advice}")
        text = _UUID.sub(lambda found: self.name_of(found[0]), text)
        for placeholder, constant in self.constants.items():
            text = text.replace(placeholder, constant)
        return text

    def name_of(self, identity: str) -> str:
        """Return the text for a resource, wherever it is referred to by its ``id`` or ARN."""
        if identity not in self._by_id:
            return identity
        if identity not in self._names:
            kind, raw = self._by_id[identity]
            self._names[identity] = f"${{{path_of(raw)}}}"  # should it refer to itself
            self._names[identity] = self._name(kind, raw)
        return self._names[identity]

    def _name(self, kind: str, raw: Raw) -> str:
        path = path_of(raw)
        if path not in self.locations:
            return f"${{{path}}}"
        one = self.resource(kind, raw, only_name=True)
        # The id of these is their name.
        return one.name if kind in ("aws_cloudwatch_log_metric_filter", "aws_kms_alias") else one.arn

    def resource(self, kind: str, raw: Raw, only_name: bool = False) -> Resource:
        """Return the resource of a block."""
        path = path_of(raw)
        account, region, partition = self.locations[path]
        chosen = {name: raw[name] for name in ("name", "alarm_name") if name in raw} if only_name else raw
        values = self.values(chosen, module_of(path))
        if isinstance(values.get("region"), str):
            region = values["region"]
        return resource(kind, path, values, region, account, partition)

    def _follow(self, reference: str, module: str, depth: int) -> Any:
        """Return what ``aws_x.y.[0].block.[0].attribute`` refers to."""
        reference = reference.replace(UNKNOWN_DATA, "")
        steps = [index or name for index, name in _STEP.findall(reference)]
        unresolved = Unknown(f"{_readable(reference)} could not be told: {self.advice}")
        if depth > _MAX_DEPTH or not steps:
            return unresolved
        if steps[0] == "local" and len(steps) > 1:
            found = dict(self.locals_of(module)).get(steps[1])
            return unresolved if found is None else self._descend(found, steps[2:], module, depth, unresolved)
        head = 3 if steps[0] == "data" else 2
        base = ".".join(([module] if module else []) + steps[:head])
        rest = steps[head:]
        raw = self._by_path.get(base)
        if raw is None and rest:
            index = rest[0].strip('"')
            raw = self._by_path.get(f"{base}[{index}]") or self._by_path.get(f'{base}["{index}"]')
            rest = rest[1:]
        return unresolved if raw is None else self._descend(raw, rest, module, depth, unresolved)

    def _descend(self, found: Any, steps: list[str], module: str, depth: int, unresolved: Unknown) -> Any:
        for number, step in enumerate(steps):
            if isinstance(found, list) and step.isdigit():
                found = found[int(step)] if int(step) < len(found) else None
            elif isinstance(found, Mapping) and not _is_reference(found):
                if step == "0" and is_block(found):
                    continue
                if step not in found and step in _NAMES_OF_ITSELF and number == len(steps) - 1:
                    identity = found.get("id")
                    return self.name_of(identity) if isinstance(identity, str) else unresolved
                found = found.get(step)
            else:
                return unresolved
            if found is None:
                return unresolved
        return self.value(found, module, "", depth + 1)


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and "__attribute__" in value


def _readable(reference: str) -> str:
    return reference.replace(".[", "[")


def is_block(value: Any) -> bool:
    """Whether a value is a nested block, or several."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, Mapping) and "__tfmeta" in one for one in value)
    return isinstance(value, Mapping) and "__tfmeta" in value


def path_of(raw: Raw) -> str:
    """Return the address of a block."""
    return str(raw.get("__tfmeta", {}).get("path", "")).replace("${input.", "${var.")


def module_of(path: str) -> str:
    """Return the address of the module that a block is in, empty for the root."""
    found = re.match(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*", path)
    return found[0].rstrip(".") if found else ""


def count_of(value: Any) -> int | None:
    """Return how many instances a ``count`` or ``for_each`` gives, ``None`` where nobody can tell."""
    if isinstance(value, bool) or value is None or _is_reference(value):
        return None
    if isinstance(value, int | float):
        return int(value)
    if isinstance(value, str):
        return int(value) if value.isdigit() else None
    return len(value)
