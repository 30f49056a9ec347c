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

variable "email_addresses" {
  description = "Whom to tell by mail."
  type        = set(string)
}
