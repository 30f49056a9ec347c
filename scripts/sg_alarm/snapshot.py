"""Snapshots: what a reader found, saved so that a verdict can be examined again without the account."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from sg_alarm import unknown
from sg_alarm.alarms import model as alarms
from sg_alarm.errors import UserError
from sg_alarm.rule import model
from sg_alarm.rule.model import Deployment

FORMAT = "sg-alarm snapshot"
VERSION = 1

_CLASSES = {
    name: item
    for module in (unknown, alarms, model)
    for name, item in vars(module).items()
    if isinstance(item, type) and is_dataclass(item)
}
_TYPE, _OBJECT = "$type", "$object"


def save_snapshot(deployments: Sequence[Deployment], path: Path) -> None:
    """Save deployments, all at once or not at all; raises UserError where the file cannot be written."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "deployments": [_encode(deployment) for deployment in deployments],
    }
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, ensure_ascii=False)
        os.replace(draft, path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}", "name another file") from error


def load_snapshot(path: Path) -> list[Deployment]:
    """Load what ``save_snapshot`` saved; raises UserError where the file is none."""
    hint = "name a file that `sg-alarm audit --save-snapshot FILE` wrote"
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", hint) from error
    except ValueError as error:
        raise UserError(f"{path} is no JSON: {error}", hint) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{path} is no snapshot", hint)
    if content.get("version") != VERSION:
        raise UserError(
            f"{path} is a snapshot of version {content.get('version')}, this is for version {VERSION}",
            "use the sg-alarm that wrote it",
        )
    try:
        found = [_decode(item) for item in content["deployments"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is a damaged snapshot: {error}", hint) from error
    if not all(isinstance(item, Deployment) for item in found):
        raise UserError(f"{path} is a damaged snapshot: it holds something else than deployments", hint)
    return found


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        found = {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
        return {_TYPE: type(value).__name__, **found}
    if isinstance(value, Mapping):
        # Wrapped, since a policy's own keys may be any text.
        return {_OBJECT: {key: _encode(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return [_encode(item) for item in value]
    return value


def _decode(value: Any, inside_object: bool = False) -> Any:
    if isinstance(value, list):
        items = [_decode(item, inside_object) for item in value]
        # The model has tuples, JSON documents such as policies have lists.
        return items if inside_object else tuple(items)
    if not isinstance(value, dict):
        return value
    if _OBJECT in value:
        return {key: _decode(item, inside_object=True) for key, item in value[_OBJECT].items()}
    found = {name: _decode(item) for name, item in value.items() if name != _TYPE}
    return _CLASSES[value[_TYPE]](**found)
