# The trail records what the alarm needs and keeps it safe.
mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_trail_records_every_region_and_delivers_to_the_log_group" {
  assert {
    condition = (
      aws_cloudtrail.this.is_multi_region_trail &&
      aws_cloudtrail.this.enable_logging &&
      aws_cloudtrail.this.enable_log_file_validation &&
      aws_cloudtrail.this.include_global_service_events &&
      !aws_cloudtrail.this.is_organization_trail
    )
    error_message = "The trail does not record everything, or too much."
  }
  assert {
    condition     = length(aws_cloudtrail.this.event_selector) + length(aws_cloudtrail.this.advanced_event_selector) == 0
    error_message = "The trail records less or more than AWS's default, which is all management events."
  }
  assert {
    condition     = aws_cloudtrail.this.cloud_watch_logs_group_arn == "${aws_cloudwatch_log_group.this.arn}:*" && aws_cloudtrail.this.cloud_watch_logs_role_arn == aws_iam_role.this.arn
    error_message = "The trail does not deliver to the log group."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/cloudtrail/management-events" && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The log group is not the declared one."
  }
}

run "trail_bucket_and_log_group_are_encrypted_with_one_key" {
  assert {
    condition = toset([
      aws_cloudtrail.this.kms_key_id,
      aws_cloudwatch_log_group.this.kms_key_id,
      one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id,
    ]) == toset([aws_kms_key.this[0].arn])
    error_message = "Something is not encrypted with the module's key."
  }
}

run "the_role_may_write_its_own_streams_only" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [{
      Sid      = "WriteOwnStreams"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["arn:aws:logs:eu-west-1:111122223333:log-group:/aws/cloudtrail/management-events:log-stream:111122223333_CloudTrail_eu-west-1*"]
    }]
    error_message = "The role may do more or less than deliver."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
    error_message = "Another trail may assume the role."
  }
}

run "the_bucket_lets_this_trail_write_and_nobody_without_tls" {
  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Condition if statement.Sid == "CloudTrailWrites"][0].StringEquals["aws:SourceArn"] == "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
    error_message = "Another trail may write."
  }
  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Condition if statement.Sid == "CloudTrailWrites"][0].StringEquals["s3:x-amz-acl"] == "bucket-owner-full-control"
    error_message = "The bucket's owner may not read what is written."
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Effect if statement.Sid == "OnlyOverTls"], "Deny")
    error_message = "Plain HTTP is let in."
  }
  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy &&
      aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    )
    error_message = "The bucket can be made public."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket keeps no versions."
  }
}

run "an_organization_trail_writes_for_every_member" {
  variables {
    organization_id = "o-a1b2c3d4e5"
  }
  assert {
    condition     = aws_cloudtrail.this.is_organization_trail
    error_message = "The trail is not the organization's."
  }
  assert {
    condition     = length([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Resource if statement.Sid == "CloudTrailWrites"][0]) == 2
    error_message = "The bucket does not let the members' events in."
  }
  assert {
    condition     = contains(jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource, "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/cloudtrail/management-events:log-stream:o-a1b2c3d4e5_CloudTrail_eu-west-1*")
    error_message = "The role may not write the members' streams."
  }
}

run "options_do_what_they_say" {
  variables {
    name                        = "audit"
    bucket_name                 = "my-trail-bucket"
    bucket_retention_in_days    = null
    bucket_force_destroy        = true
    log_group_name              = "trail"
    log_group_retention_in_days = 90
    role_permissions_boundary   = "arn:aws:iam::111122223333:policy/boundary"
    access_logging              = { bucket = "access-logs" }
    existing_kms_key            = { arn = "arn:aws:kms:eu-west-1:111122223333:key/mine" }
    account_id                  = "444455556666"
  }
  assert {
    condition     = aws_s3_bucket.this.force_destroy && aws_cloudwatch_log_group.this.retention_in_days == 90
    error_message = "Bucket or log group are not kept as long as asked for."
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "The role has another boundary, or none."
  }
  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_cloudtrail.this.kms_key_id == "arn:aws:kms:eu-west-1:111122223333:key/mine"
    error_message = "The existing key is not used, or another was made."
  }
  assert {
    condition     = aws_s3_bucket.this.bucket == "my-trail-bucket" && length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "The bucket is not as asked for."
  }
  assert {
    condition     = aws_s3_bucket_logging.this[0].target_bucket == "access-logs" && aws_s3_bucket_logging.this[0].target_prefix == "my-trail-bucket/"
    error_message = "Accesses are not logged as asked for."
  }
  assert {
    condition     = length(data.aws_caller_identity.this) == 0
    error_message = "AWS was asked for the account although it is given."
  }
}
