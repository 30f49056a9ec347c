"""This audit beside the tools that a user would take instead, on the same chain of the embedded AWS.

Each tool has a virtual environment of its own, and is run as its documentation says. The runs are interleaved
and medians compared, so that what else the machine does falls on all alike; a first run of each warms the
caches of the disk and of moto. All reach it over TLS, 30 ms away (see ``tls``). Moto's own time is part of
every wall time, not of the CPU and the memory.

- Prowler looks at one account in one run: ten accounts are ten runs, each with a role.
- Cloud Custodian looks at the account in one region, the first named, however many are; so the one of the
  chain is named first. Its own tool for many accounts is c7n-org, which starts processes side by side.

The same table, as it stands in the README, is left in ``.work/peers/table.md``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.audit import make_chain
from benchmarks.organization import ROLE, Member
from benchmarks.processes import Figures, median, run
from benchmarks.tls import Far, far
from sg_alarm.local_aws import LocalAws
from sg_alarm.local_aws.server import ACCOUNT_ID
from sg_alarm.rule.operations import PATTERN_OF_SIX

WORK = Path(__file__).parents[3] / ".work/peers"

PROWLER = "5.46.0"
CUSTODIAN = "0.9.48"
"""Not the newest: the boto3 that newer ones pin speaks a protocol to CloudWatch that moto refuses here."""
CUSTODIAN_ORGANIZATIONS = "0.6.47"

JOBS = ("one region", "all regions", "ten accounts")

_RUNS = 3
_ROUND_TRIP = "0.03"
"""Seconds to AWS and back, over TLS."""

_REGION = "eu-west-1"
_ACCOUNTS = 10
_CHECK = "cloudwatch_log_metric_filter_security_group_changes"
_OURS = "sg-alarm"


@dataclass(frozen=True)
class Site:
    """What the tools are pointed to; ``regions`` begins with the one of the chain."""

    environment: Mapping[str, str]
    regions: Sequence[str]
    accounts: Sequence[str]


Commands = Callable[[Site, Path], list[list[str]]]


@dataclass(frozen=True)
class Tool:
    """How a tool is run: for each job the commands, which leave their results in a folder.

    ``verdicts`` reads them there, one for each account.
    """

    name: str
    jobs: Mapping[str, Commands]
    verdicts: Callable[[Path], list[str]]


@dataclass(frozen=True)
class Row:
    """A job done by a tool: medians, and the one verdict of all accounts."""

    job: str
    tool: str
    figures: Figures
    verdict: str


def rows() -> Iterator[tuple[str, str]]:
    """Yield medians and their ratios to ours, job by job."""
    tools = (_ours(), _prowler(environment_of("prowler", PROWLER)), _custodian(custodians_environment()))
    measured: list[Row] = []
    with LocalAws(region=_REGION) as aws, far("benchmarks.tls", aws.endpoint, _ROUND_TRIP) as there:
        make_chain(aws)
        site = _site(aws, there)
        for job in JOBS:
            if job == "ten accounts":
                site = replace(site, accounts=_make_accounts(aws))
            of_job = _measure(job, tools, site)
            measured += of_job
            ours = of_job[0].figures
            for row in of_job:
                wall, processor, memory = _cells(row.figures, ours)
                yield f"{job}, {row.tool}", f"{wall}, CPU {processor}, {memory}, {row.verdict}"
    (WORK / "table.md").write_text(table(measured), "utf-8")


def table(measured: Sequence[Row]) -> str:
    """Return the README's table: of the peers also the ratio to ours, of the same job."""
    lines = ["| | | wall time | CPU | memory | verdict |", "| --- | --- | --- | --- | --- | --- |"]
    ours = {row.job: row.figures for row in measured if row.tool.startswith(_OURS)}
    for row in measured:
        cells = _cells(row.figures, ours[row.job])
        lines.append(f"| {row.job} | {row.tool} | {' | '.join(cells)} | {row.verdict} |")
    return "\n".join(lines) + "\n"


