"""CloudWatch: alarms."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.core.responses import ActionResult, EmptyResult

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


@corrects("moto.cloudwatch.responses:CloudWatchResponse.put_metric_alarm")
def queries_name_the_account_of_their_metric(original: Any, response: Any) -> Any:
    """AWS reads a metric from the account that its query names.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html

    moto drops the account.
    """
    answer = original(response)
    alarm = response.cloudwatch_backend.alarms[response._get_param("AlarmName")]
    wanted = response._get_param("Metrics") or []
    for query, asked in zip(alarm.metric_data_queries or [], wanted, strict=True):
        query.account_id = asked.get("AccountId")
    return answer


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


@adds("moto.cloudwatch.responses:CloudWatchResponse.list_alarm_mute_rules")
def there_are_no_mute_rules(response: Any) -> Any:
    """AWS lists the rules that mute alarms.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html

    moto has neither the rules nor the call, which newer versions of boto3 know.
    """
    return ActionResult({"AlarmMuteRuleSummaries": []})


_MUTE_RULES = {
    "ListAlarmMuteRules": {
        "name": "ListAlarmMuteRules",
        "http": {"method": "POST", "requestUri": "/"},
        "input": {"shape": "ListAlarmMuteRulesInput"},
        "output": {"shape": "ListAlarmMuteRulesOutput", "resultWrapper": "ListAlarmMuteRulesResult"},
    }
}
_MUTE_RULE_SHAPES = {
    "ListAlarmMuteRulesInput": {
        "type": "structure",
        "members": {
            "AlarmName": {"shape": "MuteRuleText"},
            "Statuses": {"shape": "MuteRuleTexts"},
            "MaxRecords": {"shape": "MuteRuleNumber"},
            "NextToken": {"shape": "MuteRuleText"},
        },
    },
    "ListAlarmMuteRulesOutput": {
        "type": "structure",
        "members": {
            "AlarmMuteRuleSummaries": {"shape": "MuteRuleTexts"},
            "NextToken": {"shape": "MuteRuleText"},
        },
    },
    "MuteRuleTexts": {"type": "list", "member": {"shape": "MuteRuleText"}},
    "MuteRuleText": {"type": "string"},
    "MuteRuleNumber": {"type": "integer"},
}


@corrects("moto.core.utils:_load_service_model")
def clients_may_be_newer_than_this_machine_s_botocore(
    original: Any, service_name: str, model_name: str
) -> dict[str, Any]:
    """AWS answers CloudWatch's calls in JSON as well as in the query protocol, and lists mute rules.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html; botocore
    1.44, data/cloudwatch/2010-08-01/service-2.json, ``protocols``.

    moto knows what the botocore beside it knows, and answers 500 to a client that is newer.
    """
    model: dict[str, Any] = original(service_name, model_name)
    if (service_name, model_name) != ("cloudwatch", "service-2"):
        return model
    known = model["metadata"].get("protocols", [model["metadata"]["protocol"]])
    return {
        **model,
        "metadata": {
            **model["metadata"],
            "protocols": list(dict.fromkeys([*known, "json", "query"])),
            "jsonVersion": "1.0",
            "targetPrefix": "GraniteServiceVersion20100801",
        },
        "operations": {**_MUTE_RULES, **model["operations"]},
        "shapes": {**_MUTE_RULE_SHAPES, **model["shapes"]},
    }
