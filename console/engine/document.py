"""A state as a text to keep, compare and carry elsewhere: canonical JSON, without ids and secrets."""

import json
from typing import Any

from console.engine.kinds import CARRIERS, KINDS
from console.engine.masked import has_mask
from console.engine.state import Address, Kind, Resource, State

FORMAT = "gatehouse-state/1"


class DocumentError(ValueError):
    """The text is not a document of ours. The message says where."""


def written(state: State) -> str:
    """Return the canonical text of a state: sorted, managed fields only, one resource a line."""
    lines = [json.dumps(_entry(one), sort_keys=True, ensure_ascii=False) for one in _sorted(state)]
    body = ",\n".join(lines)
    return f'{{"format": "{FORMAT}", "resources": [\n{body}\n]}}\n'


def parsed(text: str) -> State:
    """Return the state that a text tells. Raises DocumentError, never anything else."""
    try:
        document = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"This is not a document: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentError(f"The document does not begin with the format {FORMAT}.")
    entries = document.get("resources")
    if not isinstance(entries, list):
        raise DocumentError("The document has no list of resources.")
    resources = [_resource(entry, line) for line, entry in enumerate(entries, start=1)]
    return _state(resources)


def _sorted(state: State) -> list[Resource]:
    return sorted(state, key=lambda one: one.address)


def _entry(resource: Resource) -> dict[str, Any]:
    known = KINDS[resource.address.kind].fields
    fields = {name: value for name, value in resource.fields.items() if name in known}
    return {"kind": resource.address.kind, "path": list(resource.address.path), "fields": fields}


def _resource(entry: Any, number: int) -> Resource:
    try:
        kind, path, fields = Kind(entry["kind"]), entry["path"], entry["fields"]
    except (TypeError, KeyError, ValueError) as error:
        raise DocumentError(f"Resource {number} has no known kind, path and fields.") from error
    if not _is_path(kind, path):
        raise DocumentError(f"Resource {number}: this is no path of a {KINDS[kind].label}.")
    if not isinstance(fields, dict) or not fields.keys() <= KINDS[kind].fields.keys():
        raise DocumentError(f"Resource {number} has fields that a {KINDS[kind].label} does not have.")
    if has_mask(fields):
        raise DocumentError(f"Resource {number} has a masked value.")
    return Resource(Address(kind, tuple(path)), fields)


def _is_path(kind: Kind, path: Any) -> bool:
    if not isinstance(path, list) or len(path) != len(KINDS[kind].parts):
        return False
    if not all(isinstance(part, str) and part for part in path):
        return False
    return kind is not Kind.ENTITLEMENT or path[0] in CARRIERS


def _state(resources: list[Resource]) -> State:
    state = State.of(resources)
    if len(state) != len(resources):
        raise DocumentError("The document names one address twice.")
    return state


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
