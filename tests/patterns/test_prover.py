"""What a pattern does with every event of an operation."""

from __future__ import annotations

import pytest

from identity_types import IDENTITY_TYPES
from sg_alarm.patterns import Coverage, PatternError, compile_pattern, prove

OPERATION = "CreateSecurityGroup"


def verdict(pattern: str, operation: str = OPERATION) -> str:
    return prove(pattern, operation).coverage.value


def with_name(condition: str) -> str:
    return f"{{ ($.eventName = {OPERATION}) && ({condition}) }}"


class TestCovered:
    @pytest.mark.parametrize(
        "pattern",
        [
            "{ $.eventName = CreateSecurityGroup }",
            "{ $.eventName = DeleteSecurityGroup || $.eventName = CreateSecurityGroup }",
            "{ $.eventName = *SecurityGroup* }",
            "{ $.eventName = Create* }",
            "{ $.eventName = %^Cre% }",
            "{ $.eventName = %Security.*p$% }",
            "{ $.eventSource = ec2.amazonaws.com }",
            "{ $.eventName != DeleteSecurityGroup }",
            "{ $.* = CreateSecurityGroup }",
            with_name("$.eventType = AwsApiCall && $.eventCategory = Management"),
            with_name("$.readOnly IS FALSE && $.managementEvent IS TRUE"),
            with_name("$.awsRegion = * && $.recipientAccountId = * && $.userIdentity.type = *"),
            with_name("$.userIdentity.type = AWSService || $.userIdentity.type != AWSService"),
            with_name("$.userIdentity.invokedBy NOT EXISTS || $.userIdentity.invokedBy = *"),
        ],
    )
    def test_whatever_the_other_fields_hold(self, pattern: str) -> None:
        assert verdict(pattern) == "covered"

    @pytest.mark.parametrize("field", ["errorCode", "errorMessage"])
    def test_a_call_that_failed_is_no_change(self, field: str) -> None:
        assert verdict(with_name(f"$.{field} NOT EXISTS")) == "covered"

    @pytest.mark.parametrize(
        "pattern",
        [
            "",
            '" "',
            OPERATION,
            f"?{OPERATION} ?x",
            f"{OPERATION} eventName",
            f"%{OPERATION}%",
            "[...]",
            "[message]",
        ],
    )
    def test_patterns_for_raw_messages(self, pattern: str) -> None:
        assert verdict(pattern) == "covered"


class TestNarrowed:
    @pytest.mark.parametrize(
        "condition",
        [
            '$.userIdentity.invokedBy != "autoscaling.amazonaws.com"',
            "$.userIdentity.type != AWSService",
            "$.userIdentity.userName != deploy",
            "$.sourceIPAddress != %^10\\.%",
            "$.requestParameters.ipPermissions.items[0].toPort = 22",
            "$.requestParameters.ipPermissions.items[*].toPort = 22",
            "($.x > 4) && ($.x < 5)",
            "($.x = a) && ($.y = b)",
            "$.sessionCredentialFromConsole NOT EXISTS",
            "($.x[*] = a) && ($.x[*] = b) && ($.x[*] = c)",
            "($.x.* = a) && ($.x.* = b)",
            "($.* = a) && ($.* = b)",
            "($.x[*].a = 1) && ($.x[*].b = 2) && ($.x[0].a = 3)",
            "($.x[1] = a) && ($.x[0] = b)",
            "($.x[2] = a) && ($.x[0] = b) && ($.x[1] = c)",
            "$.x > 1e308",
            f"($.x > 1) && ($.x < {'9' * 400})",
        ],
    )
    def test_by_the_condition(self, condition: str) -> None:
        proof = prove(with_name(condition), OPERATION)
        assert (proof.coverage, proof.condition) == (Coverage.NARROWED, condition)

    @pytest.mark.parametrize("type_", IDENTITY_TYPES)
    def test_by_leaving_out_who_changes(self, type_: str) -> None:
        assert verdict(with_name(f"$.userIdentity.type != {type_}")) == "narrowed"

    @pytest.mark.parametrize(
        ("condition", "left"),
        [
            ('$.awsRegion = "us-east-1" && $.readOnly IS FALSE', '$.awsRegion = "us-east-1"'),
            ("$.eventSource = x || $.vpcEndpointId = y", "$.vpcEndpointId = y"),
            ("($.x = a || $.eventSource = x) && ($.y = b || $.errorCode = d)", "($.x = a) && ($.y = b)"),
            (
                "$.x = a && ($.y = b || $.z = c || $.readOnly IS TRUE)",
                "($.x = a) && (($.y = b) || ($.z = c))",
            ),
        ],
    )
    def test_without_what_the_operation_settles(self, condition: str, left: str) -> None:
        assert prove(with_name(condition), OPERATION).condition == left

    def test_a_missing_field_silences_not_equal(self) -> None:
        proof = prove(with_name('$.userIdentity.invokedBy != "x"'), OPERATION)
        assert proof.slips
        assert "invokedBy" not in proof.slips["userIdentity"]

    def test_examples_of_what_slips_and_what_is_caught(self) -> None:
        pattern = compile_pattern(with_name("$.userIdentity.type = Root"))
        proof = prove(pattern, OPERATION)
        assert proof.slips
        assert proof.caught
        assert proof.slips["eventName"] == proof.caught["eventName"] == OPERATION
        assert not pattern.matches(proof.slips)
        assert pattern.matches(proof.caught)

    @pytest.mark.parametrize(
        ("pattern", "left"),
        [
            (f"{OPERATION} -autoscaling", "-autoscaling"),
            (f"{OPERATION} terraform", "terraform"),
            ("DeleteSecurityGroup", "DeleteSecurityGroup"),
            ("?terraform ?pulumi", "?terraform ?pulumi"),
            ("%Delete%", "%Delete%"),
        ],
    )
    def test_a_term_may_stand_in_any_field(self, pattern: str, left: str) -> None:
        proof = prove(pattern, OPERATION)
        assert (proof.coverage, proof.condition) == (Coverage.NARROWED, left)
        assert proof.slips
        assert not compile_pattern(pattern).matches(proof.slips)


