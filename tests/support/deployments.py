"""The examples as the tests deploy them: inputs, what must stand before, and a region each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import tftest

from sg_alarm.local_aws import LocalAws

ACCOUNT = "123456789012"
LOG_GROUP = "CloudTrail/existing"
ORGANIZATION = "o-a1b2c3d4e5"


@dataclass(frozen=True)
class Example:
    """One root module of examples/. Its own region keeps its names apart from the other examples'."""

    name: str
    region: str
    variables: dict[str, Any]
    prepare: Callable[[LocalAws, str], None] = lambda aws, region: None


def _log_group(aws: LocalAws, region: str) -> None:
    aws.client("logs", region).create_log_group(logGroupName=LOG_GROUP)


def _queues(aws: LocalAws, region: str) -> None:
    # By API: the provider waits 25 s for a queue of its own.
    _log_group(aws, region)
    for name in ("tickets", "undelivered"):
        aws.client("sqs", region).create_queue(QueueName=name)


def _topic(aws: LocalAws, region: str) -> None:
    _log_group(aws, region)
    sns = aws.client("sns", region)
    arn = sns.create_topic(Name="alarms", Tags=[{"Key": "owner", "Value": "somebody else"}])["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy_of_existing_topic(region))
    )


def policy_of_existing_topic(region: str) -> dict[str, Any]:
    """The policy that the owner of the existing topic set."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OwnersStatement",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": f"arn:aws:sns:{region}:{ACCOUNT}:alarms",
            }
        ],
    }


EXAMPLES = {
    example.name: example
    for example in (
        Example(
            "minimal",
            "eu-west-1",
            {"log_group_name": LOG_GROUP, "email_address": "security@example.com"},
            _log_group,
        ),
        Example(
            "complete",
            "eu-central-1",
            {
                "log_group_name": LOG_GROUP,
                "account_id": ACCOUNT,
                "email_addresses": ["a@example.com", "b@example.com"],
                "queue_arn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:tickets",
                "dead_letter_queue_arn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:undelivered",
                "webhook_url": "https://hooks.example.com/sns",
            },
            _queues,
        ),
        Example(
            "existing-topic",
            "eu-north-1",
            {"log_group_name": LOG_GROUP, "topic_arn": f"arn:aws:sns:eu-north-1:{ACCOUNT}:alarms"},
            _topic,
        ),
        Example("new-trail", "us-east-1", {"email_addresses": ["security@example.com"]}),
        Example(
            "organization",
            "us-west-2",
            {"email_addresses": ["security@example.com"], "organization_id": ORGANIZATION},
        ),
    )
}


class Deployment:
    """One example in a working folder of its own, initialised and first planned once; all by tftest."""

    def __init__(
        self, example: Example, aws: LocalAws, workspace: Path, binary: str, environment: dict[str, str]
    ) -> None:
        self.example = example
        self.aws = aws
        self.terraform = tftest.TerraformTest(
            str(workspace / "examples" / example.name), binary=binary, env=environment
        )
        self.variables = {**example.variables, "region": example.region}

    def client(self, service: str) -> Any:
        """Return a boto3 client for the example's region."""
        return self.aws.client(service, self.example.region)

    @cached_property
    def first_plan(self) -> tftest.TerraformPlanOutput:
        """The plan before anything is applied."""
        self.example.prepare(self.aws, self.example.region)
        self.terraform.setup(cleanup_on_exit=False)
        return self.plan()

    def plan(self) -> tftest.TerraformPlanOutput:
        """Run `terraform plan` and read it."""
        return self.terraform.plan(output=True, tf_vars=self.variables)

    def apply(self) -> None:
        """Run `terraform apply`."""
        self.terraform.apply(tf_vars=self.variables)

    def destroy(self) -> None:
        """Run `terraform destroy`."""
        self.terraform.destroy(tf_vars=self.variables)

    @property
    def state(self) -> list[dict[str, Any]]:
        """The resources that Terraform says it holds."""
        return list(self.terraform.state_pull()["resources"])
