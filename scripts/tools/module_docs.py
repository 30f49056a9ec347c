"""The tables of inputs and outputs of a module, for its README."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hcl2  # the parser that Checkov carries: it keeps types as they are written


def tables(module: Path) -> str:
    """Return the tables of the module in a folder, as Markdown."""
    inputs = [
        (name, _one_line(body["description"]), _code(_type(body["type"])), _default(body))
        for name, body in _blocks(module / "variables.tf", "variable")
    ]
    # What must be given comes first; else the order of the file, which is the order of importance.
    inputs.sort(key=lambda row: row[3] != "required")
    outputs = [
        (name, _one_line(body["description"])) for name, body in _blocks(module / "outputs.tf", "output")
    ]
    return "\n\n".join(
        (
            "## Inputs",
            _table(("name", "description", "type", "default"), inputs),
            "## Outputs",
            _table(("name", "description"), outputs),
        )
    )


def _blocks(path: Path, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for block in hcl2.load(file)[kind]:
            [(name, body)] = ((name, body) for name, body in block.items() if not name.startswith("__"))
            yield name, {key: value[0] if isinstance(value, list) else value for key, value in body.items()}


def _type(value: Any) -> str:
    # A compound type comes as "${map(object({'a': 'string', …}))}".
    text = str(value).removeprefix("${").removesuffix("}")
    text = re.sub(r"'([^']*)'", r"\1", text)
    text = re.sub(r"\$\{([^{}]*)\}", r"\1", text)
    return re.sub(r"\s+", " ", text)


def _default(body: Mapping[str, Any]) -> str:
    if "default" not in body:
        return "required"
    value = body["default"]
    return _code("null" if value is None else json.dumps(value, ensure_ascii=False))


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _one_line(text: str) -> str:
    return text.replace('\\"', '"').replace("|", "\\|")


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *((_code(row[0]), *row[1:]) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
