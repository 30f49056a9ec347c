"""The tables of inputs and outputs of a module, for its README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sg_alarm.readers.terraform.parser import parse
from sg_alarm.readers.terraform.syntax import Block


def tables(module: Path) -> str:
    """Return the tables of the module in a folder, as Markdown."""
    inputs = [
        (block.labels[0], _description(block), _code(_written(block, "type")), _default(block))
        for block in _blocks(module / "variables.tf")
    ]
    # What must be given comes first; else the order of the file, which is the order of importance.
    inputs.sort(key=lambda row: row[3] != "required")
    outputs = [(block.labels[0], _description(block)) for block in _blocks(module / "outputs.tf")]
    return "\n\n".join(
        (
            "## Inputs",
            _table(("name", "description", "type", "default"), inputs),
            "## Outputs",
            _table(("name", "description"), outputs),
        )
    )


def _blocks(path: Path) -> Iterator[Block]:
    yield from parse(path.read_text("utf-8")).blocks


def _written(block: Block, name: str) -> str:
    """Return an attribute as it is written, on one line."""
    text = re.sub(r"\s*\n\s*", ", ", block.attributes[name].text)
    return re.sub(r"\s+", " ", re.sub(r"(?<=[({]), |, (?=[)}])", "", text))


def _default(block: Block) -> str:
    return _code(_written(block, "default")) if "default" in block.attributes else "required"


def _description(block: Block) -> str:
    return _written(block, "description")[1:-1].replace('\\"', '"').replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *((_code(row[0]), *row[1:]) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
