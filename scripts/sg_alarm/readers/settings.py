"""The settings of one thing in the names of AWS's API, read by the kind of value that each of them is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from sg_alarm.readers.secret import Secret
from sg_alarm.rule.arn import PLACEHOLDER, is_opaque
from sg_alarm.rule.model import Json
from sg_alarm.unknown import Outside, Unknown, known_items

NOT_SET = Unknown("it is not set")


class Symbolic(str):
    """A text with placeholders; ``unknown`` says why what they stand for is not known.

    That is ``Outside`` where the text as a whole is declared elsewhere.
    """

    unknown: Unknown

    @classmethod
    def of(cls, text: str, unknown: Unknown) -> Symbolic:
        """Return such a text."""
        found = cls(text)
        found.unknown = unknown
        return found


class Settings:
    """What an API returns of one thing, or what code in the API's names says of it.

    A setting that is absent, ``None`` or an empty text is not set. One that is ``Unknown`` stays so, whatever
    it is read as; where ``values`` as a whole are, every setting is. ``given`` are settings that count more
    than those in ``values``. CloudWatch Logs begins its names with a small letter where CloudFormation begins
    the same ones with a capital: either is found by the capital.

    Texts of code are ``symbolic``: ``${…}`` in them stands for a part that is not known. As a name, which is
    only compared, such a text is as good as any; as a setting it is ``Unknown``.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | Unknown,
        given: Mapping[str, Any] | None = None,
        symbolic: bool = False,
    ) -> None:
        self.values = values
        self._given = given or {}
        self._symbolic = symbolic

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting as it is."""
        found = self._given.get(name)
        if found is None and isinstance(self.values, Unknown):
            return self.values
        if found is None and isinstance(self.values, Mapping):
            found = self.values.get(name)
            if found is None:
                found = self.values.get(name[:1].lower() + name[1:])
        return default if found is None or found == "" else found

    def name(self, name: str, default: Any = None) -> Any:
        """Return a text that names something; parts of it may be placeholders."""
        found = self.get(name, default)
        return found if found is default else _name_of(found)

    def text(self, name: str, default: Any = None) -> Any:
        """Return a text whose wording matters."""
        found = self.get(name, default)
        return found if found is default else self._wording(found)

    def number(self, name: str, kind: Callable[[float], float] = float, default: Any = None) -> Any:
        """Return a number, which may be written as a text; ``kind`` is ``int`` for a whole one."""
        found = self.text(name, default)
        if not isinstance(found, str):
            return found
        try:
            number = float(found)
            if math.isfinite(number) and kind(number) == number:
                return kind(number)
        except ValueError:
            pass
        return Unknown(f"{found} is not a valid number")

    def flag(self, name: str, default: bool | None = None) -> Any:
        """Return a boolean, which may be written as a text."""
        found = self.text(name, default)
        if not isinstance(found, str):
            return found
        words = {"true": True, "1": True, "false": False, "0": False}
        return words.get(found.lower(), Unknown(f"{found} is not a boolean"))

    def names(self, name: str) -> tuple[str | Unknown, ...] | Unknown:
        """Return a list of texts that name something; one alone may stand without a list around it."""
        found = self.get(name, ())
        return found if isinstance(found, Unknown) else tuple(_name_of(one) for one in _listed(found))

    def texts(self, name: str) -> tuple[str, ...] | Unknown:
        """Return a list of texts whose wording matters; ``Unknown`` where one of them is."""
        found = self.get(name, ())
        texts = (found,) if isinstance(found, Unknown) else tuple(map(self._wording, _listed(found)))
        unknown = next((one for one in texts if isinstance(one, Unknown)), None)
        return unknown or known_items(texts)

    def blocks(self, name: str) -> tuple[Settings, ...]:
        """Return a list of settings; one of which nothing is known stands for a list that is unknown."""
        found = self.get(name, ())
        return tuple(self._inner(one) for one in _listed(found))

    def block(self, name: str) -> Settings | None:
        """Return settings within these; ``None`` where there are none."""
        return next(iter(self.blocks(name)), None)

    def json(self, name: str) -> Json | Unknown | None:
        """Return a JSON object, or the text of one."""
        found = self.get(name)
        read = json_object(found)
        return found.unknown if isinstance(found, Symbolic) and isinstance(read, Unknown) else read

    def _inner(self, found: Any) -> Settings:
        if not isinstance(found, Mapping | Unknown):
            found = getattr(found, "unknown", Unknown("it is not a mapping"))
        return Settings(found, symbolic=self._symbolic)

    def _wording(self, value: Any) -> str | Unknown:
        text = text_of(value)
        if not self._symbolic or isinstance(text, Unknown) or not is_opaque(text):
            return text
        if isinstance(text, Symbolic):
            return text.unknown
        placeholder = f"{text[text.find(PLACEHOLDER) :].partition('}')[0]}}}"
        return Outside(f"it is {text}") if text == placeholder else Unknown(f"it contains {placeholder}")


def _name_of(value: Any) -> str | Unknown:
    """Return a name; of a secret its placeholder, since names are shown."""
    found = text_of(value)
    return str(found) if isinstance(found, Secret) else found


def text_of(value: Any) -> str | Unknown:
    """Return a scalar as the text that stands for it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str | Unknown) else Unknown("it is not a text")


def json_object(value: Any) -> Json | Unknown | None:
    """Return what a JSON text says; an object that is parsed already stays as it is."""
    if value is None or value == "" or isinstance(value, Mapping | Unknown):
        return None if value == "" else value
    try:
        value = json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return Unknown("it is not valid JSON")
    return value if isinstance(value, Mapping) else Unknown("it is not a JSON object")


def _listed(found: Any) -> list[Any] | tuple[Any, ...]:
    return found if isinstance(found, list | tuple) else (found,)
