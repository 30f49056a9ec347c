"""Benchmarks: each module measures one part and returns rows of (what, figure)."""
