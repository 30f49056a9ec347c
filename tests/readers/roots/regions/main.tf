terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "second_region" {
  type    = string
  default = "us-east-1"
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "second"
  region = var.second_region
}

provider "aws" {
  alias = "elsewhere"
  assume_role {
    role_arn = "arn:aws:iam::210987654321:role/admin"
  }
}

module "first" {
  source = "./stack"
}

module "second" {
  source    = "./stack"
  providers = { aws = aws.second }
}

resource "aws_sns_topic" "elsewhere" {
  provider = aws.elsewhere
  name     = "elsewhere"
}
