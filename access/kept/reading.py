"""Everything that the graph needs of a realm, in one statement: so it is of one moment, with its stamp.

A statement is one snapshot. So what one person is in and has is never joined with a structure of another
moment, and what was kept at the stamp that came along is right for it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from access.kept import statements
from console.engine.state import Address, Kind
from console.prepared import rows_of
from tenants.models import Realm

Told = tuple[datetime | None, str, str]  # since when, by whom and why


@dataclass(slots=True)
class Part:
    """Some of what there is: declared, read in Keycloak, and waiting to be applied.

    `fields` are those of things whose settings count, declared and read. `waiting` has for each touched
    address the one it had before, or None.
    """

    declared: dict[Address, Told] = field(default_factory=dict)
    seen: set[Address] = field(default_factory=set)
    fields: dict[Address, dict[str, Any]] = field(default_factory=dict)
    waiting: dict[Address, Address | None] = field(default_factory=dict)
    named: set[Address] = field(default_factory=set)  # declared things that are no links


@dataclass(slots=True)
class Read:
    """What one statement found. `people` are the user names that are declared; `known` are in Keycloak."""

    stamp: str = ""
    around: dict[str, Any] | None = None  # with the kept rows, where these are of this moment
    structure: Part = field(default_factory=Part)
    personal: Part = field(default_factory=Part)
    people: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    owned: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # person or client -> resources


def read(realm: Realm, *, people: Collection[str] | None, structure: bool) -> Read:
    """Return what is declared, observed and waiting of these people (None: all), maybe with the structure."""
    everybody = people is None
    names = list(people or ())
    things = [Address(Kind.PERSON, (one,)).key for one in names]
    values: dict[str, Any] = {
        "realm": realm.pk,
        "scope": realm.scope_id,
        "names": names,
        "owners": [*names, *(f"person:{one}" for one in names)],
        "things": things,
        "quoted": [one.removeprefix("person:") for one in things],
    }
    return _sorted_out(rows_of(statements.whole(everybody=everybody, structure=structure), values))


def _sorted_out(rows: list[tuple[Any, ...]]) -> Read:
    found = Read()
    for row in rows:
        _TAKERS[row[0]](found, row)
    return found


_KINDS = {kind.value: kind for kind in Kind}
Row = tuple[Any, ...]  # part, kind, three texts, more, since, by, why


def _take_stamp(found: Read, row: Row) -> None:
    found.stamp = row[2]
    found.around = orjson.loads(row[5]) if row[5] else None


def _take_link(found: Read, row: Row) -> None:
    _, kind, *path, _, since, by, why = row
    if path[0] == "client" and kind == Kind.ENTITLEMENT.value:
        path[1] = _client_named(path[1])
    address = Address(_KINDS[kind], tuple([one for one in path if one is not None]))
    _part(found, address).declared[address] = (since, by, why)


def _take_address(found: Read, row: Row) -> None:
    address = Address.parse(row[2])
    part = _part(found, address)
    part.declared[address] = (row[6], row[7], row[8])
    if row[5] is not None:
        _note_fields(part, address, row[5])


def _take_seen(found: Read, row: Row) -> None:
    address = Address.parse(row[2])
    part = _part(found, address)
    part.seen.add(address)
    if row[5] is not None:
        _note_fields(part, address, row[5])


def _take_waiting(found: Read, row: Row) -> None:
    address = Address.parse(row[2])
    _part(found, address).waiting[address] = Address.parse(row[3]) if row[3] else None


def _take_name(found: Read, row: Row) -> None:
    found.structure.named.add(Address(Kind(row[1]), (row[2],)))


def _take_person(found: Read, row: Row) -> None:
    found.people.add(row[2])


def _take_known(found: Read, row: Row) -> None:
    found.known.add(row[2])


def _take_owned(found: Read, row: Row) -> None:
    holder = _client_named(row[2]) if row[1] == "client" else row[2]
    found.owned.setdefault((row[1], holder), set()).add(row[3])


def _client_named(quoted: str) -> str:
    return Address.parse(f"client:{quoted}").path[0]


_TAKERS = {
    "address": _take_address,
    "known": _take_known,
    "link": _take_link,
    "name": _take_name,
    "owned": _take_owned,
    "person": _take_person,
    "seen": _take_seen,
    "stamp": _take_stamp,
    "waiting": _take_waiting,
}


def _note_fields(part: Part, address: Address, text: str) -> None:
    fields = orjson.loads(text)
    if address.kind is Kind.CLIENT:
        # Declared or read: its service account is there, or will be.
        fields = {"service_accounts": fields or part.fields.get(address, {}).get("service_accounts")}
    part.fields.setdefault(address, {}).update(fields)


PERSONAL = frozenset(
    {
        Kind.MEMBERSHIP,
        Kind.ORGANIZATION_GROUP_MEMBER,
        Kind.ORGANIZATION_MEMBER,
        Kind.PERSON,
        Kind.PERSON_CLIENT_ROLE,
        Kind.PERSON_ROLE,
    }
)


def is_personal(address: Address) -> bool:
    """Tell whether an address belongs to one person: such a row does not move the structure."""
    if address.kind is Kind.ENTITLEMENT:
        return address.path[0] == "person"
    return address.kind in PERSONAL


def _part(found: Read, address: Address) -> Part:
    return found.personal if is_personal(address) else found.structure
