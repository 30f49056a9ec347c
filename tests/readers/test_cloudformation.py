"""CloudFormation templates: the verdict of each, what the finding points at, and templates that are none."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from sg_alarm.cli.app import cli
from sg_alarm.errors import UserError
from sg_alarm.readers.cloudformation import read_template
from sg_alarm.readers.cloudformation.document import load, parse
from sg_alarm.rule.verdict import Verdict
from template_builder import (
    ALARM,
    FILTER,
    SUBSCRIPTION,
    TOPIC,
    WHOLE,
    changed,
    judged,
    reading_of,
    template,
    without,
    written,
)
from templates import (
    ACTION,
    ALIAS,
    BUCKET,
    BUCKET_POLICY,
    COMPOSITE,
    EACH,
    EACH_RULE,
    KEY,
    METRIC_MATH,
    NESTED,
    PUBLISH,
    ROLE,
    ROLE_POLICY,
    TEMPLATES,
    THE_BUCKET,
    THE_ROLE,
    Template,
    encrypted,
)


@pytest.mark.parametrize("case", TEMPLATES, ids=str)
def test_a_template_is_judged_by_what_it_makes(case: Template, tmp_path):
    reading = reading_of(written(tmp_path, case.files) / case.path)
    if case.verdict is None:
        assert reading.deployment is None
        return
    judgement = judged(reading)
    findings = [(one.resource, one.verdict, one.evidence) for one in judgement.findings]
    assert judgement.verdict is case.verdict, findings
    if case.verdict is not Verdict.PASS:
        pointed = [
            one for one in judgement.findings if one.verdict is case.verdict and case.says in one.evidence
        ]
        assert case.points_at in {one.resource for one in pointed}, findings


def places(node: object, way: tuple = ()) -> Iterator[tuple]:
    """The ways to every property and element below a node, deepest last."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*way, key)
        yield from places(value, (*way, key))


def is_argument(way: tuple) -> bool:
    """Whether a way leads into a function: then its value is that of the function."""
    return any(str(key).startswith(("Fn::", "Ref")) for key in way)


@cache
def parsed(text: str) -> Any:
    return parse(text).template


def replaced(text: str, way: tuple, value: object) -> dict:
    """The template with what stands at the end of a way replaced."""
    return _replaced(parsed(text), way, value)


def _replaced(node: Any, way: tuple, value: object) -> Any:
    if not way:
        return value
    copied = node.copy()
    copied[way[0]] = _replaced(node[way[0]], way[1:], value)
    return copied


FULL = changed(
    THE_BUCKET,
    THE_ROLE,
    METRIC_MATH,
    encrypted("!Ref TopicKeyAlias"),
    (f"AlarmActions:\n        {ACTION}", "ActionsEnabled: false"),
    further=BUCKET + BUCKET_POLICY + ROLE + ROLE_POLICY + KEY + ALIAS + PUBLISH + COMPOSITE + EACH_RULE,
)
"""A bit of everything."""


def everywhere(text: str) -> list[tuple]:
    return list(places(parsed(text)["Resources"], ("Resources",)))


def in_properties(way: tuple) -> bool:
    return way[2:3] == ("Properties",) and len(way) > 3


VALUES = [way for way in everywhere(FULL) if in_properties(way) and not is_argument(way)]
# fmt: off
ODD = (
    None, "", "x", 5, -1.5, True, [], {}, [None], {"a": {}}, {"Ref": []}, {"Ref": "Nowhere"}, {"Fn::If": 1},
    {"Fn::Sub": ["${A}", []]}, {"Fn::Join": ["", 5]}, {"Fn::GetAtt": []}, {"Fn::Select": [9, []]},
    {"Fn::FindInMap": ["a", "b", "c"]}, {"Fn::And": {}}, {"Fn::Not": []}, {"Fn::Nonsense": 1},
)
# fmt: on


