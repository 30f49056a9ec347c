module "security_group_changes_alarm" {
  source = "../../modules/security-group-changes-alarm"

  log_group_name = var.log_group_name
  account_id     = var.account_id

  # Two teams can run the module side by side.
  name_prefix = var.name_prefix

  # The auditors check CIS 5.0, whose text names seven operations; the second filter adds the other four and
  # the swap of an interface's groups.
  standard              = "cis-v5.0"
  additional_operations = ["ModifyNetworkInterfaceAttribute"]

  # Notifies sooner, and is ready for the next change sooner.
  period = 60

  email_addresses = var.email_addresses
  subscriptions = {
    ticket-queue = {
      protocol              = "sqs"
      endpoint              = var.queue_arn
      raw_message_delivery  = true
      dead_letter_queue_arn = var.dead_letter_queue_arn
    }
    on-call = {
      protocol = "https"
      endpoint = var.webhook_url
    }
  }

  # Every single change, with who made it, beside the alarm.
  notify_each_change = {}
  notify_ok          = true

  topic_display_name              = "AWS security"
  alarm_description               = "A security group was changed. Run book: https://wiki.example.com/security-group-changes"
  kms_key_deletion_window_in_days = 7

  tags = {
    Team    = "cloud-security"
    Control = "CWL-004"
  }
}
