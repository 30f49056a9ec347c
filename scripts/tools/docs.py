"""Write what is generated into the READMEs, or with --check say what is stale.

A generated part stands between two marks that name it; everything around it is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from command_docs import reference
from module_docs import tables
from sg_alarm.handbook import messages_table, topics

ROOT = Path(__file__).parents[2]


def main(check: bool) -> int:
    """Write, or check, every part; return 1 when one is stale."""
    stale = []
    for readme, name, written in _parts():
        text = readme.read_text("utf-8")
        wanted = _with_part(text, name, written())
        if wanted != text:
            stale.append(f"{readme.relative_to(ROOT)} ({name})")
            if not check:
                readme.write_text(wanted, "utf-8")
    if check and stale:
        sys.stderr.write(f"error: stale: {', '.join(stale)}\nhint: make docs\n")
        return 1
    return 0


def _parts() -> Iterator[tuple[Path, str, Callable[[], str]]]:
    yield ROOT / "scripts/README.md", "commands", reference
    yield ROOT / "scripts/README.md", "messages", _messages
    for module in sorted((ROOT / "modules").iterdir()):
        yield module / "README.md", "inputs and outputs", partial(tables, module)
    yield ROOT / "modules/security-group-changes-alarm/README.md", "handbook", _handbook


def _messages() -> str:
    """Return everything that the audit can say, folded."""
    return f"<details>\n<summary>All messages</summary>\n\n{messages_table()}\n\n</details>"


def _handbook() -> str:
    """Return the pages of `sg-alarm explain`, each folded."""
    return "\n\n".join(
        f"<details>\n<summary>{topic.title}</summary>\n\n{topic.text}\n\n</details>"
        for topic in topics().values()
    )


def _with_part(text: str, name: str, part: str) -> str:
    begin, end = (f"<!-- made by make docs: {name}, {edge} -->" for edge in ("begin", "end"))
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"error: no place for {name}\nhint: put in {begin} and {end}")
    return f"{before}{begin}\n\n{part}\n\n{end}{after}"


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
