output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "trail_name" {
  description = "Name of the trail."
  value       = aws_cloudtrail.this.name
}

output "home_region" {
  description = "Region of the log group, where the events of every region arrive and the alarm belongs."
  value       = aws_cloudtrail.this.home_region
}

output "log_group_arn" {
  description = "ARN of the log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "log_group_name" {
  description = "Name of the log group, the input of the alarm module."
  value       = aws_cloudwatch_log_group.this.name
}

output "bucket_arn" {
  description = "ARN of the bucket that keeps the log files."
  value       = aws_s3_bucket.this.arn
}

output "bucket_name" {
  description = "Name of the bucket that keeps the log files."
  value       = aws_s3_bucket.this.id
}

output "role_arn" {
  description = "ARN of the role as which CloudTrail writes into the log group."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the role as which CloudTrail writes into the log group."
  value       = aws_iam_role.this.name
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts log files, bucket and log group."
  value       = local.kms_key_arn
}

output "kms_alias_arn" {
  description = "ARN of the alias of the key that the module created, null where it created none."
  value       = one(aws_kms_alias.this[*].arn)
}
