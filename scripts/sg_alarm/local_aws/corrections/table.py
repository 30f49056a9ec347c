"""Tables of what is put into moto, and how: corrections of its faults, and the patches of the bridge."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import version
from typing import Any, TypeVar

from sg_alarm.errors import UserError

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Correction:
    """A function that stands in for a method of moto, or adds one that moto lacks.

    A stand-in is called with the original method and then with what the method was called with.
    """

    target: str
    """``module:Class.method``, or ``module:function``"""
    function: Callable[..., Any]
    adds: bool

    @property
    def service(self) -> str:
        """The service of moto that it is put into."""
        return self.target.split(".")[1]

    @property
    def fits(self) -> bool:
        """Whether moto has the method to be replaced, or the class without the method to be added."""
        try:
            owner, name = self._locate()
        except (ImportError, AttributeError):
            return False
        return hasattr(owner, name) != self.adds

    def install(self) -> None:
        """Put it into moto."""
        owner, name = self._locate()
        if self.adds:
            setattr(owner, name, self.function)
            return
        original = getattr(owner, name)

        @wraps(original)
        def corrected(*args: Any, **kwargs: Any) -> Any:
            return self.function(original, *args, **kwargs)

        setattr(owner, name, corrected)

    def _locate(self) -> tuple[Any, str]:
        module, _, path = self.target.partition(":")
        owner, _, name = path.rpartition(".")
        place = importlib.import_module(module)
        return (getattr(place, owner) if owner else place), name


class Table(list[Correction]):
    """What is put into moto, in order; filled by decorators."""

    def replaces(self, target: str) -> Callable[[_F], _F]:
        """Register a function as the stand-in for one of moto; of several, the last is called first."""
        return self._register(target, adds=False)

    def adds(self, target: str) -> Callable[[_F], _F]:
        """Register a function as a method that moto lacks."""
        return self._register(target, adds=True)

    def _register(self, target: str, *, adds: bool) -> Callable[[_F], _F]:
        def register(function: _F) -> _F:
            self.append(Correction(target, function, adds))
            return function

        return register


CORRECTIONS = Table()
"""Where moto differs from AWS."""

corrects = CORRECTIONS.replaces
adds = CORRECTIONS.adds


def install(corrections: Iterable[Correction]) -> None:
    """Install all of them, or none and say which one does not fit."""
    corrections = list(corrections)
    for correction in corrections:
        if not correction.fits:
            raise UserError(
                f"the embedded AWS does not know moto {version('moto')}: "
                f"{correction.target} {'exists already' if correction.adds else 'is missing'}",
                "install the moto it was written for: pip install 'sg-alarm[local]'",
            )
    for correction in corrections:
        correction.install()
