"""Trails and their event selectors."""

from __future__ import annotations

from typing import Any

import pytest

from organization_builder import make_organization
from sg_alarm.local_aws import LocalAws

BASIC = {
    "ReadWriteType": "WriteOnly",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": ["kms.amazonaws.com"],
}
ADVANCED = {
    "Name": "management",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}


@pytest.fixture
def trail(aws: LocalAws) -> Any:
    aws.client("s3", "us-east-1").create_bucket(Bucket="trail-bucket")
    cloudtrail = aws.client("cloudtrail")
    cloudtrail.create_trail(Name="trail", S3BucketName="trail-bucket")
    return cloudtrail


def selectors(trail: Any) -> tuple[list[Any], list[Any]]:
    answer = trail.get_event_selectors(TrailName="trail")
    return answer["EventSelectors"], answer["AdvancedEventSelectors"]


def is_custom(trail: Any) -> bool:
    return bool(trail.describe_trails()["trailList"][0]["HasCustomEventSelectors"])


def test_a_new_trail_records_all_management_events_and_no_data_events(trail: Any) -> None:
    everything = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
    assert selectors(trail) == ([everything], [])
    assert not is_custom(trail)


def test_selectors_of_one_kind_replace_those_of_the_other(trail: Any) -> None:
    trail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=[ADVANCED])
    assert selectors(trail) == ([], [ADVANCED])
    assert is_custom(trail)
    trail.put_event_selectors(TrailName="trail", EventSelectors=[BASIC])
    assert selectors(trail) == ([BASIC], [])
    assert is_custom(trail)


def test_trails_are_described_by_name_in_their_region_and_by_arn_elsewhere(aws: LocalAws, trail: Any) -> None:
    made = trail.create_trail(Name="everywhere", S3BucketName="trail-bucket", IsMultiRegionTrail=True)
    name, arn = made["Name"], made["TrailARN"]

    def described(region: str, *wanted: str) -> list[str]:
        answer = aws.client("cloudtrail", region).describe_trails(trailNameList=list(wanted))
        return [each["Name"] for each in answer["trailList"]]

    assert described("eu-west-1") == ["trail", "everywhere"]
    assert described("eu-west-1", name) == described("eu-west-1", arn) == ["everywhere"]
    assert described("eu-west-1", "gone") == []
    assert described("us-east-1", arn) == ["everywhere"]
    assert described("us-east-1", name) == []


@pytest.mark.parametrize("by", ["Name", "TrailARN"])
def test_a_trail_is_deleted_by_name_or_arn(trail: Any, refused: Any, by: str) -> None:
    named = trail.describe_trails()["trailList"][0][by]
    trail.delete_trail(Name=named)
    assert trail.describe_trails()["trailList"] == []
    with refused("TrailNotFoundException", "Unknown trail"):
        trail.delete_trail(Name=named)


def test_members_see_the_trail_of_their_organization_and_what_it_selects(aws: LocalAws, trail: Any) -> None:
    organization = make_organization(aws, "eu-west-1")
    organization.account("web")
    made = trail.create_trail(
        Name="all", S3BucketName="trail-bucket", IsMultiRegionTrail=True, IsOrganizationTrail=True
    )
    trail.start_logging(Name="all")
    trail.put_event_selectors(TrailName="all", EventSelectors=[BASIC])
    member = organization.client("web", "cloudtrail")
    (seen,) = member.describe_trails()["trailList"]
    assert (seen["TrailARN"], seen["IsOrganizationTrail"]) == (made["TrailARN"], True)
    assert member.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert member.get_trail_status(Name=made["TrailARN"])["IsLogging"]
    assert member.get_event_selectors(TrailName=made["TrailARN"])["EventSelectors"] == [BASIC]
