# Every rule about an input refuses what breaks it, at the variable itself.
mock_provider "aws" {}

variables {
  log_group_name  = "trail"
  email_addresses = ["security@example.com"]
}

run "refuses_the_arn_of_a_log_group" {
  command = plan
  variables {
    log_group_name = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"
  }
  expect_failures = [var.log_group_name]
}

run "refuses_a_log_group_name_with_blanks" {
  command = plan
  variables {
    log_group_name = "my trail"
  }
  expect_failures = [var.log_group_name]
}

run "refuses_a_url_as_email_address" {
  command = plan
  variables {
    email_addresses = ["https://example.com"]
  }
  expect_failures = [var.email_addresses]
}

run "refuses_an_unknown_standard" {
  command = plan
  variables {
    standard = "cis-v9.9"
  }
  expect_failures = [var.standard]
}

run "refuses_an_operation_with_a_wildcard" {
  command = plan
  variables {
    additional_operations = ["Modify*"]
  }
  expect_failures = [var.additional_operations]
}

run "refuses_an_operation_that_would_be_counted_twice" {
  command = plan
  variables {
    additional_operations = ["CreateSecurityGroup"]
  }
  expect_failures = [var.additional_operations]
}

run "refuses_a_prefix_with_a_slash" {
  command = plan
  variables {
    name_prefix = "team/"
  }
  expect_failures = [var.name_prefix]
}

run "refuses_a_filter_name_with_a_colon" {
  command = plan
  variables {
    filter_name = "a:b"
  }
  expect_failures = [var.filter_name]
}

run "refuses_a_metric_name_with_a_dollar" {
  command = plan
  variables {
    metric_name = "a$b"
  }
  expect_failures = [var.metric_name]
}

run "refuses_a_namespace_of_aws" {
  command = plan
  variables {
    metric_namespace = "AWS/CloudTrail"
  }
  expect_failures = [var.metric_namespace]
}

run "refuses_an_empty_alarm_name" {
  command = plan
  variables {
    alarm_name = ""
  }
  expect_failures = [var.alarm_name]
}

run "refuses_a_description_of_over_1024_characters" {
  command = plan
  variables {
    alarm_description = join("", [for i in range(103) : "0123456789"])
  }
  expect_failures = [var.alarm_description]
}

run "refuses_a_period_that_is_no_multiple_of_a_minute" {
  command = plan
  variables {
    period = 90
  }
  expect_failures = [var.period]
}

run "refuses_a_period_of_more_than_a_day" {
  command = plan
  variables {
    period = 86460
  }
  expect_failures = [var.period]
}

run "refuses_a_sixth_alarm_action" {
  command = plan
  variables {
    additional_alarm_actions = [for i in range(5) : "arn:aws:sns:eu-west-1:111122223333:t${i}"]
  }
  expect_failures = [var.additional_alarm_actions]
}

run "refuses_an_alarm_action_without_arn" {
  command = plan
  variables {
    additional_alarm_actions = ["my-topic"]
  }
  expect_failures = [var.additional_alarm_actions]
}

run "refuses_a_sixth_ok_action" {
  command = plan
  variables {
    ok_actions = [for i in range(5) : "arn:aws:sns:eu-west-1:111122223333:t${i}"]
  }
  expect_failures = [var.ok_actions]
}

run "refuses_an_ok_action_without_arn" {
  command = plan
  variables {
    ok_actions = ["my-topic"]
  }
  expect_failures = [var.ok_actions]
}

run "refuses_a_sixth_insufficient_data_action" {
  command = plan
  variables {
    insufficient_data_actions = [for i in range(6) : "arn:aws:sns:eu-west-1:111122223333:t${i}"]
  }
  expect_failures = [var.insufficient_data_actions]
}

run "refuses_an_insufficient_data_action_without_arn" {
  command = plan
  variables {
    insufficient_data_actions = ["my-topic"]
  }
  expect_failures = [var.insufficient_data_actions]
}

run "refuses_a_topic_name_for_its_arn" {
  command = plan
  variables {
    existing_topic = { arn = "my-topic" }
  }
  expect_failures = [var.existing_topic]
}

run "refuses_a_fifo_topic" {
  command = plan
  variables {
    existing_topic = { arn = "arn:aws:sns:eu-west-1:111122223333:alarms.fifo" }
  }
  expect_failures = [var.existing_topic]
}

run "refuses_a_topic_name_with_blanks" {
  command = plan
  variables {
    topic_name = "my topic"
  }
  expect_failures = [var.topic_name]
}

run "refuses_a_display_name_of_over_100_characters" {
  command = plan
  variables {
    topic_display_name = join("", [for i in range(101) : "x"])
  }
  expect_failures = [var.topic_display_name]
}

run "refuses_the_key_of_aws_that_silences_the_alarm" {
  command = plan
  variables {
    existing_kms_key = { arn = "alias/aws/sns" }
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

run "refuses_an_account_id_that_lost_its_zero" {
  command = plan
  variables {
    account_id = "12345678901"
  }
  expect_failures = [var.account_id]
}

run "refuses_a_topic_name_for_each_change" {
  command = plan
  variables {
    notify_each_change = { topic_arn = "my-topic" }
  }
  expect_failures = [var.notify_each_change]
}

run "refuses_a_rule_name_with_blanks" {
  command = plan
  variables {
    rule_name = "my rule"
  }
  expect_failures = [var.rule_name]
}

run "refuses_plain_http" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol = "http"
        endpoint = "http://example.com"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_an_email_subscription_without_address" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol = "email"
        endpoint = "nobody"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_an_https_subscription_to_http" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol = "https"
        endpoint = "http://example.com"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_phone_number_without_country" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol = "sms"
        endpoint = "015112345678"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_queue_url_for_its_arn" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol = "sqs"
        endpoint = "https://sqs.eu-west-1.amazonaws.com/111122223333/q"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_raw_delivery_by_email" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol             = "email"
        endpoint             = "a@example.com"
        raw_message_delivery = true
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_filter_policy_that_is_no_json" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol      = "email"
        endpoint      = "a@example.com"
        filter_policy = "ALARM"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_an_unknown_filter_policy_scope" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol            = "email"
        endpoint            = "a@example.com"
        filter_policy       = "{}"
        filter_policy_scope = "Subject"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_filter_policy_scope_without_policy" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol            = "email"
        endpoint            = "a@example.com"
        filter_policy_scope = "MessageBody"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_dead_letter_topic" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol              = "email"
        endpoint              = "a@example.com"
        dead_letter_queue_arn = "arn:aws:sns:eu-west-1:111122223333:t"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_delivery_policy_by_email" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol        = "email"
        endpoint        = "a@example.com"
        delivery_policy = "{}"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_firehose_without_role" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol = "firehose"
        endpoint = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/s"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_a_role_without_firehose" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol              = "email"
        endpoint              = "a@example.com"
        subscription_role_arn = "arn:aws:iam::111122223333:role/r"
      }
    }
  }
  expect_failures = [var.subscriptions]
}

run "refuses_auto_confirmation_by_email" {
  command = plan
  variables {
    subscriptions = {
      it = {
        protocol               = "email"
        endpoint               = "a@example.com"
        endpoint_auto_confirms = true
      }
    }
  }
  expect_failures = [var.subscriptions]
}
