"""Terraform code in every form that people write it in, each with its verdict and what it points at.

One table for every suite that judges code: the reader in this process, Checkov with our check, and plans.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from code_builder import (
    ALARM,
    FILTER,
    LOG_GROUP,
    PROVIDER,
    SUBSCRIPTION,
    TOPIC,
    TRAIL,
    WHOLE,
    changed,
    without,
)
from registry_modules import (
    CIS_ALARMS,
    CLOUDTRAIL_ALARMS,
    LABEL,
    LOG_METRIC_FILTER,
    METRIC_ALARM,
    downloaded,
)
from sg_alarm.rule.operations import PATTERN_OF_SIX, SIX
from sg_alarm.rule.verdict import Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


@dataclass(frozen=True)
class Codebase:
    """A codebase and what must be said of it.

    ``files`` are texts by path. ``root`` is the folder of the root module that is judged, and ``others`` are
    the verdicts of the other roots by folder; there are no more. ``verdict`` is ``None`` where there is
    nothing to judge. ``points_at`` is the address that a finding of this verdict must name, ``says`` a part
    of its evidence; empty where it does not matter. ``given`` is the text of a variable file that the user
    names, besides those that Terraform finds.
    """

    name: str
    files: Mapping[str, str]
    verdict: Verdict | None
    points_at: str = ""
    says: str = ""
    root: str = "."
    others: Mapping[str, Verdict] = field(default_factory=dict)
    given: str = ""

    def __str__(self) -> str:
        return self.name


def files_of(code: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return the files of a codebase; a text alone is ``main.tf``."""
    return {"main.tf": code} if isinstance(code, str) else code


THE_FILTER = "aws_cloudwatch_log_metric_filter.sg"
THE_ALARM = "aws_cloudwatch_metric_alarm.sg"
THE_TOPIC = "aws_sns_topic.alarms"
THE_MAIL = "aws_sns_topic_subscription.mail"
THE_TRAIL = "aws_cloudtrail.main"

GROUP = "aws_cloudwatch_log_group.trail.name"
PATTERN = f'"{PATTERN_OF_SIX}"'
NAMES = json.dumps(list(SIX))
ACTION = "[aws_sns_topic.alarms.arn]"

TWO_REGIONS = (
    PROVIDER
    + """
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}

module "eu" {
  source = "./regional"
}

module "us" {
  source = "./other"
  providers = {
    aws = aws.us
  }
}
"""
)
REGIONAL = changed(
    "is_multi_region_trail      = true", "is_multi_region_trail      = false", text=without("provider")
)

THE_QUEUE = "aws_sns_topic_subscription.queue"

QUEUE = (
    without("subscription")
    + """
resource "aws_sns_topic_subscription" "queue" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.alerts.arn
}

resource "aws_sqs_queue" "alerts" {
  name = "alerts"
}
"""
)
QUEUE_POLICY = """
data "aws_iam_policy_document" "queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.alarms.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "alerts" {
  queue_url = aws_sqs_queue.alerts.id
  policy    = data.aws_iam_policy_document.queue.json
}
"""
ENCRYPTED_QUEUE = changed(
    'resource "aws_sqs_queue" "alerts" {',
    'resource "aws_sqs_queue" "alerts" {\n  kms_master_key_id = aws_kms_key.queue.arn',
    QUEUE_POLICY,
    QUEUE,
)
QUEUE_KEY = """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "queue" {
  policy = data.aws_iam_policy_document.key.json
}
"""
THE_FUNCTION = "aws_sns_topic_subscription.function"
FUNCTION = (
    without("subscription")
    + """
resource "aws_sns_topic_subscription" "function" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.notify.arn
}

resource "aws_lambda_function" "notify" {
  function_name = "notify"
  role          = "arn:aws:iam::111122223333:role/notify"
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "notify.zip"
}
"""
)
PERMISSION = """
resource "aws_lambda_permission" "topic" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.notify.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.alarms.arn
}
"""

POLICY = """
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = %s
}
"""
PUBLISH = (
    POLICY
    % """jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "arn:${data.aws_partition.current.partition}:sns:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:alarms"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })"""
)
DOCUMENT = (
    POLICY % "data.aws_iam_policy_document.publish.json"
    + """
data "aws_iam_policy_document" "publish" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.${data.aws_partition.current.dns_suffix}"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}
"""
)
KEY = """
resource "aws_kms_key" "topic" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
    }]
  })
}
"""
ENCRYPTED = 'name = "alarms"\n  kms_master_key_id = '

FILTERS_OF_A_MAP = f"""
variable "filters" {{
  default = {{
    root = {{ pattern = "{{ $.userIdentity.type = Root }}", metric = "Root" }}
    sg   = {{ names = {NAMES}, metric = "Changes" }}
  }}
}}
resource "aws_cloudwatch_log_metric_filter" "this" {{
  for_each       = var.filters
  name           = each.key
  log_group_name = {GROUP}
  pattern        = try(each.value.pattern, "{{ ${{join(" || ", [for n in each.value.names : "($.eventName = ${{n}})"])}} }}")
  metric_transformation {{
    name      = each.value.metric
    namespace = "Security"
    value     = 1
  }}
}}
resource "aws_cloudwatch_metric_alarm" "this" {{
  for_each            = var.filters
  alarm_name          = each.key
  metric_name         = aws_cloudwatch_log_metric_filter.this[each.key].metric_transformation[0].name
  namespace           = "Security"
  statistic           = "Sum"
  period              = "300"
  evaluation_periods  = "1"
  threshold           = "1"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}}
"""

MODULE = {
    "alarm/main.tf": changed(GROUP, "var.log_group", text=FILTER)
    + changed(ACTION, "var.actions", text=ALARM)
    + 'variable "log_group" {}\nvariable "actions" { type = list(string) }\nvariable "enabled" { default = true }\n'
}
CALL = """
module "alarm" {
  source    = "./alarm"
  log_group = aws_cloudwatch_log_group.trail.name
  actions   = [aws_sns_topic.alarms.arn]
}
"""
WITHOUT_ALARM = without("filter", "alarm")
DOWNLOADED = {
    ".terraform/modules/modules.json": json.dumps(
        {
            "Modules": [
                {"Key": "", "Source": "", "Dir": "."},
                {
                    "Key": "alarm",
                    "Source": "registry.terraform.io/acme/sg-alarm/aws",
                    "Dir": ".terraform/modules/alarm",
                },
            ]
        }
    ),
    ".terraform/modules/alarm/main.tf": MODULE["alarm/main.tf"],
    "main.tf": WITHOUT_ALARM + changed("./alarm", "acme/sg-alarm/aws", text=CALL),
}


