"""What is fed with hostile input: each target makes an input, runs the command, and checks the answer.

The command must answer with an exit code that is documented, in no more than a bounded time, without a
traceback, without a word of what lies outside, and without a line that a workflow takes for a command.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import alarm_model
import pattern_model
from code_builder import WHOLE as CODE
from command import Done, environment_for, run_in_process
from mutations import HOSTILE_TEXTS, damaged, edited, hostile, torn
from plan_readings import read_plan
from sg_alarm.alarms import (
    AlarmState,
    Metric,
    MetricAlarm,
    MetricStat,
    alarm_series,
    evaluate_state,
    evaluation_range,
)
from sg_alarm.errors import UserError
from sg_alarm.organization import audit
from sg_alarm.organization.journal import Journal
from sg_alarm.organization.model import Account, Unit
from sg_alarm.patterns import compile_pattern
from sg_alarm.snapshots.file import to_json
from template_builder import WHOLE as TEMPLATE

PLANS = Path(__file__).parents[1] / "readers" / "plans"
SECRET = "correct-horse-battery-staple"
"""Stands in a file outside, in the environment, in masked parameters and sensitive variables."""

FORMATS = ("table", "json", "csv", "sarif", "junit", "markdown", "html", "github", "asff", "ocsf")
EXIT_CODES = {0, 1, 2, 4}


class FoundError(AssertionError):
    """An answer that must not be."""


def run(*arguments: str, cwd: Path) -> Done:
    """Run the command and check its answer."""
    environment = environment_for({"SECRET": SECRET, "GITHUB_ACTIONS": "true", "AWS_PROFILE": None})
    done = run_in_process(arguments, environment, cwd)
    if done.returncode not in EXIT_CODES:
        raise FoundError(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    for name, text in (("output", done.stdout), ("errors", done.stderr)):
        if "Traceback" in text:
            raise FoundError(f"a traceback in the {name}: {text[-2000:]}")
        if SECRET in text:
            raise FoundError(f"a secret in the {name}")
        # Markdown takes a space without width against links.
        unseen = next((one for one in text if not one.isprintable() and one not in "\n\u200b"), "")
        if unseen:
            raise FoundError(f"U+{ord(unseen):04X} in the {name}: {text[:2000]!r}")
        is_github = name == "output" and "github" in arguments
        for line in text.splitlines():
            is_command = line.lstrip().startswith("::") and not is_github
            if is_command or "##[" in line or (is_github and not line.startswith(("::error ", "::warning "))):
                raise FoundError(f"a workflow command in the {name}: {line[:200]!r}")
    if done.returncode == 2 and not done.stderr.startswith("error: "):
        raise FoundError(f"no error in a line: {done.stderr[:2000]!r}")
    return done


def _audit(kind: str, path: Path, random: Random) -> None:
    run("--quiet", "audit", kind, str(path), "--format", random.choice(FORMATS), cwd=path.parent)


def patterns(random: Random, folder: Path) -> None:
    """Explain a pattern."""
    text = _pattern(random)
    if random.random() < 0.3:
        text = edited(text, random, HOSTILE_TEXTS).replace("\0", "").strip("-")
    text = text.encode("utf-8", "ignore").decode()
    run("pattern", "explain", "--format", random.choice(["text", "json"]), "--", text, cwd=folder)


def meanings(random: Random, folder: Path) -> None:
    """Compare the evaluator of patterns with a model that shares nothing with it, on 24 events."""
    text, meaning = pattern_model.pattern(random)
    compiled = compile_pattern(text)
    for _ in range(24):
        event = pattern_model.event(random)
        if compiled.matches(event) is not bool(meaning(event)):
            raise FoundError(f"{text} is not {meaning(event)} of {event}")


def states(random: Random, folder: Path) -> None:
    """Compare the state of an alarm with a table that shares nothing with it, after thirty series."""
    settings = alarm_model.settings(random)
    own = {name: value for name, value in settings.items() if name != "stat"}
    stat = MetricStat(Metric("n", "changes"), settings["stat"], 60)
    alarm = MetricAlarm(name="sg", metric_stat=stat, **own)
    for _ in range(30):
        samples = alarm_model.samples(random, evaluation_range(alarm))
        before = random.choice(list(AlarmState))
        series = alarm_series(alarm, lambda *_, given=samples: given).series
        found, expected = (
            evaluate_state(alarm, series, before).value,
            alarm_model.state_of(settings, samples, before.value),
        )
        if found != expected:
            raise FoundError(f"{settings} is {found} and not {expected} after {samples}")


def cases(random: Random, folder: Path) -> None:
    """Test cases of patterns."""
    good = [
        {"id": "a", "pattern": "{ $.a = 1 }", "event": {"a": 1}, "matches": True},
        {"id": "b", "pattern": "ERROR", "event": "an ERROR", "matches": False},
    ]
    path = folder / "cases.json"
    path.write_bytes(_document(good, random))
    run("pattern", "test", "--cases", str(path), "--format", random.choice(["text", "json"]), cwd=folder)


def plans(random: Random, folder: Path) -> None:
    """Audit a plan."""
    good = json.loads(random.choice(sorted(PLANS.glob("*.json"))).read_text("utf-8"))
    path = folder / "plan.json"
    path.write_bytes(_document(good, random))
    _audit("--plan", path, random)


def snapshots(random: Random, folder: Path) -> None:
    """Audit a snapshot, and compare two."""
    good = to_json(read_plan(random.choice(sorted(PLANS.glob("*.json")))))
    path = folder / "snapshot.json"
    path.write_bytes(_document(good, random))
    if random.random() < 0.3:
        (folder / "before.json").write_text(json.dumps(good))
        run("diff", str(folder / "before.json"), str(path), cwd=folder)
    else:
        _audit("--snapshot", path, random)


def templates(random: Random, folder: Path) -> None:
    """Audit a template."""
    masked = f"Parameters: {{Masked: {{Type: String, NoEcho: true, Default: {SECRET}}}}}\n"
    text = edited(masked + TEMPLATE, random, _TEMPLATE_SNIPPETS)
    path = folder / "template.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    _audit("--template", path, random)


def code(random: Random, folder: Path) -> None:
    """Audit Terraform code."""
    sensitive = f'variable "sensitive" {{\n  sensitive = true\n  default   = "{SECRET}"\n}}\n'
    root = folder / "root"
    root.mkdir(exist_ok=True)
    (root / ".git").mkdir(exist_ok=True)
    outside = folder / "outside"
    outside.write_text(SECRET)
    snippets = [one.replace("OUTSIDE", str(outside)) for one in _CODE_SNIPPETS]
    text = edited(sensitive + CODE, random, snippets)
    (root / "main.tf").write_bytes(text.encode("utf-8", "surrogatepass"))
    run("--quiet", "audit", "--code", str(root), "--format", random.choice(FORMATS), cwd=folder)


def journals(random: Random, folder: Path) -> None:
    """Go on with a journal."""
    path = folder / "journal"
    path.unlink(missing_ok=True)
    accounts = [Account(f"{number:012d}", "web", "ACTIVE", Unit(("Root",), ("r",))) for number in range(3)]
    with Journal(path) as journal:
        journal.begin({"profile": "conformity"})
        for account in accounts:
            journal.append(_record(account.id))
    lines = path.read_bytes().splitlines(keepends=True)
    at = random.randrange(len(lines))
    lines[at] = _document(json.loads(lines[at]), random) + b"\n"
    path.write_bytes(b"".join(lines))
    try:
        with Journal(path) as journal:
            audit.done(journal)
            audit.rows(journal, accounts)
            for place, _ in journal.records():
                journal.read(place)
    except UserError as error:
        if len(error.message.splitlines()) > 1:
            raise FoundError(f"an error of several lines: {error.message!r}") from error


def policies(random: Random, folder: Path) -> None:
    """Judge a topic with a policy, an alarm's rule and an expression that somebody else wrote."""
    good = to_json(read_plan(PLANS / random.choice(["composite.json", "policies.json", "data.json"])))
    path = folder / "snapshot.json"
    path.write_text(json.dumps(_within(good, random)))
    _audit("--snapshot", path, random)


