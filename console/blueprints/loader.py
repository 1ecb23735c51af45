"""The one validator of blueprints: a text becomes a blueprint, or all its faults with their lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from console.blueprints import meaning, reading, schema
from console.blueprints.expand import note
from console.blueprints.model import (
    Blueprint,
    Choice,
    Fault,
    Invalid,
    Parameter,
    ParameterType,
    Path,
    frozen,
)
from console.blueprints.pruning import pruned
from console.blueprints.rights import digest_of

__all__ = ["Fault", "Invalid", "load"]

Found = tuple[Path, str]


def load(text: str) -> Blueprint:
    """Return the blueprint that a YAML text says. Raises Invalid with all faults, and nothing else."""
    document = reading.read(text)
    refused = list(schema.faults_of(document.data))
    if refused:
        found = [*refused, *_in_the_rest(document.data, [path for path, _ in refused], text)]
        raise Invalid(_ordered(document, found))
    blueprint = _blueprint(document.data, text)
    if found := list(meaning.faults_of(blueprint)):
        raise Invalid(_ordered(document, found))
    return blueprint


def _in_the_rest(data: Any, refused: list[Path], text: str) -> Iterator[Found]:
    """Yield what is wrong in what the schema takes. That something is missing there may only seem so."""
    if not isinstance(data, dict):
        return
    rest = pruned(data, refused)
    has_all = all(path[:1] in _TOLD_ALONE for path in refused)
    rest.data = _NEEDED | rest.data
    if not any(schema.faults_of(rest.data)):
        for path, reason in meaning.faults_of(_blueprint(rest.data, text)):
            if has_all or not meaning.is_about_absence(reason):
                yield rest.origin(path), reason


# What nothing else refers to.
_TOLD_ALONE = {("blueprint",), ("happens",), ("icon",), ("name",), ("sources",), ("summary",), ("version",)}
_NEEDED = {
    "blueprint": "example",
    "version": "0",
    "name": "Example",
    "summary": "Example",
    "realm": {"name": "example"},
}


def _ordered(document: reading.Document, found: list[Found]) -> tuple[Fault, ...]:
    return tuple(sorted({document.fault(path, reason) for path, reason in found}))


def _blueprint(data: dict[str, Any], text: str) -> Blueprint:
    parameters = tuple(_parameter(one) for one in data.get("parameters") or ())
    corrects = {one.note: one.name for one in parameters if one.note}
    return Blueprint(
        key=data["blueprint"],
        version=data["version"],
        name=data["name"],
        summary=data["summary"],
        icon=data.get("icon", ""),
        sources=tuple(data.get("sources") or ()),
        parameters=parameters,
        notes=tuple(note(one, corrects) for one in data.get("notes") or ()),
        happens=tuple(one for one in data.get("happens") or () if isinstance(one, str)),
        body={key: value for key, value in data.items() if key != "parameters"},
        text=text,
        digest=digest_of(text),
    )


def _parameter(one: Mapping[str, Any]) -> Parameter:
    return Parameter(
        **{
            **one,
            "type": ParameterType(one.get("type", "text")),
            "default": frozen(one.get("default", "")),
            "example": frozen(one.get("example")),
            "choices": tuple(Choice(**choice) for choice in one.get("choices") or ()),
        }
    )
