module "cloudtrail_to_cloudwatch_logs" {
  source = "../../modules/cloudtrail-to-cloudwatch-logs"

  name                     = var.trail_name
  bucket_retention_in_days = var.bucket_retention_in_days
}

module "security_group_changes_alarm" {
  source = "../../modules/security-group-changes-alarm"

  log_group_name  = module.cloudtrail_to_cloudwatch_logs.log_group_name
  email_addresses = var.email_addresses
}