def counted(part: str, expression: str, text: str = WHOLE) -> str:
    """A resource with a count, all references to it with an index."""
    kind, name = part.split(".")
    block = f'resource "{kind}" "{name}" {{'
    return text.replace(f"{part}.", f"{part}[0].").replace(block, f"{block}\n  count = {expression}")


WORKING = {
    "the whole chain in one file": WHOLE,
    "the chain over several files": {
        "a.tf": PROVIDER + TRAIL,
        "b.tf": LOG_GROUP + FILTER,
        "c.tf": ALARM + TOPIC + SUBSCRIPTION,
    },
    "no provider": without("provider"),
    "a metric by the index of its filter": counted(
        THE_ALARM,
        "1",
        counted(THE_FILTER, "1").replace(f"{THE_FILTER}[0].metric", f"{THE_FILTER}[count.index].metric"),
    ),
    "a metric in a condition": changed(
        f"{THE_FILTER}.metric_transformation[0].name\n",
        f'true ? {THE_FILTER}.metric_transformation[0].name : "x"\n',
    ),
    "a policy in a heredoc": WHOLE
    + POLICY
    % """<<-EOT
    {"Statement": {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
     "Action": "sns:Publish", "Resource": "${aws_sns_topic.alarms.arn}",
     "Condition": {"StringEquals": {"aws:SourceAccount": "${data.aws_caller_identity.current.account_id}"}}}}
  EOT""",
    "references to account and region in a description": changed(
        'name = "alarms"',
        'name = "alarms"\n  display_name = "of data.aws_region.current.name, aws_sns_topic.x.metric_transformation[0].y"',
    ),
    "the pattern from a variable's default": changed(
        PATTERN, "var.p", f'variable "p" {{ default = {PATTERN} }}'
    ),
    "the pattern from terraform.tfvars": {
        "main.tf": changed(PATTERN, "var.p", 'variable "p" { type = string }'),
        "terraform.tfvars": f"p = {PATTERN}\n",
    },
    "the pattern from a variable file in JSON": {
        "main.tf": changed(PATTERN, "var.p", 'variable "p" { type = string }'),
        "sg.auto.tfvars.json": json.dumps({"p": PATTERN_OF_SIX}),
    },
    "a later variable file wins": {
        "main.tf": changed(PATTERN, "var.p", 'variable "p" { type = string }'),
        "terraform.tfvars": 'p = "{ $.eventName = Nothing }"\n',
        "z.auto.tfvars": f"p = {PATTERN}\n",
    },
    "the pattern from a local": changed(PATTERN, "local.p", f"locals {{ p = {PATTERN} }}"),
    "the pattern joined": changed(
        PATTERN,
        '"{ ${join(" || ", formatlist("($.eventName = %s)", local.names))} }"',
        f"locals {{ names = {NAMES} }}",
    ),
    "the pattern in a heredoc": changed(PATTERN, f"<<-EOF\n    {PATTERN_OF_SIX}\n  EOF"),
    "the pattern in a file": {
        "main.tf": changed(PATTERN, 'file("${path.module}/pattern.txt")'),
        "pattern.txt": PATTERN_OF_SIX,
    },
    "filters and alarms for each of a map": WITHOUT_ALARM + FILTERS_OF_A_MAP,
    "a filter that is counted": counted(THE_FILTER, "var.on ? 1 : 0") + 'variable "on" { default = true }',
    "a topic that is counted": counted(THE_TOPIC, "1"),
    "subscriptions for each of a set": changed(
        'resource "aws_sns_topic_subscription" "mail" {',
        'resource "aws_sns_topic_subscription" "mail" {\n  for_each = toset(["a@example.com"])',
    ),
    "a dynamic metric": changed(
        "  metric_transformation {",
        "  dynamic metric_transformation {\n    for_each = [1]\n    content {",
        text=WHOLE.replace('value     = "1"\n  }', 'value     = "1"\n  }\n  }'),
    ),
    "JSON syntax": {
        "main.tf": without("topic", "subscription"),
        "topic.tf.json": json.dumps(
            {
                "resource": {
                    "aws_sns_topic": {"alarms": {"name": "alarms"}},
                    "aws_sns_topic_subscription": {
                        "mail": {
                            "topic_arn": "${aws_sns_topic.alarms.arn}",
                            "protocol": "email",
                            "endpoint": "a@example.com",
                        }
                    },
                }
            }
        ),
    },
    "a topic policy with account and region": WHOLE + PUBLISH,
    "a topic policy from a document": WHOLE + DOCUMENT,
    "a topic with a key of ours": changed('name = "alarms"', ENCRYPTED + "aws_kms_key.topic.arn", KEY),
    "a topic with a key by its id": changed('name = "alarms"', ENCRYPTED + "aws_kms_key.topic.key_id", KEY),
    "a topic with a key by its alias": changed(
        'name = "alarms"',
        ENCRYPTED + "aws_kms_alias.topic.name",
        KEY
        + 'resource "aws_kms_alias" "topic" {\n  name = "alias/t"\n  target_key_id = aws_kms_key.topic.key_id\n}\n',
    ),
    "a key that a variable leaves out": changed(
        'name = "alarms"', ENCRYPTED + "var.key", 'variable "key" { default = null }'
    ),
    "a key that a condition leaves out": changed(
        'name = "alarms"',
        ENCRYPTED + "var.encrypt ? aws_kms_key.topic[0].arn : null",
        'variable "encrypt" { default = false }\n' + counted("aws_kms_key.topic", "0", KEY),
    ),
    "the group by its literal name": changed(GROUP, '"of-another-code"', text=without("trail", "log_group")),
    "the group by a variable": changed(
        GROUP, "var.g", 'variable "g" { type = string }', without("trail", "log_group")
    ),
    "the group by a data source": changed(
        GROUP,
        "data.aws_cloudwatch_log_group.g.name",
        'data "aws_cloudwatch_log_group" "g" { name = "of-another-code" }',
        without("trail", "log_group"),
    ),
    "a mail address from a variable": changed(
        '"security@example.com"', "var.mail", 'variable "mail" { type = string }'
    ),
    "names with a variable in them": changed(
        'name = "alarms"', 'name = "${var.prefix}-alarms"', 'variable "prefix" { type = string }'
    ),
    "a local module": {"main.tf": WITHOUT_ALARM + CALL, **MODULE},
    "a local module called twice": {
        "main.tf": WITHOUT_ALARM + CALL + changed('"alarm"', '"second"', text=CALL).replace(ACTION, "[]"),
        **MODULE,
    },
    "a local module for each of a map": {
        "main.tf": WITHOUT_ALARM + changed("source ", "for_each = { a = 1 }\n  source ", text=CALL),
        **MODULE,
    },
    "modules in modules": {
        "main.tf": WITHOUT_ALARM + CALL.replace("./alarm", "./outer"),
        "outer/main.tf": CALL.replace("./alarm", "../alarm")
        .replace(GROUP, "var.log_group")
        .replace(ACTION, "var.actions")
        + 'variable "log_group" {}\nvariable "actions" {}\n',
        **MODULE,
    },
    "a module that gives its topic out": {
        "main.tf": changed(
            "aws_sns_topic.alarms.arn",
            "module.topic.arn",
            'module "topic" { source = "./topic" }',
            without("topic"),
        ),
        "topic/main.tf": TOPIC + 'output "arn" { value = aws_sns_topic.alarms.arn }\n',
    },
    "a downloaded module": DOWNLOADED,
    "an alias of the provider": changed(
        "\n}\n",
        "\n  provider = aws.home\n}\n",
        'provider "aws" {\n  alias = "home"\n  region = "us-east-1"\n}\n',
    ),
    "a trail of several selectors": changed(
        'name                       = "main"',
        'name = "main"\n  event_selector {\n    read_write_type = "WriteOnly"\n    include_management_events = true\n  }',
    ),
    "a role with a policy": changed(
        '"arn:aws:iam::111122223333:role/trail"',
        "aws_iam_role.trail.arn",
        'resource "aws_iam_role" "trail" {\n  name = "trail"\n  assume_role_policy = "{}"\n}\n'
        'resource "aws_iam_role_policy" "trail" {\n  role = aws_iam_role.trail.id\n  policy = "{}"\n}\n',
    ),
    "metric math": changed(
        '  statistic           = "Sum"\n  period              = 300\n',
        "",
        text=WHOLE.replace(
            "  metric_name         = aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name\n"
            "  namespace           = aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].namespace\n",
            """
  metric_query {
    id          = "e"
    expression  = "FILL(m, 0)"
    return_data = true
  }
  metric_query {
    id = "m"
    metric {
      metric_name = "Changes"
      namespace   = "Security"
      stat        = "Sum"
      period      = 300
    }
  }
""",
        ),
    ),
    "comments and odd formatting": changed(
        'resource "aws_sns_topic" "alarms" {',
        '# resource "aws_sns_topic" "alarms" {\n/* } */ resource aws_sns_topic alarms { // {',
    ),
    **{
        f"a comment behind the source of a module, {sign}": {
            "main.tf": WITHOUT_ALARM + changed('"./alarm"', f'"./alarm" {sign} ours', text=CALL),
            **MODULE,
        }
        for sign in ("#", "//")
    },
    "a comment of several lines behind the source of a module": {
        "main.tf": WITHOUT_ALARM + changed('"./alarm"', '"./alarm" /* ours,\n  since 2020 */', text=CALL),
        **MODULE,
    },
    "a comment behind a count": counted(THE_ALARM, "1 # var.on ? 1 : 0"),
    "comments behind for_each, iterator and provider": changed(
        'resource "aws_sns_topic_subscription" "mail" {',
        'resource "aws_sns_topic_subscription" "mail" {\n  for_each = toset(["a"]) # toset(var.mails)\n'
        "  provider = aws.home // aws.away",
        'provider "aws" {\n  alias = "home"\n  region = "eu-west-1"\n}\n',
    ),
    "a comment behind an iterator": changed(
        "  metric_transformation {",
        "  dynamic metric_transformation {\n    for_each = [1]\n    iterator = each_one # of all\n    content {",
        text=WHOLE.replace('value     = "1"\n  }', "value     = each_one.value\n  }\n  }"),
    ),
    "comments behind a type and a list of providers": {
        "main.tf": WITHOUT_ALARM
        + changed(
            "source ",
            "providers = { # the ones of the account\n    aws = aws.home # aws.away\n  }\n  source ",
            text=CALL.replace("[aws_sns", "[ # aws_sns_topic.old.arn,\n    aws_sns"),
        )
        + 'provider "aws" {\n  alias = "home"\n  region = "eu-west-1"\n}\n',
        "alarm/main.tf": changed(
            "list(string)",
            "list(string) # not a set(string)",
            text=MODULE["alarm/main.tf"].replace("type = list(string) }", "\n type = list(string)\n}"),
        ),
    },
    "the name of another topic in a comment": changed(ACTION, f"{ACTION} # was aws_sns_topic.old.arn"),
    "a byte order mark": "\ufeff" + WHOLE,
    "lines that end as on Windows": WHOLE.replace("\n", "\r\n"),
    "an alarm without threshold, which is 0": changed("  threshold           = 1\n", ""),
    "a template with a directive": changed(
        PATTERN,
        '"{ %{ for n in local.names ~}%{ if n != local.names[0] } || %{ endif }($.eventName = ${n})%{ endfor } }"',
        f"locals {{ names = {NAMES} }}",
    ),
    "filters and alarms from a file in YAML": {
        "main.tf": WITHOUT_ALARM
        + changed("var.filters", "local.filters", text=FILTERS_OF_A_MAP[FILTERS_OF_A_MAP.index("resource") :])
        + 'locals { filters = yamldecode(file("${path.module}/filters.yaml")) }\n',
        "filters.yaml": f"sg:\n  metric: Changes\n  pattern: '{PATTERN_OF_SIX}'\n",
    },
    "a pattern that is put together": changed(
        PATTERN,
        'format("{ %s }", join(" || ", [for n in split(",", local.names) : "($.eventName = ${trimspace(n)})"]))',
        f"locals {{ names = {json.dumps(', '.join(SIX))} }}",
    ),
    "names in small letters, with a variable in them": changed(
        'name = "alarms"', 'name = lower("${var.prefix}-Alarms")', 'variable "prefix" { type = string }'
    )
    .replace('name      = "Changes"', 'name = replace(upper(var.prefix), "-", "")')
    .replace(
        f"metric_name         = {THE_FILTER}.metric_transformation[0].name",
        'metric_name = replace(upper(var.prefix), "-", "")',
    ),
    "a log group whose name AWS makes up": changed('name = "trail"', 'name_prefix = "trail-"'),
    "a sensitive address": changed(
        '"security@example.com"',
        "var.mail",
        'variable "mail" {\n  default = "a@example.com"\n  sensitive = true\n}',
    ),
    "a pattern from a template": {
        "main.tf": changed(PATTERN, f'templatefile("${{path.module}}/p.tftpl", {{ names = {NAMES} }})'),
        "p.tftpl": '{ ${join(" || ", [for n in names : "($.eventName = ${n})"])} }',
    },
    "a count that compares the region": counted(THE_ALARM, 'data.aws_region.r.name == "us-east-1" ? 0 : 1')
    + 'data "aws_region" "r" {}',
    "a count that compares the region by a local": counted(THE_ALARM, "local.here ? 0 : 1")
    + 'data "aws_region" "r" {}\nlocals { here = data.aws_region.r.name == "us-east-1" }\n',
}


