"""Start and stop the embedded AWS."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from sg_alarm.errors import UserError
from sg_alarm.local_aws.clock import advance_clock, read_clock
from sg_alarm.local_aws.outbox import Mail, read_outbox, without_proxy

HOST = "127.0.0.1"
REGION = "eu-west-1"
ACCOUNT_ID = "123456789012"
"""The account that moto gives to access keys it does not know."""

_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 5.0


class LocalAws:
    """An embedded AWS on this machine, in a child process.

    A child, not a thread: moto keeps its state in globals, so two servers in one process would be one
    account; its imports and the interpreter lock do not slow the caller; and moto's corrected classes
    stay out of the caller's own use of moto. The child ends with ``stop()``, or when its parent dies.

    >>> with LocalAws() as aws:
    ...     aws.client("sns").create_topic(Name="alarms")
    """

    def __init__(self, port: int = 0, *, region: str = REGION, verbose: bool = False) -> None:
        """Prepare a server on ``port`` (0: any free one); ``verbose`` shows its log on standard error."""
        self.region = region
        self._port = port
        self._verbose = verbose
        self._endpoint = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> LocalAws:
        """Start it, and return once it answers."""
        if self._process:
            return self
        # The port is bound here, so that a taken one is reported before anything is started.
        with _listen(self._port) as listener:
            self._endpoint = _endpoint(listener)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sg_alarm.local_aws", str(listener.fileno())],
                stdin=subprocess.PIPE,  # its end shows the child that this process is gone
                stdout=subprocess.PIPE,
                stderr=None if self._verbose else subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                env=self._child_environment(),
                start_new_session=True,  # Ctrl-C is ours to handle, not the child's
                text=True,
            )
        try:
            self._await_ready(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop it and free the port; nothing happens if it is not running."""
        process, self._process, self._endpoint = self._process, None, ""
        if not process:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def __enter__(self) -> LocalAws:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """The URL for ``--endpoint-url`` and AWS_ENDPOINT_URL."""
        if not self._endpoint:
            raise RuntimeError("the embedded AWS is not running")
        return self._endpoint

    def environment(self) -> dict[str, str]:
        """Return this process's environment, turned to the embedded AWS, for Terraform or the AWS CLI.

        Every AWS setting of the caller is left out: a real account must be out of reach.
        """
        return {
            **_environment_without_aws(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client for it, whatever AWS settings or proxies this process has."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            region_name=region or self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - any value does
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    def outbox(self, to: str | None = None) -> list[Mail]:
        """Return the mails sent so far, oldest first; with ``to``, those to one address."""
        return read_outbox(self.endpoint, to)

    def now(self) -> datetime:
        """Return the time that logs, metrics and alarms are at."""
        return read_clock(self.endpoint)

    def advance(self, seconds: float) -> datetime:
        """Move that time on, so that an alarm's period passes at once; returns the new time."""
        return advance_clock(self.endpoint, seconds)

    def reset(self) -> None:
        """Forget every resource and mail, and set the clock back."""
        request = urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")  # noqa: S310
        without_proxy().open(request, timeout=30).close()

    def _child_environment(self) -> dict[str, str]:
        package_root = str(Path(__file__).parents[2])
        python_path = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            **_environment_without_aws(),
            "PYTHONPATH": os.pathsep.join(python_path),
            "PYTHONSAFEPATH": "1",  # the caller's working directory is no place to import from
        }

    @staticmethod
    def _await_ready(process: subprocess.Popen[str]) -> None:
        """Wait for the child's one line: an empty object, or why it cannot start."""
        assert process.stdout
        readable, _, _ = select.select([process.stdout], [], [], _START_TIMEOUT)
        line = process.stdout.readline() if readable else ""
        if not line:
            raise UserError("the embedded AWS did not start", "see why with: sg-alarm local")
        refusal = json.loads(line)
        if refusal:
            raise UserError(refusal["message"], refusal["hint"])


def run_foreground(port: int = 0, on_ready: Callable[[str], None] | None = None) -> None:
    """Run the embedded AWS in this process until Ctrl-C, then return; ``on_ready`` gets the endpoint."""
    try:
        with _listen(port) as listener:
            endpoint = _endpoint(listener)
            serve(listener, lambda: on_ready(endpoint) if on_ready else None)
    except KeyboardInterrupt:
        return


def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Answer AWS calls on ``listener`` until interrupted."""
    # Nobody starts instances here, and the images take a tenth of a second for each account and region.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    try:
        from sg_alarm.local_aws.app import make_server, running
    except ImportError as error:  # no moto, or not one with the modules that are corrected
        raise UserError(
            f"the embedded AWS cannot be loaded: {error}", "pip install 'sg-alarm[local]'"
        ) from error
    server = make_server(listener)
    with running():
        on_ready()
        server.serve_forever()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Else a port stays unusable for a minute after a server on it was stopped.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"cannot listen on {HOST}:{port}: {reason}", "choose another port, or 0 for any free one"
        ) from error
    return listener


def _endpoint(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _environment_without_aws() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # No profile, no instance role and no proxy may come between.
    no_proxy = ",".join(filter(None, [environment.get("NO_PROXY") or environment.get("no_proxy"), HOST]))
    return {
        **environment,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }
