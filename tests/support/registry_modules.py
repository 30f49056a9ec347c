"""Modules as registries have them, in miniature: folders that ``terraform init`` downloaded.

They have the variables and the ways of well-known modules, and no line of their text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sg_alarm.rule.operations import PATTERN_OF_SIX

# terraform-aws-modules/cloudwatch/aws: one module for each resource, all switched by a variable.
LOG_METRIC_FILTER = """
variable "create_cloudwatch_log_metric_filter" {
  type    = bool
  default = true
}
variable "name" { type = string }
variable "pattern" { type = string }
variable "log_group_name" { type = string }
variable "metric_transformation_name" { type = string }
variable "metric_transformation_namespace" { type = string }
variable "metric_transformation_value" {
  type    = string
  default = "1"
}
variable "metric_transformation_default_value" {
  type    = string
  default = null
}
variable "metric_transformation_unit" {
  type    = string
  default = null
}
variable "metric_transformation_dimensions" {
  type    = map(any)
  default = {}
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  count = var.create_cloudwatch_log_metric_filter ? 1 : 0

  name           = var.name
  pattern        = var.pattern
  log_group_name = var.log_group_name

  metric_transformation {
    name          = var.metric_transformation_name
    namespace     = var.metric_transformation_namespace
    value         = var.metric_transformation_value
    default_value = var.metric_transformation_default_value
    unit          = var.metric_transformation_unit
    dimensions    = var.metric_transformation_dimensions
  }
}

output "cloudwatch_log_metric_filter_id" {
  value = try(aws_cloudwatch_log_metric_filter.this[0].id, "")
}
"""

METRIC_ALARM = """
variable "create_metric_alarm" {
  type    = bool
  default = true
}
variable "alarm_name" { type = string }
variable "comparison_operator" { type = string }
variable "evaluation_periods" { type = number }
variable "threshold" {
  type    = number
  default = null
}
variable "metric_name" {
  type    = string
  default = null
}
variable "namespace" {
  type    = string
  default = null
}
variable "period" {
  type    = string
  default = null
}
variable "statistic" {
  type    = string
  default = null
}
variable "unit" {
  type    = string
  default = null
}
variable "dimensions" {
  type    = any
  default = null
}
variable "actions_enabled" {
  type    = bool
  default = true
}
variable "alarm_actions" {
  type    = list(string)
  default = null
}
variable "treat_missing_data" {
  type    = string
  default = "missing"
}
variable "metric_query" {
  type    = any
  default = []
}

resource "aws_cloudwatch_metric_alarm" "this" {
  count = var.create_metric_alarm ? 1 : 0

  alarm_name          = var.alarm_name
  actions_enabled     = var.actions_enabled
  alarm_actions       = var.alarm_actions
  comparison_operator = var.comparison_operator
  evaluation_periods  = var.evaluation_periods
  threshold           = var.threshold
  unit                = var.unit
  metric_name         = var.metric_name
  namespace           = var.namespace
  period              = var.period
  statistic           = var.statistic
  treat_missing_data  = var.treat_missing_data
  dimensions          = var.dimensions

  dynamic "metric_query" {
    for_each = var.metric_query
    content {
      id          = lookup(metric_query.value, "id")
      expression  = lookup(metric_query.value, "expression", null)
      return_data = lookup(metric_query.value, "return_data", null)
    }
  }
}
"""

# The same registry's alarms of the CIS benchmark: a table of controls, of which some are switched off.
CIS_ALARMS = f"""
variable "create" {{
  type    = bool
  default = true
}}
variable "name_prefix" {{
  type    = string
  default = ""
}}
variable "disabled_controls" {{
  type    = list(string)
  default = []
}}
variable "control_overrides" {{
  type    = any
  default = {{}}
}}
variable "namespace" {{
  type    = string
  default = "CISBenchmark"
}}
variable "log_group_name" {{
  type    = string
  default = ""
}}
variable "alarm_actions" {{
  type    = list(string)
  default = []
}}

locals {{
  every = {{
    RootUsage = {{
      pattern = "{{ $.userIdentity.type = \\"Root\\" }}"
    }}
    SecurityGroupChanges = {{
      pattern = "{PATTERN_OF_SIX}"
    }}
  }}
  prefix   = var.name_prefix != "" ? "${{var.name_prefix}}-" : ""
  wanted   = [for key in keys(local.every) : key if var.create && !contains(var.disabled_controls, key)]
  controls = {{ for key in local.wanted : key => merge(local.every[key], lookup(var.control_overrides, key, {{}})) }}
}}

resource "aws_cloudwatch_log_metric_filter" "this" {{
  for_each = local.controls

  name           = "${{local.prefix}}${{each.key}}"
  pattern        = each.value["pattern"]
  log_group_name = lookup(each.value, "log_group_name", var.log_group_name)

  metric_transformation {{
    name      = "${{local.prefix}}${{each.key}}"
    namespace = lookup(each.value, "namespace", var.namespace)
    value     = 1
  }}
}}

