"""The audit as JUnit XML, for what shows test results.

A test suite for each account or root module; a test case for each operation of the profile and for each link.
FAIL is a failure. UNKNOWN is an error: the test could not be carried out, and must not be taken for passed.
What is waived is skipped.
The type of a link's failure is the identifier of what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

from sg_alarm.reports.names import account_name, waiver_text
from sg_alarm.reports.report import Report, Subject
from sg_alarm.reports.results import Result, results_of, waived_of
from sg_alarm.reports.run_metadata import RunMetadata
from sg_alarm.rule.verdict import OperationVerdict, Verdict

_TAGS = {Verdict.FAIL: "failure", Verdict.UNKNOWN: "error"}
_COUNTED = {"failures": "failure", "errors": "error"}
# https://www.w3.org/TR/xml/#charsets
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report) -> str:
    """Return the suites; positions in the code stand in the text of the failures."""
    suites = ElementTree.Element("testsuites", {"name": f"sg-alarm {report.profile.name}"})
    suites.extend(_suite(one, report.run_metadata) for one in report.subjects)
    _count(suites, suites.iter("testcase"), _COUNTED)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, "unicode") + "\n"


def _suite(subject: Subject, made: RunMetadata) -> ElementTree.Element:
    judgement = subject.judgement
    name = _text(account_name(judgement.account))
    suite = ElementTree.Element("testsuite", {"name": name, "timestamp": made.moment})
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in (
        ("profile", subject.profile.name),
        ("regions", " ".join(judgement.regions)),
        ("caller", made.caller),
        ("source", made.source),
        ("tool", made.tool),
    ):
        ElementTree.SubElement(properties, "property", {"name": key, "value": _text(value)})
    suite.extend(_operation(name, one) for one in judgement.operations if one.in_profile)
    suite.extend(_links(name, subject))
    _count(suite, suite.iter("testcase"), {**_COUNTED, "skipped": "skipped"})
    return suite


def _operation(suite: str, one: OperationVerdict) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": f"{suite}.operation", "name": one.name})
    if one.waived:
        ElementTree.SubElement(case, "skipped", {"message": "waived"})
    elif one.verdict in _TAGS:
        fails = one.verdict is Verdict.FAIL
        seen = "nobody is notified" if fails else "cannot tell whether anybody is notified"
        where = f" of changes in {', '.join(one.regions)}" if one.regions else ""
        _add(case, one.verdict, one.verdict.value, f"{seen}{where}", "")
    return case


def _links(suite: str, subject: Subject) -> Iterator[ElementTree.Element]:
    for one in (*results_of(subject.judgement), *waived_of(subject.judgement)):
        name = _text(f"{one.link.value}: {one.resource}")
        case = ElementTree.Element("testcase", {"classname": f"{suite}.link", "name": name})
        if one.waived:
            ElementTree.SubElement(case, "skipped", {"message": _text(waiver_text(one.waived))})
        elif one.verdict in _TAGS:
            _add(case, one.verdict, " ".join(one.messages), one.evidence, "\n".join(_details(one, subject)))
        ElementTree.SubElement(case, "system-out").text = _text(f"{one.id} {one.evidence}".rstrip())
        yield case


def _details(one: Result, subject: Subject) -> Iterator[str]:
    yield one.evidence
    if one.remedy:
        yield f"to fix it: {one.remedy}"
    if position := subject.positions.get(one.resource):
        yield str(position)


def _add(case: ElementTree.Element, verdict: Verdict, kind: str, message: str, text: str) -> None:
    element = ElementTree.SubElement(case, _TAGS[verdict], {"type": kind, "message": _text(message)})
    element.text = _text(text) or None


def _count(
    element: ElementTree.Element, cases: Iterable[ElementTree.Element], counted: Mapping[str, str]
) -> None:
    found = list(cases)
    element.set("tests", str(len(found)))
    for name, tag in counted.items():
        element.set(name, str(sum(case.find(tag) is not None for case in found)))


def _text(value: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", value)
