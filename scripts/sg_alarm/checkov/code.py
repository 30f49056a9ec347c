"""Terraform code in Checkov: every root module that is judged is answered at one of its blocks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of, places
from sg_alarm.checkov.visit import Block, Visit, blocks
from sg_alarm.reports.anchor import in_sight, plain, wanted
from sg_alarm.reports.report import Subject
from sg_alarm.rule.parts import unread
from sg_alarm.rule.reading import Reading
from sg_alarm.sources import SILENT
from sg_alarm.sources.code import CodeSource

_At = tuple[Path, str]
"""A root module and an address in it."""


class CodeScan:
    """What one scan judges, each with the block to answer at.

    A module that several roots call is a block of its own in each of them.
    """

    def __init__(self, visit: Visit, settings: Settings) -> None:
        self._framework = visit.framework
        self._blocks: dict[Path, dict[str, Path]] = {}
        for block in blocks(visit.definitions):
            self._blocks.setdefault(block.source.root, {}).setdefault(block.address, block.source.file)
        self._base = Path(visit.directory or ".").resolve()
        files = tuple(Path(file).resolve() for file in visit.variable_files)
        source = CodeSource(visit.folder, files, settings.configuration.exclude, self._base)
        readings = [one for one in source.read(SILENT).readings if self._is_scanned(one, visit)]
        subjects = settings.judge(readings, source.expected(settings.configuration.expect)).subjects
        self._outcomes = {
            at: outcome_of(subject, settings, places(subject))
            for subject, at in zip(subjects, self._anchors(subjects), strict=True)
            if at is not None
        }

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.root, block.address), None)

    def _folder(self, root: str) -> Path:
        return (self._base / root).resolve()

    def _is_scanned(self, reading: Reading, visit: Visit) -> bool:
        """Whether Checkov scans a root module: sees it, leaves it to another runner, or cannot read it."""
        folder = self._folder(reading.root)
        if folder in self._blocks or visit.directory is None:
            return folder in self._blocks
        is_unread = reading.deployment is not None and bool(unread(reading.deployment))
        return is_unread or not self._is_own(folder)

    def _is_own(self, root: Path) -> bool:
        """Whether this runner answers for the root: of files in JSON alone, the runner for those."""
        in_json = not any(name.endswith(".tf") for name in os.listdir(root))
        return in_json == (self._framework == "terraform_json")

    def _anchors(self, subjects: tuple[Subject, ...]) -> list[_At | None]:
        """Return the block to answer at for each subject; ``None`` for what another runner answers.

        Checkov takes two records of one block in one file for the same one. So where several roots would be
        answered at the same block of a module that they share, each is answered in a file of its own.
        """
        choices = [list(self._choices(one)) for one in subjects]
        first: list[_At | None] = [found[0] if found else None for found in choices]
        taken = Counter(self._block(at) for at in first if at)
        for index, at in enumerate(first):
            if at and taken[self._block(at)] > 1:
                own = (one for one in choices[index] if self._block(one)[0].parent == one[0])
                first[index] = next(own, at)
        return first

    def _choices(self, subject: Subject) -> Iterator[_At]:
        """Yield the blocks to answer at, the best first."""
        # Checkov does not always know the instances of a resource: the block stands for all.
        addresses = map(plain, wanted(subject.reading, subject.judgement))
        root, seen, at = self._folder(subject.reading.root), dict[str, Path](), dict[str, _At]()
        for name in (subject.reading.root, *subject.reading.joined):
            prefix = "" if name == subject.reading.root else f"{name}: "
            for address, file in self._blocks.get(self._folder(name), {}).items():
                seen[f"{prefix}{address}"] = file
                at[f"{prefix}{address}"] = (self._folder(name), address)
        if not self._is_own(root):
            return
        yield from (at[one] for one in in_sight(addresses, seen, subject.reading.anchor))
        if not seen:  # Checkov cannot read it either
            for folder, found in self._blocks.items():
                yield from ((folder, one) for one in in_sight((), found))

    def _block(self, at: _At) -> tuple[Path, str]:
        return self._blocks[at[0]][at[1]], at[1]
