locals {
  subscriptions = var.enabled ? merge(
    {
      for address in var.email_addresses : address => {
        protocol                        = "email"
        endpoint                        = address
        raw_message_delivery            = null
        filter_policy                   = null
        filter_policy_scope             = null
        dead_letter_queue_arn           = null
        delivery_policy                 = null
        subscription_role_arn           = null
        endpoint_auto_confirms          = null
        confirmation_timeout_in_minutes = null
      }
    },
    var.subscriptions,
  ) : {}
}

resource "aws_sns_topic_subscription" "this" {
  for_each = local.subscriptions

  topic_arn = local.topic_arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint

  raw_message_delivery            = each.value.raw_message_delivery
  filter_policy                   = each.value.filter_policy
  filter_policy_scope             = each.value.filter_policy_scope
  redrive_policy                  = each.value.dead_letter_queue_arn == null ? null : jsonencode({ deadLetterTargetArn = each.value.dead_letter_queue_arn })
  delivery_policy                 = each.value.delivery_policy
  subscription_role_arn           = each.value.subscription_role_arn
  endpoint_auto_confirms          = each.value.endpoint_auto_confirms
  confirmation_timeout_in_minutes = each.value.confirmation_timeout_in_minutes
}
