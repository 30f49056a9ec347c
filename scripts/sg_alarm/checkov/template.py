"""CloudFormation templates in Checkov: each is answered at one of its resources.

A template that another one nests is judged with that one, and not alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checkov.cloudformation.parser import parse

from sg_alarm.checkov.anchor import first_seen, wanted
from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of
from sg_alarm.checkov.visit import Block, Visit, source_of
from sg_alarm.fixes.module_block import stack_command
from sg_alarm.readers.cloudformation import read_template
from sg_alarm.readers.reading import Reading
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.wording import Names, describe


class TemplateScan:
    """The templates of one scan, judged."""

    def __init__(self, visit: Visit, settings: Settings) -> None:
        self._base = Path(visit.directory or ".").resolve()
        self._nested: set[Path] = set()
        files = [source_of(key).file for key in visit.definitions]
        readings = {file: self._read(file) for file in files}
        self._outcomes = {
            (file, found[0]): found[1]
            for file, reading in readings.items()
            if file not in self._nested and reading and (found := self._outcome(reading, settings))
        }

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.file, block.name), None)

    def _read(self, file: Path) -> Reading | None:
        # Checkov's own reading of the template, before it puts values into it.
        template = _parsed(file)
        if template is None:
            return None
        resources = template.get("Resources")
        lines = {
            str(name): int(resource["__startline__"])
            for name, resource in (resources.items() if isinstance(resources, Mapping) else ())
            if isinstance(resource, Mapping) and "__startline__" in resource
        }

        def nested(location: str) -> Mapping[str, Any] | None:
            inner = (file.parent / location).resolve()
            self._nested.add(inner)
            return _parsed(inner)

        return read_template(template, os.path.relpath(file, self._base), lines, nested)

    def _outcome(self, reading: Reading, settings: Settings) -> tuple[str, Outcome] | None:
        if reading.deployment is None:
            return None
        names = Names(reading.addresses)
        judged = evaluate(reading.deployment, settings.profile)
        judgement = describe(judged, names)
        # What a nested stack has is shown at the stack.
        addresses = (one.partition(".")[0] for one in wanted(reading.deployment, judgement, names))
        # Logical ids are alphanumeric; Fn::Transform has a position, and is not a resource.
        anchor = first_seen(addresses, [one for one in reading.positions if one.isalnum()], reading.anchor)

        def place(address: str) -> str:
            position = reading.positions.get(address)
            return f"{address} ({position.file}:{position.line})" if position else address

        return anchor, outcome_of(judgement, settings, stack_command(reading.deployment, judged), place)


def _parsed(file: Path) -> Mapping[str, Any] | None:
    template, _ = parse(str(file)) if file.is_file() else (None, None)
    return template if isinstance(template, Mapping) else None
