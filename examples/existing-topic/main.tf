module "security_group_changes_alarm" {
  source = "../../modules/security-group-changes-alarm"

  log_group_name = var.log_group_name
  existing_topic = { arn = var.topic_arn }
}
