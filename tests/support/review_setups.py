"""Set-ups on which reviewers disagree, each with every reviewer's answer and the reason for it.

``answers`` are nine letters: P for a pass, F for a fault, ? where the reviewer could not tell. In order: the
truth (all eleven operations), CIS v1.2 and v1.3, CIS v1.4 to v4.0, CIS v5.0 to v7.0, Conformity, Prowler,
Powerpipe, InSpec, Cloud Custodian. Security Hub answers by its own word, and with its reason code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from deployment_builder import (
    ACCOUNT,
    ELSEWHERE,
    HOME,
    MANAGEMENT_ACCOUNT,
    NAMESPACE,
    OTHER_ACCOUNT,
    TOPIC_ARN,
    alarm,
    good,
    metric_filter,
    metric_stat,
    place,
    replace_text,
    statement,
    subscription,
    topic,
    trail,
    transformation,
)
from sg_alarm.alarms import CompositeAlarm, Metric, MetricDataQuery
from sg_alarm.rule.model import AdvancedEventSelector, Deployment, EventSelector, FieldSelector, Place
from sg_alarm.rule.operations import (
    ELEVEN,
    PATTERN_OF_ELEVEN,
    PATTERN_OF_SECURITY_HUB,
    PATTERN_OF_SEVEN,
    PATTERN_OF_SIX,
    PROFILES,
    SIX,
)
from sg_alarm.unknown import Unknown

CIS = [name for name in PROFILES if name.startswith("cis-")]
COLUMNS: tuple[tuple[str, ...], ...] = (
    ("effective",),
    tuple(CIS[:2]),
    tuple(CIS[2:7]),
    tuple(CIS[7:]),
    ("conformity",),
    ("prowler",),
    ("powerpipe",),
    ("inspec",),
    ("custodian",),
)
"""The reviewers of each letter."""

DENIED = Unknown("access denied")


@dataclass(frozen=True)
class Setup:
    """A deployment; ``hub`` is Security Hub's word, ``code`` its reason code in that region."""

    name: str
    deployment: Deployment
    answers: str
    hub: str
    code: str
    why: str

    @property
    def expected(self) -> Mapping[str, str]:
        """The letter by reviewer."""
        return {name: letter for letter, names in zip(self.answers, COLUMNS, strict=True) for name in names}


def pattern_of(*names: str, also: str = "") -> str:
    terms = " || ".join(f"($.eventName = {name})" for name in names)
    return f"{{ ({terms}) && {also} }}" if also else f"{{ {terms} }}"


REST = metric_filter(pattern_of(*ELEVEN[6:]), "TheRest")
FOUR = metric_filter(pattern_of(*ELEVEN[7:]), "TheFour")
SIX_FILTER = metric_filter()
SEVEN_FILTER = metric_filter(PATTERN_OF_SEVEN)
BOTH = (SIX_FILTER, REST)
"""The published six-event text, and the other operations beside it: nothing goes unseen."""


def setup(trails=None, regions=(HOME, ELSEWHERE), **home) -> Deployment:
    """The deployment with both filters, with changes to its trails or its home region."""
    found = place(**{"metric_filters": BOTH, **home})
    return good(
        regions=regions,
        trails=(trail(),) if trails is None else trails,
        places=(found, Place(ACCOUNT, ELSEWHERE)),
    )


def with_patterns(*patterns: str) -> Deployment:
    return setup(metric_filters=tuple(metric_filter(one, f"filter-{n}") for n, one in enumerate(patterns)))


def with_alarm(**changes) -> Deployment:
    return setup(alarms=(alarm(**changes),))


def with_topic(filters=BOTH, **changes) -> Deployment:
    return setup(metric_filters=filters, topics=(topic(**changes),))


def selecting(*selectors) -> Deployment:
    return setup(trails=(trail(event_selectors=selectors),))


def advanced(*conditions: FieldSelector) -> AdvancedEventSelector:
    return AdvancedEventSelector((FieldSelector("eventCategory", equals=("Management",)), *conditions))


def by_metric_math() -> Deployment:
    queries = (
        MetricDataQuery("m", metric_stat=metric_stat(), return_data=False),
        MetricDataQuery("e", expression="FILL(m, 0)"),
    )
    return with_alarm(metric_stat=None, metrics=queries)


def by_a_composite_alarm() -> Deployment:
    plain = alarm(alarm_actions=())
    composite = CompositeAlarm(
        "tells",
        f'ALARM("{plain.name}")',
        f"arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:tells",
        alarm_actions=(TOPIC_ARN,),
    )
    return setup(alarms=(plain, composite), topics=(topic(policy=None, kms_key=None),))


