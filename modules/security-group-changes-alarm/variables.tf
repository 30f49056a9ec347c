variable "log_group_name" {
  description = "Name of the CloudWatch Logs group that CloudTrail delivers to, in the region of the provider (for a multi-region trail: its home region)."
  type        = string
  nullable    = false

  validation {
    condition     = !startswith(var.log_group_name, "arn:")
    error_message = "log_group_name is an ARN. Give the name: what follows \"log-group:\" in the ARN, without a trailing \":*\"."
  }
  validation {
    condition     = startswith(var.log_group_name, "arn:") || can(regex("^[-._/#A-Za-z0-9]{1,512}$", var.log_group_name))
    error_message = "log_group_name must be 1 to 512 characters out of letters, digits and . - _ / #."
  }
}

variable "email_addresses" {
  description = "Email addresses to notify. Each gets a confirmation mail from AWS and receives nothing until it is confirmed."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.email_addresses : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "email_addresses holds something that is no email address. Give plain addresses such as security@example.com; other endpoints belong into subscriptions."
  }
}

variable "subscriptions" {
  description = "Further subscriptions of the topic. The map key is arbitrary and must be known at plan time. A queue's or function's own policy must let SNS in; `dead_letter_queue_arn` becomes the redrive policy."
  type = map(object({
    protocol                        = string
    endpoint                        = string
    raw_message_delivery            = optional(bool)
    filter_policy                   = optional(string)
    filter_policy_scope             = optional(string)
    dead_letter_queue_arn           = optional(string)
    delivery_policy                 = optional(string)
    subscription_role_arn           = optional(string)
    endpoint_auto_confirms          = optional(bool)
    confirmation_timeout_in_minutes = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for s in var.subscriptions : contains(["email", "email-json", "https", "sqs", "lambda", "sms", "firehose"], s.protocol)])
    error_message = "A subscription's protocol must be one of email, email-json, https, sqs, lambda, sms, firehose. Plain http is refused: the message would travel unencrypted."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : can(regex("^[^@\\s]+@[^@\\s]+$", s.endpoint)) if contains(["email", "email-json"], s.protocol)])
    error_message = "The endpoint of an email or email-json subscription must be an email address."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : startswith(s.endpoint, "https://") if s.protocol == "https"])
    error_message = "The endpoint of an https subscription must start with https://."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : can(regex("^\\+[1-9][0-9]{6,14}$", s.endpoint)) if s.protocol == "sms"])
    error_message = "The endpoint of an sms subscription must be a phone number in E.164 form, for example +4915112345678."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : can(regex("^arn:[^:]+:${s.protocol}:", s.endpoint)) if contains(["sqs", "lambda", "firehose"], s.protocol)])
    error_message = "The endpoint of an sqs, lambda or firehose subscription must be the ARN of a queue, function or delivery stream."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : contains(["https", "sqs", "firehose"], s.protocol) if s.raw_message_delivery == true])
    error_message = "raw_message_delivery exists for https, sqs and firehose only. Remove it from the other subscriptions."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : can(jsondecode(s.filter_policy)) if s.filter_policy != null])
    error_message = "filter_policy must be JSON; write it with jsonencode()."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : s.filter_policy != null && contains(["MessageAttributes", "MessageBody"], s.filter_policy_scope) if s.filter_policy_scope != null])
    error_message = "filter_policy_scope must be MessageAttributes or MessageBody and needs a filter_policy. An alarm's message has no attributes: MessageBody is what filters it."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : can(regex("^arn:[^:]+:sqs:", s.dead_letter_queue_arn)) if s.dead_letter_queue_arn != null])
    error_message = "dead_letter_queue_arn must be the ARN of an SQS queue."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : s.protocol == "https" && can(jsondecode(s.delivery_policy)) if s.delivery_policy != null])
    error_message = "delivery_policy must be JSON and exists for https subscriptions only."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : s.subscription_role_arn != null if s.protocol == "firehose"])
    error_message = "A firehose subscription needs subscription_role_arn, a role that lets SNS write to the delivery stream."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : s.protocol == "firehose" if s.subscription_role_arn != null])
    error_message = "subscription_role_arn exists for firehose subscriptions only. Remove it from the others."
  }
  validation {
    condition     = alltrue([for s in var.subscriptions : s.protocol == "https" if s.endpoint_auto_confirms != null || s.confirmation_timeout_in_minutes != null])
    error_message = "endpoint_auto_confirms and confirmation_timeout_in_minutes exist for https subscriptions only. Remove them from the others."
  }
}

