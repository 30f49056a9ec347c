"""The journal: what is in it stays, what a kill tore is cut off, what is none is left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sg_alarm.errors import UserError
from sg_alarm.organization.journal import Journal


def record(account: str, text: str = "çà", **further: object) -> dict[str, object]:
    """A record as an audit writes it."""
    report = {"verdict": "PASS", "findings": [], "waived": [], "operations": [], "text": text}
    return {
        "account": account,
        "unread": "",
        "covered_by": [],
        "unanswered": False,
        "report": report,
        **further,
    }


def texts(journal: Journal) -> list[str]:
    return [found["report"]["text"] for _, found in journal.records()]


def accounts(journal: Journal) -> list[str]:
    return [record["account"] for _, record in journal.records()]


@pytest.fixture
def path(tmp_path):
    """A journal with a header and two accounts."""
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.begin({"profile": "conformity"})
        for account in ("1", "2"):
            journal.append(record(account))
    return path


def test_a_new_journal_says_of_no_job(tmp_path):
    with Journal(tmp_path / "journal") as journal:
        assert journal.header is None
        assert accounts(journal) == []


def test_what_was_written_is_there_when_it_is_opened_again(path):
    with Journal(path) as journal:
        assert journal.header == {"profile": "conformity"}
        assert [found for _, found in journal.records()] == [record("1"), record("2")]


def test_each_record_is_found_at_its_place(path):
    with Journal(path) as journal:
        place = journal.append(record("3"))
        assert journal.read(place) == record("3")
        assert {journal.read(place)["account"] for place, _ in journal.records()} == {"1", "2", "3"}


@pytest.mark.parametrize("cut", range(1, 30, 4))
def test_a_torn_last_line_is_cut_off_and_the_next_record_is_whole(path, cut):
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with Journal(path) as journal:
        assert accounts(journal) == ["1"]
        journal.append(record("3"))
        assert accounts(journal) == ["1", "3"]
    assert [json.loads(line).get("account") for line in path.read_text("utf-8").splitlines()] == [
        None,
        "1",
        "3",
    ]


@pytest.mark.parametrize("length", [1, 5, 20, 25])
def test_a_journal_of_nothing_but_a_torn_header_begins_anew(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with Journal(path) as journal:
        assert journal.header is None
        journal.begin({"profile": "effective"})
    with Journal(path) as journal:
        assert journal.header == {"profile": "effective"}


@pytest.mark.parametrize(
    "line",
    [
        "\0" * 50,
        "{}",
        "null",
        "[" * 100_000,
        json.dumps(record("3", report={})),
        json.dumps(record("3", report=None)),
        json.dumps(record("3", unanswered="yes")),
        json.dumps(record("3", covered_by=[1])),
        json.dumps({**record("3"), "account": 3}),
    ],
    ids=range(9),
)
def test_a_line_that_is_no_record_is_named(path, line):
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:2], f"{line}\n", lines[2]]), "utf-8")
    with Journal(path) as journal, pytest.raises(UserError, match="journal, line 3: this is not what an"):
        accounts(journal)


def test_of_two_records_of_one_account_the_last_counts(path):
    with Journal(path) as journal:
        journal.append(record("1", "again"))
        assert texts(journal) == ["çà", "again"]
        assert accounts(journal) == ["2", "1"]


def test_a_pipe_or_a_device_is_no_journal(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(UserError, match="is not a regular file"):
            Journal(path)


@pytest.mark.parametrize(
    "text", ["", "a letter\n", "a letter", '{"other": 1}\n', "[]\n", '{"sg_alarm_journal":2}\n', "{"]
)
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(tmp_path, text):
    path = tmp_path / "letter"
    path.write_text(text)
    if text in ("", "{"):  # may be the beginning of one
        Journal(path).__exit__(None, None, None)
        return
    with pytest.raises(UserError, match=r"letter is not a journal"):
        Journal(path)
    assert path.read_text() == text


def test_two_audits_do_not_write_one_journal(path):
    with Journal(path), pytest.raises(UserError, match="another audit writes"):
        Journal(path)
    with Journal(path) as journal:
        assert accounts(journal) == ["1", "2"]


def test_a_full_disk_is_reported_and_leaves_whole_lines(path, monkeypatch):
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) > 10:
            return write(descriptor, data[:10])
        raise OSError(28, "No space left on device")

    with Journal(path) as journal:
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(UserError, match="No space left on device") as error:
            journal.append(record("3", "more than fits"))
        monkeypatch.undo()
        assert "--resume" in error.value.hint
        assert accounts(journal) == ["1", "2"]
    assert path.read_bytes().endswith(b"\n")


def test_only_its_owner_can_read_a_journal(path):
    assert path.stat().st_mode & 0o777 == 0o600
