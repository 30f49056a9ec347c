output "alarm_arn" {
  description = "ARN of the alarm."
  value       = module.security_group_changes_alarm.alarm_arn
}

output "topic_arn" {
  description = "ARN of the topic."
  value       = module.security_group_changes_alarm.topic_arn
}

output "pending_subscriptions" {
  description = "Addresses that still have to confirm."
  value       = module.security_group_changes_alarm.pending_subscriptions
}
