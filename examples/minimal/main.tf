module "security_group_changes_alarm" {
  source = "../../modules/security-group-changes-alarm"

  log_group_name  = var.log_group_name
  email_addresses = [var.email_address]
}