variable "standard" {
  description = "The standard your auditors check, whose pattern the first filter carries to the character: six operations for conformity, securityhub and cis-v1.2 to cis-v4.0, seven for cis-v5.0 and later."
  type        = string
  default     = "conformity"
  nullable    = false

  validation {
    condition     = contains(["conformity", "securityhub", "cis-v1.2", "cis-v1.3", "cis-v1.4", "cis-v1.5", "cis-v2.0", "cis-v3.0", "cis-v4.0", "cis-v5.0", "cis-v6.0", "cis-v7.0"], var.standard)
    error_message = "standard must be conformity, securityhub, or one of cis-v1.2, cis-v1.3, cis-v1.4, cis-v1.5, cis-v2.0, cis-v3.0, cis-v4.0, cis-v5.0, cis-v6.0, cis-v7.0."
  }
}

variable "watch_remaining_operations" {
  description = "Watch the operations that the standard's pattern misses (for example ModifySecurityGroupRules, which can open a group to the world) with a second filter on the same metric."
  type        = bool
  default     = true
  nullable    = false
}

variable "additional_operations" {
  description = "API operations beyond the changes of security groups that raise the same alarm, for example ModifyNetworkInterfaceAttribute, which swaps the groups of an interface."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for operation in var.additional_operations : can(regex("^[A-Z][A-Za-z0-9]+$", operation))])
    error_message = "additional_operations must be names of API operations such as ModifyNetworkInterfaceAttribute, without service prefix or wildcard."
  }
  validation {
    condition = alltrue([for operation in var.additional_operations : !contains([
      "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
      "CreateSecurityGroup", "DeleteSecurityGroup", "ModifySecurityGroupRules", "UpdateSecurityGroupRuleDescriptionsIngress",
      "UpdateSecurityGroupRuleDescriptionsEgress", "AssociateSecurityGroupVpc", "DisassociateSecurityGroupVpc",
    ], operation)])
    error_message = "additional_operations names a change of a security group. Those are watched already, and a second mention would count them twice: remove it."
  }
}

variable "name_prefix" {
  description = "Prefix of every name at once: filters, metric, alarm, topic, key alias and rule. Two instances of the module in one region need different prefixes."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{0,64}$", var.name_prefix))
    error_message = "name_prefix must be at most 64 letters, digits, hyphens and underscores: what every one of the named services accepts."
  }
}

variable "filter_name" {
  description = "Name of the first metric filter; the second is called the same with `Remaining` behind it."
  type        = string
  default     = "SecurityGroupConfigChanges"
  nullable    = false

  validation {
    condition     = can(regex("^[^:*]{1,400}$", var.filter_name))
    error_message = "filter_name must be 1 to 400 characters without : and *."
  }
}

variable "metric_name" {
  description = "Name of the metric that counts the changes."
  type        = string
  default     = "SecurityGroupEventCount"
  nullable    = false

  validation {
    condition     = can(regex("^[^:*$]{1,191}$", var.metric_name))
    error_message = "metric_name must be 1 to 191 characters without : * and $."
  }
}

variable "metric_namespace" {
  description = "Namespace of the metric."
  type        = string
  default     = "CloudTrailMetrics"
  nullable    = false

  validation {
    condition     = can(regex("^[-._/#A-Za-z0-9]{1,255}$", var.metric_namespace)) && !startswith(var.metric_namespace, "AWS/")
    error_message = "metric_namespace must be 1 to 255 characters out of letters, digits and . - _ / # and must not start with AWS/, which belongs to AWS."
  }
}

variable "alarm_name" {
  description = "Name of the alarm."
  type        = string
  default     = "SecurityGroupConfigChangesAlarm"
  nullable    = false

  validation {
    condition     = can(regex("^[\\x20-\\x7E]{1,191}$", var.alarm_name))
    error_message = "alarm_name must be 1 to 191 printable ASCII characters."
  }
}

variable "alarm_description" {
  description = "Description of the alarm, part of every message that it sends."
  type        = string
  default     = "A security group was created, changed or deleted. Controls: Conformity CWL-004; CIS AWS Foundations 3.10 (v1.2), 4.10 (v1.3 to v5.0), 5.10 (v6.0 on); Security Hub CloudWatch.10. Who did it: the CloudTrail event history of the account and region where the change was made."
  nullable    = false

  validation {
    condition     = length(var.alarm_description) <= 1024
    error_message = "alarm_description must be at most 1024 characters."
  }
}

variable "period" {
  description = "Seconds over which the alarm counts, 300 in the standards. 60 notifies sooner and is ready for the next change sooner: a change while the alarm is in ALARM sends nothing."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.period >= 60 && var.period <= 86400 && var.period % 60 == 0
    error_message = "period must be a multiple of 60 from 60 to 86400: a metric filter yields one value a minute."
  }
}

variable "notify_ok" {
  description = "Also notify the topic when the alarm returns to OK."
  type        = bool
  default     = false
  nullable    = false
}