UNDECIDED = {"Fn::GetAZs": ""}


@pytest.mark.parametrize("value", [UNDECIDED, {"Fn::Join": ["", [UNDECIDED]]}], ids=["whole", "in part"])
@pytest.mark.parametrize("way", VALUES, ids=lambda way: ".".join(map(str, way[1:])))
def test_a_value_that_cannot_be_decided_breaks_no_chain(way, value):
    """The chain works with some value there, so that it cannot be called broken."""
    unknown = replaced(FULL, way, value)
    assert judged(read_template(unknown, "template")).verdict is not Verdict.FAIL


@pytest.mark.parametrize("number", range(len(ODD)))
def test_no_nonsense_in_a_template_stops_the_reader(number):
    """Each nonsense everywhere; judging takes longer than reading, so that not all is judged."""
    readings = [read_template(replaced(FULL, way, ODD[number]), "template") for way in everywhere(FULL)]
    for reading in readings[number :: len(ODD)]:
        assert judged(reading).verdict


@pytest.mark.parametrize(
    "section", ["Parameters", "Mappings", "Conditions", "Transform", "Outputs", "Resources"]
)
def test_no_nonsense_in_a_section_stops_the_reader(section):
    text = changed(
        ("Threshold: 1", "Threshold: !If [C, !Ref P, !FindInMap [M, a, b]]"),
        sections="Parameters: {P: {Type: Number}}",
    )
    for odd in (*ODD, {"P": None}, {"C": None, "M": None}, {"C": {"Condition": "C"}}, {"M": {"a": 1}}):
        reading = read_template({**parse(text).template, section: odd}, "template")
        assert reading.deployment is None or judged(reading).verdict


def test_a_template_that_holds_itself_could_not_be_looked_at():
    whole = copy.deepcopy(dict(parse(WHOLE).template))
    whole["Resources"]["Alarm"]["Properties"]["AlarmActions"] = whole
    assert judged(read_template(whole, "template")).verdict is Verdict.UNKNOWN


def test_a_stack_that_nests_itself_has_an_end(tmp_path):
    nested = NESTED % "template.yaml"
    folder = written(tmp_path, {"template.yaml": without("filter", "alarm", further=nested)})
    assert judged(reading_of(folder / "template.yaml")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        pytest.param(WHOLE, "Trail", id="the trail"),
        pytest.param(template(BUCKET, TOPIC, FILTER), "Filter", id="else the metric filter"),
        pytest.param(template(BUCKET, TOPIC, ALARM), "Bucket", id="else the first resource"),
    ],
)
def test_what_to_point_at_where_there_is_nothing_else(text, anchor, tmp_path):
    assert reading_of(written(tmp_path, {"t.yaml": text}) / "t.yaml").anchor == anchor


def test_positions_are_the_lines_of_logical_ids(tmp_path):
    reading = reading_of(written(tmp_path, {"t.yaml": WHOLE}) / "t.yaml")
    lines = WHOLE.splitlines()
    assert set(reading.positions) == {"Trail", "TrailLogs", "Filter", "Alarm", "Topic", "Mail"}
    assert all(lines[at.line - 1] == f"  {name}:" for name, at in reading.positions.items())


def test_the_rule_of_each_change_is_noted(tmp_path):
    both = "[events.amazonaws.com, cloudwatch.amazonaws.com]"
    policy = PUBLISH.replace("cloudwatch.amazonaws.com", both)
    text = changed(further=EACH_RULE + policy)
    judgement = judged(reading_of(written(tmp_path, {"t.yaml": text}) / "t.yaml"))
    assert [note.resource for note in judgement.notes if "notified by itself" in note.text] == ["EachChange"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: [", "is not valid YAML", id="no YAML"),
        pytest.param("- a\n- b\n", "is not a CloudFormation template", id="a list"),
        pytest.param("", "is not a CloudFormation template", id="nothing"),
        pytest.param("Resources: {}\nResources2: !Ref", None, id="no resources"),
        pytest.param("Resources:\n", "is not a CloudFormation template", id="empty resources"),
        pytest.param("[" * 5000, "is not valid YAML", id="endless nesting"),
    ],
)
def test_a_file_that_is_no_template_is_reported_in_a_line(text, message, tmp_path):
    path = written(tmp_path, {"t.yaml": text}) / "t.yaml"
    if message is None:
        assert reading_of(path).deployment is None
        return
    with pytest.raises(UserError, match=message):
        load(path)


