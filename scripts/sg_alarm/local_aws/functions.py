"""Whether a function lets another service call it. Imports moto."""

from __future__ import annotations

import json

from sg_alarm.local_aws.policy import allows


def admits(function_arn: str, service: str, source_arn: str) -> bool:
    """Whether the function exists and its policy lets ``source_arn``, a resource of ``service``, call it.

    https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
    """
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.models import lambda_backends

    _, _, _, region, account, _, name, *qualifier = function_arn.split(":")
    try:
        found = lambda_backends[account][region].get_policy(name, *qualifier)
    except LambdaClientError:  # no such function, or one without a policy
        return False
    document = json.loads(json.loads(found)["Policy"])
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
    return allows(document, f"{service}.amazonaws.com", "lambda:InvokeFunction", function_arn, context)
