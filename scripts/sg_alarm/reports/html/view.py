"""What the page shows, put in order: the template only lays it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sg_alarm.fixes import Code
from sg_alarm.reports.html.text import counted, sentence
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import Result, waived_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.arn import PLACEHOLDER, Arn, without_streams
from sg_alarm.rule.operations import OPERATIONS, Profile
from sg_alarm.rule.reading import Position
from sg_alarm.rule.verdict import (
    LINKS,
    Argument,
    Link,
    Message,
    NoteKind,
    OperationVerdict,
    Verdict,
    worst,
)
from sg_alarm.rule.wording import (
    DescribedChain,
    DescribedFinding,
    DescribedJudgement,
    DescribedNote,
    advice,
    scope,
    seen,
)

ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)
WORDS = {Verdict.PASS: "notified", Verdict.FAIL: "not notified", Verdict.UNKNOWN: "cannot tell"}
MEANINGS = {
    Verdict.PASS: "every operation that the standard asks for notifies somebody, in every region in scope",
    Verdict.FAIL: "at least one certainly notifies nobody",
    Verdict.UNKNOWN: "something could not be read; never a PASS",
}
MARKS = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.UNKNOWN: "?"}

_FEW_REGIONS = 4
_OPEN = 3
"""How many accounts stand open when the page is opened."""
_PRINTED = 50
"""How many accounts that pass are printed with all they hold."""
_COLUMNS = 3
"""Up to how many accounts are columns of the matrix; more are rows."""
_KINDS = ("log-group:", "trail/", "alarm:", "key/", "rule/")


@dataclass(frozen=True)
class Node:
    """A link of the drawn chain. ``state`` is a verdict in lower case, ``assumed`` or ``absent``.

    ``onward`` is how the way to the next node is drawn: ``whole``, ``doubt``, ``cut``.
    """

    kind: str
    state: str
    name: str
    evidence: str
    onward: str = ""

    @property
    def glyph(self) -> str:
        """The name of the shape in it."""
        return {
            "pass": "yes",
            "assumed": "yes",
            "fail": "no",
            "unknown": "doubt",
            "absent": "none",
            "end": "pen",
        }.get(self.state, "who")

    @property
    def word(self) -> str:
        """The state in a word."""
        return {"pass": "holds", "fail": "broken", "unknown": "cannot tell", "absent": "not reached"}.get(
            self.state, self.state
        )


@dataclass(frozen=True)
class Drawing:
    """A chain: ``nodes`` from the change to the person, ``links`` with their evidence."""

    title: str
    verdict: Verdict
    nodes: tuple[Node, ...]
    links: tuple[DescribedFinding, ...]
    broken: DescribedFinding | None
    about: str


@dataclass(frozen=True)
class Account:
    """One judgement. ``missing`` is the code that declares the alarm where there is none."""

    number: int
    name: str
    verdict: Verdict
    why: str
    regions: tuple[tuple[str, Verdict], ...]
    operations: tuple[OperationVerdict, ...]
    drawings: tuple[Drawing, ...]
    missing: Code | None
    positions: Mapping[str, Position]
    is_open: bool = False

    def verdict_on(self, operation: str) -> OperationVerdict:
        """Return the verdict on an operation."""
        return next(one for one in self.operations if one.name == operation)


@dataclass(frozen=True)
class Place:
    """Where a finding was made; ``code`` fixes it."""

    account: Account
    resource: str
    position: str
    code: Code | None


@dataclass(frozen=True)
class Group:
    """The same finding in one or several accounts."""

    link: str
    verdict: Verdict
    evidence: str
    remedy: str
    messages: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def accounts(self) -> int:
        """How many accounts it was made in."""
        return len({place.account.number for place in self.places})

    @property
    def code(self) -> Code | None:
        """The code that fixes it everywhere, ``None`` where it differs."""
        codes = {place.code for place in self.places}
        return codes.pop() if len(codes) == 1 else None


@dataclass(frozen=True)
class Remark:
    """A note that one or several accounts share."""

    kind: str
    text: str
    operations: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Page:
    """Everything on the page, worst first; ``noun`` is what an account is called."""

    profile: Profile
    run_metadata: RunMetadata
    noun: str
    verdict: Verdict
    headline: str
    why: str
    accounts: tuple[Account, ...]
    problems: tuple[Group, ...]
    passes: tuple[Group, ...]
    remarks: tuple[Remark, ...]
    waived: tuple[tuple[Place, Result], ...] = ()
    not_here: tuple[str, ...] = ()

    @property
    def regions(self) -> int:
        """How many regions are in scope, whatever the account."""
        return len({region for one in self.accounts for region, _ in one.regions})

    @property
    def accounts_are_columns(self) -> bool:
        """Whether the matrix has a row for each operation rather than for each account."""
        return len(self.accounts) <= _COLUMNS

    @property
    def is_bulky(self) -> bool:
        """Whether the accounts that pass are too many to be printed one by one."""
        return len(self.passing) > _PRINTED

    @property
    def failing(self) -> tuple[Account, ...]:
        """The accounts that do not pass."""
        return tuple(one for one in self.accounts if one.verdict is not Verdict.PASS)

    @property
    def passing(self) -> tuple[Account, ...]:
        """The accounts that pass."""
        return tuple(one for one in self.accounts if one.verdict is Verdict.PASS)

    @property
    def inside(self) -> tuple[str, ...]:
        """The operations that the profile asks for."""
        return tuple(name for name in OPERATIONS if name in self.profile.operations)

    @property
    def outside(self) -> tuple[str, ...]:
        """The operations that the profile does not ask for."""
        return tuple(name for name in OPERATIONS if name not in self.profile.operations)


def page_of(report: Report) -> Page:
    """Return what the page shows of a report."""
    subjects = sorted(report.subjects, key=lambda one: ORDER.index(one.judgement.verdict))
    accounts = [_account(number, one) for number, one in enumerate(subjects, 1)]
    findings = [
        (account, finding, None if account.missing else one.fix_of([finding]))
        for account, one in zip(accounts, subjects, strict=True)
        for finding in one.judgement.findings
    ]
    groups = _groups(findings)
    judgements = [one.judgement for one in subjects]
    return Page(
        report.profile,
        report.run_metadata,
        _noun(judgements),
        report.verdict,
        _headline(report.verdict, judgements),
        _why(judgements, report),
        tuple(accounts),
        tuple(one for one in groups if one.verdict is not Verdict.PASS),
        tuple(one for one in groups if one.verdict is Verdict.PASS),
        _remarks(zip(accounts, judgements, strict=True)),
        tuple(_waived(zip(accounts, judgements, strict=True))),
        report.not_here,
    )


def _waived(judged: Iterable[tuple[Account, DescribedJudgement]]) -> Iterator[tuple[Place, Result]]:
    for account, judgement in judged:
        for one in waived_of(judgement):
            yield Place(account, one.resource, str(account.positions.get(one.resource, "")), None), one


# Sentences


def _headline(verdict: Verdict, judgements: Sequence[DescribedJudgement]) -> str:
    if not judgements:
        return "Nothing was judged"
    if verdict is Verdict.PASS:
        what = "that the standard asks for" if _beyond(judgements) else "of a security group"
        return f"Every change {what} notifies somebody"
    if verdict is Verdict.UNKNOWN:
        return "Cannot tell whether security group changes notify anybody"
    if all(_notifies(one) for one in judgements):
        return "Every change notifies somebody, but the standard asks for more"
    some = any(_notifies_of_some(one) for one in judgements)
    return f"{'Some security group' if some else 'Security group'} changes go unseen"


def _notifies(one: DescribedJudgement) -> bool:
    """Whether every change that the standard asks for notifies somebody, whatever else it asks for."""
    asked = [each for each in one.operations if each.in_profile]
    return bool(one.regions) and all(each.verdict is Verdict.PASS for each in asked)


def _notifies_of_some(one: DescribedJudgement) -> bool:
    """Whether some changes may notify: of one operation, of one region, or such as a link lets through."""
    asked = [each for each in one.operations if each.in_profile]
    return any(set(each.regions) != set(one.regions) for each in asked) or any(
        each.partial for each in one.findings
    )


def _beyond(judgements: Sequence[DescribedJudgement]) -> list[str]:
    """Return the operations that the standard does not ask for, and that do not notify everywhere."""
    beyond = {
        each.name
        for one in judgements
        for each in one.operations
        if not each.in_profile and each.verdict is not Verdict.PASS
    }
    return [name for name in OPERATIONS if name in beyond]


def _why(judgements: Sequence[DescribedJudgement], report: Report) -> str:
    if not judgements:
        return "There was no account and no code to look at."
    why = _why_account(judgements[0], report.profile) if len(judgements) == 1 else _why_accounts(judgements)
    beyond = _beyond(judgements)
    if report.verdict is not Verdict.PASS or not beyond:
        return why
    further = counted(len(beyond), "further operation")
    may = "does" if len(beyond) == 1 else "do"
    return f"{why} {further}, which the standard does not ask for, {may} not surely notify anybody."


def _why_accounts(judgements: Sequence[DescribedJudgement]) -> str:
    counts = []
    for verdict, one, several in (
        (Verdict.FAIL, "fails", "fail"),
        (Verdict.UNKNOWN, "is unknown", "are unknown"),
        (Verdict.PASS, "passes", "pass"),
    ):
        number = sum(each.verdict is verdict for each in judgements)
        if number:
            counts.append(f"{number:,} {one if number == 1 else several}")
    return f"Of {counted(len(judgements), _noun(judgements))} {', '.join(counts)}."


def _noun(judgements: Sequence[DescribedJudgement]) -> str:
    """Return what was judged: in code the account is not known."""
    code = judgements and all(one.account.startswith(PLACEHOLDER) for one in judgements)
    return "root module" if code else "account"


def _why_account(one: DescribedJudgement, profile: Profile) -> str:
    asked = [each for each in one.operations if each.in_profile]
    if one.verdict is Verdict.PASS:
        assumed = sum(note.kind is NoteKind.ASSUMPTION for note in one.notes)
        reached = (
            f"Each of the {len(asked)} operations that {profile.name} asks for reaches a subscriber in "
            f"{_in_regions(one.regions)}"
        )
        return f"{reached}; this rests on {counted(assumed, 'assumption')}." if assumed else f"{reached}."
    cause = next((each for each in one.findings if each.verdict is one.verdict), None)
    return f"{sentence(cause.evidence) if cause else 'No region was in scope.'} {_consequence(one, asked)}"


def _consequence(one: DescribedJudgement, asked: Sequence[OperationVerdict]) -> str:
    if _notifies(one):
        return "Every change notifies somebody all the same."
    if any(each.partial for each in one.findings):
        return "Other changes go unseen."
    bad = [each for each in asked if each.verdict is one.verdict]
    where = [region for region in one.regions if _of_region(one, region) is one.verdict]
    only = f" in {_in_regions(where)}" if where and len(where) < len(one.regions) else ""
    some = f"{len(bad)} of {len(asked)} operations" if len(bad) < len(asked) else ""
    if one.verdict is Verdict.FAIL:
        return f"Nobody is notified of {some or 'any change'}{only}."
    return f"Cannot tell whether anybody is notified of {some or 'changes'}{only}."


def _in_regions(regions: Sequence[str]) -> str:
    return ", ".join(regions) if len(regions) <= _FEW_REGIONS else f"{len(regions)} regions"


# Accounts and their chains


def _account(number: int, subject: Subject) -> Account:
    one = subject.judgement
    return Account(
        number,
        _name(one.account),
        one.verdict,
        _why_short(one),
        tuple((region, _of_region(one, region)) for region in one.regions),
        one.operations,
        tuple(drawing for chain in one.chains for drawing in _drawings(chain, one)),
        subject.fixes.missing,
        subject.positions,
        is_open=number <= _OPEN,
    )


def _name(account: str) -> str:
    """Return the account's number; for code, the placeholder for it names the code."""
    return account[2:-1].removeprefix("account of ") if account.startswith(PLACEHOLDER) else account


