variable "name" {
  description = "Name of the trail; bucket, log group, role and key alias are named after it."
  type        = string
  default     = "management-events"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,33}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 35 lower-case letters, digits and hyphens, so that the bucket's name, which also carries account and region, stays within 63 characters."
  }
}

variable "organization_id" {
  description = "Id of the organization (o-…) whose accounts the trail records; unset for this account alone. Needs the management account, which owns an organization trail."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must look like o-a1b2c3d4e5: \"o-\" and 10 to 32 lower-case letters and digits."
  }
}

variable "log_group_name" {
  description = "Name of the log group, by default /aws/cloudtrail/ and the trail's name."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_name == null || can(regex("^[-._/#A-Za-z0-9]{1,512}$", var.log_group_name))
    error_message = "log_group_name must be 1 to 512 characters out of letters, digits and . - _ / #."
  }
}

variable "log_group_retention_in_days" {
  description = "Days that the log group keeps events. The alarm needs minutes; auditors ask for a year."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_group_retention_in_days)
    error_message = "log_group_retention_in_days must be a value that CloudWatch Logs offers, such as 30, 90, 365, 731 or 3653."
  }
}

variable "bucket_name" {
  description = "Name of the bucket, by default the trail's name, account and region."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "bucket_retention_in_days" {
  description = "Days that the bucket keeps log files, null to keep them for ever."
  type        = number
  default     = 731

  validation {
    condition     = var.bucket_retention_in_days == null || try(var.bucket_retention_in_days >= 1, false)
    error_message = "bucket_retention_in_days must be at least 1, or null to keep the files for ever."
  }
}

variable "bucket_force_destroy" {
  description = "Whether destroying the module also deletes the recorded log files."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_logging" {
  description = "Log every access to the bucket into this other bucket of yours, which must let logging.s3.amazonaws.com write."
  type = object({
    bucket = string
    prefix = optional(string)
  })
  default = null
}

variable "existing_kms_key" {
  description = "Encrypt with this key of yours and create none. Its policy must let CloudTrail and CloudWatch Logs use it."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.existing_kms_key == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.existing_kms_key.arn))
    error_message = "existing_kms_key must be { arn = \"arn:aws:kms:REGION:ACCOUNT:key/ID\" }; an alias or a bare id is not accepted."
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

variable "role_permissions_boundary" {
  description = "ARN of the permissions boundary of the role, where your account demands one."
  type        = string
  default     = null

  validation {
    condition     = var.role_permissions_boundary == null || can(regex("^arn:[^:]+:iam::([0-9]{12}|aws):policy/.+$", var.role_permissions_boundary))
    error_message = "role_permissions_boundary must be the ARN of an IAM policy."
  }
}

variable "account_id" {
  description = "Account of the provider. Unset, the module asks AWS; set, it plans without a call."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits, in quotes so that a leading zero survives."
  }
}

variable "tags" {
  description = "Tags of everything that takes tags, beside the provider's default_tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
