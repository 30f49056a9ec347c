output "security_group_changes_alarm" {
  description = "Everything that the module made."
  value       = module.security_group_changes_alarm
}
