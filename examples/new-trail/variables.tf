variable "region" {
  description = "Home region of the trail."
  type        = string
  default     = "eu-west-1"
}

variable "trail_name" {
  description = "Name of the trail."
  type        = string
  default     = "management-events"
}

variable "bucket_retention_in_days" {
  description = "Days that the bucket keeps log files, null to keep them for ever."
  type        = number
  default     = 731
}

variable "email_addresses" {
  description = "Whom to tell by mail."
  type        = set(string)
}
