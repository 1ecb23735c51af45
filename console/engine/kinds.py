"""What each kind is: its fields, what a change of a field does to access, and what it stands on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from console.engine.state import Address, Fields, Kind


class Risk(StrEnum):
    """What a change does to access. `MIXED` takes something away and gives something."""

    NEUTRAL = "neutral"
    NARROWS = "narrows"
    WIDENS = "widens"
    MIXED = "mixed"


Between = Callable[[Any, Any], Any]


def both_true(before: Any, after: Any) -> bool:
    return bool(before and after)


def either_true(before: Any, after: Any) -> bool:
    return bool(before or after)


def shared(before: Any, after: Any) -> list[Any]:
    return sorted(set(before) & set(after))


def unjudged(before: Any, _after: Any) -> Any:
    """For fields whose effect we cannot judge: the new value counts as widening, so it goes last."""
    return before


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One managed field. `between` gives the value that allows no more than before nor after.

    It is None for a field without effect on access. Through it any change can be done in two
    steps, first what narrows, much later what widens.
    """

    label: str
    default: Any
    between: Between | None = None

    def risk(self, before: Any, after: Any) -> Risk:
        if before == after or self.between is None:
            return Risk.NEUTRAL
        middle = self.between(before, after)
        if middle == after:
            return Risk.NARROWS
        return Risk.WIDENS if middle == before else Risk.MIXED


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind. `parts` says, for each part of a path, which kind's name stands there, if any.

    `rank` is the place in the order of building. `is_leftover` kinds confer nothing by their mere
    presence: they are deleted last. `has_name` kinds can be renamed: others refer to them by name.
    """

    label: str
    rank: int
    parts: tuple[Kind | None, ...] = ()
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    is_link: bool = False
    is_leftover: bool = False
    has_name: bool = False


def text(label: str) -> FieldSpec:
    return FieldSpec(label, "")


def flag(label: str, default: bool, between: Between | None) -> FieldSpec:
    return FieldSpec(label, default, between)


REALM_FIELDS = {
    "display_name": text("Display name"),
    "enabled": flag("Enabled", True, both_true),
    "access_token_lifespan": FieldSpec("Access token lifespan", 300, min),
    "sso_session_idle": FieldSpec("Session idle time", 1800, min),
    "sso_session_max": FieldSpec("Session maximum", 36000, min),
    "login_with_email": flag("Login with e-mail", True, both_true),
    "registration_allowed": flag("Self-registration", False, both_true),
    "brute_force_protected": flag("Brute-force protection", False, either_true),
}
PERSON_FIELDS = {
    "email": text("E-mail"),
    "first_name": text("First name"),
    "last_name": text("Last name"),
    "enabled": flag("Enabled", True, both_true),
}
PROFILE_FIELDS = {
    "multivalued": flag("Several values", False, None),
    "view": FieldSpec("Who may see it", [], shared),
    "edit": FieldSpec("Who may change it", [], shared),
}
MAPPER_FIELDS = {"type": FieldSpec("Type", "", unjudged), "config": FieldSpec("Settings", {}, unjudged)}
SCOPE_FIELDS = {"description": text("Description"), "protocol": FieldSpec("Protocol", "", unjudged)}

KINDS: Mapping[Kind, KindSpec] = MappingProxyType(
    {
        Kind.REALM: KindSpec("realm", 0, fields=REALM_FIELDS),
        Kind.PROFILE_ATTRIBUTE: KindSpec(
            "profile attribute", 1, (None,), fields=PROFILE_FIELDS, is_leftover=True
        ),
        Kind.CLIENT_SCOPE: KindSpec("client scope", 1, (None,), fields=SCOPE_FIELDS, is_leftover=True),
        Kind.MAPPER: KindSpec(
            "token mapper", 2, (Kind.CLIENT_SCOPE, None), fields=MAPPER_FIELDS, is_leftover=True
        ),
        Kind.ROLE: KindSpec("role", 2, (None,), fields={"description": text("Description")}, has_name=True),
        Kind.GROUP: KindSpec("group", 3, (None,), fields={"description": text("Description")}, has_name=True),
        Kind.PERSON: KindSpec("person", 4, (None,), fields=PERSON_FIELDS, has_name=True),
        Kind.DEFAULT_SCOPE: KindSpec("default client scope", 5, (Kind.CLIENT_SCOPE,), is_link=True),
        Kind.COMPOSITE: KindSpec("included role", 6, (Kind.ROLE, Kind.ROLE), is_link=True),
        Kind.GROUP_ROLE: KindSpec("role of a group", 7, (Kind.GROUP, Kind.ROLE), is_link=True),
        Kind.ENTITLEMENT: KindSpec("entitlement", 8, (None, None, None), is_link=True),
        Kind.MEMBERSHIP: KindSpec("membership", 9, (Kind.PERSON, Kind.GROUP), is_link=True),
        Kind.PERSON_ROLE: KindSpec("role of a person", 10, (Kind.PERSON, Kind.ROLE), is_link=True),
    }
)

# Keycloak makes these roles itself in every realm and builds on them: we link to them, no more.
PROTECTED_ROLES = frozenset({"offline_access", "uma_authorization"})
PROTECTED_PREFIX = "default-roles-"
PROTECTED_REALM = "master"
REALM = Address(Kind.REALM, ())


def spec_of(address: Address) -> KindSpec:
    return KINDS[address.kind]


ENDS: Mapping[Kind, tuple[tuple[int, Kind], ...]] = {
    kind: tuple((index, part) for index, part in enumerate(spec.parts) if part is not None)
    for kind, spec in KINDS.items()
}


def ends(address: Address) -> tuple[tuple[int, Address], ...]:
    """Return each part of a path that is another resource's name, with that resource's address."""
    path = address.path
    if address.kind is Kind.ENTITLEMENT:
        return ((1, Address(Kind(path[0]), (path[1],))),)
    return tuple((index, Address(kind, (path[index],))) for index, kind in ENDS[address.kind])


def needs(address: Address) -> tuple[Address, ...]:
    """Return the addresses that must exist before this one can (the realm goes without saying)."""
    if address.kind is Kind.GROUP:
        above = parent_path(address.path[0])
        return (Address(Kind.GROUP, (above,)),) if above else ()
    return tuple([end for _, end in ends(address)])


def all_needs(address: Address) -> Iterator[Address]:
    """Yield what an address stands on, directly or through others, nearest first."""
    for need in needs(address):
        yield need
        yield from all_needs(need)


def parent_path(path: str) -> str:
    """Return the path of a group's parent, "" for a top-level group."""
    return path.rpartition("/")[0]


