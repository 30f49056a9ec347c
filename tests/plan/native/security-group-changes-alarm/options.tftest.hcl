# Each option does what its description says, and nothing else.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  log_group_name  = "trail"
  email_addresses = ["security@example.com"]
}

run "cis_5_carries_seven_operations_and_the_second_filter_the_other_four" {
  variables {
    standard = "cis-v5.0"
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["standard"].pattern == "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }"
    error_message = "The pattern is not the seven-operation text."
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["remaining"].pattern == "{ ($.eventName = UpdateSecurityGroupRuleDescriptionsIngress) || ($.eventName = UpdateSecurityGroupRuleDescriptionsEgress) || ($.eventName = AssociateSecurityGroupVpc) || ($.eventName = DisassociateSecurityGroupVpc) }"
    error_message = "ModifySecurityGroupRules would be counted twice, or an operation is missing."
  }
  assert {
    condition     = length(output.watched_operations) == 11 && length(distinct(output.watched_operations)) == 11
    error_message = "Not every operation is watched exactly once."
  }
}

run "the_second_filter_can_be_switched_off" {
  variables {
    watch_remaining_operations = false
  }
  assert {
    condition     = keys(aws_cloudwatch_log_metric_filter.this) == ["standard"] && length(output.watched_operations) == 6
    error_message = "More than the standard's filter was made."
  }
}

run "further_operations_join_the_second_filter" {
  variables {
    watch_remaining_operations = false
    additional_operations      = ["ModifyNetworkInterfaceAttribute"]
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["remaining"].pattern == "{ ($.eventName = ModifyNetworkInterfaceAttribute) }"
    error_message = "The further operation is not watched."
  }
}

run "a_second_pattern_of_over_1024_characters_is_refused" {
  command = plan
  variables {
    additional_operations = [for i in range(40) : "AnOperationWithARatherLongName${i}"]
  }
  expect_failures = [aws_cloudwatch_log_metric_filter.this["remaining"]]
}

run "the_prefix_is_before_every_name" {
  variables {
    name_prefix        = "team-"
    notify_each_change = {}
  }
  assert {
    condition = toset(concat(
      [for filter in aws_cloudwatch_log_metric_filter.this : filter.name],
      [for filter in aws_cloudwatch_log_metric_filter.this : filter.metric_transformation[0].name],
      [aws_cloudwatch_metric_alarm.this[0].alarm_name, aws_cloudwatch_metric_alarm.this[0].metric_name],
      [aws_sns_topic.this[0].name, aws_kms_alias.this[0].name, aws_cloudwatch_event_rule.this[0].name],
      )) == toset([
      "team-SecurityGroupConfigChanges", "team-SecurityGroupConfigChangesRemaining", "team-SecurityGroupEventCount",
      "team-SecurityGroupConfigChangesAlarm", "team-CloudWatchAlarmSNSTopic", "alias/team-CloudWatchAlarmSNSTopic",
      "team-SecurityGroupEachChange",
    ])
    error_message = "A name lacks the prefix."
  }
}

run "an_existing_topic_is_used_and_nothing_of_it_is_touched" {
  variables {
    existing_topic  = { arn = "arn:aws:sns:eu-west-1:111122223333:alarms" }
    email_addresses = []
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this[0].alarm_actions == toset(["arn:aws:sns:eu-west-1:111122223333:alarms"])
    error_message = "The alarm does not notify the existing topic."
  }
  assert {
    condition     = length(aws_sns_topic.this) + length(aws_sns_topic_policy.this) + length(aws_kms_key.this) + length(aws_kms_alias.this) + length(aws_sns_topic_subscription.this) == 0
    error_message = "A topic, policy, key or subscription was made beside the existing topic."
  }
  assert {
    condition     = length(data.aws_caller_identity.this) == 0
    error_message = "AWS was asked for the account without need."
  }
  assert {
    condition     = output.topic_name == "alarms"
    error_message = "The output does not name the existing topic."
  }
}

run "an_existing_topic_can_be_subscribed" {
  variables {
    existing_topic = { arn = "arn:aws:sns:eu-west-1:111122223333:alarms" }
  }
  assert {
    condition     = aws_sns_topic_subscription.this["security@example.com"].topic_arn == "arn:aws:sns:eu-west-1:111122223333:alarms"
    error_message = "The address is not subscribed to the existing topic."
  }
}

