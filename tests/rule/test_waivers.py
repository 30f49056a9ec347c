"""Findings that somebody accepted: listed, and not counted until the waiver expires."""

from __future__ import annotations

from datetime import date

import pytest

from code_builder import changed, judgement_of, written
from sg_alarm.rule.verdict import NoteKind, Verdict, Waiver
from sg_alarm.rule.waivers import waive

TODAY = date(2027, 1, 31)
PASS, FAIL = Verdict.PASS, Verdict.FAIL
SILENT = changed("alarm_actions ", "actions_enabled = false\n  alarm_actions ")
TWO_FAULTS = SILENT.replace("threshold           = 1\n", "threshold           = 100\n")


@pytest.fixture
def silent(tmp_path):
    return judgement_of(written(tmp_path, SILENT))


def broken(judgement):
    return [one for one in judgement.findings if one.verdict is not PASS]


def ids(judgement):
    return [message.id for one in broken(judgement) for message in one.messages]


def test_a_finding_is_waived_by_its_id(silent):
    (finding,) = broken(silent)

    (waived,) = waive([silent], [Waiver(finding.id, "agreed", TODAY)], TODAY)

    assert waived.verdict is PASS
    assert broken(waived) == []
    assert [(one.finding, one.waiver.reason) for one in waived.waived] == [(finding, "agreed")]


def test_a_finding_is_waived_by_the_id_of_its_message(silent):
    (message,) = ids(silent)

    (waived,) = waive([silent], [Waiver(message, "agreed", TODAY)], TODAY)

    assert (waived.verdict, len(waived.waived)) == (PASS, 1)


def test_the_operations_are_still_not_notified_and_no_longer_count(silent):
    (waived,) = waive([silent], [Waiver(*ids(silent), "agreed", TODAY)], TODAY)

    asked = [one for one in waived.operations if one.in_profile]
    assert {(one.verdict, one.waived) for one in asked} == {(FAIL, True)}


def test_a_finding_with_another_fault_is_not_waived_by_one_message(tmp_path):
    judgement = judgement_of(written(tmp_path, TWO_FAULTS))
    first, second = ids(judgement)

    (one,) = waive([judgement], [Waiver(first, "agreed", TODAY)], TODAY)
    (both,) = waive([judgement], [Waiver(first, "a", TODAY), Waiver(second, "b", TODAY)], TODAY)

    assert (one.verdict, both.verdict) == (FAIL, PASS)


def test_an_expired_waiver_sets_nothing_aside_and_the_finding_says_so(silent):
    (message,) = ids(silent)

    (judgement,) = waive([silent], [Waiver(message, "agreed", date(2027, 1, 30))], TODAY)

    assert (judgement.verdict, judgement.waived) == (FAIL, ())
    assert ids(judgement) == [message, "waiver-expired"]
    assert "expired on 2027-01-30: agreed" in broken(judgement)[0].evidence


def test_a_waiver_that_matches_nothing_is_a_note(silent):
    (judgement,) = waive([silent], [Waiver("no-trail", "agreed", TODAY)], TODAY)

    assert judgement.verdict is FAIL
    assert [note.resource for note in judgement.notes if note.kind is NoteKind.WAIVER] == ["no-trail"]


def test_a_waiver_counts_for_all_root_modules(silent, tmp_path):
    other = judgement_of(written(tmp_path / "other", SILENT))

    waived = waive([silent, other], [Waiver(*ids(silent), "agreed", TODAY)], TODAY)

    assert [one.verdict for one in waived] == [PASS, PASS]
