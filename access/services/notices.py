"""That somebody was told of an end: kept, so that nobody is told twice, and recorded."""

from collections.abc import Sequence
from typing import Any

from access.models import Notice, Person
from access.services.grants import words_of
from access.services.periods import words
from console.audit.models import EventKind
from console.change import change
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from tenants.models import Tenant

Told = Sequence[tuple[str, Any]]  # grants with the keys of their sorts


def keep(*, actor: Actor, person: Person, of: Tenant, grants: Told) -> None:
    """Keep that a person was told by mail of these ends."""
    with change(
        actor=actor, permission=Permission.ASSIGNMENT_VIEW, event=EventKind.ACCESS_TERM_TOLD, tenant=of.slug
    ) as made:
        Notice.objects.bulk_create(
            Notice(realm_id=person.realm_id, sort=key, grant=row.pk, ends_at=row.ends_at)
            for key, row in grants
        )
        told = {words_of(row): words(row.ends_at) for _, row in grants}
        made.record(f"Mail to {person}", address=person.address, new=told)
