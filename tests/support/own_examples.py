"""The project's own examples as code to be judged: values for their variables, and what can be taken out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sg_alarm.readers.terraform.parser import parse

ROOT = Path(__file__).parents[2]
VALUES = {
    "minimal": "",
    "new-trail": 'email_addresses = ["security@example.com"]\n',
    "organization": 'email_addresses = ["security@example.com"]\norganization_id = "o-1234567890"\n',
}
# Without these the rest still works, or AWS itself says at once what is missing.
SPARE = {
    "aws_cloudtrail.this": "the log group may be fed by a trail of another codebase",
    "aws_iam_role_policy.this": "CloudTrail refuses to make the trail",
    "aws_s3_bucket_policy.this": "CloudTrail refuses to make the trail",
    "aws_kms_alias.this": "nothing but a name for the key",
    "aws_sns_topic_policy.this": "the default policy of a topic lets alarms of its account publish",
    "aws_cloudwatch_event_rule.this": "beside the alarm",
    "aws_cloudwatch_event_target.this": "beside the alarm",
    "aws_s3_bucket_public_access_block.this": "good practice",
    "aws_s3_bucket_ownership_controls.this": "good practice",
    "aws_s3_bucket_versioning.this": "good practice",
    "aws_s3_bucket_server_side_encryption_configuration.this": "good practice",
    "aws_s3_bucket_lifecycle_configuration.this": "good practice",
    "aws_s3_bucket_logging.this": "good practice",
}


def removable() -> Iterator[tuple[Path, str]]:
    """Yield the resources of the modules: the file that declares each, from the root, and its address."""
    for module in ("security-group-changes-alarm", "cloudtrail-to-cloudwatch-logs"):
        for file in sorted((ROOT / "modules" / module).glob("*.tf")):
            for block in parse(file.read_text("utf-8")).blocks:
                if block.kind == "resource":
                    yield file.relative_to(ROOT), ".".join(block.labels)


def without_resource(file: Path, resource: str) -> None:
    """Take a resource out of a file."""
    text = file.read_text("utf-8")
    block = next(
        one for one in parse(text).blocks if one.kind == "resource" and ".".join(one.labels) == resource
    )
    start, end = block.span
    file.write_text(text[:start] + text[end:])