def is_protected(address: Address) -> bool:
    """Tell whether Keycloak owns this: it is linked to, and never created, changed or deleted."""
    if address.kind is not Kind.ROLE:
        return False
    return address.path[0] in PROTECTED_ROLES or address.path[0].startswith(PROTECTED_PREFIX)


def managed(address: Address, fields: Fields, like: Fields) -> dict[str, Any]:
    """Return the values of the fields that `like` names; an absent one has its kind's default."""
    known = spec_of(address).fields
    return {name: fields.get(name, known[name].default if name in known else None) for name in like}


def described(address: Address) -> str:
    """Return what an administrator calls this thing, e.g. `group "data/eng"`."""
    path, label = address.path, spec_of(address).label
    match address.kind:
        case Kind.REALM:
            return "the realm"
        case Kind.COMPOSITE:
            return f'role "{path[1]}" included in role "{path[0]}"'
        case Kind.GROUP_ROLE:
            return f'role "{path[1]}" of group "{path[0]}"'
        case Kind.PERSON_ROLE:
            return f'role "{path[1]}" of {path[0]}'
        case Kind.MEMBERSHIP:
            return f'membership of {path[0]} in group "{path[1]}"'
        case Kind.ENTITLEMENT:
            return f'entitlement "{path[2]}" of {path[0]} "{path[1]}"'
    return f'{label} "{"/".join(path)}"'