# What is named here and declared elsewhere is assumed to be right.
ASSUMED = {
    "selectors without value": changed(
        "s3_bucket_name ",
        "dynamic event_selector {\n    for_each = var.s\n    content {\n      read_write_type = "
        "event_selector.value\n    }\n  }\n  s3_bucket_name ",
        'variable "s" { type = list(string) }',
    ),
    "for_each over a list without value": changed(
        'resource "aws_sns_topic_subscription" "mail" {',
        'resource "aws_sns_topic_subscription" "mail" {\n  for_each = toset(var.mails)',
        'variable "mails" { type = list(string) }',
    ),
    "an action of another code": changed(ACTION, "[var.topic]", 'variable "topic" { type = string }'),
    "actions without value": changed(ACTION, "var.topics", 'variable "topics" { type = list(string) }'),
    "a key that may be set": changed(
        'name = "alarms"', ENCRYPTED + "var.key", 'variable "key" { type = string }'
    ),
    "a topic policy for an account by number": WHOLE
    + PUBLISH.replace("= data.aws_caller_identity.current.account_id", '= "111122223333"'),
    "a group without the trail that fills it": without("trail"),
    "a role without policy": changed(
        '"arn:aws:iam::111122223333:role/trail"',
        "aws_iam_role.trail.arn",
        'resource "aws_iam_role" "trail" {\n  name = "trail"\n  assume_role_policy = "{}"\n}\n',
    ),
}


