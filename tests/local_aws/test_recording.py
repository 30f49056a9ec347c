"""API calls become CloudTrail events: in the log group, and in the event history."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chains import ACCOUNT, GROUP_ARN, REGION, Chain
from sg_alarm.local_aws import LocalAws
from sg_alarm.rule import events
from sg_alarm.rule.operations import ELEVEN

RULES = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
DESCRIBED = [{**RULES[0], "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "office"}]}]


@pytest.fixture
def chain(aws: LocalAws) -> Chain:
    return Chain(aws).build()


@pytest.fixture
def group(chain: Chain) -> str:
    """A security group without rules, and the alarm at rest again."""
    vpc = chain.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = chain.client("ec2").create_security_group(GroupName="web", Description="web servers", VpcId=vpc)
    group = str(made["GroupId"])
    chain.client("ec2").revoke_security_group_egress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    return group


def at_rest(chain: Chain) -> None:
    chain.aws.advance(1200)
    assert chain.state() == "OK"
    chain.messages()


def call(chain: Chain, operation: str, group: str) -> None:
    """Call one of the eleven operations; what it needs is made before, with the alarm at rest again."""
    ec2 = chain.client("ec2")
    if operation == "CreateSecurityGroup":
        at_rest(chain)
        ec2.create_security_group(GroupName="another", Description="web servers")
        return
    parameters: dict[str, Any] = {"GroupId": group}
    direction = "egress" if operation.endswith("Egress") else "ingress"
    if operation.startswith("Authorize"):
        parameters["IpPermissions"] = RULES
    elif operation.startswith(("Revoke", "Update", "Modify")):
        made = getattr(ec2, f"authorize_security_group_{direction}")(GroupId=group, IpPermissions=RULES)
        parameters["IpPermissions"] = DESCRIBED if operation.startswith("Update") else RULES
        if operation.startswith("Modify"):
            rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}
            rule_id = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
            del parameters["IpPermissions"]
            parameters["SecurityGroupRules"] = [{"SecurityGroupRuleId": rule_id, "SecurityGroupRule": rule}]
    elif operation.endswith("Vpc"):
        parameters["VpcId"] = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        if operation.startswith("Disassociate"):
            ec2.associate_security_group_vpc(**parameters)
    at_rest(chain)
    getattr(ec2, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(**parameters)


def outline(value: Any) -> Any:
    """Return the names and types in an event, without the values that differ from call to call."""
    if isinstance(value, dict):
        return {name: outline(inner) for name, inner in value.items()}
    return [outline(inner) for inner in value] if isinstance(value, list) else type(value).__name__


@pytest.mark.parametrize("operation", ELEVEN)
def test_each_of_the_eleven_operations_is_recorded_and_fires(
    chain: Chain, group: str, operation: str
) -> None:
    call(chain, operation, group)
    event = chain.recorded(operation)[-1]
    expected = events.event(operation, events.Caller.ROOT, REGION)
    assert {name: event[name] for name in ("eventSource", "awsRegion", "readOnly", "eventType")} == {
        "eventSource": "ec2.amazonaws.com",
        "awsRegion": REGION,
        "readOnly": False,
        "eventType": "AwsApiCall",
    }
    assert "errorCode" not in event
    assert event.keys() >= expected.keys() - {"tlsDetails"}
    if operation == "CreateSecurityGroup":
        del expected["requestParameters"]["vpcId"]
    assert outline(event["requestParameters"]) == outline(expected["requestParameters"])
    assert outline(event["responseElements"]).keys() >= expected["responseElements"].keys()
    assert len(chain.messages()) == 1


def test_the_values_of_a_request_and_its_response_are_reported(chain: Chain, group: str) -> None:
    ec2 = chain.client("ec2")
    rule = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=RULES)["SecurityGroupRules"][0]
    (event,) = chain.recorded("AuthorizeSecurityGroupIngress")
    assert event["requestParameters"] == {
        "groupId": group,
        "ipPermissions": {
            "items": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 22,
                    "toPort": 22,
                    "groups": {},
                    "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
                    "ipv6Ranges": {},
                    "prefixListIds": {},
                }
            ]
        },
    }
    (reported,) = event["responseElements"]["securityGroupRuleSet"]["items"]
    assert reported["securityGroupRuleId"] == rule["SecurityGroupRuleId"]
    assert (reported["isEgress"], reported["fromPort"]) == (False, 22)
    assert event["responseElements"]["_return"] is True
    assert event["sourceIPAddress"] == "127.0.0.1"
    assert event["userAgent"].startswith("Boto3/")
    assert event["recipientAccountId"] == ACCOUNT


def test_a_failed_call_carries_its_error(chain: Chain) -> None:
    with pytest.raises(ClientError):
        chain.client("ec2").delete_security_group(GroupId="sg-00000000000000000")
    (event,) = chain.recorded("DeleteSecurityGroup")
    assert event["errorCode"] == "Client.InvalidGroup.NotFound"
    assert "sg-00000000000000000" in event["errorMessage"]
    assert event["requestParameters"] == {"groupId": "sg-00000000000000000"}
    assert event["responseElements"] is None


def test_reads_are_recorded_as_such_and_data_events_not_at_all(chain: Chain) -> None:
    chain.client("ec2").describe_security_groups()
    chain.client("sns").publish(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", Message="hello")
    (event,) = chain.recorded("DescribeSecurityGroups")
    assert event["readOnly"] is True
    assert event["responseElements"] is None
    assert chain.recorded("Publish") == []
    assert chain.recorded("PutLogEvents") == []


def test_calls_of_other_services_are_recorded_too(chain: Chain) -> None:
    chain.client("sns").create_topic(Name="other")
    chain.client("logs").put_retention_policy(logGroupName="CloudTrail/logs", retentionInDays=90)
    sources = {event["eventName"]: event["eventSource"] for event in chain.recorded()}
    assert sources["CreateTopic"] == "sns.amazonaws.com"
    assert sources["PutMetricAlarm"] == "monitoring.amazonaws.com"
    (event,) = chain.recorded("PutRetentionPolicy")
    assert event["requestParameters"] == {"logGroupName": "CloudTrail/logs", "retentionInDays": 90}


# --- who called


def client_of(aws: LocalAws, credentials: dict[str, Any], service: str = "ec2") -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


def access_key(chain: Chain) -> dict[str, Any]:
    chain.client("iam").create_user(UserName="alice")
    key: dict[str, Any] = chain.client("iam").create_access_key(UserName="alice")["AccessKey"]
    return key


def test_an_unknown_key_is_the_root_user_s(chain: Chain) -> None:
    chain.open()
    (event,) = chain.recorded("AuthorizeSecurityGroupIngress")
    identity = event["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("Root", f"arn:aws:iam::{ACCOUNT}:root")


def test_a_user_is_named(chain: Chain) -> None:
    key = access_key(chain)
    client_of(chain.aws, key).create_security_group(GroupName="web", Description="web servers")
    identity = chain.recorded("CreateSecurityGroup")[0]["userIdentity"]
    assert identity == {
        "type": "IAMUser",
        "principalId": chain.client("iam").get_user(UserName="alice")["User"]["UserId"],
        "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "accountId": ACCOUNT,
        "accessKeyId": key["AccessKeyId"],
        "userName": "alice",
    }


def test_a_session_names_its_role(chain: Chain) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/deployment"
    session = chain.client("sts").assume_role(RoleArn=role, RoleSessionName="deploy")["Credentials"]
    client_of(chain.aws, session).create_security_group(GroupName="web", Description="web servers")
    identity = chain.recorded("CreateSecurityGroup")[0]["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deployment/deploy"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == role
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "deployment"


@pytest.fixture
def denied(chain: Chain) -> Iterator[Any]:
    """An EC2 client of a user without permissions; moto asks IAM as long as the test runs."""

    def free_calls(count: int) -> None:
        request = urllib.request.Request(
            f"{chain.aws.endpoint}/moto-api/reset-auth", str(count).encode(), {"Content-Type": "text/plain"}
        )
        urllib.request.urlopen(request).close()

    client = client_of(chain.aws, access_key(chain))
    free_calls(0)
    # What the test asks afterwards is free again.
    client.meta.events.register("after-call", lambda **_: free_calls(10**9))
    yield client
    free_calls(10**9)


def test_a_denied_change_is_recorded_and_fires(chain: Chain, denied: Any) -> None:
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        denied.create_security_group(GroupName="web", Description="web servers")
    (event,) = chain.recorded("CreateSecurityGroup")
    assert event["errorCode"] == "Client.UnauthorizedOperation"
    assert event["errorMessage"].startswith("You are not authorized to perform this operation.")
    assert event["userIdentity"]["userName"] == "alice"
    assert event["responseElements"] is None
    assert len(chain.messages()) == 1


# --- other accounts


def test_an_organization_trail_records_members(chain: Chain) -> None:
    organizations = chain.client("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    made = organizations.create_account(AccountName="member", Email="member@example.com")
    member = made["CreateAccountStatus"]["AccountId"]
    session = chain.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole", RoleSessionName="deploy"
    )["Credentials"]
    ec2 = client_of(chain.aws, session)

    ec2.create_security_group(GroupName="before", Description="web servers")
    assert chain.recorded("CreateSecurityGroup") == []

    chain.client("cloudtrail").update_trail(Name="trail", IsOrganizationTrail=True)
    ec2.create_security_group(GroupName="web", Description="web servers")
    (event,) = chain.recorded("CreateSecurityGroup")
    assert event["recipientAccountId"] == member
    streams = chain.client("logs").describe_log_streams(logGroupName="CloudTrail/logs")["logStreams"]
    assert f"{organization}_{member}_CloudTrail_{REGION}" in [each["logStreamName"] for each in streams]
    assert len(chain.messages()) == 1


def test_two_trails_record_each_for_itself(chain: Chain) -> None:
    chain.client("cloudtrail").create_trail(
        Name="second", S3BucketName="trail-bucket", CloudWatchLogsLogGroupArn=GROUP_ARN
    )
    chain.client("cloudtrail").start_logging(Name="second")
    chain.open()
    assert len(chain.recorded("AuthorizeSecurityGroupIngress")) == 2


# --- event history


def names(chain: Chain, **query: Any) -> list[str]:
    found = chain.client("cloudtrail").lookup_events(**query)["Events"]
    return [event["EventName"] for event in found]


def by(attribute: str, value: str) -> list[dict[str, str]]:
    return [{"AttributeKey": attribute, "AttributeValue": value}]


CHANGES = {"LookupAttributes": by("EventName", "AuthorizeSecurityGroupIngress")}


def test_events_can_be_looked_up_without_any_trail(aws: LocalAws) -> None:
    chain = Chain(aws)
    before = aws.now().replace(microsecond=0)  # the API knows whole seconds
    chain.open()
    (found,) = chain.client("cloudtrail").lookup_events(**CHANGES)["Events"]
    event = json.loads(found["CloudTrailEvent"])
    assert (found["EventId"], found["EventSource"]) == (event["eventID"], "ec2.amazonaws.com")
    assert (found["ReadOnly"], found["Username"]) == ("false", "root")
    assert {"ResourceType": "AWS::EC2::SecurityGroup", "ResourceName": chain.group_id} in found["Resources"]
    assert before <= found["EventTime"] <= aws.now()


def test_events_are_looked_up_newest_first_page_by_page(aws: LocalAws) -> None:
    chain = Chain(aws)
    for port in (22, 23, 24):
        chain.open(port)
    cloudtrail = chain.client("cloudtrail")
    pages = [cloudtrail.lookup_events(**CHANGES, MaxResults=2)]
    pages.append(cloudtrail.lookup_events(**CHANGES, MaxResults=2, NextToken=pages[0]["NextToken"]))
    ports = [
        json.loads(event["CloudTrailEvent"])["requestParameters"]["fromPort"]
        for page in pages
        for event in page["Events"]
    ]
    assert ports == [24, 23, 22]
    assert "NextToken" not in pages[1]


@pytest.mark.parametrize(
    ("attribute", "value", "others"),
    [
        ("EventName", "AuthorizeSecurityGroupIngress", "DeleteSecurityGroup"),
        ("EventSource", "ec2.amazonaws.com", "iam.amazonaws.com"),
        ("ReadOnly", "false", "maybe"),
        ("Username", "root", "alice"),
        ("ResourceType", "AWS::EC2::SecurityGroup", "AWS::EC2::Instance"),
    ],
)
def test_events_are_looked_up_by_attribute(aws: LocalAws, attribute: str, value: str, others: str) -> None:
    chain = Chain(aws)
    chain.open()
    assert "AuthorizeSecurityGroupIngress" in names(chain, LookupAttributes=by(attribute, value))
    assert names(chain, LookupAttributes=by(attribute, others)) == []


def test_one_event_is_looked_up_by_its_id(aws: LocalAws) -> None:
    chain = Chain(aws)
    chain.open()
    (found,) = chain.client("cloudtrail").lookup_events(**CHANGES)["Events"]
    assert names(chain, LookupAttributes=by("EventId", found["EventId"])) == ["AuthorizeSecurityGroupIngress"]


def test_events_are_looked_up_by_time_and_forgotten_after_90_days(aws: LocalAws) -> None:
    chain = Chain(aws)
    before = aws.now() - timedelta(seconds=1)  # the API knows whole seconds
    chain.open()
    after = aws.advance(3600)
    assert len(names(chain, **CHANGES)) == 1
    assert len(names(chain, **CHANGES, StartTime=before, EndTime=after)) == 1
    assert names(chain, **CHANGES, StartTime=after) == []
    assert names(chain, **CHANGES, EndTime=before) == []
    for _ in range(13):
        aws.advance(7 * 24 * 3600)
    assert names(chain, **CHANGES) == []


def test_the_history_is_of_one_region(aws: LocalAws) -> None:
    chain = Chain(aws)
    chain.open(region="us-east-1")
    assert names(chain, **CHANGES) == []
    assert len(chain.client("cloudtrail", "us-east-1").lookup_events(**CHANGES)["Events"]) == 1


def test_one_lookup_attribute_is_taken(aws: LocalAws, refused: Any) -> None:
    attributes = by("EventName", "x") + by("EventSource", "y")
    with refused("InvalidLookupAttributesException", "one lookup attribute"):
        aws.client("cloudtrail").lookup_events(LookupAttributes=attributes)
