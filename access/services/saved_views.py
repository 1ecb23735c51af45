"""Keeping views of the matrix, and noting what was taken out of it. Nothing of this reaches Keycloak."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from access.models import SavedView
from console.audit.models import EventKind
from console.change import change
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync.cause import Change
from console.sync.commands import Gone, Refused
from tenants.loaders import tenant_named
from tenants.models import Tenant


class NameTaken(Refused):
    """Somebody keeps a view of this name already."""


TAKEN = NameTaken("You have a view of this name.", field="name")


@contextmanager
def _opened(actor: Actor, tenant: str, *, event: EventKind, shared: bool) -> Iterator[tuple[Tenant, Change]]:
    """Open the door for a view: one's own needs no more than to see the matrix."""
    owner = tenant_named(actor, tenant)
    permission = Permission.MATRIX_SHARE if shared else Permission.MATRIX_VIEW
    with change(actor=actor, permission=permission, event=event, tenant=owner.slug) as made:
        yield owner, made


def keep(*, actor: Actor, tenant: str, name: str, query: str, is_shared: bool) -> SavedView:
    """Return the new view. Raises NameTaken, Gone, and Forbidden for one that others are to see."""
    with _opened(actor, tenant, event=EventKind.ACCESS_VIEW_SAVED, shared=is_shared) as (owner, made):
        row = SavedView(
            tenant=owner,
            name=name,
            query=query,
            is_shared=is_shared,
            owner_key=actor.key,
            owner_name=actor.name,
        )
        with constraints({"access_saved_view_once": TAKEN}):
            row.save(force_insert=True)
        made.record(_words(row), new=_told(row))
    return row


def edit(*, actor: Actor, tenant: str, view: int, name: str, is_shared: bool) -> SavedView:
    """Return the view under its new name, shared or not. Raises NameTaken, Gone, Forbidden."""
    was_shared = _is_shared(actor, tenant, view)
    with _opened(actor, tenant, event=EventKind.ACCESS_VIEW_EDITED, shared=was_shared or is_shared) as (
        owner,
        made,
    ):
        row = _the(actor, owner, view)
        old, words = _told(row), _words(row)
        row.name, row.is_shared = name, is_shared
        with constraints({"access_saved_view_once": TAKEN}):
            row.save(update_fields=["name", "is_shared"])
        made.record(_words(row) if is_shared else words, old=old, new=_told(row))
    return row


def drop(*, actor: Actor, tenant: str, view: int, now: datetime) -> SavedView:
    """Return the view, which nobody sees any more. Raises Gone, Forbidden."""
    shared = _is_shared(actor, tenant, view)
    with _opened(actor, tenant, event=EventKind.ACCESS_VIEW_DROPPED, shared=shared) as (owner, made):
        row = _the(actor, owner, view)
        row.dropped_at = now
        row.save(update_fields=["dropped_at"])
        made.record(_words(row), old=_told(row))
    return row


def restore(*, actor: Actor, tenant: str, view: int) -> SavedView:
    """Return a view that was dropped, as it was. Raises NameTaken where another has the name, Gone."""
    row = SavedView.objects.filter(pk=view, tenant__slug=tenant).exclude(dropped_at=None).first()
    shared = row is not None and row.is_shared
    with _opened(actor, tenant, event=EventKind.ACCESS_VIEW_SAVED, shared=shared) as (owner, made):
        rows = SavedView.objects.of(owner).select_for_update(of=("self",)).exclude(dropped_at=None)
        found = rows.filter(pk=view).first()
        if found is None or not _may(actor, found):
            raise Gone("This view no longer exists.")
        found.dropped_at = None
        with constraints({"access_saved_view_once": TAKEN}):
            found.save(update_fields=["dropped_at"])
        made.record(_words(found), new=_told(found))
    return found


def note_export(*, actor: Actor, tenant: str, subject: str, told: dict[str, Any]) -> None:
    """Record that somebody took a matrix out as a file. Raises Gone."""
    with _opened(actor, tenant, event=EventKind.ACCESS_MATRIX_EXPORTED, shared=False) as (_, made):
        made.record(subject, new=told)


def note_export_across(*, actor: Actor, tenants: Iterable[str], subject: str, told: dict[str, Any]) -> None:
    """Record that somebody took a view across tenants out as a file.

    Once for whoever may see the matrix of all, else in each tenant of the file. Raises Forbidden, Gone.
    """
    if not decide(actor, Permission.MATRIX_VIEW).allowed:
        for one in tenants:
            note_export(actor=actor, tenant=one, subject=subject, told=told)
        return
    with change(
        actor=actor, permission=Permission.MATRIX_VIEW, event=EventKind.ACCESS_MATRIX_EXPORTED
    ) as made:
        made.record(subject, new=told)


def _is_shared(actor: Actor, tenant: str, view: int) -> bool:
    rows = SavedView.objects.visible_to(actor).filter(tenant__slug=tenant, pk=view)
    return rows.filter(is_shared=True).exists()


def _the(actor: Actor, tenant: Tenant, view: int) -> SavedView:
    """Return a view that the actor may change, locked. Raises Gone."""
    rows = SavedView.objects.of(tenant).visible_to(actor).select_for_update(of=("self",))
    row = rows.filter(pk=view).first()
    if row is None or not _may(actor, row):
        raise Gone("This view no longer exists.")
    return row


def _may(actor: Actor, row: SavedView) -> bool:
    return row.is_shared or row.owner_key == actor.key


def _words(row: SavedView) -> str:
    return f"View {row.name}" if row.is_shared else "A private view"


def _told(row: SavedView) -> dict[str, Any]:
    """Return what the record says of a view. Whoever reads it for the tenant reads no private one."""
    if not row.is_shared:
        return {"shared": False}
    return {"name": row.name, "query": row.query, "shared": True}
