"""What the page of any blueprint shows: what it declares, and what its rights open, as tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from console.blueprints.model import Blueprint, Expansion
from console.engine.kinds import KINDS, REALM
from console.engine.state import Kind, Resource, State
from console.graph.catalogue import Capability, Catalogue, Effect, Grant, Service
from console.graph.edges import NodeKind

SHOWN_APART = frozenset({Kind.REALM, Kind.ROLE, Kind.COMPOSITE, Kind.COMPOSITE_CLIENT_ROLE})
_INCLUDES = (Kind.COMPOSITE, Kind.COMPOSITE_CLIENT_ROLE)
_PARTS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.GROUP: (Kind.GROUP_ROLE, Kind.GROUP_CLIENT_ROLE, Kind.DEFAULT_GROUP),
    Kind.CLIENT: (
        Kind.CLIENT_ROLE,
        Kind.CLIENT_MAPPER,
        Kind.CLIENT_DEFAULT_SCOPE,
        Kind.CLIENT_OPTIONAL_SCOPE,
        Kind.ALLOWED_ROLE,
        Kind.ALLOWED_CLIENT_ROLE,
        Kind.SERVICE_ROLE,
        Kind.SERVICE_CLIENT_ROLE,
    ),
    Kind.CLIENT_SCOPE: (
        Kind.MAPPER,
        Kind.SCOPE_ROLE,
        Kind.SCOPE_CLIENT_ROLE,
        Kind.DEFAULT_SCOPE,
        Kind.OPTIONAL_SCOPE,
    ),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something declared: its settings in words, and what stands in it or hangs on it, by label."""

    name: str
    settings: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a right gives of a capability. `mark` is one of yes, limited, exempt, unclear, unstated, none."""

    mark: str
    words: str
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    capability: Capability
    cells: tuple[Cell, ...]
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A service as the documents' table: capabilities down, rights across."""

    service: Service
    heads: tuple[tuple[str, str], ...]  # title, name
    rows: tuple[Row, ...]
    notes: tuple[int, ...] = ()


def blueprint_page(blueprint: Blueprint, said: Expansion) -> dict[str, Any]:
    """Return the context of the page: what the blueprint says with these parameters."""
    catalogue = said.catalogue
    numbers = {one.key: at for at, one in enumerate(catalogue.notes, start=1)}
    return {
        "said": said,
        "settings": _settings(said.state.resources[REALM]) if REALM in said.state else (),
        "roles": _roles(said.state, catalogue),
        "sections": _sections(said.state),
        "tables": tables_of(catalogue, said.state),
        "notes": [(numbers[one.key], one, blueprint.parameter(one.parameter)) for one in catalogue.notes],
    }


def tables_of(catalogue: Catalogue, state: State) -> list[Table]:
    """Return one table for each service, with what comes through composites counted in."""
    reached = _reached(catalogue, state)
    numbers = {one.key: at for at, one in enumerate(catalogue.notes, start=1)}
    return [_table(service, catalogue, reached, numbers) for service in catalogue.services]


def _table(
    service: Service,
    catalogue: Catalogue,
    reached: Mapping[tuple[NodeKind, str], frozenset[tuple[NodeKind, str]]],
    numbers: Mapping[str, int],
) -> Table:
    capabilities = [one for one in catalogue.capabilities if one.service == service.key]
    grants = {one.key: catalogue.of_capability[one.key] for one in capabilities}
    named = {(grant.kind, grant.right.text) for some in grants.values() for grant in some}
    rights = [one for one in reached if reached[one] & named]
    rights += sorted(one for one in named if one not in reached)
    rows = []
    for one in capabilities:
        own = {key: at for key, at in numbers.items() if key not in one.notes}  # said once, at the row
        cells = tuple(
            _cell(one, grants[one.key], reached.get(right, frozenset({right})), own) for right in rights
        )
        rows.append(Row(one, cells, _numbers(one.notes, numbers)))
    heads = tuple((catalogue.titles.get(name) or _short(kind, name), name) for kind, name in rights)
    return Table(service, heads, tuple(rows), _numbers((service.note,), numbers))


def _short(kind: NodeKind, name: str) -> str:
    """Return how a right without a title is called: of a scope in a client's tokens, the scope."""
    return name.partition("/")[2] if kind is NodeKind.CLIENT_SCOPE else name