BROKEN = {
    "no alarm": (without("alarm"), THE_FILTER),
    "no filter": (
        changed(
            f"{THE_FILTER}.metric_transformation[0].name",
            '"Changes"',
            text=changed(f"{THE_FILTER}.metric_transformation[0].namespace", '"Security"'),
        ).replace(FILTER, ""),
        "aws_cloudwatch_log_group.trail",
    ),
    "no subscription": (without("subscription"), THE_TOPIC),
    "nothing at all": (PROVIDER + 'resource "aws_vpc" "v" {}', "provider.aws"),
    "nothing at all, and no provider": ('resource "aws_vpc" "v" {}', "aws_vpc.v"),
    "an operation missing": (changed("($.eventName = DeleteSecurityGroup)", "($.eventName = X)"), THE_FILTER),
    "an invalid pattern": (changed(PATTERN, '"{ ($.eventName = "'), THE_FILTER),
    "another metric": (changed("metric_transformation[0].name\n", "id\n"), THE_FILTER),
    "a threshold too high": (changed("threshold           = 1", "threshold = 5"), THE_ALARM),
    "no action": (changed(ACTION, "[]"), THE_ALARM),
    "actions disabled": (changed("alarm_actions ", "actions_enabled = false\n  alarm_actions "), THE_ALARM),
    "a stopped trail": (
        changed("is_multi_region_trail ", "enable_logging = false\n  is_multi_region_trail "),
        THE_TRAIL,
    ),
    "a trail without log group": (changed("  cloud_watch_logs_group_arn", "# "), THE_TRAIL),
    "a trail without log group, the group by name": (
        changed("  cloud_watch_logs_group_arn", "# ", text=changed(GROUP, '"elsewhere"')).replace(
            LOG_GROUP, ""
        ),
        THE_TRAIL,
    ),
    "a trail without role": (changed("  cloud_watch_logs_role_arn", "# "), "aws_cloudwatch_log_group.trail"),
    "read events only": (
        changed("s3_bucket_name ", 'event_selector { read_write_type = "ReadOnly" }\n  s3_bucket_name '),
        THE_TRAIL,
    ),
    "a topic with the key of AWS": (
        changed('name = "alarms"', ENCRYPTED + '"alias/aws/sns"'),
        "alias/aws/sns",
    ),
    "a key without a policy for CloudWatch": (
        changed('name = "alarms"', ENCRYPTED + "aws_kms_key.topic.arn", 'resource "aws_kms_key" "topic" {}'),
        "aws_kms_key.topic",
    ),
    "a topic policy for another service": (
        WHOLE + PUBLISH.replace("cloudwatch.amazonaws.com", "events.amazonaws.com"),
        THE_TOPIC,
    ),
    "a document for another service": (
        WHOLE + DOCUMENT.replace("cloudwatch.", "events."),
        THE_TOPIC,
    ),
    "a count of 0": (counted(THE_ALARM, "0"), THE_FILTER),
    "a condition that is false": (
        counted(THE_ALARM, 'var.stage == "prod" ? 1 : 0') + 'variable "stage" { default = "dev" }',
        THE_FILTER,
    ),
    "an empty for_each": (
        changed(
            'resource "aws_sns_topic_subscription" "mail" {',
            'resource "aws_sns_topic_subscription" "mail" {\n  for_each = toset([])',
        ),
        THE_TOPIC,
    ),
    "a module that is switched off": (
        {"main.tf": WITHOUT_ALARM + changed("source ", "count = 0\n  source ", text=CALL), **MODULE},
        "aws_cloudwatch_log_group.trail",
    ),
    "a module with a broken alarm": (
        {
            "main.tf": WITHOUT_ALARM + CALL,
            "alarm/main.tf": MODULE["alarm/main.tf"].replace("threshold           = 1", "threshold = 9"),
        },
        "module.alarm.aws_cloudwatch_metric_alarm.sg",
    ),
    "an alarm in another region": (
        changed(
            'alarm_name          = "sg"',
            'alarm_name = "sg"\n  provider = aws.us',
            'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n',
        ),
        THE_FILTER,
    ),
    "a missing module that is about networks": (
        PROVIDER + 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n',
        "provider.aws",
    ),
    "actions disabled by a text": (
        changed("alarm_actions ", 'actions_enabled = "false"\n  alarm_actions '),
        THE_ALARM,
    ),
    "a subscription of another topic": (
        changed(
            "topic_arn = aws_sns_topic.alarms.arn",
            "topic_arn = aws_sns_topic.other.arn",
            'resource "aws_sns_topic" "other" { name = "other" }\n',
        ),
        THE_TOPIC,
    ),
    "a module with a comment behind its source, and a broken chain": (
        {
            "main.tf": WHOLE
            + 'module "access" {\n  source = "./access" # ours\n  topic  = aws_sns_topic.alarms.arn\n}\n',
            "access/main.tf": 'variable "topic" {}\nresource "aws_sns_topic_policy" "p" {\n  arn = var.topic\n'
            '  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*",\n'
            '    Principal = { AWS = "arn:aws:iam::123456789012:root" } }] })\n}\n',
        },
        THE_TOPIC,
    ),
    "an alarm in another region, with a comment behind its provider": (
        changed(
            'alarm_name          = "sg"',
            'alarm_name = "sg"\n  provider = aws.us # not aws',
            'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n',
        ),
        THE_FILTER,
    ),
    "a filter policy that drops the message": (
        changed('protocol  = "email"', 'protocol = "email"\n  filter_policy = jsonencode({ team = ["x"] })'),
        THE_MAIL,
    ),
}


