"""Deploy and destroy a root module: plan, show, ask, apply, say what is left to do by hand."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.text import Text

from sg_alarm.cli.console import Terminal
from sg_alarm.errors import ExitCode, UserError
from sg_alarm.fixes.hcl_writer import quote
from sg_alarm.readers.files import Files
from sg_alarm.readers.terraform.config import Loader
from sg_alarm.readers.terraform.syntax import SyntaxProblem
from sg_alarm.rule.cleaning import one_line
from sg_alarm.terraform import Terraform
from sg_alarm.terraform.runner import FLAG

_MARKS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "delete": ("-", "red"),
    "replace": ("±", "magenta"),
    "read": ("<", "cyan"),
    "move": (">", "cyan"),
    "import": ("=", "cyan"),
    "forget": (".", "cyan"),
}
_PLAIN_TYPES = {"", "string", "number", "bool"}
_CHANGES = {"create", "update", "delete", "replace", "import", "forget", "move"}


@dataclass
class _Messages:
    """What Terraform says with ``-json``, sorted by kind.

    Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
    """

    on_progress: Callable[[str, bool], None] = lambda text, done: None
    changes: list[tuple[str, str]] = field(default_factory=list)
    """(action, address) of each planned change."""
    outputs_change: bool = False
    diagnostics: list[dict[str, Any]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    """Lines that are no JSON: Terraform writes some errors before it reads its options."""

    def read(self, line: str) -> None:
        try:
            message = json.loads(line)
            kind = message.get("type")
        except (ValueError, AttributeError):
            self.other.append(line)
            return
        if kind == "planned_change" and message["change"]["action"] in _CHANGES:
            self.changes.append((message["change"]["action"], message["change"]["resource"]["addr"]))
        elif kind == "outputs":
            actions = (output.get("action", "noop") for output in message["outputs"].values())
            self.outputs_change = any(action != "noop" for action in actions)
        elif kind == "diagnostic":
            self.diagnostics.append(message["diagnostic"])
        elif kind in ("apply_start", "apply_progress", "apply_complete", "apply_errored"):
            self.on_progress(message["@message"], kind in ("apply_complete", "apply_errored"))

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [diagnostic for diagnostic in self.diagnostics if diagnostic["severity"] == "error"]


@dataclass(frozen=True)
class Request:
    """What to deploy or destroy."""

    directory: Path
    variables: Sequence[str] = ()
    """``name=value`` each, read by Terraform as ``-var``."""
    variable_files: Sequence[str] = ()
    backend_config: Sequence[str] = ()
    destroy: bool = False


def run(
    request: Request, environment: Mapping[str, str], terminal: Terminal, confirm: Callable[[str], bool]
) -> None:
    """Plan ``request``, show what would change, ask by ``confirm``, apply, and return the outputs.

    Raises ``UserError`` with exit code 3 when Terraform fails; the state is kept in every case.
    """
    directory = request.directory
    if not any(directory.glob("*.tf")) and not any(directory.glob("*.tf.json")):
        raise UserError(
            f"{directory} holds no Terraform configuration",
            "name a root module, for example examples/minimal",
        )
    terraform = Terraform(directory, environment)
    _init(terraform, request, terminal)
    # A plan file holds every variable, secrets included: its folder is ours alone and goes at the end.
    with tempfile.TemporaryDirectory(prefix="sg-alarm-") as folder:
        plan = Path(folder, "plan")
        planned = _plan(terraform, request, plan, terminal)
        if not planned.changes and not planned.outputs_change:
            terminal.say(
                "Nothing to destroy." if request.destroy else "No changes: all is deployed as declared."
            )
        else:
            _show_changes(planned, terminal)
            if not confirm(_question(planned, request.destroy)):
                raise UserError("not confirmed, nothing was changed", "say yes, or pass --yes")
            _apply(terraform, plan, len(planned.changes), request, terminal)
    if not request.destroy:
        _show_outputs(terraform, terminal)
        _remind(terraform, terminal)


def _init(terraform: Terraform, request: Request, terminal: Terminal) -> None:
    options: dict[str, Any] = {"input": False, "no_color": FLAG}
    if request.backend_config:
        options["backend_config"] = list(request.backend_config)
    with terminal.step("terraform init") as step:
        code, out, err = terraform.cmd("init", on_line=lambda line: step.advance(), **options)
    if code:
        raise _failure(terraform, "init", _Messages(other=(err or out).splitlines()), terminal)


def _plan(terraform: Terraform, request: Request, plan: Path, terminal: Terminal) -> _Messages:
    messages = _Messages()
    values = plan.with_name("values.tfvars")
    options: dict[str, Any] = {
        "var": _without_declared(request, values),
        "var_file": [*request.variable_files, *([str(values)] if values.exists() else [])],
    }
    if request.destroy:
        options["destroy"] = FLAG
    with terminal.step("terraform plan"):
        code, _, err = terraform.plan(json=FLAG, out=str(plan), on_line=messages.read, **options)
    # With -detailed-exitcode, 2 says that there are changes.
    if code not in (0, 2) or terraform.interrupted:
        messages.other += err.splitlines()
        raise _failure(terraform, "plan", messages, terminal)
    _show_diagnostics(messages.diagnostics, terminal)
    return messages


def _without_declared(request: Request, file: Path) -> list[str]:
    """Write the variables that the module declares to a file; return the others, which are a fault.

    Whoever lists the processes of a machine sees their arguments, and a variable may be a secret.
    """
    types = _declared_types(request.directory)
    written, left = [], []
    for variable in request.variables:
        name, _, value = variable.partition("=")
        if name not in types:
            left.append(variable)
        # Terraform takes the value of a plain type as it is, and of any other as an expression.
        elif types[name] in _PLAIN_TYPES:
            written.append(f"{name} = {quote(value)}\n")
        else:
            written.append(f"{name} = {value}\n")
    if written:
        with open(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as values:
            values.writelines(written)
    return left


def _declared_types(directory: Path) -> dict[str, str]:
    """Return the variables of a module with their types as they are written; none where it cannot be read."""
    try:
        declared = Loader(Files(directory)).folder(directory).of("variable")
    except (SyntaxProblem, OSError):
        return {}
    return {
        block.labels[0]: block.attributes["type"].text.strip('"') if "type" in block.attributes else ""
        for _, block in declared
        if block.labels
    }


def _apply(terraform: Terraform, plan: Path, total: int, request: Request, terminal: Terminal) -> None:
    title = "terraform destroy" if request.destroy else "terraform apply"
    with terminal.step(title, total) as step:

        def progress(text: str, done: bool) -> None:
            # A terminal's bar shows that it goes on; a log wants only what happened.
            if done:
                step.say(text)
                step.advance()

        messages = _Messages(progress)
        code, _, err = terraform.cmd(
            "apply", str(plan), on_line=messages.read, json=FLAG, input=False, no_color=FLAG
        )
    if code or terraform.interrupted:
        messages.other += err.splitlines()
        raise _failure(terraform, "destroy" if request.destroy else "apply", messages, terminal)
    _show_diagnostics(messages.diagnostics, terminal)


def _failure(terraform: Terraform, command: str, messages: _Messages, terminal: Terminal) -> UserError:
    """Show Terraform's own words, and return the one line that says what and what next."""
    again = "run the same command again"
    if terraform.interrupted:
        return UserError(
            f"interrupted: Terraform ended its {command} and kept the state",
            f"{again} to finish",
            ExitCode.INTERRUPTED,
        )
    errors = messages.errors
    lock = next((error for error in errors if "state lock" in error["summary"]), None)
    if lock:
        details = dict(re.findall(r"^\s*(ID|Who):\s+(.+?)\s*$", lock.get("detail", ""), re.MULTILINE))
        return UserError(
            f"the state is locked by {details.get('Who', 'someone')}",
            f"wait until that run has ended; if it crashed: terraform force-unlock {details.get('ID', 'ID')}",
            ExitCode.TERRAFORM,
        )
    _show_diagnostics(messages.diagnostics, terminal)
    plain = [line.strip(" │╷╵\t") for line in messages.other]
    summary = errors[0]["summary"] if errors else _first_error(plain)
    if not errors:
        terminal.lines(Text(line) for line in plain if line)
    kept = "" if command in ("init", "plan") else "; what is done is kept in the state"
    return UserError(
        f"terraform {command} failed: {summary}{kept}", f"fix it and {again}", ExitCode.TERRAFORM
    )


