"""The rule: which operations are watched, and whether a change of a security group can go unseen."""