def _why_short(one: DescribedJudgement) -> str:
    cause = next((each for each in one.findings if each.verdict is one.verdict), None)
    return sentence(cause.evidence) if cause and one.verdict is not Verdict.PASS else ""


def _of_region(one: DescribedJudgement, region: str) -> Verdict:
    """Return the verdict on a region; FAIL where an operation fails and a broken link speaks of it."""
    open_here = [each for each in one.operations if each.in_profile and region in each.regions]
    violating = worst(each.verdict for each in one.findings if each.clause and region in each.regions)
    if not open_here or violating is Verdict.FAIL:
        return violating
    failing = {each.name for each in open_here if each.verdict is Verdict.FAIL}
    broken = any(
        each.verdict is Verdict.FAIL and region in each.regions and failing & set(each.operations)
        for each in one.findings
    )
    return Verdict.FAIL if broken else Verdict.UNKNOWN


def _drawings(chain: DescribedChain, one: DescribedJudgement) -> Iterator[Drawing]:
    """Yield the chain as it stands; where it holds in some regions only, twice."""
    name = short(chain.alarm) if chain.alarm else ""
    title = f"Through the alarm {name}" if name else "No alarm is reached"
    elsewhere = [region for region in one.regions if region not in chain.regions]
    if chain.verdict is Verdict.PASS or not chain.regions or not elsewhere:
        yield Drawing(
            title, chain.verdict, tuple(_nodes(chain)), chain.findings, chain.broken, _about(chain, one)
        )
        return
    whole = tuple(replace(each, verdict=Verdict.PASS) for each in chain.findings)
    yield Drawing(
        f"{title}, in {_in_regions(elsewhere)}",
        chain.verdict,
        tuple(_nodes(chain)),
        chain.findings,
        chain.broken,
        "",
    )
    yield Drawing(
        f"{title}, in {_in_regions(chain.regions)}",
        Verdict.PASS,
        tuple(_nodes(replace(chain, findings=whole))),
        (),
        None,
        _about(chain, one),
    )


