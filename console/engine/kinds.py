"""What can be said of an address from its kind alone: what it stands on, who owns it, what it is called."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from console.engine.catalog import KINDS
from console.engine.fields import FieldSpec, Risk
from console.engine.kind_spec import KindSpec
from console.engine.state import Address, Fields, Kind

__all__ = ["KINDS", "FieldSpec", "KindSpec", "Risk"]

# Keycloak makes these roles itself in every realm and builds on them: we link to them, no more.
PROTECTED_ROLES = frozenset({"offline_access", "uma_authorization"})
PROTECTED_PREFIX = "default-roles-"
# Its own clients; from 26.7 on the roles of realm-management can only be read.
PROTECTED_CLIENTS = frozenset(
    {"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}
)
PROTECTED_REALM = "master"
REALM = Address(Kind.REALM, ())
# Who is entitled to something: the first part of an entitlement's path. A client stands for its account.
CARRIERS = frozenset({Kind.PERSON, Kind.GROUP, Kind.CLIENT})
_CARRYING = {one.value: one for one in CARRIERS}
BY_ID = frozenset({Kind.CLIENT, Kind.CLIENT_SCOPE})  # no call has their names in its path: these may be any
TREES = frozenset({Kind.GROUP, Kind.ORGANIZATION_GROUP})  # kinds whose last name is a path of names
# What Keycloak declares for everybody: it can be changed, and not be taken away.
GIVEN_ATTRIBUTES = frozenset({"username", "email", "firstName", "lastName"})
GIVEN_SCOPES = frozenset(
    {
        "AuthnContextClassRef",
        "acr",
        "address",
        "basic",
        "email",
        "microprofile-jwt",
        "offline_access",
        "organization",
        "phone",
        "profile",
        "role_list",
        "roles",
        "saml_organization",
        "service_account",
        "web-origins",
    }
)


def spec_of(address: Address) -> KindSpec:
    return KINDS[address.kind]


def _ends_of(kind: Kind) -> tuple[tuple[int, int, Kind], ...]:
    """Return (first part, part after the last, kind) of each thing that a path of this kind names."""
    parts = KINDS[kind].parts
    return tuple(
        (index + 1 - len(KINDS[named].parts), index + 1, named)
        for index, named in enumerate(parts)
        if named is not None
    )


ENDS: Mapping[Kind, tuple[tuple[int, int, Kind], ...]] = {kind: _ends_of(kind) for kind in KINDS}


def ends(address: Address) -> tuple[tuple[int, Address], ...]:
    """Return each thing that a path names, as an address, with the place in the path where it begins."""
    path = address.path
    if address.kind is Kind.ENTITLEMENT:
        return ((1, Address(_CARRYING.get(path[0]) or Kind(path[0]), (path[1],))),)
    return tuple([(first, Address(kind, path[first:after])) for first, after, kind in ENDS[address.kind]])


def kinds_of_names(address: Address) -> dict[int, Kind]:
    """Return, by its place, the kind that each part of a path is the name of."""
    things = ((0, address), *ends(address)) if not spec_of(address).is_link else ends(address)
    kinds: dict[int, Kind] = {}
    for first, thing in things:
        kinds[first + len(thing.path) - 1] = thing.kind
        for place, above in ends(thing):
            kinds[first + place + len(above.path) - 1] = above.kind
    return kinds


def _refers(kind: Kind, to: Kind) -> bool:
    if kind is Kind.ENTITLEMENT:
        return to in CARRIERS
    return any(named is to or _refers(named, to) for _, _, named in ENDS[kind])


# The kinds whose addresses hold the name of a thing of this kind, its own among them.
HOLDERS: Mapping[Kind, frozenset[Kind]] = {
    named: frozenset(kind for kind in KINDS if kind is named or _refers(kind, named)) for named in KINDS
}
# Settings of the realm without which Keycloak shows and takes nothing of these kinds.
SWITCHES: Mapping[str, frozenset[Kind]] = {"organizations_enabled": HOLDERS[Kind.ORGANIZATION]}
SWITCH_OF: Mapping[Kind, str] = {kind: name for name, kinds in SWITCHES.items() for kind in kinds}
# The kinds that stand inside another thing, and that Keycloak deletes along with it.
INSIDE = frozenset(kind for kind, spec in KINDS.items() if ENDS[kind] and not spec.is_link) | TREES


def needs(address: Address) -> tuple[Address, ...]:
    """Return the addresses that must exist before this one can (the realm goes without saying)."""
    if address.kind in TREES and (above := parent_path(address.path[-1])):
        return (Address(address.kind, (*address.path[:-1], above)),)
    named = tuple([end for _, end in ends(address)])
    if address.kind is Kind.ORGANIZATION_GROUP_MEMBER:
        # Keycloak takes only members of the organization into its groups, and who leaves it leaves them.
        alias, _, username = address.path
        return (*named, Address(Kind.ORGANIZATION_MEMBER, (alias, username)))
    return named


def all_needs(address: Address) -> Iterator[Address]:
    """Yield what an address stands on, directly or through others, nearest first."""
    for need in needs(address):
        yield need
        yield from all_needs(need)


def above_of(thing: Address) -> Address | None:
    """Return what a thing stands inside, None for what stands in the realm itself, and for links."""
    return needs(thing)[0] if thing.kind in INSIDE and needs(thing) else None


def below(above: Address, thing: Address) -> Address:
    """Return a thing's address inside another one."""
    if above.kind is thing.kind:
        name = thing.path[-1].rpartition("/")[2]
        return Address(thing.kind, (*above.path[:-1], f"{above.path[-1]}/{name}"))
    return Address(thing.kind, (*above.path, *thing.path[len(above.path) :]))


