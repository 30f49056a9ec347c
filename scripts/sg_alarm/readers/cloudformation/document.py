"""Template files, YAML or JSON, with the functions' short forms written out.

Source: AWS CloudFormation User Guide, "CloudFormation template formats"; Template Reference, "Intrinsic
functions", for the short forms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError
from sg_alarm.readers.files import Files, UnreadableError

MOST_BYTES = 1 << 20
"""Of a template: the quota of CloudFormation is 1 MB in an S3 object, 51,200 bytes in a request."""

_MOST_NODES = 200_000
_MOST_DIGITS = 300


@dataclass(frozen=True)
class Document:
    """A template as it is written, and the line of each logical id."""

    template: Mapping[str, Any]
    lines: Mapping[str, int]

    def check(self, parameters: Mapping[str, str]) -> None:
        """Raise UserError for a value of a parameter that the template does not have."""
        declared = self.template.get("Parameters")
        names = sorted(map(str, declared)) if isinstance(declared, Mapping) else []
        if unknown := next((name for name in parameters if name not in names), None):
            hint = f"it has {', '.join(names)}" if names else "it has none"
            raise UserError(f"the template has no parameter {unknown}", hint)


def load(path: Path) -> Document:
    """Read a template file. Raises UserError for any other file, and without PyYAML."""
    content = documents.read(path, "name a template file", MOST_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a text file", "name a template file") from error
    return parse(text, str(path))


def parse(text: str, name: str = "the template") -> Document:
    """Return the template in a text. Raises UserError, which calls it ``name``."""
    try:
        import yaml
    except ImportError:
        raise UserError("reading templates needs PyYAML", "pip install 'sg-alarm[cloudformation]'") from None

    lines: dict[str, int] = {}
    try:
        # JSON may be indented by tabs; YAML may not, and JSON has them nowhere else.
        loader = _loader()(text.replace("\t", " ") if _is_json(text) else text)
        root = loader.get_single_node()
        _check_size(root)
        template = _plain(loader.construct_document(root)) if root is not None else None
        if isinstance(template, dict):
            lines = dict(_lines(root))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UserError(
            f"{name} is not valid YAML: {_problem(error)}", "cfn-lint shows what is wrong"
        ) from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise UserError(f"{name} is not a CloudFormation template", "a template has a mapping `Resources`")
    return Document(_without_secrets(template), lines)


def nested(folder: Path, location: str) -> Mapping[str, Any] | None:
    """Return the template of a nested stack by its path; ``None`` where there is none that can be read.

    A template names what it likes: :class:`~sg_alarm.readers.files.Files` opens what it may.
    """
    try:
        return parse(Files(folder).text(folder / location), location).template
    except (UnreadableError, UserError, OSError, ValueError):
        return None


def _check_size(root: Any) -> None:
    """Raise ``ValueError`` where the document, with its aliases written out, is too large or has no end."""
    sizes: dict[int, int] = {}  # of what is complete; 0 while it is gone through
    pending = [(root, False)] if root is not None else []
    while pending:
        node, is_complete = pending.pop()
        parts = node.value if isinstance(node.value, list) else []
        below = [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        if is_complete:
            sizes[id(node)] = 1 + sum(sizes[id(one)] for one in below)
            if sizes[id(node)] > _MOST_NODES:
                raise ValueError("it is too large, or its aliases make it so")
        elif id(node) not in sizes:
            sizes[id(node)] = 0
            pending.append((node, True))
            for one in below:
                if sizes.get(id(one)) == 0:
                    raise ValueError("an alias stands for what it is in")
                pending.append((one, False))


def _plain(value: Any) -> Any:
    """Return a document as JSON could say it. Raises ``ValueError`` where it could not."""
    if isinstance(value, dict):
        return {_key(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f"it holds a value of type {type(value).__name__}")
    return documents.check(value)


def _key(key: Any) -> str:
    if not isinstance(key, str | int | float):
        raise ValueError("a key is not a text")
    return documents.check(key) if isinstance(key, str) else json.dumps(key)


def _without_secrets(template: dict[str, Any]) -> dict[str, Any]:
    """Leave out the values of parameters that CloudFormation masks: nothing may print them.

    Source: AWS CloudFormation User Guide, "Parameters", NoEcho.
    """
    declared = template.get("Parameters")
    if not isinstance(declared, dict):
        return template
    kept = {
        name: {key: value for key, value in one.items() if key != "Default"} if is_secret(one) else one
        for name, one in declared.items()
    }
    return {**template, "Parameters": kept}


def is_secret(parameter: Any) -> bool:
    """Whether CloudFormation masks the value of a parameter."""
    return isinstance(parameter, dict) and str(parameter.get("NoEcho", "")).lower() == "true"


def _lines(node: Any) -> Iterator[tuple[str, int]]:
    """Yield the lines of the logical ids in a document."""
    for section, value in node.value:
        if section.value == "Resources" and isinstance(value.value, list):
            yield from ((key.value, key.start_mark.line + 1) for key, _ in value.value)


def _is_json(text: str) -> bool:
    try:
        documents.parse(text)
    except ValueError:
        return False
    return True


def _problem(error: BaseException) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or type(error).__name__
    return f"{problem}, line {mark.line + 1}" if mark is not None else str(problem)


def _loader() -> Any:
    """Return the loader of templates: short forms become long ones, and dates stay texts."""
    import yaml

    resolvers = {
        sign: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for sign, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader_of_templates: Any = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})

    def written_out(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        if suffix == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}

    def number(loader: Any, node: Any) -> Any:
        # To the base of 60, or with digits without end, a number takes time without end.
        if len(node.value) > _MOST_DIGITS:
            return loader.construct_scalar(node)
        kind = node.tag.rpartition(":")[2]
        return getattr(loader, f"construct_yaml_{kind}")(node)

    for kind in ("int", "float"):
        loader_of_templates.add_constructor(f"tag:yaml.org,2002:{kind}", number)
    loader_of_templates.add_multi_constructor("!", written_out)
    return loader_of_templates
