"""Which block Checkov is looking at.

Checkov hands a check the block and the file's name below the scanned folder, but neither that folder nor the
root module that the block belongs to; one shared module is visited once for each call. All that is known to
the runner that called the check, in every Checkov 3, so it is asked there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from checkov.common.runners.base_runner import BaseRunner

from sg_alarm.reports.anchor import plain

Definitions = Mapping[Any, Any]
"""What a runner scans: by file, and the calls of modules that lead there, its blocks by kind."""

_MARK = "__"  # what Checkov adds to blocks begins so


@dataclass(frozen=True)
class Source:
    """A file as Checkov knows it: its path, and the calls of modules that lead there, outermost first."""

    file: Path
    calls: tuple[tuple[Path, str], ...] = ()

    @classmethod
    def of(cls, key: Any) -> Source:
        """Read a key of ``Runner.definitions``: a path, or a ``TFDefinitionKey``."""
        calls: list[tuple[Path, str]] = []
        module = getattr(key, "tf_source_modules", None)
        while module is not None:
            calls.insert(0, (Path(module.path).resolve(), str(module.name)))
            module = module.nested_tf_module
        return cls(Path(getattr(key, "file_path", key)).resolve(), tuple(calls))

    @property
    def root(self) -> Path:
        """The folder of the root module."""
        return (self.calls[0][0] if self.calls else self.file).parent


@dataclass(frozen=True)
class Block:
    """A resource, a call of a module or a provider, as Checkov names it."""

    source: Source
    kind: str
    name: str
    configuration: Mapping[str, Any]

    @property
    def address(self) -> str:
        """Its address in the root module, without indices."""
        modules = [f"module.{call}" for _, call in self.source.calls]
        return plain(".".join([*modules, self.kind, self.name]))

    @property
    def exact_address(self) -> str:
        """Its address in a plan, which has it with the block."""
        found = self.configuration.get("__address__")
        return found if isinstance(found, str) else self.address


@cache
def source_of(key: Any) -> Source:
    """Return :meth:`Source.of`, remembered: Checkov asks about every block of a file."""
    return Source.of(key)


@dataclass(frozen=True)
class Visit:
    """What a runner is at: its framework, all that it scans, and the key of the file in hand.

    ``directory`` is the folder that is scanned, ``None`` where files were named.
    """

    framework: str
    definitions: Definitions
    key: Any
    directory: str | None
    variable_files: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The folder that is scanned; where files were named, the one that holds them all."""
        if self.directory:
            return Path(self.directory).resolve()
        return Path(os.path.commonpath([str(source_of(key).file.parent) for key in self.definitions]))

    def block(self, kind: str, name: str, configuration: Mapping[str, Any]) -> Block:
        """Return the block that is asked about."""
        return Block(source_of(self.key), kind, name, configuration)


def here(frameworks: Container[str]) -> Visit | None:
    """Return what Checkov is at; ``None`` for another framework than these.

    Raises LookupError where the runner does not say which file it is at.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        known = frame.f_locals
        runner = known.get("self")
        if isinstance(runner, BaseRunner):
            if runner.check_type not in frameworks:
                return None
            key = known.get("full_file_path", known.get("file_abs_path"))
            if key is None:
                break
            files = getattr(known.get("runner_filter"), "var_files", None) or ()
            return Visit(
                runner.check_type, runner.definitions or {}, key, known.get("root_folder"), tuple(files)
            )
        frame = frame.f_back
    raise LookupError("this Checkov calls its checks in an unknown way; please report its version")


def blocks(definitions: Definitions) -> Iterator[Block]:
    """Yield every resource, module call and provider that Checkov will ask about."""
    for key, kinds in definitions.items():
        source = source_of(key)
        for block in kinds.get("resource") or ():
            for kind, named in block.items():
                if isinstance(named, Mapping):
                    yield from _named(source, kind, named)
        for kind in ("module", "provider"):
            for block in kinds.get(kind) or ():
                yield from _named(source, kind, block)


def _named(source: Source, kind: str, named: Mapping[str, Any]) -> Iterator[Block]:
    for name, configuration in named.items():
        if not str(name).startswith(_MARK) and isinstance(configuration, Mapping):
            yield Block(source, kind, name, configuration)
