"""SNS: a subscription by email or web is nothing until its owner confirms it."""

from __future__ import annotations

import secrets
from typing import Any

from moto.core.utils import ensure_boolean
from moto.sns.exceptions import InternalError, SNSInvalidParameter

from sg_alarm.local_aws import delivery, functions, queues
from sg_alarm.local_aws.corrections.table import corrects

NEEDS_CONFIRMATION = frozenset({"email", "email-json", "http", "https"})


def is_pending(subscription: Any) -> bool:
    """Whether nobody has confirmed the subscription yet."""
    return bool(subscription.attributes["PendingConfirmation"])


@corrects("moto.sns.models:SNSBackend.subscribe")
def confirmation_is_asked_for(
    original: Any, backend: Any, topic_arn: str, endpoint: str, protocol: str
) -> Any:
    """AWS sends a token to an email or web endpoint, and again when a pending one is subscribed again.

    Queues, functions, streams and phones of the same account are confirmed at once.
    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html

    moto confirms everything at once. That AWS drops a pending subscription after 48 hours is left out.
    """
    subscription = original(backend, topic_arn, endpoint, protocol)
    if protocol in NEEDS_CONFIRMATION:
        if not hasattr(subscription, "confirmation_token"):
            subscription.confirmation_token = secrets.token_hex(96)
            subscription.attributes["PendingConfirmation"] = True
            subscription.attributes["ConfirmationWasAuthenticated"] = False
        if is_pending(subscription):
            delivery.ask_for_confirmation(subscription)
    return subscription


@corrects("moto.sns.responses:SNSResponse.subscribe")
def arn_of_a_pending_subscription_is_not_returned(original: Any, response: Any) -> Any:
    """AWS answers "pending confirmation" for the ARN, unless ReturnSubscriptionArn is true.

    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html

    moto always answers the ARN.
    """
    result = original(response)
    subscription = response.backend.subscriptions[result.result["SubscriptionArn"]]
    if is_pending(subscription) and not ensure_boolean(response._get_param("ReturnSubscriptionArn", False)):
        result.result["SubscriptionArn"] = "pending confirmation"
    return result


@corrects("moto.sns.models:SNSBackend._validate_filter_policy")
def filter_policies_are_checked(original: Any, backend: Any, value: Any, scope: str | None) -> None:
    """AWS answers InvalidParameter to a filter policy that is no object, or has a number out of range.

    https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html

    moto answers 500.
    """
    if not isinstance(value, dict):
        raise SNSInvalidParameter("Invalid parameter: FilterPolicy: Filter policy must be an object")
    try:
        original(backend, value, scope)
    except InternalError as error:
        raise SNSInvalidParameter("Invalid parameter: FilterPolicy: a number is out of range") from error


@corrects("moto.sns.models:SNSBackend.set_subscription_attributes")
def filter_policies_are_json(original: Any, backend: Any, arn: str, name: str, value: Any) -> None:
    """AWS answers InvalidParameter to a filter policy that is not JSON.

    https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html

    moto answers 500.
    """
    try:
        original(backend, arn, name, value)
    except ValueError as error:
        raise SNSInvalidParameter("Invalid parameter: FilterPolicy: failed to parse JSON.") from error


@corrects("moto.sns.responses:SNSResponse.confirm_subscription")
def token_is_checked(original: Any, response: Any) -> Any:
    """AWS confirms with the token that was sent, and answers InvalidParameter to any other.

    https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html

    moto takes any token, confirms nothing and answers an ARN of nothing.
    """
    result = original(response)  # NotFound for an unknown topic
    topic = response.backend.topics[response._get_param("TopicArn")]
    for subscription in response.backend._get_topic_subscriptions(topic):
        if getattr(subscription, "confirmation_token", None) == response._get_param("Token"):
            subscription.attributes["PendingConfirmation"] = False
            subscription.attributes["ConfirmationWasAuthenticated"] = ensure_boolean(
                response._get_param("AuthenticateOnUnsubscribe", False)
            )
            result.result["SubscriptionArn"] = subscription.arn
            return result
    raise SNSInvalidParameter("Invalid parameter: Token")