resource "aws_cloudwatch_metric_alarm" "this" {{
  for_each = local.controls

  alarm_name          = "${{local.prefix}}${{each.key}}"
  metric_name         = aws_cloudwatch_log_metric_filter.this[each.key].metric_transformation[0].name
  namespace           = lookup(each.value, "namespace", var.namespace)
  comparison_operator = lookup(each.value, "comparison_operator", "GreaterThanOrEqualToThreshold")
  evaluation_periods  = lookup(each.value, "evaluation_periods", 1)
  period              = lookup(each.value, "period", 300)
  statistic           = lookup(each.value, "statistic", "Sum")
  threshold           = lookup(each.value, "threshold", 1)
  treat_missing_data  = "notBreaching"
  alarm_actions       = lookup(each.value, "alarm_actions", var.alarm_actions)
}}
"""

# cloudposse/cloudtrail-cloudwatch-alarms/aws: a map of metrics, names from a module for labels, a topic of
# its own unless one is given.
LABEL = """
variable "namespace" {
  type    = string
  default = null
}
variable "name" {
  type    = string
  default = null
}
variable "enabled" {
  type    = bool
  default = null
}
variable "context" {
  type    = any
  default = {}
}

locals {
  enabled = var.enabled == null ? lookup(var.context, "enabled", true) : var.enabled
  parts   = compact([var.namespace == null ? lookup(var.context, "namespace", null) : var.namespace, var.name])
}

output "id" { value = join("-", local.parts) }
output "enabled" { value = local.enabled }
output "context" {
  value = {
    enabled   = local.enabled
    namespace = var.namespace
  }
}
"""

CLOUDTRAIL_ALARMS = """
variable "log_group_name" { type = string }
variable "metric_namespace" {
  type    = string
  default = "CISBenchmark"
}
variable "metrics" {
  type    = any
  default = {}
}
variable "sns_topic_enabled" {
  type    = bool
  default = true
}
variable "sns_topic_arn" {
  type    = string
  default = null
}
variable "namespace" {
  type    = string
  default = null
}
variable "enabled" {
  type    = bool
  default = null
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

module "this" {
  source    = "./label"
  enabled   = var.enabled
  namespace = var.namespace
  name      = "alarms"
}

module "topic_label" {
  source  = "./label"
  context = module.this.context
  name    = "topic"
}

locals {
  metrics   = { for key, one in var.metrics : key => one if module.this.enabled }
  own_topic = module.this.enabled && var.sns_topic_enabled
  topic     = local.own_topic ? aws_sns_topic.default[0].arn : var.sns_topic_arn
}

resource "aws_cloudwatch_log_metric_filter" "default" {
  for_each = local.metrics

  name           = join("-", [module.this.id, each.value.metric_name])
  pattern        = each.value.filter_pattern
  log_group_name = var.log_group_name

  metric_transformation {
    name      = each.value.metric_name
    namespace = lookup(each.value, "metric_namespace", var.metric_namespace)
    value     = each.value.metric_value
  }
}

resource "aws_cloudwatch_metric_alarm" "default" {
  for_each = local.metrics

  alarm_name          = join("-", [module.this.id, each.value.alarm_name])
  comparison_operator = each.value.alarm_comparison_operator
  evaluation_periods  = each.value.alarm_evaluation_periods
  metric_name         = each.value.metric_name
  namespace           = lookup(each.value, "metric_namespace", var.metric_namespace)
  period              = each.value.alarm_period
  statistic           = each.value.alarm_statistic
  treat_missing_data  = each.value.alarm_treat_missing_data
  threshold           = each.value.alarm_threshold
  alarm_actions       = [local.topic]
}

resource "aws_sns_topic" "default" {
  count = local.own_topic ? 1 : 0

  name = module.topic_label.id
}

resource "aws_sns_topic_policy" "default" {
  count = local.own_topic ? 1 : 0

  arn    = local.topic
  policy = one(data.aws_iam_policy_document.topic[*].json)
}

data "aws_iam_policy_document" "topic" {
  count = local.own_topic ? 1 : 0

  statement {
    sid       = "AllowManage"
    actions   = ["SNS:Publish", "SNS:Subscribe", "SNS:SetTopicAttributes"]
    resources = [local.topic]
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.current.account_id]
    }
  }
  statement {
    sid       = "AllowAlarms"
    actions   = ["sns:Publish"]
    resources = [local.topic]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "AWS:SourceArn"
      values   = ["arn:aws:cloudwatch:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:alarm:*"]
    }
  }
}

output "sns_topic_arn" { value = local.topic }
"""


def downloaded(modules: Mapping[str, tuple[str, str, Mapping[str, str]]]) -> dict[str, str]:
    """Return the files of modules that were downloaded.

    ``modules`` are, by the key of the call, the source without its host, the folder below
    ``.terraform/modules`` and the files in it.
    """
    manifest = [{"Key": "", "Source": "", "Dir": "."}]
    files: dict[str, str] = {}
    for key, (source, folder, texts) in modules.items():
        place = f".terraform/modules/{folder}"
        manifest.append(
            {"Key": key, "Source": f"registry.terraform.io/{source}", "Version": "5.7.1", "Dir": place}
        )
        files |= {f"{place}/{name}": text for name, text in texts.items()}
    return {".terraform/modules/modules.json": json.dumps({"Modules": manifest}), **files}
