"""Snapshots of deployed state: the file, and the difference of two."""
