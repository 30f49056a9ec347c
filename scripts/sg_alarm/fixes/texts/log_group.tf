resource "aws_cloudwatch_log_group" "cloudtrail" {
  name              = "NAME"
  retention_in_days = 365
}

# What CloudTrail writes to the log group with.
resource "aws_iam_role" "cloudtrail_to_cloudwatch_logs" {
  name_prefix = "cloudtrail-to-cloudwatch-logs-"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.security_group_changes.account_id }
      }
    }]
  })
}

resource "aws_iam_role_policy" "cloudtrail_to_cloudwatch_logs" {
  name = "deliver"
  role = aws_iam_role.cloudtrail_to_cloudwatch_logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.cloudtrail.arn}:log-stream:*"
    }]
  })
}

data "aws_caller_identity" "security_group_changes" {}