def test_a_template_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        load(tmp_path / "t.yaml")


@pytest.mark.parametrize(
    ("text", "exit_code", "reported"),
    [
        pytest.param(WHOLE, 0, "PASS", id="the whole chain"),
        pytest.param(without("alarm"), 1, "t.yaml:19", id="no alarm"),
        pytest.param(without("trail"), 0, "PASS", id="no trail"),
        pytest.param("Resources: {}\n", 0, "nothing to judge", id="nothing"),
    ],
)
def test_the_command_judges_a_template(text, exit_code, reported, tmp_path):
    path = written(tmp_path, {"t.yaml": text}) / "t.yaml"
    result = CliRunner().invoke(cli, ["audit", "--template", str(path)])
    assert result.exit_code == exit_code
    assert reported in result.output.replace("\n", "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(without("filter", "alarm"), id="named"),
        pytest.param(
            without("filter", "alarm").replace("    Properties:\n      LogGroupName: trail\n", ""),
            id="named by CloudFormation",
        ),
    ],
)
def test_without_an_alarm_the_command_shows_the_resources_that_are_missing(text, tmp_path):
    path = written(tmp_path, {"t.yaml": text}) / "t.yaml"
    output = CliRunner().invoke(cli, ["audit", "--template", str(path)]).output
    assert 'resource "' not in output
    assert "Type: AWS::Logs::MetricFilter" in output


def test_the_command_takes_values_of_parameters(tmp_path):
    stage = (
        "Parameters: {Stage: {Type: String}}\nConditions: {IsProduction: !Equals [!Ref Stage, production]}\n"
    )
    text = changed(("  Alarm:\n", "  Alarm:\n    Condition: IsProduction\n"), sections=stage)
    path = written(tmp_path, {"t.yaml": text}) / "t.yaml"

    def code(*options: str) -> int:
        return CliRunner().invoke(cli, ["audit", "--template", str(path), *options]).exit_code

    assert [code(), code("--parameter", "Stage=production"), code("--parameter", "Stage=test")] == [4, 0, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(("--parameter", "Stage"), "expects NAME=VALUE", id="no assignment"),
        pytest.param(("--parameter", "Stage=x"), "has no parameter Stage", id="no such parameter"),
        pytest.param(("--code", "."), "are both given", id="code as well"),
        pytest.param(("--region", "a", "--region", "b"), "one region", id="two regions"),
        pytest.param(("--save-snapshot", "x.json"), "does not apply", id="a snapshot to save"),
    ],
)
def test_options_that_a_template_does_not_go_with(options, message, tmp_path):
    path = written(tmp_path, {"t.yaml": WHOLE}) / "t.yaml"
    result = CliRunner().invoke(cli, ["audit", "--template", str(path), *options])
    assert isinstance(result.exception, UserError)
    assert message in str(result.exception)


def test_the_command_names_logical_ids_in_json(tmp_path):
    path = written(tmp_path, {"t.yaml": template(FILTER, ALARM, TOPIC, SUBSCRIPTION)}) / "t.yaml"
    result = CliRunner().invoke(cli, ["audit", "--template", str(path), "--format", "json"])
    resources = {one["resource"] for one in json.loads(result.stdout)["findings"]}
    assert {"Filter", "Alarm", "Topic", "Mail"} <= resources, resources


