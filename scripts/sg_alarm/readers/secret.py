"""Texts that must not be shown: what code reads from files, and what it calls sensitive."""

from __future__ import annotations


class Secret(str):
    """A text that is judged as it is, and shown as a placeholder.

    ``number`` distinguishes the secrets of one deployment: names that are made with two of them stay two
    names, and are, as every name with a placeholder in it, neither equal to nor different from another.
    """

    number: int = 0

    @classmethod
    def of(cls, text: str, number: int) -> Secret:
        """Return a secret."""
        found = cls(text)
        found.number = number
        return found

    def __str__(self) -> str:
        return f"${{(sensitive value {self.number})}}"

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def __add__(self, other: str) -> str:
        return f"{self}{other}"

    def __radd__(self, other: str) -> str:
        return f"{other}{self}"

    def __repr__(self) -> str:
        return str(self)
