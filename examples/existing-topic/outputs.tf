output "alarm_arn" {
  description = "ARN of the alarm."
  value       = module.security_group_changes_alarm.alarm_arn
}

output "topic_arn" {
  description = "ARN of the topic, the one that was given."
  value       = module.security_group_changes_alarm.topic_arn
}
