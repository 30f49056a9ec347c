"""EC2: security groups, and calls that are denied.

``moto.ec2`` takes half a second to import, so it is imported where it is in use already.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import _RESTError
from moto.core.responses import ActionResult

from sg_alarm.local_aws.corrections.table import adds, corrects


@corrects("moto.iam.access_control:IAMRequest._raise_access_denied")
def ec2_has_its_own_word_for_denied(original: Any, request: Any) -> None:
    """EC2 answers UnauthorizedOperation to a call that is denied, and AccessDenied to none.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html

    moto answers AccessDenied, as for other services.
    """
    if request._service == "ec2":
        error = _RESTError(
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. "
            f"User: {request._access_key.arn} is not authorized to perform: {request._action}",
        )
        error.code = 403
        raise error
    original(request)


@corrects("moto.ec2.models.security_groups:SecurityGroupBackend.create_security_group")
def groups_are_made_in_vpcs_that_exist(
    original: Any, backend: Any, name: str, description: str, vpc_id: str | None = None, **settings: Any
) -> Any:
    """AWS answers InvalidVpcID.NotFound to a VPC that does not exist.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html

    moto makes the group.
    """
    from moto.ec2.exceptions import EC2ClientError

    if vpc_id and vpc_id not in backend.vpcs:
        raise EC2ClientError("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    return original(backend, name, description, vpc_id, **settings)


@adds("moto.ec2.responses:EC2Response.associate_security_group_vpc")
def associate_security_group_vpc(response: Any) -> Any:
    """AWS makes a group usable in another VPC of the region; the association is there at once or soon.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSecurityGroupVpc.html

    moto lacks the call.
    """
    from moto.ec2.exceptions import EC2ClientError, InvalidVPCIdError

    response.error_on_dryrun()
    group, vpc_id = _group(response), response._get_param("VpcId")
    if vpc_id not in response.ec2_backend.vpcs:
        raise InvalidVPCIdError(vpc_id)
    if vpc_id == group.vpc_id:
        raise EC2ClientError(
            "InvalidParameterValue", f"The security group {group.id} is already in the VPC {vpc_id}."
        )
    _associated(group).add(vpc_id)
    return ActionResult({"State": "associating"})


@adds("moto.ec2.responses:EC2Response.disassociate_security_group_vpc")
def disassociate_security_group_vpc(response: Any) -> Any:
    """AWS withdraws a group from another VPC.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateSecurityGroupVpc.html

    moto lacks the call.
    """
    from moto.ec2.exceptions import EC2ClientError

    response.error_on_dryrun()
    group, vpc_id = _group(response), response._get_param("VpcId")
    if vpc_id not in _associated(group):
        raise EC2ClientError(
            "InvalidSecurityGroupVpcAssociation.NotFound",
            f"The security group {group.id} is not associated with the VPC {vpc_id}.",
        )
    _associated(group).remove(vpc_id)
    return ActionResult({"State": "disassociating"})


@adds("moto.ec2.responses:EC2Response.describe_security_group_vpc_associations")
def describe_security_group_vpc_associations(response: Any) -> Any:
    """AWS lists in which other VPCs groups are usable, by group, VPC and state.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupVpcAssociations.html

    moto lacks the call. Ours knows the filters group-id and vpc-id.
    """
    backend, filters = response.ec2_backend, response._filters_from_querystring()
    associations = [
        {
            "GroupId": group.id,
            "VpcId": vpc_id,
            "VpcOwnerId": response.current_account,
            "GroupOwnerId": response.current_account,
            "State": "associated",
        }
        for groups in backend.groups.values()
        for group in groups.values()
        for vpc_id in sorted(_associated(group))
        if group.id in filters.get("group-id", [group.id]) and vpc_id in filters.get("vpc-id", [vpc_id])
    ]
    return ActionResult({"SecurityGroupVpcAssociations": associations})


def _group(response: Any) -> Any:
    from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError

    group_id = response._get_param("GroupId")
    group = response.ec2_backend.get_security_group_from_id(group_id)
    if group is None:
        raise InvalidSecurityGroupNotFoundError(group_id)
    return group


def _associated(group: Any) -> set[str]:
    if not hasattr(group, "associated_vpcs"):
        group.associated_vpcs = set()
    found: set[str] = group.associated_vpcs
    return found