run "an_existing_topic_of_another_region_is_refused" {
  command = plan
  variables {
    existing_topic = { arn = "arn:aws:sns:us-east-1:111122223333:alarms" }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

run "an_existing_topic_and_a_key_are_refused" {
  command = plan
  variables {
    existing_topic   = { arn = "arn:aws:sns:eu-west-1:111122223333:alarms" }
    existing_kms_key = { arn = "arn:aws:kms:eu-west-1:111122223333:key/mine" }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

run "a_key_without_encryption_is_refused" {
  command = plan
  variables {
    encrypt_topic    = false
    existing_kms_key = { arn = "arn:aws:kms:eu-west-1:111122223333:key/mine" }
  }
  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

run "an_existing_key_is_used_and_none_created" {
  variables {
    existing_kms_key = { arn = "arn:aws:kms:eu-west-1:111122223333:key/mine" }
  }
  assert {
    condition     = aws_sns_topic.this[0].kms_master_key_id == "arn:aws:kms:eu-west-1:111122223333:key/mine" && length(aws_kms_key.this) == 0
    error_message = "The existing key is not the topic's, or another was made."
  }
}

run "encryption_can_be_left_out" {
  variables {
    encrypt_topic = false
  }
  assert {
    condition     = aws_sns_topic.this[0].kms_master_key_id == null && length(aws_kms_key.this) == 0
    error_message = "The topic is encrypted all the same."
  }
}

run "with_the_account_given_nothing_asks_aws" {
  variables {
    account_id = "444455556666"
  }
  assert {
    condition     = length(data.aws_caller_identity.this) == 0
    error_message = "AWS was asked for the account."
  }
  assert {
    condition     = strcontains(aws_sns_topic_policy.this[0].policy, "arn:aws:cloudwatch:eu-west-1:444455556666:alarm:SecurityGroupConfigChangesAlarm")
    error_message = "The topic's policy does not name the given account."
  }
}

run "other_partitions_get_arns_of_their_own" {
  override_data {
    target = data.aws_partition.this
    values = { partition = "aws-us-gov", dns_suffix = "amazonaws.com" }
  }
  variables {
    notify_each_change = {}
  }
  assert {
    condition     = !strcontains("${aws_kms_key.this[0].policy}${aws_sns_topic_policy.this[0].policy}", "arn:aws:")
    error_message = "A policy names the commercial partition."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_event_target.this[0].input_transformer[0].input_template, "console.amazonaws-us-gov.com")
    error_message = "The link leads to the commercial console."
  }
}

run "actions_are_added_to_the_topic" {
  variables {
    notify_ok                 = true
    period                    = 60
    additional_alarm_actions  = ["arn:aws:lambda:eu-west-1:111122223333:function:respond"]
    ok_actions                = ["arn:aws:sns:eu-west-1:111122223333:calm"]
    insufficient_data_actions = ["arn:aws:sns:eu-west-1:111122223333:doubt"]
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this[0].alarm_actions == toset([aws_sns_topic.this[0].arn, "arn:aws:lambda:eu-west-1:111122223333:function:respond"]) &&
      aws_cloudwatch_metric_alarm.this[0].ok_actions == toset([aws_sns_topic.this[0].arn, "arn:aws:sns:eu-west-1:111122223333:calm"]) &&
      aws_cloudwatch_metric_alarm.this[0].insufficient_data_actions == toset(["arn:aws:sns:eu-west-1:111122223333:doubt"])
    )
    error_message = "The actions are not as given."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this[0].period == 60
    error_message = "The period is not the given one."
  }
}

run "each_change_is_sent_to_the_alarms_topic" {
  variables {
    notify_each_change = {}
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this[0].event_pattern) == {
      source      = ["aws.ec2"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["ec2.amazonaws.com"]
        eventName = [
          "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
          "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup", "ModifySecurityGroupRules",
          "UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress",
          "AssociateSecurityGroupVpc", "DisassociateSecurityGroupVpc",
        ]
        errorCode = [{ exists = false }]
      }
    }
    error_message = "The rule does not catch exactly the changes of security groups."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this[0].arn == aws_sns_topic.this[0].arn
    error_message = "The rule's target is not the alarm's topic."
  }
  assert {
    condition     = [for statement in jsondecode(aws_sns_topic_policy.this[0].policy).Statement : statement.Condition if statement.Sid == "EventBridgePublishes"][0] == { ArnEquals = { "aws:SourceArn" = "arn:aws:events:eu-west-1:111122223333:rule/SecurityGroupEachChange" } }
    error_message = "The topic does not let this rule, and it alone, publish."
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_kms_key.this[0].policy).Statement : statement.Principal], { Service = "events.amazonaws.com" })
    error_message = "The key does not let EventBridge use it."
  }
}

