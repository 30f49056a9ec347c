"""The table of corrections itself."""

from __future__ import annotations

import re

import pytest

from sg_alarm.errors import UserError
from sg_alarm.local_aws.corrections import CORRECTIONS, Correction
from sg_alarm.local_aws.corrections.table import install


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda c: f"{c.function.__name__}-{c.target}")
def test_each_says_where_the_behaviour_is_documented_and_what_moto_does(correction: Correction) -> None:
    text = correction.function.__doc__ or ""
    assert re.search(r"https://docs\.(aws\.amazon\.com|getmoto\.org)/", text)
    assert re.search(r"\bmoto\b", text)


def test_each_has_a_place_in_the_installed_moto() -> None:
    assert [c.target for c in CORRECTIONS if not c.fits] == []


@pytest.mark.parametrize(
    ("target", "adds", "complaint"),
    [
        ("moto.sns.models:SNSBackend.gone", False, "moto.sns.models:SNSBackend.gone is missing"),
        ("moto.sns.gone:SNSBackend.publish", False, "moto.sns.gone:SNSBackend.publish is missing"),
        ("moto.sns.models:SNSBackend.publish", True, "moto.sns.models:SNSBackend.publish exists already"),
    ],
)
def test_a_moto_that_is_built_otherwise_is_refused_in_one_line(
    target: str, adds: bool, complaint: str
) -> None:
    with pytest.raises(
        UserError, match=rf"^the embedded AWS does not know moto [\d.]+: {complaint}$"
    ) as error:
        install([Correction(target, lambda: None, adds)])
    assert "sg-alarm[local]" in error.value.hint
