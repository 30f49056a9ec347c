"""The outbox by itself."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from sg_alarm.errors import UserError
from sg_alarm.local_aws import Mail, read_outbox
from sg_alarm.local_aws.outbox import Outbox


def mail(number: int, to: str = "ops@example.com") -> Mail:
    return Mail(
        id=str(number),
        to=to,
        protocol="email",
        topic_arn="arn:aws:sns:eu-west-1:123456789012:alarms",
        subject="ALARM",
        body="a group was changed",
        kind="notification",
        sent_at=datetime(2025, 1, 1, tzinfo=timezone.utc),
    )


def test_it_keeps_the_newest_mails_only() -> None:
    outbox = Outbox(capacity=2)
    for number in range(3):
        outbox.put(mail(number))
    assert [kept.id for kept in outbox.mails()] == ["1", "2"]


def test_it_can_be_asked_for_one_address() -> None:
    outbox = Outbox()
    outbox.put(mail(0))
    outbox.put(mail(1, to="audit@example.com"))
    assert [kept.id for kept in outbox.mails("audit@example.com")] == ["1"]


def test_json_and_back_is_the_same_mail() -> None:
    assert Mail.from_json(mail(0).to_json()) == mail(0)


def test_reading_where_nothing_answers_is_an_error_with_a_hint() -> None:
    with pytest.raises(UserError, match=r"no outbox of an embedded AWS at http://127\.0\.0\.1:1") as error:
        read_outbox("http://127.0.0.1:1")
    assert error.value.hint == "start one with: sg-alarm local"
