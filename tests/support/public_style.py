"""Codebases as people publish them: what they keep where, how they switch it, what they leave out.

All text is our own. Each has the verdict of a scan with default options: ``HOLDING`` have the alarm,
``LACKING`` do not, or have a broken one. Beyond :mod:`codebases`, which varies one small chain, these are whole
repositories: several files, several roots, other controls beside ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from own_examples import ROOT
from sg_alarm.rule.operations import PATTERN_OF_SIX, SIX
from sg_alarm.rule.verdict import Link, Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


@dataclass(frozen=True)
class Public:
    """A repository and what a scan of it must answer.

    ``files`` are texts, or bytes, by path. ``link`` and ``points_at`` are those of the finding that decides,
    ``says`` is a part of its evidence or remedy, or of an assumption; empty where it does not matter.
    """

    name: str
    files: Mapping[str, str | bytes]
    verdict: Verdict | None = PASS
    link: Link | None = None
    points_at: str = ""
    says: str = ""

    def __str__(self) -> str:
        return self.name


# Pieces that many of them share.

SIX_SPACED = PATTERN_OF_SIX
SIX_TIGHT = "{" + "||".join(f"($.eventName={name})" for name in SIX) + "}"
SIX_QUOTED = "{ " + " || ".join(f'($.eventName = \\"{name}\\")' for name in SIX) + " }"
NAMES = json.dumps(list(SIX))
OTHER_CONTROLS = {
    "unauthorized-api-calls": '{ ($.errorCode = \\"*UnauthorizedOperation\\") || ($.errorCode = \\"AccessDenied*\\") }',
    "console-without-mfa": '{ ($.eventName = \\"ConsoleLogin\\") && ($.additionalEventData.MFAUsed != \\"Yes\\") }',
    "root-usage": '{ $.userIdentity.type = \\"Root\\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \\"AwsServiceEvent\\" }',
    "iam-changes": "{ ($.eventName = DeleteGroupPolicy) || ($.eventName = PutUserPolicy) || ($.eventName = AttachRolePolicy) }",
    "cloudtrail-changes": "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = StopLogging) }",
    "console-failures": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = \\"Failed authentication\\") }',
    "cmk-changes": "{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }",
    "bucket-policy-changes": "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy)) }",
    "config-changes": "{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = PutDeliveryChannel)) }",
    "nacl-changes": "{ ($.eventName = CreateNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) }",
    "gateway-changes": "{ ($.eventName = AttachInternetGateway) || ($.eventName = DeleteCustomerGateway) }",
    "route-changes": "{ ($.eventName = CreateRoute) || ($.eventName = ReplaceRoute) || ($.eventName = DeleteRouteTable) }",
    "vpc-changes": "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) }",
}

VERSIONS = """terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
"""
PROVIDER = """provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = { ManagedBy = "terraform", Team = "platform" }
  }
}
"""
BACKEND = """terraform {
  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "security/alarms.tfstate"
    region = "eu-central-1"
  }
}
"""
VPC = """resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_security_group" "web" {
  name_prefix = "web-"
  vpc_id      = aws_vpc.main.id
}
"""
TRAIL = """resource "aws_cloudtrail" "this" {
  name                          = "management-events"
  s3_bucket_name                = "acme-audit-logs"
  include_global_service_events = true
  is_multi_region_trail         = true
  enable_log_file_validation    = true
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.cloudtrail.arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.cloudtrail.arn
}

resource "aws_cloudwatch_log_group" "cloudtrail" {
  name              = "/aws/cloudtrail/management-events"
  retention_in_days = 365
}

resource "aws_iam_role" "cloudtrail" {
  name               = "cloudtrail-to-cloudwatch"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "cloudtrail" {
  name   = "write-events"
  role   = aws_iam_role.cloudtrail.id
  policy = data.aws_iam_policy_document.write.json
}

data "aws_iam_policy_document" "write" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.cloudtrail.arn}:*"]
  }
}
"""


def chain(
    group: str = "aws_cloudwatch_log_group.cloudtrail.name",
    actions: str = "[aws_sns_topic.security.arn]",
    pattern: str = f'"{SIX_SPACED}"',
) -> str:
    """A metric filter and its alarm."""
    return f"""resource "aws_cloudwatch_log_metric_filter" "security_group_changes" {{
  name           = "SecurityGroupChanges"
  log_group_name = {group}
  pattern        = {pattern}

  metric_transformation {{
    name      = "SecurityGroupEventCount"
    namespace = "CloudTrailMetrics"
    value     = "1"
  }}
}}

