variable "log_group_name" {
  type = string
}

variable "topic_arn" {
  type = string
}

module "alarm" {
  source      = "./alarm"
  metric_name = aws_cloudwatch_log_metric_filter.changes.metric_transformation[0].name
  actions     = [var.topic_arn]
}

resource "aws_cloudwatch_log_metric_filter" "changes" {
  name           = "SecurityGroupConfigChanges"
  log_group_name = var.log_group_name
  pattern        = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"

  metric_transformation {
    name      = "SecurityGroupEventCount"
    namespace = "CloudTrailMetrics"
    value     = "1"
  }
}
