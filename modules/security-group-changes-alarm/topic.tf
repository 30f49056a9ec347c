locals {
  # Whether something exists must be known at plan time even where its ARN is not, hence objects: an object
  # with an unknown ARN is still known not to be null.
  create_topic = var.enabled && var.existing_topic == null
  create_key   = local.create_topic && var.encrypt_topic && var.existing_kms_key == null

  topic_name = "${var.name_prefix}${var.topic_name}"
  topic_arn  = local.create_topic ? one(aws_sns_topic.this[*].arn) : one(var.existing_topic[*].arn)

  # Only the policies of our own topic and key name the account. With account_id given, nothing asks AWS.
  ask_for_account = local.create_topic && var.account_id == null
  account_id      = local.ask_for_account ? one(data.aws_caller_identity.this[*].account_id) : var.account_id

  partition = data.aws_partition.this.partition
  # `id` is the region's name in provider 5 and 6 alike; `name` is deprecated from 6.0 on.
  region = data.aws_region.this.id

  # Built from names: a reference to the alarm would close a circle, since the alarm needs the topic, and a
  # plan shows a policy only where every ARN in it is known beforehand.
  alarm_arn     = local.create_topic ? "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${local.alarm_name}" : null
  own_topic_arn = local.create_topic ? "arn:${local.partition}:sns:${local.region}:${local.account_id}:${local.topic_name}" : null
  rule_arn      = local.create_topic ? "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.rule_name}" : null
}

# Neither of these two asks AWS: they are answered from the provider's configuration.
data "aws_partition" "this" {}

data "aws_region" "this" {}

data "aws_caller_identity" "this" {
  count = local.ask_for_account ? 1 : 0
}

# CloudWatch cannot publish to a topic that is encrypted with alias/aws/sns, and says so only in the alarm's
# history. So the topic gets a key of its own whose policy names CloudWatch.
resource "aws_kms_key" "this" {
  count = local.create_key ? 1 : 0

  description             = "Encrypts the SNS topic ${local.topic_name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.kms_key_deletion_window_in_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "AccountAdministersKey"
          Effect    = "Allow"
          Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
          Action    = "kms:*"
          Resource  = "*"
        },
        {
          Sid       = "AlarmPublishesToEncryptedTopic"
          Effect    = "Allow"
          Principal = { Service = "cloudwatch.amazonaws.com" }
          Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
          Resource  = "*"
          Condition = {
            StringEquals = { "aws:SourceAccount" = local.account_id }
            ArnEquals    = { "aws:SourceArn" = local.alarm_arn }
          }
        },
      ],
      local.rule_publishes_to_own_topic ? [
        {
          # No condition: EventBridge is not documented to hand its source to KMS. The topic's policy is the gate.
          Sid       = "EventBridgePublishesToEncryptedTopic"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
          Resource  = "*"
        },
      ] : [],
    )
  })

  tags = var.tags
}

resource "aws_kms_alias" "this" {
  count = local.create_key ? 1 : 0

  name          = "alias/${local.topic_name}"
  target_key_id = aws_kms_key.this[0].key_id
}

resource "aws_sns_topic" "this" {
  count = local.create_topic ? 1 : 0

  name              = local.topic_name
  display_name      = var.topic_display_name
  kms_master_key_id = local.create_key ? aws_kms_key.this[0].arn : one(var.existing_kms_key[*].arn)

  tags = var.tags
}

# A topic policy replaces the default one, so it also says what the default says: the account owns its topic.
resource "aws_sns_topic_policy" "this" {
  count = local.create_topic ? 1 : 0

  arn = aws_sns_topic.this[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "AccountOwnsTopic"
          Effect    = "Allow"
          Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
          Action = [
            "sns:AddPermission",
            "sns:DeleteTopic",
            "sns:GetTopicAttributes",
            "sns:ListSubscriptionsByTopic",
            "sns:Publish",
            "sns:RemovePermission",
            "sns:SetTopicAttributes",
            "sns:Subscribe",
          ]
          Resource = local.own_topic_arn
        },
        {
          Sid       = "AlarmPublishes"
          Effect    = "Allow"
          Principal = { Service = "cloudwatch.amazonaws.com" }
          Action    = "sns:Publish"
          Resource  = local.own_topic_arn
          Condition = {
            StringEquals = { "aws:SourceAccount" = local.account_id }
            ArnEquals    = { "aws:SourceArn" = local.alarm_arn }
          }
        },
      ],
      local.rule_publishes_to_own_topic ? [
        {
          Sid       = "EventBridgePublishes"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sns:Publish"
          Resource  = local.own_topic_arn
          Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
        },
      ] : [],
    )
  })
}
