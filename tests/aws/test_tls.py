"""Certificates are checked as botocore checks them, with one bundle, loaded once; proxies are used."""

from __future__ import annotations

import ssl
import threading

import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import HTTPClientError, ProxyConnectionError, SSLError
from cryptography.x509 import DNSName

from benchmarks.tls import Authority
from endpoint import CALLER, IDENTITY, proxy, serving
from sg_alarm.aws.transport import CALL, Call, Transport


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def endpoint(authority):
    """An endpoint that knows one answer."""
    with serving(lambda request: request.reply(IDENTITY), authority.server_context()) as endpoint:
        yield endpoint


def test_a_certificate_that_nobody_vouches_for_is_refused(reach, endpoint):
    with pytest.raises(SSLError):
        _ = reach(endpoint.url).caller
    assert not endpoint.requests


def test_a_certificate_that_is_refused_is_not_tried_again(reach, endpoint):
    with pytest.raises(SSLError):
        _ = reach(endpoint.url).caller
    assert endpoint.connections == 1


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_bundle_of_the_environment_is_trusted(reach, endpoint, authority, monkeypatch, name):
    monkeypatch.setenv(name, str(authority.file))
    assert reach(endpoint.url).caller == CALLER


def test_aws_ca_bundle_comes_before_that_of_requests(reach, endpoint, authority, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(Authority(tmp_path).file))
    with pytest.raises(SSLError):
        _ = reach(endpoint.url).caller


def test_the_bundle_of_a_profile_is_trusted(reach, endpoint, authority, tmp_path):
    keys = "aws_access_key_id = test\naws_secret_access_key = test"
    (tmp_path / "config").write_text(f"[profile behind-a-proxy]\nca_bundle = {authority.file}\n{keys}\n")
    assert reach(endpoint.url, profile="behind-a-proxy").caller == CALLER
    with pytest.raises(SSLError):
        _ = reach(endpoint.url).caller


def test_a_bundle_that_is_not_there_is_not_taken_for_any_other(reach, endpoint, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle")
    with pytest.raises(SSLError, match="No such file"):
        _ = reach(endpoint.url).caller
    assert not endpoint.requests


def test_a_certificate_for_another_name_is_refused(reach, authority, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.file))
    elsewhere = authority.server_context([DNSName("localhost")])
    with serving(lambda request: request.reply(IDENTITY), elsewhere) as endpoint:
        with pytest.raises(SSLError, match=r"127\.0\.0\.1"):
            _ = reach(endpoint.url).caller
        assert reach(endpoint.url.replace("127.0.0.1", "localhost")).caller == CALLER


def test_the_bundle_is_loaded_once_for_all_connections(reach, endpoint, authority, monkeypatch):
    loaded = []
    load = ssl.SSLContext.load_verify_locations

    def counting(context, *arguments):
        loaded.append(arguments)
        return load(context, *arguments)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counting)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.file))
    together = threading.Barrier(5, timeout=600)
    endpoint.answer = lambda request: (together.wait(), request.reply(IDENTITY))
    aws = reach(endpoint.url)
    clients = [aws.client("sts", region) for region in ("eu-west-1", "eu-west-2", "eu-west-3", "us-east-1")]
    # One thread loads it; the others find it there.
    endpoint.answer = lambda request: request.reply(IDENTITY)
    clients[0].get_caller_identity()
    endpoint.answer = lambda request: (together.wait(), request.reply(IDENTITY))
    threads = [threading.Thread(target=client.get_caller_identity) for client in (*clients, clients[0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert endpoint.connections == 5
    assert len(loaded) == 1


def test_connections_are_kept(reach, endpoint, authority, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.file))
    aws = reach(endpoint.url)
    for region in ("eu-west-1", "us-east-1") * 5:
        aws.client("sts", region).get_caller_identity()
    assert len(endpoint.requests) == 10
    assert endpoint.connections == 1


def test_a_client_certificate_is_shown(authority, monkeypatch, caller):
    context = authority.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    token = CALL.set(Call("eu-west-1", None, float("inf")))
    with serving(lambda request: request.reply("welcome"), context) as endpoint:
        request = AWSRequest("POST", endpoint.url, data=b"").prepare()
        shown = Transport(str(authority.file), Config(client_cert=str(authority.issue("jo"))))
        assert shown.send(request).text == "welcome"
        hidden = Transport(str(authority.file), Config())
        with pytest.raises((HTTPClientError, SSLError)):
            hidden.send(request)
    CALL.reset(token)


@pytest.mark.parametrize("verify", [None, True])
def test_without_a_bundle_botocores_own_is_used(endpoint, verify, caller):
    request = AWSRequest("POST", endpoint.url, data=b"").prepare()
    with pytest.raises(SSLError):
        Transport(verify, Config()).send(request)


def test_a_proxy_of_the_environment_is_used_and_the_certificate_checked_behind_it(
    reach, endpoint, authority, monkeypatch
):
    with proxy() as (url, asked):
        monkeypatch.setenv("HTTPS_PROXY", url)
        with pytest.raises(SSLError):
            _ = reach(endpoint.url).caller
        monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.file))
        assert reach(endpoint.url).caller == CALLER
        assert asked == [f"127.0.0.1:{endpoint.server_port}"] * 2


def test_hosts_that_need_no_proxy_are_reached_without(reach, endpoint, authority, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority.file))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ProxyConnectionError):
        _ = reach(endpoint.url).caller
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert reach(endpoint.url).caller == CALLER


def test_the_command_reaches_an_endpoint_over_tls(sg_alarm, endpoint, authority, caller):
    """Nothing more than the identity is answered there: the rest is UNKNOWN."""
    done = sg_alarm("audit", "--endpoint-url", endpoint.url, env={"AWS_CA_BUNDLE": str(authority.file)})
    assert done.returncode == 4
    assert "what answered is not AWS" in " ".join(done.stdout.split())
    refused = sg_alarm("audit", "--endpoint-url", endpoint.url)
    assert refused.returncode == 2
    assert "error: AWS could not be asked: SSL validation failed" in refused.stderr
    assert "hint: if the endpoint is right, name its authority" in refused.stderr
