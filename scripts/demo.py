"""The main job on the embedded AWS, start to end; `make demo` runs it.

Deploys examples/new-trail with real Terraform and the real AWS provider, confirms the email subscription out
of the outbox, shows the chain as boto3 sees it, audits it, and destroys everything again.
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

from rich.table import Table
from rich.text import Text

from sg_alarm import deploy
from sg_alarm.audit import audit
from sg_alarm.aws import Aws
from sg_alarm.errors import UserError
from sg_alarm.local_aws import LocalAws
from sg_alarm.reports import table
from sg_alarm.terminal import Terminal

REPOSITORY = Path(__file__).parents[1]
ADDRESS = "security@example.com"


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
    [mail] = aws.outbox(ADDRESS)
    terminal.out.print(Text(mail.body.strip(), "dim"))
    aws.client("sns").confirm_subscription(TopicArn=mail.topic_arn, Token=mail.token)

    _heading("The chain as it stands", terminal)
    terminal.out.print(_chain(aws))

    _heading("Audit it", terminal)
    result = audit(Aws(region=aws.region, endpoint_url=aws.endpoint), [aws.region])
    table.print_audit(result, terminal.out)
    if result.verdict.exit_code:
        raise UserError(
            f"the audit says {result.verdict.value}, PASS was expected", "this is a bug: report it"
        )

    _heading("Destroy everything", terminal)
    destroy = deploy.Request(directory, variable_files=[str(values)], destroy=True)
    deploy.run(destroy, aws.environment(), terminal, confirm=lambda question: True)


def _copy_of_example(folder: Path) -> Path:
    """Copy modules and the example, so that no state is left in the repository."""
    for name in ("modules", "examples"):
        ignore = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignore)
    return folder / "examples/new-trail"


def _heading(text: str, terminal: Terminal) -> None:
    terminal.say()
    terminal.say(Text(f"▶ {text}", "bold"))


def _chain(aws: LocalAws) -> Table:
    """Read the chain link by link, each from the one before it."""
    rows = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for link, name, detail in _links(aws):
        rows.add_row(Text(link, "bold"), Text(name, overflow="fold"), Text(detail, "dim", overflow="fold"))
    return rows


def _links(aws: LocalAws) -> list[tuple[str, str, str]]:
    [trail] = aws.client("cloudtrail").describe_trails()["trailList"]
    group = trail["CloudWatchLogsLogGroupArn"].split(":")[6]
    filters: list[dict[str, Any]] = aws.client("logs").describe_metric_filters(logGroupName=group)[
        "metricFilters"
    ]
    metric = filters[0]["metricTransformations"][0]
    [alarm] = aws.client("cloudwatch").describe_alarms_for_metric(
        MetricName=metric["metricName"], Namespace=metric["metricNamespace"]
    )["MetricAlarms"]
    [topic] = alarm["AlarmActions"]
    sns = aws.client("sns")
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    encrypted = "KmsMasterKeyId" in sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    operations = [found["filterPattern"].count("$.eventName") for found in filters]
    return [
        ("trail", trail["Name"], "every region" if trail["IsMultiRegionTrail"] else trail["HomeRegion"]),
        ("log group", group, ""),
        *(
            ("metric filter", found["filterName"], f"{count} operations")
            for found, count in zip(filters, operations, strict=True)
        ),
        ("metric", f"{metric['metricNamespace']}/{metric['metricName']}", ""),
        (
            "alarm",
            alarm["AlarmName"],
            f"{alarm['Statistic']} ≥ {alarm['Threshold']:g} in {alarm['Period']} s",
        ),
        ("topic", topic.rpartition(":")[2], "encrypted" if encrypted else "not encrypted"),
        *(
            (
                "subscription",
                found["Endpoint"],
                "pending" if found["SubscriptionArn"] == "PendingConfirmation" else "confirmed",
            )
            for found in subscriptions
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
