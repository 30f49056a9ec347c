"""Starting and stopping the embedded AWS."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sg_alarm.errors import UserError
from sg_alarm.local_aws import LocalAws, read_outbox, run_foreground

SCRIPTS = Path(__file__).parents[2] / "scripts"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_answers_on_the_given_port() -> None:
    port = free_port()
    with LocalAws(port) as aws:
        assert aws.endpoint == f"http://127.0.0.1:{port}"
        assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_stop_frees_the_port_for_the_next_which_knows_nothing_of_the_first() -> None:
    port = free_port()
    for _ in range(2):
        with LocalAws(port) as aws:
            assert aws.client("sns").list_topics()["Topics"] == []
            aws.client("sns").create_topic(Name="alarms")
            endpoint = aws.endpoint
        with pytest.raises(UserError, match="no outbox of an embedded AWS at"):
            read_outbox(endpoint)


def test_two_beside_each_other_share_nothing(aws: LocalAws) -> None:
    with LocalAws() as other:
        other.client("sns").create_topic(Name="alarms")
        assert aws.client("sns").list_topics()["Topics"] == []


def test_a_stopped_one_can_be_stopped_again_but_has_no_endpoint() -> None:
    aws = LocalAws()
    aws.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = aws.endpoint


def test_a_taken_port_is_an_error_in_one_line_with_a_hint(aws: LocalAws) -> None:
    port = int(aws.endpoint.rpartition(":")[2])
    with pytest.raises(
        UserError, match=rf"^cannot listen on 127\.0\.0\.1:{port}: Address already in use$"
    ) as error:
        LocalAws(port).start()
    assert error.value.hint == "choose another port, or 0 for any free one"


def test_a_port_that_is_none_is_an_error_in_one_line() -> None:
    with pytest.raises(UserError, match=r"cannot listen on 127\.0\.0\.1:65536: "):
        run_foreground(65536)


def test_without_the_extra_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moto.py").write_text("raise ModuleNotFoundError(\"No module named 'moto'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(
        UserError, match=r"^the embedded AWS cannot be loaded: No module named 'moto'$"
    ) as error:
        LocalAws().start()
    assert error.value.hint == "pip install 'sg-alarm[local]'"


def test_in_the_foreground_ctrl_c_ends_it_quietly() -> None:
    foreground = start_python(
        "from sg_alarm.local_aws import run_foreground\n"
        "run_foreground(0, lambda endpoint: print(endpoint, flush=True))\n"
    )
    assert foreground.stdout
    endpoint = foreground.stdout.readline().strip()
    assert read_outbox(endpoint) == []
    foreground.send_signal(signal.SIGINT)
    output, errors = foreground.communicate()
    assert (foreground.returncode, output, errors) == (0, "", "")


def test_it_ends_when_its_parent_is_killed() -> None:
    parent = start_python(
        "from sg_alarm.local_aws import LocalAws\n"
        "print(LocalAws().start().endpoint, flush=True)\n"
        "import time; time.sleep(3600)\n"
    )
    assert parent.stdout
    port = int(parent.stdout.readline().strip().rpartition(":")[2])
    assert is_listening(port)
    parent.kill()
    parent.communicate()
    for _ in range(6000):
        if not is_listening(port):
            return
        time.sleep(0.02)
    pytest.fail("it goes on without its parent")


def test_importing_it_does_not_import_moto_or_boto3() -> None:
    code = (
        "import sg_alarm.local_aws, sys; print([m for m in ('moto', 'boto3', 'flask') if m in sys.modules])"
    )
    output, _ = start_python(code).communicate()
    assert output.strip() == "[]"


def test_reset_forgets_resources_mails_and_tokens(aws: LocalAws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    (mail,) = aws.outbox()

    aws.reset()

    assert sns.list_topics()["Topics"] == []
    assert aws.outbox() == []
    sns.create_topic(Name="alarms")
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.confirm_subscription(TopicArn=topic, Token=mail.token)


def test_the_environment_points_terraform_to_it_and_hides_real_accounts(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_SNS", "AWS_ROLE_ARN"):
        monkeypatch.setenv(name, "real")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("TF_LOG", "kept")
    environment = aws.environment()
    assert "real" not in environment.values()
    assert environment["TF_LOG"] == "kept"

    code = "import boto3, json; print(json.dumps(boto3.client('sts').get_caller_identity()['Account']))"
    output = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(output) == "123456789012"


def test_no_proxy_and_no_profile_of_this_process_comes_between(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:1")
    aws.client("sns").create_topic(Name="alarms")
    aws.reset()
    assert aws.client("sns").list_topics()["Topics"] == []
    assert aws.outbox() == []


def test_a_bucket_may_have_the_outbox_s_name(aws: LocalAws) -> None:
    s3 = aws.client("s3", region="us-east-1")
    s3.create_bucket(Bucket="sg-alarm")
    s3.put_object(Bucket="sg-alarm", Key="outbox", Body=b"mine")
    assert s3.get_object(Bucket="sg-alarm", Key="outbox")["Body"].read() == b"mine"
    with urllib.request.urlopen(aws.endpoint + "/sg-alarm/outbox") as response:
        assert json.load(response) == {"mails": []}