def _measure(job: str, tools: Sequence[Tool], site: Site) -> list[Row]:
    runs: dict[str, list[Figures]] = {tool.name: [] for tool in tools}
    verdicts: dict[str, str] = {}
    for number in range(1 + _RUNS):
        for tool in tools:
            if number == 0 and len(site.accounts) > 1:
                continue  # each is warm by now
            with tempfile.TemporaryDirectory() as folder:
                commands = tool.jobs[job](site, Path(folder))
                figures = [_run(command, site, Path(folder)) for command in commands]
                verdicts[tool.name] = one_verdict(tool.verdicts(Path(folder)), len(site.accounts))
            if number:
                runs[tool.name].append(_together(figures))
    if verdicts[_OURS] != "PASS":
        raise RuntimeError(f"the audit of good chains said {verdicts}")
    return [Row(job, name, median(figures), verdicts[name]) for name, figures in runs.items()]


def _run(command: list[str], site: Site, folder: Path) -> Figures:
    log = folder / "log"
    code, figures = run(command, site.environment, log)
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{log.read_text('utf-8')[-2000:]}")
    return figures


def _together(figures: Sequence[Figures]) -> Figures:
    """Return what runs one after the other take."""
    return Figures(
        sum(each.wall for each in figures),
        sum(each.processor for each in figures),
        max(each.memory for each in figures),
    )


def one_verdict(verdicts: Sequence[str], accounts: int) -> str:
    """Return the verdict of all accounts together; UNKNOWN unless each has one."""
    if len(verdicts) != accounts:
        return "UNKNOWN"
    return next((verdict for verdict in ("FAIL", "UNKNOWN") if verdict in verdicts), "PASS")


# The tools


def _ours() -> Tool:
    def command(*options: str) -> Commands:
        audit = [sys.executable, "-m", "sg_alarm", "--quiet", "audit", "--format", "json"]
        return lambda _, folder: [[*audit, *options, "--output", str(folder / "report.json")]]

    jobs = (command(), command("--all-regions"), command("--organization", "--role-name", ROLE))
    return Tool(_OURS, dict(zip(JOBS, jobs, strict=True)), our_verdicts)


def our_verdicts(folder: Path) -> list[str]:
    """Read the report."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return [account["verdict"] for account in report["accounts"]]


def _prowler(binaries: Path) -> Tool:
    def command(folder: Path, *options: str, name: str = "one") -> list[str]:
        output = ["-M", "json-ocsf", "-o", str(folder), "-F", name]
        quiet = ["--no-banner", "--no-color", "--ignore-exit-code-3"]
        return [str(binaries / "prowler"), "aws", "--check", _CHECK, *output, *quiet, *options]

    jobs: tuple[Commands, ...] = (
        lambda _, folder: [command(folder, "--region", _REGION)],
        lambda _, folder: [command(folder)],
        lambda site, folder: [
            command(folder, "--role", _role(account), name=account) for account in site.accounts
        ],
    )
    return Tool(f"Prowler {PROWLER}", dict(zip(JOBS, jobs, strict=True)), prowlers_verdicts)


def prowlers_verdicts(folder: Path) -> list[str]:
    """Read the OCSF findings, a file for each account."""
    verdicts = []
    for file in sorted(folder.glob("*.ocsf.json")):
        found = {finding["status_code"] for finding in json.loads(file.read_text("utf-8"))}
        verdicts.append("FAIL" if "FAIL" in found else "PASS" if found == {"PASS"} else "UNKNOWN")
    return verdicts


POLICY = {
    "policies": [
        {
            "name": "security-group-changes",
            "resource": "account",
            "filters": [
                {
                    "type": "check-cloudtrail",
                    "multi-region": True,
                    "running": True,
                    "include-management-events": True,
                    "log-metric-filter-pattern": PATTERN_OF_SIX,
                }
            ],
        }
    ]
}
"""Finds an account that lacks the trail, the filter, its alarm or a topic with a subscription; from the
documentation of ``check-cloudtrail``: https://cloudcustodian.io/docs/aws/resources/account.html."""


