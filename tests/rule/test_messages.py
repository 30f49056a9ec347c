"""The catalogue of messages: each has an identifier of its own, is said somewhere, and fits its texts."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from background_setups import SETUPS as BACKGROUND
from broken_setups import BROKEN
from message_setups import SETUPS
from sg_alarm.rule.audit import judged
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.messages import CATALOGUE, say
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import LINKS, Message, Ref, Verdict
from sg_alarm.rule.wording import Names, advice, describe, named, seen
from subscriber_setups import SETUPS as SUBSCRIBERS
from working_setups import WORKING

CONFORMITY = PROFILES["conformity"]


def said_about(deployment, profile=CONFORMITY):
    """Return every message of a judgement, with the link that it is about."""
    judgement = judged(deployment, profile)
    chains = [finding for chain in judgement.chains for finding in chain.findings]
    for finding in (*judgement.findings, *chains):
        for message in finding.evidence:
            yield finding.link, message
    for note in judgement.notes:
        for message in note.messages:
            yield CATALOGUE[message.id].link, message


@pytest.fixture(scope="module")
def said():
    """All that is said about every deployment of the tables."""
    deployments = [deployment for cases in BROKEN.values() for _, _, deployment in cases]
    deployments += [*(one for _, one in WORKING), *(one.deployment for one in (*SUBSCRIBERS, *BACKGROUND))]
    found = [pair for one in deployments for pair in said_about(one)]
    return {*found, *(pair for setup in SETUPS.values() for pair in said_about(*setup))}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


# Said of a codebase as a whole, and of waivers; see test_scan.py and test_waivers.py.
OF_NO_DEPLOYMENT = {"codebase-without-alarm", "root-module-unread", "waiver-expired", "waiver-unused"}


def test_every_message_is_said_of_some_deployment(said):
    assert {message.id for _, message in said} == set(CATALOGUE) - OF_NO_DEPLOYMENT


def test_a_message_is_about_the_link_that_it_belongs_to(said):
    assert [(link, one.id) for link, one in said if CATALOGUE[one.id].link is not link] == []


def test_a_message_has_the_arguments_that_its_texts_name_and_no_others(said):
    for _, message in said:
        entry = CATALOGUE[message.id]
        arguments = dict(message.arguments).keys() - {"remedy"}
        assert arguments == placeholders(entry.evidence) | placeholders(entry.remedy)


@pytest.mark.parametrize("name", SETUPS)
def test_what_a_setup_is_named_after_is_said_of_it(name):
    assert name in {message.id for _, message in said_about(*SETUPS[name])}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.id)
class TestEntry:
    def test_its_identifier_is_of_small_words(self, entry):
        assert re.fullmatch("[a-z]+(-[a-z]+)*", entry.id)

    def test_what_is_broken_or_unclear_has_a_remedy_and_what_is_assumed_says_what_confirms_it(self, entry):
        assert bool(entry.remedy) is (entry.verdict is not Verdict.PASS or entry.assumed)

    def test_its_texts_are_phrases_of_plain_english(self, entry):
        for text in filter(None, (entry.evidence, entry.remedy)):
            assert not text.endswith((".", ";"))
            assert not re.search(r"\btold\b|\bmend|\bis no [A-Z]|\bhangs on\b|\bnobody can\b", text)

    def test_its_source_is_a_page_of_aws(self, entry):
        assert not entry.source or entry.source.startswith("https://docs.aws.amazon.com/")

    def test_only_what_passes_is_assumed_and_only_what_fails_is_partial(self, entry):
        assert not entry.assumed or entry.verdict is Verdict.PASS
        assert not entry.partial or entry.verdict is Verdict.FAIL


def test_the_entries_of_all_links_and_of_notes_are_the_catalogue():
    entries = [key for link in (*LINKS, None) for key, entry in CATALOGUE.items() if entry.link is link]
    assert entries == list(CATALOGUE)


# Words


ALARM = "arn:aws:cloudwatch:eu-west-1:${account of live}:alarm:changes"
TOPIC = "arn:aws:sns:eu-west-1:${account of live}:alarms"


def test_names_stand_in_the_place_of_resources_and_nothing_else_is_replaced():
    names = Names({TOPIC: "aws_sns_topic.alarms"})
    message = named(say("action-notifies", topic=Ref(TOPIC)), names.of)
    assert message == Message("action-notifies", (("topic", "aws_sns_topic.alarms"),))
    assert seen([message]) == "the alarm notifies aws_sns_topic.alarms"
    reason = named(say("action-unknown", reason=f"look at {TOPIC}"), names.of)
    assert seen([reason]) == f"an action of the alarm is not known: look at {TOPIC}"


def test_several_values_of_an_argument_are_listed_each_by_its_name():
    names = Names({ALARM: "aws_cloudwatch_metric_alarm.changes"})
    message = named(say("alarm-held-by-others", alarms=(Ref("other"), Ref(ALARM))), names.of)
    assert dict(message.arguments)["alarms"] == ("other", "aws_cloudwatch_metric_alarm.changes")
    assert "while other, aws_cloudwatch_metric_alarm.changes holds" in seen([message])


def test_what_a_resource_is_called_may_hold_braces():
    message = named(say("action-notifies", topic=Ref("{0} {topic} {{")), Names().of)
    assert seen([message]) == "the alarm notifies {0} {topic} {{"


def test_the_same_remedy_is_given_once():
    narrow = say("trail-selectors-narrow")
    assert advice([narrow, say("trail-selectors-miss")]) == CATALOGUE["trail-selectors-miss"].remedy


def test_operations_and_regions_stand_before_the_evidence_where_they_are_not_all():
    (name, _, deployment), *_ = [case for case in BROKEN[LINKS[0]] if case[0] == "single region"]
    worst, *_ = describe(evaluate(deployment, CONFORMITY)).findings
    assert (name, worst.evidence) == (
        "single region",
        "in us-east-1: the trail records only the region eu-central-1",
    )
