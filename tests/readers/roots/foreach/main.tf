terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

locals {
  controls = {
    security_groups = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
    root            = "{ $.userIdentity.type = \"Root\" }"
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each       = local.controls
  name           = each.key
  pattern        = each.value
  log_group_name = "CloudTrail/logs"

  metric_transformation {
    name          = each.key
    namespace     = "Controls"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.controls
  alarm_name          = each.key
  metric_name         = each.key
  namespace           = "Controls"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.by_control[each.key].arn, aws_sns_topic.all.arn]
}

resource "aws_sns_topic" "by_control" {
  for_each = local.controls
  name     = each.key
}

resource "aws_sns_topic" "all" {
  name = "all"
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn = aws_sns_topic.all.arn
  protocol  = "email"
  endpoint  = "security@example.com"
}
