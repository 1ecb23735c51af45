"""The published schema: valid, alone, described, and of one mind with the loader."""

import json
from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from console.blueprints.schema import schema_text
from console.blueprints.shipped import FOLDER
from tests.blueprints.texts import SMALL

SCHEMA: dict[str, Any] = json.loads(schema_text())


def every(data: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    yield path, data
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield from every(value, f"{path}/{key}")


def test_it_is_a_schema_of_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


def test_it_stands_alone() -> None:
    for path, value in every(SCHEMA):
        if path.endswith("/$ref"):
            assert value.startswith("#/$defs/"), path
            assert value.removeprefix("#/$defs/") in SCHEMA["$defs"], path


def test_every_property_has_a_title_and_a_description() -> None:
    bare = []
    for path, value in every(SCHEMA):
        if path.endswith("/properties"):
            bare += [
                f"{path}/{name}" for name, one in value.items() if not {"title", "description"} <= one.keys()
            ]
    bare += [f"$defs/{name}" for name, one in SCHEMA["$defs"].items() if not one.get("description")]
    assert bare == []


def test_every_object_says_what_it_may_hold() -> None:
    """A misspelt key is a fault everywhere but among settings, which the registry of kinds judges."""
    for path, value in every(SCHEMA):
        if isinstance(value, dict) and value.get("type") == "object" and "properties" in value:
            assert value.get("additionalProperties") is False, path


def test_what_ships_is_valid_for_everybodys_tools() -> None:
    """Read by an ordinary YAML reader, judged by an ordinary validator."""
    validator = Draft202012Validator(SCHEMA)
    texts = [file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yaml"))]

    assert len(texts) == 6
    for text in [*texts, SMALL]:
        assert [one.message for one in validator.iter_errors(yaml.safe_load(text))] == []
