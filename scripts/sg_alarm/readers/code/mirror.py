"""A copy of a codebase in which the code also answers questions about itself.

tfparse drops a resource whose ``for_each`` it cannot tell, and gives ``null`` for a value that is null as
well as for one that it cannot tell. So the copy holds, beside each such expression, the question whether it
is null, and in locals the value of each ``count`` and ``for_each``. Resources that the rule does not look at,
and nothing that it looks at refers to, are left out. Placeholders stand where
:mod:`~sg_alarm.readers.code.placeholders` allows them. Whatever is not code is linked.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sg_alarm.readers.code.folders import File, Folder, Tree, is_code
from sg_alarm.readers.code.hcl import Block
from sg_alarm.readers.code.placeholders import Placeholders, resolve_data

PREFIX = "sg_alarm_"
IS_NULL = f"{PREFIX}null_"
DYNAMIC = f"{PREFIX}dynamic_"
STATIC = f"{PREFIX}static_"
REFERENCE = f"{PREFIX}reference"
PRESENCE = f"{PREFIX}presence_"
VARIABLES = f"{PREFIX}variables.tfvars"

UNKNOWN_DATA = f"{PREFIX}unknown_"

_DATA = re.compile(
    r"\bdata\.(?P<kind>aws_\w+)\.(?P<name>[\w-]+)(?:\[[^\[\]\n]*\]|\.\*)?\.(?P<attribute>[a-z_]+)\b"
)
_PRESET = frozenset({"id", "arn", "json"})  # tfparse knows them of every data source
# References by the key of an instance, and into the nested block that names the metric.
_INDEX = r"each\.key|each\.value|count\.index"
_REFERENCE = re.compile(
    rf"(?<![\w.])(?P<resource>aws_\w+\.[\w-]+)"
    rf"(?:\[(?P<index>{_INDEX})\](?P<rest>(?:\.\w+|\[\d+\])+)"
    rf"|(?P<rest_2>(?:\[\d+\]|\[\"[\w-]+\"\])?\.metric_transformation\[0\]\.\w+))"
)
_TEXTS = frozenset({"description", "alarm_description", "display_name"})
_META = frozenset({"count", "for_each", "provider", "depends_on", "source", "version", "providers"})
_LITERAL = re.compile(r'"(?:[^"\\$%]|\\.)*"|-?[\d.]+|true|false|null')
_PRESENCE_KINDS = ("resource", "data", "module")


def presence_name(block: Block) -> str:
    """Return the name of the local that holds the ``count`` or ``for_each`` of a block."""
    return PRESENCE + re.sub(r"\W", "_", "_".join((block.kind, *block.labels)))


def write(
    tree: Tree, target: Path, types: frozenset[str], placeholders: Placeholders, values: Mapping[str, str]
) -> Path:
    """Write the copy below ``target``; return its root module. ``values`` are the locals that data become."""
    folders = tree.folders
    top = Path(os.path.commonpath([str(path) for path in folders]))

    def copied(path: Path) -> Path:
        return target / os.path.relpath(path, top)

    ancestors = {parent for path in folders for parent in (path, *path.parents) if parent.is_relative_to(top)}
    for path in sorted(ancestors):
        copied(path).mkdir(parents=True, exist_ok=True)
        for entry in os.scandir(path):
            here = path / entry.name
            if here not in ancestors and not (path in folders and is_code(entry.name)):
                (copied(path) / entry.name).symlink_to(here.absolute())
    constants = "".join(
        f"  {name.removeprefix('local.')} = {literal(value)}\n" for name, value in values.items()
    )
    bearing = _bearing(tree, types)
    for path, folder in folders.items():
        needed = placeholders.needed(path)
        needless = {f"module.{call.name}" for call in tree.calls[path] if call.folder not in bearing} - needed
        for file in folder.files:
            text = resolve_data(_questioning(file, types, needed, needless), placeholders.data)
            text = _DATA.sub(lambda found: _unknown_data(found, folder), text)  # noqa: B023 - used at once
            (copied(path) / file.path.name).write_text(text, "utf-8")
        (copied(path) / f"{PREFIX}values.tf").write_text(f"locals {{\n{constants}}}\n", "utf-8")
    root = copied(tree.root)
    lines = [f"{name} = {literal(f'${{input.{name}}}')}\n" for name in sorted(placeholders.variables)]
    (root / VARIABLES).write_text("".join(lines), "utf-8")
    return root


def _unknown_data(found: re.Match[str], folder: Folder) -> str:
    """Name a data source that is nowhere, for an attribute that only AWS knows.

    tfparse takes such an attribute for null where the data source is declared, and compares it as such.
    """
    kind, name, attribute = found["kind"], found["name"], found["attribute"]
    if attribute in _PRESET:
        return found[0]
    for _, block in folder.of("data"):
        if block.labels == (kind, name) and attribute in block.attributes:
            return found[0]
    return found[0].replace(f"data.{kind}", f"data.{UNKNOWN_DATA}{kind}", 1)


def literal(value: str) -> str:
    """Return a text as an expression of HCL."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _as_text(found: re.Match[str]) -> str:
    """Return a reference as a text; tfparse knows ``each.key``, but not what such a reference refers to."""
    index, rest = found["index"], found["rest"] or found["rest_2"].replace('"', "")
    inner = "" if index is None else f".[{index}]" if index.isdigit() else f".[${{{index}}}]"
    steps = re.sub(r"\[([\w-]+)\]", r".[\1]", rest)
    return f'"{REFERENCE}({found["resource"]}{inner}{steps})"'