def _first_error(lines: Sequence[str]) -> str:
    marked = (line.removeprefix("Error:").strip() for line in lines if line.startswith("Error:"))
    return next(marked, next(filter(None, lines), "it gave no reason"))


def _show_diagnostics(diagnostics: Sequence[Mapping[str, Any]], terminal: Terminal) -> None:
    for diagnostic in diagnostics:
        colour = "red" if diagnostic["severity"] == "error" else "yellow"
        terminal.say(Text.assemble((f"{diagnostic['severity']}: ", f"bold {colour}"), diagnostic["summary"]))
        place = diagnostic.get("address") or ""
        if where := diagnostic.get("range"):
            place = f"{place} ({where['filename']}:{where['start']['line']})".strip()
        for line in filter(None, [place, *diagnostic.get("detail", "").splitlines()]):
            terminal.say(Text(f"  {line}"))


def _show_changes(planned: _Messages, terminal: Terminal) -> None:
    for action, address in sorted(planned.changes, key=lambda change: change[1]):
        mark, colour = _MARKS.get(action, ("?", ""))
        terminal.say(Text.assemble((f"  {mark} ", colour), address))


def _question(planned: _Messages, destroy: bool) -> str:
    count = len(planned.changes)
    if not count:
        return "Save the changed outputs?"
    resources = f"{count} resource" if count == 1 else f"{count} resources"
    return f"Destroy {resources}?" if destroy else f"Change {resources} as shown?"


def _show_outputs(terraform: Terraform, terminal: Terminal) -> None:
    outputs = terraform.output_values()
    if not outputs:
        return
    width = max(map(len, outputs))
    for name, output in outputs.items():
        value = output["value"]
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        # One line each however long, so that a value can be copied whole.
        terminal.out.print(
            Text(f"{name:<{width}}  {'(sensitive)' if output.get('sensitive') else one_line(shown)}")
        )


def _remind(terraform: Terraform, terminal: Terminal) -> None:
    pending = [
        resource["values"]["endpoint"]
        for resource in _resources(terraform.show().get("values", {}).get("root_module", {}))
        if resource["type"] == "aws_sns_topic_subscription" and resource["values"].get("pending_confirmation")
    ]
    for endpoint in pending:
        terminal.say(
            Text.assemble(
                ("waiting: ", "bold yellow"),
                f"{endpoint} receives nothing until the link in the mail from AWS Notifications is opened",
            )
        )


def _resources(module: Mapping[str, Any]) -> list[dict[str, Any]]:
    below = [resource for child in module.get("child_modules", []) for resource in _resources(child)]
    return [*module.get("resources", []), *below]


def environment_for(endpoint_url: str | None, region: str | None) -> dict[str, str]:
    """Return this process's environment, turned to another endpoint or region."""
    environment = dict(os.environ)
    if endpoint_url:
        environment["AWS_ENDPOINT_URL"] = endpoint_url
    if region:
        environment["AWS_REGION"] = environment["AWS_DEFAULT_REGION"] = region
    return environment