def with_an_older_filter() -> Deployment:
    """A filter of the same text, forgotten when the alarm moved to another metric."""
    older = metric_filter(name="Forgotten", transformation=transformation(name="Forgotten"))
    return setup(metric_filters=(older, *BOTH))


def with_own_names() -> Deployment:
    """Everything right, under names of one's own."""
    own = transformation(namespace="Security", name="GroupChanges")
    filters = tuple(replace(one, transformation=own) for one in BOTH)
    reading = metric_stat(metric=Metric("Security", "GroupChanges"))
    return setup(metric_filters=filters, alarms=(alarm(metric_stat=reading),))


def topic_of_another_account() -> Deployment:
    arn = TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT)
    return setup(alarms=(alarm(alarm_actions=(arn,)),), topics=(), keys=())


def of_the_organization() -> Deployment:
    """The trail and all that follows are of the management account, and the audit may look there."""
    there = replace_text(place(metric_filters=BOTH), ACCOUNT, MANAGEMENT_ACCOUNT)
    shadow = replace_text(trail(is_organization=True), ACCOUNT, MANAGEMENT_ACCOUNT)
    return good(trails=(shadow,), places=(Place(ACCOUNT, HOME), Place(ACCOUNT, ELSEWHERE), there))


NO_TRAIL = "CLOUDTRAIL_MULTI_REGION_NOT_PRESENT"
NO_FILTER = "CLOUDTRAIL_METRIC_FILTERS_NOT_PRESENT"
OTHER_FILTER = "CLOUDTRAIL_METRIC_FILTER_NOT_VALID"
NO_ALARM = "CLOUDWATCH_ALARMS_NOT_PRESENT"
NO_ACTION = "CLOUDWATCH_ALARM_ACTIONS_NOT_VALID"
NO_TOPIC = "SNS_TOPIC_INVALID"
NO_SUBSCRIPTION = "SNS_SUBSCRIPTION_NOT_PRESENT"

