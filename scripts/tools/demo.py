"""The main job on the embedded AWS, start to end; `make demo` runs it.

Deploys examples/new-trail with real Terraform and the real AWS provider, confirms the email subscription out
of the outbox, opens port 22 to the world, sees the alarm fire and the mail arrive, audits, breaks one link,
audits again, and destroys everything.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.text import Text

from sg_alarm.cli import deploy
from sg_alarm.cli.console import Terminal
from sg_alarm.errors import UserError
from sg_alarm.local_aws import LocalAws, Mail
from sg_alarm.reports.report import Report, judge
from sg_alarm.reports.table import print_report
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.verdict import Link, Verdict
from sg_alarm.sources import SILENT
from sg_alarm.sources.account import AccountSource

REPOSITORY = Path(__file__).parents[2]
ADDRESS = "security@example.com"
ALARM = "SecurityGroupConfigChangesAlarm"
PATIENCE = 30.0
"""Seconds to wait for the alarm and the mail; they take less than one."""


def main() -> int:
    """Run the demo; return the exit code."""
    terminal = Terminal()
    terminal.err = terminal.out  # one story, in order, also where it is piped
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="sg-alarm-demo-") as folder, LocalAws() as aws:
            # Nothing that follows may reach a real account.
            environment = aws.environment()
            os.environ.clear()
            os.environ.update(environment)
            terminal.say(Text(f"The embedded AWS listens on {aws.endpoint}", "dim"))
            _run(aws, _copy_of_example(Path(folder)), terminal)
    except UserError as error:
        terminal.error(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        terminal.error(UserError("interrupted", "nothing is left behind: the embedded AWS has ended"))
        return 130
    terminal.say(Text(f"Done in {time.monotonic() - started:.0f} s. Nothing is left behind.", "dim"))
    return 0


def _run(aws: LocalAws, directory: Path, terminal: Terminal) -> None:
    # Without life-cycle rules on the bucket, for which the provider would wait a minute.
    values = directory / "demo.tfvars.json"
    values.write_text(
        json.dumps({"region": aws.region, "email_addresses": [ADDRESS], "bucket_retention_in_days": None})
    )
    request = deploy.Request(directory, variable_files=[str(values)])

    _heading("Deploy a trail and the alarm with Terraform", terminal)
    deploy.run(request, aws.environment(), terminal, confirm=lambda question: True)

    _heading(f"Confirm the subscription out of the mail to {ADDRESS}", terminal)
    [confirmation] = aws.outbox(ADDRESS)
    _show_mail(confirmation, terminal)
    aws.client("sns").confirm_subscription(TopicArn=confirmation.topic_arn, Token=confirmation.token)

    _heading("Somebody opens port 22 to the world", terminal)
    ec2 = aws.client("ec2")
    [group] = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])[
        "SecurityGroups"
    ]
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    terminal.say(f"{group['GroupId']}: tcp 22 from 0.0.0.0/0")

    _heading("The alarm fires", terminal)
    alarm = _wait(lambda: _alarm_in(aws, "ALARM"), "the alarm did not fire")
    terminal.say(f"{alarm['AlarmName']} is in {alarm['StateValue']}: {alarm['StateReason']}")

    _heading("The mail arrives", terminal)
    _show_mail(_wait(lambda: _notification(aws), "no mail arrived"), terminal)

    _heading("Audit it: would somebody be notified of every change?", terminal)
    _expect(_audit(aws, terminal), Verdict.PASS)

    _heading("Break one link, and audit again: the alarm's actions are disabled", terminal)
    aws.client("cloudwatch").disable_alarm_actions(AlarmNames=[ALARM])
    broken = _expect(_audit(aws, terminal), Verdict.FAIL)
    links = {finding.link for one in broken.judgements for finding in one.findings}
    if Link.ACTION not in links:
        raise UserError(f"the audit blames {links}, the action was expected", "this is a bug: report it")

    _heading("Destroy everything", terminal)
    destroy = deploy.Request(directory, variable_files=[str(values)], destroy=True)
    deploy.run(destroy, aws.environment(), terminal, confirm=lambda question: True)


def _audit(aws: LocalAws, terminal: Terminal) -> Report:
    readings = AccountSource((aws.region,), endpoint_url=aws.endpoint).read(SILENT)
    report = judge(readings.readings, find_profile("conformity"))
    print_report(report, terminal.out)
    return report


def _expect(result: Report, verdict: Verdict) -> Report:
    if result.verdict is not verdict:
        raise UserError(
            f"the audit says {result.verdict.value}, {verdict.value} was expected", "this is a bug: report it"
        )
    return result


def _alarm_in(aws: LocalAws, state: str) -> dict[str, Any] | None:
    found = aws.client("cloudwatch").describe_alarms(AlarmNames=[ALARM], StateValue=state)["MetricAlarms"]
    return found[0] if found else None


def _notification(aws: LocalAws) -> Mail | None:
    return next((mail for mail in aws.outbox(ADDRESS) if mail.kind == "notification"), None)


def _wait(look: Any, failure: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise UserError(f"{failure} within {PATIENCE:.0f} s", "this is a bug: report it")


def _show_mail(mail: Mail, terminal: Terminal) -> None:
    terminal.say(Text(f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.body.strip()}", "dim"))


def _copy_of_example(folder: Path) -> Path:
    """Copy modules and the example, so that no state is left in the repository."""
    for name in ("modules", "examples"):
        ignore = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignore)
    return folder / "examples/new-trail"


def _heading(text: str, terminal: Terminal) -> None:
    terminal.say()
    terminal.say(Text(f"▶ {text}", "bold"))


if __name__ == "__main__":
    sys.exit(main())
