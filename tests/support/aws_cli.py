"""As much of the AWS CLI as the handbook's commands need: operations and parameters are those of botocore.

What botocore's models do not know is refused, as the AWS CLI refuses it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape

_SERVICES = {"s3api": "s3"}
# Parameters that the AWS CLI calls otherwise: awscli/customizations/argrename.py.
_RENAMED = {("sns", "subscribe", "endpoint"): "notification-endpoint"}
_GLOBAL = ("query", "output")


class RefusedError(Exception):
    """What the AWS CLI would not take."""


def write_executable(folder: Path) -> None:
    """Put a command `aws` into a folder."""
    path = folder / "aws"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "$@"\n')
    path.chmod(0o755)


def request(words: Sequence[str]) -> tuple[str, OperationModel, dict[str, Any], dict[str, str]]:
    """Return service, operation, parameters and global options of a command; raises RefusedError."""
    service, command, *rest = words
    name = _SERVICES.get(service, service)
    session = botocore.session.get_session()
    if name not in session.get_available_services():
        raise RefusedError(f"no service {service}")
    model = session.get_service_model(name)
    operations = {xform_name(one, "-"): one for one in model.operation_names}
    if command not in operations:
        raise RefusedError(f"{service} has no operation {command}")
    operation = model.operation_model(operations[command])
    members = {
        _RENAMED.get((name, command, (option := xform_name(member, "-"))), option): (member, shape)
        for member, shape in operation.input_shape.members.items()
    }
    parameters: dict[str, Any] = {}
    options: dict[str, str] = {}
    for option, values in _options(rest):
        if option in _GLOBAL:
            (options[option],) = values
            continue
        negated = option.startswith("no-") and option not in members
        plain = option.removeprefix("no-") if negated else option
        if plain not in members or (negated and members[plain][1].type_name != "boolean"):
            raise RefusedError(f"{service} {command} has no parameter --{option}")
        member, shape = members[plain]
        parameters[member] = not negated if shape.type_name == "boolean" else _value(shape, values)
    return name, operation, parameters, options


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    starts = [number for number, word in enumerate(words) if word.startswith("--")]
    if words and starts[:1] != [0]:
        raise RefusedError(f"unknown option {words[0]}")
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield words[start][2:], list(words[start + 1 : end])


def _value(shape: Shape, values: Sequence[str]) -> Any:
    if shape.type_name in ("structure", "list", "map") and values and values[0].lstrip()[:1] in ("{", "["):
        (text,) = values
        return json.loads(text)
    if shape.type_name == "list":
        return [_value(shape.member, [one]) for one in values]
    (text,) = values
    if shape.type_name == "structure":
        return _shorthand(shape.members, text)
    return {"integer": int, "long": int, "double": float, "float": float}.get(shape.type_name, str)(text)


def _shorthand(members: Mapping[str, Shape], text: str) -> dict[str, Any]:
    found = dict(one.split("=", 1) for one in text.split(","))
    if unknown := found.keys() - members.keys():
        raise RefusedError(f"no members {unknown}")
    return {name: _value(members[name], [value]) for name, value in found.items()}


def main(words: Sequence[str]) -> int:
    """Make the call and print the answer; exit codes are those of the AWS CLI."""
    try:
        name, operation, parameters, options = request(words)
    except RefusedError as error:
        sys.stderr.write(f"{error}\n")
        return 252
    client = botocore.session.get_session().create_client(name)
    try:
        answer = getattr(client, xform_name(operation.name))(**parameters)
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return 254
    answer.pop("ResponseMetadata", None)
    if "query" in options:
        answer = jmespath.search(options["query"], answer)
    text = str(answer) if options.get("output") == "text" else json.dumps(answer, indent=4, default=str)
    sys.stdout.write(f"{text}\n" if answer else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
