# Every rule about an input refuses what breaks it, at the variable itself.
mock_provider "aws" {}

run "refuses_a_name_with_capitals" {
  command = plan
  variables {
    name = "Management"
  }
  expect_failures = [var.name]
}

run "refuses_a_name_that_makes_the_bucket_name_too_long" {
  command = plan
  variables {
    name = "abcdefghijklmnopqrstuvwxyz-0123456789"
  }
  expect_failures = [var.name]
}

run "refuses_an_organization_id_that_is_too_short" {
  command = plan
  variables {
    organization_id = "o-a1b2c3d4e"
  }
  expect_failures = [var.organization_id]
}

run "refuses_an_organization_without_o" {
  command = plan
  variables {
    organization_id = "a1b2c3d4e5"
  }
  expect_failures = [var.organization_id]
}

run "refuses_a_log_group_name_with_blanks" {
  command = plan
  variables {
    log_group_name = "my trail"
  }
  expect_failures = [var.log_group_name]
}

run "refuses_a_retention_that_aws_does_not_offer" {
  command = plan
  variables {
    log_group_retention_in_days = 100
  }
  expect_failures = [var.log_group_retention_in_days]
}

run "refuses_a_bucket_name_with_underscores" {
  command = plan
  variables {
    bucket_name = "my_bucket"
  }
  expect_failures = [var.bucket_name]
}

run "refuses_a_bucket_retention_of_no_days" {
  command = plan
  variables {
    bucket_retention_in_days = 0
  }
  expect_failures = [var.bucket_retention_in_days]
}

run "refuses_a_key_alias" {
  command = plan
  variables {
    existing_kms_key = { arn = "alias/trail" }
  }
  expect_failures = [var.existing_kms_key]
}

run "refuses_a_deletion_window_of_a_day" {
  command = plan
  variables {
    kms_key_deletion_window_in_days = 1
  }
  expect_failures = [var.kms_key_deletion_window_in_days]
}

run "refuses_a_policy_name_for_its_arn" {
  command = plan
  variables {
    role_permissions_boundary = "boundary"
  }
  expect_failures = [var.role_permissions_boundary]
}

run "refuses_an_account_id_that_lost_its_zero" {
  command = plan
  variables {
    account_id = "12345678901"
  }
  expect_failures = [var.account_id]
}