run "each_change_can_be_sent_to_another_topic_and_the_alarms_topic_stays_closed" {
  variables {
    notify_each_change = { topic_arn = "arn:aws:sns:eu-west-1:111122223333:changes" }
  }
  assert {
    condition     = aws_cloudwatch_event_target.this[0].arn == "arn:aws:sns:eu-west-1:111122223333:changes"
    error_message = "The rule's target is not the given topic."
  }
  assert {
    condition     = !strcontains(aws_sns_topic_policy.this[0].policy, "events.amazonaws.com") && !strcontains(aws_kms_key.this[0].policy, "events.amazonaws.com")
    error_message = "EventBridge may publish to a topic that it does not need."
  }
}

run "subscriptions_keep_their_options" {
  variables {
    subscriptions = {
      queue = {
        protocol              = "sqs"
        endpoint              = "arn:aws:sqs:eu-west-1:111122223333:changes"
        raw_message_delivery  = true
        dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:111122223333:undelivered"
        filter_policy         = "{\"NewStateValue\":[\"ALARM\"]}"
        filter_policy_scope   = "MessageBody"
      }
      stream = {
        protocol              = "firehose"
        endpoint              = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/changes"
        subscription_role_arn = "arn:aws:iam::111122223333:role/sns-to-firehose"
      }
      pager = {
        protocol = "sms"
        endpoint = "+4915112345678"
      }
      function = {
        protocol = "lambda"
        endpoint = "arn:aws:lambda:eu-west-1:111122223333:function:respond"
      }
      machine = {
        protocol = "email-json"
        endpoint = "machine@example.com"
      }
      web = {
        protocol                        = "https"
        endpoint                        = "https://hooks.example.com/sns"
        endpoint_auto_confirms          = true
        confirmation_timeout_in_minutes = 5
      }
    }
  }
  assert {
    condition     = toset(keys(aws_sns_topic_subscription.this)) == toset(["security@example.com", "queue", "stream", "pager", "function", "machine", "web"])
    error_message = "The subscriptions are not keyed as given."
  }
  assert {
    condition = (
      aws_sns_topic_subscription.this["queue"].raw_message_delivery &&
      aws_sns_topic_subscription.this["queue"].filter_policy_scope == "MessageBody" &&
      jsondecode(aws_sns_topic_subscription.this["queue"].filter_policy) == { NewStateValue = ["ALARM"] } &&
      jsondecode(aws_sns_topic_subscription.this["queue"].redrive_policy) == { deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:undelivered" } &&
      aws_sns_topic_subscription.this["stream"].subscription_role_arn == "arn:aws:iam::111122223333:role/sns-to-firehose" &&
      aws_sns_topic_subscription.this["web"].endpoint_auto_confirms &&
      aws_sns_topic_subscription.this["web"].confirmation_timeout_in_minutes == 5
    )
    error_message = "An option of a subscription was lost."
  }
}

run "an_alarm_that_notifies_no_one_is_warned_about" {
  command = plan
  variables {
    email_addresses = []
  }
  expect_failures = [check.someone_is_notified]
}

run "disabled_the_module_makes_nothing" {
  variables {
    enabled            = false
    notify_each_change = {}
  }
  assert {
    condition = (
      length(aws_cloudwatch_log_metric_filter.this) + length(aws_cloudwatch_metric_alarm.this) + length(aws_sns_topic.this) +
      length(aws_sns_topic_policy.this) + length(aws_sns_topic_subscription.this) + length(aws_kms_key.this) +
      length(aws_kms_alias.this) + length(aws_cloudwatch_event_rule.this) + length(aws_cloudwatch_event_target.this) +
      length(data.aws_caller_identity.this) == 0
    )
    error_message = "Something was made although the module is disabled."
  }
  assert {
    condition     = output.alarm_arn == null && output.topic_arn == null && length(output.watched_operations) == 0
    error_message = "The outputs of a disabled module are not empty."
  }
}
