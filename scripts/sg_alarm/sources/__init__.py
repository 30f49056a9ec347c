"""Where a deployment is described: an account, Terraform code, a plan, a CloudFormation template, a snapshot.

Each source is a module of its own with the options that belong to it, and is imported when it is asked for.
The command line and the Checkov check read through them alike.
"""

from sg_alarm.sources.source import SILENT, Progress, Readings, Source, Step

__all__ = ["SILENT", "Progress", "Readings", "Source", "Step"]
