# An alarm notifies on a change of state: while it is in ALARM, a second change sends nothing, and its message
# does not say who did what. This rule reports every change, within seconds, and says both.
locals {
  create_rule = var.enabled && var.notify_each_change != null

  rule_name = "${var.name_prefix}${var.rule_name}"

  rule_topic_arn              = try(coalesce(var.notify_each_change.topic_arn, local.topic_arn), null)
  rule_publishes_to_own_topic = local.create_rule && local.create_topic && try(var.notify_each_change.topic_arn, null) == null

  console = lookup({
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }, local.partition, "console.aws.amazon.com")
}

resource "aws_cloudwatch_event_rule" "this" {
  count = local.create_rule ? 1 : 0

  name        = local.rule_name
  description = "Each change of a security group in this region, with who made it and from where"

  event_pattern = jsonencode({
    source      = ["aws.ec2"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["ec2.amazonaws.com"]
      eventName   = local.all_operations
      # A denied or failed call changed nothing. The alarm's metric counts those too, as the standards require.
      errorCode = [{ exists = false }]
    }
  })

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  count = local.create_rule ? 1 : 0

  rule      = aws_cloudwatch_event_rule.this[0].name
  target_id = "topic"
  arn       = local.rule_topic_arn

  input_transformer {
    input_paths = {
      account   = "$.account"
      region    = "$.region"
      time      = "$.detail.eventTime"
      operation = "$.detail.eventName"
      actor     = "$.detail.userIdentity.arn"
      service   = "$.detail.userIdentity.invokedBy"
      address   = "$.detail.sourceIPAddress"
      agent     = "$.detail.userAgent"
      event_id  = "$.detail.eventID"

      # CloudTrail writes the group in another place for each family of operations. EventBridge leaves out a
      # variable whose path is absent, so that of these exactly the one that exists is printed.
      group           = "$.detail.requestParameters.groupId"
      group_name      = "$.detail.requestParameters.groupName"
      created_group   = "$.detail.responseElements.groupId"
      modified_group  = "$.detail.requestParameters.ModifySecurityGroupRulesRequest.GroupId"
      described_in    = "$.detail.requestParameters.UpdateSecurityGroupRuleDescriptionsIngressRequest.GroupId"
      described_out   = "$.detail.requestParameters.UpdateSecurityGroupRuleDescriptionsEgressRequest.GroupId"
      associated_to   = "$.detail.requestParameters.AssociateSecurityGroupVpcRequest.GroupId"
      associated_from = "$.detail.requestParameters.DisassociateSecurityGroupVpcRequest.GroupId"
    }

    # One quoted string a line, as EventBridge wants a text of several lines.
    input_template = join("\n", [for line in [
      "A security group was changed in account <account>, region <region>.",
      "What:  <operation>",
      "Group: <group><created_group><modified_group><described_in><described_out><associated_to><associated_from> <group_name>",
      "Who:   <actor> <service>",
      "From:  <address> with <agent>",
      "When:  <time>",
      "More:  https://<region>.${local.console}/cloudtrailv2/home?region=<region>#/events/<event_id>",
      # jsonencode would write < and > as escapes, which EventBridge does not read as variables.
    ] : "\"${line}\""])
  }
}
