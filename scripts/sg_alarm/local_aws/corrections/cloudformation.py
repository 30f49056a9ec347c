"""CloudFormation: stacks with an alarm, and what feeds and follows it.

``moto.cloudformation`` imports most of moto, so it is corrected when it is first used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException, _RESTError
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends

from sg_alarm.local_aws.corrections.logs import KEPT
from sg_alarm.local_aws.corrections.sns import is_pending
from sg_alarm.local_aws.corrections.table import corrects

Properties = Mapping[str, Any]


@corrects("moto.cloudformation.parsing:clean_json")
def no_value_takes_an_element_out(original: Any, node: Any, resources: Any) -> Any:
    """AWS leaves out the element of a list that is AWS::NoValue.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html

    moto puts null in its place.
    """
    found = original(node, resources)
    return [one for one in found if one is not None] if isinstance(found, list) else found


@corrects("moto.cloudformation.models:yaml_tag_constructor")
@corrects("moto.cloudformation.responses:yaml_tag_constructor")
def conditions_have_a_short_form(original: Any, loader: Any, tag: str, node: Any) -> Any:
    """AWS takes ``!Condition`` for ``Condition``.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html

    moto takes it for ``Fn::Condition``, which is nothing: such a condition never holds.
    """
    return {"Condition": node.value} if tag == "!Condition" else original(loader, tag, node)


@corrects("moto.cloudformation.responses:CloudFormationResponse.describe_stack_resources")
@corrects("moto.cloudformation.responses:CloudFormationResponse.list_stack_resources")
def what_a_condition_leaves_out_is_no_resource(original: Any, response: Any) -> Any:
    """AWS lists the resources that a stack has.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html

    moto lists those, too, that a condition leaves out, without a name.
    """
    answer = original(response)
    for resources in answer.result.values():
        resources[:] = [
            one
            for one in resources
            if (one["LogicalResourceId"] if isinstance(one, Mapping) else one.logical_resource_id)
        ]
    return answer


@corrects("moto.kms.models:Key.create_from_cloudformation_json")
def policies_of_keys_are_texts(
    original: Any, name: str, declared: dict[str, Any], *place: str, **further: Any
) -> Any:
    """AWS answers a key's policy as a text of JSON, however the key was made.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html

    moto keeps the object that a template has for it, and answers that. It demands a policy, too.
    """
    policy = declared["Properties"].get("KeyPolicy")
    text = json.dumps(policy) if isinstance(policy, Mapping) else policy
    properties = {**declared["Properties"], "KeyPolicy": text}
    return original(name, {**declared, "Properties": properties}, *place, **further)


class _Resource:
    """A resource of a stack, of a type that moto's CloudFormation lacks; one subclass for each type."""

    name_property = ""
    """The property that names it; CloudFormation makes a name up where that is not set."""

    def __init__(self, name: str, properties: Properties, account: str, region: str) -> None:
        self.physical_resource_id = name
        self.properties, self.account, self.region = properties, account, region
        self.put()

    def put(self) -> None:
        """Create it, or bring it up to date."""
        raise NotImplementedError

    def delete(self, account: str, region: str) -> None:
        """Delete it."""
        raise NotImplementedError

    def is_created(self) -> bool:
        """Whether it is there: at once."""
        return True

    @classmethod
    def has_cfn_attr(cls, attribute: str) -> bool:
        """Whether templates may ask for an attribute."""
        return attribute == "Arn"

    def get_cfn_attribute(self, attribute: str) -> Any:
        """Return an attribute of it for Fn::GetAtt."""
        raise ValidationError(f"Template error: the resource does not support attribute type {attribute}")

    @classmethod
    def create_from_cloudformation_json(
        cls, name: str, declared: dict[str, Any], account: str, region: str, **further: Any
    ) -> Any:
        """Make one as it is declared. AWS would roll the stack back where that fails; here it is refused."""
        from moto.cloudformation.exceptions import ValidationError as Refusal

        try:
            return cls(name, declared["Properties"], account, region)
        except (_RESTError, ServiceException) as error:
            raise Refusal(message=f"Resource {name} cannot be made: {error}") from error

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, **place: str
    ) -> Any:
        """Make it as it is declared now, in the place of what it was."""
        account, region = place["account_id"], place["region_name"]
        properties = cloudformation_json["Properties"]
        named = cls.name_property in properties
        name = new_resource_name if named else original_resource.physical_resource_id
        original_resource.delete(account, region)
        return cls.create_from_cloudformation_json(name, {"Properties": properties}, account, region)


