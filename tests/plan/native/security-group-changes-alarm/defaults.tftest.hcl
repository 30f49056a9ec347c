# Without options the module is the remediation of CWL-004 to the letter, and safe beyond it.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  log_group_name  = "trail"
  email_addresses = ["security@example.com"]
}

run "the_first_filter_carries_the_standards_text" {
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["standard"].name == "SecurityGroupConfigChanges"
    error_message = "The filter's name is not that of the remediation."
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["standard"].pattern == "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
    error_message = "The pattern is not the six-operation text."
  }
}

run "the_second_filter_adds_the_other_five_on_the_same_metric" {
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["remaining"].pattern == "{ ($.eventName = ModifySecurityGroupRules) || ($.eventName = UpdateSecurityGroupRuleDescriptionsIngress) || ($.eventName = UpdateSecurityGroupRuleDescriptionsEgress) || ($.eventName = AssociateSecurityGroupVpc) || ($.eventName = DisassociateSecurityGroupVpc) }"
    error_message = "The second filter does not hold exactly the remaining operations."
  }
  assert {
    condition = alltrue([for filter in aws_cloudwatch_log_metric_filter.this : (
      filter.log_group_name == "trail" &&
      filter.metric_transformation[0].name == "SecurityGroupEventCount" &&
      filter.metric_transformation[0].namespace == "CloudTrailMetrics" &&
      filter.metric_transformation[0].value == "1"
    )])
    error_message = "The filters do not feed one metric with the value 1."
  }
}

run "the_alarm_is_that_of_the_remediation" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this[0].alarm_name == "SecurityGroupConfigChangesAlarm" &&
      aws_cloudwatch_metric_alarm.this[0].metric_name == "SecurityGroupEventCount" &&
      aws_cloudwatch_metric_alarm.this[0].namespace == "CloudTrailMetrics" &&
      aws_cloudwatch_metric_alarm.this[0].statistic == "Sum" &&
      aws_cloudwatch_metric_alarm.this[0].period == 300 &&
      aws_cloudwatch_metric_alarm.this[0].evaluation_periods == 1 &&
      aws_cloudwatch_metric_alarm.this[0].threshold == 1 &&
      aws_cloudwatch_metric_alarm.this[0].comparison_operator == "GreaterThanOrEqualToThreshold"
    )
    error_message = "The alarm differs from the remediation."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this[0].treat_missing_data == "notBreaching"
    error_message = "Silence must be OK, or the alarm cannot change to ALARM."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this[0].actions_enabled && aws_cloudwatch_metric_alarm.this[0].alarm_actions == toset([aws_sns_topic.this[0].arn])
    error_message = "The alarm does not notify the topic."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_metric_alarm.this[0].alarm_description, "CWL-004") && strcontains(aws_cloudwatch_metric_alarm.this[0].alarm_description, "CloudWatch.10")
    error_message = "The description does not name the controls."
  }
}

run "the_topic_is_encrypted_with_a_key_that_lets_the_alarm_publish" {
  assert {
    condition     = aws_sns_topic.this[0].name == "CloudWatchAlarmSNSTopic" && aws_sns_topic.this[0].kms_master_key_id == aws_kms_key.this[0].arn
    error_message = "The topic is not encrypted with the module's key."
  }
  assert {
    condition = [for statement in jsondecode(aws_kms_key.this[0].policy).Statement : statement if statement.Sid == "AlarmPublishesToEncryptedTopic"][0] == {
      Sid       = "AlarmPublishesToEncryptedTopic"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = "111122223333" }
        ArnEquals    = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:SecurityGroupConfigChangesAlarm" }
      }
    }
    error_message = "The key does not let this alarm, and it alone, use it."
  }
  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation
    error_message = "The key does not rotate."
  }
  assert {
    condition = [for statement in jsondecode(aws_sns_topic_policy.this[0].policy).Statement : statement.Condition if statement.Sid == "AlarmPublishes"][0] == {
      StringEquals = { "aws:SourceAccount" = "111122223333" }
      ArnEquals    = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:SecurityGroupConfigChangesAlarm" }
    }
    error_message = "The topic does not let this alarm, and it alone, publish."
  }
}

run "the_address_is_subscribed" {
  assert {
    condition     = aws_sns_topic_subscription.this["security@example.com"].protocol == "email" && aws_sns_topic_subscription.this["security@example.com"].endpoint == "security@example.com"
    error_message = "The email address is not subscribed."
  }
}

run "nothing_more_is_made" {
  assert {
    condition     = length(aws_cloudwatch_event_rule.this) == 0 && length(aws_cloudwatch_event_target.this) == 0
    error_message = "A rule was made without notify_each_change."
  }
}
