"""Find the AWS provider on this machine, for machines that cannot reach the Terraform registry."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

AWS_PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")
_SEARCH_DEPTH = 3
_NO_MIRROR_INSIDE = {".git", "node_modules", "site-packages", ".terraform", "__pycache__", "proc", "sys"}


def provider_environment(
    environment: Mapping[str, str], search: tuple[Path, ...] | None = None
) -> dict[str, str]:
    """Return ``environment`` such that ``terraform init`` finds the AWS provider.

    A CLI configuration that says where providers come from is left as it is. Without one, a local mirror is
    looked for: TF_PLUGIN_CACHE_DIR first, then folders that hold ``registry.terraform.io/hashicorp/aws``
    below ``search`` (the home directory, /usr/local/share, /usr/share and /opt). What is found is
    written into a CLI configuration of our own that keeps the rest of the caller's; where nothing is found,
    Terraform asks the registry as usual.
    Source: https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
    """
    result = dict(environment)
    configuration = _cli_configuration(result)
    if configuration is None:
        # A variable that names no file makes Terraform warn on every command.
        result.pop("TF_CLI_CONFIG_FILE", None)
    elif re.search(r"^\s*provider_installation\b", configuration, re.MULTILINE):
        return result
    mirror = find_mirror(result, search)
    if mirror:
        result["TF_CLI_CONFIG_FILE"] = str(_write_configuration(configuration or "", mirror, result))
    return result


def find_mirror(environment: Mapping[str, str], search: tuple[Path, ...] | None = None) -> Path | None:
    """Return the folder of a local mirror that has the AWS provider for this platform, or None."""
    if cache := environment.get("TF_PLUGIN_CACHE_DIR"):
        candidate = Path(cache).expanduser()
        if _has_provider(candidate):
            return candidate
    places = search if search is not None else _usual_places(environment)
    return next((folder for place in places for folder in _mirrors(place) if _has_provider(folder)), None)


def _usual_places(environment: Mapping[str, str]) -> tuple[Path, ...]:
    home = Path(environment.get("HOME") or Path.home())
    shared = tuple(map(Path, ("/usr/local/share", "/usr/share", "/opt")))
    # The places Terraform itself knows come before a walk through the whole home directory.
    return (home / ".terraform.d", home / ".local/share/terraform", *shared, home)


def _mirrors(root: Path) -> Iterator[Path]:
    """Yield the folders at or below ``root`` that hold a registry's name, nearest first; no links."""
    level = [root]
    for _ in range(_SEARCH_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            try:
                with os.scandir(folder) as entries:
                    names = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
            except OSError:  # not there, or not ours to read: then nothing is found in it
                continue
            if AWS_PROVIDER.parts[0] in names:
                yield folder
            below += [folder / name for name in sorted(names - _NO_MIRROR_INSIDE)]
        level = below


def _has_provider(mirror: Path) -> bool:
    """Tell whether the mirror has the provider for this platform, unpacked or packed."""
    target = _platform()
    provider = mirror / AWS_PROVIDER
    try:
        unpacked = any(provider.glob(f"*/{target}/terraform-provider-aws*"))
        return unpacked or any(provider.glob(f"terraform-provider-aws_*_{target}.zip"))
    except OSError:
        return False


def _platform() -> str:
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}.get(machine, machine)
    return f"{sys.platform}_{architecture}"


def _cli_configuration(environment: Mapping[str, str]) -> str | None:
    """Return the text of the caller's CLI configuration, or None without a readable one."""
    named = environment.get("TF_CLI_CONFIG_FILE")
    path = Path(named) if named else Path(environment.get("HOME") or Path.home(), ".terraformrc")
    try:
        return path.expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write_configuration(callers: str, mirror: Path, environment: Mapping[str, str]) -> Path:
    path = str(mirror).replace("\\", "\\\\").replace('"', '\\"')
    text = f"""{callers}
# Written by sg-alarm: the AWS provider from a local mirror, every other provider as usual.
provider_installation {{
  filesystem_mirror {{
    path    = "{path}"
    include = ["registry.terraform.io/hashicorp/aws"]
  }}
  direct {{
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }}
}}
"""
    # Named after its content, so that concurrent runs agree and a changed mirror gets a file of its own.
    name = f"terraform-{hashlib.sha256(text.encode()).hexdigest()[:16]}.tfrc"
    home = Path(environment.get("HOME") or Path.home())
    cache = Path(environment.get("XDG_CACHE_HOME") or home / ".cache", "sg-alarm")
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        cache = Path(tempfile.mkdtemp(prefix="sg-alarm-"))
    target = cache / name
    if not target.exists():
        descriptor, draft = tempfile.mkstemp(dir=cache)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, target)
    return target
