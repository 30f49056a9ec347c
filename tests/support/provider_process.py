"""One process of the AWS provider for `terraform validate`, and `terraform test` with a mocked provider.

Otherwise each run hashes the provider's 700 MB and starts it, only to read its schema: a minute for all.
Terraform attaches to a running one: https://developer.hashicorp.com/terraform/plugin/debugging. What asks AWS
gets a provider of its own, as users have it: a running one keeps the clients of the region before.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_ROOT = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
_ATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.+)'")


@contextmanager
def running_provider(
    terraform: str, environment: Mapping[str, str], folder: Path
) -> Iterator[dict[str, str]]:
    """Run the provider that `terraform init` finds; yield what makes Terraform attach to it."""
    environment = {**os.environ, **environment}
    (folder / "main.tf").write_text(_ROOT, "utf-8")
    subprocess.run(
        [terraform, "init", "-no-color"],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    (binary,) = folder.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*")
    with subprocess.Popen(
        [binary, "-debug"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout
            found = next(filter(None, map(_ATTACH.search, process.stdout)), None)
            assert found, "the provider ended without saying how to attach to it"
            yield {"TF_REATTACH_PROVIDERS": found[1]}
        finally:
            process.terminate()
