variable "region" {
  description = "Region of the trail's log group, the trail's home region."
  type        = string
  default     = "eu-west-1"
}

variable "log_group_name" {
  description = "Name of the log group that your trail delivers to."
  type        = string
}

variable "email_address" {
  description = "Whom to tell."
  type        = string
}
