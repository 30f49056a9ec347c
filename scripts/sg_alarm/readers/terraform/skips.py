"""Comments by which the author of a block has the check skipped, as Checkov reads them.

Source: Checkov, "Suppressing and Skipping Policies": ``#checkov:skip=<check_id>:<comment>`` in the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sg_alarm.readers.terraform.lexer import tokens
from sg_alarm.readers.terraform.syntax import Block

CHECK = "CKV2_CWL_4"
_SKIP = re.compile(rf"(?:checkov|bridgecrew):skip=[ ]*{CHECK}\b(?::(?P<reason>[^\n]+))?")
_NO_REASON = "no reason is given"


def skips(text: str, blocks: Sequence[Block]) -> Mapping[int, str]:
    """Return the reasons by the lines of the blocks, of those that have the check skipped.

    The text is that of the file in which the blocks are.
    """
    if not _SKIP.search(text):
        return {}
    found: dict[int, str] = {}
    for position, reason in _comments(text):
        for block in blocks:
            if block.span[0] <= position < block.span[1]:
                found.setdefault(block.line, reason)
    return found


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the places of the comments that skip the check, each with the reason."""
    end = 0
    for _, _, start, after in tokens(text):
        # Between two words there is nothing but space and comments.
        for comment in _SKIP.finditer(text, end, start):
            yield comment.start(), (comment["reason"] or "").strip() or _NO_REASON
        end = after
