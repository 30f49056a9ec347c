"""Folders of Terraform code: which are root modules, which modules they call, and what variable files say.

A folder is a root if no other folder below the one that is read calls it as a local module. A folder below a
``modules/`` folder that configures neither a provider nor a backend nor any variable file is a library that
nobody uses here: it is no root either, and gets no judgement.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sg_alarm.readers.files import EncryptedError, Files, UnreadableError, given_text
from sg_alarm.readers.terraform.json_parser import parse_json, parse_json_assignments
from sg_alarm.readers.terraform.parser import parse
from sg_alarm.readers.terraform.skips import skips
from sg_alarm.readers.terraform.syntax import (
    Attribute,
    Block,
    Literal,
    Node,
    Object,
    SyntaxProblem,
    references,
)
from sg_alarm.unknown import Outside, Unknown

MAX_CODE = 16 << 20
"""Characters of code of one root module with all that it calls."""
_CACHED = 32 << 20
_SUFFIXES = (".tf", ".tf.json")
TERRAGRUNT = "terragrunt.hcl"
_VARIABLE_FILES = (".tfvars", ".tfvars.json")
# Words without which a file in HCL neither calls a module nor makes its folder a root.
_WORDS = ("module", "provider", "backend", "cloud")


def is_code(name: str) -> bool:
    """Whether Terraform reads a file of this name."""
    return name.endswith(_SUFFIXES) and not name.startswith((".", "#"))


def literal(attribute: Attribute | None) -> str:
    """Return the text that an attribute is, empty where it is anything else."""
    node = node_or_none(attribute)
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else ""


def node_or_none(attribute: Attribute | None) -> Node | None:
    """Return the expression of an attribute, ``None`` where it cannot be parsed."""
    try:
        return attribute.node if attribute else None
    except SyntaxProblem:
        return None


def dotted(attribute: Attribute | None) -> str:
    """Return the name that an attribute such as ``provider`` refers to, in quotation marks or not."""
    node = node_or_none(attribute)
    return literal(attribute) or (".".join(next(references(node), ())) if node else "")


@dataclass(frozen=True)
class File:
    """A file of code, with its blocks, and the reasons to skip the check by the lines of blocks."""

    path: Path
    size: int
    blocks: Sequence[Block]
    skips: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Folder:
    """A folder of code: one module."""

    path: Path
    blocks: list[tuple[Path, Block]] = field(default_factory=list)
    size: int = 0
    skips: dict[tuple[Path, int], str] = field(default_factory=dict)
    _by_kind: dict[str, list[tuple[Path, Block]]] = field(default_factory=dict)

    def add(self, file: File) -> None:
        """Take in the blocks of a file."""
        self.size += file.size
        self.skips |= {(file.path, line): reason for line, reason in file.skips.items()}
        for block in file.blocks:
            self.blocks.append((file.path, block))
            self._by_kind.setdefault(block.kind, []).append((file.path, block))

    def of(self, kind: str) -> list[tuple[Path, Block]]:
        """Return the blocks of a kind, each with its file."""
        return self._by_kind.get(kind, [])


class Loader:
    """Reads and parses the files of one scan, most of them once."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._parsed: dict[Path, File] = {}
        self._texts: dict[Path, str] = {}
        self._size = 0

    def file(self, path: Path, needs: Sequence[str] = ()) -> File:
        """Return a file; without blocks if it holds none of the words. Raises SyntaxProblem."""
        if found := self._parsed.get(path):
            return found
        try:
            text = self._text(path)
            is_json = path.name.endswith(".json")
            if needs and not is_json and not any(word in text for word in needs):
                if self._size < _CACHED:
                    self._size += len(text)
                    self._texts[path] = text
                return File(path, len(text), ())
            blocks = parse_json(text) if is_json else parse(text).blocks
            found = File(path, len(text), blocks, {} if is_json else skips(text, blocks))
        except SyntaxProblem as error:
            raise SyntaxProblem(f"{path.name}: {error}") from error
        except UnreadableError as error:
            raise SyntaxProblem(str(error)) from error
        if self._size < _CACHED:
            self._size += len(text)
            self._parsed[path] = found
        return found

    def _text(self, path: Path) -> str:
        text = self._texts.pop(path, None)
        if text is None:
            return self.files.text(path)
        self._size -= len(text)
        return text

    def folder(self, path: Path) -> Folder:
        """Return the module in a folder; raises SyntaxProblem or OSError."""
        folder = Folder(path)
        for name in filter(is_code, _files_in(path)):
            folder.add(self.file(path / name))
            if folder.size > MAX_CODE:
                raise SyntaxProblem("there is too much code")
        return folder


