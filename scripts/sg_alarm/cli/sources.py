"""Which source the options of a command name, and that no option of another source is among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

from sg_alarm.errors import UserError


@dataclass(frozen=True)
class Kind:
    """A kind of source: what to call it, its class, and the options that the command itself acts on."""

    noun: str
    module: str
    name: str
    beside: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "organization": Kind("an organization", "sg_alarm.cli.organization", "Organization", ("waiver",)),
    "account": Kind(
        "an account",
        "sg_alarm.sources.account",
        "AccountSource",
        ("predict", "save_snapshot", "send_to_security_hub", "waiver"),
    ),
    "code": Kind("Terraform code", "sg_alarm.sources.code", "CodeSource", ("predict", "expect", "waiver")),
    "template": Kind("a template", "sg_alarm.sources.template", "TemplateSource", ("predict", "waiver")),
    "plan": Kind("a plan", "sg_alarm.sources.plan", "PlanSource", ("predict", "save_snapshot", "waiver")),
    "snapshot": Kind(
        "a snapshot", "sg_alarm.sources.snapshot", "SnapshotSource", ("predict", "save_snapshot", "waiver")
    ),
}
"""The kinds by the option that names one; the account is judged where no option does."""


@dataclass(frozen=True)
class Choice:
    """A source of some kind, and the options that the command itself acts on."""

    kind: str
    source: Any
    beside: Mapping[str, Any]


def chosen(options: Mapping[str, Any], flags: Mapping[str, str]) -> Choice:
    """Return the source that the options name.

    ``options`` are the values by parameter, ``flags`` the options as they are typed. Raises UserError for two
    sources, and for an option that does not apply to the one.
    """
    given = {name: value for name, value in options.items() if value not in (None, False, (), {})}
    named = [kind for kind in KINDS if kind in given]
    if len(named) > 1:
        raise UserError(f"{flags[named[0]]} and {flags[named[1]]} are both given", "choose one")
    if not named:
        return build("account", given, flags)
    path = given.pop(named[0])
    return build(named[0], given if path is True else {"path": path, **given}, flags)


def build(kind: str, given: Mapping[str, Any], flags: Mapping[str, str]) -> Choice:
    """Return a source of this kind. Raises UserError for an option that does not apply to it."""
    about = KINDS[kind]
    own = _fields(about)
    if stray := next((name for name in given if name not in own and name not in about.beside), None):
        others = [one.noun for one in KINDS.values() if stray in _fields(one) or stray in one.beside]
        raise UserError(
            f"{flags[stray]} does not apply to {about.noun}",
            f"leave it out; it applies to {' and '.join(others)}",
        )
    made = getattr(import_module(about.module), about.name)
    return Choice(
        kind,
        made(**{name: value for name, value in given.items() if name in own}),
        {name: value for name, value in given.items() if name in about.beside},
    )


def _fields(kind: Kind) -> set[str]:
    return {field.name for field in fields(getattr(import_module(kind.module), kind.name))}