def _about(chain: DescribedChain, one: DescribedJudgement) -> str:
    asked = sum(each.in_profile for each in one.operations)
    if not chain.operations:
        return ""
    about = f"It notifies of {len(chain.operations)} of {asked} operations"
    return f"{about} in {_in_regions(chain.regions)}." if chain.regions else f"{about}."


def _nodes(chain: DescribedChain) -> Iterator[Node]:
    by_link = {one.link: one for one in chain.findings}
    # Every chain has all links but a key, which only an encrypted topic has.
    links = [link for link in LINKS if link in by_link or link is not Link.KEY]
    way = "whole"
    yield Node("change", "end", "", "somebody changes a security group", way)
    for link in links:
        finding = by_link.get(link)
        state = "absent" if finding is None else _state(finding)
        way = {"fail": "cut", "absent": "cut", "unknown": way if way == "cut" else "doubt"}.get(state, way)
        yield Node(
            link.value,
            state,
            short(finding.resource) if finding else "",
            finding.evidence if finding else "the chain does not lead here",
            way,
        )
    ends = {"whole": "is notified", "doubt": "may be notified", "cut": "is not notified"}[way]
    yield Node("person", f"end {way}", "", f"a person {ends}")


def _state(one: DescribedFinding) -> str:
    return "assumed" if one.assumed and one.verdict is Verdict.PASS else one.verdict.value.lower()


