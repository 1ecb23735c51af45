"""What a realm is now: what some people are in and have, and the structure that is right for it."""

from collections.abc import Collection

from django.db import connection
from django.utils import timezone

from access.kept.reading import Read, read
from access.kept.rows import save
from access.kept.structure import KEPT, Structure, structure_from
from console.engine.state import Kind
from tenants.models import Realm


def current(realm: Realm, people: Collection[str] | None) -> tuple[Read, Structure]:
    """Return both, of one moment. Without a structure for it in this process, it is made and kept."""
    found = read_people(realm, people)
    structure = KEPT.get(realm.scope_id, found.stamp, was_read=was_read(realm))
    if structure is not None:
        return found, structure
    return rebuilt(realm, people)


def rebuilt(realm: Realm, people: Collection[str] | None) -> tuple[Read, Structure]:
    """Return both from scratch, and keep the structure in this process, and as rows if these are not there.

    Inside of a transaction nothing is saved as rows: it may be taken back, and others would wait.
    """
    found = read_people(realm, people, structure=True)
    structure = structure_from(found, was_read=was_read(realm))
    stamp = found.stamp
    if found.around is None and not connection.in_atomic_block:
        before = KEPT.newest(realm.scope_id)
        stamp = save(realm.scope_id, stamp, structure, now=timezone.now(), before=before)
    KEPT.put(realm.scope_id, stamp, structure)
    return found, structure


def read_people(realm: Realm, people: Collection[str] | None, *, structure: bool = False) -> Read:
    """Return what is there of these people, also under the names that they had until now."""
    found = read(realm, people=people, structure=structure)
    if people is None:
        return found
    former = {was.path[0] for was in found.personal.waiting.values() if was and was.kind is Kind.PERSON}
    if former - set(people):
        found = read(realm, people=[*people, *(former - set(people))], structure=structure)
    return found


def was_read(realm: Realm) -> bool:
    return realm.scope.read_at is not None