THEIRS = "arn:aws:sns:eu-west-1:111122223333:theirs"
CHOSEN = """
Parameters:
  Own: {Type: String%s}
Conditions:
  IsOwn: !Equals [!Ref Own, "true"]
"""
EITHER = f"!If [IsOwn, !Ref Topic, {THEIRS}]"


def verdict(text: str, tmp_path, *options: str) -> Verdict:
    path = written(tmp_path, {"t.yaml": text}) / "t.yaml"
    done = CliRunner().invoke(cli, ["check", str(path), "--format", "json", *options])
    return Verdict(json.loads(done.stdout)["verdict"])


class TestCasesLeftOpen:
    """What depends on a parameter without a default is decided where every case gets the same verdict."""

    @pytest.mark.parametrize("allowed", ["", ", AllowedValues: ['true', 'false']"], ids=["any", "some"])
    def test_two_good_branches_are_good(self, allowed, tmp_path):
        text = changed(("        - !Ref Topic", f"        - {EITHER}"), sections=CHOSEN % allowed)
        assert verdict(text, tmp_path) is Verdict.PASS

    @pytest.mark.parametrize("allowed", ["", ", AllowedValues: ['true', 'false']"], ids=["any", "some"])
    def test_a_good_and_a_bad_one_are_unknown(self, allowed, tmp_path):
        text = changed(
            (
                "      TreatMissingData",
                "      ActionsEnabled: !If [IsOwn, true, false]\n      TreatMissingData",
            ),
            sections=CHOSEN % allowed,
        )
        assert verdict(text, tmp_path) is Verdict.UNKNOWN

    def test_two_bad_ones_are_bad(self, tmp_path):
        text = changed(("Threshold: 1\n", "Threshold: !If [IsOwn, 100, 200]\n"), sections=CHOSEN % "")
        assert verdict(text, tmp_path) is Verdict.FAIL

    @pytest.mark.parametrize(("values", "expected"), [("[60, 300]", Verdict.PASS), ("[86400]", Verdict.PASS)])
    def test_every_allowed_value_is_tried(self, values, expected, tmp_path):
        parameter = f"Parameters: {{Period: {{Type: Number, AllowedValues: {values}}}}}\n"
        text = changed(("Period: 300", "Period: !Ref Period"), sections=parameter)
        assert verdict(text, tmp_path) is expected

    def test_where_there_are_too_many_nothing_is_tried(self, tmp_path):
        names = [f"P{number}" for number in range(6)]
        parameters = "".join(f"  {name}: {{Type: String, AllowedValues: [a, b]}}\n" for name in names)
        text = changed(
            ("Threshold: 1\n", f"Threshold: !Join ['', [{', '.join(f'!Ref {name}' for name in names)}]]\n"),
            sections=f"Parameters:\n{parameters}",
        )
        assert verdict(text, tmp_path) is Verdict.UNKNOWN


class TestDeployedTo:
    POLICY = """
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: cloudwatch.amazonaws.com}
            Action: sns:Publish
            Resource: arn:aws:sns:eu-west-1:111122223333:alarms
            Condition: {StringEquals: {"aws:SourceAccount": "111122223333"}}
"""

    def text(self) -> str:
        named = "Type: AWS::SNS::Topic\n    Properties: {TopicName: alarms}\n"
        return changed(("Type: AWS::SNS::Topic\n", named), further=self.POLICY)

    def test_a_policy_for_that_region_and_account_holds(self, tmp_path):
        here = ("--region", "eu-west-1", "--account", "111122223333")
        assert verdict(self.text(), tmp_path, *here) is Verdict.PASS

    def test_for_another_account_it_does_not(self, tmp_path):
        there = ("--region", "eu-west-1", "--account", "444455556666")
        assert verdict(self.text(), tmp_path, *there) is Verdict.FAIL

    def test_in_china_names_are_of_that_partition(self):
        reading = read_template(parse(WHOLE).template, "template", region="cn-north-1")
        assert {one.topics[0].arn.split(":")[1] for one in reading.deployment.places} == {"aws-cn"}


