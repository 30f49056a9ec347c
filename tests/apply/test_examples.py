"""Every example, applied by real Terraform and the real provider on the embedded AWS and seen by boto3."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from deployments import ACCOUNT, EXAMPLES, LOG_GROUP, ORGANIZATION, Deployment, policy_of_existing_topic

SIX_OPERATIONS = (
    "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || "
    "($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || "
    "($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
)
SEVEN_OPERATIONS = SIX_OPERATIONS.removesuffix(" }") + " || ($.eventName = ModifySecurityGroupRules) }"
NEW_TRAIL_EXAMPLES = {"new-trail": "management-events", "organization": "organization-events"}


@pytest.fixture(scope="module")
def deployments(examples):
    """All examples, planned and applied side by side, and planned a second time."""

    def deploy(deployment):
        assert deployment.first_plan.resource_changes
        deployment.apply()
        return deployment.plan()

    # The slowest first: the provider waits a minute for a bucket's life-cycle rules.
    order = sorted(examples, key=lambda name: name not in NEW_TRAIL_EXAMPLES)
    with ThreadPoolExecutor(3) as pool:
        second_plans = {name: pool.submit(deploy, examples[name]) for name in order}
    for name, plan in second_plans.items():
        examples[name].second_plan = plan.result()
    return examples


@pytest.fixture(params=EXAMPLES)
def deployment(request, deployments):
    return deployments[request.param]


def filters_of(deployment, group):
    filters = deployment.client("logs").describe_metric_filters(logGroupName=group)["metricFilters"]
    return {found["filterName"]: found for found in filters}


def alarms_of(deployment):
    return deployment.client("cloudwatch").describe_alarms()["MetricAlarms"]


def test_a_second_plan_changes_nothing(deployment):
    actions = {
        address: change["change"]["actions"]
        for address, change in deployment.second_plan.resource_changes.items()
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
    assert actions == {}


def test_minimal_deploys_the_remediation_to_the_letter(deployments):
    filters = filters_of(deployments["minimal"], LOG_GROUP)
    assert set(filters) == {"SecurityGroupConfigChanges", "SecurityGroupConfigChangesRemaining"}
    assert filters["SecurityGroupConfigChanges"]["filterPattern"] == SIX_OPERATIONS
    for found in filters.values():
        assert found["metricTransformations"] == [
            {
                "metricName": "SecurityGroupEventCount",
                "metricNamespace": "CloudTrailMetrics",
                "metricValue": "1",
            }
            | {key: value for key, value in found["metricTransformations"][0].items() if key == "unit"}
        ]
    [alarm] = alarms_of(deployments["minimal"])
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:CloudWatchAlarmSNSTopic"
    expected = {
        "AlarmName": "SecurityGroupConfigChangesAlarm",
        "MetricName": "SecurityGroupEventCount",
        "Namespace": "CloudTrailMetrics",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "ActionsEnabled": True,
        "AlarmActions": [topic],
        "OKActions": [],
        "InsufficientDataActions": [],
    }
    assert {key: alarm[key] for key in expected} == expected
    assert not alarm.get("Dimensions")


def test_no_operation_is_counted_twice(deployments):
    for name, group in (("minimal", LOG_GROUP), ("complete", LOG_GROUP)):
        patterns = [found["filterPattern"] for found in filters_of(deployments[name], group).values()]
        named = [word.rstrip(")") for pattern in patterns for word in pattern.split() if word[0].isalpha()]
        assert len(named) == len(set(named)), named


def test_the_topic_is_encrypted_and_lets_this_alarm_publish(deployments):
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:CloudWatchAlarmSNSTopic"
    attributes = deployments["minimal"].client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    alarm = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:SecurityGroupConfigChangesAlarm"
    source = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnEquals": {"aws:SourceArn": alarm}}

    topic_policy = json.loads(attributes["Policy"])
    [publish] = [s for s in topic_policy["Statement"] if "Service" in s["Principal"]]
    assert publish["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert publish["Action"] == "sns:Publish"
    assert publish["Condition"] == source

    kms = deployments["minimal"].client("kms")
    key = kms.describe_key(KeyId=attributes["KmsMasterKeyId"])["KeyMetadata"]
    assert key["KeyManager"] == "CUSTOMER"
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    key_policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    [use] = [s for s in key_policy["Statement"] if "Service" in s["Principal"]]
    assert use["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert sorted(use["Action"]) == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert use["Condition"] == source


def test_the_email_address_is_asked_to_confirm(deployments, local_aws):
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:CloudWatchAlarmSNSTopic"
    attributes = deployments["minimal"].client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["SubscriptionsPending"] == "1"
    assert [mail.kind for mail in local_aws.outbox("security@example.com") if mail.topic_arn == topic] == [
        "confirmation"
    ]
    assert deployments["minimal"].terraform.output()["pending_subscriptions"] == ["security@example.com"]


def test_complete_carries_every_option(deployments):
    filters = filters_of(deployments["complete"], LOG_GROUP)
    assert filters["security-SecurityGroupConfigChanges"]["filterPattern"] == SEVEN_OPERATIONS
    remaining = filters["security-SecurityGroupConfigChangesRemaining"]["filterPattern"]
    assert "ModifySecurityGroupRules" not in remaining
    assert "ModifyNetworkInterfaceAttribute" in remaining

    [alarm] = alarms_of(deployments["complete"])
    topic = f"arn:aws:sns:eu-central-1:{ACCOUNT}:security-CloudWatchAlarmSNSTopic"
    assert alarm["AlarmName"] == "security-SecurityGroupConfigChangesAlarm"
    assert alarm["MetricName"] == "security-SecurityGroupEventCount"
    assert alarm["Period"] == 60
    assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]
    tags = deployments["complete"].client("cloudwatch").list_tags_for_resource(ResourceARN=alarm["AlarmArn"])
    assert {tag["Key"]: tag["Value"] for tag in tags["Tags"]} == {
        "Team": "cloud-security",
        "Control": "CWL-004",
    }


def test_complete_subscribes_everyone(deployments):
    sns = deployments["complete"].client("sns")
    topic = f"arn:aws:sns:eu-central-1:{ACCOUNT}:security-CloudWatchAlarmSNSTopic"
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert {(found["Protocol"], found["Endpoint"]) for found in subscriptions} == {
        ("email", "a@example.com"),
        ("email", "b@example.com"),
        ("https", "https://hooks.example.com/sns"),
        ("sqs", f"arn:aws:sqs:eu-central-1:{ACCOUNT}:tickets"),
    }
    [queue] = [found["SubscriptionArn"] for found in subscriptions if found["Protocol"] == "sqs"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=queue)["Attributes"]
    assert attributes["RawMessageDelivery"] == "true"
    assert json.loads(attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:undelivered"
    }
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "AWS security"


def test_complete_reports_each_change(deployments):
    events = deployments["complete"].client("events")
    rule = events.describe_rule(Name="security-SecurityGroupEachChange")
    assert rule["State"] == "ENABLED"
    pattern = json.loads(rule["EventPattern"])
    assert len(pattern["detail"]["eventName"]) == 11
    [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"] == f"arn:aws:sns:eu-central-1:{ACCOUNT}:security-CloudWatchAlarmSNSTopic"
    template = target["InputTransformer"]["InputTemplate"]
    lines = template.splitlines()
    assert all(line.startswith('"') and line.endswith('"') for line in lines)
    for variable in target["InputTransformer"]["InputPathsMap"]:
        assert f"<{variable}>" in template


def test_existing_topic_is_left_as_it_was(deployments):
    region = EXAMPLES["existing-topic"].region
    sns = deployments["existing-topic"].client("sns")
    topic = f"arn:aws:sns:{region}:{ACCOUNT}:alarms"
    [alarm] = alarms_of(deployments["existing-topic"])
    assert alarm["AlarmActions"] == [topic]
    assert [found["TopicArn"] for found in sns.list_topics()["Topics"]] == [topic]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert json.loads(attributes["Policy"]) == policy_of_existing_topic(region)
    assert "KmsMasterKeyId" not in attributes
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [
        {"Key": "owner", "Value": "somebody else"}
    ]
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    assert deployments["existing-topic"].client("kms").list_keys()["Keys"] == []


@pytest.mark.parametrize("name", NEW_TRAIL_EXAMPLES)
def test_the_new_trail_feeds_the_alarms_log_group(name, deployments):
    region, trail_name = EXAMPLES[name].region, NEW_TRAIL_EXAMPLES[name]
    cloudtrail = deployments[name].client("cloudtrail")
    [trail] = cloudtrail.describe_trails(trailNameList=[trail_name])["trailList"]
    assert trail["IsMultiRegionTrail"]
    assert trail["LogFileValidationEnabled"]
    assert trail["HomeRegion"] == region
    assert trail["IsOrganizationTrail"] is (name == "organization")
    group = f"/aws/cloudtrail/{trail_name}"
    assert trail["CloudWatchLogsLogGroupArn"] == f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}:*"
    assert cloudtrail.get_trail_status(Name=trail_name)["IsLogging"]
    [selector] = cloudtrail.get_event_selectors(TrailName=trail_name)["EventSelectors"]
    assert selector["ReadWriteType"] == "All"
    assert selector["IncludeManagementEvents"]

    [found] = deployments[name].client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 365
    assert found["kmsKeyId"] == trail["KmsKeyId"]
    assert len(filters_of(deployments[name], group)) == 2


@pytest.mark.parametrize("name", NEW_TRAIL_EXAMPLES)
def test_the_new_trails_bucket_is_private_versioned_and_encrypted(name, deployments):
    s3 = deployments[name].client("s3")
    bucket = f"{NEW_TRAIL_EXAMPLES[name]}-{ACCOUNT}-{EXAMPLES[name].region}"
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert set(statements) == {"CloudTrailLooks", "CloudTrailWrites", "OnlyOverTls"}
    folders = [ACCOUNT, ORGANIZATION] if name == "organization" else [ACCOUNT]
    writes = statements["CloudTrailWrites"]["Resource"]
    assert (writes if isinstance(writes, list) else [writes]) == [
        f"arn:aws:s3:::{bucket}/AWSLogs/{folder}/*" for folder in folders
    ]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rules[0]["Expiration"]["Days"] == 731


def test_the_new_trails_role_may_only_deliver(deployments, local_aws):
    iam = local_aws.client("iam")
    policy = iam.get_role_policy(RoleName="management-events-to-cloudwatch-logs", PolicyName="deliver")
    [statement] = policy["PolicyDocument"]["Statement"]
    assert sorted(statement["Action"]) == ["logs:CreateLogStream", "logs:PutLogEvents"]
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/cloudtrail/management-events"
    assert statement["Resource"] == [f"{group}:log-stream:{ACCOUNT}_CloudTrail_us-east-1*"]


def confirm(deployment, address, topic):
    [token] = [
        mail.token for mail in deployment.aws.outbox(address) if mail.topic_arn == topic and mail.token
    ]
    deployment.client("sns").confirm_subscription(TopicArn=topic, Token=token)


def change_a_group(aws, region):
    ec2 = aws.client("ec2", region)
    return ec2.create_security_group(GroupName="changed", Description="drill")["GroupId"]


def notified(deployment, address, topic):
    mails = deployment.aws.outbox(address)
    return [mail for mail in mails if mail.kind == "notification" and mail.topic_arn == topic]


@pytest.mark.parametrize("name", NEW_TRAIL_EXAMPLES)
def test_a_change_in_any_region_is_notified_once_the_address_is_confirmed(name, deployments):
    deployment = deployments[name]
    [alarm] = alarms_of(deployment)
    [topic] = alarm["AlarmActions"]
    deployment.aws.advance(3600)  # whatever was changed before, no alarm is raised
    confirm(deployment, "security@example.com", topic)
    change_a_group(deployment.aws, {"new-trail": "ap-southeast-1", "organization": "ap-southeast-2"}[name])
    [mail] = notified(deployment, "security@example.com", topic)
    assert mail.subject.startswith(f'ALARM: "{alarm["AlarmName"]}" in US ')


def test_complete_reports_each_change_in_words(deployments):
    deployment = deployments["complete"]
    topic = f"arn:aws:sns:eu-central-1:{ACCOUNT}:security-CloudWatchAlarmSNSTopic"
    confirm(deployment, "a@example.com", topic)
    group = change_a_group(deployment.aws, "eu-central-1")
    [mail] = notified(deployment, "a@example.com", topic)
    lines = [line.strip('"') for line in mail.body.splitlines()]
    assert lines[0] == f"A security group was changed in account {ACCOUNT}, region eu-central-1."
    assert lines[1:4] == [
        "What:  CreateSecurityGroup",
        f"Group: {group} changed",
        f"Who:   arn:aws:iam::{ACCOUNT}:root ",
    ]
    assert "<" not in mail.body


def test_destroy_leaves_nothing(deployments, local_aws):
    """Last of all: destroy every example and look for leftovers."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(Deployment.destroy, deployments.values()))
    assert {name: deployment.state for name, deployment in deployments.items()} == {
        name: [] for name in deployments
    }
    for name in deployments:
        assert alarms_of(deployments[name]) == []
        topics = deployments[name].client("sns").list_topics()["Topics"]
        assert [topic["TopicArn"].rpartition(":")[2] for topic in topics] == (
            ["alarms"] if name == "existing-topic" else []
        )
        groups = deployments[name].client("logs").describe_log_groups()["logGroups"]
        assert [group["logGroupName"] for group in groups] == (
            [] if name in NEW_TRAIL_EXAMPLES else [LOG_GROUP]
        )
        assert deployments[name].client("events").list_rules()["Rules"] == []
        assert deployments[name].client("cloudtrail").describe_trails(trailNameList=[])["trailList"] == []
        keys = deployments[name].client("kms").list_keys()["Keys"]
        states = {
            deployments[name].client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
            for key in keys
        }
        assert states <= {"PendingDeletion"}
    assert local_aws.client("s3").list_buckets()["Buckets"] == []
    assert local_aws.client("iam").list_roles()["Roles"] == []