resource "aws_cloudwatch_metric_alarm" "security_group_changes" {{
  alarm_name          = "SecurityGroupChanges"
  alarm_description   = "Somebody created, changed or deleted a security group."
  metric_name         = "SecurityGroupEventCount"
  namespace           = "CloudTrailMetrics"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = {actions}
}}
"""


TOPIC = """resource "aws_sns_topic" "security" {
  name = "security-alerts"
}
"""


def subscription(endpoint: str = '"secops@example.com"', protocol: str = "email", head: str = "") -> str:
    """A subscription of the topic; ``head`` is what decides how many there are."""
    return f"""resource "aws_sns_topic_subscription" "security" {{
{head}  topic_arn = aws_sns_topic.security.arn
  protocol  = "{protocol}"
  endpoint  = {endpoint}
}}
"""


def variables(*declarations: str) -> str:
    """Variables without default; a declaration is a name with a type behind it."""
    return "\n".join(
        f'variable "{name}" {{\n  description = "See the README."\n  type        = {kind}\n}}\n'
        for name, _, kind in (one.partition(" ") for one in declarations)
    )


NOTIFY = TOPIC + "\n" + subscription()
ALARM = chain() + "\n" + NOTIFY
WITH_TRAIL = {"versions.tf": VERSIONS + PROVIDER, "cloudtrail.tf": TRAIL}
WHOLE = {**WITH_TRAIL, "alarms.tf": chain(), "sns.tf": NOTIFY}
OUTSIDE_GROUP = "var.cloudtrail_log_group_name"


def altered(old: str, new: str, files: Mapping[str, str | bytes] = WHOLE) -> dict[str, str | bytes]:
    """The files with one text replaced wherever it stands."""
    assert any(old in text for text in files.values() if isinstance(text, str))
    return {name: text.replace(old, new) if isinstance(text, str) else text for name, text in files.items()}


GENERIC_MODULE = {
    "modules/log-alarm/main.tf": """resource "aws_cloudwatch_log_metric_filter" "this" {
  name           = var.name
  pattern        = var.pattern
  log_group_name = var.log_group_name

  metric_transformation {
    name      = var.name
    namespace = var.metric_namespace
    value     = 1
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "${var.prefix}${var.name}"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = var.evaluation_periods
  metric_name         = aws_cloudwatch_log_metric_filter.this.metric_transformation[0].name
  namespace           = aws_cloudwatch_log_metric_filter.this.metric_transformation[0].namespace
  period              = var.period
  statistic           = "Sum"
  threshold           = var.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
}
""",
    "modules/log-alarm/variables.tf": variables(
        "name string", "pattern string", "log_group_name string", "alarm_actions list(string)"
    )
    + """
variable "prefix" {
  type    = string
  default = ""
}

variable "metric_namespace" {
  type    = string
  default = "CISBenchmark"
}

variable "period" {
  type    = number
  default = 300
}

variable "threshold" {
  type    = number
  default = 1
}

variable "evaluation_periods" {
  type    = number
  default = 1
}
""",
    "modules/log-alarm/outputs.tf": 'output "alarm_arn" {\n  value = aws_cloudwatch_metric_alarm.this.arn\n}\n',
}


def call(
    name: str,
    pattern: str,
    source: str = "./modules/log-alarm",
    actions: str = "[aws_sns_topic.security.arn]",
) -> str:
    """A call of the module that makes one filter with its alarm."""
    return f"""module "{name.replace("-", "_")}" {{
  source = "{source}"

  name           = "{name}"
  pattern        = "{pattern}"
  log_group_name = aws_cloudwatch_log_group.cloudtrail.name
  alarm_actions  = {actions}
}}
"""


CALLS = "\n".join(
    call(name, pattern) for name, pattern in {**OTHER_CONTROLS, "security-group-changes": SIX_TIGHT}.items()
)

_ENTRIES = "".join(
    f'    "{name}" = {{\n      pattern     = "{pattern}"\n      description = "CIS control {name}"\n    }}\n'
    for name, pattern in {**OTHER_CONTROLS, "security-group-changes": SIX_TIGHT}.items()
)
CONTROLS = f"locals {{\n  controls = {{\n{_ENTRIES}  }}\n}}\n"
FOR_EACH = """resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.controls

  name           = each.key
  pattern        = each.value.pattern
  log_group_name = aws_cloudwatch_log_group.cloudtrail.name

  metric_transformation {
    name      = each.key
    namespace = "CISBenchmark"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.controls

  alarm_name          = "cis-${each.key}"
  alarm_description   = each.value.description
  metric_name         = aws_cloudwatch_log_metric_filter.this[each.key].metric_transformation[0].name
  namespace           = "CISBenchmark"
  statistic           = "Sum"
  period              = "300"
  evaluation_periods  = "1"
  threshold           = "1"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.security.arn]
}
"""

TOPIC_POLICY = """data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

resource "aws_sns_topic_policy" "security" {
  arn    = aws_sns_topic.security.arn
  policy = data.aws_iam_policy_document.topic.json
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AllowCloudWatchAlarms"
    actions   = ["SNS:Publish"]
    resources = [aws_sns_topic.security.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:cloudwatch:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:alarm:*"]
    }
  }
}
"""

ALARM_MODULE = {
    "modules/sg-alarm/main.tf": chain("var.log_group_name", "var.alarm_actions"),
    "modules/sg-alarm/variables.tf": variables("log_group_name string", "alarm_actions list(string)"),
}


def unrelated(count: int) -> dict[str, str]:
    """Root modules of other teams."""
    return {
        f"stacks/team-{number:03}/main.tf": PROVIDER
        + VPC.replace("10.20", f"10.{number}")
        + 'resource "aws_s3_bucket" "data" {\n  bucket_prefix = "data-"\n}\n'
        for number in range(count)
    }


def _example(name: str) -> dict[str, str]:
    """An example of this repository with the modules that it calls."""
    folders = (ROOT / "examples" / name, *(ROOT / "modules").iterdir())
    files = (path for folder in folders for path in sorted(folder.glob("*.tf")))
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files}


HOLDING = (
    Public(
        "log group and topic are variables without default",
        {
            "versions.tf": VERSIONS,
            "main.tf": chain(OUTSIDE_GROUP, "[var.sns_topic_arn]"),
            "variables.tf": variables("cloudtrail_log_group_name string", "sns_topic_arn string"),
        },
        says="var.sns_topic_arn",
    ),
    Public(
        "untyped variables, as in old code",
        {
            "main.tf": PROVIDER + chain('"${var.log_group}"', '["${var.topic}"]'),
            "vars.tf": 'variable "log_group" {}\nvariable "topic" {}\n',
        },
    ),
    Public(
        "log group and topic by data sources",
        {
            "provider.tf": PROVIDER + BACKEND,
            "data.tf": """data "aws_cloudwatch_log_group" "cloudtrail" {
  name = "/org/cloudtrail"
}

data "aws_sns_topic" "oncall" {
  name = "oncall"
}
""",
            "alarm.tf": chain(
                "data.aws_cloudwatch_log_group.cloudtrail.name", "[data.aws_sns_topic.oncall.arn]"
            ),
        },
        says="sg-alarm audit",
    ),
    Public(
        "a literal name and a literal ARN",
        {
            "main.tf": PROVIDER
            + chain('"aws-controltower/CloudTrailLogs"', '["arn:aws:sns:eu-central-1:111122223333:oncall"]')
        },
    ),
    Public(
        "log group and topic from the state of another codebase",
        {
            "main.tf": PROVIDER
            + chain(
                "data.terraform_remote_state.audit.outputs.cloudtrail_log_group_name",
                '[data.terraform_remote_state.audit.outputs.topics["security"]]',
            ),
            "remote.tf": """data "terraform_remote_state" "audit" {
  backend = "s3"

  config = {
    bucket = "acme-terraform-state"
    key    = "audit/terraform.tfstate"
    region = "eu-central-1"
  }
}
""",
        },
    ),
    Public(
        "log group and topic from parameters of SSM",
        {
            "main.tf": PROVIDER
            + chain("data.aws_ssm_parameter.log_group.value", "[data.aws_ssm_parameter.topic.value]")
            + """
