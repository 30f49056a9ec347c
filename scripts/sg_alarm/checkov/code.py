"""Terraform code in Checkov: every root module is answered at one of its blocks."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from sg_alarm.checkov.anchor import in_sight, wanted
from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of, places
from sg_alarm.checkov.visit import Block, Visit, blocks, plain
from sg_alarm.reports.report import Subject, judge
from sg_alarm.sources import SILENT
from sg_alarm.sources.code import CodeSource


class CodeScan:
    """The root modules of one scan, judged, each with the block to answer at.

    A module that several roots call is a block of its own in each of them.
    """

    def __init__(self, visit: Visit, settings: Settings) -> None:
        self._blocks: dict[Path, dict[str, Path]] = {}
        for block in blocks(visit.definitions):
            self._blocks.setdefault(block.source.root, {}).setdefault(block.address, block.source.file)
        base = Path(visit.directory or ".").resolve()
        folder = base if visit.directory else Path(os.path.commonpath([str(root) for root in self._blocks]))
        wanted_roots = {root for root in self._blocks if _is_own(root, visit.framework)}
        files = tuple(Path(file).resolve() for file in visit.variable_files)
        readings = CodeSource(folder, files, wanted_roots, base).read(SILENT).readings
        judged = {
            (base / subject.reading.root).resolve(): subject
            for subject in judge(readings, settings.profile).subjects
        }
        anchors = self._anchors(judged)
        self._outcomes = {
            (root, anchors[root]): outcome_of(subject, settings, places(subject))
            for root, subject in judged.items()
            if root in anchors
        }

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.root, block.address), None)

    def _anchors(self, judged: dict[Path, Subject]) -> dict[Path, str]:
        """Return the block to answer at for each root.

        Checkov takes two records of one block in one file for the same one. So where several roots would be
        answered at the same block of a module that they share, each is answered in a file of its own.
        """
        # Checkov does not always know the instances of a resource: the block stands for all.
        choices = {
            root: list(in_sight(map(plain, wanted(one)), self._blocks[root], one.reading.anchor))
            for root, one in judged.items()
        }
        first = {root: found[0] for root, found in choices.items() if found}
        taken = Counter(self._block(root, address) for root, address in first.items())
        for root, address in first.items():
            if taken[self._block(root, address)] > 1:
                own = (one for one in choices[root] if self._blocks[root][one].parent == root)
                first[root] = next(own, address)
        return first

    def _block(self, root: Path, address: str) -> tuple[Path, str]:
        return self._blocks[root][address], address


def _is_own(root: Path, framework: str) -> bool:
    """Whether this runner answers for the root: of files in JSON alone, the runner for those."""
    in_json = not any(name.endswith(".tf") for name in os.listdir(root))
    return in_json == (framework == "terraform_json")