TARGETS: Mapping[str, Callable[[Random, Path], None]] = {
    one.__name__: one
    for one in (patterns, meanings, states, cases, plans, snapshots, templates, code, journals, policies)
}


def _document(good: object, random: Random) -> bytes:
    text = json.dumps(damaged(good, random)).encode()
    return torn(text, random) if random.random() < 0.15 else text


def _within(value: object, random: Random) -> object:
    """Damage texts and lists of a document in place, not its shape."""
    if isinstance(value, dict):
        return {name: inner if name == "$" else _within(inner, random) for name, inner in value.items()}
    if isinstance(value, list):
        return [_within(one, random) for one in value]
    if isinstance(value, str) and random.random() < 0.05:
        return random.choice([str(hostile(random)), *HOSTILE_TEXTS])
    return value


def _record(account: str) -> dict[str, object]:
    report = {
        "verdict": "FAIL",
        "findings": [{"verdict": "FAIL", "link": "trail", "evidence": "none", "remedy": "make one"}],
        "operations": [{"verdict": "FAIL", "untold": [{"regions": ["eu-west-1"]}]}],
    }
    return {"account": account, "report": report, "unread": "", "covered_by": [], "unanswered": False}


_TEMPLATE_SNIPPETS = (
    *HOSTILE_TEXTS,
    "!Ref Masked",
    "!Sub '${Masked}-${AWS::Region}'",
    "!Ref Nothing",
    "!GetAtt A.B.C",
    "!If [A, B, C]",
    "!FindInMap [A, !Ref B, C]",
    "!Join ['', [!Ref Masked, a]]",
    "!Select [99, [a]]",
    "!Split [',', !Ref Masked]",
    "!Cidr [a, b, c]",
    "!ImportValue x",
    "{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: '/proc/self/environ'}}}",
    "{'Fn::ForEach::X': [A, [a, b], {'B${A}': {Type: 'AWS::SNS::Topic'}}]}",
    "&a [*a]",
    "*a",
    "<<: *a",
    "!!python/object:os.system",
    "{{resolve:ssm:x}}",
    "[" * 300,
    "? [a]\n: b",
    "\t",
    "1:" * 400 + "1",
    "2026-01-01",
    "Conditions: {A: !Not [!Condition A]}",
    "Mappings: {A: {B: {C: D}}}",
    "Transform: [AWS::Serverless-2016-10-31, X]",
)
_DOUBLING = "\n".join(
    [
        "locals {",
        '  x0 = "aaaaaaaaaa"',
        *(f'  x{number} = "${{local.x{number - 1}}}${{local.x{number - 1}}}"' for number in range(1, 40)),
        "}\n",
    ]
)
_CODE_SNIPPETS = (
    *HOSTILE_TEXTS,
    "var.sensitive",
    '"${var.sensitive}"',
    "upper(var.sensitive)",
    'file("OUTSIDE")',
    'file("/proc/self/environ")',
    'templatefile("OUTSIDE", {})',
    'filebase64("OUTSIDE")',
    'jsondecode(file("OUTSIDE"))',
    'fileset("/", "**")',
    "[for a in range(1000000000) : a]",
    "{ for k, v in local.x : k => v... }",
    "local.a",
    "locals {\n  a = local.b\n  b = local.a\n}\n",
    _DOUBLING,
    'module "m" {\n  source = "./"\n}\n',
    'module "m" {\n  source = "../outside"\n  count = 1000000000\n}\n',
    "count = 1000000000\n",
    "for_each = toset(range(1000000))\n",
    "<<EOT\n::error::x\nEOT\n",
    "<<-A\n${\nA\n",
    "(" * 500,
    "a ? b : c",
    "-" * 300 + "1",
    "!" * 300 + "true",
    '"${"${"${"${"',
    "/* ",
    "# ",
    "=",
    "{",
    "}",
    '"',
    'dynamic "x" {\n  for_each = [1]\n  content {}\n}\n',
    "provider::x::y()",
    "each.value",
    "count.index",
    'regex("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")',
    'format("%1000000000d", 1)',
    'substr("a", 0, 1000000000)',
    'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "/(a+)+$/", "b")',
    "pow(10, 1000000)",
)


