variable "name" {
  type = string
}

locals {
  topic_arn = one(aws_sns_topic.this[*].arn)
}

resource "aws_sns_topic" "this" {
  count = 1
  name  = var.name
}

resource "aws_sns_topic_subscription" "this" {
  for_each  = toset(["a@example.com", "b@example.com"])
  topic_arn = local.topic_arn
  protocol  = "email"
  endpoint  = each.value
}

output "topic_arn" {
  value = local.topic_arn
}
