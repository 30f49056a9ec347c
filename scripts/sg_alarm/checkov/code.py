"""Terraform code in Checkov: every root module is answered at one of its blocks."""

from __future__ import annotations

import os
from pathlib import Path

from sg_alarm.checkov.anchor import first_seen, wanted
from sg_alarm.checkov.outcome import Outcome, Settings, outcome_of
from sg_alarm.checkov.visit import Block, Visit, blocks, plain
from sg_alarm.fixes.module_block import module_block
from sg_alarm.readers.reading import Reading
from sg_alarm.readers.terraform import Files, Loader, read_roots, roots_below
from sg_alarm.rule.evaluate import evaluate
from sg_alarm.rule.wording import Names, describe


class CodeScan:
    """The root modules of one scan, judged, each with the block to answer at.

    A module that several roots call is a block of its own in each of them.
    """

    def __init__(self, visit: Visit, settings: Settings) -> None:
        self._blocks: dict[Path, list[str]] = {}
        for block in blocks(visit.definitions):
            self._blocks.setdefault(block.source.root, []).append(block.address)
        self._base = Path(visit.directory or ".").resolve()
        self._outcomes: dict[tuple[Path, str], Outcome] = {}
        loader = Loader(Files(self._folder(visit)))
        roots = [root for root in self._roots(visit, loader) if self._is_own(root, visit.framework)]
        files = [Path(file).resolve() for file in visit.variable_files]
        named = [(root, os.path.relpath(root, self._base)) for root in roots]
        for root, reading in zip(roots, read_roots(named, files, lambda: None, loader), strict=True):
            self._judge(root, reading, settings)

    def take(self, block: Block) -> Outcome | None:
        """Return what is to be shown at a block, the first time that it is asked for."""
        return self._outcomes.pop((block.source.root, block.address), None)

    def _folder(self, visit: Visit) -> Path:
        """Return the folder that is scanned, or the one that holds all files that are."""
        if visit.directory is not None:
            return self._base
        return Path(os.path.commonpath([str(root) for root in self._blocks]))

    def _roots(self, visit: Visit, loader: Loader) -> list[Path]:
        """Return the root modules of which Checkov sees a block."""
        found = roots_below(self._folder(visit), loader)
        return [root for one in found if (root := one.resolve()) in self._blocks]

    @staticmethod
    def _is_own(root: Path, framework: str) -> bool:
        """Whether this runner answers for the root: of files in JSON alone, the runner for those."""
        in_json = not any(name.endswith(".tf") for name in os.listdir(root))
        return in_json == (framework == "terraform_json")

    def _judge(self, root: Path, reading: Reading, settings: Settings) -> None:
        if reading.deployment is None:
            return
        names = Names(reading.addresses)
        judged = evaluate(reading.deployment, settings.profile)
        judgement = describe(judged, names)
        # Checkov does not always know the instances of a resource: the block stands for all.
        addresses = (plain(one) for one in wanted(reading.deployment, judgement, names))
        anchor = first_seen(addresses, self._blocks[root], reading.anchor)
        if anchor:
            outcome = outcome_of(
                judgement,
                settings,
                module_block(reading.deployment, judged),
                lambda one: self._place(one, reading),
            )
            self._outcomes[root, anchor] = outcome

    def _place(self, address: str, reading: Reading) -> str:
        position = reading.positions.get(address)
        if position is None:
            return address
        return f"{address} ({os.path.relpath(position.file, self._base)}:{position.line})"
