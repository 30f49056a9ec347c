"""Evaluates a root module as far as it is plain, where tfparse is not installed.

:func:`evaluate` returns blocks in the form of ``tfparse.load_from_path``, except that a value that could not
be told is ``Unknown``, and an attribute that is null is left out. A resource is referred to by its identity,
a UUID as with tfparse: :class:`~sg_alarm.readers.code.evaluated.Evaluated` puts ARNs or names in its place.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sg_alarm.readers.code.evaluated import Raw, is_block
from sg_alarm.readers.code.expressions import (
    Beyond,
    Namespace,
    Scope,
    Set,
    Untold,
    looked_at,
    pairs,
    text_of,
    told,
    value_of,
)
from sg_alarm.readers.code.folders import Call, Folder, Tree
from sg_alarm.readers.code.functions import FUNCTIONS, constant, converter
from sg_alarm.readers.code.hcl import Block, parse
from sg_alarm.readers.code.mirror import presence_name
from sg_alarm.readers.code.placeholders import Placeholders, local_for
from sg_alarm.readers.policy_document import POLICY_DOCUMENT
from sg_alarm.unknown import Unknown

_META = frozenset({"count", "for_each", "provider", "depends_on", "source", "version", "providers", "//"})
_OF_ITSELF = frozenset({"arn", "id", "key_id"})  # attributes by which a resource is referred to as a whole
_OF_A_DOCUMENT = frozenset({"json", "minified_json"})
_MAPS = frozenset({"dimensions", "tags"})  # in JSON they look like blocks
_OVERRIDE = re.compile(r"(?:.*_)?override\.tf(?:\.json)?")
_MANY = 1000  # instances that nobody has
_LARGE = 1 << 20  # bytes of a file that is no policy

# The key of an instance, with what "each" or "count" is in it.
_Instances = Mapping[Any, Mapping[str, Any]]


def evaluate(
    tree: Tree,
    variable_files: list[Path],
    types: frozenset[str],
    placeholders: Placeholders,
    values: Mapping[str, str],
    advice: str,
) -> dict[str, list[Raw]]:
    """Return the blocks of a root by their type; those of resources of other ``types`` have no attributes.

    ``values`` are what placeholders of data sources stand for, ``advice`` is what to do about a value that
    nobody can tell from the code. Raises ValueError.
    """
    for folder in tree.folders.values():
        if any(_OVERRIDE.fullmatch(file.path.name) for file in folder.files):
            raise ValueError("an override file changes it: judge the plan")
    shared = _Shared(tree, types, placeholders, values, advice)
    found: dict[str, list[Raw]] = {}
    for kind, raw in _Module(shared, "", tree.root, _assigned(variable_files)).raws():
        found.setdefault(kind, []).append(raw)
    return found


def _assigned(files: list[Path]) -> dict[str, Callable[[], Any]]:
    """Return the values of variables; those of later files win."""
    found: dict[str, Callable[[], Any]] = {}
    for file in files:
        text = file.read_text("utf-8")
        if file.name.endswith(".json"):
            values = json.loads(text)
            if not isinstance(values, dict):
                raise ValueError(f"{file.name} is no JSON object")
            found |= {name: partial(_same, value) for name, value in values.items()}
        else:
            (block,) = parse(f"variables {{\n{text}\n}}")
            found |= {name: partial(constant, one.text) for name, one in block.attributes.items()}
    return found


@dataclass(frozen=True)
class _Shared:
    """What all modules of a root have in common."""

    tree: Tree
    types: frozenset[str]
    placeholders: Placeholders
    values: Mapping[str, str]
    advice: str

    def untold(self, what: str) -> Untold:
        return Untold(f"{what} could not be told: {self.advice}")

    def file(self, path: Any) -> str:
        """Return what ``file()`` does."""
        found = self.tree.root / text_of(looked_at(path))
        try:
            if found.is_file() and found.stat().st_size <= _LARGE:
                return found.read_bytes().decode()
        except (OSError, ValueError):
            pass
        raise Untold(f"the file {path} could not be read: judge the plan")


@dataclass
class _Module:
    """One instance of a module. ``inputs`` are the values of its variables."""

    shared: _Shared
    path: str
    folder: Path
    inputs: Mapping[str, Callable[[], Any]]
    above: tuple[Path, ...] = ()
    _told: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._scope = Scope(self._named, {**FUNCTIONS, "file": self.shared.file})

    @property
    def _code(self) -> Folder:
        return self.shared.tree.folders[self.folder]

    def _once(self, key: Any, compute: Callable[[], Any]) -> Any:
        """Return a value that is computed once; raises Untold."""
        if key not in self._told:
            self._told[key] = Unknown("it refers to itself: Terraform refuses the code")
            self._told[key] = _or_unknown(compute)
        return told(self._told[key])

    def _block(self, kind: str, *labels: str) -> Block:
        for _, block in self._code.of(kind):
            if block.labels == labels:
                return block
        raise Untold(f"{'.'.join((kind, *labels))} is not declared: Terraform refuses the code")

    # What names refer to.

    def _named(self, name: str) -> Any:
        if name == "var":
            return Namespace(lambda name: self._once(("var", name), partial(self._variable, name)))
        if name == "local":
            return Namespace(lambda name: self._once(("local", name), partial(self._local, name)))
        if name == "module":
            return Namespace(self._called)
        if name == "data":
            return Namespace(
                lambda kind: Namespace(lambda name: self._declared(self._block("data", kind, name)))
            )
        if name == "path":
            root = self.shared.tree.root
            return {"module": os.path.relpath(self.folder, root), "root": "."}
        if "_" in name:
            return Namespace(lambda label: self._declared(self._block("resource", name, label)))
        raise self.shared.untold(name)

    def _variable(self, name: str) -> Any:
        attributes = self._block("variable", name).attributes
        value = self.inputs[name]() if name in self.inputs else None
        nullable = "nullable" not in attributes or constant(attributes["nullable"].text) is True
        if name not in self.inputs or (value is None and not nullable):
            if "default" in attributes:
                value = constant(attributes["default"].text)
            elif not self.path and name in self.shared.placeholders.variables:
                return f"${{input.{name}}}"
            else:
                raise self.shared.untold(f"var.{name}")
        return converter(attributes["type"].text)(value) if "type" in attributes else value

    def _local(self, name: str) -> Any:
        for _, block in self._code.of("locals"):
            if name in block.attributes:
                return value_of(block.attributes[name].text, self._scope)
        raise Untold(f"local.{name} is not declared: Terraform refuses the code")

    def _declared(self, block: Block) -> Any:
        """Return what a resource or data source is in an expression."""
        return _with_keys(
            {
                key: Namespace(partial(self._attribute, block, key, names))
                for key, names in self._instances(block).items()
            },
            block,
        )

    def _attribute(self, block: Block, key: Any, names: Mapping[str, Any], name: str) -> Any:
        what = f"{_address(block)}.{name}"

        def value() -> Any:
            if constant := local_for(what) if block.kind == "data" else None:
                if constant in self.shared.placeholders.data:
                    return self.shared.values[constant]
                raise self.shared.untold(what)
            found = self._values(block, self._scope.within(names), name).get(name)
            if found is not None:
                return [_block_namespace(one, what) for one in found] if is_block(found) else found
            if name in _OF_ITSELF or (name in _OF_A_DOCUMENT and block.labels[0] == POLICY_DOCUMENT):
                return _identity(self._path(block, key))
            raise self.shared.untold(what)

        return self._once((what, key), value)

    def _called(self, name: str) -> Any:
        call = next((one for one in self.shared.tree.calls[self.folder] if one.name == name), None)
        if call is None or call.folder is None:
            raise Untold(f"the module {name} is not here: run terraform init, or judge the plan")
        modules = {key: self._module(call, key) for key in self._instances(call.block)}
        return _with_keys({key: Namespace(one._output) for key, one in modules.items()}, call.block)

    def _module(self, call: Call, key: Any) -> _Module:
        assert call.folder is not None
        if call.folder in (*self.above, self.folder):
            raise Untold(f"the module {call.name} calls itself: Terraform refuses the code")

        def made() -> _Module:
            scope = self._scope.within(self._instances(call.block)[key])
            inputs = {
                name: partial(value_of, attribute.text, scope)
                for name, attribute in call.block.attributes.items()
                if name not in _META
            }
            assert call.folder is not None
            above = (*self.above, self.folder)
            return _Module(self.shared, self._path(call.block, key), call.folder, inputs, above)

        found: _Module = self._once((_address(call.block), key), made)
        return found

    def _output(self, name: str) -> Any:
        text = self._block("output", name).attributes["value"].text
        return self._once(("output", name), partial(value_of, text, self._scope))

    # What there is.

    def _path(self, block: Block, key: Any) -> str:
        index = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
        return ".".join(filter(None, (self.path, _address(block)))) + index

    def _instances(self, block: Block) -> _Instances:
        """Return the instances of a block by their keys; raises Untold."""

        def value() -> _Instances:
            if "count" in block.attributes:
                number = value_of(block.attributes["count"].text, self._scope)
                number = int(number) if isinstance(number, str) and number.isdigit() else number
                if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _MANY:
                    raise Beyond("such a count")
                return {index: {"count": {"index": index}} for index in range(number)}
            if "for_each" in block.attributes:
                elements = value_of(block.attributes["for_each"].text, self._scope)
                if not isinstance(elements, Mapping | Set):
                    raise Beyond("for_each over such a value")
                return {
                    text_of(key): {"each": {"key": key, "value": element}} for key, element in pairs(elements)
                }
            return {None: {}}

        found: _Instances = self._once(("instances", _address(block)), value)
        return found

    def raws(self) -> Iterator[tuple[str, Raw]]:
        """Yield the blocks of this module and of those that it calls, each with its type."""
        presence: dict[str, Any] = {}
        needed = self.shared.placeholders.needed(self.folder)
        for _, block in self._code.blocks:
            # What has nothing to do with the rule only costs time.
            if block.kind in ("resource", "data") and not (
                not block.labels or block.labels[0] in self.shared.types or ".".join(block.labels) in needed
            ):
                continue
            if block.kind in ("resource", "data", "module"):
                instances = _or_unknown(self._instances, block)
                presence[presence_name(block)] = (
                    instances if isinstance(instances, Unknown) else list(instances)
                )
                for key, names in () if isinstance(instances, Unknown) else instances.items():
                    yield (
                        block.labels[0] if block.kind != "module" else "module",
                        self._raw(block, key, names),
                    )
            elif block.kind == "provider" and not self.path:
                meta = {"path": _address(block), "label": block.labels[0] if block.labels else ""}
                yield "provider", {"__tfmeta": meta, **self._values(block, self._scope)}
        yield "locals", {"__tfmeta": {"path": ".".join(filter(None, (self.path, "locals")))}, **presence}
        for call in self.shared.tree.calls[self.folder]:
            if call.folder is not None and call.folder not in (*self.above, self.folder):
                keys = _or_unknown(self._instances, call.block)
                for key in () if isinstance(keys, Unknown) else keys:
                    yield from self._module(call, key).raws()

    def _raw(self, block: Block, key: Any, names: Mapping[str, Any]) -> Raw:
        path = self._path(block, key)
        meta = {"path": path, "type": block.kind, "label": block.labels[0] if block.labels else ""}
        raw: dict[str, Any] = {"__tfmeta": meta, "id": _identity(path)}
        if "count" in block.attributes:
            raw["count"] = len(self._instances(block))
        if "provider" in block.attributes:
            raw["provider"] = {"__attribute__": block.attributes["provider"].text.strip('"')}
        if block.kind != "module" and meta["label"] in self.shared.types:
            raw |= self._values(block, self._scope.within(names))
        return raw

    def _values(self, block: Block, scope: Scope, only: str = "") -> dict[str, Any]:
        """Return the attributes and nested blocks, or one of them."""
        found: dict[str, Any] = {}
        for name, attribute in block.attributes.items():
            if name in _META or only not in ("", name):
                continue
            value = _or_unknown(value_of, attribute.text, scope)
            if value is not None:
                found[name] = _handed_out(value)
        for inner in block.blocks:
            kind = inner.labels[0] if inner.kind == "dynamic" and inner.labels else inner.kind
            if kind == "lifecycle" or only not in ("", kind):
                continue
            blocks = _or_unknown(self._blocks, inner, scope)
            before = found.get(kind, [])
            unknown = next((one for one in (before, blocks) if isinstance(one, Unknown)), None)
            found[kind] = unknown or [*before, *blocks]
        return _from_json(found) if block.open < 0 else found

    def _blocks(self, inner: Block, scope: Scope) -> list[Raw]:
        if inner.kind != "dynamic":
            return [{"__tfmeta": {}, **self._values(inner, scope)}]
        content = next((one for one in inner.blocks if one.kind == "content"), None)
        if content is None or "for_each" not in inner.attributes:
            raise Untold(f"the dynamic block {inner.labels[0]} has no content: Terraform refuses the code")
        iterator = inner.attributes["iterator"].text if "iterator" in inner.attributes else inner.labels[0]
        return [
            {"__tfmeta": {}, **self._values(content, scope.within({iterator: {"key": key, "value": value}}))}
            for key, value in pairs(value_of(inner.attributes["for_each"].text, scope))
        ]


def _or_unknown(compute: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return compute(*arguments)
    except Untold as error:
        return Unknown(str(error))


def _same(value: Any) -> Any:
    return value


def _address(block: Block) -> str:
    return ".".join(block.labels if block.kind == "resource" else (block.kind, *block.labels))


def _identity(path: str) -> str:
    return str(uuid5(NAMESPACE_URL, path))


def _with_keys(instances: Mapping[Any, Namespace], block: Block) -> Any:
    """Return one instance, the list of those that are counted, or the map of those for each key."""
    if "count" in block.attributes:
        return list(instances.values())
    return dict(instances) if "for_each" in block.attributes else instances[None]


def _block_namespace(values: Raw, what: str) -> Namespace:
    """Return a nested block; what it leaves out has a default that only the provider knows."""
    return Namespace(lambda name: values.get(name, Unknown(f"{what}[…].{name} is not set: judge the plan")))


def _handed_out(value: Any) -> Any:
    """Return a value without what is no value by itself."""
    if isinstance(value, Namespace):
        return Unknown(str(Beyond("the use of a whole resource")))
    if isinstance(value, Mapping):
        return {name: _handed_out(one) for name, one in value.items()}
    return [_handed_out(one) for one in value] if isinstance(value, list) else value


def _from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a block in JSON, where objects are nested blocks."""
    found = {name: value for name, value in values.items() if value is not None}
    dynamic = found.pop("dynamic", None)
    for part in dynamic if isinstance(dynamic, list) else [dynamic]:
        for label in part if isinstance(part, Mapping) else ():
            found[label] = Unknown(str(Beyond("a dynamic block in JSON")))
    for name, value in found.items():
        parts = [value] if isinstance(value, Mapping) else value
        if name in _MAPS or not isinstance(parts, list) or not parts:
            continue
        if all(isinstance(part, Mapping) for part in parts):
            found[name] = [{"__tfmeta": {}, **_from_json(part)} for part in parts]
    return found
