"""SNS subscriptions and what their owners get."""

from __future__ import annotations

import http.server
import json
import queue
import re
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from sg_alarm.local_aws import LocalAws

OPS = "ops@example.com"


@pytest.fixture
def sns(aws: LocalAws) -> Any:
    return aws.client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name="alarms")["TopicArn"])


@pytest.fixture
def webhook() -> Iterator[tuple[str, queue.Queue[tuple[str, dict[str, Any]]]]]:
    """A web endpoint on this machine, and what was posted to it: message type and body."""
    posted: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.put((self.headers["x-amz-sns-message-type"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook", posted
        server.shutdown()


def counts(sns: Any, topic: str) -> tuple[str, str, str]:
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    pending, confirmed = attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]
    return pending, confirmed, attributes["SubscriptionsDeleted"]


def subscribe(sns: Any, topic: str, protocol: str = "email", endpoint: str = OPS, **attributes: str) -> str:
    return str(
        sns.subscribe(
            TopicArn=topic,
            Protocol=protocol,
            Endpoint=endpoint,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
    )


def confirm(aws: LocalAws, topic: str, to: str = OPS) -> None:
    token = aws.outbox(to)[-1].token
    aws.client("sns").confirm_subscription(TopicArn=topic, Token=token)


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("email", OPS),
        ("email-json", OPS),
        ("http", "http://hooks.example.com/"),
        ("https", "https://hooks.example.com/"),
    ],
)
class TestBeforeConfirmation:
    def test_the_arn_is_not_returned_unless_asked_for(
        self, sns: Any, topic: str, protocol: str, endpoint: str
    ) -> None:
        answer = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        assert answer["SubscriptionArn"] == "pending confirmation"
        assert subscribe(sns, topic, protocol, endpoint).startswith(f"{topic}:")

    def test_it_is_listed_and_counted_as_pending(
        self, sns: Any, topic: str, protocol: str, endpoint: str
    ) -> None:
        arn = subscribe(sns, topic, protocol, endpoint)
        expected = {
            "SubscriptionArn": "PendingConfirmation",
            "Owner": "123456789012",
            "Protocol": protocol,
            "Endpoint": endpoint,
            "TopicArn": topic,
        }
        assert sns.list_subscriptions()["Subscriptions"] == [expected]
        assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == [expected]
        assert counts(sns, topic) == ("1", "0", "0")
        attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        assert attributes["PendingConfirmation"] == "true"
        assert attributes["ConfirmationWasAuthenticated"] == "false"

    def test_a_message_with_token_and_topic_asks_for_it(
        self, aws: LocalAws, sns: Any, topic: str, protocol: str, endpoint: str
    ) -> None:
        subscribe(sns, topic, protocol, endpoint)
        (mail,) = aws.outbox(endpoint)
        assert (mail.kind, mail.protocol, mail.topic_arn) == ("confirmation", protocol, topic)
        assert mail.token
        assert mail.token in mail.body
        assert topic in mail.body

    def test_nothing_is_delivered(
        self, aws: LocalAws, sns: Any, topic: str, protocol: str, endpoint: str
    ) -> None:
        subscribe(sns, topic, protocol, endpoint)
        sns.publish(TopicArn=topic, Message="a group was changed")
        assert [mail.kind for mail in aws.outbox()] == ["confirmation"]

    def test_it_cannot_be_unsubscribed_and_ends_with_its_topic(
        self, sns: Any, topic: str, refused: Any, protocol: str, endpoint: str
    ) -> None:
        arn = subscribe(sns, topic, protocol, endpoint)
        with refused("InvalidParameter", "Cannot unsubscribe a subscription that is pending confirmation"):
            sns.unsubscribe(SubscriptionArn=arn)
        sns.delete_topic(TopicArn=topic)
        assert sns.list_subscriptions()["Subscriptions"] == []

    def test_subscribing_again_asks_again(
        self, aws: LocalAws, sns: Any, topic: str, protocol: str, endpoint: str
    ) -> None:
        assert subscribe(sns, topic, protocol, endpoint) == subscribe(sns, topic, protocol, endpoint)
        assert [mail.kind for mail in aws.outbox()] == ["confirmation", "confirmation"]
        assert counts(sns, topic) == ("1", "0", "0")


class TestConfirmation:
    def test_the_token_confirms(self, aws: LocalAws, sns: Any, topic: str) -> None:
        arn = subscribe(sns, topic)
        answer = sns.confirm_subscription(TopicArn=topic, Token=aws.outbox()[0].token)
        assert answer["SubscriptionArn"] == arn
        assert [s["SubscriptionArn"] for s in sns.list_subscriptions()["Subscriptions"]] == [arn]
        assert counts(sns, topic) == ("0", "1", "0")

    def test_any_other_token_is_refused(self, sns: Any, topic: str, refused: Any) -> None:
        subscribe(sns, topic)
        with refused("InvalidParameter", "Invalid parameter: Token"):
            sns.confirm_subscription(TopicArn=topic, Token="0" * 192)
        assert counts(sns, topic) == ("1", "0", "0")

    def test_the_token_of_another_topic_is_refused(
        self, aws: LocalAws, sns: Any, topic: str, refused: Any
    ) -> None:
        subscribe(sns, topic)
        other = sns.create_topic(Name="other")["TopicArn"]
        with refused("InvalidParameter", "Invalid parameter: Token"):
            sns.confirm_subscription(TopicArn=other, Token=aws.outbox()[0].token)

    def test_an_unknown_topic_is_not_found(self, sns: Any, topic: str, refused: Any) -> None:
        with refused("NotFound", "Topic does not exist"):
            sns.confirm_subscription(TopicArn=f"{topic}-gone", Token="0" * 192)

    @pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
    def test_the_link_in_the_mail_confirms_without_credentials(self, aws: LocalAws, region: str) -> None:
        sns = aws.client("sns", region)
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        subscribe(sns, topic)
        link = re.search(r"http://\S+", aws.outbox()[0].body)
        assert link
        urllib.request.urlopen(link[0]).close()
        assert counts(sns, topic) == ("0", "1", "0")

    def test_without_authentication_on_unsubscribe_it_is_not_authenticated(
        self, aws: LocalAws, sns: Any, topic: str
    ) -> None:
        arn = subscribe(sns, topic)
        token = aws.outbox()[0].token
        for asked in ("false", "true"):
            sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe=asked)
            attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
            assert attributes["ConfirmationWasAuthenticated"] == asked
            assert attributes["PendingConfirmation"] == "false"

    def test_subscribing_again_after_it_asks_for_nothing(self, aws: LocalAws, sns: Any, topic: str) -> None:
        arn = subscribe(sns, topic)
        confirm(aws, topic)
        answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=OPS)
        assert answer["SubscriptionArn"] == arn
        assert len(aws.outbox()) == 1

    @pytest.mark.parametrize(
        ("protocol", "endpoint"),
        [
            ("sqs", "arn:aws:sqs:eu-west-1:123456789012:queue"),
            ("lambda", "arn:aws:lambda:eu-west-1:123456789012:function:tell"),
            ("sms", "+447000000001"),
            ("firehose", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/changes"),
        ],
    )
    def test_endpoints_of_the_account_need_none(
        self, aws: LocalAws, sns: Any, topic: str, protocol: str, endpoint: str
    ) -> None:
        answer = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        assert answer["SubscriptionArn"].startswith(f"{topic}:")
        assert counts(sns, topic) == ("0", "1", "0")
        assert aws.outbox() == []

    def test_unsubscribed_ones_are_counted_as_deleted(self, aws: LocalAws, sns: Any, topic: str) -> None:
        arn = subscribe(sns, topic)
        confirm(aws, topic)
        for _ in range(2):  # the second finds nothing to delete
            sns.unsubscribe(SubscriptionArn=arn)
        assert counts(sns, topic) == ("0", "0", "1")


class TestDelivery:
    def test_each_confirmed_address_gets_the_message(self, aws: LocalAws, sns: Any, topic: str) -> None:
        for address in (OPS, "audit@example.com"):
            subscribe(sns, topic, endpoint=address)
            confirm(aws, topic, address)
        subscribe(sns, topic, endpoint="pending@example.com")
        sent = sns.publish(TopicArn=topic, Subject="ALARM", Message="a group was changed")["MessageId"]
        mails = [mail for mail in aws.outbox() if mail.kind == "notification"]
        assert [mail.to for mail in mails] == [OPS, "audit@example.com"]
        for mail in mails:
            assert (mail.id, mail.subject, mail.body) == (sent, "ALARM", "a group was changed")
            assert mail.token is None

    def test_a_message_without_subject_gets_that_of_aws(self, aws: LocalAws, sns: Any, topic: str) -> None:
        subscribe(sns, topic)
        confirm(aws, topic)
        sns.publish(TopicArn=topic, Message="a group was changed")
        assert aws.outbox()[-1].subject == "AWS Notification Message"

    def test_email_json_carries_the_whole_message(self, aws: LocalAws, sns: Any, topic: str) -> None:
        subscribe(sns, topic, "email-json")
        confirm(aws, topic)
        sns.publish(TopicArn=topic, Subject="ALARM", Message="a group was changed")
        body = json.loads(aws.outbox()[-1].body)
        assert (body["Type"], body["TopicArn"]) == ("Notification", topic)
        assert (body["Subject"], body["Message"]) == ("ALARM", "a group was changed")

    def test_a_filter_policy_holds_messages_back(self, aws: LocalAws, sns: Any, topic: str) -> None:
        subscribe(sns, topic, FilterPolicy='{"state": ["ALARM"]}')
        confirm(aws, topic)
        for state in ("OK", "ALARM"):
            attributes = {"state": {"DataType": "String", "StringValue": state}}
            sns.publish(TopicArn=topic, Message=state, MessageAttributes=attributes)
        assert [mail.body for mail in aws.outbox() if mail.kind == "notification"] == ["ALARM"]

    def test_a_message_per_protocol_reaches_the_right_one(self, aws: LocalAws, sns: Any, topic: str) -> None:
        subscribe(sns, topic)
        confirm(aws, topic)
        message = json.dumps({"default": "short", "email": "long"})
        sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
        assert aws.outbox()[-1].body == "long"

    def test_a_queue_gets_it_once_its_policy_lets_the_topic_in(
        self, aws: LocalAws, sns: Any, topic: str
    ) -> None:
        sqs, queue_arn = aws.client("sqs"), "arn:aws:sqs:eu-west-1:123456789012:changes"
        url = sqs.create_queue(QueueName="changes")["QueueUrl"]
        subscribe(sns, topic, "sqs", queue_arn)
        sns.publish(TopicArn=topic, Message="nobody hears this")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sns.publish(TopicArn=topic, Message="a group was changed")
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"])["Message"] == "a group was changed"
        assert aws.outbox() == []

    def test_a_queue_that_is_gone_does_not_fail_the_publisher(
        self, aws: LocalAws, sns: Any, topic: str
    ) -> None:
        subscribe(sns, topic, "sqs", "arn:aws:sqs:eu-west-1:123456789012:gone")
        assert sns.publish(TopicArn=topic, Message="a group was changed")["MessageId"]

    def test_a_web_endpoint_on_this_machine_is_posted_to(
        self,
        aws: LocalAws,
        sns: Any,
        topic: str,
        webhook: tuple[str, queue.Queue[tuple[str, dict[str, Any]]]],
    ) -> None:
        url, posted = webhook
        subscribe(sns, topic, "http", url)
        kind, body = posted.get(timeout=600)
        assert kind == body["Type"] == "SubscriptionConfirmation"
        assert body["Token"] == aws.outbox(url)[0].token
        urllib.request.urlopen(body["SubscribeURL"]).close()

        sns.publish(TopicArn=topic, Message="a group was changed")
        kind, body = posted.get(timeout=600)
        assert kind == body["Type"] == "Notification"
        assert body["Message"] == "a group was changed"

    def test_a_dead_web_endpoint_does_not_fail_the_publisher(
        self, aws: LocalAws, sns: Any, topic: str
    ) -> None:
        url = "http://127.0.0.1:1/"
        subscribe(sns, topic, "http", url)
        confirm(aws, topic, url)
        assert sns.publish(TopicArn=topic, Message="a group was changed")["MessageId"]
        assert [mail.kind for mail in aws.outbox(url)] == ["confirmation", "notification"]
