"""The code of the handbook, as its readers copy it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

from sg_alarm.handbook import topics
from sg_alarm.rule.verdict import LINKS

LINK_NAMES = tuple(link.value for link in LINKS)
WAYS = {"By console": "", "By AWS CLI": "sh", "By Terraform": "terraform", "By CloudFormation": "yaml"}


def blocks(topic: str, language: str) -> list[str]:
    """The blocks of code in a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", topics()[topic].text, re.DOTALL | re.MULTILINE)


def terraform(names: Iterable[str] = LINK_NAMES) -> str:
    """One root module of the Terraform blocks of these links."""
    code = "\n".join(block for name in names for block in blocks(name, "terraform"))
    return f'provider "aws" {{\n  region = "eu-west-1"\n}}\n\n{code}'


def template(names: Iterable[str] = LINK_NAMES) -> str:
    """One template of the CloudFormation blocks of these links."""
    parts = "\n".join(block for name in names for block in blocks(name, "yaml"))
    return f'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n{textwrap.indent(parts, "  ")}'


def local_modules(code: str, modules: Path) -> str:
    """The same code with the modules of a folder."""
    return re.sub(r'"\./modules/([^"]+)"', rf'"{modules}/\1"', code)
