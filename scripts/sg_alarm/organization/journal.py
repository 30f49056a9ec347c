"""Results on disk as they come: a line of JSON for each account, after a first line that says of what job.

A line is written whole and brought to the disk before the next; what a kill leaves of the last one is cut off
when the file is opened again. So a job goes on where it stopped, with nothing lost and nothing done twice.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from sg_alarm import documents
from sg_alarm.errors import UserError
from sg_alarm.organization.model import is_record

_HEADER = "sg_alarm_journal"
_VERSION = 1


class Journal:
    """A file of records, open for one process alone. Raises ``UserError`` for what cannot be a journal."""

    def __init__(self, path: Path) -> None:
        """Open the file, which is made where there is none."""
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                os.close(self._file)
                raise UserError(f"{path} is not a regular file", "name another file")
        except OSError as error:
            raise UserError(f"cannot open {path}: {error.strerror}", "name another file") from error
        try:
            self._lock()
            self._end = self._cut_torn_end()
            self.header = self._read_header()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def begin(self, header: dict[str, Any]) -> None:
        """Say of what job the records will be."""
        self.append({_HEADER: _VERSION, **header})
        self.header = header

    def append(self, record: Any) -> int:
        """Write a record, and return the place that ``read`` finds it at."""
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        start, rest = self._end, memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, start)
            raise UserError(
                f"cannot write {self.path}: {error.strerror}", f"then go on with --resume {self.path}"
            ) from error
        self._end += len(line)
        return start

    def read(self, place: int) -> Any:
        """Return the record at a place."""
        with self.path.open("rb") as file:
            file.seek(place)
            return documents.parse(file.readline())

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each account's last record with its place.

        Raises ``UserError`` with the number of the line for one that this version does not write.
        """
        places = {record["account"]: place for place, record in self._records()}
        last = set(places.values())
        for place, record in self._records():
            if place in last:
                yield place, record

    def _records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, (place, line) in enumerate(self._lines(), 1):
            if number == 1:  # the header
                continue
            record = _parsed(line)
            if not is_record(record):
                raise UserError(
                    f"{self.path}, line {number}: this is not what an audit writes",
                    "delete the line: its account is then audited again",
                )
            yield place, record

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"another audit writes {self.path}", "wait for it, or name another file"
            ) from error

    def _read_header(self) -> dict[str, Any] | None:
        for _, line in self._lines():
            header = _parsed(line)
            if header.pop(_HEADER, None) != _VERSION:
                break
            return header
        else:
            return None
        raise UserError(
            f"{self.path} is not a journal of this sg-alarm", "name the file that --journal wrote"
        )

    def _cut_torn_end(self) -> int:
        """Cut off what follows the last whole line, if the file is ours, and return the length left."""
        whole, size = 0, os.fstat(self._file).st_size
        first = b""
        for place, line in self._lines():
            first = first or line
            if line.endswith(b"\n"):
                whole = place + len(line)
        if whole < size:
            if not first.startswith(f'{{"{_HEADER}":'.encode()[: len(first)]):
                raise UserError(f"{self.path} is not a journal", "name the file that --journal wrote")
            os.ftruncate(self._file, whole)
        return whole

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        place = 0
        with self.path.open("rb") as file:
            for line in file:
                yield place, line
                place += len(line)


def _parsed(line: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        found = documents.parse(line)
        if isinstance(found, dict):
            return found
    return {}
