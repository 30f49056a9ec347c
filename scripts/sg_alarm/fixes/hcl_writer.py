"""Terraform's language, written: blocks as `terraform fmt` lays them out, every text quoted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Expression:
    """HCL that is to stand as it is, such as a reference."""

    text: str


@dataclass(frozen=True)
class JsonEncoded:
    """A value that the code hands over as JSON, written as a call of ``jsonencode``."""

    value: Any


@dataclass(frozen=True)
class Block:
    """A block: kind and labels, attributes, then the blocks in it. ``comment`` is one line above it.

    One that is not new is there already, and shows only what is to be changed in it.
    """

    kind: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Any]
    blocks: tuple[Block, ...] = field(default=())
    comment: str = ""
    is_new: bool = True


def write(*blocks: Block) -> str:
    """Return the blocks as text. Raises TypeError for a value that JSON does not have."""
    return "\n".join("".join(f"{line}\n" for line in _block(one)) for one in blocks)


def quote(text: str) -> str:
    """Return a text as HCL's quoted template that yields it; what cannot be seen is written by its number."""
    quoted = "".join(_ESCAPES.get(one) or (one if one.isprintable() else _number(one)) for one in text)
    return '"' + quoted.replace("${", "$${").replace("%{", "%%{") + '"'


def label(text: str) -> str:
    """Return a name for a block that reads like the text: lower case, words parted by underscores."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", unicodedata.normalize("NFKD", str(text)))
    found = "_".join(words).lower()[:60]
    return found if found[:1].isalpha() else f"this_{found}".rstrip("_")


def _number(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _block(one: Block) -> Iterator[str]:
    if one.comment:
        yield f"# {one.comment}"
    opening = " ".join([one.kind, *(quote(each) for each in one.labels), "{"])
    if not one.attributes and not one.blocks:
        yield opening + "}"
        return
    yield opening
    inner = list(_assignments(one.attributes))
    for each in one.blocks:
        inner += [*([""] if inner else []), *_block(each)]
    yield from (f"  {line}" if line else "" for line in inner)
    yield "}"


def _assignments(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield `name = value` lines: first those of one line, with their signs below each other."""
    written = {_name(name): _value(value) for name, value in values.items()}
    short = {name: lines[0] for name, lines in written.items() if len(lines) == 1}
    width = max((len(name) for name in short), default=0)
    yield from (f"{name:<{width}} = {value}" for name, value in short.items())
    for name, lines in written.items():
        if len(lines) > 1:
            yield f"{name} = {lines[0]}"
            yield from lines[1:]


def _name(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else quote(name)


def _value(value: Any) -> list[str]:
    if isinstance(value, Expression):
        return [value.text]
    if isinstance(value, JsonEncoded):
        first, *rest = _value(value.value)
        return [f"jsonencode({first}", *rest[:-1], f"{rest[-1]})"] if rest else [f"jsonencode({first})"]
    if value is None or isinstance(value, bool):
        return [{None: "null", True: "true", False: "false"}[value]]
    if isinstance(value, int | float):
        return [f"{value:g}" if float(value).is_integer() and abs(value) < 1e6 else repr(value)]
    if isinstance(value, str):
        return [quote(value)]
    if isinstance(value, Mapping):
        return ["{", *_indented(_assignments(value)), "}"] if value else ["{}"]
    if isinstance(value, list | tuple):
        return _list([_value(one) for one in value])
    raise TypeError(f"{value!r} cannot be written")


def _list(elements: list[list[str]]) -> list[str]:
    if all(len(one) == 1 for one in elements):
        return ["[" + ", ".join(one[0] for one in elements) + "]"]
    lines = [line for one in elements for line in (*one[:-1], f"{one[-1]},")]
    return ["[", *_indented(lines), "]"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
