"""Snapshots: deployments kept in a file, to be judged or compared later.

A snapshot is JSON: ``{"sg_alarm_snapshot": 2, "deployments": […]}``. An object of the model is written as
``{"$": "Trail", "arn": …}`` with all its fields; tuples are lists, mappings are objects, and a mapping with
a key that begins with ``$`` is written as ``{"$": "$", "of": […pairs]}``. Reading checks every value against
the type of its field, so that what comes back is a deployment, or an error.
"""

from __future__ import annotations

import collections.abc
import json
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from sg_alarm import documents
from sg_alarm.alarms import model as alarms
from sg_alarm.errors import UserError
from sg_alarm.files import writing
from sg_alarm.rule import model
from sg_alarm.unknown import Outside, Unanswered, Unknown

SCHEMA_VERSION = 2

_HEADER = "sg_alarm_snapshot"
_TYPE = "$"
_CLASSES: Mapping[str, type] = {
    found.__name__: found
    for found in (*vars(model).values(), *vars(alarms).values(), Outside, Unanswered, Unknown)
    if isinstance(found, type) and is_dataclass(found)
}


def save_snapshot(deployments: Sequence[model.Deployment], path: str | PathLike[str]) -> None:
    """Write deployments to a file, whole or not at all. Raises ``UserError`` where that is not possible."""
    text = json.dumps(to_json(deployments), indent=1) + "\n"
    with writing(Path(path), private=True) as file:
        file.write(text.encode("utf-8"))


def to_json(deployments: Sequence[model.Deployment]) -> dict[str, Any]:
    """Return deployments as a snapshot has them."""
    return {_HEADER: SCHEMA_VERSION, "deployments": [_encode(one) for one in deployments]}


def from_json(document: Any, path: str | PathLike[str]) -> tuple[model.Deployment, ...]:
    """Return the deployments of a snapshot; ``UserError``, which names the path, for what is none."""
    if not isinstance(document, dict) or _HEADER not in document:
        raise _not_a_snapshot(path, "it does not say that it is one")
    if document[_HEADER] != SCHEMA_VERSION or isinstance(document[_HEADER], bool):
        raise UserError(
            f"{path} is a snapshot of version {document[_HEADER]}, which this sg-alarm does not read",
            f"it reads version {SCHEMA_VERSION}: take a new snapshot, or use the sg-alarm that wrote it",
        )
    try:
        found: tuple[model.Deployment, ...] = _decode(
            document.get("deployments"), tuple[model.Deployment, ...], "deployments"
        )
    except (_BrokenError, RecursionError) as error:
        raise _not_a_snapshot(path, str(error)) from error
    return found


def load_snapshot(path: str | PathLike[str]) -> tuple[model.Deployment, ...]:
    """Read deployments from a file. Raises ``UserError`` for what is no snapshot that this version knows."""
    content = documents.read(path)
    try:
        document = documents.parse(content)
    except ValueError as error:
        raise _not_a_snapshot(path, f"it is not JSON that can be read: {error}") from error
    return from_json(document, path)


def _not_a_snapshot(path: str | PathLike[str], reason: str) -> UserError:
    return UserError(
        f"{path} is not a snapshot: {reason}", "take one with: sg-alarm audit --save-snapshot FILE"
    )


class _BrokenError(Exception):
    """Something in the file is not what its place asks for."""


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        named = {one.name: _encode(getattr(value, one.name)) for one in fields(value)}
        return {_TYPE: type(value).__name__, **named}
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) or key.startswith(_TYPE) for key in value):
            return {_TYPE: _TYPE, "of": [[key, _encode(one)] for key, one in value.items()]}
        return {key: _encode(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(one) for one in value]
    return value


def _decode(value: Any, expected: Any, where: str) -> Any:
    """Return the value that the JSON stands for, which is of the expected type."""
    origin = get_origin(expected)
    if origin in (types.UnionType, Union):
        return _one_of(value, get_args(expected), where)
    if expected is Any:
        return _free(value, where)
    if origin is tuple:
        if isinstance(value, list):
            element = get_args(expected)[0]
            return tuple(_decode(one, element, f"{where}[{index}]") for index, one in enumerate(value))
    elif origin is collections.abc.Mapping:
        if isinstance(value, dict) and value.get(_TYPE, _TYPE) == _TYPE:
            return _free(value, where)
    elif isinstance(expected, type) and is_dataclass(expected):
        found = _CLASSES.get(str(value.get(_TYPE))) if isinstance(value, dict) else None
        if found is not None and issubclass(found, expected):
            return _object(value, where)
    elif expected is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    elif isinstance(value, expected) and (expected is bool or not isinstance(value, bool)):
        return value
    raise _BrokenError(f"{where} is not what it should be")


def _one_of(value: Any, expected: Sequence[Any], where: str) -> Any:
    for one in expected:
        with suppress(_BrokenError):
            return _decode(value, type(None) if one is None else one, where)
    # Say what is wrong within, where the type is clear.
    if isinstance(value, dict) and any(value.get(_TYPE) == getattr(one, "__name__", "") for one in expected):
        return _object(value, where)
    raise _BrokenError(f"{where} is not what it should be")


def _object(value: Mapping[str, Any], where: str) -> Any:
    found = _CLASSES.get(str(value.get(_TYPE)))
    if found is None:
        raise _BrokenError(f"{where} is of the unknown type {value.get(_TYPE)}")
    hints = _hints(found)
    names = set(value) - {_TYPE}
    if names != set(hints):
        name = sorted(names ^ set(hints))[0]
        raise _BrokenError(f"{where} has {'an unknown' if name in names else 'no'} field {name}")
    return found(**{name: _decode(value[name], hint, f"{where}.{name}") for name, hint in hints.items()})


def _free(value: Any, where: str) -> Any:
    """Return JSON as it is, with what it holds of the model."""
    if isinstance(value, list):
        return [_free(one, f"{where}[{index}]") for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.get(_TYPE) == _TYPE:
        pairs = value.get("of")
        if not isinstance(pairs, list) or not all(isinstance(one, list) and len(one) == 2 for one in pairs):
            raise _BrokenError(f"{where} is not what it should be")
        return {key: _free(one, f"{where}.{key}") for key, one in pairs}
    if _TYPE in value:
        return _object(value, where)
    return {key: _free(one, f"{where}.{key}") for key, one in value.items()}


@cache
def _hints(found: type) -> Mapping[str, Any]:
    return get_type_hints(found)
