"""Large accounts are judged in no time, and by what concerns them."""

import time

from deployment_builder import ACCOUNT, HOME, alarm, good, metric_filter, metric_stat, place, transformation
from judging import evaluate
from sg_alarm.alarms import Metric
from sg_alarm.rule.model import Place
from sg_alarm.rule.operations import PROFILES
from sg_alarm.rule.verdict import Verdict

REGIONS = tuple(f"eu-west-{number}" for number in range(1, 31))


def large(**changes):
    strangers = tuple(
        alarm(name=f"cpu-{n}", arn=None, metric_stat=metric_stat(metric=Metric("AWS/EC2", f"m{n}")))
        for n in range(2000)
    )
    filters = tuple(
        metric_filter(f"{{ $.eventName = Call{n} }}", f"f{n}", transformation=transformation(name=f"f{n}"))
        for n in range(99)
    )
    home = place(alarms=(*strangers, alarm(**changes)), metric_filters=(*filters, metric_filter()))
    return good(regions=(HOME, *REGIONS), places=(home, *(Place(ACCOUNT, region) for region in REGIONS)))


def test_thirty_regions_a_hundred_filters_two_thousand_alarms():
    started = time.process_time()
    judgement = evaluate(large(), PROFILES["effective"])
    assert time.process_time() - started < 5
    assert judgement.verdict is Verdict.FAIL
    assert len(judgement.findings) < 12


def test_alarms_of_other_metrics_are_no_findings():
    judgement = evaluate(large(actions_enabled=False), PROFILES["conformity"])
    assert not [one for one in judgement.findings if "cpu-" in one.resource]
    assert len(judgement.chains) == 1
