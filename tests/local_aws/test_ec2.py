"""Security groups in other VPCs."""

from __future__ import annotations

from typing import Any

import pytest

from sg_alarm.local_aws import LocalAws


@pytest.fixture
def ec2(aws: LocalAws) -> Any:
    return aws.client("ec2")


@pytest.fixture
def group(ec2: Any) -> str:
    return str(ec2.create_security_group(GroupName="web", Description="web servers")["GroupId"])


@pytest.fixture
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"])


def associated(ec2: Any, **filters: str) -> list[tuple[str, str, str]]:
    query = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    found = ec2.describe_security_group_vpc_associations(Filters=query)["SecurityGroupVpcAssociations"]
    return [(each["GroupId"], each["VpcId"], each["State"]) for each in found]


def test_a_group_is_made_usable_in_another_vpc_and_withdrawn(ec2: Any, group: str, vpc: str) -> None:
    assert ec2.associate_security_group_vpc(GroupId=group, VpcId=vpc)["State"] == "associating"
    assert associated(ec2) == [(group, vpc, "associated")]
    assert associated(ec2, group_id=group) == associated(ec2, vpc_id=vpc) == associated(ec2)
    assert associated(ec2, group_id="sg-00000000000000000") == []
    assert ec2.disassociate_security_group_vpc(GroupId=group, VpcId=vpc)["State"] == "disassociating"
    assert associated(ec2) == []


def test_group_and_vpc_must_exist_and_belong_to_different_ones(
    ec2: Any, group: str, vpc: str, refused: Any
) -> None:
    own = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"]
    with refused("InvalidGroup.NotFound", "sg-00000000000000000"):
        ec2.associate_security_group_vpc(GroupId="sg-00000000000000000", VpcId=vpc)
    with refused("InvalidVpcID.NotFound", "vpc-00000000"):
        ec2.associate_security_group_vpc(GroupId=group, VpcId="vpc-00000000")
    with refused("InvalidParameterValue", "already in the VPC"):
        ec2.associate_security_group_vpc(GroupId=group, VpcId=own)
    with refused("InvalidSecurityGroupVpcAssociation.NotFound", "not associated"):
        ec2.disassociate_security_group_vpc(GroupId=group, VpcId=vpc)
    assert associated(ec2) == []
