"""The rule: which operations must raise the alarm, who says so, and whether a change can go unseen."""