SETUPS = (
    # Filters
    Setup(
        "the published six-event text alone",
        with_patterns(PATTERN_OF_SIX),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody who asks for six misses the other five; ModifySecurityGroupRules opens a port unseen",
    ),
    Setup(
        "the six-event text, and a second filter for the rest",
        setup(),
        "PPPFPPFPP",
        "PASSED",
        "",
        "nothing goes unseen, but who wants seven names wants them in one filter",
    ),
    Setup(
        "the seven-event text of CIS v5.0",
        with_patterns(PATTERN_OF_SEVEN),
        "FPPPPPPFF",
        "FAILED",
        OTHER_FILTER,
        "a superset: enough for all but those who compare the text of six to the letter",
    ),
    Setup(
        "the seven-event text, and a second filter for the rest",
        with_patterns(PATTERN_OF_SEVEN, pattern_of(*ELEVEN[7:])),
        "PPPPPPPFF",
        "FAILED",
        OTHER_FILTER,
        "nothing goes unseen, and the text of six is not there",
    ),
    Setup(
        "all eleven operations in one filter",
        with_patterns(PATTERN_OF_ELEVEN),
        "PPPPPPPFF",
        "FAILED",
        OTHER_FILTER,
        "nothing goes unseen; the eleven begin with the seven in their order",
    ),
    Setup(
        "a wildcard that matches every name with SecurityGroup in it",
        with_patterns('{ $.eventName = "*SecurityGroup*" }'),
        "?PPPPFFFF",
        "FAILED",
        OTHER_FILTER,
        "it matches everything, reads too; tools that look for names find none",
    ),
    Setup(
        "the six names in another order",
        with_patterns(pattern_of(*reversed(SIX))),
        "FPPFPPFFF",
        "FAILED",
        OTHER_FILTER,
        "Prowler takes any order, a comparison of text does not",
    ),
    Setup(
        "the six-event text with Security Hub's spacing",
        with_patterns(PATTERN_OF_SECURITY_HUB),
        "FPPFPPFFF",
        "PASSED",
        "",
        "the spacing that Security Hub's own remediation prints is not CIS's",
    ),
    Setup(
        "the six names in quotation marks",
        with_patterns(pattern_of(*(f'"{name}"' for name in SIX))),
        "FPPFPPFFF",
        "UNKNOWN",
        "",
        "CloudWatch Logs reads them alike; nothing published says how Security Hub compares",
    ),
    Setup(
        "the six-event text without DeleteSecurityGroup",
        with_patterns(pattern_of(*SIX[:5])),
        "FFFFPFFFF",
        "FAILED",
        OTHER_FILTER,
        "Conformity looks at the alarm alone",
    ),
    Setup(
        "the six names in two filters on one metric",
        with_patterns(pattern_of(*SIX[:3]), pattern_of(*SIX[3:])),
        "FFFFPFFFF",
        "FAILED",
        OTHER_FILTER,
        "every procedure looks for one filter",
    ),
    Setup(
        "all names, but without the changes of one principal",
        with_patterns(
            pattern_of(*ELEVEN, also='($.userIdentity.arn != "arn:aws:iam::111122223333:user/ci")')
        ),
        "FFFFPPPFF",
        "FAILED",
        OTHER_FILTER,
        "the names are all there, so tools that look for names pass what that principal does unseen",
    ),
    Setup(
        "names that the filter excludes",
        with_patterns("{ " + " && ".join(f"($.eventName != {name})" for name in ELEVEN) + " }"),
        "FFFFPFFFF",
        "FAILED",
        OTHER_FILTER,
        "the names are there behind !=: nothing matches",
    ),
    Setup(
        "no metric filter at all",
        setup(metric_filters=()),
        "FFFFPFFFF",
        "FAILED",
        NO_FILTER,
        "Conformity looks at the alarm alone",
    ),
    Setup(
        "a filter that publishes 0 for each event",
        setup(metric_filters=tuple(replace(one, transformation=transformation(value="0")) for one in BOTH)),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody asks what is counted: the sum of noughts never reaches 1",
    ),
    Setup(
        "the six-event text twice, the alarm on the second filter's metric",
        with_an_older_filter(),
        "PPPFPPFFF",
        "PASSED",
        "",
        "InSpec and Custodian follow the first filter of that text only",
    ),
    Setup(
        "names of one's own for metric and namespace",
        with_own_names(),
        "PPPFFPFPP",
        "PASSED",
        "",
        "Conformity's audit asks for the metric of its own remediation",
    ),
    # Trails
    Setup(
        "a trail of one region",
        setup(trails=(trail(is_multi_region=False),)),
        "FFFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "changes elsewhere go unseen; Prowler takes any trail with a log group",
    ),
    Setup(
        "a trail of one region, in an account that is asked about there only",
        setup(trails=(trail(is_multi_region=False),), regions=(HOME,)),
        "PFFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "nothing goes unseen there, and the procedures ask for a multi-region trail all the same",
    ),
    Setup(
        "a trail of write events only",
        selecting(EventSelector("WriteOnly")),
        "PPFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "every change is a write; ReadWriteType All is asked for since CIS v1.4",
    ),
    Setup(
        "a trail of read events only",
        selecting(EventSelector("ReadOnly")),
        "FPFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "CIS v1.2 and v1.3 do not ask for its selectors",
    ),
    Setup(
        "a trail of data events only",
        selecting(EventSelector("All", include_management_events=False)),
        "FPFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "no change is recorded",
    ),
    Setup(
        "an advanced selector of all management events",
        selecting(advanced()),
        "PPPFPPFPF",
        "PASSED",
        "",
        "the counterpart of ReadWriteType All; Custodian does not read advanced selectors",
    ),
    Setup(
        "an advanced selector of write events only",
        selecting(advanced(FieldSelector("readOnly", equals=("false",)))),
        "PPFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "every change is a write; the counterpart of WriteOnly",
    ),
    Setup(
        "a trail that was stopped",
        setup(trails=(trail(is_logging=False),)),
        "FFFFPPFFF",
        "FAILED",
        NO_TRAIL,
        "nothing is recorded; Prowler does not ask whether the trail is on",
    ),
    Setup(
        "a trail without a log group",
        setup(trails=(trail(log_group_arn=None, role_arn=None),)),
        "FFFFPFFFF",
        "FAILED",
        NO_FILTER,
        "no filter sees its events",
    ),
    Setup(
        "no trail",
        setup(trails=()),
        "FFFFPFFFF",
        "FAILED",
        NO_TRAIL,
        "Conformity looks at the alarm alone",
    ),
    Setup(
        "an account with nothing in it",
        good(trails=(), places=(Place(ACCOUNT, HOME), Place(ACCOUNT, ELSEWHERE))),
        "FFFFFFFFF",
        "FAILED",
        NO_TRAIL,
        "everybody agrees",
    ),
    Setup(
        "the trail of the organization, with everything in the management account",
        of_the_organization(),
        "PPPFFFFFF",
        "NO_DATA",
        "",
        "tools with the member's credentials see no filter; Security Hub answers in the owner's account",
    ),
    Setup(
        "an account that is asked about another region than the trail's",
        setup(regions=(ELSEWHERE,)),
        "PPPFPPFPP",
        "NO_DATA",
        "CLOUDTRAIL_REGION_INVAILD",
        "Security Hub answers in the region in which the trail is based",
    ),
    # Alarms
    Setup("no alarm", setup(alarms=()), "FFFFFFFFF", "FAILED", NO_ALARM, "everybody agrees"),
    Setup(
        "an alarm that waits for a hundred changes",
        with_alarm(threshold=100.0),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody asks when the alarm is raised",
    ),
    Setup(
        "an alarm that wants five periods of five",
        with_alarm(evaluation_periods=5),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody asks when the alarm is raised",
    ),
    Setup(
        "an alarm on a misspelt metric",
        with_alarm(metric_stat=metric_stat(metric=Metric(NAMESPACE, "SecurityGroupEventCounts"))),
        "FFFFFFFFF",
        "FAILED",
        NO_ALARM,
        "everybody follows the metric's name",
    ),
    Setup(
        "an alarm with metric math over the metric",
        by_metric_math(),
        "PFFFFFFFF",
        "FAILED",
        NO_ALARM,
        "it works, and no procedure that lists alarms by their metric finds it",
    ),
    Setup(
        "a composite alarm that notifies for a silent one",
        by_a_composite_alarm(),
        "PFFFPPFFF",
        "FAILED",
        NO_ACTION,
        "it works; the alarm that the procedures find has no action",
    ),
    Setup(
        "an alarm whose actions are switched off",
        with_alarm(actions_enabled=False),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody asks whether actions are enabled",
    ),
    Setup(
        "an alarm without actions",
        with_alarm(alarm_actions=()),
        "FFFFPPFFF",
        "FAILED",
        NO_ACTION,
        "Conformity and Prowler do not ask whom the alarm notifies",
    ),
    Setup(
        "an alarm that notifies on OK only",
        with_alarm(alarm_actions=(), ok_actions=(TOPIC_ARN,)),
        "FFFFPPFFF",
        "FAILED",
        NO_ACTION,
        "Conformity and Prowler do not ask whom the alarm notifies",
    ),
    # Topics and subscriptions
    Setup(
        "a topic that was deleted",
        setup(topics=()),
        "FFFFPPFF?",
        "FAILED",
        NO_TOPIC,
        "Conformity and Prowler do not ask whom the alarm notifies; Custodian's run ends in an error",
    ),
    Setup(
        "a topic encrypted with the key of AWS",
        with_topic(kms_key="alias/aws/sns"),
        "FPPFPPFPP",
        "PASSED",
        "",
        "CloudWatch cannot use that key: messages are lost silently, and nobody asks",
    ),
    Setup(
        "a topic whose policy lets CloudWatch not publish",
        with_topic(policy={"Statement": [statement(Effect="Deny", Condition=None)]}),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody reads the topic's policy",
    ),
    Setup(
        "a subscription that nobody confirmed",
        with_topic((SEVEN_FILTER, FOUR), subscriptions=(subscription(confirmed=False),)),
        "FFFFPPPFF",
        "FAILED",
        OTHER_FILTER,
        "Powerpipe counts any subscription",
    ),
    Setup(
        "the six-event text and a subscription that nobody confirmed",
        with_topic(subscriptions=(subscription(confirmed=False),)),
        "FFFFPPFFF",
        "FAILED",
        NO_SUBSCRIPTION,
        "Conformity and Prowler do not ask whether anybody is subscribed",
    ),
    Setup(
        "a topic without subscriptions",
        with_topic((SEVEN_FILTER, FOUR), subscriptions=()),
        "FFFFPPFFF",
        "FAILED",
        OTHER_FILTER,
        "Conformity and Prowler do not ask whether anybody is subscribed",
    ),
    Setup(
        "a subscription whose filter policy drops the message",
        with_topic(subscriptions=(subscription(filter_policy={"severity": ["high"]}),)),
        "FPPFPPFPP",
        "PASSED",
        "",
        "nobody reads filter policies",
    ),
    Setup(
        "a topic of another account that may not be looked into",
        topic_of_another_account(),
        "???FPPF??",
        "WARNING",
        "SNS_TOPIC_CROSS_ACCOUNT",
        "whether anybody is subscribed is for that account to show",
    ),
    # What may not be read
    Setup(
        "alarms that may not be read",
        setup(alarms=DENIED),
        "???F??F??",
        "UNKNOWN",
        "",
        "who fails at the filter does not get as far as the alarms",
    ),
    Setup(
        "trails that may not be read",
        setup(trails=DENIED),
        "????P????",
        "UNKNOWN",
        "",
        "nothing can be said without the trail, but by Conformity",
    ),
)
