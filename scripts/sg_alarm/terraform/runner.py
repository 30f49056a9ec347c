"""Run Terraform commands by python-terraform, line by line and with a clean end on Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import python_terraform

from sg_alarm.terraform.binary import find_terraform
from sg_alarm.terraform.providers import provider_environment

FLAG = python_terraform.IsFlagged

OnLine = Callable[[str], None]


class Terraform(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform, with output that can be followed while a command runs.

    python-terraform itself returns nothing before a command has ended, and shares the terminal's process
    group with it, so that Ctrl-C would hit both at once. Here Terraform runs in a session of its own and is
    interrupted once: it then finishes the operation under way, saves the state and ends.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        super().__init__(working_dir=str(directory), terraform_bin_path=find_terraform())
        self.environment = {**provider_environment(environment), "TF_IN_AUTOMATION": "1"}
        self.interrupted = False

    def read_state_file(self, file_path: str | None = None) -> None:
        """Leave the state to Terraform: python-terraform would read the local file, whatever the backend."""

    def cmd(
        self, cmd: str, *args: str, on_line: OnLine | None = None, **options: Any
    ) -> tuple[int, str, str]:
        """Run a command; return its exit code, standard output and standard error.

        ``on_line`` gets each line of standard output as it comes. Options are those of python-terraform.
        """
        for handled_here in ("capture_output", "raise_on_error"):
            options.pop(handled_here, None)
        try:
            with (
                subprocess.Popen(
                    self.generate_cmd_string(cmd, *args, **options),
                    cwd=self.working_dir,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    start_new_session=True,
                ) as process,
                self._pass_on_interrupts(process),
            ):
                return self._follow(process, on_line)
        finally:
            self.temp_var_files.clean_up()

    @staticmethod
    def _follow(process: subprocess.Popen[str], on_line: OnLine | None) -> tuple[int, str, str]:
        assert process.stdout
        assert process.stderr
        errors: list[str] = []
        # Read beside, else a full pipe of the one would stop Terraform while we wait for the other.
        reader = threading.Thread(target=lambda pipe: errors.extend(pipe), args=(process.stderr,))
        reader.start()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if on_line:
                on_line(line.rstrip("\n"))
        reader.join()
        return process.wait(), "".join(lines), "".join(errors)

    @contextmanager
    def _pass_on_interrupts(self, process: subprocess.Popen[str]) -> Iterator[None]:
        """Hand each Ctrl-C (or SIGTERM) to Terraform, which ends at the first and gives up at the second."""

        def hand_on(number: int, frame: object) -> None:
            self.interrupted = True
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def output_values(self) -> dict[str, dict[str, Any]]:
        """Return the root module's outputs: name to ``{"value", "type", "sensitive"}``."""
        code, out, _ = self.cmd("output", json=FLAG, no_color=FLAG)
        return json.loads(out) if code == 0 and out.strip() else {}

    def show(self, plan: Path | None = None) -> dict[str, Any]:
        """Return the state, or a saved plan, as ``terraform show -json`` gives it; empty where it cannot."""
        code, out, _ = self.cmd("show", *([str(plan)] if plan else []), json=FLAG, no_color=FLAG)
        return json.loads(out) if code == 0 and out.strip() else {}
