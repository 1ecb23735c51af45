"""Platforms as data: YAML with a published schema, checked, and expanded with parameters. Pure Python."""
