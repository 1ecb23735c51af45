"""What single people are in and have, as texts: a row for each, in one statement with the realm's stamp.

For answers, which need no word of where a link comes from. Links that say so are read by `reading`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from access.kept.reading import Read
from access.kept.rows import text_of
from access.kept.statements import HOLDINGS
from access.kept.structure import Around, gone_of, once_applied, pending_of
from console.engine.state import Address, Kind
from console.graph.edges import EVERYBODY, ends_of, parents_of, role
from console.prepared import rows_of
from tenants.models import Realm

SIGNED_IN = text_of(EVERYBODY)


class Holder(NamedTuple):
    """One person: where her rights begin, declared (`has`) and read in Keycloak (`seen`), as nodes' texts.

    `is_enabled` is None for who is known neither here nor there. `is_known`: a complete read found her.
    `linked` are further links in Keycloak, as addresses.
    """

    name: str
    is_declared: bool
    is_enabled: bool | None
    is_known: bool
    has: Collection[str]
    seen: Collection[str]
    linked: Collection[str]
    owned: Collection[str]


@dataclass(slots=True, kw_only=True)
class Holdings:
    """What there is of some people, and what service accounts own. `declared` are links beside `has`."""

    stamp: str
    around: Mapping[str, Any] | None = None  # with the kept rows, where these are of this moment
    people: list[Holder] = field(default_factory=list)
    declared: Collection[Address] = ()
    waiting: Mapping[Address, Address | None] = field(default_factory=dict)
    owned: Mapping[str, set[str]] = field(default_factory=dict)  # by client


def holdings_of(realm: Realm, people: Collection[str], clients: Collection[str]) -> Holdings:
    """Return what there is of these, also under the names that people had until now."""
    found = _read(realm, people, clients)
    former = {was.path[0] for was in found.waiting.values() if was and was.kind is Kind.PERSON} - {*people}
    return _read(realm, {*people, *former}, clients) if former else found


def holdings_from(found: Read) -> Holdings:
    """Return the same of links that were read together with the structure."""
    part = found.personal
    linked = defaultdict[str, list[str]](list)
    for address in part.seen:
        if ends := ends_of(address):
            linked[ends[0].name].append(address.key)
    people = [
        Holder(
            name=one,
            is_declared=one in found.people,
            is_enabled=None,
            is_known=one in found.known,
            has=(),
            seen=(),
            linked=linked[one],
            owned=found.owned.get(("person", one), ()),
        )
        for one in {*found.people, *found.known, *linked}
    ]
    owned = {name: things for (kind, name), things in found.owned.items() if kind == "client"}
    return Holdings(
        stamp=found.stamp, people=people, declared=part.declared, waiting=part.waiting, owned=owned
    )


def starts_of(realm: Realm, found: Holdings, around: Around) -> dict[str, set[str]]:
    """Return by user name the nodes from where each has rights, as texts, once what waits is applied."""
    seen, known = _seen(found, around)
    starts = defaultdict[str, set[str]](set, {one.name: {*one.has} for one in found.people})
    for name, texts in (*seen, *_links(found.declared)):
        starts[name].update(texts)
    declared = {one.name for one in found.people if one.is_declared}
    if strange := declared - known:  # Keycloak gives these to whom it creates
        given = {
            text_of(role(realm.default_role)),
            *(f"group:{one.path[0]}" for one in around.default_groups),
        }
        for name in strange:
            starts[name] |= given
    for name, texts in starts.items():
        if texts or name in declared or name in known:
            texts.add(SIGNED_IN)
    return starts


def way_of(start: str) -> tuple[str, ...]:
    """Return a node with what counts together with it: of a group those above it.

    A group brings them, for it may be one that the structure does not know.
    """
    kind, _, name = start.partition(":")
    return (start, *(f"group:{one}" for one in parents_of(name))) if kind == "group" else (start,)


Texts = Iterable[tuple[str, Iterable[str]]]


def _seen(found: Holdings, around: Around) -> tuple[Texts, set[str]]:
    """Return what will be in Keycloak of each, and who is there."""
    known = {one.name for one in found.people if one.is_known}
    if not around.waiting and not found.waiting:
        linked = [Address.parse(one) for person in found.people for one in person.linked]
        return (*((one.name, one.seen) for one in found.people), *_links(linked)), known
    pending = pending_of(around.waiting, found.waiting)
    people = {Address(Kind.PERSON, (one.name,)) for one in found.people if one.is_declared}
    gone = around.gone | gone_of(found.waiting, people)
    links = {address for one in found.people for address in _addresses(one)}
    there = {pending.renamed(Address(Kind.PERSON, (one,))) for one in known} - gone
    return tuple(_links(once_applied(links, pending, gone))), {one.path[0] for one in there}


def _links(addresses: Iterable[Address]) -> Iterable[tuple[str, tuple[str]]]:
    for address in addresses:
        ends = ends_of(address)
        if ends is not None:
            yield ends[0].name, (text_of(ends[1]),)


def _addresses(one: Holder) -> Iterable[Address]:
    for text in one.seen:
        kind, _, name = text.partition(":")
        yield Address(_KINDS[kind], (*_BEGIN.get(kind, ()), one.name, name))
    yield from map(Address.parse, one.linked)


_KINDS = {"group": Kind.MEMBERSHIP, "role": Kind.PERSON_ROLE, "entitlement": Kind.ENTITLEMENT}
_BEGIN = {"entitlement": (Kind.PERSON.value,)}


def _read(realm: Realm, people: Collection[str], clients: Collection[str]) -> Holdings:
    values = {
        "realm": realm.pk,
        "scope": realm.scope_id,
        "names": list(people),
        "things": [Address(Kind.PERSON, (one,)).key for one in people],
        "clients": [Address(Kind.CLIENT, (one,)).key for one in clients],
    }
    first, *rows = rows_of(HOLDINGS, values)
    (stamp, around), declared, waiting, owned = first[4:]
    return Holdings(
        stamp=stamp,
        around=orjson.loads(around) if around else None,
        people=list(map(Holder._make, rows)),
        declared=list(map(Address.parse, declared)),
        waiting=dict(map(_waiting, waiting)),
        owned=_owned(owned),
    )


def _waiting(line: str) -> tuple[Address, Address | None]:
    address, _, was = line.partition("\n")
    return Address.parse(address), Address.parse(was) if was else None


def _owned(lines: Iterable[str]) -> dict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for line in lines:
        client, _, thing = line.partition("|")
        found[Address.parse(f"client:{client}").path[0]].add(thing)
    return dict(found)
