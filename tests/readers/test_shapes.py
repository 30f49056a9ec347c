"""One mapping for all who write the same settings: boto3, CloudFormation, Terraform, the embedded AWS."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sg_alarm.alarms import (
    CompositeAlarm,
    Dimension,
    Metric,
    MetricAlarm,
    MetricDataQuery,
    MetricStat,
    MetricTransformation,
)
from sg_alarm.readers import shapes, terraform_names
from sg_alarm.readers.settings import Settings
from sg_alarm.rule.model import AdvancedEventSelector, EventSelector, FieldSelector, MetricFilter
from sg_alarm.unknown import Outside, Unknown

UNKNOWN = Unknown("known after apply")


def of_terraform(type_: str, **values: object) -> Settings:
    """Return the settings of a resource of Terraform."""
    return Settings(terraform_names.resource(type_, "x", values, "eu-west-1", "111122223333").values)


def of_code(**values: object) -> Settings:
    """Return settings in which texts may hold placeholders."""
    return Settings(values, symbolic=True)


ALARM = MetricAlarm(
    name="changes",
    comparison_operator="GreaterThanOrEqualToThreshold",
    evaluation_periods=1,
    threshold=1.0,
    metric_stat=MetricStat(Metric("Security", "Changes", (Dimension("Region", "eu-west-1"),)), "Sum", 300),
    datapoints_to_alarm=1,
    treat_missing_data="notBreaching",
    ok_actions=("arn:b",),
    alarm_actions=("arn:a",),
)
IN_API = {
    "AlarmName": "changes",
    "Namespace": "Security",
    "MetricName": "Changes",
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
    "Dimensions": [{"Name": "Region", "Value": "eu-west-1"}],
    "AlarmActions": ["arn:a"],
    "OKActions": ["arn:b"],
}
IN_TERRAFORM = {
    "alarm_name": "changes",
    "namespace": "Security",
    "metric_name": "Changes",
    "statistic": "Sum",
    "period": 300,
    "evaluation_periods": 1,
    "datapoints_to_alarm": 1,
    "threshold": 1,
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "treat_missing_data": "notBreaching",
    "dimensions": {"Region": "eu-west-1"},
    "alarm_actions": ["arn:a"],
    "ok_actions": ["arn:b"],
}
AS_TEXTS = {**IN_API, "Period": "300", "EvaluationPeriods": "1", "Threshold": "1", "AlarmActions": "arn:a"}


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(Settings(IN_API), id="boto3"),
        pytest.param(of_code(**AS_TEXTS), id="CloudFormation, which takes texts for numbers"),
        pytest.param(of_terraform("aws_cloudwatch_metric_alarm", **IN_TERRAFORM), id="Terraform"),
    ],
)
def test_an_alarm_is_the_same_whoever_writes_it(found):
    assert shapes.metric_alarm(found) == ALARM


def test_the_embedded_aws_evaluates_the_same_alarm():
    alarm_evaluation = pytest.importorskip("sg_alarm.local_aws.bridge.alarm_evaluation")
    moto = SimpleNamespace(
        name="changes",
        namespace="Security",
        metric_name="Changes",
        statistic="Sum",
        extended_statistic=None,
        period="300",
        evaluation_periods="1",
        datapoints_to_alarm="1",
        threshold="1",
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        dimensions=[SimpleNamespace(name="Region", value="eu-west-1")],
        metric_data_queries=[],
        alarm_actions=["arn:a"],
        ok_actions=["arn:b"],
    )
    assert alarm_evaluation.model(moto) == ALARM


QUERIES = (
    MetricDataQuery("all", "FILL(changes, 0)", return_data=True),
    MetricDataQuery(
        "changes", None, MetricStat(Metric("Security", "Changes"), "Sum", 300), return_data=False
    ),
)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            Settings(
                {
                    "Metrics": [
                        {"Id": "all", "Expression": "FILL(changes, 0)"},
                        {
                            "Id": "changes",
                            "ReturnData": False,
                            "MetricStat": {
                                "Metric": {"Namespace": "Security", "MetricName": "Changes"},
                                "Stat": "Sum",
                                "Period": 300,
                            },
                        },
                    ]
                }
            ),
            id="the API returns the data unless told otherwise",
        ),
        pytest.param(
            of_terraform(
                "aws_cloudwatch_metric_alarm",
                metric_query=[
                    {"id": "all", "expression": "FILL(changes, 0)", "return_data": "true"},
                    {
                        "id": "changes",
                        "metric": [
                            {"namespace": "Security", "metric_name": "Changes", "stat": "Sum", "period": 300}
                        ],
                    },
                ],
            ),
            id="Terraform does not",
        ),
    ],
)
def test_metric_math_is_the_same(found):
    alarm = shapes.metric_alarm(found)
    assert (alarm.metric_stat, alarm.metrics) == (None, QUERIES)


@pytest.mark.parametrize(
    ("values", "threshold"),
    [
        pytest.param({}, 0.0, id="the provider sends 0 where there is none"),
        pytest.param({"threshold": "2"}, 2.0, id="a number in quotes"),
        pytest.param({"threshold_metric_id": "band"}, None, id="a band takes its place"),
        pytest.param({"threshold_metric_id": UNKNOWN}, UNKNOWN, id="a band may take its place"),
        pytest.param({"threshold": UNKNOWN}, UNKNOWN, id="not known"),
        pytest.param({"threshold": "nan"}, Unknown("nan is not a valid number"), id="not a number"),
    ],
)
def test_the_threshold_of_terraform(values, threshold):
    assert shapes.metric_alarm(of_terraform("aws_cloudwatch_metric_alarm", **values)).threshold == threshold


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (False, False),
        ("false", False),
        ("true", True),
        ("True", True),
        ("0", False),
        (None, True),
        (UNKNOWN, UNKNOWN),
        ("no", Unknown("no is not a boolean")),
        ("${var.on}", Outside("it is ${var.on}")),
        ("is ${var.on}", Unknown("it contains ${var.on}")),
    ],
)
def test_a_boolean_in_quotes_is_the_boolean(written, expected):
    assert shapes.metric_alarm(of_code(ActionsEnabled=written)).actions_enabled == expected


def test_a_composite_alarm_with_a_suppressor():
    block = {"alarm": "maintenance", "wait_period": 60, "extension_period": "30"}
    found = of_terraform(
        "aws_cloudwatch_composite_alarm", alarm_name="any", alarm_rule="ALARM(x)", actions_suppressor=[block]
    )
    assert shapes.composite_alarm(found) == CompositeAlarm(
        "any",
        "ALARM(x)",
        actions_suppressor="maintenance",
        actions_suppressor_wait_period=60,
        actions_suppressor_extension_period=30,
    )


FILTER = MetricFilter("sg", "arn:g", "{ $.a = 1 }", MetricTransformation("Security", "Changes", "1", 0.0))


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            Settings(
                {
                    "filterName": "sg",
                    "filterPattern": "{ $.a = 1 }",
                    "metricTransformations": [
                        {
                            "metricName": "Changes",
                            "metricNamespace": "Security",
                            "metricValue": "1",
                            "defaultValue": 0.0,
                            "unit": "None",
                        }
                    ],
                }
            ),
            id="boto3",
        ),
        pytest.param(
            of_code(
                FilterName="sg",
                FilterPattern="{ $.a = 1 }",
                MetricTransformations=[
                    {
                        "MetricName": "Changes",
                        "MetricNamespace": "Security",
                        "MetricValue": 1,
                        "DefaultValue": "0",
                    }
                ],
            ),
            id="CloudFormation",
        ),
        pytest.param(
            of_terraform(
                "aws_cloudwatch_log_metric_filter",
                name="sg",
                pattern="{ $.a = 1 }",
                metric_transformation={
                    "name": "Changes",
                    "namespace": "Security",
                    "value": "1",
                    "default_value": "0",
                },
            ),
            id="Terraform",
        ),
    ],
)
def test_a_metric_filter_is_the_same_whoever_writes_it(found):
    assert shapes.metric_filter(found, "arn:g") == FILTER


@pytest.mark.parametrize("written", [{"Host": "$.host"}, [{"Key": "Host", "Value": "$.host"}]])
def test_dimensions_are_a_mapping_or_a_list_of_pairs(written):
    found = shapes.metric_filter(Settings({"MetricTransformations": [{"Dimensions": written}]}), "arn:g")
    assert found.transformation.dimensions == (Dimension("Host", "$.host"),)


SELECTORS = (
    EventSelector("WriteOnly", True, ("kms.amazonaws.com",)),
    AdvancedEventSelector((FieldSelector("eventCategory", equals=("Management",)),)),
)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            Settings(
                {
                    "EventSelectors": [
                        {
                            "ReadWriteType": "WriteOnly",
                            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                        }
                    ],
                    "AdvancedEventSelectors": [
                        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                    ],
                }
            ),
            id="boto3 and CloudFormation",
        ),
        pytest.param(
            of_terraform(
                "aws_cloudtrail",
                event_selector=[
                    {
                        "read_write_type": "WriteOnly",
                        "exclude_management_event_sources": ["kms.amazonaws.com"],
                    }
                ],
                advanced_event_selector={
                    "field_selector": {"field": "eventCategory", "equals": ["Management"]}
                },
            ),
            id="Terraform",
        ),
    ],
)
def test_event_selectors_are_the_same_whoever_writes_them(found):
    assert shapes.event_selectors(found) == SELECTORS


def test_an_unknown_element_makes_a_list_of_settings_unknown_and_leaves_a_list_of_names():
    selector = {"ExcludeManagementEventSources": ["kms.amazonaws.com", UNKNOWN]}
    (found,) = shapes.event_selectors(Settings({"EventSelectors": [selector]}))
    assert found.exclude_management_event_sources == UNKNOWN
    alarm = shapes.metric_alarm(Settings({"AlarmActions": ["arn:a", UNKNOWN]}))
    assert alarm.alarm_actions == ("arn:a", UNKNOWN)


def test_a_placeholder_may_name_something_but_is_no_setting():
    alarm = shapes.metric_alarm(
        of_code(MetricName="${Metric}", Namespace="Security", Statistic="${Statistic}", Period=300)
    )
    assert alarm.metric_stat.metric.name == "${Metric}"
    assert alarm.metric_stat.stat == Outside("it is ${Statistic}")


def test_what_an_account_holds_is_taken_by_the_letter():
    found = shapes.metric_filter(Settings({"filterName": "x", "filterPattern": "{ $.a = ${b} }"}), "arn:g")
    assert found.pattern == "{ $.a = ${b} }"
