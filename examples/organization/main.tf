# Run in the management account: the trail records every account and region of the organization into one log
# group, and one alarm there watches them all.
module "cloudtrail_to_cloudwatch_logs" {
  source = "../../modules/cloudtrail-to-cloudwatch-logs"

  name            = var.trail_name
  organization_id = var.organization_id
}

module "security_group_changes_alarm" {
  source = "../../modules/security-group-changes-alarm"

  log_group_name  = module.cloudtrail_to_cloudwatch_logs.log_group_name
  name_prefix     = "organization-"
  email_addresses = var.email_addresses
}
