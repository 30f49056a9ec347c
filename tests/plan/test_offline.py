"""The alarm module plans without asking AWS wherever its options allow it."""

from __future__ import annotations

import pytest
import tftest

ROOT = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

# Nothing listens on the endpoint, so any call fails the plan; the flags silence the provider's own calls.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  max_retries                 = 1
}

resource "aws_sns_topic" "mine" {
  name = "mine"
}

resource "aws_kms_key" "mine" {
  description = "mine"
}

module "account_given" {
  source          = "SOURCE"
  log_group_name  = "trail"
  name_prefix     = "a-"
  account_id      = "111122223333"
  email_addresses = ["security@example.com"]
}

# An ARN that is known only after apply must not stop the plan.
module "existing_topic" {
  source         = "SOURCE"
  log_group_name = "trail"
  name_prefix    = "b-"
  existing_topic = { arn = aws_sns_topic.mine.arn }
}

module "existing_key" {
  source             = "SOURCE"
  log_group_name     = "trail"
  name_prefix        = "c-"
  account_id         = "111122223333"
  existing_kms_key   = { arn = aws_kms_key.mine.arn }
  notify_each_change = { topic_arn = aws_sns_topic.mine.arn }
  subscriptions      = { mine = { protocol = "email", endpoint = "${aws_sns_topic.mine.name}@example.com" } }
}

module "disabled" {
  source         = "SOURCE"
  log_group_name = "trail"
  enabled        = false
}
"""

ASKS = """
module "account_not_given" {
  source          = "SOURCE"
  log_group_name  = "trail"
  name_prefix     = "d-"
  email_addresses = ["security@example.com"]
}
"""


def test_with_the_account_given_or_not_needed_nothing_asks_aws(
    tmp_path, workspace, terraform_binary, terraform_environment
):
    source = str(workspace / "modules/security-group-changes-alarm")
    (tmp_path / "main.tf").write_text(ROOT.replace("SOURCE", source))
    dead = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}
    terraform = tftest.TerraformTest(
        str(tmp_path), binary=terraform_binary, env={**terraform_environment, **dead}
    )
    terraform.setup()
    plan = terraform.plan(output=True)
    count = {name: len(module.resources) for name, module in plan.modules.items()}
    assert count == {
        "module.account_given": 8,
        "module.existing_topic": 3,
        "module.existing_key": 8,
    }

    # The same without the account does ask, so the test above can fail.
    (tmp_path / "asks.tf").write_text(ASKS.replace("SOURCE", source))
    terraform.setup()
    with pytest.raises(tftest.TerraformTestError, match="GetCallerIdentity"):
        terraform.plan(output=True)
