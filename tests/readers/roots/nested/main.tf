terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

locals {
  topics = { alarms = module.notify.topic_arn }
}

module "notify" {
  source = "./notify"
  name   = "alarms"
}

module "watch" {
  source         = "./watch"
  for_each       = { main = "CloudTrail/logs" }
  log_group_name = each.value
  topic_arn      = local.topics["alarms"]
}
