"""The table at a terminal: nothing is cut, nothing runs over, nothing stands behind the text."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from audits import AUDITS, audit, of_code
from deployment_builder import good
from sg_alarm.reports.table import print_report
from sg_alarm.reports.wrapping import hanging
from sg_alarm.rule.verdict import Verdict

NAMES = [name for name in AUDITS if name != "hostile"]


def shown(report, width=80):
    console = Console(width=width, soft_wrap=True, highlight=False, no_color=True)
    with console.capture() as capture:
        print_report(report, console)
    return capture.get()


@pytest.mark.parametrize("width", [60, 80, 110])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(name, width):
    # Code to copy is as it is, however wide.
    text, _, _ = shown(AUDITS[name](), width).partition("fix")
    for line in text.splitlines()[:-1]:
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("name", NAMES)
def test_a_narrow_terminal_shows_the_same_words(name):
    wide, narrow = (re.sub(r"\s+", "", shown(AUDITS[name](), width)) for width in (400, 60))
    assert narrow == wide


def test_the_place_in_the_code_has_a_line_of_its_own():
    assert "\n                  live/main.tf:3\n" in shown(of_code())


@pytest.mark.parametrize("name", NAMES)
def test_each_account_that_does_not_pass_says_where_to_read_on(name):
    """`sg-alarm explain` knows each of the messages."""
    result = AUDITS[name]()
    named = set(re.findall("sg-alarm explain (.*)", shown(result)))
    broken = {
        message.id
        for judgement in result.judgements
        for one in judgement.findings
        if one.verdict is not Verdict.PASS
        for message in one.messages
    }
    assert named == broken


def test_what_passes_says_no_more():
    assert "read on" not in shown(audit([good()], "conformity"))


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, ["label one two three four five six"]),
        (26, ["label one two three four", "      five six"]),
        (10, ["label one two three four", "      five six"]),
    ],
)
def test_a_text_hangs_beside_its_label(width, lines):
    """A console that is too narrow for any text is overrun."""
    found = hanging(Text("label "), Text("one two three four five six"), Console(width=width))
    assert [str(one) for one in found] == lines


def test_paragraphs_and_long_words_stay_beside_the_label():
    found = hanging(Text("a "), Text(f"{'x' * 25}\n\nsecond"), Console(width=22))
    assert [str(one) for one in found] == ["a " + "x" * 20, "  " + "x" * 5, "", "  second"]
