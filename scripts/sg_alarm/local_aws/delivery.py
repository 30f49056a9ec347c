"""What SNS sends to email and web endpoints. Imports moto's web framework.

Everything goes to the outbox. Web endpoints on this machine are posted to as well; nothing ever leaves
the machine.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import threading
import uuid
from datetime import datetime, timezone
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import flask

from sg_alarm.local_aws import alarm_mail
from sg_alarm.local_aws.outbox import Mail, Outbox

OUTBOX = Outbox()

_TIMEOUT = 5.0


def ask_for_confirmation(subscription: Any) -> None:
    """Send the token that confirms a subscription, and a link that does so."""
    token, topic_arn = subscription.confirmation_token, subscription.topic.arn
    query = urlencode({"Action": "ConfirmSubscription", "TopicArn": topic_arn, "Token": token})
    link = f"{flask.request.host_url}?{query}"
    text = f"You have chosen to subscribe to the topic:\n{topic_arn}\n\nTo confirm, visit:\n{link}\n"
    mail_id = str(uuid.uuid4())
    if subscription.protocol == "email":
        body = text
    else:
        body = json.dumps(
            {
                "Type": "SubscriptionConfirmation",
                "MessageId": mail_id,
                "Token": token,
                "TopicArn": topic_arn,
                "Message": text,
                "SubscribeURL": link,
                "Timestamp": _now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            },
            indent=2,
        )
    _send(mail_id, subscription, "AWS Notification - Subscription Confirmation", body, "confirmation", token)


def notify(subscription: Any, message: str, message_id: str, subject: str | None) -> None:
    """Send a published message to one confirmed subscriber."""
    if subscription.protocol == "email":
        body = alarm_mail.text_of(message)
    elif subscription.attributes.get("RawMessageDelivery"):
        body = message
    else:
        body = json.dumps(subscription.get_post_data(message, message_id, subject), indent=2)
    _send(message_id, subscription, subject or "AWS Notification Message", body, "notification")


def _send(
    mail_id: str,
    subscription: Any,
    subject: str,
    body: str,
    kind: Literal["confirmation", "notification"],
    token: str | None = None,
) -> None:
    mail = Mail(
        id=mail_id,
        to=subscription.endpoint,
        protocol=subscription.protocol,
        topic_arn=subscription.topic.arn,
        subject=subject,
        body=body,
        kind=kind,
        sent_at=_now(),
        token=token,
    )
    OUTBOX.put(mail)
    if mail.protocol == "http" and _is_this_machine(mail.to):
        # Not in the publisher's own call: a slow or dead endpoint is no error of Publish on AWS either.
        threading.Thread(target=_post, args=(mail,), daemon=True).start()


def _post(mail: Mail) -> None:
    url = urlsplit(mail.to)
    kind = {"confirmation": "SubscriptionConfirmation", "notification": "Notification"}[mail.kind]
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": mail.id,
        "x-amz-sns-topic-arn": mail.topic_arn,
    }
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    # Failures are let go: AWS would try again for a while and then give up. The outbox has the message.
    with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=_TIMEOUT)
        with contextlib.closing(connection):
            connection.request("POST", path, mail.body.encode(), headers)
            connection.getresponse().read()


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _now() -> datetime:
    return datetime.now(timezone.utc)
