variable "metric_name" {
  type = string
}

variable "actions" {
  type = list(string)
}

resource "aws_cloudwatch_metric_alarm" "changes" {
  alarm_name          = "SecurityGroupConfigChangesAlarm"
  metric_name         = var.metric_name
  namespace           = "CloudTrailMetrics"
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.actions
}
