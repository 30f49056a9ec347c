"""Folders of Terraform code: which are root modules, and which modules they call.

A folder is a root if no other folder below the one that is read calls it as a local module. A folder below a
``modules/`` folder that configures neither a provider nor a backend nor any variable file is a library that
nobody uses here: it is no root either, and gets no judgement.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sg_alarm.readers.code.hcl import Block, SyntaxProblem, parse

_SUFFIXES = (".tf", ".tf.json")
_VARIABLE_FILES = (".tfvars", ".tfvars.json")
_LOCAL_SOURCE = re.compile(r'\bsource"?\s*[=:]\s*"(\.{1,2}/[^"]*|\.{1,2})"')
_OF_A_ROOT = re.compile(r'^\s*"?(?:provider|backend|cloud)"?\s*(?:"[^"]*"\s*)?[:{]', re.MULTILINE)


def is_code(name: str) -> bool:
    """Whether Terraform reads a file of this name."""
    return name.endswith(_SUFFIXES) and not name.startswith((".", "#"))


def roots_below(directory: Path) -> list[Path]:
    """Return the root modules below a folder, in the order of their names."""
    called: set[str] = set()
    folders: list[tuple[str, bool]] = []
    for path, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if not name.startswith(".") and name != "node_modules")
        code = [name for name in files if is_code(name)]
        if not code:
            continue
        is_root = any(name.endswith(_VARIABLE_FILES) for name in files)
        for name in code:
            text = _read(os.path.join(path, name))
            is_root = is_root or _OF_A_ROOT.search(text) is not None
            for source in _LOCAL_SOURCE.findall(text):
                called.add(os.path.realpath(os.path.join(path, source)))
        folders.append((path, is_root))
    return [
        Path(path)
        for path, is_root in folders
        if os.path.realpath(path) not in called
        and (is_root or "modules" not in Path(path).relative_to(directory).parts[:-1])
    ]


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


@dataclass
class File:
    """A file of code, with its blocks."""

    path: Path
    text: str
    blocks: list[Block]

    @property
    def is_json(self) -> bool:
        """Whether it is written in JSON."""
        return self.path.name.endswith(".json")


@dataclass
class Folder:
    """A folder of code: one module."""

    path: Path
    files: list[File]
    blocks: list[tuple[File, Block]] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[tuple[File, Block]]:
        """Yield the blocks of a kind."""
        return ((file, block) for file, block in self.blocks if block.kind == kind)


@dataclass
class Call:
    """A call of a module: of a folder, or ``None`` where the module is not there."""

    name: str
    source: str
    file: File
    block: Block
    folder: Path | None


class Tree:
    """A root module and all modules that it calls, as they are written. Raises SyntaxProblem or OSError."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: dict[Path, Folder] = {}
        self.calls: dict[Path, list[Call]] = {}
        self._downloaded = _downloaded(root)
        self._load(root, "")

    def _load(self, path: Path, key: str) -> None:
        if path in self.folders:
            return
        folder = _folder(path)
        self.folders[path] = folder
        self.calls[path] = []
        for file, block in folder.of("module"):
            name = block.labels[0] if block.labels else ""
            source = _literal(block.attributes["source"].text) if "source" in block.attributes else ""
            inner = f"{key}.{name}" if key else name
            found = self._folder_of(path, source, inner)
            self.calls[path].append(Call(name, source, file, block, found))
            if found is not None:
                self._load(found, inner)

    def _folder_of(self, caller: Path, source: str, key: str) -> Path | None:
        if source.startswith("."):
            found = Path(os.path.normpath(caller / source))
        elif key in self._downloaded:
            found = Path(os.path.normpath(self.root / self._downloaded[key]))
        else:
            return None
        return found if found.is_dir() else None


def _folder(path: Path) -> Folder:
    folder = Folder(path, [])
    for name in sorted(os.listdir(path)):
        if not is_code(name):
            continue
        file = path / name
        try:
            text = file.read_text("utf-8")
            blocks = parse(text, name.endswith(".json"))
        except (SyntaxProblem, UnicodeDecodeError) as error:
            raise SyntaxProblem(f"{file.name}: {error}") from error
        found = File(file, text, blocks)
        folder.files.append(found)
        folder.blocks += [(found, block) for block in blocks]
    return folder


def _downloaded(root: Path) -> dict[str, str]:
    """Return the folders of the modules that ``terraform init`` downloaded, by the key of the call."""
    try:
        manifest = json.loads((root / ".terraform" / "modules" / "modules.json").read_text("utf-8"))
        return {one["Key"]: one["Dir"] for one in manifest["Modules"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _literal(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
