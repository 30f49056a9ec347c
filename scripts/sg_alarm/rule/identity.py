"""Identifiers of findings that stay the same from audit to audit."""

from __future__ import annotations

import hashlib
import json

from sg_alarm.rule.verdict import Link

_LENGTH = 32


def finding_id(account: str, link: Link, resource: str) -> str:
    """Return the identifier of a finding: 32 hexadecimal digits.

    It is the beginning of the SHA-256 of the JSON array of account, link and resource, as reports name it; in
    code the account is the placeholder that names the root module. Wording, verdict, order, profile and time
    have no part in it. Findings of one resource in one link, such as a filter that passes some operations and
    misses others, share it: it names the thing to fix.
    """
    parts = json.dumps([account, link.value, resource], separators=(",", ":"))
    return hashlib.sha256(parts.encode()).hexdigest()[:_LENGTH]
