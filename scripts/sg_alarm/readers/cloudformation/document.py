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

from sg_alarm.errors import UserError


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
    try:
        return parse(path.read_text("utf-8-sig"), str(path))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "name a template file") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a text file", "name a template file") from error


def parse(text: str, name: str = "the template") -> Document:
    """Return the template in a text. Raises UserError, which calls it ``name``."""
    try:
        import yaml
    except ImportError:
        raise UserError("reading templates needs PyYAML", "pip install 'sg-alarm[cloudformation]'") from None

    loader, lines = _loader(), dict[str, int]()
    try:
        template = yaml.load(text, Loader=loader)  # noqa: S506 - a subclass of the safe one
        if isinstance(template, Mapping):
            lines = dict(_lines(yaml.compose(text, Loader=loader)))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        template = _json(text)
        if template is None:
            raise UserError(
                f"{name} is not valid YAML: {_problem(error)}", "cfn-lint shows what is wrong"
            ) from error
    if not isinstance(template, Mapping) or not isinstance(template.get("Resources"), Mapping):
        raise UserError(f"{name} is not a CloudFormation template", "a template has a mapping `Resources`")
    return Document(template, lines)


def nested(folder: Path, location: str) -> Mapping[str, Any] | None:
    """Return the template of a nested stack by its path; ``None`` where there is none that can be read."""
    try:
        return load(folder / location).template
    except UserError:
        return None


def _lines(node: Any) -> Iterator[tuple[str, int]]:
    """Yield the lines of the logical ids in a document."""
    for section, value in node.value:
        if section.value == "Resources" and isinstance(value.value, list):
            yield from ((key.value, key.start_mark.line + 1) for key, _ in value.value)


def _json(text: str) -> Any:
    """Return the value of JSON that is not YAML, such as JSON that is indented by tabs."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


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

    loader_of_templates.add_multi_constructor("!", written_out)
    return loader_of_templates
