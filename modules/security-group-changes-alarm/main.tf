locals {
  # The texts of the standards, to the character: Security Hub CloudWatch.10 compares the text and accepts
  # no term more or less.
  six_operations_pattern   = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
  seven_operations_pattern = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }"

  six_operations = [
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "CreateSecurityGroup",
    "DeleteSecurityGroup",
  ]
  # Every EC2 operation that changes a security group.
  all_operations = concat(local.six_operations, [
    "ModifySecurityGroupRules",
    "UpdateSecurityGroupRuleDescriptionsIngress",
    "UpdateSecurityGroupRuleDescriptionsEgress",
    "AssociateSecurityGroupVpc",
    "DisassociateSecurityGroupVpc",
  ])

  seven_operations_text = contains(["cis-v5.0", "cis-v6.0", "cis-v7.0"], var.standard)
  standard_operations   = local.seven_operations_text ? concat(local.six_operations, ["ModifySecurityGroupRules"]) : local.six_operations
  standard_pattern      = local.seven_operations_text ? local.seven_operations_pattern : local.six_operations_pattern

  # The second filter feeds the same metric, so it must name no operation of the first: CloudWatch Logs
  # would count that change twice.
  remaining_operations = concat(
    var.watch_remaining_operations ? [for operation in local.all_operations : operation if !contains(local.standard_operations, operation)] : [],
    sort(var.additional_operations),
  )
  remaining_pattern = "{ ${join(" || ", [for operation in local.remaining_operations : "($.eventName = ${operation})"])} }"

  watched_operations = concat(local.standard_operations, local.remaining_operations)

  filter_name = "${var.name_prefix}${var.filter_name}"
  metric_name = "${var.name_prefix}${var.metric_name}"
  alarm_name  = "${var.name_prefix}${var.alarm_name}"

  metric_filters = var.enabled ? merge(
    {
      standard = { name = local.filter_name, pattern = local.standard_pattern }
    },
    length(local.remaining_operations) == 0 ? {} : {
      remaining = { name = "${local.filter_name}Remaining", pattern = local.remaining_pattern }
    },
  ) : {}
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.metric_filters

  name           = each.value.name
  pattern        = each.value.pattern
  log_group_name = var.log_group_name

  metric_transformation {
    name      = local.metric_name
    namespace = var.metric_namespace
    value     = "1"
  }

  lifecycle {
    precondition {
      condition     = length(each.value.pattern) <= 1024
      error_message = "The ${each.key} filter pattern would be ${length(each.value.pattern)} characters long, CloudWatch Logs accepts 1024. Name fewer additional_operations here and watch the others with a second instance of this module and another name_prefix."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  count = var.enabled ? 1 : 0

  alarm_name        = local.alarm_name
  alarm_description = var.alarm_description

  # The metric of the filter itself, so that the alarm cannot exist before what feeds it.
  metric_name         = aws_cloudwatch_log_metric_filter.this["standard"].metric_transformation[0].name
  namespace           = aws_cloudwatch_log_metric_filter.this["standard"].metric_transformation[0].namespace
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = var.period
  evaluation_periods  = 1
  # No change, no datapoint: that is the good state, and only from OK can the next change raise the alarm.
  treat_missing_data = "notBreaching"

  actions_enabled           = true
  alarm_actions             = concat([local.topic_arn], var.additional_alarm_actions)
  ok_actions                = concat(var.notify_ok ? [local.topic_arn] : [], var.ok_actions)
  insufficient_data_actions = var.insufficient_data_actions

  tags = var.tags

  lifecycle {
    precondition {
      condition     = var.existing_topic == null || var.existing_kms_key == null
      error_message = "existing_topic and existing_kms_key are both set, but the key of your own topic is set where that topic is declared. Remove existing_kms_key."
    }
    precondition {
      condition     = var.encrypt_topic || var.existing_kms_key == null
      error_message = "existing_kms_key is set while encrypt_topic is false. Remove encrypt_topic to encrypt with that key, or existing_kms_key for a topic without encryption."
    }
    precondition {
      condition     = var.existing_topic == null || try(split(":", var.existing_topic.arn)[3] == local.region, true)
      error_message = "existing_topic is not in the region of the alarm (${local.region}), and CloudWatch publishes only within a region. Give a topic of that region, or the module a provider of the topic's region."
    }
  }
}

# A plan that notifies no one is legal (a topic may be subscribed elsewhere), but rarely intended.
check "someone_is_notified" {
  assert {
    condition     = !var.enabled || var.existing_topic != null || length(local.subscriptions) + length(var.additional_alarm_actions) > 0
    error_message = "The alarm's topic has no subscription, so no one is notified of a change. Set email_addresses or subscriptions, unless the topic is subscribed elsewhere."
  }
}