variable "additional_alarm_actions" {
  description = "ARNs of further actions when the alarm fires, beside the topic: other topics, Lambda functions, Systems Manager incident response plans."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.additional_alarm_actions) <= 4
    error_message = "additional_alarm_actions may hold 4 ARNs: CloudWatch accepts 5 actions, and the topic is the first."
  }
  validation {
    condition     = alltrue([for action in var.additional_alarm_actions : startswith(action, "arn:")])
    error_message = "additional_alarm_actions must be ARNs."
  }
}

variable "ok_actions" {
  description = "ARNs of further actions when the alarm returns to OK."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.ok_actions) <= 4
    error_message = "ok_actions may hold 4 ARNs: CloudWatch accepts 5 actions, and notify_ok takes one."
  }
  validation {
    condition     = alltrue([for action in var.ok_actions : startswith(action, "arn:")])
    error_message = "ok_actions must be ARNs. To notify the alarm's own topic, set notify_ok."
  }
}

variable "insufficient_data_actions" {
  description = "ARNs of actions when CloudWatch cannot determine the alarm's state."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.insufficient_data_actions) <= 5
    error_message = "insufficient_data_actions may hold 5 ARNs, as many as CloudWatch accepts."
  }
  validation {
    condition     = alltrue([for action in var.insufficient_data_actions : startswith(action, "arn:")])
    error_message = "insufficient_data_actions must be ARNs."
  }
}

variable "existing_topic" {
  description = "Notify this topic of yours and create none: neither it nor its policy nor its key is touched. Its policy must let CloudWatch publish, and so must its key's, if it has one."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.existing_topic == null || can(regex("^arn:[^:]+:sns:[^:]+:[0-9]{12}:[-_A-Za-z0-9]+$", var.existing_topic.arn))
    error_message = "existing_topic must be { arn = \"arn:aws:sns:REGION:ACCOUNT:NAME\" }, a standard topic: CloudWatch alarms do not publish to .fifo topics here."
  }
}

variable "topic_name" {
  description = "Name of the topic that the module creates."
  type        = string
  default     = "CloudWatchAlarmSNSTopic"
  nullable    = false

  validation {
    condition     = can(regex("^[-_A-Za-z0-9]{1,190}$", var.topic_name))
    error_message = "topic_name must be 1 to 190 letters, digits, hyphens and underscores."
  }
}

variable "topic_display_name" {
  description = "Sender name of the mails, for example \"AWS security\"."
  type        = string
  default     = null

  validation {
    condition     = var.topic_display_name == null || try(length(var.topic_display_name) <= 100, false)
    error_message = "topic_display_name must be at most 100 characters."
  }
}

variable "encrypt_topic" {
  description = "Encrypt the topic that the module creates. The key of AWS (alias/aws/sns) is not offered: CloudWatch cannot publish to such a topic."
  type        = bool
  default     = true
  nullable    = false
}

variable "existing_kms_key" {
  description = "Encrypt the module's topic with this key of yours and create none. Its policy must let cloudwatch.amazonaws.com (and with `notify_each_change` events.amazonaws.com) use kms:Decrypt and kms:GenerateDataKey*."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.existing_kms_key == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.existing_kms_key.arn))
    error_message = "existing_kms_key must be { arn = \"arn:aws:kms:REGION:ACCOUNT:key/ID\" }; an alias or a bare id is not accepted, and alias/aws/sns would silence the alarm."
  }
}

variable "kms_key_deletion_window_in_days" {
  description = "Days that the module's key can still be restored after it was destroyed."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.kms_key_deletion_window_in_days >= 7 && var.kms_key_deletion_window_in_days <= 30
    error_message = "kms_key_deletion_window_in_days must be from 7 to 30."
  }
}

variable "account_id" {
  description = "Account of the provider, for the policies of topic and key. Unset, the module asks AWS; set, the module plans without a call."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits, in quotes so that a leading zero survives."
  }
}

variable "notify_each_change" {
  description = "Also report every single change through an EventBridge rule, with who did what to which group from where: `{}` to the alarm's topic, or `{ topic_arn = … }` to another topic whose policy lets events.amazonaws.com publish. The rule sees the changes of its own region only."
  type        = object({ topic_arn = optional(string) })
  default     = null

  validation {
    condition     = try(var.notify_each_change.topic_arn, null) == null || can(regex("^arn:[^:]+:sns:[^:]+:[0-9]{12}:[-_A-Za-z0-9]+$", var.notify_each_change.topic_arn))
    error_message = "notify_each_change.topic_arn must be the ARN of a standard SNS topic."
  }
}

variable "rule_name" {
  description = "Name of the EventBridge rule of `notify_each_change`."
  type        = string
  default     = "SecurityGroupEachChange"
  nullable    = false

  validation {
    condition     = can(regex("^[-._A-Za-z0-9]{1,64}$", var.rule_name))
    error_message = "rule_name must be 1 to 64 letters, digits, dots, hyphens and underscores."
  }
}

variable "enabled" {
  description = "Whether the module creates anything."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything that takes tags, beside the provider's default_tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
