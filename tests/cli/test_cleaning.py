"""No name from code or an account does anything to whoever reads a report."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_alarm.rule.cleaning import cell, lines, no_command, one_line

ANY = st.text(st.characters(), max_size=40)  # halves of surrogate pairs are among them


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Änderung → ✔ 変更", "Änderung → ✔ 変更"),
        ("two\nlines\r\nand\ttab", "two lines and tab"),
        ("\x1b[2J\x07", "⟨U+001B⟩[2J⟨U+0007⟩"),
        ("\x9b31m\x85", "⟨U+009B⟩31m⟨U+0085⟩"),
        ("user\u202eexe.txt\u2066\u200f", "user⟨U+202E⟩exe.txt⟨U+2066⟩⟨U+200F⟩"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("half \ud83d of a pair", "half ⟨U+D83D⟩ of a pair"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("line\u2028separator", "line⟨U+2028⟩separator"),
        ("##[error]nothing", "## [error]nothing"),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
    ],
)
def test_what_cannot_be_seen_is_written(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(ANY)
def test_a_line_is_one_line_that_can_be_written(text: str) -> None:
    shown = one_line(text)
    assert shown.encode("utf-8").decode() == shown
    assert not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in shown)
    assert not any(
        unicodedata.bidirectional(one) in ("RLE", "LRE", "RLO", "LRO", "RLI", "LRI") for one in shown
    )
    assert len(shown.splitlines()) <= 1
    assert one_line(shown) == shown


@given(st.lists(st.one_of(ANY, st.sampled_from(["::error::x", "  ::set-output name=a::b", "##[group]"]))))
def test_no_line_of_several_is_a_command(texts: list[str]) -> None:
    for line in lines("\n".join(texts)).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_the_lines_of_a_block_stay_where_they_are() -> None:
    block = 'resource "a" "b" {\n  name = "x::y"\n}\n'
    assert lines(block) == block


def test_a_command_that_wrapping_made_is_none() -> None:
    assert no_command("      ::error::x") == "      \\::error::x"
    assert no_command("arn:aws:s3:::bucket") == "arn:aws:s3:::bucket"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_is_no_formula(begin: str) -> None:
    assert cell(f"{begin}cmd|' /C calc'!A0").startswith("'")


@given(st.lists(ANY, min_size=1, max_size=5))
def test_a_row_is_one_row(texts: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow([cell(text) for text in texts])
    assert not re.search(r"[\r\x00]", written.getvalue())
    (row,) = csv.reader(io.StringIO(written.getvalue()))
    assert [cell(text) for text in texts] in (row, [""])