class TestMissed:
    @pytest.mark.parametrize(
        "pattern",
        [
            "{ $.eventName = DeleteSecurityGroup }",
            "{ $.eventName = createsecuritygroup }",
            "{ $.eventName = *Ingress }",
            "{ $.eventName NOT EXISTS }",
            "{ $.eventName > 1 }",
            "{ $.eventName.name = CreateSecurityGroup }",
            "{ $.eventName[0] = CreateSecurityGroup }",
            "{ $.userIdentity = * }",
            with_name("$.eventSource = rds.amazonaws.com"),
            with_name("$.errorCode = *UnauthorizedOperation"),
            with_name("$.errorCode != AccessDenied"),
            with_name("$.readOnly IS TRUE"),
            with_name("$.eventType = AwsConsoleSignIn"),
            with_name("$.x = a && $.x = b"),
            with_name("$.x < 5 && $.x > 5"),
            with_name("$.x = %^a% && $.x = *b && $.x = ab* && $.x = abc"),
            with_name("$.x = * && $.x.y = *"),
            with_name("$.x[0] = * && $.x.y = *"),
            with_name("$.x[*] = a && $.x.* = b"),
            with_name("$.userIdentity.type = %[0-9]%"),
            "-CreateSecurityGroup",
            "x -eventName",
        ],
    )
    def test_whatever_the_other_fields_hold(self, pattern: str) -> None:
        proof = prove(pattern, OPERATION)
        assert proof.coverage is Coverage.MISSED
        assert proof.slips
        assert not compile_pattern(pattern).matches(proof.slips)


class TestCannotTell:
    @pytest.mark.parametrize(
        "pattern",
        [
            with_name("$.readOnly = false"),
            with_name("$.recipientAccountId > 5"),
            with_name("$.awsRegion > 5"),
            with_name("$.awsRegion = *a || $.awsRegion != *a"),
            with_name("$.x[*] NOT EXISTS || $.x[*] = * || $.x[*] != *"),
            "{ $.eventName = Create*Group }",
            "SecurityGroup",
            "Create",
            "[event = *CreateSecurityGroup*]",
            "[a, b]",
            "%^\\x7b%",
        ],
    )
    def test_where_the_answer_hangs_on_what_is_not_documented(self, pattern: str) -> None:
        proof = prove(pattern, OPERATION)
        assert proof.coverage is Coverage.CANNOT_TELL
        assert "not document" in proof.reason

    def test_a_suffix_that_stands_earlier_too(self) -> None:
        # Documented: covered. Observed with such texts: no match.
        assert verdict("{ $.eventName = *s }", "RevokeSecurityGroupIngress") == "cannot tell"
        assert verdict("{ $.* = *s }", "RevokeSecurityGroupIngress") == "cannot tell"
        assert verdict("{ $.eventName = *ss }", "RevokeSecurityGroupIngress") == "covered"

    def test_a_number_in_a_range_whose_text_must_match_is_not_searched(self) -> None:
        """120 would do: as a number it lies between, and its text begins with 12."""
        x = "$.requestParameters.x"
        assert verdict(with_name(f'{x} > 100 && {x} < 200 && {x} = "12*"')) == "cannot tell"

    def test_a_search_over_its_budget(self) -> None:
        tangle = "&&".join(f"($.a{i % 9}=x{i}||$.b{i % 7}=y{i})" for i in range(40))
        proof = prove(f"{{{tangle}}}", OPERATION)
        assert (proof.coverage, proof.reason) == (Coverage.CANNOT_TELL, "too many combinations of values")

    def test_an_automaton_over_its_budget(self) -> None:
        assert verdict("{ $.x = %a.{30}b% && $.x = %c.{30}d% && $.x = 1 && $.x = 2 }") == "cannot tell"


def test_an_invalid_pattern_is_an_error() -> None:
    with pytest.raises(PatternError):
        prove("{ $.a }", OPERATION)


def test_another_service() -> None:
    pattern = "{ $.eventSource = rds.amazonaws.com }"
    assert prove(pattern, "CreateDBSecurityGroup", "rds.amazonaws.com").coverage is Coverage.COVERED
    assert prove(pattern, OPERATION).coverage is Coverage.MISSED


def test_in_one_account() -> None:
    pattern = with_name("$.recipientAccountId = 111122223333")
    assert prove(pattern, OPERATION, account="111122223333").coverage is Coverage.COVERED
    assert prove(pattern, OPERATION, account="444455556666").coverage is Coverage.MISSED
    assert prove(pattern, OPERATION).coverage is Coverage.NARROWED
