"""What a reader hands on: the deployment, and what its source calls the resources in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sg_alarm.rule.model import Deployment


class Language(str, Enum):
    """What a source is written in, and therefore what a fix for it is to be written in."""

    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"


@dataclass(frozen=True)
class Position:
    """Where a block starts."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Reading:
    """An account, root module, plan or template as it was read.

    ``deployment`` is ``None`` where it has nothing of AWS. ``addresses`` are what the source calls the
    resources, by the texts that stand for them in the deployment; empty where those texts are their names.
    ``positions`` say where the blocks are, by address. ``anchor`` is what to point at where there is nothing
    else. ``alternatives`` are the deployments of all cases that code leaves open, where they are few.
    ``skips`` are the reasons for which comments in the code have the check skipped, by the address of the
    block. ``joined`` are the root modules that were put to this one.
    """

    root: str
    deployment: Deployment | None
    addresses: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    anchor: str = ""
    language: Language = Language.TERRAFORM
    alternatives: tuple[Deployment, ...] = ()
    skips: Mapping[str, str] = field(default_factory=dict)
    joined: tuple[str, ...] = ()