def _pattern(random: Random) -> str:
    kind = random.random()
    if kind < 0.1:
        return f"%{_regex(random)}%"
    if kind < 0.2:
        fields = random.choices(["a", f"b = %{_regex(random)}%", "c=*x*", "..."], k=random.randint(1, 40))
        return f"[{','.join(fields)}]"
    return "{" + _expression(random, random.choice([1, 2, 3, 8, 20, 50])) + "}"


def _expression(random: Random, conditions: int) -> str:
    if conditions <= 1:
        return _condition(random)
    left = random.randint(1, conditions - 1)
    operator = random.choice(["&&", "||"])
    return f"({_expression(random, left)}{operator}{_expression(random, conditions - left)})"


def _condition(random: Random) -> str:
    steps = (
        ".a",
        ".b",
        ".eventName",
        ".userIdentity",
        ".c[0]",
        ".c[*]",
        ".*",
        ".x[99]",
        ".requestParameters",
    )
    selector = random.choice(
        ["$.eventName", "$.a", "$" + "".join(random.choices(steps, k=random.choice([1, 2, 30])))]
    )
    kind = random.random()
    if kind < 0.15:
        return f"{selector} = %{_regex(random)}%"
    if kind < 0.3:
        return f"{selector} {random.choice(['IS NULL', 'IS TRUE', 'NOT EXISTS'])}"
    values = ("a*", "*a", "*Security*", "x", "1", "1.5", "1e308", "*", "*a*b*", "Create*", '"\U0001f600*"')
    return f"{selector}{random.choice(['=', '!='])}{random.choice(values)}"


def _regex(random: Random) -> str:
    atoms = ("a", "b", ".", "[ab]", "[^a]", "\\w", "\\d", "[a-z]", "\\D", "[^\\w]", "Security", "e")
    repeats = ("", "", "*", "+", "?", "{0,1000}", "{3,}", "{,40}", "{517}")
    return "|".join(
        "".join(random.choice(atoms) + random.choice(repeats) for _ in range(random.randint(1, 8)))
        for _ in range(random.randint(1, 4))
    )