def _custodian(binaries: Path) -> Tool:
    def command(folder: Path, regions: Sequence[str]) -> list[list[str]]:
        options = ["-s", str(folder / "out"), "--cache-period", "0", "-f", str(folder / "cache")]
        named = [option for region in regions for option in ("--region", region)]
        return [[str(binaries / "custodian"), "run", *options, *named, _written(folder, "policy", POLICY)]]

    def many(site: Site, folder: Path) -> list[list[str]]:
        accounts = [{"account_id": each, "name": each, "role": _role(each)} for each in site.accounts]
        config = ["-c", _written(folder, "accounts", {"accounts": accounts})]
        options = ["-s", str(folder / "out"), "--cache-period", "0", "--cache-path", str(folder)]
        policy = ["-u", _written(folder, "policy", POLICY)]
        return [[str(binaries / "c7n-org"), "run", *config, *policy, *options, "-r", _REGION]]

    jobs: tuple[Commands, ...] = (
        lambda _, folder: command(folder, [_REGION]),
        lambda site, folder: command(folder, site.regions),
        many,
    )
    return Tool(f"Cloud Custodian {CUSTODIAN}", dict(zip(JOBS, jobs, strict=True)), custodians_verdicts)


def custodians_verdicts(folder: Path) -> list[str]:
    """Read which accounts each run of the policy found: a file for each account."""
    found = sorted((folder / "out").rglob("resources.json"))
    return ["FAIL" if json.loads(file.read_text("utf-8")) else "PASS" for file in found]


def _written(folder: Path, name: str, content: object) -> str:
    file = folder / f"{name}.yml"  # JSON is YAML too
    file.write_text(json.dumps(content), "utf-8")
    return str(file)


def custodians_environment() -> Path:
    """Return where its programs are; make the environment if need be."""
    return environment_of("c7n", CUSTODIAN, f"c7n-org=={CUSTODIAN_ORGANIZATIONS}")


def environment_of(package: str, version: str, *others: str) -> Path:
    """Return where the programs of a virtual environment with that package are; make it if need be."""
    folder = WORK / f"{package}-{version}"
    if not (folder / ".installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, f"{package}=={version}", *others], check=True)
        (folder / ".installed").touch()
    return folder / "bin"


# The site


def _site(aws: LocalAws, there: Far) -> Site:
    found = aws.client("ec2").describe_regions()["Regions"]
    others = sorted({region["RegionName"] for region in found} - {_REGION})
    return Site({**aws.environment(), **there.environment}, (_REGION, *others), (ACCOUNT_ID,))


def _make_accounts(aws: LocalAws) -> tuple[str, ...]:
    """Make an organization, with a whole chain and a role for the audit in each account."""
    organizations = aws.client("organizations", "us-east-1")
    organizations.create_organization(FeatureSet="ALL")
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    members = []
    for number in range(1, _ACCOUNTS):
        name = f"account-{number}"
        made = organizations.create_account(AccountName=name, Email=f"{name}@example.com", RoleName=ROLE)
        member = made["CreateAccountStatus"]["AccountId"]
        make_chain(Member(aws, member), member)
        members.append(member)
    return (ACCOUNT_ID, *members)


def _role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/{ROLE}"


# What is shown


def _cells(figures: Figures, ours: Figures) -> list[str]:
    """Return wall time, CPU and memory; of a peer also how many times ours each is."""
    texts = (f"{figures.wall:.2f} s", f"{figures.processor:.2f} s", f"{figures.memory / 1e6:.0f} MB")
    if figures is ours:
        return list(texts)
    ratios = (figures.wall / ours.wall, figures.processor / ours.processor, figures.memory / ours.memory)
    return [f"{text} (× {ratio:.1f})" for text, ratio in zip(texts, ratios, strict=True)]
