output "alarm_arn" {
  description = "ARN of the alarm, null when the module is disabled."
  value       = one(aws_cloudwatch_metric_alarm.this[*].arn)
}

output "alarm_name" {
  description = "Name of the alarm, null when the module is disabled."
  value       = one(aws_cloudwatch_metric_alarm.this[*].alarm_name)
}

output "metric_name" {
  description = "Name of the metric that counts the changes."
  value       = local.metric_name
}

output "metric_namespace" {
  description = "Namespace of the metric that counts the changes."
  value       = var.metric_namespace
}

output "metric_filter_names" {
  description = "Names of the metric filters: `standard` carries the standard's text, `remaining` the other operations."
  value       = { for key, filter in aws_cloudwatch_log_metric_filter.this : key => filter.name }
}

output "metric_filter_patterns" {
  description = "Filter patterns by the same keys as `metric_filter_names`."
  value       = { for key, filter in aws_cloudwatch_log_metric_filter.this : key => filter.pattern }
}

output "watched_operations" {
  description = "The EC2 operations that raise the alarm."
  value       = var.enabled ? local.watched_operations : []
}

output "topic_arn" {
  description = "ARN of the topic that the alarm notifies: the module's own or the existing one."
  value       = local.topic_arn
}

output "topic_name" {
  description = "Name of the topic that the alarm notifies."
  value       = local.create_topic ? one(aws_sns_topic.this[*].name) : try(split(":", var.existing_topic.arn)[5], null)
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the module's own topic, null where there is none."
  value       = local.create_key ? one(aws_kms_key.this[*].arn) : one(var.existing_kms_key[*].arn)
}

output "kms_alias_arn" {
  description = "ARN of the alias of the key that the module created, null where it created none."
  value       = one(aws_kms_alias.this[*].arn)
}

output "subscription_arns" {
  description = "ARNs of the subscriptions by key; an email address given in `email_addresses` is its own key."
  value       = { for key, subscription in aws_sns_topic_subscription.this : key => subscription.arn }
}

output "pending_subscriptions" {
  description = "Keys of the subscriptions that still wait for confirmation and receive nothing, as of the last apply or refresh."
  value       = sort([for key, subscription in aws_sns_topic_subscription.this : key if subscription.pending_confirmation])
}

output "event_rule_arn" {
  description = "ARN of the EventBridge rule that reports each change, null without `notify_each_change`."
  value       = one(aws_cloudwatch_event_rule.this[*].arn)
}

output "event_rule_name" {
  description = "Name of the EventBridge rule that reports each change, null without `notify_each_change`."
  value       = one(aws_cloudwatch_event_rule.this[*].name)
}