data "aws_ssm_parameter" "log_group" {
  name = "/platform/cloudtrail/log-group"
}

data "aws_ssm_parameter" "topic" {
  name = "/platform/alerts/topic-arn"
}
"""
        },
    ),
    Public(
        "the address from a secret",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC,
            "subscriptions.tf": subscription(
                'jsondecode(data.aws_secretsmanager_secret_version.contacts.secret_string)["security"]'
            )
            + """
data "aws_secretsmanager_secret_version" "contacts" {
  secret_id = "platform/contacts"
}
""",
        },
    ),
    Public(
        "everything in one file, with a required address",
        {
            "main.tf": PROVIDER
            + variables("alert_email string")
            + TRAIL.replace('"acme-audit-logs"', "aws_s3_bucket.trail.id")
            + """
data "aws_caller_identity" "me" {}

resource "aws_s3_bucket" "trail" {
  bucket        = "cloudtrail-${data.aws_caller_identity.me.account_id}"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.trail.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = aws_s3_bucket.trail.arn
      },
      {
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.trail.arn}/AWSLogs/*"
        Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
      }
    ]
  })
}
"""
            + chain()
            + TOPIC
            + subscription("var.alert_email")
        },
        says="var.alert_email",
    ),
    Public(
        "a subscription where the required address is not empty",
        {
            **WITH_TRAIL,
            "alarms.tf": chain()
            + TOPIC
            + subscription("var.email", head='  count     = var.email != "" ? 1 : 0\n'),
            "variables.tf": variables("email string"),
        },
    ),
    Public(
        "a subscription for each of the required addresses",
        {
            **WITH_TRAIL,
            "alarms.tf": chain()
            + TOPIC
            + subscription("each.value", head="  for_each  = toset(var.emails)\n"),
            "variables.tf": variables("emails list(string)"),
        },
    ),
    Public(
        "a subscription counted over the required addresses",
        {
            **WITH_TRAIL,
            "alarms.tf": chain()
            + TOPIC
            + subscription("var.emails[count.index]", head="  count     = length(var.emails)\n"),
            "variables.tf": variables("emails list(string)"),
        },
    ),
    Public(
        "the topic and further actions",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(actions="concat([aws_sns_topic.security.arn], var.extra_actions)") + NOTIFY,
            "variables.tf": variables("extra_actions list(string)"),
        },
    ),
    Public(
        "actions from a required list, with nothing else here",
        {
            "main.tf": VERSIONS + chain(OUTSIDE_GROUP, "var.alarm_actions"),
            "variables.tf": variables("cloudtrail_log_group_name string", "alarm_actions list(string)"),
        },
    ),
    Public(
        "the log group here, the trail elsewhere",
        {
            "main.tf": PROVIDER
            + """resource "aws_cloudwatch_log_group" "cloudtrail" {
  name              = "org-trail"
  retention_in_days = 90
}
"""
            + ALARM
        },
        says="trail",
    ),
    Public(
        "fourteen controls in one map",
        {**WITH_TRAIL, "controls.tf": CONTROLS, "alarms.tf": FOR_EACH + NOTIFY},
    ),
    Public(
        "fourteen controls, a module called for each",
        {**WITH_TRAIL, **GENERIC_MODULE, "cis.tf": CALLS, "sns.tf": NOTIFY},
    ),
    Public(
        "one call of a module with for_each",
        {
            **WITH_TRAIL,
            **GENERIC_MODULE,
            "controls.tf": CONTROLS,
            "cis.tf": """module "control" {
  source   = "./modules/log-alarm"
  for_each = local.controls

  name           = each.key
  pattern        = each.value.pattern
  log_group_name = aws_cloudwatch_log_group.cloudtrail.name
  alarm_actions  = [aws_sns_topic.security.arn]
}
""",
            "sns.tf": NOTIFY,
        },
    ),
    Public(
        "a switch for each control",
        {
            **altered(
                'resource "aws_cloudwatch_metric_alarm" "security_group_changes" {\n',
                'resource "aws_cloudwatch_metric_alarm" "security_group_changes" {\n'
                "  count = var.enabled && var.security_group_changes_enabled ? 1 : 0\n\n",
                altered(
                    'resource "aws_cloudwatch_log_metric_filter" "security_group_changes" {\n',
                    'resource "aws_cloudwatch_log_metric_filter" "security_group_changes" {\n'
                    "  count = var.enabled && var.security_group_changes_enabled ? 1 : 0\n\n",
                ),
            ),
            "variables.tf": """variable "enabled" {
  type    = bool
  default = true
}

variable "security_group_changes_enabled" {
  type    = bool
  default = true
}
""",
        },
    ),
    Public(
        "the metric by the id of its filter, which has the same name",
        altered(
            'metric_name         = "SecurityGroupEventCount"',
            "metric_name         = aws_cloudwatch_log_metric_filter.security_group_changes.id",
            altered('name      = "SecurityGroupEventCount"', 'name      = "SecurityGroupChanges"'),
        ),
    ),
    Public(
        "numbers as texts, and more than 0",
        altered(
            "threshold           = 1\n",
            'threshold           = "0"\n',
            altered(
                '"GreaterThanOrEqualToThreshold"',
                '"GreaterThanThreshold"',
                altered("evaluation_periods  = 1", 'evaluation_periods  = "1"'),
            ),
        ),
    ),
    Public(
        "the pattern over several lines",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(
                pattern="<<PATTERN\n{ "
                + " ||\n  ".join(f"($.eventName = {name})" for name in SIX)
                + " }\nPATTERN\n"
            ),
            "sns.tf": NOTIFY,
        },
    ),
    Public(
        "the role's policy attached by aws_iam_policy_attachment",
        altered(
            'resource "aws_iam_role_policy" "cloudtrail" {\n  name   = "write-events"\n  role   = aws_iam_role.cloudtrail.id\n',
            """resource "aws_iam_policy_attachment" "cloudtrail" {
  name       = "cloudtrail"
  roles      = [aws_iam_role.cloudtrail.name]
  policy_arn = aws_iam_policy.cloudtrail.arn
}

resource "aws_iam_policy" "cloudtrail" {
  name   = "cloudtrail"
""",
        ),
    ),
    Public(
        "the role's policy inline",
        altered(
            "  assume_role_policy = data.aws_iam_policy_document.assume.json\n}",
            """  assume_role_policy = data.aws_iam_policy_document.assume.json

  inline_policy {
    name   = "write-events"
    policy = data.aws_iam_policy_document.write.json
  }
}""",
            altered("aws_iam_role_policy", "aws_iam_group_policy"),
        ),
    ),
    Public(
        "the bucket's policy inline",
        {
            **altered('"acme-audit-logs"', "aws_s3_bucket.logs.bucket"),
            "bucket.tf": """resource "aws_s3_bucket" "logs" {
  bucket = "acme-audit-logs"
  acl    = "log-delivery-write"
  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
     "Resource": "arn:aws:s3:::acme-audit-logs"},
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
     "Resource": "arn:aws:s3:::acme-audit-logs/*"}
  ]
}
POLICY
}
""",
        },
    ),
    Public(
        "a bucket and a role whose policies are elsewhere",
        {
            **altered(
                '"acme-audit-logs"',
                "aws_s3_bucket.logs.id",
                altered("aws_iam_role_policy", "aws_iam_group_policy"),
            ),
            "bucket.tf": 'resource "aws_s3_bucket" "logs" {\n  bucket_prefix = "audit-"\n}\n',
        },
        says="the trail's role",
    ),
    Public(
        "the trail from a registry, the filter on the log group given to it",
        {
            "main.tf": PROVIDER
            + """module "cloudtrail" {
  source  = "acme/cloudtrail/aws"
  version = "0.24.0"

  name                          = "audit"
  is_multi_region_trail         = true
  include_global_service_events = true
  s3_bucket_name                = "acme-audit-logs"
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.cloudtrail.arn}:*"
  cloud_watch_logs_role_arn     = "arn:aws:iam::111122223333:role/cloudtrail"
}

resource "aws_cloudwatch_log_group" "cloudtrail" {
  name = "audit"
}
"""
            + ALARM
        },
    ),
    Public(
        "the trail from a registry, the filter on its output",
        {
            "main.tf": PROVIDER
            + """module "trail" {
  source  = "acme/secure-trail/aws"
  version = "~> 4.1"

  organization = false
}
"""
            + chain("module.trail.cloudwatch_log_group_name")
            + NOTIFY
        },
    ),
    Public(
        "a channel of AWS Chatbot subscribes",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC,
            "chatbot.tf": """resource "aws_chatbot_slack_channel_configuration" "security" {
  configuration_name = "security"
  iam_role_arn       = "arn:aws:iam::111122223333:role/chatbot"
  slack_channel_id   = "C0123456789"
  slack_team_id      = "T0123456789"
  sns_topic_arns     = [aws_sns_topic.security.arn]
}
""",
        },
    ),
    Public(
        "a channel of AWS Chatbot by the provider awscc",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC,
            "chatbot.tf": """resource "awscc_chatbot_slack_channel_configuration" "security" {
  configuration_name = "security"
  iam_role_arn       = var.chatbot_role_arn
  slack_channel_id   = var.slack_channel_id
  slack_workspace_id = var.slack_workspace_id
  sns_topic_arns     = [aws_sns_topic.security.arn]
}
""",
            "variables.tf": variables(
                "chatbot_role_arn string", "slack_channel_id string", "slack_workspace_id string"
            ),
        },
    ),
    Public(
        "a team of AWS Chatbot, with other topics in the list",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC,
            "chatbot.tf": """resource "aws_chatbot_teams_channel_configuration" "security" {
  configuration_name = "security"
  iam_role_arn       = "arn:aws:iam::111122223333:role/chatbot"
  channel_id         = var.channel
  team_id            = var.team
  tenant_id          = var.tenant
  sns_topic_arns     = concat([aws_sns_topic.security.arn], var.further_topics)
}
""",
            "variables.tf": variables(
                "channel string", "team string", "tenant string", "further_topics list(string)"
            ),
        },
    ),
    Public(
        "a queue with a policy",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC + subscription("aws_sqs_queue.alerts.arn", "sqs"),
            "queue.tf": """resource "aws_sqs_queue" "alerts" {
  name = "alerts"
}

resource "aws_sqs_queue_policy" "alerts" {
  queue_url = aws_sqs_queue.alerts.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.alerts.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.security.arn } }
    }]
  })
}
""",
        },
    ),
    Public(
        "a Lambda function with permission",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC + subscription("aws_lambda_function.notify.arn", "lambda"),
            "lambda.tf": """resource "aws_lambda_function" "notify" {
  function_name    = "notify-slack"
  filename         = "${path.module}/dist/notify.zip"
  source_code_hash = filebase64sha256("${path.module}/dist/notify.zip")
  handler          = "notify.handler"
  runtime          = "python3.12"
  role             = "arn:aws:iam::111122223333:role/notify"
}

resource "aws_lambda_permission" "notify" {
  statement_id  = "AllowFromSNS"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.notify.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.security.arn
}
""",
        },
    ),
    Public(
        "a sensitive address of a service",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC + subscription("var.webhook_url", "https"),
            "variables.tf": 'variable "webhook_url" {\n  type      = string\n  sensitive = true\n}\n',
        },
    ),
    Public(
        "a module that is handed two providers",
        {
            "main.tf": PROVIDER
            + """provider "aws" {
  alias  = "global"
  region = "us-east-1"
}

module "baseline" {
  source = "./modules/baseline"

  providers = {
    aws        = aws
    aws.global = aws.global
  }
}
""",
            "modules/baseline/main.tf": """terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.global]
    }
  }
}

resource "aws_s3_bucket" "elsewhere" {
  provider      = aws.global
  bucket_prefix = "global-"
}
"""
            + TRAIL
            + ALARM
            + TOPIC_POLICY,
        },
    ),
    Public(
        "a topic policy for the account by its number",
        {
            **WHOLE,
            "policy.tf": TOPIC_POLICY.replace(
                "${data.aws_caller_identity.current.account_id}", "111122223333"
            ),
        },
    ),
    Public(
        "Terragrunt gives the variables",
        {
            "terragrunt.hcl": """include "root" {
  path = find_in_parent_folders()
}

inputs = {
  cloudtrail_log_group_name = "org-trail"
  create_alarm              = true
  sns_topic_arn             = dependency.topics.outputs.security_arn
}
""",
            "main.tf": chain(OUTSIDE_GROUP, "[var.sns_topic_arn]").replace(
                'resource "aws_cloudwatch_metric_alarm" "security_group_changes" {\n',
                'resource "aws_cloudwatch_metric_alarm" "security_group_changes" {\n  count = var.create_alarm ? 1 : 0\n',
            ),
            "variables.tf": variables(
                "cloudtrail_log_group_name string", "sns_topic_arn string", "create_alarm bool"
            ),
        },
    ),
    Public(
        "Terragrunt calls a module of the same repository",
        {
            **ALARM_MODULE,
            "live/terragrunt.hcl": 'remote_state {\n  backend = "s3"\n  config  = {}\n}\n',
            "live/prod/alarms/terragrunt.hcl": """include {
  path = find_in_parent_folders()
}

terraform {
  source = "../../../modules//sg-alarm"
}

inputs = {
  log_group_name = "org-trail"
  alarm_actions  = ["arn:aws:sns:eu-west-1:111122223333:oncall"]
}
""",
        },
    ),
    Public(
        "settings looked up in an object with optional attributes",
        {
            **altered(
                "threshold           = 1\n",
                'threshold           = lookup(var.settings, "threshold", 1)\n',
                altered(
                    "period              = 300", 'period              = lookup(var.settings, "period", 60)'
                ),
            ),
            "variables.tf": """variable "settings" {
  type = object({
    threshold = optional(number, 1)
    period    = optional(number, 300)
    tags      = optional(map(string), {})
  })
  default = {}
}
""",
        },
    ),
    Public(
        "the topic that was given, else one of its own",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(
                actions='[var.sns_topic_arn != "" ? var.sns_topic_arn : aws_sns_topic.security[0].arn]'
            ),
            "sns.tf": TOPIC.replace("{\n", '{\n  count = var.sns_topic_arn == "" ? 1 : 0\n')
            + subscription(
                head="",
            ).replace("aws_sns_topic.security.arn", "aws_sns_topic.security[0].arn"),
            "variables.tf": 'variable "sns_topic_arn" {\n  type    = string\n  default = ""\n}\n',
        },
    ),
    Public(
        "two topics whose names are variables that default to nothing",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(),
            "sns.tf": TOPIC.replace('"security-alerts"', "var.security_topic_name")
            + 'resource "aws_sns_topic" "billing" {\n  name = var.billing_topic_name\n}\n'
            + subscription(),
            "variables.tf": "".join(
                f'variable "{one}_topic_name" {{\n  type    = string\n  default = ""\n}}\n'
                for one in ("security", "billing")
            ),
        },
    ),
    Public(
        "an encrypted topic with a key for CloudWatch",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(),
            "sns.tf": TOPIC.replace("}\n", "  kms_master_key_id = aws_kms_key.sns.id\n}\n") + subscription(),
            "kms.tf": """data "aws_caller_identity" "current" {}

resource "aws_kms_key" "sns" {
  description         = "Alarms"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.sns_key.json
}

data "aws_iam_policy_document" "sns_key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
  }
}
""",
        },
    ),
    Public(
        "a topic encrypted with a key of another codebase",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(),
            "sns.tf": TOPIC.replace("}\n", "  kms_master_key_id = var.kms_key_arn\n}\n") + subscription(),
            "variables.tf": variables("kms_key_arn string"),
        },
    ),
    Public(
        "the trail in one root, the alarm in another",
        {
            "accounts/audit/trail/main.tf": PROVIDER + TRAIL,
            "accounts/audit/alarms/main.tf": PROVIDER
            + 'data "aws_cloudwatch_log_group" "trail" {\n  name = "/aws/cloudtrail/management-events"\n}\n'
            + chain("data.aws_cloudwatch_log_group.trail.name")
            + NOTIFY,
        },
    ),
    Public(
        "a hundred roots, one of which has the alarm",
        {**unrelated(99), "security/main.tf": PROVIDER + TRAIL + ALARM},
    ),
    Public(
        "values in terraform.tfvars",
        {
            **altered(f'"{SIX_SPACED}"', "var.patterns.security_groups"),
            "variables.tf": variables("patterns map(string)"),
            "terraform.tfvars": f'patterns = {{\n  security_groups = "{SIX_SPACED}"\n}}\n',
        },
    ),
    Public(
        "JSON, as written by a program",
        {
            "cdk.tf.json": json.dumps(
                {
                    "provider": {"aws": [{"region": "eu-central-1"}]},
                    "resource": {
                        "aws_cloudwatch_log_metric_filter": {
                            "SgFilter_9A1B": {
                                "name": "sg-changes",
                                "log_group_name": "${data.aws_cloudwatch_log_group.Trail_77.name}",
                                "pattern": SIX_SPACED,
                                "metric_transformation": {
                                    "name": "SgChanges",
                                    "namespace": "Audit",
                                    "value": "1",
                                },
                            }
                        },
                        "aws_cloudwatch_metric_alarm": {
                            "SgAlarm_17FE": {
                                "alarm_name": "sg-changes",
                                "metric_name": "SgChanges",
                                "namespace": "Audit",
                                "statistic": "Sum",
                                "period": 60,
                                "evaluation_periods": 1,
                                "threshold": 1,
                                "comparison_operator": "GreaterThanOrEqualToThreshold",
                                "treat_missing_data": "notBreaching",
                                "alarm_actions": ["${aws_sns_topic.Alerts_3C.arn}"],
                            }
                        },
                        "aws_sns_topic": {"Alerts_3C": {"name": "alerts"}},
                        "aws_sns_topic_subscription": {
                            "AlertsMail_5D": {
                                "topic_arn": "${aws_sns_topic.Alerts_3C.arn}",
                                "protocol": "email",
                                "endpoint": "alerts@example.com",
                            }
                        },
                    },
                    "data": {"aws_cloudwatch_log_group": {"Trail_77": {"name": "trail"}}},
                }
            )
        },
    ),
    Public(
        "a dynamic metric transformation",
        altered(
            """  metric_transformation {
    name      = "SecurityGroupEventCount"
    namespace = "CloudTrailMetrics"
    value     = "1"
  }
""",
            """  dynamic "metric_transformation" {
    for_each = [{ name = "SecurityGroupEventCount", namespace = "CloudTrailMetrics" }]
    iterator = metric

    content {
      name          = metric.value.name
      namespace     = metric.value.namespace
      value         = lookup(metric.value, "value", "1")
      default_value = lookup(metric.value, "default_value", null)
    }
  }
""",
        ),
    ),
    Public(
        "the pattern from a file",
        {
            **altered(f'"{SIX_SPACED}"', 'file("${path.module}/patterns/security-groups.txt")'),
            "patterns/security-groups.txt": SIX_SPACED,
        },
    ),
    Public(
        "the pattern from a template",
        {
            **altered(
                f'"{SIX_SPACED}"',
                f'trimspace(templatefile("${{path.module}}/pattern.tpl", {{ events = {NAMES} }}))',
            ),
            "pattern.tpl": '{ ${join(" || ", formatlist("($.eventName = %s)", events))} }\n',
        },
    ),
    Public(
        "controls from a file in YAML",
        {
            **WITH_TRAIL,
            "controls.yaml": "controls:\n"
            + "".join(
                f"  {name}:\n    pattern: '{pattern}'\n    description: CIS\n"
                for name, pattern in {
                    **{name: text.replace('\\"', '"') for name, text in OTHER_CONTROLS.items()},
                    "security-group-changes": SIX_TIGHT,
                }.items()
            ),
            "alarms.tf": 'locals {\n  controls = yamldecode(file("${path.module}/controls.yaml"))["controls"]\n}\n'
            + FOR_EACH
            + NOTIFY,
        },
    ),
    Public(
        "controls from a file in JSON",
        {
            **WITH_TRAIL,
            "config/controls.json": json.dumps(
                [
                    {"name": "vpc-changes", "pattern": "{ ($.eventName = CreateVpc) }", "description": "VPC"},
                    {"name": "sg-changes", "pattern": SIX_SPACED, "description": "security groups"},
                ]
            ),
            "alarms.tf": """locals {
  list     = jsondecode(file("${path.root}/config/controls.json"))
  controls = { for control in local.list : control.name => control }
}
"""
            + FOR_EACH
            + NOTIFY,
        },
    ),
    Public(
        "the pattern joined of names",
        {
            **altered(f'"{SIX_SPACED}"', 'format("{%s}", join(" || ", local.terms))'),
            "locals.tf": f"""locals {{
  events = {NAMES}
  terms  = [for event in sort(local.events) : "($.eventName = ${{event}})"]
}}
""",
        },
    ),
    Public("quoted names of events", altered(f'"{SIX_SPACED}"', f'"{SIX_QUOTED}"')),
    Public(
        "the source of the events and their names",
        altered(
            f'"{SIX_SPACED}"',
            '"{ ($.eventSource = ec2.amazonaws.com) && ('
            + " || ".join(f"($.eventName = {name})" for name in SIX)
            + ') }"',
        ),
    ),
    Public(
        "modules in modules",
        {
            **{
                name.replace("modules/", "modules/monitoring/modules/"): text
                for name, text in GENERIC_MODULE.items()
            },
            "main.tf": PROVIDER
            + 'module "monitoring" {\n  source = "./modules/monitoring"\n  email  = "ops@example.com"\n}\n',
            "modules/monitoring/main.tf": TRAIL
            + call("security-group-changes", SIX_TIGHT)
            + TOPIC
            + subscription("var.email"),
            "modules/monitoring/variables.tf": variables("email string"),
        },
    ),
    Public(
        "a variable file encrypted by git-crypt",
        {
            **WITH_TRAIL,
            "alarms.tf": chain() + TOPIC + subscription("var.security_email"),
            "variables.tf": variables("security_email string"),
            "secrets.auto.tfvars": b"\x00GITCRYPT\x00\x8f\x01\x9c\xb3\xe2\x10",
        },
        says="secrets.auto.tfvars",
    ),
    Public(
        "lists that are counted",
        {
            **WITH_TRAIL,
            "alarms.tf": f"""variable "alarm_names" {{
  type    = list(string)
  default = ["VpcChanges", "SecurityGroupChanges"]
}}

variable "alarm_patterns" {{
  type    = list(string)
  default = ["{{ ($.eventName = CreateVpc) }}", "{SIX_TIGHT}"]
}}

resource "aws_cloudwatch_log_metric_filter" "cis" {{
  count          = length(var.alarm_names)
  name           = element(var.alarm_names, count.index)
  pattern        = element(var.alarm_patterns, count.index)
  log_group_name = "${{aws_cloudwatch_log_group.cloudtrail.name}}"

  metric_transformation {{
    name      = element(var.alarm_names, count.index)
    namespace = "LogMetrics"
    value     = "1"
  }}
}}

resource "aws_cloudwatch_metric_alarm" "cis" {{
  count               = length(var.alarm_names)
  alarm_name          = "${{element(var.alarm_names, count.index)}}Alarm"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = "1"
  metric_name         = element(aws_cloudwatch_log_metric_filter.cis.*.id, count.index)
  namespace           = "LogMetrics"
  period              = "300"
  statistic           = "Sum"
  threshold           = "1"
  alarm_actions       = ["${{aws_sns_topic.security.arn}}"]
}}
""",
            "sns.tf": NOTIFY,
        },
    ),
    Public(
        "all topics as actions",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(actions="[for topic in aws_sns_topic.all : topic.arn]"),
            "sns.tf": """resource "aws_sns_topic" "all" {
  for_each = toset(["security", "audit"])
  name     = each.key
}

resource "aws_sns_topic_subscription" "all" {
  for_each  = aws_sns_topic.all
  topic_arn = each.value.arn
  protocol  = "email"
  endpoint  = "${each.key}@example.com"
}
""",
        },
    ),
    Public(
        "counted topics by a splat",
        {
            **WITH_TRAIL,
            "alarms.tf": chain(actions="aws_sns_topic.team[*].arn"),
            "sns.tf": """resource "aws_sns_topic" "team" {
  count = 2
  name  = "team-${count.index}"
}

resource "aws_sns_topic_subscription" "team" {
  count     = 2
  topic_arn = aws_sns_topic.team[count.index].arn
  protocol  = "email"
  endpoint  = "team@example.com"
}
""",
        },
    ),
    Public(
        "whether the trail is of all regions is a required variable",
        {
            **altered(
                "is_multi_region_trail         = true", "is_multi_region_trail         = var.multi_region"
            ),
            "variables.tf": variables("multi_region bool"),
        },
        says="var.multi_region",
    ),
    Public(
        "filter and alarm in two roots",
        {
            "logging/main.tf": PROVIDER
            + TRAIL
            + chain().partition('resource "aws_cloudwatch_metric_alarm"')[0],
            "alerting/main.tf": PROVIDER
            + 'resource "aws_cloudwatch_metric_alarm"'
            + chain().partition('resource "aws_cloudwatch_metric_alarm"')[2]
            + NOTIFY,
        },
    ),
    Public(
        "two filters on one metric",
        {
            **WHOLE,
            "more.tf": """resource "aws_cloudwatch_log_metric_filter" "further" {
  name           = "SecurityGroupChangesFurther"
  log_group_name = aws_cloudwatch_log_group.cloudtrail.name
  pattern        = "{ ($.eventName = ModifySecurityGroupRules) }"

  metric_transformation {
    name      = "SecurityGroupEventCount"
    namespace = "CloudTrailMetrics"
    value     = "1"
  }
}
""",
        },
    ),
    Public(
        "the log group of the organization's trail",
        {
            "providers.tf": PROVIDER
            + """provider "aws" {
  alias  = "management"
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/terraform"
  }
}
""",
            "main.tf": 'data "aws_cloudwatch_log_group" "org" {\n  provider = aws.management\n  name     = "org-trail"\n}\n'
            + "\n".join(
                text.replace("{\n", "{\n  provider = aws.management\n", 1)
                for text in (
                    *(
                        f"resource{part}"
                        for part in chain("data.aws_cloudwatch_log_group.org.name").split("resource")[1:]
                    ),
                    TOPIC,
                    subscription(),
                )
            ),
        },
    ),
    Public(
        "booleans as texts",
        altered(
            "is_multi_region_trail         = true",
            'is_multi_region_trail         = "true"\n  enable_logging                = "true"',
            altered("  alarm_actions       =", '  actions_enabled     = "true"\n  alarm_actions       ='),
        ),
    ),
    Public(
        "everything by an aliased provider that assumes a role",
        {
            "providers.tf": """provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "security"
  region = "eu-central-1"

  assume_role {
    role_arn = var.role_arn
  }
}
""",
            "variables.tf": variables("role_arn string"),
            "main.tf": 'module "alarm" {\n  source    = "./alarm"\n  providers = { aws = aws.security }\n}\n',
            "alarm/main.tf": TRAIL + ALARM,
        },
    ),
    Public(
        "blocks of newer versions beside it",
        {
            **WHOLE,
            "moves.tf": """moved {
  from = aws_sns_topic.alerts
  to   = aws_sns_topic.security
}

import {
  to = aws_cloudwatch_log_group.cloudtrail
  id = "/aws/cloudtrail/management-events"
}

removed {
  from = aws_cloudwatch_metric_alarm.old

  lifecycle {
    destroy = false
  }
}

check "mail" {
  assert {
    condition     = endswith(aws_sns_topic_subscription.security.endpoint, "@example.com")
    error_message = "Alarms must go to our own domain."
  }
}
""",
        },
    ),
    Public(
        "a service for people on call",
        {
            **WITH_TRAIL,
            "alarms.tf": chain()
            + TOPIC
            + subscription(
                '"https://events.pagerduty.com/integration/0123456789abcdef/enqueue"', "https"
            ).replace("}\n", "  endpoint_auto_confirms = true\n}\n"),
        },
    ),
    Public(
        "a region for each of which a trail exists",
        {
            "main.tf": """provider "aws" {
  region = var.region
}
"""
            + TRAIL
            + ALARM,
            "variables.tf": variables("region string"),
        },
    ),
    *(
        Public(f"our example {name}", _example(name))
        for name in ("minimal", "complete", "existing-topic", "new-trail", "organization")
    ),
)
"""Codebases that have the alarm."""


NOT_OURS = {
    **WITH_TRAIL,
    "cis.tf": "\n".join(call(name, pattern) for name, pattern in OTHER_CONTROLS.items()),
    **GENERIC_MODULE,
    "sns.tf": NOTIFY,
}
THE_FILTER = "aws_cloudwatch_log_metric_filter.security_group_changes"
THE_ALARM = "aws_cloudwatch_metric_alarm.security_group_changes"
THE_TOPIC = "aws_sns_topic.security"
NO_ALARM = {**WHOLE, "alarms.tf": chain().partition('resource "aws_cloudwatch_metric_alarm"')[0]}
ACTION = "[aws_sns_topic.security.arn]"

LACKING = (
    Public("only a trail", dict(WITH_TRAIL), FAIL, Link.METRIC_FILTER, "aws_cloudtrail.this"),
    Public("a filter without alarm", NO_ALARM, FAIL, Link.ALARM, THE_FILTER),
    Public("an alarm without actions", altered(ACTION, "[]"), FAIL, Link.ACTION, THE_ALARM),
    Public("an alarm whose action is empty", altered(ACTION, '[""]'), FAIL, Link.ACTION, THE_ALARM),
    Public("an alarm whose action is true", altered(ACTION, "[true]"), FAIL, Link.ACTION, THE_ALARM),
    Public("a subscription without address", altered('"secops@example.com"', '""'), FAIL, Link.SUBSCRIPTION),
    Public(
        "filters of other controls only",
        NOT_OURS,
        FAIL,
        Link.METRIC_FILTER,
        says="add a metric filter with the pattern",
    ),
    Public(
        "a network only", {"main.tf": VERSIONS + PROVIDER + VPC}, FAIL, Link.METRIC_FILTER, "provider.aws"
    ),
    Public("a hundred roots without it", unrelated(100), FAIL),
    Public(
        "a library of modules with examples",
        {
            **GENERIC_MODULE,
            "README.md": "# Modules\n",
            "examples/basic/main.tf": PROVIDER
            + 'module "network" {\n  source = "../../modules/network"\n}\n',
            "examples/full/main.tf": PROVIDER + 'module "network" {\n  source = "../../modules/network"\n}\n',
            "modules/network/main.tf": VPC,
        },
        FAIL,
    ),
    Public(
        "a trail of one region",
        altered("is_multi_region_trail         = true", "is_multi_region_trail         = false"),
        FAIL,
        Link.TRAIL,
        "aws_cloudtrail.this",
    ),
    Public(
        "a field that events do not have",
        altered("$.eventName", "$.EventName"),
        FAIL,
        Link.METRIC_FILTER,
        THE_FILTER,
        "$.EventName",
    ),
    Public(
        "a topic without subscription",
        {**WHOLE, "sns.tf": TOPIC},
        FAIL,
        Link.SUBSCRIPTION,
        THE_TOPIC,
    ),
    Public(
        "rules that come in only",
        altered(
            SIX_SPACED,
            "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupIngress) }",
        ),
        FAIL,
        Link.METRIC_FILTER,
        THE_FILTER,
    ),
    Public(
        "the alarm reads another metric",
        altered('metric_name         = "SecurityGroupEventCount"', 'metric_name = "SecurityGroupEvents"'),
        FAIL,
        Link.ALARM,
        THE_FILTER,
    ),
    Public(
        "an average over minutes without a change",
        altered(
            '"Sum"',
            '"Average"',
            altered('    value     = "1"', '    value         = "1"\n    default_value = "0"'),
        ),
        FAIL,
        Link.ALARM,
        THE_ALARM,
    ),
    Public(
        "an alarm that is switched off",
        {
            **altered(
                'resource "aws_cloudwatch_metric_alarm" "security_group_changes" {\n',
                'resource "aws_cloudwatch_metric_alarm" "security_group_changes" {\n'
                "  count = var.enable_cis_alarms ? 1 : 0\n",
            ),
            "variables.tf": 'variable "enable_cis_alarms" {\n  type    = bool\n  default = false\n}\n',
        },
        FAIL,
        Link.ALARM,
        THE_FILTER,
    ),
    Public("a mistake in the syntax", {**WHOLE, "sns.tf": TOPIC + "resource {"}, UNKNOWN, says="sns.tf"),
    Public(
        "code encrypted by git-crypt",
        {**WHOLE, "sns.tf": b"\x00GITCRYPT\x00\x8f\x01\x9c\xb3\xe2\x10"},
        UNKNOWN,
        says="sns.tf is encrypted by git-crypt",
    ),
    Public(
        "alarms from a registry that are not here",
        {
            **WITH_TRAIL,
            "alarms.tf": """module "cis_alarms" {
  source  = "acme/cloudwatch/aws//modules/cis-alarms"
  version = "~> 5.0"

  log_group_name = aws_cloudwatch_log_group.cloudtrail.name
  alarm_actions  = [aws_sns_topic.security.arn]
}
""",
            "sns.tf": NOTIFY,
        },
        UNKNOWN,
        says="terraform init",
    ),
    Public(
        "a metric by the id of a filter of another name",
        altered(
            'metric_name         = "SecurityGroupEventCount"',
            f'metric_name         = "${{{THE_FILTER}.id}}-count"',
        ),
        FAIL,
        Link.ALARM,
        THE_FILTER,
    ),
    Public(
        "actions of which nothing is left",
        {
            **altered(ACTION, "compact([var.security_topic_arn, var.pager_topic_arn])"),
            "variables.tf": "".join(
                f'variable "{one}_topic_arn" {{\n  type    = string\n  default = ""\n}}\n'
                for one in ("security", "pager")
            ),
        },
        FAIL,
        Link.ACTION,
        THE_ALARM,
    ),
    Public(
        "actions in production only",
        {
            **altered(ACTION, 'var.environment == "prod" ? [aws_sns_topic.security.arn] : []'),
            "variables.tf": 'variable "environment" {\n  type    = string\n  default = "dev"\n}\n',
        },
        FAIL,
        Link.ACTION,
        THE_ALARM,
    ),
    Public(
        "an action that is cut out",
        altered(ACTION, '[replace(aws_sns_topic.security.arn, "/.*/", "")]'),
        UNKNOWN,
        Link.ACTION,
        THE_ALARM,
    ),
    Public(
        "an EventBridge rule only",
        {
            **WITH_TRAIL,
            "rule.tf": f"""resource "aws_cloudwatch_event_rule" "sg" {{
  name = "security-group-changes"
  event_pattern = jsonencode({{
    source      = ["aws.ec2"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {{
      eventSource = ["ec2.amazonaws.com"]
      eventName   = {NAMES}
    }}
  }})
}}

resource "aws_cloudwatch_event_target" "sg" {{
  rule = aws_cloudwatch_event_rule.sg.name
  arn  = aws_sns_topic.security.arn
}}

resource "aws_sns_topic_policy" "security" {{
  arn = aws_sns_topic.security.arn
  policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Service = "events.amazonaws.com" }}
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.security.arn
    }}]
  }})
}}
""",
            "sns.tf": NOTIFY,
        },
        FAIL,
        Link.METRIC_FILTER,
        says="each of these changes is also notified by itself",
    ),
    Public(
        "a subscription of another topic",
        {
            **altered("topic_arn = aws_sns_topic.security.arn", "topic_arn = aws_sns_topic.billing.arn"),
            "billing.tf": 'resource "aws_sns_topic" "billing" {\n  name = "billing"\n}\n',
        },
        FAIL,
        Link.SUBSCRIPTION,
        THE_TOPIC,
    ),
    Public(
        "actions disabled by a text",
        altered("  alarm_actions       =", '  actions_enabled     = "false"\n  alarm_actions       ='),
        FAIL,
        Link.ACTION,
        THE_ALARM,
    ),
    Public(
        "a trail that is stopped",
        altered("include_global_service_events = true", "enable_logging = false"),
        FAIL,
        Link.TRAIL,
        "aws_cloudtrail.this",
    ),
    Public(
        "a topic with the key of AWS",
        altered(
            'name = "security-alerts"', 'name = "security-alerts"\n  kms_master_key_id = "alias/aws/sns"'
        ),
        FAIL,
        Link.KEY,
    ),
    Public(
        "a pattern that is a required variable",
        {**altered(f'"{SIX_SPACED}"', "var.pattern"), "variables.tf": variables("pattern string")},
        UNKNOWN,
        Link.METRIC_FILTER,
        THE_FILTER,
        "variable file that sets pattern",
    ),
    Public(
        "no AWS",
        {
            "main.tf": 'provider "google" {\n  project = "acme"\n}\n\nresource "google_compute_network" "main" {\n'
            '  name = "main"\n}\n'
        },
        None,
    ),
)
"""Codebases that lack the alarm, or have one that does not work, or that cannot be read."""