UNCERTAIN = {
    "a count that hangs on a variable without value": (
        counted(THE_ALARM, "var.on ? 1 : 0") + 'variable "on" { type = bool }',
        THE_ALARM,
        "variable file that sets on",
    ),
    "a count that compares a text without value": (
        counted(THE_ALARM, 'var.stage == "dev" ? 0 : 1') + 'variable "stage" { type = string }',
        THE_ALARM,
        "variable file that sets stage",
    ),
    "a count that compares a region that is not in the code": (
        counted(THE_ALARM, "local.here ? 0 : 1", text=without("provider"))
        + 'data "aws_region" "r" {}\nlocals { here = data.aws_region.r.name == "us-east-1" }\n',
        THE_ALARM,
        "judge the plan",
    ),
    "a count that hangs on the length of a list without value": (
        counted(THE_ALARM, "length(var.l) > 0 ? 0 : 1") + 'variable "l" { type = list(string) }',
        THE_ALARM,
        "variable file that sets l",
    ),
    "a pattern chosen by a text without value": (
        changed(
            PATTERN, f'var.stage == "dev" ? "{{ $.x = 1 }}" : {PATTERN}', 'variable "stage" { type = string }'
        ),
        THE_FILTER,
        "variable file that sets stage",
    ),
    "a pattern looked up by a text without value": (
        changed(
            PATTERN,
            f'lookup({{ dev = "{{ $.x = 1 }}" }}, var.stage, {PATTERN})',
            'variable "stage" { type = string }',
        ),
        THE_FILTER,
        "variable file that sets stage",
    ),
    "actions chosen by the account": (
        changed(
            ACTION,
            'data.aws_caller_identity.me.account_id == "1" ? [] : [aws_sns_topic.alarms.arn]',
            'data "aws_caller_identity" "me" {}',
        ),
        THE_ALARM,
        "account_id is known only to the account",
    ),
    "a module that may be switched off": (
        {
            "main.tf": WITHOUT_ALARM
            + changed("source ", "count = var.on ? 1 : 0\n  source ", text=CALL)
            + 'variable "on" { type = bool }\n',
            **MODULE,
        },
        "module.alarm.aws_cloudwatch_log_metric_filter.sg",
        "variable file that sets on",
    ),
    "a module whose argument has no value": (
        {
            "main.tf": WITHOUT_ALARM
            + changed("source ", "enabled = var.on\n  source ", text=CALL)
            + 'variable "on" { type = bool }\n',
            "alarm/main.tf": counted(THE_ALARM, "var.enabled ? 1 : 0", MODULE["alarm/main.tf"]),
        },
        "module.alarm.aws_cloudwatch_metric_alarm.sg",
        "variable file that sets on",
    ),
    "for_each over what only AWS knows": (
        changed(
            'resource "aws_cloudwatch_metric_alarm" "sg" {',
            'resource "aws_cloudwatch_metric_alarm" "sg" {\n  for_each = toset(data.aws_regions.all.names)',
            'data "aws_regions" "all" {}',
        ),
        THE_ALARM,
        "for_each is not known",
    ),
    "a pattern without value": (
        changed(PATTERN, "var.p", 'variable "p" { type = string }'),
        THE_FILTER,
        "variable file that sets p",
    ),
    "a pattern with an operation without value": (
        changed(
            "$.eventName = DeleteSecurityGroup", "$.eventName = ${var.p}", 'variable "p" { type = string }'
        ),
        THE_FILTER,
        "var.p",
    ),
    "a pattern in a file that is not here": (
        changed(PATTERN, 'file("missing.txt")'),
        THE_FILTER,
        "missing.txt could not be read",
    ),
    "a threshold by a function that is not evaluated": (
        changed("threshold           = 1", "threshold = pow(1, 2)"),
        THE_ALARM,
        "pow() is not evaluated here",
    ),
    "a threshold without value": (
        changed("threshold           = 1", "threshold = var.t", 'variable "t" { type = number }'),
        THE_ALARM,
        "var.t",
    ),
    "a reference to nothing": (without("topic"), THE_ALARM, "aws_sns_topic.alarms, which is not declared"),
    "a key on a condition that nobody knows": (
        changed(
            'name = "alarms"',
            ENCRYPTED + "var.encrypt ? aws_kms_key.topic.arn : null",
            'variable "encrypt" { type = bool }\nresource "aws_kms_key" "topic" {}',
        ),
        THE_TOPIC,
        "variable file that sets encrypt",
    ),
    "dynamic metrics without value": (
        changed(
            "  metric_transformation {",
            "  dynamic metric_transformation {\n    for_each = var.m\n    content {",
            'variable "m" { type = list(string) }',
            WHOLE.replace('value     = "1"\n  }', 'value     = "1"\n  }\n  }'),
        ),
        THE_FILTER,
        "variable file that sets m",
    ),
    "an alarm module that is not here": (
        PROVIDER + 'module "cis" {\n  source = "acme/cloudwatch/aws//modules/cis-alarms"\n}\n',
        "module.cis.aws_cloudwatch_log_metric_filter.*",
        "terraform init",
    ),
    "a module that is not here, with the pattern as argument": (
        PROVIDER + f'module "x" {{\n  source = "git::https://example.com/x.git"\n  pattern = {PATTERN}\n}}\n',
        "module.x.aws_cloudwatch_log_metric_filter.*",
        "terraform init",
    ),
    "a module for each of what nobody knows": (
        {
            "main.tf": WITHOUT_ALARM
            + changed("source ", "for_each = toset(var.x)\n  source ", text=CALL)
            + 'variable "x" { type = list(string) }\n',
            **MODULE,
        },
        "module.alarm.aws_cloudwatch_log_metric_filter.sg",
        "variable file that sets x",
    ),
    "a file that cannot be parsed": ({"main.tf": WHOLE, "b.tf": 'resource "a'}, "", "b.tf"),
    "JSON that cannot be parsed": ({"main.tf": WHOLE, "b.tf.json": "{"}, "", "b.tf.json"),
    "a variable file that cannot be parsed": ({"main.tf": WHOLE, "terraform.tfvars": "a = ["}, "", "tfvars"),
    "bytes that are no text": ({"main.tf": WHOLE, "b.tf": "\x00\x01{{{"}, "", "b.tf"),
}


