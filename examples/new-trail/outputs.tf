output "trail_arn" {
  description = "ARN of the trail."
  value       = module.cloudtrail_to_cloudwatch_logs.trail_arn
}

output "log_group_name" {
  description = "Name of the log group."
  value       = module.cloudtrail_to_cloudwatch_logs.log_group_name
}

output "bucket_name" {
  description = "Name of the bucket that keeps the log files."
  value       = module.cloudtrail_to_cloudwatch_logs.bucket_name
}

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
