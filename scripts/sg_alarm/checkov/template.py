"""CloudFormation templates in Checkov: each is answered at one of its resources.

A template that another one nests is judged with that one, and not alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of, places
from sg_alarm.checkov.visit import Block, Visit, source_of
from sg_alarm.reports.anchor import in_sight, wanted
from sg_alarm.reports.report import Subject
from sg_alarm.sources import SILENT
from sg_alarm.sources.template import TemplateSource


class TemplateScan:
    """The templates of one scan, judged."""

    def __init__(self, visit: Visit, settings: Settings) -> None:
        base = Path(visit.directory or ".").resolve()
        nested: set[Path] = set()
        seen = {source_of(key).file: template for key, template in visit.definitions.items()}
        readings = {}
        for file in seen:
            source = TemplateSource(file, name=os.path.relpath(file, base), on_nested=nested.add)
            readings[file] = source.read(SILENT).readings
        own = {
            file: found for file, found in readings.items() if file not in nested and settings.covers(file)
        }
        files = {one.root: file for file, found in own.items() for one in found}
        judged = [one for found in own.values() for one in found]
        self._outcomes = {
            (file, _anchor(subject, file, seen[file])): outcome_of(subject, settings, places(subject))
            for subject in settings.judge(judged, settings.scope).subjects
            for file in (files[subject.reading.root],)
        }

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.file, block.name), None)


def _anchor(subject: Subject, file: Path, template: Mapping[str, Any]) -> str:
    # What a nested stack has is shown at the stack.
    addresses = (one.partition(".")[0] for one in wanted(subject.reading, subject.judgement))
    # Logical ids are alphanumeric; Fn::Transform has a position, and is not a resource.
    ids = (one for one in map(str, template.get("Resources") or ()) if one.isalnum())
    seen = dict.fromkeys(ids, file)
    return next(in_sight(addresses, seen, subject.reading.anchor), "")
