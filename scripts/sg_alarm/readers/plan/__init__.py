"""Reads the JSON of a Terraform plan, or of a state: "JSON Output Format", format version 1.

A plan does not hold the text of expressions, only what they refer to. A value that is known only after apply
is therefore followed to what it refers to, and taken to be that where it can be one thing only; otherwise it
is ``Unknown``. See :mod:`sg_alarm.readers.plan.references`.
"""
