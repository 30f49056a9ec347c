locals {
  account_id = var.account_id == null ? one(data.aws_caller_identity.this[*].account_id) : var.account_id
  partition  = data.aws_partition.this.partition
  # `id` is the region's name in provider 5 and 6 alike; `name` is deprecated from 6.0 on.
  region = data.aws_region.this.id

  create_key  = var.existing_kms_key == null
  kms_key_arn = local.create_key ? one(aws_kms_key.this[*].arn) : one(var.existing_kms_key[*].arn)

  # Built from names: trail, bucket policy, key policy and role name each other, and references would close circles.
  trail_arn     = "arn:${local.partition}:cloudtrail:${local.region}:${local.account_id}:trail/${var.name}"
  log_group_arn = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${local.log_group_name}"

  # Members of an organization encrypt with their own account in the context.
  encrypting_accounts = var.organization_id == null ? local.account_id : "*"
  encrypting_trails   = "arn:${local.partition}:cloudtrail:*:${local.encrypting_accounts}:trail/*"

  log_group_name = coalesce(var.log_group_name, "/aws/cloudtrail/${var.name}")
  bucket_name    = coalesce(var.bucket_name, "${var.name}-${local.account_id}-${local.region}")

  # The folders that CloudTrail writes into: this account's and, for an organization, every member's.
  bucket_folders = concat([local.account_id], var.organization_id == null ? [] : [var.organization_id])
}

# Neither of these two asks AWS: they are answered from the provider's configuration.
data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {
  count = var.account_id == null ? 1 : 0
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_252:A notice for each delivered file says nothing about a change; the alarm on the log group does
  name           = var.name
  s3_bucket_name = aws_s3_bucket.this.id
  kms_key_id     = local.kms_key_arn

  is_multi_region_trail         = true
  include_global_service_events = true
  is_organization_trail         = var.organization_id != null
  enable_log_file_validation    = true
  enable_logging                = true

  # The log group's ARN for CloudTrail ends with :*, which the provider's attribute leaves out.
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.this.arn}:*"
  cloud_watch_logs_role_arn  = aws_iam_role.this.arn

  # No event_selector: a trail without one records all management events, reads and writes, as CIS requires.
  # Written out, AWS may report the same as "no custom selectors", and Terraform would see a change for ever.

  tags = var.tags

  # CloudTrail tests bucket and role when the trail is made, so their policies must stand by then.
  depends_on = [aws_s3_bucket_policy.this, aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group_name
  retention_in_days = var.log_group_retention_in_days
  kms_key_id        = local.kms_key_arn

  tags = var.tags
}

# What CloudTrail may do as this role: write into its own streams of this one group.
resource "aws_iam_role" "this" {
  name                 = "${var.name}-to-cloudwatch-logs"
  description          = "Lets the trail ${var.name} deliver to the log group ${local.log_group_name}"
  permissions_boundary = var.role_permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CloudTrailAssumes"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnEquals    = { "aws:SourceArn" = local.trail_arn }
      }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  name = "deliver"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "WriteOwnStreams"
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
      # CloudTrail names a stream after the account (or organization) and region that it is for.
      Resource = [for folder in local.bucket_folders : "${local.log_group_arn}:log-stream:${folder}_CloudTrail_${local.region}*"]
    }]
  })
}