class _MetricFilter(_Resource):
    name_property = "FilterName"

    def put(self) -> None:
        backend, group = logs_backends[self.account][self.region], self.properties["LogGroupName"]
        transformations = [_lower(one) for one in self.properties["MetricTransformations"]]
        for one in transformations:
            if "dimensions" in one:
                one["dimensions"] = {pair["Key"]: pair["Value"] for pair in one["dimensions"]}
        backend.put_metric_filter(
            self.physical_resource_id, self.properties["FilterPattern"], group, transformations
        )
        kept = {name: value for name, value in _lower(self.properties).items() if name in KEPT}
        backend.filters.metric_filters[-1].update(kept)

    def delete(self, account: str, region: str) -> None:
        backend, group = logs_backends[account][region], self.properties["LogGroupName"]
        if group in backend.groups:  # else it went with its group: moto deletes in no order
            backend.delete_metric_filter(self.physical_resource_id, group)


class _Alarm(_Resource):
    name_property = "AlarmName"

    def put(self) -> None:
        given: Any = self.properties.get
        if given("Metrics"):
            raise ValidationError("the embedded AWS makes no alarm on metric math from a template")
        cloudwatch_backends[self.account][self.region].put_metric_alarm(
            name=self.physical_resource_id,
            namespace=given("Namespace"),
            metric_name=given("MetricName"),
            comparison_operator=given("ComparisonOperator"),
            evaluation_periods=int(given("EvaluationPeriods")),
            datapoints_to_alarm=given("DatapointsToAlarm"),
            period=int(given("Period")),
            threshold=float(given("Threshold")),
            statistic=given("Statistic"),
            extended_statistic=given("ExtendedStatistic"),
            description=given("AlarmDescription"),
            dimensions=given("Dimensions", []),
            alarm_actions=given("AlarmActions", []),
            ok_actions=given("OKActions", []),
            insufficient_data_actions=given("InsufficientDataActions", []),
            unit=given("Unit"),
            actions_enabled=str(given("ActionsEnabled", True)).lower() == "true",
            treat_missing_data=given("TreatMissingData"),
            evaluate_low_sample_count_percentile=given("EvaluateLowSampleCountPercentile"),
            tags=given("Tags", []),
        )

    def delete(self, account: str, region: str) -> None:
        cloudwatch_backends[account][region].delete_alarms([self.physical_resource_id])

    def get_cfn_attribute(self, attribute: str) -> Any:
        if attribute != "Arn":
            return super().get_cfn_attribute(attribute)
        return cloudwatch_backends[self.account][self.region].alarms[self.physical_resource_id].alarm_arn


_OF_SUBSCRIPTIONS = (
    "FilterPolicyScope",
    "FilterPolicy",
    "RawMessageDelivery",
    "RedrivePolicy",
    "DeliveryPolicy",
)


class _Subscription(_Resource):
    def put(self) -> None:
        backend, given = sns_backends[self.account][self.region], self.properties
        made = backend.subscribe(given["TopicArn"], given["Endpoint"], given["Protocol"])
        self.physical_resource_id = made.arn
        for name in _OF_SUBSCRIPTIONS:
            if name in given:
                backend.set_subscription_attributes(made.arn, name, _text(given[name]))

    def delete(self, account: str, region: str) -> None:
        backend = sns_backends[account][region]
        subscription = backend.subscriptions.get(self.physical_resource_id)
        # A pending one cannot be deleted. It ends with its topic, or after 48 hours.
        if subscription is not None and not is_pending(subscription):
            backend.unsubscribe(self.physical_resource_id)


class _TopicPolicy(_Resource):
    def put(self) -> None:
        for topic in self.properties["Topics"]:
            policy = json.dumps(self.properties["PolicyDocument"])
            sns_backends[self.account][self.region].set_topic_attribute(topic, "policy", policy)

    def delete(self, account: str, region: str) -> None:
        """Leave the policy, as AWS does: a topic is never without one."""


_LACKING: Mapping[str, type[_Resource]] = {
    "AWS::Logs::MetricFilter": _MetricFilter,
    "AWS::CloudWatch::Alarm": _Alarm,
    "AWS::SNS::Subscription": _Subscription,
    "AWS::SNS::TopicPolicy": _TopicPolicy,
}


@corrects("moto.cloudformation.parsing:resource_class_from_type")
def alarms_filters_subscriptions_and_topic_policies_are_made(original: Any, resource_type: str) -> Any:
    """AWS makes metric filters, alarms, subscriptions and policies of topics from templates.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html

    moto warns and leaves them out.
    """
    return _LACKING.get(resource_type) or original(resource_type)


@corrects("moto.cloudformation.parsing:resource_name_property_from_type")
def what_is_made_has_the_name_that_the_template_gives(original: Any, resource_type: str) -> Any:
    """AWS takes the name of a resource from the property for it, and makes one up without.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html

    moto knows the properties of its own types only.
    """
    made = _LACKING.get(resource_type)
    return made.name_property or None if made else original(resource_type)


def _lower(properties: Properties) -> dict[str, Any]:
    """Return properties under the names that the API of CloudWatch Logs has for them."""
    return {name[:1].lower() + name[1:]: value for name, value in properties.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
