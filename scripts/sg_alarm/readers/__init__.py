"""Readers: each looks at one kind of world and yields the Deployment that the rule judges."""