FILTER_AND_ALARM = f"""
module "log_metric_filter" {{
  source  = "terraform-aws-modules/cloudwatch/aws//modules/log-metric-filter"
  version = "~> 5.0"

  log_group_name                  = {GROUP}
  name                            = "sg"
  pattern                         = {PATTERN}
  metric_transformation_namespace = "Security"
  metric_transformation_name      = "Changes"
}}

module "alarm" {{
  source  = "terraform-aws-modules/cloudwatch/aws//modules/metric-alarm"
  version = "~> 5.0"

  alarm_name          = "sg"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  threshold           = 1
  period              = 300
  namespace           = "Security"
  metric_name         = "Changes"
  statistic           = "Sum"
  treat_missing_data  = "notBreaching"
  alarm_actions       = {ACTION}
}}
"""
CLOUDWATCH = "terraform-aws-modules/cloudwatch/aws//modules"
FILTER_AND_ALARM_HERE = downloaded(
    {
        "log_metric_filter": (
            f"{CLOUDWATCH}/log-metric-filter",
            "log_metric_filter/modules/log-metric-filter",
            {"main.tf": LOG_METRIC_FILTER},
        ),
        "alarm": (f"{CLOUDWATCH}/metric-alarm", "alarm/modules/metric-alarm", {"main.tf": METRIC_ALARM}),
    }
)
CIS = f"""
module "cis_alarms" {{
  source  = "terraform-aws-modules/cloudwatch/aws//modules/cis-alarms"
  version = "~> 5.0"

  log_group_name = {GROUP}
  alarm_actions  = {ACTION}
}}
"""
CIS_HERE = downloaded(
    {"cis_alarms": (f"{CLOUDWATCH}/cis-alarms", "cis_alarms/modules/cis-alarms", {"main.tf": CIS_ALARMS})}
)
TRAIL_ALARMS = f"""
module "metrics" {{
  source  = "cloudposse/cloudtrail-cloudwatch-alarms/aws"
  version = "0.14.0"

  enabled        = true
  namespace      = "acme"
  log_group_name = {GROUP}
  metrics = {{
    SecurityGroupChanges = {{
      metric_name               = "SecurityGroupEventCount"
      metric_value              = "1"
      filter_pattern            = {PATTERN}
      alarm_name                = "SecurityGroupChanges"
      alarm_comparison_operator = "GreaterThanOrEqualToThreshold"
      alarm_evaluation_periods  = "1"
      alarm_period              = "300"
      alarm_statistic           = "Sum"
      alarm_treat_missing_data  = "notBreaching"
      alarm_threshold           = "1"
    }}
  }}
}}
"""
TRAIL_ALARMS_HERE = downloaded(
    {
        "metrics": (
            "cloudposse/cloudtrail-cloudwatch-alarms/aws",
            "metrics",
            {"main.tf": CLOUDTRAIL_ALARMS, "label/main.tf": LABEL},
        ),
        "metrics.this": ("metrics/label", "metrics/label", {}),
        "metrics.topic_label": ("metrics/label", "metrics/label", {}),
    }
)
MAIL_TO_THEIR_TOPIC = changed("aws_sns_topic.alarms.arn", "module.metrics.sns_topic_arn", text=SUBSCRIPTION)
BARE = without("filter", "alarm", "topic", "subscription")

IN_JSON = {
    "provider": {"aws": {"region": "eu-west-1"}},
    "locals": {"alarm": {"actions": ["${aws_sns_topic.alarms.arn}"]}},
    "resource": {
        "aws_cloudtrail": {
            "main": {
                "name": "main",
                "s3_bucket_name": "bucket",
                "is_multi_region_trail": True,
                "cloud_watch_logs_group_arn": "${aws_cloudwatch_log_group.trail.arn}:*",
                "cloud_watch_logs_role_arn": "arn:aws:iam::111122223333:role/trail",
            }
        },
        "aws_cloudwatch_log_group": {"trail": {"name": "trail"}},
        "aws_cloudwatch_log_metric_filter": {
            "sg": {
                "name": "sg",
                "log_group_name": "${aws_cloudwatch_log_group.trail.name}",
                "pattern": PATTERN_OF_SIX,
                "metric_transformation": {"name": "Changes", "namespace": "Security", "value": "1"},
            }
        },
        "aws_cloudwatch_metric_alarm": {
            "sg": {
                "alarm_name": "sg",
                "metric_name": "Changes",
                "namespace": "Security",
                "statistic": "Sum",
                "period": 300,
                "evaluation_periods": 1,
                "threshold": 1,
                "comparison_operator": "GreaterThanOrEqualToThreshold",
                "alarm_actions": "${local.alarm.actions}",
            }
        },
        "aws_sns_topic": {"alarms": {"name": "alarms"}},
        "aws_sns_topic_subscription": {
            "mail": {
                "topic_arn": "${aws_sns_topic.alarms.arn}",
                "protocol": "email",
                "endpoint": "security@example.com",
            }
        },
    },
}
DOCUMENT_IN_JSON = {
    "data": {
        "aws_iam_policy_document": {
            "publish": {
                "statement": {
                    "actions": ["sns:Publish"],
                    "resources": ["${aws_sns_topic.alarms.arn}"],
                    "principals": {"type": "Service", "identifiers": ["cloudwatch.amazonaws.com"]},
                    "condition": {
                        "test": "StringEquals",
                        "variable": "aws:SourceAccount",
                        "values": ["${data.aws_caller_identity.current.account_id}"],
                    },
                }
            }
        }
    }
}
FILTERS_OF_A_LIST = f"""
locals {{ operations = {NAMES} }}
resource "aws_cloudwatch_log_metric_filter" "each" {{
  count          = length(local.operations)
  name           = local.operations[count.index]
  log_group_name = {GROUP}
  pattern        = "{{ $.eventName = ${{local.operations[count.index]}} }}"
  metric_transformation {{
    name      = "Changes"
    namespace = "Security"
    value     = "1"
  }}
}}
""" + changed(THE_FILTER, "aws_cloudwatch_log_metric_filter.each[0]", text=ALARM)

BY_VARIABLE = counted(THE_ALARM, "var.on ? 1 : 0") + 'variable "on" { type = bool }\n'
SILENT_ALARM = changed("alarm_actions ", "actions_enabled = false\n  alarm_actions ")