@corrects("moto.sns.responses:SNSResponse.list_subscriptions")
@corrects("moto.sns.responses:SNSResponse.list_subscriptions_by_topic")
def pending_subscriptions_are_listed_as_such(original: Any, response: Any) -> Any:
    """AWS lists "PendingConfirmation" in place of the ARN.

    https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html

    moto lists an ARN for every one.
    """
    result = original(response)
    result.result["Subscriptions"] = [
        {
            "SubscriptionArn": "PendingConfirmation" if is_pending(subscription) else subscription.arn,
            "Owner": subscription.owner,
            "Protocol": subscription.protocol,
            "Endpoint": subscription.endpoint,
            "TopicArn": subscription.topic_arn,
        }
        for subscription in result.result["Subscriptions"]
    ]
    return result


@corrects("moto.sns.responses:SNSResponse.get_topic_attributes")
def subscriptions_are_counted(original: Any, response: Any) -> Any:
    """AWS counts a topic's confirmed, pending and deleted subscriptions.

    https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html

    moto answers 0 for each.
    """
    result = original(response)
    topic = response.backend.get_topic(response._get_param("TopicArn"))
    pending = [is_pending(s) for s in topic.sns_backend._get_topic_subscriptions(topic)]
    result.result["Attributes"]["SubscriptionsPending"] = pending.count(True)
    result.result["Attributes"]["SubscriptionsConfirmed"] = pending.count(False)
    return result


@corrects("moto.sns.models:SNSBackend.unsubscribe")
def deleted_subscriptions_are_counted(original: Any, backend: Any, subscription_arn: str) -> None:
    """AWS counts an unsubscribed subscription as deleted.

    https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html

    moto does not count.
    """
    subscription = backend.subscriptions.get(subscription_arn)
    original(backend, subscription_arn)
    if subscription:
        subscription.topic.subscriptions_deleted += 1


@corrects("moto.sns.models:SNSBackend.unsubscribe")
def pending_subscriptions_cannot_be_deleted(original: Any, backend: Any, subscription_arn: str) -> None:
    """AWS refuses to unsubscribe a pending subscription: it ends with its topic, or after 48 hours.

    https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html; Terraform's provider knows
    the message and forgets the subscription.

    moto deletes it.
    """
    subscription = backend.subscriptions.get(subscription_arn)
    if subscription and is_pending(subscription):
        raise SNSInvalidParameter(
            "Invalid parameter: SubscriptionArn Reason: "
            "Cannot unsubscribe a subscription that is pending confirmation"
        )
    original(backend, subscription_arn)


@corrects("moto.sns.models:Subscription.publish")
def only_confirmed_subscribers_are_notified(
    original: Any,
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    message_structure: str | None = None,
    **fifo: Any,
) -> None:
    """AWS delivers to confirmed subscriptions that the message passes the filter policy of.

    A queue or function has to let the topic in. A function is not run here: what it would get is in the
    outbox.
    https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
    https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-lambda-as-subscriber.html

    moto asks no policy, runs functions in containers, and sends no mail. It posts to web endpoints within the
    publisher's call, wherever they are, and fails the call with them, as it does where a queue is gone.
    """
    if is_pending(subscription):
        return
    if subscription.protocol == "sqs" and not queues.admits(
        subscription.endpoint, "sns", subscription.topic_arn
    ):
        return
    if subscription.protocol == "lambda" and not functions.admits(
        subscription.endpoint, "sns", subscription.topic_arn
    ):
        return
    if subscription.protocol not in {*NEEDS_CONFIRMATION, "lambda"}:
        original(
            subscription,
            message,
            message_id,
            subject=subject,
            message_attributes=message_attributes,
            message_structure=message_structure,
            **fifo,
        )
        return
    policy = subscription._filter_policy_matcher
    if policy is not None and not policy.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = subscription._parse_message_structure(message, subscription.protocol)
    delivery.notify(subscription, message, message_id, subject)


_KEYS: list[Any] = []


@corrects("moto.sns.models:Subscription.private_key")
def messages_are_signed_with_one_key(original: Any, subscription: Any) -> Any:
    """AWS signs the messages of all topics of a region with one key.

    https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

    moto makes a key for each subscription, which delays its first message by a tenth of a second or more.
    """
    if not _KEYS:
        _KEYS.append(original(subscription))
    return _KEYS[0]
