"""The audit of an organization: its accounts, one job for each, many at a time, their results on disk."""
