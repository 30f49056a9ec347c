"""A CloudFormation template, with the templates of its nested stacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.readers.cloudformation import read_template
from sg_alarm.readers.cloudformation.document import load, nested
from sg_alarm.rule.reading import Language
from sg_alarm.sources.source import Progress, Readings


@dataclass(frozen=True)
class TemplateSource:
    """A template in a file, with values of its parameters.

    ``name`` is what it is called, its path unless it is given; ``on_nested`` is called with the path of each
    template that it nests. ``account`` and the one of ``regions`` are those that it is deployed to.
    """

    path: Path
    parameter: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    on_nested: Callable[[Path], None] = lambda path: None
    account: str = ""
    regions: Sequence[str] = ()

    def read(self, progress: Progress) -> Readings:
        """Read the template; ``UserError`` for what is not one, or has no such parameter."""
        if len(self.regions) > 1:
            raise UserError("a template is deployed to one region", "give --region once")
        document = load(self.path)
        document.check(self.parameter)
        reading = read_template(
            document.template,
            self.name or str(self.path),
            document.lines,
            self._nested,
            self.parameter,
            "".join(self.regions),
            self.account,
        )
        reading = replace(reading, language=Language.CLOUDFORMATION)
        return Readings((reading,), f"a CloudFormation template: {self.path}")

    def _nested(self, location: str) -> Mapping[str, Any] | None:
        self.on_nested((self.path.parent / location).resolve())
        return nested(self.path.parent, location)
