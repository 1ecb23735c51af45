"""The published schema, and what it finds, in words for who wrote the text."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path as File
from typing import Any

from jsonschema import Draft202012Validator

from console.blueprints.model import Path
from console.blueprints.words import unknown

FILE = File(__file__).with_name("schema.json")
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "empty",
}


@cache
def schema_text() -> str:
    """Return the published JSON Schema (2020-12) of blueprints. It refers to nothing outside of itself."""
    return FILE.read_text(encoding="utf-8")


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text()))


def faults_of(data: Any) -> Iterator[tuple[Path, str]]:
    """Yield each place that is not as the schema says, with the reason in words."""
    for error in _validator().iter_errors(data):
        yield from _said(error)


def _said(error: Any) -> Iterator[tuple[Path, str]]:
    if error.context:  # of `then`: what is inside says more
        for inner in error.context:
            yield from _said(inner)
        return
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"].keys()
        yield from (((*path, key), unknown(key, known)) for key in sorted(error.instance.keys() - known))
    else:
        yield path, _WORDS.get(str(error.validator), _other)(error)


def _other(error: Any) -> str:
    return f"This is not as it must be: {error.message[:200]}"


def _missing(error: Any) -> str:
    missing = [key for key in error.validator_value if key not in error.instance]
    return f"{', '.join(f'“{key}”' for key in missing)} {'is' if len(missing) == 1 else 'are'} missing."


def _wrong_type(error: Any) -> str:
    wanted = error.validator_value
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    return f"This must be {' or '.join(_TYPES[name] for name in names)}."


def _not_among(error: Any) -> str:
    return f"This is one of: {', '.join(map(str, error.validator_value))}."


def _pattern(error: Any) -> str:
    return f"“{str(error.instance)[:80]}” is not allowed here. {error.schema.get('description', '')}".strip()


_WORDS: dict[str, Callable[[Any], str]] = {
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_among,
    "pattern": _pattern,
    "maxLength": lambda error: f"This has at most {error.validator_value} characters.",
    "minLength": lambda error: (
        "This must not be empty."
        if error.validator_value == 1
        else f"This has at least {error.validator_value} characters."
    ),
    "maxItems": lambda error: f"These are more than {error.validator_value}.",
    "minItems": lambda error: f"There must be at least {error.validator_value}.",
    "maxProperties": lambda error: f"These are more than {error.validator_value}.",
    "minProperties": lambda error: "This must say something.",
}