def short(resource: str) -> str:
    """Return the part of an ARN that a person knows the thing by."""
    arn = Arn.parse(resource)
    if arn is None:
        return resource
    name = without_streams(arn.resource)
    for kind in _KINDS:
        name = name.removeprefix(kind)
    return name.rpartition(":metric-filter:")[2]


# The same in several accounts


def _groups(findings: Sequence[tuple[Account, DescribedFinding, Code | None]]) -> list[Group]:
    groups: dict[tuple[Verdict, Link, str, str], list[tuple[Place, DescribedFinding]]] = {}
    for account, one, code in findings:
        position = str(account.positions.get(one.resource, ""))
        groups.setdefault(_in_common(one), []).append((Place(account, one.resource, position, code), one))
    made = [
        Group(
            link.value,
            verdict,
            *((places[0][1].evidence, places[0][1].remedy) if len(places) == 1 else (evidence, remedy)),
            tuple(message.id for message in places[0][1].messages),
            tuple(place for place, _ in places),
        )
        for (verdict, link, evidence, remedy), places in groups.items()
    ]
    names = [link.value for link in LINKS]
    return sorted(made, key=lambda one: (ORDER.index(one.verdict), -one.accounts, names.index(one.link)))


def _in_common(one: DescribedFinding) -> tuple[Verdict, Link, str, str]:
    """Return what is the same in several accounts: resources go by their short names there."""
    messages = [_shortened(message) for message in one.messages]
    return one.verdict, one.link, scope(one.finding) + seen(messages), advice(messages)


def _shortened(message: Message) -> Message:
    def of(argument: Argument) -> Argument:
        if isinstance(argument, tuple):
            return tuple(short(str(one)) for one in argument)
        return short(str(argument))

    return Message(message.id, tuple((name, of(argument)) for name, argument in message.arguments))


def _remarks(judged: Iterator[tuple[Account, DescribedJudgement]]) -> tuple[Remark, ...]:
    remarks: dict[tuple[NoteKind, str, tuple[str, ...]], list[tuple[Place, DescribedNote]]] = {}
    for account, judgement in judged:
        for note in judgement.notes:
            key = (note.kind, seen(map(_shortened, note.messages)), note.operations)
            place = Place(account, note.resource, str(account.positions.get(note.resource, "")), None)
            remarks.setdefault(key, []).append((place, note))
    kinds = list(NoteKind)
    return tuple(
        Remark(
            kind.value,
            places[0][1].text if len(places) == 1 else text,
            operations,
            tuple(place for place, _ in places),
        )
        for (kind, text, operations), places in sorted(
            remarks.items(), key=lambda one: kinds.index(one[0][0])
        )
    )
