"""Which source a path is, recognised by what stands in the file, not by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError

_ZIP = b"PK\x03\x04"
_TERRAFORM = (".tf", ".tf.json", ".tfvars", ".tfvars.json")


def recognise(path: Path) -> tuple[str, Any]:
    """Return the kind of source, one of ``cli.sources.SOURCES``, and the document where it is JSON.

    Raises UserError for a path that is no source, or cannot be read.
    """
    if path.is_dir():
        return "code", None
    if path.name.endswith(_TERRAFORM):
        hint = f"check the folder: sg-alarm check {path.parent}"
        raise UserError(f"{path} is one file of a Terraform module", hint)
    data = documents.read(path, "name a folder or a file")
    if data.startswith(_ZIP):
        hint = f"terraform show -json {path} > plan.json && sg-alarm check plan.json"
        raise UserError(f"{path} is a plan in Terraform's own format, not JSON", hint)
    try:
        document = documents.check(documents.parse(data))
    except ValueError:
        return "template", None  # YAML, or what its reader says is wrong with it
    if isinstance(document, dict):
        if "sg_alarm_snapshot" in document:
            return "snapshot", document
        if "Resources" in document:
            return "template", None
        if "format_version" in document or "terraform_version" in document:
            return "plan", document
    raise UserError(
        f"{path} is JSON, but not a plan, a CloudFormation template or a snapshot",
        "a plan is written by: terraform show -json plan.tfplan > plan.json",
    )
