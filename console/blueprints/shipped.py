"""The blueprints that come with the product."""

from functools import cache
from pathlib import Path as File

from console.blueprints.loader import load
from console.blueprints.model import Blueprint

FOLDER = File(__file__).with_name("data")


@cache
def shipped() -> tuple[Blueprint, ...]:
    """Return all blueprints of the product, by name."""
    found = [load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yaml"))]
    return tuple(sorted(found, key=lambda one: one.name.lower()))


def shipped_one(key: str) -> Blueprint | None:
    """Return the blueprint of this key, None where none of the product has it."""
    return next((one for one in shipped() if one.key == key), None)
