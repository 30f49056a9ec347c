"""What would mend a deployment without an alarm: a module block, or a stack of the same."""

from __future__ import annotations

from sg_alarm.rule.arn import Arn, without_streams
from sg_alarm.rule.audit import Audit
from sg_alarm.rule.model import Deployment
from sg_alarm.rule.verdict import Judgement, Verdict


def missing_alarm(audit: Audit, deployment: Deployment, judgement: Judgement) -> str:
    """Return what would declare the alarm that a deployment lacks; empty where it has one."""
    return (audit.declare_missing or module_block)(deployment, judgement)


def module_block(deployment: Deployment, judgement: Judgement) -> str:
    """Return the HCL that declares what is missing; empty where there is an alarm, or nobody can tell."""
    if judgement.verdict is not Verdict.FAIL or any(chain.alarm for chain in judgement.chains):
        return ""
    group = _log_group(deployment)
    if group:
        return _ALARM.format(group=f'"{group}"')
    if isinstance(deployment.trails, tuple):
        return _TRAIL + "\n" + _ALARM.format(group="module.cloudtrail_to_cloudwatch_logs.log_group_name")
    return ""


def stack_command(deployment: Deployment, judgement: Judgement) -> str:
    """Return the command that deploys what is missing beside a stack; empty where no log group is known."""
    if judgement.verdict is not Verdict.FAIL or any(chain.alarm for chain in judgement.chains):
        return ""
    group = _log_group(deployment)
    # Of a group that CloudFormation names, the template has the logical id.
    named = f"NAME-OF-{group[2:-1]}" if group.startswith("${") else group
    return _STACK.format(group=named) if group else ""


def _log_group(deployment: Deployment) -> str:
    """Return the name of the log group to watch: of a multi-region trail sooner than of another."""
    trails = deployment.trails if isinstance(deployment.trails, tuple) else ()
    for trail in sorted(trails, key=lambda one: one.is_multi_region is not True):
        arn = Arn.parse(trail.log_group_arn) if isinstance(trail.log_group_arn, str) else None
        if arn and arn.account == deployment.account:
            return without_streams(arn.resource).removeprefix("log-group:")
    return ""


_ALARM = """\
module "security_group_changes_alarm" {{
  source = "git::https://example.com/sg-alarm.git//modules/security-group-changes-alarm?ref=v0.1.0"

  log_group_name  = {group}
  email_addresses = ["security@example.com"]
}}
"""

_STACK = """\
aws cloudformation deploy --stack-name security-group-changes-alarm \\
  --template-file modules/security-group-changes-alarm/cloudformation.yaml \\
  --parameter-overrides LogGroupName={group} EmailAddresses=security@example.com
"""

_TRAIL = """\
module "cloudtrail_to_cloudwatch_logs" {
  source = "git::https://example.com/sg-alarm.git//modules/cloudtrail-to-cloudwatch-logs?ref=v0.1.0"
}
"""