def _files_in(path: Path) -> list[str]:
    """Return the names of what is in a folder and is not one itself, in order."""
    return sorted(entry.name for entry in os.scandir(path) if not entry.is_dir())


def roots_below(directory: Path, loader: Loader | None = None) -> list[Path]:
    """Return the root modules below a folder, in the order of their names.

    A folder that Terragrunt deploys is one, wherever it is.
    """
    loader = loader or Loader(Files(directory))
    called: set[str] = set()
    deployed: set[str] = set()
    folders: list[tuple[str, bool]] = []
    for path, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if not name.startswith(".") and name != "node_modules")
        if TERRAGRUNT in files:
            deployed.update(_deployed(loader, path))
        code = [name for name in files if is_code(name)]
        if not code:
            continue
        is_root = any(name.endswith(_VARIABLE_FILES) for name in files)
        for block in _blocks(loader, path, code):
            is_root = is_root or _configures(block)
            source = literal(block.attributes.get("source")) if block.kind == "module" else ""
            if _is_local(source):
                called.add(os.path.realpath(os.path.join(path, source)))
        folders.append((path, is_root))
    return [
        Path(path)
        for path, is_root in folders
        if os.path.realpath(path) in deployed
        or (
            os.path.realpath(path) not in called
            and (is_root or "modules" not in Path(path).relative_to(directory).parts[:-1])
        )
    ]


def _deployed(loader: Loader, path: str) -> Iterator[str]:
    """Yield the folder that the ``terragrunt.hcl`` in a folder deploys, if it is one of this codebase.

    Source: Terragrunt documentation, "terraform" block: a double slash parts the module from what holds it.
    """
    try:
        blocks = parse(loader.files.text(Path(path, TERRAGRUNT))).blocks
    except (SyntaxProblem, UnreadableError):
        return
    for block in blocks:
        source = literal(block.attributes.get("source")) if block.kind == "terraform" else ""
        if _is_local(source):
            yield os.path.realpath(os.path.join(path, source.replace("//", "/")))


def _blocks(loader: Loader, path: str, names: list[str]) -> Iterator[Block]:
    for name in names:
        try:
            yield from loader.file(Path(path, name), _WORDS).blocks
        except SyntaxProblem:
            continue  # its root is read later, and says so


def _configures(block: Block) -> bool:
    """Whether a block makes its folder a root module."""
    inner = {*block.attributes, *(one.kind for one in block.blocks)}
    return block.kind == "provider" or (
        block.kind == "terraform" and not inner.isdisjoint({"backend", "cloud"})
    )


def _is_local(source: str) -> bool:
    return source in (".", "..") or source.startswith(("./", "../"))


@dataclass(frozen=True)
class Call:
    """A call of a module: of a folder, or ``None`` where the module is not there, and why."""

    name: str
    source: str
    file: Path
    block: Block
    folder: Path | None
    missing: Unknown | None = None

    @property
    def said(self) -> str:
        """What the call says of the module, as it is written."""
        return " ".join((self.source, *(one.text for one in self.block.attributes.values())))


