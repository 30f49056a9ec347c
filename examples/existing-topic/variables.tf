variable "region" {
  description = "Region of the log group and of the topic."
  type        = string
  default     = "eu-west-1"
}

variable "log_group_name" {
  description = "Name of the log group that your trail delivers to."
  type        = string
}

variable "topic_arn" {
  description = "ARN of the topic that your alarms already use."
  type        = string
}
