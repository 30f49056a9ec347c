"""The file ``.sg-alarm.toml``: what a codebase asks for, for the command and for Checkov alike.

It stands in the folder that is scanned or in one above, up to the root of the repository. Options of the same
names take precedence.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError
from sg_alarm.rule.messages import CATALOGUE
from sg_alarm.rule.operations import find_profile
from sg_alarm.rule.scan import CODEBASE, EVERY_ROOT
from sg_alarm.rule.verdict import Verdict, Waiver

NAME = ".sg-alarm.toml"
_MOST_BYTES = 1 << 20
_FINDING_ID = re.compile(r"[0-9a-f]{32}")
_HINT = f"the keys of {NAME} are described in the README"


@dataclass(frozen=True)
class Folders:
    """Folders as somebody wrote them, or patterns for their names, relative to ``base``."""

    named: tuple[str, ...] = ()
    base: Path = Path()

    def hold(self, folder: Path) -> bool:
        """Whether a folder is one of them, or below one.

        A pattern without a slash is that of a name anywhere; ``*`` stands for any text.
        """
        path = os.path.relpath(folder.resolve(), self.base.resolve())
        parts = path.split(os.sep)
        above = ["/".join(parts[: index + 1]) for index in range(len(parts))]
        return any(
            fnmatchcase(one, os.path.normpath(pattern))
            for pattern in self.named
            for one in (above if "/" in pattern.rstrip("/") or pattern == "." else parts)
        )


@dataclass(frozen=True)
class Configuration:
    """What is asked for; ``None`` for what nobody asked for.

    ``expect`` is where the alarm must be: in the codebase, in every root module, or in each of some folders.
    """

    expect: str | Folders | None = None
    exclude: Folders | None = None
    standard: str | None = None
    strict: bool | None = None
    waiver: tuple[Waiver, ...] | None = None


def find(folder: Path) -> Configuration:
    """Return what the file for a folder says. Raises UserError for one that is not right."""
    path = next((one / NAME for one in _up_to_repository(folder.resolve()) if (one / NAME).exists()), None)
    return load(path) if path else Configuration()


def _up_to_repository(folder: Path) -> list[Path]:
    """Return a folder and those above it, up to the root of its repository; alone where there is none."""
    above = [folder, *folder.parents]
    root = next((index for index, one in enumerate(above) if (one / ".git").exists()), 0)
    return above[: root + 1]


def load(path: Path) -> Configuration:
    """Return what a file says. Raises UserError for one that cannot be read, or says what it should not."""
    try:
        document = _parser()(documents.read(path, _HINT, _MOST_BYTES).decode())
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not valid TOML: {' '.join(str(error).split())}", _HINT) from error
    return _Document(path, document).configuration()


def _parser() -> Callable[[str], dict[str, Any]]:
    for name in ("tomllib", "tomli"):
        try:
            parse: Callable[[str], dict[str, Any]] = import_module(name).loads
        except ImportError:
            continue
        return parse
    raise UserError(f"there is a {NAME}, which Python 3.10 cannot read by itself", "pip install tomli")


class _Document:
    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        self._path = path
        self._document = document

    def configuration(self) -> Configuration:
        readers: dict[str, Callable[[str, Any], Any]] = {
            "expect": self._expect,
            "exclude": self._folders,
            "standard": self._standard,
            "strict": self._flag,
            "waiver": self._waivers,
        }
        self._check(self._document, readers)
        found = {name: readers[name](name, value) for name, value in self._document.items()}
        return Configuration(**found)

    def _check(self, table: Mapping[str, Any], keys: Collection[str], where: str = "") -> None:
        if unknown := next((name for name in table if name not in keys), None):
            near = difflib.get_close_matches(unknown, keys, 1)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(keys)}"
            raise UserError(f"{self._path}: there is no key {unknown!r}{where}", hint)

    def _wrong(self, name: str, hint: str) -> UserError:
        return UserError(f"{self._path}: {name} has a wrong value", hint)

    def _folders(self, name: str, value: Any) -> Folders:
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self._wrong(name, f'write a list of folders: {name} = ["live", "sandbox"]')
        return Folders(tuple(value), self._path.parent)

    def _expect(self, name: str, value: Any) -> str | Folders:
        if value in (CODEBASE, EVERY_ROOT):
            return str(value)
        if isinstance(value, str):
            raise self._wrong(name, f'write "{CODEBASE}", "{EVERY_ROOT}" or a list of folders')
        return self._folders(name, value)

    def _standard(self, name: str, value: Any) -> str:
        try:
            return find_profile(str(value)).name
        except UserError as error:
            raise UserError(f"{self._path}: {error.message}", error.hint) from error

    def _flag(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._wrong(name, "write true or false")
        return value

    def _waivers(self, name: str, value: Any) -> tuple[Waiver, ...]:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self._wrong(name, "write [[waiver]] with id, reason and expires below it")
        return tuple(self._waiver(number, one) for number, one in enumerate(value, 1))

    def _waiver(self, number: int, table: Mapping[str, Any]) -> Waiver:
        self._check(table, ("id", "reason", "expires"), f" in waiver {number}")
        try:
            return waiver_of(table.get("id"), table.get("reason"), table.get("expires"))
        except UserError as error:
            raise UserError(f"{self._path}: waiver {number}: {error.message}", error.hint) from error


def waiver_of(identifier: Any, reason: Any, expires: Any) -> Waiver:
    """Return a waiver. Raises UserError for an identifier that there is not, and without reason or date."""
    if not isinstance(identifier, str) or not _is_identifier(identifier):
        near = difflib.get_close_matches(str(identifier), CATALOGUE, 1)
        hint = "take the id of a finding or of a message from the report of --format json"
        raise UserError(
            f"there is no finding or message {identifier!r}", f"did you mean {near[0]}?" if near else hint
        )
    if not isinstance(reason, str) or not reason.strip():
        raise UserError("there is no reason", "say why the finding is accepted")
    day = _date(expires)
    if day is None:
        raise UserError("there is no day on which it expires", "write a date, such as 2027-01-31")
    return Waiver(identifier, " ".join(reason.split()), day)


def _is_identifier(text: str) -> bool:
    entry = CATALOGUE.get(text)
    return bool(_FINDING_ID.fullmatch(text)) or (entry is not None and entry.verdict is not Verdict.PASS)


def _date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
