"""Write what an audit needs of botocore's models: a few operations of a few services, of the newest botocore.

botocore loads the whole model of a service for one call: of EC2 six megabytes, for DescribeRegions. And it
knows what AWS had when it was released, while Checkov, beside which we are installed, asks for one of 2024.
The models written here are found on botocore's own search path (``sg_alarm.aws.clients``). Endpoints and
partitions stay those of the botocore that is installed.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MODELS = Path(__file__).parents[1] / "sg_alarm/aws/models"

OPERATIONS = {
    "cloudtrail": ("DescribeTrails", "GetEventSelectors", "GetTrailStatus"),
    "cloudwatch": ("DescribeAlarms", "GetAlarmMuteRule", "ListAlarmMuteRules"),
    "ec2": ("DescribeRegions",),
    "events": ("ListRules", "ListTargetsByRule"),
    "firehose": ("DescribeDeliveryStream",),
    "kms": ("DescribeKey", "GetKeyPolicy"),
    "lambda": ("GetPolicy",),
    "logs": ("DescribeLogGroups", "DescribeMetricFilters", "TestMetricFilter"),
    "organizations": (
        "DescribeOrganization",
        "ListAccounts",
        "ListAccountsForParent",
        "ListOrganizationalUnitsForParent",
        "ListRoots",
    ),
    "sns": (
        "CheckIfPhoneNumberIsOptedOut",
        "GetEndpointAttributes",
        "GetSubscriptionAttributes",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
    ),
    "sqs": ("GetQueueAttributes", "GetQueueUrl"),
    "sts": ("AssumeRole", "GetCallerIdentity"),
}

PROTOCOLS = ("json", "rest-json", "query", "ec2")
"""In this order of preference, of those that every botocore since 1.34 speaks."""

PREFERRED = {"cloudwatch": "query"}
"""What every endpoint answers, compatible ones, too: JSON is new there."""

_COMMENTS = {"documentation", "documentationUrl", "enum", "pattern"}


def main() -> None:
    """Replace the models."""
    with tempfile.TemporaryDirectory() as folder:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
        subprocess.run([*install, "botocore"], check=True)
        (release,) = Path(folder).glob("botocore-*.dist-info")
        data = Path(folder) / "botocore/data"
        shutil.rmtree(MODELS, ignore_errors=True)
        for service, operations in OPERATIONS.items():
            version = max(path.parent.name for path in data.glob(f"{service}/*/service-2.json*"))
            whole = json.loads(gzip.decompress((data / service / version / "service-2.json.gz").read_bytes()))
            file = MODELS / service / version / "service-2.json"
            file.parent.mkdir(parents=True)
            file.write_text(
                json.dumps(trimmed(whole, operations, PREFERRED.get(service)), separators=(",", ":")) + "\n",
                "utf-8",
            )
        readme = "Parts of the service models of {} (Apache License 2.0), made by `make models`.\n"
        name = release.name.removesuffix(".dist-info").replace("-", " ")
        (MODELS / "README.md").write_text(readme.format(name), "utf-8")


def trimmed(
    model: Mapping[str, Any], operations: tuple[str, ...], protocol: str | None = None
) -> dict[str, Any]:
    """Return a model with these operations only, what they take and give, and no comments."""
    spoken = model["metadata"].get("protocols") or [model["metadata"]["protocol"]]
    chosen = protocol or next(one for one in PROTOCOLS if one in spoken)
    if chosen not in spoken:
        raise ValueError(f"{model['metadata']['serviceId']} speaks {spoken}, and not {chosen}")
    # Errors are known by their codes.
    kept = {name: without_comments(model["operations"][name]) for name in operations}
    for operation in kept.values():
        operation.pop("errors", None)
    shapes: dict[str, Any] = {}
    wanted = list(_shapes_in(kept))
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = without_comments(model["shapes"][name])
            wanted += _shapes_in(shapes[name])
    return {
        "version": model["version"],
        "metadata": {**model["metadata"], "protocol": chosen, "protocols": [chosen]},
        "operations": kept,
        "shapes": dict(sorted(shapes.items())),
    }


def without_comments(part: Any) -> Any:
    """Return a part of a model without what botocore only documents, enumerations and patterns included."""
    if isinstance(part, Mapping):
        # A member may be called pattern, and is an object then.
        return {
            key: without_comments(value)
            for key, value in part.items()
            if key not in _COMMENTS or isinstance(value, Mapping)
        }
    return [without_comments(one) for one in part] if isinstance(part, list) else part


def _shapes_in(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_in(value)
    elif isinstance(part, list):
        for one in part:
            yield from _shapes_in(one)


if __name__ == "__main__":
    main()
