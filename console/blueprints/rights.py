"""The part of a blueprint that says what rights open: the catalogue of services, capabilities and grants."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from console.blueprints.needs import condition
from console.graph.catalogue import (
    Capability,
    Catalogue,
    Effect,
    EntitlementKind,
    Family,
    FamilyRole,
    Grant,
    Note,
    Pattern,
    Reading,
    Service,
    Silence,
)
from console.graph.edges import NodeKind

Data = Mapping[str, Any]
RIGHTS = {
    "roles": NodeKind.ROLE,
    "client_roles": NodeKind.CLIENT_ROLE,
    "scopes": NodeKind.CLIENT_SCOPE,
}


def catalogue(data: Data, *, notes: tuple[Note, ...], digest: str) -> Catalogue:
    """Return what data without placeholders and without faults say of rights."""
    entitlements = data.get("entitlements") or {}
    return Catalogue(
        services=tuple(_service(one) for one in data.get("services") or ()),
        capabilities=tuple(_capability(name, one) for name, one in capabilities(data).items()),
        grants=tuple(_grants(data)),
        entitlements=tuple(_type(one) for one in entitlements.get("types") or ()),
        families=tuple(_family(one) for one in data.get("families") or ()),
        notes=notes,
        titles=_titles(data),
        looks_like=dict(data.get("looks_like") or {}),
        enforced=entitlements.get("enforced") is True,
        key=f"{data['blueprint']} {data['version']}",
        digest=digest,
    )


def digest_of(*parts: str) -> str:
    """Return the fingerprint of some texts in their order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def capabilities(data: Data) -> dict[str, Data]:
    """Return the entry of each capability under its whole name, `service:key`."""
    return {
        f"{service['key']}:{one['key']}": one
        for service in data.get("services") or ()
        for one in service.get("capabilities") or ()
    }


def _grants(data: Data) -> Iterator[Grant]:
    """Yield each grant: one for each right and capability that an entry names."""
    for one in data.get("grants") or ():
        for key, kind in RIGHTS.items():
            for right in one.get(key) or ():
                yield from (_grant(one, kind, right, name) for name in one.get("gives") or ())


def _service(one: Data) -> Service:
    return Service(key=one["key"], name=one["name"], short=one["short"], note=one.get("note", ""))


def _capability(name: str, one: Data) -> Capability:
    return Capability(
        key=name,
        service=name.partition(":")[0],
        name=one["name"],
        short=one["short"],
        group=one.get("group", ""),
        resource=one.get("resource", ""),
        levels=tuple(one.get("levels") or ()),
        needs=condition(one.get("needs")),
        silence=Silence(one.get("silence", "none")),
        reading=Reading(one.get("reading", "stated")),
        notes=tuple(one.get("notes") or ()),
        actions=tuple(one.get("actions") or ()),
        in_documents=one.get("in_documents", True),
    )


def _grant(one: Data, kind: NodeKind, right: str, capability: str) -> Grant:
    return Grant(
        kind=kind,
        right=Pattern(right),
        capability=capability,
        level=one.get("level", ""),
        resource=one.get("resource", ""),
        exempt=one.get("exempt") is True,
        when=condition(one.get("needs")),
        effect=Effect.UNCLEAR if one.get("unclear") is True else Effect.GIVES,
        rule=one.get("rule", ""),
        reading=Reading(one.get("reading", "stated")),
        notes=tuple(one.get("notes") or ()),
    )


def _type(one: Data) -> EntitlementKind:
    return EntitlementKind(
        name=one["name"],
        levels=tuple(one["levels"]),
        description=one.get("description", ""),
        notes=tuple(one.get("notes") or ()),
    )


def _family(one: Data) -> Family:
    return Family(
        key=one["key"],
        name=one["name"],
        roles=tuple(_family_role(role) for role in one["roles"]),
        given=Pattern(one["given"]) if one.get("given") else None,
        made_with_person=one.get("made_with_person", False),
        sets_off=one.get("sets_off", ""),
        left_behind=one.get("left_behind", ""),
        resource=one.get("resource", ""),
        notes=tuple(one.get("notes") or ()),
    )


def _family_role(one: Data) -> FamilyRole:
    return FamilyRole(
        pattern=Pattern(one["pattern"]),
        title=one["title"],
        description=one.get("description", ""),
        includes=tuple(Pattern(name) for name in one.get("includes") or ()),
    )


def _titles(data: Data) -> dict[str, str]:
    return {one["name"]: one["title"] for one in data.get("roles") or () if one.get("title")}
