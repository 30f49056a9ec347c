variable "region" {
  description = "Region of the trail's log group, the trail's home region."
  type        = string
  default     = "eu-west-1"
}

variable "log_group_name" {
  description = "Name of the log group that your trail delivers to."
  type        = string
}

variable "account_id" {
  description = "Account of the credentials, so that the plan asks AWS nothing."
  type        = string
}

variable "name_prefix" {
  description = "Prefix of all names."
  type        = string
  default     = "security-"
}

variable "email_addresses" {
  description = "Whom to tell by mail."
  type        = set(string)
}

variable "queue_arn" {
  description = "ARN of the queue that the ticket system reads. Its policy must let the topic send."
  type        = string
}

variable "dead_letter_queue_arn" {
  description = "ARN of the queue for messages that could not be delivered."
  type        = string
}

variable "webhook_url" {
  description = "Address of the on-call system's AWS SNS integration."
  type        = string
}
