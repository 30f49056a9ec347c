"""How code refers to what it declares: attributes of resources in the place of texts that stand for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sg_alarm.fixes.hcl_writer import Block, Expression, JsonEncoded, quote
from sg_alarm.rule.arn import is_opaque

_RESOURCE = re.compile(r"aws_\w+\.[\w-]+(?:\[[^\]]*\])?")
_MODULE = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*")
_CALLER = "security_group_changes"
CALLER = Block("data", ("aws_caller_identity", _CALLER), {})
"""The block that gives the account's number, where the code does not say it."""


class NotWritableError(Exception):
    """A value is not known, and there is nothing in this module to refer to."""


@dataclass(frozen=True)
class References:
    """What the code of one module can refer to.

    ``addresses`` are those of the code by the texts that stand for the resources; ``module`` is the address
    of the module that the code is for, with a dot behind it, empty for the root. ``account`` is what stands
    for the account.
    """

    addresses: Mapping[str, str]
    module: str
    account: str
    used: set[str] = field(default_factory=set)

    @classmethod
    def beside(cls, address: str, addresses: Mapping[str, str], account: str) -> References:
        """Return what the code of the module can refer to that declares ``address``."""
        found = _MODULE.match(address)
        return cls(addresses, found[0] if found else "", account)

    def attribute(self, text: str, name: str) -> Expression | None:
        """Return the reference to an attribute of what a text stands for; ``None`` where it is not here."""
        address = self.addresses.get(text, "")
        # Of a log group that is not declared here, the address is that of the filter that names it.
        if ":log-group:" in text and ".aws_cloudwatch_log_group." not in f".{address}":
            return None
        return self.attribute_of(address, name)

    def attribute_of(self, address: str, name: str) -> Expression | None:
        """Return the reference to an attribute; ``None`` where the module does not declare the resource."""
        if not address.startswith(self.module):
            return None
        own = address.removeprefix(self.module)
        return Expression(f"{own}.{name}") if _RESOURCE.fullmatch(own) else None

    def value(self, value: Any) -> Any:
        """Return a value with references in it; raises NotWritableError where a part of it is not known."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, JsonEncoded):
            return JsonEncoded(self.value(value.value))
        if isinstance(value, Mapping):
            return {name: self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value

    def block(self, block: Block) -> Block:
        """Return a block with references in it; raises NotWritableError as ``value`` does."""
        return Block(
            block.kind,
            block.labels,
            {name: self.value(one) for name, one in block.attributes.items()},
            tuple(map(self.block, block.blocks)),
            block.comment,
            block.is_new,
        )

    def _text(self, text: str) -> str | Expression:
        text = str(text)  # a placeholder, where it is a secret
        if text != self.account and (found := self._resource(text)):
            return found
        if not is_opaque(text):
            return text
        # What stands in a resource, such as the streams of a log group; what belongs to the account.
        for known in filter(None, (*sorted(self.addresses, key=len, reverse=True), self.account)):
            before, found_it, after = text.partition(known)
            if not found_it or is_opaque(before) or is_opaque(after):
                continue
            if reference := self._account() if known == self.account else self._resource(known):
                inner = "${" + reference.text + "}"
                whole = quote(before)[:-1] + inner + quote(after)[1:]
                return Expression(whole) if before or after else reference
        raise NotWritableError(text)

    def _resource(self, text: str) -> Expression | None:
        return self.attribute(text, "arn") if text.startswith("arn:") or is_opaque(text) else None

    def _account(self) -> Expression:
        self.used.add(_CALLER)
        return Expression(f"data.aws_caller_identity.{_CALLER}.account_id")
