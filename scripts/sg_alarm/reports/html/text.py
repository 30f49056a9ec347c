"""Text that strangers chose, such as names of resources, made safe to look at.

Escaping is not enough: characters that reverse the direction of text, have no width or break the line let a
name pose as another one. They are shown by their number.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape


def shown(text: object) -> Markup:
    """Return a text as HTML: escaped, what cannot be seen by its number."""
    found = str(text)
    if found.isprintable():
        return escape(found)
    unseen = Markup('<span class="unseen">{}</span>')
    return Markup("").join(escape(one) if one.isprintable() else unseen.format(_number(one)) for one in found)


def plain(text: object) -> str:
    """Return a text for where no markup can stand, what cannot be seen by its number; not yet escaped."""
    return "".join(one if one.isprintable() else f"⟨{_number(one)}⟩" for one in str(text))


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"


def humps(name: str) -> Markup:
    """Return a name of ours like `CreateSecurityGroup`, which may be broken between its words."""
    return Markup("<wbr>").join(re.findall("[A-Z][^A-Z]*", name))


def sentence(text: str) -> str:
    """Return a phrase as a sentence."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number and what is counted: `1 account`, `2 accounts`, `1,000 accounts`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
