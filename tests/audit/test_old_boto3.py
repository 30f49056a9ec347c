"""The audit beside Checkov, which pins a boto3 that knows nothing of alarm mute rules."""

from __future__ import annotations

import json
import subprocess

import pytest

from chains import REGION
from checkov_run import PYTHON

pytestmark = pytest.mark.slow


def test_checkovs_boto3_cannot_list_mute_rules_by_itself():
    code = "import boto3; print(hasattr(boto3.client('cloudwatch', 'eu-west-1'), 'list_alarm_mute_rules'))"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_the_audit_finds_the_same(chain, audit, server):
    done = subprocess.run(
        [PYTHON, "-m", "sg_alarm", "--quiet", "audit", "--format", "json", "--region", REGION],
        env={**server.environment(), "AWS_MAX_ATTEMPTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    here = audit("--region", REGION)
    assert (done.returncode, here.code) == (0, 0)
    assert json.loads(done.stdout)["findings"] == here.report["findings"]
