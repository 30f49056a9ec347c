"""Everything that the rule can say about a link: one entry for each fact, with an identifier that stays.

A judge says a :class:`~sg_alarm.rule.verdict.Message`: an identifier with arguments. Its verdict, its text
and what to do about it stand here, once. Identifiers are stable: people count, suppress and translate by
them. An entry may be reworded; to rename or remove one changes the major version of the JSON report.

Evidence and remedies are phrases that a report joins with semicolons. Placeholders are names of arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sg_alarm.rule.verdict import Argument, Link, Message, Verdict

_CLOUDTRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/"
_CLOUDWATCH = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/"
_SNS = "https://docs.aws.amazon.com/sns/latest/dg/"
_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
_FIREHOSE = "https://docs.aws.amazon.com/firehose/latest/APIReference/"
_KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

_CONFIRM = "sg-alarm audit of the account confirms it"
_DRILL = "look there for the message of sg-alarm drill"
_READ = "give the audit what it needs to read this, or check it by hand"


@dataclass(frozen=True)
class Entry:
    """What a message means.

    ``link`` is ``None`` for notes, which change no verdict. ``assumed``: it rests on a fact outside the view.
    ``needs_account``: no code could show that fact, only a deployed account does, or nothing but a drill.
    ``partial``: the link lets some changes through and others not, so that another chain may carry the
    others. ``source`` is the page of AWS that says so, where one does.
    """

    id: str
    link: Link | None
    verdict: Verdict
    evidence: str
    remedy: str = ""
    source: str = ""
    assumed: bool = False
    partial: bool = False
    needs_account: bool = False


def say(id_: str, /, **arguments: Argument) -> Message:
    """Return a message; the arguments are those that its texts name."""
    return Message(id_, tuple(arguments.items()))


def _holds(id_: str, evidence: str) -> Entry:
    return Entry(id_, None, Verdict.PASS, evidence)


def _assumed(id_: str, evidence: str, *, needs_account: bool = False) -> Entry:
    return Entry(id_, None, Verdict.PASS, evidence, _CONFIRM, assumed=True, needs_account=needs_account)


def _assumed_unless_drilled(id_: str, evidence: str) -> Entry:
    """Return what neither code nor account shows."""
    return Entry(id_, None, Verdict.PASS, evidence, _DRILL, assumed=True, needs_account=True)


def _broken(id_: str, evidence: str, remedy: str, source: str = "", *, partial: bool = False) -> Entry:
    return Entry(id_, None, Verdict.FAIL, evidence, remedy, source, partial=partial)


def _unclear(id_: str, evidence: str, remedy: str = _READ, source: str = "") -> Entry:
    return Entry(id_, None, Verdict.UNKNOWN, evidence, remedy, source)


def _policy(kind: str, of: str = "") -> tuple[Entry, ...]:
    """Return what can be wrong with the policy of a topic, key, queue or function, which ``of`` names."""
    policy = f"the policy of {of}" if of else f"the {kind}'s policy"
    source = f"{_IAM}reference_policies_evaluation-logic.html"
    return (
        _unclear(f"{kind}-policy-unknown", f"{policy} is not known: {{reason}}"),
        _assumed(f"{kind}-policy-assumed", f"{policy} is assumed to allow it: {{reason}}"),
        _broken(
            f"{kind}-policy-lacks-allow",
            f"no statement of {policy} allows {{service}} {{action}}",
            f"add a statement to {policy} that allows {{service}} {{action}}",
            source,
        ),
        _broken(
            f"{kind}-policy-condition",
            f"{{statement}} of {policy} allows {{service}} {{action}} only on the condition "
            f"{{operator}} "
            "{key} = {values}",
            "change that condition so that it holds for {key} = {actual}",
            source,
        ),
        _broken(
            f"{kind}-policy-denies",
            f"{{statement}} of {policy} denies {{service}} {{action}}",
            f"exempt {{service}} from {{statement}} of {policy}, or delete the statement",
            source,
        ),
        _broken(
            f"{kind}-policy-deny-condition",
            f"{{statement}} of {policy} denies {{service}} {{action}} on the condition "
            f"{{operator}} "
            "{key} = {values}",
            "change that condition so that it does not hold for {key} = {actual}",
            source,
        ),
        _unclear(
            f"{kind}-policy-unclear",
            f"cannot tell whether {policy} lets {{service}} use {{action}}: {{reason}}",
            f"allow {{service}} {{action}} in {policy} without that part, or check it by hand",
            source,
        ),
    )


def _key(prefix: str, of: str, encrypt: str, source: str) -> tuple[Entry, ...]:
    """Return what can be wrong with the key ``of`` a topic or queue; ``encrypt`` says what to encrypt."""
    return (
        _broken(
            f"{prefix}-managed-by-aws",
            f"{encrypt} is encrypted with a key that AWS manages, which {{service}} cannot use: messages are "
            "lost "
            "silently",
            f"encrypt {encrypt} with a customer managed key whose policy allows {{service}} kms:Decrypt and "
            "kms:GenerateDataKey*",
            source,
        ),
        _broken(
            f"{prefix}-missing", f"{of} {{key}} does not exist", f"encrypt {encrypt} with a key that exists"
        ),
        _unclear(f"{prefix}-unseen", f"cannot tell whether {of} works: {{reason}}"),
        _assumed(f"{prefix}-assumed", f"{of} is assumed to work: {{reason}}"),
        _unclear(f"{prefix}-manager-unknown", f"cannot tell whether AWS manages {of}: {{reason}}"),
        _broken(f"{prefix}-disabled", f"{of} is disabled", "enable the key", f"{_KMS}key-state.html"),
        _broken(
            f"{prefix}-pending-deletion",
            f"{of} is pending deletion",
            f"cancel the deletion and enable the key, or encrypt {encrypt} with another key",
            f"{_KMS}deleting-keys.html",
        ),
        _broken(
            f"{prefix}-unusable",
            f"{of} is in the state {{state}}, in which it cannot be used",
            f"encrypt {encrypt} with a key that is enabled",
            f"{_KMS}key-state.html",
        ),
        _unclear(f"{prefix}-state-unknown", f"the state of {of} is not known: {{reason}}"),
        _assumed(f"{prefix}-state-assumed", f"{of} is assumed to be enabled: {{reason}}", needs_account=True),
        *_policy(prefix, of),
    )


_BY_LINK: Mapping[Link, tuple[Entry, ...]] = {
    Link.TRAIL: (
        _holds("trail-records", "the trail is logging and records write management events"),
        _holds("trail-multi-region", "it records every region"),
        _holds("trail-home-region", "it records its home region"),
        _holds("trail-of-organization", "it is the organization's trail, of account {account}"),
        _broken(
            "no-trail",
            "there is no trail",
            "create a multi-region trail that delivers to a CloudWatch Logs log group",
            f"{_CLOUDTRAIL}cloudtrail-create-and-update-a-trail.html",
        ),
        _unclear("trails-unreadable", "the trails could not be read: {reason}"),
        _assumed("trail-assumed", "a trail is assumed to record the change: {reason}"),
        _unclear(
            "trail-unclear",
            "cannot tell whether a trail feeds the log group: {reason}",
            "put the metric filter on the log group of the trail, or audit the account",
        ),
        _broken(
            "trail-stopped",
            "the trail is stopped and records nothing",
            "start logging",
            f"{_CLOUDTRAIL}cloudtrail-turning-off-logging.html",
        ),
        _unclear("trail-logging-unknown", "cannot tell whether the trail is logging: {reason}"),
        _assumed("trail-logging-assumed", "the trail is assumed to be logging: {reason}"),
        _broken(
            "trail-of-other-account",
            "the trail belongs to account {account} and is not an organization trail",
            "use a trail of this account, or make it an organization trail",
            f"{_CLOUDTRAIL}creating-trail-organization.html",
        ),
        _unclear(
            "trail-account-unclear",
            "the trail belongs to account {account} and records this one only if it is an organization "
            "trail: "
            "{reason}",
        ),
        _assumed("trail-account-assumed", "the trail is assumed to record this account: {reason}"),
        _broken(
            "trail-single-region",
            "the trail records only the region {region}",
            "make it a multi-region trail",
            f"{_CLOUDTRAIL}cloudtrail-multi-region-trails.html",
        ),
        _unclear("trail-regions-unclear", "cannot tell whether the trail records this region: {reason}"),
        _assumed("trail-regions-assumed", "the trail is assumed to record every region: {reason}"),
        _assumed("other-regions-assumed", "every other region is assumed to have its own trail: {reason}"),
        _broken(
            "trail-selectors-miss",
            "its event selectors do not select the call",
            "let its event selectors select all write management events",
            f"{_CLOUDTRAIL}logging-management-events-with-cloudtrail.html",
        ),
        _broken(
            "trail-selectors-narrow",
            "its event selectors select only some of these calls",
            "let its event selectors select all write management events",
            f"{_CLOUDTRAIL}logging-management-events-with-cloudtrail.html",
            partial=True,
        ),
        _unclear(
            "trail-selectors-unclear", "cannot tell whether its event selectors select the call: {reason}"
        ),
        _assumed(
            "trail-selectors-assumed",
            "its event selectors are assumed to select write management events: {reason}",
        ),
        _broken(
            "standard-multi-region-trail",
            "{standard} asks for a multi-region trail; this one records a single region",
            "make it a multi-region trail",
        ),
        _unclear(
            "standard-multi-region-trail-unclear",
            "{standard} asks for a multi-region trail; cannot tell whether this one is",
            "make it a multi-region trail",
        ),
        _broken(
            "standard-read-and-write-events",
            "{standard} asks for a trail that selects read and write management events (ReadWriteType "
            "All); this "
            "one selects only some of them",
            "select all management events, reads and writes, in its event selectors",
        ),
        _unclear(
            "standard-read-and-write-events-unclear",
            "{standard} asks for a trail that selects read and write management events (ReadWriteType "
            "All); cannot "
            "tell whether this one does",
            "select all management events, reads and writes, in its event selectors",
        ),
    ),
    Link.LOG_GROUP: (
        _holds("log-group-receives", "the log group receives the trail's events"),
        _broken(
            "no-log-group",
            "the trail delivers to no log group",
            "set the trail's CloudWatch Logs log group and role",
            f"{_CLOUDTRAIL}send-cloudtrail-events-to-cloudwatch-logs.html",
        ),
        _unclear("log-group-unknown", "the trail's log group is not known: {reason}"),
        _broken(
            "log-group-missing",
            "the log group does not exist",
            "create it, or let the trail deliver to one that exists",
        ),
        _unclear("log-group-unseen", "cannot tell whether the log group exists: {reason}"),
        _assumed("log-group-assumed", "the log group is assumed to exist: {reason}"),
        _broken(
            "log-group-class",
            "its log class {log_class} does not support metric filters",
            "use a log group of the class STANDARD: the class of a log group cannot be changed",
            f"{_LOGS}CloudWatch_Logs_Log_Classes.html",
        ),
        _unclear("log-group-class-unknown", "its log class is not known: {reason}"),
        _assumed("log-group-class-assumed", "its log class is assumed to support metric filters: {reason}"),
        _broken(
            "trail-role-missing",
            "the trail has no role with which to write to the log group",
            "set the trail's CloudWatch Logs role",
            f"{_CLOUDTRAIL}cloudtrail-required-policy-for-cloudwatch-logs.html",
        ),
        _unclear("trail-role-unknown", "the trail's CloudWatch Logs role is not known: {reason}"),
        _assumed("trail-role-assumed", "the trail's CloudWatch Logs role is assumed to be right: {reason}"),
        _broken(
            "delivery-failing",
            "the latest delivery to it failed: {error}",
            "let the trail's role write to the log group (logs:CreateLogStream, logs:PutLogEvents)",
            f"{_CLOUDTRAIL}cloudtrail-required-policy-for-cloudwatch-logs.html",
        ),
        _unclear(
            "delivery-not-yet",
            "the trail has not delivered anything to it yet",
            "audit again a quarter of an hour after any API call",
        ),
        _broken(
            "delivery-stopped",
            "the latest delivery to it was on {time}, more than a day before the audit",
            "let the trail's role write to the log group, and check that the trail is logging",
            f"{_CLOUDTRAIL}cloudtrail-required-policy-for-cloudwatch-logs.html",
        ),
        _unclear(
            "delivery-old",
            "the latest delivery to it was on {time}; cannot tell whether any event was selected since",
            "let the trail's role write to the log group, and check that the trail is logging",
            f"{_CLOUDTRAIL}cloudtrail-required-policy-for-cloudwatch-logs.html",
        ),
        _unclear("delivery-unknown", "cannot tell whether the trail's delivery works: {reason}"),
        _assumed("delivery-assumed", "the trail's delivery is assumed to work: {reason}", needs_account=True),
    ),
    Link.METRIC_FILTER: (
        _holds("filter-matches", "the pattern matches every such change"),
        _holds("filters-match-together", "together with {filters} the pattern matches every such change"),
        _broken(
            "no-metric-filter",
            "the log group has no metric filter",
            "add a metric filter with the pattern {pattern}",
            f"{_LOGS}MonitoringLogData.html",
        ),
        _broken(
            "codebase-without-alarm",
            "no metric filter counts changes of security groups (root modules looked at: {count})",
            "add a metric filter with the pattern {pattern} to the log group of the trail, and an alarm",
        ),
        _broken(
            "no-filter-matches",
            "no metric filter of the log group matches a change of a security group (looked at: {count})",
            "leave them as they are, and add a metric filter with the pattern {pattern}",
            f"{_LOGS}MonitoringLogData.html",
        ),
        _unclear(
            "chains-too-many",
            "there are more metric filters and alarms than can be judged",
            "audit fewer of them at once",
        ),
        _unclear("metric-filters-unreadable", "the metric filters could not be read: {reason}"),
        _unclear("filter-log-group-unknown", "the filter's log group is not known: {reason}"),
        _assumed("filter-log-group-assumed", "the filter is assumed to be on the log group: {reason}"),
        _unclear("filter-pattern-unknown", "the pattern is not known: {reason}"),
        _broken(
            "filter-pattern-invalid",
            "CloudWatch Logs does not accept the pattern: {error}",
            "correct the pattern",
            f"{_LOGS}FilterAndPatternSyntax.html",
        ),
        _broken(
            "filter-pattern-misses",
            "the pattern does not match it",
            "add a term ($.eventName = …) for it to the pattern, or another filter on the same metric",
        ),
        _broken(
            "filter-field-unknown",
            "events of CloudTrail have no field {field}, so the pattern does not match it",
            "write {right} instead: names of fields are case-sensitive",
            f"{_CLOUDTRAIL}cloudtrail-event-reference-record-contents.html",
        ),
        _broken(
            "filter-pattern-narrowed",
            "the pattern matches only changes with {condition}",
            "take the condition out of the pattern, or add a filter for the other changes",
            partial=True,
        ),
        _broken(
            "filter-of-other-control",
            "no metric filter matches every such change: this one is about something else, and matches only "
            "changes with {condition}",
            "leave it as it is, and add a metric filter with the pattern {pattern} to the log group",
            partial=True,
        ),
        _unclear(
            "filter-pattern-unclear",
            "cannot tell whether the pattern matches every such change: {reason}",
            "compare $.eventName with the names of the operations",
        ),
        _broken(
            "standard-exact-pattern",
            "{standard} asks for an exact text and nothing besides; this pattern differs, whatever it "
            "matches",
            "use this text to the letter, and watch more with a second filter: {text}",
        ),
        _unclear(
            "standard-exact-pattern-unclear",
            "{standard} asks for an exact text; this pattern differs from it in formatting only",
            "use this text to the letter, and watch more with a second filter: {text}",
        ),
        _unclear("filter-criteria-unknown", "its field selection criteria are not known: {reason}"),
        _unclear(
            "filter-criteria-unclear",
            "its field selection criteria {criteria} may exclude the change",
            "remove the field selection criteria",
        ),
        _broken(
            "filter-criteria-exclude",
            "its field selection criteria {criteria} exclude the change",
            "remove the field selection criteria",
        ),
        _unclear(
            "filter-transformed-unknown", "cannot tell whether it is applied to transformed events: {reason}"
        ),
        _unclear(
            "filter-transformed",
            "cannot tell what the filter sees: it is applied to the events as the log group's transformer "
            "leaves "
            "them",
            "apply the filter to the original events",
            f"{_LOGS}CloudWatch-Logs-Transformation.html",
        ),
    ),
    Link.METRIC: (
        _holds("metric-published", "the filter publishes {metric}"),
        _broken(
            "no-metric",
            "the filter publishes no metric",
            "add a metric transformation to the filter",
        ),
        _unclear("metric-unknown", "the filter's metric is not known: {reason}"),
        _unclear("metric-name-unknown", "the metric's name is not known: {reason}"),
    ),
    Link.ALARM: (
        _holds("alarm-fires", "{reason}"),
        _holds("alarm-rearms", "another change can notify after {time}"),
        _holds("alarm-rearms-late", "another change can notify only after {time}"),
        _holds("alarm-rearms-on-events", "it leaves ALARM only once the log group receives other events"),
        _holds(
            "alarm-held-by-others",
            "while {alarms} holds the rule, a change sends nothing",
        ),
        _broken(
            "no-alarm",
            "no alarm in {region} reads the metric {metric}",
            "create an alarm on it: Sum of 300 seconds, >= 1, with a topic among its alarm actions",
            f"{_CLOUDWATCH}AlarmThatSendsEmail.html",
        ),
        _unclear("alarms-unreadable", "the alarms could not be read: {reason}"),
        _broken(
            "alarm-does-not-fire",
            "one change does not raise the alarm: {reason}",
            "{changes}",
            f"{_CLOUDWATCH}alarm-evaluation.html",
        ),
        _broken(
            "alarm-fires-without-change",
            "the alarm is raised without a change: {reason}",
            "{changes}",
            f"{_CLOUDWATCH}alarm-evaluation.html",
        ),
        _broken(
            "alarm-never-rearms",
            "it never leaves ALARM again, so nobody is notified of any later change",
            "{changes}",
            f"{_CLOUDWATCH}alarms-and-missing-data.html",
        ),
        _broken(
            "alarm-held-by-events",
            "the metric filter {filter} counts every event, so the alarm does not leave ALARM, and a change "
            "sends nothing",
            "let the metric filter {filter} count the changes alone, or give it a metric of its own",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _unclear(
            "alarm-held-by-calls",
            "the metric filter {filter} also counts {call}, which is routine: cannot tell whether the alarm "
            "ever leaves ALARM",
            "let the metric filter {filter} count the changes alone, or give it a metric of its own",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _unclear(
            "alarm-held-by-calls-now",
            "the metric filter {filter} also counts {call}, which is routine: cannot tell whether the alarm "
            "ever leaves ALARM; it has been in {state} since {time}",
            "let the metric filter {filter} count the changes alone, or give it a metric of its own",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _unclear(
            "alarm-unclear",
            "cannot tell whether one change raises the alarm: {reason}",
            "let an alarm read the filter's metric as Sum of 300 seconds, >= 1, 1 of 1 datapoints, "
            "missing data "
            "notBreaching",
            f"{_CLOUDWATCH}alarm-evaluation.html",
        ),
        _broken(
            "standard-alarm-on-the-metric",
            "{standard} asks for an alarm on the filter's metric itself, found by the metric's name; this "
            "one "
            "combines metrics or other alarms",
            "create an alarm on the metric itself that notifies the topic",
        ),
        _broken(
            "composite-does-not-fire",
            "one change does not raise the composite alarm: {reason}",
            "let its rule hold whenever the alarm on the filter's metric is in ALARM",
            f"{_CLOUDWATCH}Create_Composite_Alarm.html",
        ),
        _broken(
            "composite-always-holds",
            "the composite alarm is raised without a change: {reason}",
            "let its rule hold only while the alarm on the filter's metric is in ALARM",
            f"{_CLOUDWATCH}Create_Composite_Alarm.html",
        ),
        _unclear(
            "composite-unclear",
            "cannot tell whether one change raises the composite alarm: {reason}",
            "let its rule name the alarm on the filter's metric alone, or join the others with OR",
            f"{_CLOUDWATCH}Create_Composite_Alarm.html",
        ),
        _broken(
            "composite-never-rearms",
            "the composite alarm never leaves ALARM again, so nobody is notified of any later change",
            "let the alarms that its rule names return to OK: treat missing data as notBreaching in each",
            f"{_CLOUDWATCH}Create_Composite_Alarm.html",
        ),
        _unclear(
            "composite-rearming-unclear",
            "cannot tell whether the composite alarm ever leaves ALARM again after the first change",
            "let the alarms that its rule names return to OK: treat missing data as notBreaching in each",
            f"{_CLOUDWATCH}Create_Composite_Alarm.html",
        ),
    ),
    Link.ACTION: (
        _holds("action-notifies", "the alarm notifies {topic}"),
        _broken("actions-disabled", "the alarm's actions are disabled", "enable the alarm's actions"),
        _broken(
            "no-action",
            "the alarm has no action for the state ALARM",
            "add a topic to the alarm actions",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _broken(
            "actions-for-other-states",
            "the alarm has actions for other states only, none for ALARM",
            "add the topic to the alarm actions",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _broken(
            "alarm-muted",
            "the mute rule {mute_rule} silences the alarm now",
            "delete the mute rule, or take this alarm out of it",
        ),
        _broken(
            "alarm-suppressed",
            "the change also raises the suppressor alarm {suppressor}, which silences this one",
            "remove the actions suppressor, or use an alarm that a change does not raise",
            f"{_CLOUDWATCH}Create_Composite_Alarm_Suppression.html",
        ),
        _unclear("actions-enabled-unknown", "cannot tell whether the alarm's actions are enabled: {reason}"),
        _unclear("actions-unknown", "the alarm's actions are not known: {reason}"),
        _assumed("actions-assumed", "the alarm's actions are assumed to notify somebody: {reason}"),
        _unclear("mute-rules-unreadable", "cannot tell whether a mute rule silences the alarm: {reason}"),
        _assumed("mute-rules-assumed", "no mute rule is assumed to silence it: {reason}", needs_account=True),
        _unclear("mute-rule-unclear", "cannot tell whether the mute rule {mute_rule} silences the alarm"),
        _unclear(
            "alarm-muted-at-times",
            "it depends on the time of the change: the mute rule {mute_rule} silences the alarm at "
            "scheduled times",
            "delete the mute rule, or take this alarm out of it",
        ),
        _unclear(
            "alarm-suppressed-at-times",
            "the alarm acts only while the suppressor alarm {suppressor} is not in ALARM",
            "remove the actions suppressor",
            f"{_CLOUDWATCH}Create_Composite_Alarm_Suppression.html",
        ),
        _unclear("action-unknown", "an action of the alarm is not known: {reason}"),
        _unclear("action-unseen", "cannot tell what the action {action} is: {reason}"),
        _assumed("action-assumed", "an action of the alarm is assumed to notify somebody: {reason}"),
        _broken(
            "action-invalid",
            'the action "{action}" is not an ARN: AWS does not accept it',
            "name a topic by its ARN among the alarm actions",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _broken(
            "action-notifies-nobody",
            "the action {action} notifies nobody",
            "add a topic to the alarm actions",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _unclear(
            "action-unclear",
            "cannot tell whom the action {action} notifies",
            "add a topic with a confirmed subscription to the alarm actions",
            f"{_CLOUDWATCH}alarm-actions.html",
        ),
        _broken(
            "action-in-other-region",
            "the topic is in {topic_region}, the alarm in {alarm_region}: an alarm notifies only topics "
            "of its "
            "own region",
            "name a topic in the alarm's region",
        ),
        _assumed("action-region-assumed", "the topic is assumed to be in the alarm's region: {reason}"),
    ),
    Link.TOPIC: (
        _holds("topic-accepts", "the topic lets {service} publish"),
        _broken(
            "topic-missing",
            "the topic does not exist",
            "create it, or name one that exists among the alarm actions",
        ),
        _unclear("topic-unseen", "cannot tell whether the topic exists: {reason}"),
        _assumed("topic-assumed", "the topic is assumed to notify somebody: {reason}"),
        _unclear(
            "topic-fifo",
            "AWS does not document whether an alarm can publish to a FIFO topic",
            "use a standard topic",
        ),
        *_policy("topic"),
    ),
    Link.KEY: (
        _holds("key-usable", "the topic's key lets {service} use it"),
        _unclear(
            "encryption-unknown", "cannot tell whether, and with which key, the topic is encrypted: {reason}"
        ),
        *_key("key", "the topic's key", "the topic", f"{_SNS}sns-key-management.html"),
    ),
    Link.SUBSCRIPTION: (
        _holds("subscription-confirmed", "the {protocol} subscription is confirmed"),
        _broken(
            "no-subscription",
            "the topic has no subscription",
            "subscribe somebody to the topic",
            f"{_SNS}sns-create-subscribe-endpoint-to-topic.html",
        ),
        _unclear("subscriptions-unknown", "the topic's subscriptions are not known: {reason}"),
        _unclear("subscription-unknown", "cannot tell whether the topic has the subscription: {reason}"),
        _assumed("subscription-assumed", "the topic is assumed to have the subscription: {reason}"),
        _broken(
            "subscription-endpoint-missing",
            "the {protocol} subscription has no endpoint: AWS does not accept it",
            "give the subscription an endpoint",
            f"{_SNS}sns-create-subscribe-endpoint-to-topic.html",
        ),
        _assumed(
            "subscription-endpoint-assumed",
            "the endpoint of the {protocol} subscription is assumed to be right: {reason}",
        ),
        _broken(
            "subscription-pending",
            "the {protocol} subscription is not confirmed, so nothing is delivered to it",
            "confirm it with the link or token that was sent to it; after 48 hours subscribe again",
            f"{_SNS}sns-create-subscribe-endpoint-to-topic.html",
        ),
        _unclear(
            "subscription-confirmation-unknown",
            "cannot tell whether the {protocol} subscription is confirmed: {reason}",
        ),
        _assumed(
            "subscription-confirmation-assumed",
            "the {protocol} subscription is assumed to be confirmed: {reason}",
            needs_account=True,
        ),
        _unclear("subscription-filter-unknown", "its filter policy is not known: {reason}"),
        _assumed(
            "subscription-filter-assumed",
            "its filter policy is assumed to let the alarm's message pass: {reason}",
        ),
        _broken(
            "subscription-filter-drops",
            "its filter policy drops the alarm's message",
            "remove the filter policy, or let it pass messages of alarms",
            f"{_SNS}sns-subscription-filter-policies.html",
        ),
        _unclear(
            "subscription-filter-unclear",
            "cannot tell whether its filter policy lets the alarm's message pass",
            "remove the filter policy, or let it pass messages of alarms",
            f"{_SNS}sns-subscription-filter-policies.html",
        ),
        _broken("queue-missing", "its queue does not exist", "create the queue, or subscribe another one"),
        *_policy("queue"),
        _unclear(
            "queue-encryption-unknown",
            "cannot tell whether, and with which key, the queue is encrypted: {reason}",
        ),
        *_key("queue-key", "the queue's key", "the queue", f"{_SQS}sqs-key-management.html"),
        _broken(
            "function-missing",
            "its function does not exist, or has no policy",
            "create the function and let SNS invoke it (aws lambda add-permission), or subscribe another one",
            f"{_SNS}sns-lambda-as-subscriber.html",
        ),
        *_policy("function"),
        _unclear("subscriber-unknown", "cannot tell whether {subscriber} takes messages: {reason}"),
        _broken(
            "subscriber-missing",
            "{subscriber} does not exist",
            "create it, or subscribe another one",
        ),
        _broken(
            "stream-not-active",
            "its delivery stream takes no messages in the state {state}",
            "repair the delivery stream, or subscribe another one",
            f"{_FIREHOSE}API_CreateDeliveryStream.html",
        ),
        _broken(
            "stream-role-missing",
            "the subscription has no role with which SNS could write to the delivery stream",
            "subscribe the stream with the role (SubscriptionRoleArn)",
            f"{_SNS}prereqs-kinesis-data-firehose.html",
        ),
        _assumed_unless_drilled(
            "stream-role-assumed", "the role of the subscription is assumed to let SNS write to the stream"
        ),
        _broken(
            "app-disabled",
            "the app's endpoint is disabled, so nothing is sent to it",
            "let the app register again, and enable the endpoint",
            f"{_SNS}sns-mobile-application-as-subscriber.html",
        ),
        _broken(
            "phone-opted-out",
            "the owner of the phone refused messages of this account",
            "opt the number in again (once in 30 days), or subscribe another one",
            f"{_SNS}sms_manage.html",
        ),
        _assumed_unless_drilled(
            "phone-reached-assumed",
            "the phone is assumed to be within the account's SMS sandbox and spending limit",
        ),
        _assumed_unless_drilled(
            "web-endpoint-assumed",
            "the web endpoint is assumed to pass messages on: AWS shows only that it is confirmed",
        ),
        _assumed_unless_drilled(
            "chat-channel-assumed",
            "a chat channel is assumed to show the messages: AWS shows only that AWS Chatbot is subscribed",
        ),
    ),
}

_NOTES = (
    _holds("waiver-expired", "the waiver of this finding expired on {date}: {reason}"),
    _holds("root-module-unread", "{root} may hold another part of the chain and could not be read: {reason}"),
    _holds("waiver-unused", "the waiver {id} matches no finding: {reason}"),
    _holds(
        "other-regions-left-out",
        "no region but {regions} was asked about; --all-regions asks about every enabled one",
    ),
    _holds("security-hub-status", "CloudWatch.10 is {status} in {regions}: {reason}"),
    _holds("other-subscription", "{subscription} is subscribed, too"),
    _holds("not-notified", "nobody is notified of these changes, which {standard} does not ask for"),
    _holds(
        "notification-unclear",
        "cannot tell whether anybody is notified of these changes, which {standard} does not ask for",
    ),
    _holds(
        "filter-noise",
        "the pattern also matches calls that change no security group: the alarm is raised without a "
        "change, and "
        "hides one that follows",
    ),
    _holds(
        "filter-noise-example",
        "the pattern also matches calls that change no security group, such as {call}: the alarm is "
        "raised without "
        "a change, and hides one that follows",
    ),
    _holds("per-change-notified", "in {region} each of these changes is also notified by itself, to {topic}"),
    _holds("per-change-lost", "in {region} the rule sends these changes to {topic}, where they reach nobody"),
    _holds(
        "per-change-unclear",
        "in {region} the rule sends these changes to {topic}; cannot tell whether they reach anybody",
    ),
)

REFERENCE_ASSUMED: Mapping[Link, str] = {
    link: f"{link.value.replace(' ', '-')}-reference-assumed"
    for link in (Link.TRAIL, Link.METRIC_FILTER, Link.ALARM, Link.ACTION, Link.SUBSCRIPTION)
}
"""What says of a link that it rests on a reference, see :class:`sg_alarm.rule.model.Reference`."""

_REFERENCE = "{argument} is assumed to be {source} itself: it is known after apply only"


def _entries() -> Iterator[Entry]:
    for link, entries in _BY_LINK.items():
        yield from (replace(one, link=link) for one in entries)
        if link in REFERENCE_ASSUMED:
            yield replace(_assumed(REFERENCE_ASSUMED[link], _REFERENCE), link=link)
    yield from _NOTES


CATALOGUE: Mapping[str, Entry] = MappingProxyType({entry.id: entry for entry in _entries()})
"""All entries by identifier, in the order of the links; those of notes last."""
