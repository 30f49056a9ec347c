terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "topic" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = [aws_kms_key.topic.arn]

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
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_metric_alarm.changes.arn]
    }
  }
}

resource "aws_kms_key" "topic" {}

resource "aws_kms_key_policy" "topic" {
  key_id = aws_kms_key.topic.id
  policy = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "topic" {
  name          = "alias/alarms"
  target_key_id = aws_kms_key.topic.key_id
}

resource "aws_sns_topic" "alarms" {
  name              = "alarms"
  kms_master_key_id = aws_kms_alias.topic.name
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn = aws_sns_topic_policy.alarms.arn
  protocol  = "sqs"
  endpoint  = "arn:aws:sqs:eu-west-1:123456789012:tickets"
}

resource "aws_cloudwatch_event_rule" "each" {
  name          = "each-change"
  event_pattern = jsonencode({ source = ["aws.ec2"], detail = { eventName = ["CreateSecurityGroup"] } })
}

resource "aws_cloudwatch_event_target" "each" {
  rule = aws_cloudwatch_event_rule.each.name
  arn  = aws_sns_topic.alarms.arn
}
resource "aws_cloudwatch_log_metric_filter" "changes" {
  name           = "SecurityGroupConfigChanges"
  log_group_name = "CloudTrail/logs"
  pattern        = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"

  metric_transformation {
    name      = "SecurityGroupEventCount"
    namespace = "CloudTrailMetrics"
    value     = "1"
  }
}
resource "aws_cloudwatch_metric_alarm" "changes" {
  alarm_name          = "SecurityGroupConfigChangesAlarm"
  metric_name         = aws_cloudwatch_log_metric_filter.changes.metric_transformation[0].name
  namespace           = "CloudTrailMetrics"
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
