"""The JSON that aws_iam_policy_document makes of its arguments, as the provider's documentation says."""

from __future__ import annotations

import json

import pytest

from sg_alarm.readers.policy_document import policy_of
from sg_alarm.unknown import Unknown

UNKNOWN = Unknown("known after apply")


def block(sid: object = None, action: object = "sns:Publish", **further: object) -> dict:
    """A statement as Terraform writes it."""
    return {"sid": sid, "actions": [action], **further}


def document(*statements: dict) -> str:
    return json.dumps({"Statement": list(statements)})


def actions(**arguments: object) -> list:
    """The actions of the policy's statements, in order."""
    policy = policy_of(arguments)
    assert not isinstance(policy, Unknown), policy
    return [one["Action"] if isinstance(one, dict) else one for one in policy["Statement"]]


A, B = {"Sid": "A", "Action": "a"}, {"Sid": "B", "Action": "b"}
NAMELESS = {"Action": "n"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({"statement": [block()]}, [["sns:Publish"]], id="a statement"),
        pytest.param(
            {"source_policy_documents": [document(A), document(B)], "statement": [block("C")]},
            ["a", "b", ["sns:Publish"]],
            id="sources come first",
        ),
        pytest.param(
            {"source_policy_documents": [document(A, B)], "statement": [block("A")]},
            [["sns:Publish"], "b"],
            id="a statement takes the place of a source's with the same sid",
        ),
        pytest.param(
            {"statement": [block("A")], "override_policy_documents": [document(A, B)]},
            ["a", "b"],
            id="an override takes the place of a statement with the same sid",
        ),
        pytest.param(
            {"statement": [block()], "override_policy_documents": [document(NAMELESS)]},
            [["sns:Publish"], "n"],
            id="an override without a sid is added",
        ),
        pytest.param(
            {"source_policy_documents": [{"Statement": A}]}, ["a"], id="a document that is parsed already"
        ),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_documents_are_merged(arguments, expected):
    assert actions(**arguments) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"source_policy_documents": UNKNOWN}, id="unknown sources"),
        pytest.param({"source_policy_documents": [document(A), UNKNOWN]}, id="an unknown source"),
        pytest.param({"override_policy_documents": ["{"]}, id="an override that is not JSON"),
        pytest.param(
            {"source_policy_documents": [document(A)], "statement": [block(UNKNOWN)]},
            id="a statement that may override another",
        ),
        pytest.param(
            {"statement": [block("${var.sid}")], "override_policy_documents": [document(A)]},
            id="a statement that may be overridden",
        ),
    ],
)
def test_a_policy_that_cannot_be_put_together_is_unknown(arguments):
    assert isinstance(policy_of(arguments), Unknown)


def test_conditions_on_one_key_are_one_with_all_values():
    conditions = [
        {"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]},
        {"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["2", UNKNOWN]},
        {"test": "ArnLike", "variable": "aws:SourceArn", "values": ["arn:x"]},
    ]
    (statement,) = policy_of({"statement": [block(condition=conditions)]})["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ["1", "2", UNKNOWN]},
        "ArnLike": {"aws:SourceArn": ["arn:x"]},
    }


@pytest.mark.parametrize(
    ("principals", "expected"),
    [
        ([{"type": "*", "identifiers": ["*"]}], "*"),
        ([{"type": "AWS", "identifiers": ["*"]}], {"AWS": ["*"]}),
        (
            [{"type": "Service", "identifiers": ["a"]}, {"type": "Service", "identifiers": ["b"]}],
            {"Service": ["a", "b"]},
        ),
        ([{"type": UNKNOWN, "identifiers": ["a"]}], Unknown("the type of a principal is not known")),
        ({"type": "Service", "identifiers": [UNKNOWN]}, {"Service": [UNKNOWN]}),
    ],
)
def test_principals(principals, expected):
    (statement,) = policy_of({"statement": block(principals=principals)})["Statement"]
    assert statement["Principal"] == expected


def test_variables_of_iam_are_written_with_a_dollar():
    (statement,) = policy_of({"statement": [{"resources": ["arn:x/&{aws:username}"]}]})["Statement"]
    assert statement["Resource"] == ["arn:x/${aws:username}"]


def test_a_statement_that_is_unknown_leaves_the_others():
    assert actions(statement=[block(), UNKNOWN]) == [["sns:Publish"], UNKNOWN]
