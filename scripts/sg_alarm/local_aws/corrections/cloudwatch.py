"""CloudWatch: alarms."""

from __future__ import annotations

import json
from typing import Any

from botocore.model import OperationNotFoundError
from moto.cloudwatch.exceptions import ValidationError
from moto.core.responses import EmptyResult

from sg_alarm.local_aws.corrections.table import adds, corrects

_STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


@adds("moto.cloudwatch.responses:CloudWatchResponse.put_composite_alarm")
def put_composite_alarm(response: Any) -> Any:
    """AWS keeps a composite alarm: a rule over other alarms, actions, and an alarm that suppresses them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html

    moto has a place for the rule but not the call, and answers 500. The rule is not checked here.
    """
    rule = response._get_param("AlarmRule")
    alarm = response.cloudwatch_backend.put_metric_alarm(
        name=response._get_param("AlarmName"),
        rule=rule,
        description=response._get_param("AlarmDescription"),
        actions_enabled=response._get_bool_param("ActionsEnabled"),
        alarm_actions=response._get_param("AlarmActions", []),
        ok_actions=response._get_param("OKActions", []),
        insufficient_data_actions=response._get_param("InsufficientDataActions", []),
        tags=response._get_param("Tags", []),
        namespace=None,
        metric_name=None,
        comparison_operator=None,
        evaluation_periods=None,
        period=None,
        threshold=None,
        statistic=None,
        dimensions=[],
    )
    alarm.alarm_rule = rule
    alarm.actions_suppressor = response._get_param("ActionsSuppressor")
    alarm.actions_suppressor_wait_period = response._get_param("ActionsSuppressorWaitPeriod")
    alarm.actions_suppressor_extension_period = response._get_param("ActionsSuppressorExtensionPeriod")
    return EmptyResult()


@corrects("moto.cloudwatch.models:CloudWatchBackend.put_metric_alarm")
def new_alarms_have_no_data_and_changed_ones_keep_their_state(
    original: Any, backend: Any, name: str, **settings: Any
) -> Any:
    """AWS creates an alarm in INSUFFICIENT_DATA, and leaves the state alone when it is put again.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html

    moto sets OK each time.
    """
    before = backend.alarms.get(name)
    alarm = original(backend, name, **settings)
    if before:
        for attribute in _STATE:
            setattr(alarm, attribute, getattr(before, attribute))
    else:
        alarm.state_value = "INSUFFICIENT_DATA"
    return alarm


_ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")


@corrects("moto.cloudwatch.models:CloudWatchBackend.put_metric_alarm")
def topics_are_of_the_alarm_s_region(original: Any, backend: Any, name: str, **settings: Any) -> Any:
    """AWS rejects an action on a topic of another region.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html; the answer
    itself was seen in https://github.com/cds-snc/notification-terraform/pull/128.

    moto takes it.
    """
    for action in (action for kind in _ACTIONS for action in settings.get(kind) or ()):
        _, _, service, region, *_ = f"{action}:::".split(":")
        if service == "sns" and region != backend.region_name:
            raise ValidationError(
                f"Invalid region {region} specified. Only {backend.region_name} is supported."
            )
    return original(backend, name, **settings)


@corrects("moto.cloudwatch.responses:CloudWatchResponse.describe_alarms")
def composite_alarms_are_described_on_request(original: Any, response: Any) -> Any:
    """AWS describes metric alarms only, unless AlarmTypes asks for composite ones.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

    moto describes both, whatever AlarmTypes says.
    """
    result = original(response)
    types = response._get_param("AlarmTypes") or ["MetricAlarm"]
    for kind in ("MetricAlarm", "CompositeAlarm"):
        if kind not in types:
            result.result[f"{kind}s"] = []
    return result


@corrects("moto.cloudwatch.models:CloudWatchBackend.get_alarms_by_state_value")
def composite_alarms_have_states_too(original: Any, backend: Any, target_state: str) -> list[Any]:
    """AWS describes metric and composite alarms of a state.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

    moto describes only the metric alarms of it: it reads an iterator twice.
    """
    return list(original(backend, target_state))


@corrects("moto.core.responses:BaseResponse.parse_parameters")
def calls_are_taken_that_botocore_does_not_know(original: Any, response: Any, request: Any) -> None:
    """AWS takes calls that are newer than the botocore beside moto.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html

    moto answers 500, without asking whether it has the call.
    """
    try:
        original(response, request)
    except OperationNotFoundError:
        response.params = {}


@adds("moto.cloudwatch.responses:CloudWatchResponse.list_alarm_mute_rules")
def there_are_no_mute_rules(response: Any) -> Any:
    """AWS lists the rules that mute alarms.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html

    moto has neither the rules nor the call, and answers in words of the botocore that is installed, which
    may know neither.
    """
    if response.headers.get("X-Amz-Target"):
        return json.dumps({"AlarmMuteRuleSummaries": []})
    namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
    result = "<ListAlarmMuteRulesResult><AlarmMuteRuleSummaries/></ListAlarmMuteRulesResult>"
    return f'<ListAlarmMuteRulesResponse xmlns="{namespace}">{result}</ListAlarmMuteRulesResponse>'
