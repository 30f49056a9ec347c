"""What the judges of the links share: messages about one link, summed up in a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sg_alarm.rule.assumptions import not_known
from sg_alarm.rule.messages import CATALOGUE, say
from sg_alarm.rule.model import Json
from sg_alarm.rule.policy import Request, decide
from sg_alarm.rule.verdict import Argument, Finding, Link, Message, Ref, Verdict, worst
from sg_alarm.unknown import Outside, Unknown


def finding(link: Link, resource: str, messages: Iterable[Message], holds: Message | None = None) -> Finding:
    """Sum up: the worst verdict, with the messages that give it, each once.

    ``holds`` opens the evidence of a link that passes. The finding is ``partial`` where all that is wrong is.
    """
    messages = tuple(messages)
    verdict = worst(CATALOGUE[one.id].verdict for one in messages)
    deciding = [one for one in messages if CATALOGUE[one.id].verdict is verdict]
    if verdict is Verdict.PASS and holds is not None:
        deciding.insert(0, holds)
    entries = [CATALOGUE[one.id] for one in deciding]
    return Finding(
        link,
        resource,
        verdict,
        tuple(dict.fromkeys(deciding)),
        assumed=any(one.assumed for one in entries),
        partial=verdict is Verdict.FAIL and all(one.partial for one in entries),
    )


def unless_known(value: object, unknown: str, **arguments: Argument) -> Iterator[Message]:
    """Yield this message where a value is not known, or what is assumed in its place."""
    if isinstance(value, Unknown):
        yield not_known(unknown, value, **arguments)


def judge_policy(kind: str, policy: Json | Unknown | None, request: Request) -> Iterator[Message]:
    """Yield what is wrong with the policy of a topic, key or queue, which ``kind`` says.

    A ``policy`` of ``None`` allows nothing.
    """
    if isinstance(policy, Unknown):
        yield not_known(f"{kind}-policy-unknown", policy)
        return
    decision = decide({"Statement": []} if policy is None else policy, request)
    about = {"service": request.source.service, "action": request.action}
    condition = decision.condition
    if decision.answer is None:
        part = f" {condition.operator} {condition.key}" if condition else ""
        statement = decision.statement or "its statements"
        reason = f"{statement}, condition{part}" if part else statement
        made = Outside if decision.outside else Unknown
        yield not_known(f"{kind}-policy-unclear", made(f"it depends on {reason}"), **about)
    elif decision.answer is False and condition is not None:
        yield say(
            f"{kind}-policy-deny-condition" if decision.denied else f"{kind}-policy-condition",
            **about,
            statement=decision.statement,
            operator=condition.operator,
            key=condition.key,
            values=tuple(map(Ref, condition.values)),
            actual=Ref(condition.actual),
        )
    elif decision.denied:
        yield say(f"{kind}-policy-denies", **about, statement=decision.statement)
    elif decision.answer is False:
        yield say(f"{kind}-policy-lacks-allow", **about)
