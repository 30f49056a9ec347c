"""Documents that were made to do harm: refused in one line, soon, and nothing is opened that they name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.support.work import calls_of

from sg_alarm import documents
from sg_alarm.errors import UserError
from sg_alarm.readers.cloudformation import read_template
from sg_alarm.readers.cloudformation.document import load as load_template
from sg_alarm.readers.cloudformation.document import nested, parse
from sg_alarm.readers.plan.document import load as load_plan
from sg_alarm.readers.plan.instances import Plan
from sg_alarm.snapshots.file import load_snapshot

RESOURCES = "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}\n"
READERS = {"plan": load_plan, "snapshot": load_snapshot, "template": load_template, "JSON": documents.load}


@pytest.fixture(params=READERS.values(), ids=READERS)
def read(request):
    return request.param


class TestFiles:
    def test_a_pipe_that_nobody_writes_to_is_not_waited_for(self, read, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UserError, match="not a regular file"):
            read(tmp_path / "pipe")

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
    def test_a_device_is_not_read(self, read, device):
        with pytest.raises(UserError, match="cannot read"):
            read(Path(device))

    def test_a_folder_is_not_read(self, read, tmp_path):
        with pytest.raises(UserError, match="is a directory"):
            read(tmp_path)

    def test_a_pipe_of_the_shell_is_read(self):
        end, begin = os.pipe()
        os.write(begin, b'{"a": 1}')
        os.close(begin)
        assert documents.load(f"/dev/fd/{end}") == {"a": 1}
        os.close(end)

    def test_no_more_is_read_than_is_allowed(self, tmp_path):
        (tmp_path / "large").write_bytes(b" " * 3_000_000)
        with pytest.raises(UserError, match="more than 2 MB"):
            documents.read(tmp_path / "large", most=2 << 20)
        with pytest.raises(UserError, match="more than 1 MB"):
            load_template(tmp_path / "large")

    def test_what_is_no_path_is_an_error_in_one_line(self, read):
        for path in ("a\0b", "x" * 5000):
            with pytest.raises(UserError, match="cannot read"):
                read(Path(path))


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000,
            "[" * 200 + "]" * 200,
            '{"a":' * 150 + "1" + "}" * 150,
            "1" * 5000,
            "9" * 400,
            '"\\ud800"',
            '{"\\udfff": 1}',
            "NaN",
            "1e999",
            b"\xff\xfe\x00",
            b'"\xff"',
            "",
        ],
        ids=range(12),
    )
    def test_what_nobody_could_work_with_is_refused(self, text, tmp_path):
        path = tmp_path / "document.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(UserError, match="is not JSON that can be read") as caught:
            documents.load(path)
        assert len(str(caught.value).splitlines()) == 1

    def test_what_is_ordinary_is_read(self, tmp_path):
        value = {"a": [1, -2.5, None, True, "Ünïcødé 𝄞"], "b": {"c": {}}}
        (tmp_path / "document.json").write_text(json.dumps(value), "utf-8")
        assert documents.load(tmp_path / "document.json") == value


def bomb(aliases: int, parts: int, form: str) -> str:
    """Aliases of aliases: ``parts`` to the power of ``aliases`` when they are written out."""
    first = "a0: &a0 {x: 1}\n"
    return (
        first
        + "".join(
            f"a{number}: &a{number} {form.format(', '.join([f'*a{number - 1}'] * parts))}\n"
            for number in range(1, aliases)
        )
        + RESOURCES
    )


class TestTemplates:
    @pytest.mark.parametrize(
        "text",
        [
            bomb(30, 9, "[{}]"),
            bomb(30, 9, "{{<<: [{}]}}"),
            f"a: &a [*a]\n{RESOURCES}",
            f"a: &a {{b: *a}}\n{RESOURCES}",
            f"a: !!python/object/apply:os.system [id]\n{RESOURCES}",
            f"a: !!binary aGk=\n{RESOURCES}",
            f"a: !!set {{b}}\n{RESOURCES}",
            f"? [b]\n: 1\n{RESOURCES}",
            f"a: .inf\n{RESOURCES}",
            f'a: "\\ud800"\n{RESOURCES}',
            f"a: {'[' * 5000}\n{RESOURCES}",
        ],
        ids=range(11),
    )
    def test_what_is_no_template_that_aws_takes_is_refused(self, text):
        def refused() -> None:
            with pytest.raises(UserError, match="is not valid YAML") as caught:
                parse(text)
            assert len(str(caught.value).splitlines()) == 1

        assert calls_of(refused, 3_000_000)

    def test_numbers_without_end_stay_texts(self):
        long = ":".join(["59"] * 20_000)
        template = parse(f"a: {long}\nb: {'1' * 5000}\nc: 12\n{RESOURCES}").template
        assert (template["a"], template["b"], template["c"]) == (long, "1" * 5000, 12)

    def test_few_aliases_are_written_out(self):
        template = parse(f"a: &a [1]\nb: [*a, *a]\n7: x\ntrue: y\n{RESOURCES}").template
        assert template["b"] == [[1], [1]]
        assert {"7", "true"} <= set(template)

    @pytest.mark.parametrize("no_echo", ["true", "True", "'true'"])
    def test_the_value_of_a_masked_parameter_is_not_kept(self, no_echo):
        text = f"Parameters: {{Key: {{Type: String, NoEcho: {no_echo}, Default: s3cret}}}}\n{RESOURCES}"
        assert "s3cret" not in repr(parse(text))
        assert "s3cret" in repr(parse(text.replace(f"NoEcho: {no_echo}", "NoEcho: false")))

    @pytest.mark.parametrize("no_echo", ["true", "false"])
    def test_the_value_that_is_given_for_a_masked_parameter_is_judged_and_not_shown(self, no_echo):
        text = (
            f"Parameters: {{Key: {{Type: String, NoEcho: {no_echo}}}}}\n"
            "Conditions: {HasKey: !Equals [!Ref Key, s3cret]}\n"
            "Resources: {Topic: {Type: 'AWS::SNS::Topic', Condition: HasKey, "
            "Properties: {TopicName: !Ref Key}}}"
        )
        reading = read_template(parse(text).template, "t.yaml", parameters={"Key": "s3cret"})
        (topic,) = reading.deployment.places[0].topics
        assert ("s3cret" in topic.arn) is (no_echo == "false")

    def test_a_nested_template_is_read_in_the_repository_only(self, tmp_path):
        for folder in ("inside/below", "outside"):
            (tmp_path / folder).mkdir(parents=True)
            (tmp_path / folder / "t.yaml").write_text(RESOURCES)
        inside = tmp_path / "inside"
        (inside / ".git").mkdir()
        (inside / "t.yaml").write_text(RESOURCES)
        (inside / "link.yaml").symlink_to(tmp_path / "outside" / "t.yaml")
        os.mkfifo(inside / "pipe.yaml")
        assert nested(inside, "below/t.yaml")
        assert nested(inside / "below", "../t.yaml")
        for location in (
            "../outside/t.yaml",
            str(tmp_path / "outside/t.yaml"),
            "link.yaml",
            "pipe.yaml",
            "/proc/self/environ",
            "a\0b",
            "",
        ):
            assert nested(inside, location) is None


class TestPlans:
    def plan(self, **values: object) -> dict[str, object]:
        resource = {
            "address": "aws_sns_topic_subscription.ops",
            "mode": "managed",
            "type": "aws_sns_topic_subscription",
            "name": "ops",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "values": {"endpoint": "s3cret@example.com", "tags": {"a": "s3cret", "b": "open"}, "n": 1},
            **values,
        }
        return {"format_version": "1.2", "planned_values": {"root_module": {"resources": [resource]}}}

    def values(self, **values: object) -> dict[str, object]:
        (instance,) = Plan(load_plan(self.plan(**values))).instances
        return instance.values

    def test_what_is_marked_as_sensitive_is_not_kept(self):
        found = self.values(sensitive_values={"endpoint": True, "tags": {"a": True}})
        assert "s3cret" not in repr(found)
        assert found["tags"]["b"] == "open"
        assert found["endpoint"] != found["tags"]["a"]  # nothing is taken for the same
        assert "${" in found["endpoint"]

    def test_a_whole_value_may_be_sensitive(self):
        assert "s3cret" not in repr(self.values(sensitive_values=True))

    def test_what_is_not_marked_is_kept(self):
        assert self.values(sensitive_values={})["endpoint"] == "s3cret@example.com"

    def test_the_value_of_a_sensitive_variable_is_not_kept(self):
        plan = {
            **self.plan(),
            "variables": {"key": {"value": "hidden"}, "open": {"value": "seen"}},
            "configuration": {"root_module": {"variables": {"key": {"sensitive": True}, "open": {}}}},
        }
        found = Plan(load_plan(plan))
        assert "hidden" not in found.variable("key", "")
        assert found.variable("open", "") == "seen"

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"planned_values": {"root_module": []}}, "planned_values.root_module"),
            ({"planned_values": {"root_module": {"resources": [{}]}}}, "resources[0].address"),
            (
                {"planned_values": {"root_module": {"child_modules": [{"address": 1}]}}},
                "child_modules[0].address",
            ),
            ({"configuration": {"root_module": {"module_calls": {"m": []}}}}, "module_calls.m"),
            (
                {"configuration": {"root_module": {"module_calls": {"m": {"expressions": {"a": None}}}}}},
                "module_calls.m.expressions.a",
            ),
            (
                {"configuration": {"provider_config": {"aws": {"expressions": {"a": {"references": [1]}}}}}},
                "provider_config.aws.expressions.a.references[0]",
            ),
            ({"resource_changes": [None]}, "resource_changes[0]"),
        ],
    )
    def test_another_shape_is_refused_and_says_where(self, change, where):
        with pytest.raises(UserError) as caught:
            load_plan({**self.plan(), **change})
        assert where in caught.value.message
        assert caught.value.hint