def _reached(
    catalogue: Catalogue, state: State
) -> dict[tuple[NodeKind, str], frozenset[tuple[NodeKind, str]]]:
    """Return every right that has a name here, with all that it includes, itself among them."""
    inner: dict[str, set[str]] = {
        one.address.path[0]: set() for one in state if one.address.kind is Kind.ROLE
    }
    for one in state:
        if one.address.kind is Kind.COMPOSITE:
            inner.setdefault(one.address.path[0], set()).add(one.address.path[1])
    for family in catalogue.families:
        for role in family.roles:
            inner[role.pattern.text] = {each.text for each in role.includes}
    return {
        (NodeKind.ROLE, name): frozenset((NodeKind.ROLE, each) for each in _closure(name, inner))
        for name in inner
    }


def _closure(start: str, inner: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        new = inner.get(waiting.pop(), set()) - found
        found |= new
        waiting += sorted(new)
    return found


def _cell(
    capability: Capability,
    grants: Iterable[Grant],
    reached: frozenset[tuple[NodeKind, str]],
    numbers: Mapping[str, int],
) -> Cell:
    mine = [one for one in grants if (one.kind, one.right.text) in reached]
    giving = [one for one in mine if one.effect is Effect.GIVES]
    if not mine:
        is_open = capability.silence.value == "unstated"
        return Cell("unstated", "not stated") if is_open else Cell("none", "no access")
    notes = _numbers([key for one in mine for key in one.notes], numbers)
    if not giving:
        return Cell("unclear", "the documents may mean it", notes)
    best = max(giving, key=lambda one: _strength(capability, one))
    level = best.level or ("exempt" if best.exempt else "yes")
    if best.exempt:
        return Cell("exempt", f"{best.level} exempt from the rules".strip(), notes)
    limited = capability.needs is not None or best.when is not None
    rule = f"{level}, {best.rule}" if best.rule else level
    return Cell("limited" if limited else "yes", rule, notes)


def _strength(capability: Capability, grant: Grant) -> tuple[bool, int]:
    at = capability.levels.index(grant.level) if grant.level in capability.levels else -1
    return grant.exempt, at


def _numbers(keys: Iterable[str], numbers: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sorted({numbers[key] for key in keys if key in numbers}))


# --- what it declares -----------------------------------------------------------------------------


def _roles(state: State, catalogue: Catalogue) -> list[dict[str, Any]]:
    included: dict[str, list[str]] = {}
    for one in state:
        if one.address.kind in _INCLUDES:
            included.setdefault(one.address.path[0], []).append(" / ".join(one.address.path[1:]))
    return [
        {
            "name": one.address.path[0],
            "title": catalogue.titles.get(one.address.path[0], ""),
            "description": one.fields.get("description", ""),
            "includes": sorted(included.get(one.address.path[0], [])),
        }
        for one in state
        if one.address.kind is Kind.ROLE
    ]


def _sections(state: State) -> list[tuple[str, list[Thing]]]:
    """Return everything else that is declared, by kind; what hangs on a thing stands with it."""
    inside = {kind for parts in _PARTS.values() for kind in parts}
    found: dict[Kind, list[Thing]] = {}
    by_kind: dict[Kind, list[Resource]] = {}
    for one in state:
        by_kind.setdefault(one.address.kind, []).append(one)
    for kind, rows in by_kind.items():
        if kind in SHOWN_APART or (kind in inside and _has_owner(kind, by_kind)):
            continue
        found[kind] = [_thing(one, by_kind) for one in rows]
    order = list(KINDS)
    first = [*_PARTS, *(kind for kind in order if kind not in _PARTS)]
    return [(_plural(kind), found[kind]) for kind in first if kind in found]


def _has_owner(kind: Kind, by_kind: Mapping[Kind, list[Resource]]) -> bool:
    owner = next(one for one, parts in _PARTS.items() if kind in parts)
    names = {one.address.path[0] for one in by_kind.get(owner, ())}
    return all(one.address.path[0] in names for one in by_kind[kind])


def _thing(one: Resource, by_kind: Mapping[Kind, list[Resource]]) -> Thing:
    name = " / ".join(one.address.path)
    parts = []
    for kind in _PARTS.get(one.address.kind, ()):
        mine = [each for each in by_kind.get(kind, ()) if each.address.path[0] == one.address.path[0]]
        if mine:
            words = tuple(" / ".join(each.address.path[1:]) or "yes" for each in mine)
            parts.append((_plural(kind), words))
    return Thing(name or KINDS[one.address.kind].label, _settings(one), tuple(parts))


def _settings(one: Resource) -> tuple[tuple[str, str], ...]:
    known = KINDS[one.address.kind].fields
    return tuple(
        (known[name].label if name in known else name.replace("_", " "), _words(value))
        for name, value in one.fields.items()
        if value not in ("", [], {}, None)
    )


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_words(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def _plural(kind: Kind) -> str:
    words = KINDS[kind].plural
    return f"{words[0].upper()}{words[1:]}"