def depth_of(address: Address) -> int:
    """Return how many things a thing stands inside."""
    above = above_of(address)
    return 0 if above is None else 1 + depth_of(above)


def parent_path(path: str) -> str:
    """Return the path of a group's parent, "" for a top-level group."""
    return path.rpartition("/")[0]


def is_protected(address: Address) -> bool:
    """Tell whether Keycloak owns this: it is linked to, and never created, changed or deleted."""
    kind, path = address.kind, address.path
    if kind is Kind.ROLE:
        return path[0] in PROTECTED_ROLES or path[0].startswith(PROTECTED_PREFIX)
    if kind in _OF_CLIENTS:
        return path[0] in PROTECTED_CLIENTS
    return False


_OF_CLIENTS = frozenset({Kind.CLIENT, Kind.CLIENT_ROLE, Kind.CLIENT_MAPPER}) | {
    Kind.CLIENT_COMPOSITE,
    Kind.CLIENT_COMPOSITE_CLIENT_ROLE,
}


def is_given(address: Address) -> bool:
    """Tell whether Keycloak makes this in every realm: declared no longer, it is left as it is."""
    if address.kind is Kind.PROFILE_ATTRIBUTE:
        return address.path[0] in GIVEN_ATTRIBUTES
    if address.kind is Kind.CLIENT_SCOPE:
        return address.path[0] in GIVEN_SCOPES
    return spec_of(address).is_given


# The roles of realm-management, by which a realm is administered.
# https://www.keycloak.org/docs/latest/server_admin/#_per_realm_admin_permissions
_OBJECTS = ["authorization", "clients", "events", "identity-providers", "organizations", "realm", "users"]
MANAGEMENT_ROLES = frozenset(
    {f"{verb}-{noun}" for verb in ("manage", "view") for noun in _OBJECTS}
    | {f"query-{noun}" for noun in ("clients", "groups", "organizations", "realms", "users")}
    | {"create-client", "impersonation", "realm-admin"}
)


def comes_with_realm(address: Address) -> bool:
    """Tell whether Keycloak makes this in every realm, so that others may be linked to it from the start."""
    kind, path = address.kind, address.path
    if kind is Kind.CLIENT_ROLE and path[0] == "realm-management":
        return path[1] in MANAGEMENT_ROLES
    if kind in (Kind.CLIENT, Kind.CLIENT_ROLE):
        return path[0] in PROTECTED_CLIENTS
    return is_given(address) or (kind is Kind.ROLE and is_protected(address))


# What Keycloak puts into a new directory, by its settings:
# https://github.com/keycloak/keycloak/blob/26.0.0/federation/ldap/src/main/java/org/keycloak/storage/ldap/LDAPStorageProviderFactory.java
GIVEN_DIRECTORY_MAPPERS = frozenset(
    {"MSAD account controls", "creation date", "email", "first name", "full name", "last name"}
    | {"modify date", "random initial password", "username", "username-cn"}
)


def made_with(address: Address) -> Address | None:
    """Return the thing with which Keycloak makes this by itself, or None where it makes it with nothing."""
    if is_given(address):
        return REALM
    if address.kind is Kind.DIRECTORY_MAPPER and address.path[1] in GIVEN_DIRECTORY_MAPPERS:
        return Address(Kind.DIRECTORY, (address.path[0],))
    return None


def is_kept(address: Address) -> bool:
    """Tell whether this is never deleted, even when we manage it and it is declared no longer."""
    return is_protected(address) or is_given(address)


def managed(address: Address, fields: Fields, like: Fields) -> dict[str, Any]:
    """Return the values of the fields that `like` names; an absent one has its kind's default.

    Of an open field only the keys that `like` has are managed; an absent key is the same as an empty one.
    """
    known = spec_of(address).fields
    return {
        name: _managed(known[name], fields.get(name, known[name].default), wanted) if name in known else None
        for name, wanted in like.items()
    }


def _managed(spec: FieldSpec, found: Any, wanted: Any) -> Any:
    if not spec.is_open or not isinstance(wanted, Mapping) or not isinstance(found, Mapping):
        return found
    return {key: found.get(key, type(value)()) for key, value in wanted.items()}


def merged(address: Address, fields: Fields, changes: Fields) -> dict[str, Any]:
    """Return the fields after a change: of an open field, keys that the change does not name stay."""
    known = spec_of(address).fields
    after = dict(fields)
    for name, value in changes.items():
        spec, there = known.get(name), after.get(name)
        if spec and spec.is_open and isinstance(there, Mapping) and isinstance(value, Mapping):
            after[name] = {key: one for key, one in {**there, **value}.items() if one}
        else:
            after[name] = value
    return after


def described(address: Address) -> str:
    """Return what an administrator calls this thing, e.g. `group "data/eng"`."""
    spec = spec_of(address)
    if address == REALM:
        return "the realm"
    if not address.path:
        return f"the {spec.label}"
    if spec.noun:
        return spec.noun.format(*address.path)
    return f'{spec.label} "{"/".join(address.path)}"'


def phrased(template: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a sentence, words and names in turn, beginning with words."""
    parts: list[str] = []
    for words, index, _, _ in Formatter().parse(template):
        parts.append(words)
        if index is not None:
            parts.append(path[int(index)])
    return tuple(parts)