class TestReceivers:
    """Queues and functions of the same template, and what lets the topic use them."""

    QUEUE = """
  Queue: {Type: "AWS::SQS::Queue"}
"""
    QUEUE_POLICY = """
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Queue.Arn
            Condition: {ArnEquals: {"aws:SourceArn": !Ref Topic}}
"""
    FUNCTION = """
  Function: {Type: "AWS::Lambda::Function", Properties: {Handler: index.handler}}
"""
    PERMISSION = """
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Function
      Principal: sns.amazonaws.com
      SourceArn: !Ref Topic
"""

    def to(self, protocol: str, endpoint: str, *further: str) -> str:
        mail = (
            ("Protocol: email", f"Protocol: {protocol}"),
            ("Endpoint: security@example.com", f"Endpoint: {endpoint}"),
        )
        return changed(*mail, further="".join(further))

    def test_a_queue_that_lets_the_topic_send(self, tmp_path):
        text = self.to("sqs", "!GetAtt Queue.Arn", self.QUEUE, self.QUEUE_POLICY)
        assert verdict(text, tmp_path) is Verdict.PASS

    def test_a_queue_without_a_policy_lets_nobody_send(self, tmp_path):
        assert verdict(self.to("sqs", "!GetAtt Queue.Arn", self.QUEUE), tmp_path) is Verdict.FAIL

    def test_a_queue_that_lets_another_topic_send(self, tmp_path):
        policy = self.QUEUE_POLICY.replace("!Ref Topic", THEIRS)
        text = self.to("sqs", "!GetAtt Queue.Arn", self.QUEUE, policy).replace(
            "DisplayName: Alarms", "TopicName: alarms"
        )
        here = ("--region", "eu-west-1", "--account", "111122223333")
        assert verdict(text, tmp_path, *here) is Verdict.FAIL

    def test_a_function_that_the_topic_may_invoke(self, tmp_path):
        text = self.to("lambda", "!GetAtt Function.Arn", self.FUNCTION, self.PERMISSION)
        assert verdict(text, tmp_path) is Verdict.PASS

    def test_a_function_that_nobody_may_invoke(self, tmp_path):
        assert verdict(self.to("lambda", "!GetAtt Function.Arn", self.FUNCTION), tmp_path) is Verdict.FAIL

    def test_a_function_that_another_service_may_invoke(self, tmp_path):
        permission = self.PERMISSION.replace("sns.amazonaws.com", "events.amazonaws.com")
        text = self.to("lambda", "!GetAtt Function.Arn", self.FUNCTION, permission)
        assert verdict(text, tmp_path) is Verdict.FAIL

    @pytest.mark.parametrize("endpoint", ["arn:aws:sqs:eu-west-1:111122223333:q", "!ImportValue Queue"])
    def test_a_queue_that_is_elsewhere_is_not_doubted(self, endpoint, tmp_path):
        assert verdict(self.to("sqs", endpoint), tmp_path) is Verdict.PASS


def test_a_loop_without_its_transform_is_unknown_and_says_what_it_needs(tmp_path):
    text = without("filter", further=EACH % "CreateSecurityGroup")
    judgement = judged(reading_of(written(tmp_path, {"t.yaml": text}) / "t.yaml"))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "needs the transform AWS::LanguageExtensions" in repr(judgement.findings)


def test_lines_are_those_of_logical_ids_however_the_json_is_indented(tmp_path):
    whole = parse(WHOLE).template
    for indent in ("  ", "\t"):
        text = json.dumps(whole, indent=indent)
        lines = parse(text).lines
        assert set(lines) == set(whole["Resources"])
        for name, line in lines.items():
            assert text.splitlines()[line - 1].strip().startswith(f'"{name}"')
