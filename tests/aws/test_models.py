"""The models that an audit loads say what botocore's say, and lead to the same places."""

from __future__ import annotations

import json
from typing import Any

import botocore
import botocore.exceptions
import botocore.session
import pytest
from botocore.config import Config
from botocore.loaders import Loader

from service_models import OPERATIONS, PREFERRED, trimmed, without_comments
from sg_alarm.aws import Aws
from sg_alarm.aws.clients import MODELS
from sg_alarm.readers.aws.calls import ACTIONS

REGIONS = {
    "aws": ("us-east-1", "eu-west-1", "ap-northeast-1", "il-central-1"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
    "aws-iso": ("us-iso-east-1",),
    "aws-iso-b": ("us-isob-east-1",),
}


def ours(service: str) -> dict:
    (file,) = MODELS.glob(f"{service}/*/service-2.json")
    return json.loads(file.read_text("utf-8"))


def installed(service: str) -> dict:
    return json.loads(json.dumps(Loader().load_service_model(service, "service-2")))


def version() -> tuple[int, ...]:
    return tuple(int(part) for part in botocore.__version__.split(".")[:3])


def written_of() -> tuple[int, ...]:
    """The version of botocore that the models are of."""
    words = (MODELS / "README.md").read_text("utf-8").split()
    return tuple(map(int, words[words.index("botocore") + 1].split(".")))


def test_every_call_of_an_audit_is_there():
    assert {path.name for path in MODELS.iterdir() if path.is_dir()} == OPERATIONS.keys()
    there = {name for service in OPERATIONS for name in ours(service)["operations"]}
    assert there == {name for operations in OPERATIONS.values() for name in operations}
    assert there >= ACTIONS.keys()


def test_they_are_small():
    assert sum(len(file.read_bytes()) for file in MODELS.rglob("*.json")) < 100_000


ON_THE_WIRE = ("type", "location", "locationName", "flattened", "payload", "timestampFormat", "required")


def outline(model: dict, reference: dict) -> dict:
    """What of a shape decides how it is written and read, with all that is in it."""
    shape = model["shapes"][reference["shape"]]
    found = {key: value for key in ON_THE_WIRE if (value := reference.get(key, shape.get(key))) is not None}
    inner = {
        **shape.get("members", {}),
        **{key: shape[key] for key in ("member", "key", "value") if key in shape},
    }
    return {**found, "in it": {name: outline(model, one) for name, one in inner.items()}}


def difference(ours: dict, theirs: dict) -> list[str]:
    """What is otherwise in ours, or missing there."""
    if ours.keys() - {"required"} != theirs.keys() - {"required"}:
        return [f"{ours.keys()} and {theirs.keys()}"]
    found = [
        f"{key}: {ours[key]} and {theirs[key]}"
        for key in theirs
        if key not in ("in it", "required") and ours[key] != theirs[key]
    ]
    for name, one in theirs["in it"].items():
        if name in ours["in it"]:
            found += [f"{name}: {what}" for what in difference(ours["in it"][name], one)]
        elif version() <= written_of():
            found.append(f"{name} is missing")
    return found


@pytest.mark.parametrize("service", OPERATIONS)
def test_what_is_sent_and_read_is_that_of_the_botocore_that_is_installed(service):
    """A newer one may know more, an older one less; what both know is alike."""
    mine, whole = ours(service), installed(service)
    spoken = whole["metadata"].get("protocols", [whole["metadata"]["protocol"]])
    assert mine["metadata"]["protocol"] in spoken or version() < written_of()
    known = [name for name in OPERATIONS[service] if name in whole["operations"]]
    assert known
    for name in known:
        one, other = mine["operations"][name], whole["operations"][name]
        assert one["http"] == other["http"]
        for way in one.keys() & other.keys() & {"input", "output"}:
            assert one[way].get("resultWrapper") == other[way].get("resultWrapper")
            assert difference(outline(mine, one[way]), outline(whole, other[way])) == [], name
    if version() == written_of():
        assert trimmed(whole, OPERATIONS[service], PREFERRED.get(service)) == mine


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_botocore_that_we_work_with_speaks_the_protocol(service):
    metadata = ours(service)["metadata"]
    assert metadata["protocols"] == [metadata["protocol"]]
    assert metadata["protocol"] in ("json", "rest-json", "query", "ec2")  # those of botocore 1.34


def test_comments_go_and_members_that_are_called_so_stay():
    shape = {"documentation": "<p>", "members": {"pattern": {"shape": "Text", "documentation": "<p>"}}}
    assert without_comments(shape) == {"members": {"pattern": {"shape": "Text"}}}


def test_a_protocol_that_a_service_does_not_speak_is_refused():
    model = {"version": "2.0", "metadata": {"serviceId": "X", "protocol": "rest-xml"}}
    with pytest.raises(ValueError, match="rest-xml"):
        trimmed(model, (), PREFERRED["cloudwatch"])


# Where calls go


class SentError(botocore.exceptions.BotoCoreError):
    """A request is on its way."""


def stop(request: Any, **_: Any) -> None:
    scope = request.headers["Authorization"].decode().partition("Credential=")[2].split(",")[0]
    error = SentError()
    error.args = (request.url, scope.split("/")[2:4])
    raise error


@pytest.fixture
def destination(caller, monkeypatch):
    """Return to which URL a service's call is sent, and for which region and service it is signed."""
    monkeypatch.setattr("sg_alarm.aws.transport.Transport.send", lambda self, request, **_: stop(request))

    def destination(aws: Aws, service: str, region: str) -> tuple[Any, ...]:
        operation, arguments = CALLS[service]
        with pytest.raises(botocore.exceptions.BotoCoreError) as sent:
            getattr(aws.client(service, region), operation)(**arguments)
        return sent.value.args

    return destination


@pytest.fixture(scope="module")
def loader() -> Loader:
    """Loads the whole models, once."""
    return Loader()


@pytest.fixture
def session(caller, loader) -> Any:
    """A session of botocore as everybody has it, whose requests are not sent."""
    session = botocore.session.Session()
    session.register_component("data_loader", loader)
    session.register("before-send", stop)
    return session


def plain_destination(session: Any, service: str, region: str) -> tuple[Any, ...]:
    """The same of a client as everybody makes them."""
    operation, arguments = CALLS[service]
    client = session.create_client(service, region_name=region, config=Config(retries={"mode": "standard"}))
    with pytest.raises(botocore.exceptions.BotoCoreError) as sent:
        getattr(client, operation)(**arguments)
    return sent.value.args


CALLS = {
    "cloudtrail": ("describe_trails", {}),
    "cloudwatch": ("describe_alarms", {}),
    "ec2": ("describe_regions", {}),
    "events": ("list_rules", {}),
    "firehose": ("describe_delivery_stream", {"DeliveryStreamName": "x"}),
    "kms": ("describe_key", {"KeyId": "x"}),
    "lambda": ("get_policy", {"FunctionName": "x"}),
    "logs": ("describe_log_groups", {}),
    "organizations": ("describe_organization", {}),
    "sns": ("get_topic_attributes", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:x"}),
    "sqs": ("get_queue_url", {"QueueName": "x"}),
    "sts": ("get_caller_identity", {}),
}


def test_each_service_is_tried():
    assert CALLS.keys() == OPERATIONS.keys()


SETTINGS = {
    "as it is": {},
    "FIPS": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "dual stack": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "global STS": {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
    "an endpoint": {"AWS_ENDPOINT_URL": "https://127.0.0.1:9"},
    "an endpoint of a service": {"AWS_ENDPOINT_URL_SNS": "https://127.0.0.1:9"},
}


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("partition", REGIONS)
def test_calls_go_where_those_of_botocore_go(destination, session, monkeypatch, partition, settings):
    for name, value in SETTINGS[settings].items():
        monkeypatch.setenv(name, value)
    home = Aws(region=REGIONS[partition][0])
    for region in REGIONS[partition]:
        for service in OPERATIONS:
            # Organizations has no regions: it is always asked from the caller's own.
            aws = Aws(region=region) if service == "organizations" else home
            assert destination(aws, service, region) == plain_destination(session, service, region), service


def test_endpoints_that_the_user_describes_are_known(destination, monkeypatch, tmp_path):
    """AWS documents some partitions in no public file; their users put one where botocore looks for it."""
    partition = {
        "partition": "aws-hidden",
        "dnsSuffix": "hidden.example",
        "regionRegex": "^hidden\\-\\w+\\-\\d+$",
        "regions": {"hidden-east-1": {"description": "Hidden"}, "hidden-west-1": {"description": "Hidden"}},
        "defaults": {
            "hostname": "{service}.{region}.{dnsSuffix}",
            "protocols": ["https"],
            "signatureVersions": ["v4"],
        },
        "services": {},
    }
    (tmp_path / "endpoints.json").write_text(json.dumps({"version": 3, "partitions": [partition]}))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    aws = Aws(region="hidden-east-1")
    aws.check_region("hidden-west-1")
    for region in partition["regions"]:
        sent = destination(aws, "sns", region)
        assert sent == (f"https://sns.{region}.hidden.example/", [region, "sns"])
    monkeypatch.delenv("AWS_DATA_PATH")
    with pytest.raises(botocore.exceptions.UnknownRegionError):
        Aws(region="hidden-east-1").check_region("hidden-east-1")


def test_a_model_that_the_user_has_comes_first(caller, monkeypatch, tmp_path):
    model = ours("sts")
    model["operations"]["GetCallerIdentity"]["http"]["requestUri"] = "/of-the-user"
    file = tmp_path / "sts/2011-06-15/service-2.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    sts = Aws(region="eu-west-1").clients.of("sts", "eu-west-1")
    assert sts.meta.service_model.operation_model("GetCallerIdentity").http["requestUri"] == "/of-the-user"


def test_all_operations_are_there_where_they_are_wanted(caller):
    aws = Aws(region="eu-west-1")
    assert not hasattr(aws.clients.of("ec2", "eu-west-1"), "create_security_group")
    assert hasattr(aws.with_every_operation().clients.of("ec2", "eu-west-1"), "create_security_group")