FURTHER = (
    Codebase(
        "a variable file of the user that switches the alarm on",
        files_of(BY_VARIABLE),
        PASS,
        given="on = true\n",
    ),
    Codebase(
        "a variable file of the user that switches the alarm off",
        files_of(BY_VARIABLE),
        FAIL,
        THE_FILTER,
        given="on = false\n",
    ),
    # The second, silent one, does not become loud by the first.
    Codebase(
        "a silent instance of a module beside a loud one",
        {"main.tf": WITHOUT_ALARM + changed(ACTION, "[]", text=CALL), **MODULE},
        FAIL,
        "module.alarm.aws_cloudwatch_metric_alarm.sg",
    ),
    Codebase(
        "a call of another root that is commented out",
        {
            "dev/main.tf": WHOLE + '# module "x" { source = "../prod" }\n/* source = "../prod" */\n',
            "prod/main.tf": without("alarm"),
        },
        FAIL,
        THE_FILTER,
        root="prod",
        others={"dev": PASS},
    ),
    Codebase(
        "a trail of one region in each of two regions",
        {"main.tf": TWO_REGIONS, "regional/main.tf": REGIONAL, "other/main.tf": REGIONAL},
        PASS,
    ),
    Codebase(
        "a trail of one region in each of two regions, one of them without an alarm",
        {"main.tf": TWO_REGIONS, "regional/main.tf": REGIONAL, "other/main.tf": REGIONAL.replace(ALARM, "")},
        FAIL,
        "module.eu.aws_cloudtrail.main",
    ),
    Codebase(
        "a trail of one region, and no other trail",
        {
            "main.tf": changed('source = "./other"', 'source = "./empty"', text=TWO_REGIONS),
            "regional/main.tf": REGIONAL,
            "empty/main.tf": "",
        },
        FAIL,
        "module.eu.aws_cloudtrail.main",
        "records only the region eu-west-1",
    ),
    Codebase(
        "a quoted boolean that silences the alarm",
        files_of(changed("alarm_actions ", 'actions_enabled = "false"\n  alarm_actions ')),
        FAIL,
        THE_ALARM,
    ),
    Codebase(
        "a quoted boolean that leaves the alarm loud",
        files_of(changed("alarm_actions ", 'actions_enabled = "true"\n  alarm_actions ')),
        PASS,
    ),
    Codebase(
        "a subscription to another topic",
        files_of(
            changed(
                "topic_arn = aws_sns_topic.alarms.arn",
                "topic_arn = aws_sns_topic.other.arn",
                'resource "aws_sns_topic" "other" {\n  name = "other"\n}\n',
            )
        ),
        FAIL,
        THE_TOPIC,
    ),
    Codebase("a queue that lets the topic send", files_of(QUEUE + QUEUE_POLICY), PASS),
    Codebase("a queue without a policy", files_of(QUEUE), FAIL, THE_QUEUE, "the queue's policy"),
    Codebase(
        "a queue that lets another topic send",
        files_of(changed(ACTION, '["arn:aws:sns:eu-west-1:111122223333:other"]', text=QUEUE_POLICY) + QUEUE),
        FAIL,
        THE_QUEUE,
    ),
    Codebase(
        "a queue encrypted with the key of AWS",
        files_of(changed("aws_kms_key.queue.arn", '"alias/aws/sqs"', text=ENCRYPTED_QUEUE)),
        FAIL,
        THE_QUEUE,
    ),
    Codebase("a queue encrypted with a key that SNS may use", files_of(ENCRYPTED_QUEUE + QUEUE_KEY), PASS),
    Codebase(
        "a queue encrypted with a key that SNS may not use",
        files_of(changed("sns.amazonaws", "events.amazonaws", ENCRYPTED_QUEUE, QUEUE_KEY)),
        FAIL,
        THE_QUEUE,
    ),
    Codebase("a mailbox beside a queue without a policy", files_of(QUEUE + SUBSCRIPTION), PASS),
    Codebase("a function that lets the topic call it", files_of(FUNCTION + PERMISSION), PASS),
    Codebase("a function without a permission", files_of(FUNCTION), FAIL, THE_FUNCTION),
    Codebase(
        "a function that another service may call",
        files_of(changed("sns.amazonaws", "events.amazonaws", FUNCTION, PERMISSION)),
        FAIL,
        THE_FUNCTION,
    ),
    Codebase(
        "a function that is not here",
        files_of(
            changed(
                "aws_lambda_function.notify.arn",
                '"arn:aws:lambda:eu-west-1:111122223333:function:another"',
                text=FUNCTION,
            )
        ),
        PASS,
    ),
    Codebase("code without AWS", files_of('resource "google_compute_network" "n" {}\n'), None),
    Codebase("no code", {"README.md": WHOLE}, None),
    Codebase(
        "a shared module that no root uses",
        {"live/main.tf": WHOLE, "modules/alarm/main.tf": FILTER + changed(ACTION, "[]", text=ALARM)},
        PASS,
        root="live",
    ),
    Codebase(
        "a shared module that one root uses",
        {
            "live/main.tf": WITHOUT_ALARM + CALL.replace("./alarm", "../modules/alarm"),
            "modules/alarm/main.tf": MODULE["alarm/main.tf"],
        },
        PASS,
        root="live",
    ),
    Codebase(
        "several roots in one repository",
        {
            "prod/main.tf": WHOLE,
            "dev/main.tf": SILENT_ALARM,
            "sandbox/main.tf": changed(PATTERN, "var.p", 'variable "p" { type = string }'),
            "network/main.tf": 'resource "google_compute_network" "n" {}\n',
        },
        FAIL,
        THE_ALARM,
        root="dev",
        others={"prod": PASS, "sandbox": UNKNOWN},
    ),
    Codebase(
        "several roots of one module, one of them with a silent alarm",
        {
            **{
                f"{stage}/main.tf": WITHOUT_ALARM
                + CALL.replace("./alarm", "../modules/alarm").replace(ACTION, actions)
                for stage, actions in {"prod": ACTION, "dev": "[]"}.items()
            },
            "modules/alarm/main.tf": MODULE["alarm/main.tf"],
        },
        FAIL,
        "module.alarm.aws_cloudwatch_metric_alarm.sg",
        root="dev",
        others={"prod": PASS},
    ),
    Codebase(
        "a metric filter and an alarm from a registry",
        {"main.tf": WITHOUT_ALARM + FILTER_AND_ALARM, **FILTER_AND_ALARM_HERE},
        PASS,
    ),
    Codebase(
        "a metric filter from a registry, counting for another operation",
        {
            "main.tf": WITHOUT_ALARM + changed("RevokeSecurityGroupEgress", "X", text=FILTER_AND_ALARM),
            **FILTER_AND_ALARM_HERE,
        },
        FAIL,
        "module.log_metric_filter.aws_cloudwatch_log_metric_filter.this[0]",
    ),
    Codebase(
        "an alarm from a registry that is switched off",
        {
            "main.tf": WITHOUT_ALARM
            + changed('"alarm" {', '"alarm" {\n  create_metric_alarm = false', text=FILTER_AND_ALARM),
            **FILTER_AND_ALARM_HERE,
        },
        FAIL,
        "module.log_metric_filter.aws_cloudwatch_log_metric_filter.this[0]",
    ),
    Codebase(
        "a metric filter and an alarm from a registry, not downloaded",
        files_of(WITHOUT_ALARM + FILTER_AND_ALARM),
        UNKNOWN,
        "module.log_metric_filter.aws_cloudwatch_log_metric_filter.*",
        "terraform init",
    ),
    Codebase("the alarms of a benchmark from a registry", {"main.tf": WITHOUT_ALARM + CIS, **CIS_HERE}, PASS),
    Codebase(
        "the alarms of a benchmark without that for security groups",
        {
            "main.tf": WITHOUT_ALARM
            + changed(
                "  log_group_name",
                '  disabled_controls = ["SecurityGroupChanges"]\n  log_group_name',
                text=CIS,
            ),
            **CIS_HERE,
        },
        FAIL,
        'module.cis_alarms.aws_cloudwatch_log_metric_filter.this["RootUsage"]',
    ),
    Codebase(
        "the alarms of a benchmark with a threshold of our own",
        {
            "main.tf": WITHOUT_ALARM
            + changed(
                "  log_group_name",
                "  control_overrides = { SecurityGroupChanges = { threshold = 10 } }\n  log_group_name",
                text=CIS,
            ),
            **CIS_HERE,
        },
        FAIL,
        'module.cis_alarms.aws_cloudwatch_metric_alarm.this["SecurityGroupChanges"]',
    ),
    Codebase(
        "the alarms of a benchmark from a registry, not downloaded",
        files_of(WITHOUT_ALARM + CIS),
        UNKNOWN,
        "module.cis_alarms.aws_cloudwatch_log_metric_filter.*",
        "terraform init",
    ),
    Codebase(
        "alarms on a trail from a registry, with a topic of their own",
        {"main.tf": BARE + TRAIL_ALARMS + MAIL_TO_THEIR_TOPIC, **TRAIL_ALARMS_HERE},
        PASS,
    ),
    Codebase(
        "alarms on a trail from a registry, with our topic",
        {
            "main.tf": WITHOUT_ALARM
            + changed(
                "  metrics =",
                "  sns_topic_enabled = false\n  sns_topic_arn = aws_sns_topic.alarms.arn\n  metrics =",
                text=TRAIL_ALARMS,
            ),
            **TRAIL_ALARMS_HERE,
        },
        PASS,
    ),
    Codebase(
        "alarms on a trail from a registry, and nobody reads their topic",
        {"main.tf": BARE + TRAIL_ALARMS, **TRAIL_ALARMS_HERE},
        FAIL,
        "module.metrics.aws_sns_topic.default[0]",
    ),
    Codebase(
        "alarms on a trail from a registry, switched off",
        {
            "main.tf": BARE + changed("= true\n", "= false\n", text=TRAIL_ALARMS),
            **TRAIL_ALARMS_HERE,
        },
        FAIL,
        "aws_cloudwatch_log_group.trail",
    ),
    Codebase(
        "alarms on a trail from a registry, on unless told otherwise",
        {
            "main.tf": BARE
            + changed("  enabled        = true\n", "", text=TRAIL_ALARMS)
            + MAIL_TO_THEIR_TOPIC,
            **TRAIL_ALARMS_HERE,
        },
        PASS,
    ),
    Codebase(
        "alarms on a trail from a registry, not downloaded",
        files_of(BARE + TRAIL_ALARMS + MAIL_TO_THEIR_TOPIC),
        UNKNOWN,
        "module.metrics.aws_cloudwatch_log_metric_filter.*",
        "terraform init",
    ),
    Codebase("the whole chain in JSON", {"main.tf.json": json.dumps(IN_JSON)}, PASS),
    Codebase(
        "the whole chain in JSON, the alarm silent",
        {
            "main.tf.json": json.dumps(
                {
                    **IN_JSON,
                    "locals": {"alarm": {"actions": []}},
                }
            )
        },
        FAIL,
        THE_ALARM,
    ),
    Codebase(
        "a topic policy from a document in JSON",
        {
            "main.tf": WHOLE + POLICY % "data.aws_iam_policy_document.publish.json",
            "document.tf.json": json.dumps(DOCUMENT_IN_JSON),
        },
        PASS,
    ),
    # An organization's trail may feed it.
    Codebase(
        "a filter on another group than that of the trail, the group by name",
        files_of(changed(GROUP, '"elsewhere"')),
        UNKNOWN,
        THE_FILTER,
        "a trail outside this code may feed it",
    ),
    Codebase(
        "a filter on another group than that of the trail",
        files_of(
            changed(GROUP, "aws_cloudwatch_log_group.other.name", LOG_GROUP.replace('"trail"', '"other"'))
        ),
        FAIL,
        "aws_cloudwatch_log_group.trail",
    ),
    Codebase(
        "a trail of data events beside a group by name",
        files_of(
            changed(
                "s3_bucket_name ",
                "event_selector { include_management_events = false }\n  s3_bucket_name ",
                text=changed(GROUP, '"elsewhere"'),
            )
        ),
        PASS,
    ),
    Codebase(
        "a trail that delivers to the group of a data source",
        files_of(
            changed(
                "aws_cloudwatch_log_group.trail",
                "data.aws_cloudwatch_log_group.g",
                'data "aws_cloudwatch_log_group" "g" { name = "of-another-code" }',
                without("log_group"),
            )
        ),
        PASS,
    ),
    Codebase(
        "a trail that delivers to the group of a data source, and a filter on another group",
        files_of(
            changed(
                "aws_cloudwatch_log_group.trail",
                "data.aws_cloudwatch_log_group.g",
                'data "aws_cloudwatch_log_group" "g" { name = "of-another-code" }',
                changed(GROUP, '"elsewhere"', text=without("log_group")),
            )
        ),
        UNKNOWN,
        THE_FILTER,
        "a trail outside this code may feed it",
    ),
    Codebase(
        "filters counted over a list",
        files_of(WITHOUT_ALARM + FILTERS_OF_A_LIST),
        PASS,
    ),
    Codebase(
        "filters counted over a list, one operation forgotten",
        files_of(WITHOUT_ALARM + changed('"DeleteSecurityGroup"', '"Delete"', text=FILTERS_OF_A_LIST)),
        FAIL,
        "aws_cloudwatch_log_metric_filter.each[0]",
    ),
    Codebase(
        "the group by the state of another code",
        files_of(
            changed(
                GROUP,
                "data.terraform_remote_state.trail.outputs.log_group_name",
                """
data "terraform_remote_state" "trail" {
  backend = "s3"
  config  = { bucket = "states", key = "trail" }
}
""",
                without("trail", "log_group"),
            )
        ),
        PASS,
    ),
)


CODEBASES = (
    *(Codebase(name, files_of(code), PASS) for name, code in {**WORKING, **ASSUMED}.items()),
    *(Codebase(name, files_of(code), FAIL, at) for name, (code, at) in BROKEN.items()),
    *(Codebase(name, files_of(code), UNKNOWN, at, says) for name, (code, at, says) in UNCERTAIN.items()),
    *FURTHER,
)
