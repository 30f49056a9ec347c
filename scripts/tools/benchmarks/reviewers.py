"""What `audit --predict` says of Prowler and Cloud Custodian, beside what they really say.

Each set-up of the tests that an account can have by itself is made on the embedded AWS and read back; the
predictions for it are compared with a run of the tool itself, in the environment of the benchmark ``peers``.
One row for each set-up on which they differ, then one for each tool with how often they agree. It takes some
ten minutes: Prowler looks round for a quarter of a minute each time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import peers
from sg_alarm.alarms import CompositeAlarm, MetricAlarm, MetricStat
from sg_alarm.aws import Aws
from sg_alarm.local_aws import LocalAws
from sg_alarm.local_aws.server import ACCOUNT_ID
from sg_alarm.readers.aws import Scope, read_account
from sg_alarm.rule.model import AdvancedEventSelector, Deployment, MetricFilter, Topic, Trail
from sg_alarm.rule.reviewers import predict

sys.path.insert(0, str(Path(__file__).parents[3] / "tests/support"))

from deployment_builder import ACCOUNT, ELSEWHERE, HOME, replace_text
from review_setups import SETUPS


def rows() -> Iterator[tuple[str, str]]:
    """Yield where prediction and tool differ, and how often they agree."""
    tools = {"prowler": _prowler(), "custodian": _custodian()}
    agreed = dict.fromkeys(tools, 0)
    setups = [one for one in SETUPS if _is_of_one_account(one.deployment)]
    with LocalAws(region=HOME) as aws:
        environment = aws.environment()
        os.environ.update(environment)
        for setup in setups:
            aws.reset()
            deploy(aws, replace_text(setup.deployment, ACCOUNT, ACCOUNT_ID))
            found = read_account(Aws(region=HOME, endpoint_url=aws.endpoint), Scope((HOME, ELSEWHERE)))
            predicted = {one.id: answer.verdict for one, answer in predict(found)}
            for name, tool in tools.items():
                with tempfile.TemporaryDirectory() as folder:
                    real = tool(environment, Path(folder))
                verdict = predicted[name]
                if verdict is not None and verdict.value == real:
                    agreed[name] += 1
                else:
                    yield setup.name, f"{name}: predicted {verdict and verdict.value}, says {real}"
    for name, count in agreed.items():
        yield name, f"{count} of {len(setups)} set-ups as predicted"


Run = Callable[[dict[str, str], Path], str]


def _prowler() -> Run:
    binary = peers.environment_of("prowler", peers.PROWLER) / "prowler"
    check = "cloudwatch_log_metric_filter_security_group_changes"

    def run(environment: dict[str, str], folder: Path) -> str:
        command = [str(binary), "aws", "--check", check, "-M", "json-ocsf", "-o", str(folder), "-F", "one"]
        command += ["--region", HOME, "--no-banner", "--no-color", "--ignore-exit-code-3"]
        _completed(command, environment, folder)
        return peers.one_verdict(peers.prowlers_verdicts(folder), 1)

    return run


def _custodian() -> Run:
    binary = peers.custodians_environment() / "custodian"

    def run(environment: dict[str, str], folder: Path) -> str:
        policy = folder / "policy.yml"
        policy.write_text(json.dumps(peers.POLICY), "utf-8")  # JSON is YAML too
        options = ["-s", str(folder / "out"), "--cache-period", "0", "-f", str(folder / "cache")]
        _completed([str(binary), "run", *options, "--region", HOME, str(policy)], environment, folder)
        return peers.one_verdict(peers.custodians_verdicts(folder), 1)

    return run


def _completed(command: list[str], environment: dict[str, str], folder: Path) -> None:
    with (folder / "log").open("w") as log:
        subprocess.run(command, env=environment, stdout=log, stderr=log, cwd=folder, check=False)


def _is_of_one_account(deployment: Deployment) -> bool:
    text = repr(deployment)
    accounts = {part for part in text.replace("'", ":").split(":") if len(part) == 12 and part.isdigit()}
    return accounts <= {ACCOUNT} and "Unknown(" not in text and HOME in deployment.regions


# From the model to an account


def deploy(aws: LocalAws, deployment: Deployment) -> None:
    """Make what the model has of the home region by API calls."""
    home = next(place for place in deployment.places if place.region == HOME)
    logs = aws.client("logs", HOME)
    trails: Any = deployment.trails
    contents: Any = (home.log_groups, home.metric_filters, home.topics, home.alarms)
    groups, filters, topics, alarms = contents
    for group in groups:
        logs.create_log_group(logGroupName=_last(group.arn.removesuffix(":*"), ":"))
    for one in filters:
        logs.put_metric_filter(**_filter(one))
    for topic in topics:
        _make_topic(aws.client("sns", HOME), topic)
    for alarm in alarms:
        _make_alarm(aws.client("cloudwatch", HOME), alarm)
    for trail in trails:
        _make_trail(aws, trail)


def _last(arn: str, separator: str) -> str:
    return arn.rpartition(separator)[2]


def _filter(one: MetricFilter) -> dict[str, Any]:
    metric: Any = one.transformation
    return {
        "filterName": one.name,
        "logGroupName": _last(str(one.log_group_arn).removesuffix(":*"), ":"),
        "filterPattern": one.pattern,
        "metricTransformations": [
            {"metricNamespace": metric.namespace, "metricName": metric.name, "metricValue": str(metric.value)}
        ],
    }


def _make_topic(sns: Any, topic: Topic) -> None:
    arn = sns.create_topic(Name=_last(topic.arn, ":"))["TopicArn"]
    subscriptions: Any = topic.subscriptions
    for one in subscriptions:
        # A text message needs no confirmation, an email always does.
        way = {"Protocol": "sms", "Endpoint": "+15005550006"}
        sns.subscribe(
            TopicArn=arn, **(way if one.confirmed else {"Protocol": "email", "Endpoint": one.endpoint})
        )


def _make_alarm(cloudwatch: Any, alarm: MetricAlarm | CompositeAlarm) -> None:
    acting = {
        "AlarmName": alarm.name,
        "ActionsEnabled": alarm.actions_enabled,
        "AlarmActions": list(alarm.alarm_actions),  # type: ignore[arg-type]
        "OKActions": list(alarm.ok_actions),  # type: ignore[arg-type]
    }
    if isinstance(alarm, CompositeAlarm):
        cloudwatch.put_composite_alarm(**acting, AlarmRule=alarm.alarm_rule)
        return
    settings = {
        "EvaluationPeriods": alarm.evaluation_periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison_operator,
        "TreatMissingData": alarm.treat_missing_data,
    }
    if alarm.metric_stat:
        settings |= {**_metric(alarm.metric_stat), "Period": alarm.metric_stat.period}
        settings["Statistic"] = alarm.metric_stat.stat
    else:
        settings["Metrics"] = [
            {"Id": one.id, "ReturnData": one.return_data}
            | ({"Expression": one.expression} if one.expression else {})
            | ({"MetricStat": _statistic(one.metric_stat)} if one.metric_stat else {})
            for one in alarm.metrics
        ]
    cloudwatch.put_metric_alarm(**acting, **settings)


def _metric(stat: MetricStat) -> dict[str, Any]:
    return {"Namespace": stat.metric.namespace, "MetricName": stat.metric.name}


def _statistic(stat: MetricStat) -> dict[str, Any]:
    return {"Metric": _metric(stat), "Period": stat.period, "Stat": stat.stat}


def _make_trail(aws: LocalAws, trail: Trail) -> None:
    aws.client("s3", "us-east-1").create_bucket(Bucket="trail-bucket")
    cloudtrail = aws.client("cloudtrail", HOME)
    name = _last(trail.arn, "/")
    delivery = {"CloudWatchLogsLogGroupArn": trail.log_group_arn, "CloudWatchLogsRoleArn": trail.role_arn}
    cloudtrail.create_trail(
        Name=name,
        S3BucketName="trail-bucket",
        IsMultiRegionTrail=trail.is_multi_region,
        **(delivery if trail.log_group_arn else {}),
    )
    if trail.is_logging:
        cloudtrail.start_logging(Name=name)
    selectors: Any = trail.event_selectors
    advanced = [_advanced(one) for one in selectors if isinstance(one, AdvancedEventSelector)]
    if advanced:
        cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=advanced)
    elif selectors:
        basic = [
            {
                "ReadWriteType": one.read_write_type,
                "IncludeManagementEvents": one.include_management_events,
            }
            for one in selectors
        ]
        cloudtrail.put_event_selectors(TrailName=name, EventSelectors=basic)


def _advanced(selector: AdvancedEventSelector) -> dict[str, Any]:
    conditions: Any = selector.field_selectors
    return {"FieldSelectors": [{"Field": one.field, "Equals": list(one.equals)} for one in conditions]}