class Tree:
    """A root module and all modules that it calls, as they are written. Raises SyntaxProblem or OSError."""

    def __init__(self, root: Path, loader: Loader) -> None:
        self.root = root
        self.files = loader.files
        self.folders: dict[Path, Folder] = {}
        self.calls: dict[Path, list[Call]] = {}
        self._locked: list[str] = []
        self._downloaded = self._manifest()
        size, todo = 0, [(root, "")]
        while todo:
            path, key = todo.pop(0)
            if path in self.folders:
                continue
            folder = self.folders[path] = loader.folder(path)
            size += folder.size
            if size > MAX_CODE:
                raise SyntaxProblem("there is too much code")
            self.calls[path] = []
            for file, block in folder.of("module"):
                call = self._call(path, key, file, block)
                self.calls[path].append(call)
                if call.folder is not None:
                    todo.append((call.folder, f"{key}.{call.name}" if key else call.name))

    def _call(self, caller: Path, key: str, file: Path, block: Block) -> Call:
        name = block.labels[0] if block.labels else ""
        source = literal(block.attributes.get("source"))
        inner = f"{key}.{name}" if key else name
        where = caller / source if _is_local(source) else self._downloaded.get(inner)
        if where is not None:
            found = Path(os.path.normpath(where))
            try:
                if self.files.is_folder(found):
                    return Call(name, source, file, block, found)
            except UnreadableError as error:
                why = Unknown(f"the module {source} is not read: {error}")
                return Call(name, source, file, block, None, why)
        missing = Unknown(f"the module {source or name} is not here", "run terraform init")
        return Call(name, source, file, block, None, missing)

    def _manifest(self) -> dict[str, Path]:
        """Return the folders of the modules that ``terraform init`` downloaded, by the key of the call."""
        path = self.root / ".terraform" / "modules" / "modules.json"
        try:
            return {
                one["Key"]: self.root / one["Dir"] for one in json.loads(self.files.text(path))["Modules"]
            }
        except (UnreadableError, ValueError, KeyError, TypeError, RecursionError):
            return {}

    def _inputs(self) -> Iterator[tuple[str, Attribute]]:
        """Yield what a ``terragrunt.hcl`` beside the code gives the variables, as far as it is constant."""
        try:
            blocks = parse(self.files.text(self.root / TERRAGRUNT))
        except (SyntaxProblem, UnreadableError):
            return  # Terraform does not read it
        inputs = node_or_none(blocks.attributes.get("inputs"))
        for key, value in inputs.items if isinstance(inputs, Object) else ():
            if isinstance(key, Literal) and isinstance(value, Literal):
                yield str(key.value), Attribute("", value.span, lambda *_, node=value: node)

    @property
    def overridden(self) -> bool:
        """Whether an override file changes what other files say."""
        files = {file for folder in self.folders.values() for file, _ in folder.blocks}
        names = {file.name.removesuffix(".json").removesuffix(".tf") for file in files}
        return any(name == "override" or name.endswith("_override") for name in names)

    def unset(self, variable: str) -> Unknown:
        """Return why a variable without default has no value."""
        locked = "".join(f", and {name} is encrypted by git-crypt" for name in self._locked)
        remedy = f"give a variable file that sets {variable}"
        return Outside(
            f"var.{variable} has no value in this code{locked}",
            f"run git-crypt unlock, or {remedy}" if self._locked else remedy,
        )

    def assigned(self, further: Sequence[Path]) -> dict[str, Attribute]:
        """Return what the variable files that Terraform reads assign, and further ones; later ones win."""
        names = _files_in(self.root)
        own = [name for name in names if name in ("terraform.tfvars", "terraform.tfvars.json")]
        own += [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
        found = dict(self._inputs())
        for path in [self.root / name for name in own] + list(further):
            try:
                text = given_text(path) if path in further else self.files.text(path)
            except EncryptedError:
                self._locked.append(path.name)
                continue
            except UnreadableError as error:
                raise SyntaxProblem(str(error)) from error
            try:
                is_json = path.name.endswith(".json")
                found |= parse_json_assignments(text) if is_json else parse(text).attributes
            except SyntaxProblem as error:
                raise SyntaxProblem(f"{path.name}: {error}") from error
        return found
