"""The one validator of blueprints: a text becomes a blueprint, or all its faults with their lines."""

from collections.abc import Mapping
from typing import Any

from console.blueprints import meaning, reading, schema
from console.blueprints.expand import note
from console.blueprints.model import Blueprint, Choice, Fault, Invalid, Parameter, ParameterType
from console.blueprints.rights import digest_of

__all__ = ["Fault", "Invalid", "load"]


def load(text: str) -> Blueprint:
    """Return the blueprint that a YAML text says. Raises Invalid with all faults, and nothing else."""
    document = reading.read(text)
    faults = [document.fault(path, reason) for path, reason in schema.faults_of(document.data)]
    if faults:
        raise Invalid(_ordered(faults))
    blueprint = _blueprint(document.data, text)
    faults = [document.fault(path, reason) for path, reason in meaning.faults_of(blueprint)]
    if faults:
        raise Invalid(_ordered(faults))
    return blueprint


def _ordered(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(faults)))


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
            "default": _frozen(one.get("default", "")),
            "example": _frozen(one.get("example")),
            "choices": tuple(Choice(**choice) for choice in one.get("choices") or ()),
        }
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
