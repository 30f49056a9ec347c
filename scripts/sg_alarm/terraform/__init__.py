"""Terraform as sg-alarm runs it: which binary, which providers, and how a command is followed.

``python -m sg_alarm.terraform ARGS…`` runs a Terraform command with the same binary and the same providers
as ``sg-alarm deploy``; the Makefile and the tests use it, so that the lookup stands in one place.
"""

from sg_alarm.terraform.binary import find_terraform
from sg_alarm.terraform.providers import provider_environment
from sg_alarm.terraform.runner import Terraform

__all__ = ["Terraform", "find_terraform", "provider_environment"]
