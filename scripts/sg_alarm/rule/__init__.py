"""The rule: which operations must raise the alarm, and who says so."""