def _bearing(tree: Tree, types: frozenset[str]) -> set[Path]:
    """Return the folders that hold, or call modules that hold, resources that bear on the rule."""
    found = {
        path
        for path, folder in tree.folders.items()
        if any(block.labels[:1] and block.labels[0] in types for _, block in folder.of("resource"))
    }
    while further := {
        path
        for path, calls in tree.calls.items()
        if path not in found and any(call.folder in found for call in calls)
    }:
        found |= further
    return found


def _is_needed(block: Block, types: frozenset[str], needed: frozenset[str], needless: set[str]) -> bool:
    if block.kind in ("resource", "data"):
        return block.labels[:1] == () or block.labels[0] in types or ".".join(block.labels) in needed
    return block.kind != "module" or not block.labels or f"module.{block.labels[0]}" not in needless


def _questioning(file: File, types: frozenset[str], needed: frozenset[str], needless: set[str]) -> str:
    if file.is_json:
        return file.text
    edits: list[tuple[int, int, str]] = []
    presence: list[str] = []
    for block in file.blocks:
        if not _is_needed(block, types, needed, needless):
            # What has nothing to do with the rule only costs time.
            edits.append((block.start, block.close + 1, ""))
            continue
        if block.kind == "locals":
            edits += [
                (attribute.start, attribute.end, " null")
                for name, attribute in block.attributes.items()
                if f"local.{name}" not in needed
            ]
        if block.kind in ("resource", "data") and block.labels[:1] and block.labels[0] in types:
            edits += _questions(block)
        if block.kind in _PRESENCE_KINDS:
            for name in ("count", "for_each"):
                if name in block.attributes:
                    presence.append(f"  {presence_name(block)} = (\n{block.attributes[name].text}\n)\n")
    text = file.text
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return f"{text}\nlocals {{\n{''.join(presence)}}}\n" if presence else text


def _questions(block: Block) -> Iterator[tuple[int, int, str]]:
    lines = []
    for name, attribute in block.attributes.items():
        if name in _META or _LITERAL.fullmatch(attribute.text):
            continue
        text = attribute.text if name in _TEXTS else _REFERENCE.sub(_as_text, attribute.text)
        lines.append(f"{IS_NULL}{name} = (\n{text}\n) == null\n")
        if text != attribute.text:
            yield attribute.start, attribute.end, f" {text}"
    dynamic = [inner for inner in block.blocks if inner.kind == "dynamic" and inner.labels]
    for number, inner in enumerate(dynamic):
        if "for_each" in inner.attributes:
            label = inner.labels[0]
            lines.append(f"{DYNAMIC}{number}_{label} = (\n{inner.attributes['for_each'].text}\n)\n")
    for label in dict.fromkeys(inner.labels[0] for inner in dynamic):
        static = sum(inner.kind == label for inner in block.blocks)
        lines.append(f"{STATIC}{label} = {static}\n")
    if lines:
        yield block.open + 1, block.open + 1, "\n"
        yield block.close, block.close, "\n" + "".join(lines)
    for inner in block.blocks:
        if inner.kind == "dynamic":
            for content in inner.blocks:
                yield from _questions(content)
        elif inner.kind != "lifecycle":
            yield from _questions(inner)
