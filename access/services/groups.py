"""The group tree, and the roles that groups give."""

from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from access.models import Group
from access.querysets import within
from access.services.base import Door, door, refuse_to_lose, the, unchanged_since
from console.audit.models import EventKind
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Refused, command
from tenants.models import Tenant
from tenants.services import declarations

FIELDS = ("name", "description", "parent_id")


class NameTaken(Refused):
    """A group of this name exists at this place."""


class WrongPlace(Refused):
    """The group cannot stand there: below itself, or outside the tenant's share."""


class HasChildren(Refused):
    """The group has groups below it."""


@command("access:group:create")
def create(
    *,
    actor: Actor,
    tenant: str,
    name: str,
    parent: int | None = None,
    description: str = "",
    cause: Cause | None = None,
) -> Group:
    """Return the new group. Raises NameTaken, WrongPlace, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.GROUP_CREATE,
        event=EventKind.ACCESS_GROUP_CREATED,
        cause=cause,
    ) as opened:
        above = _place(opened, parent)
        group = Group(
            realm=opened.tenant.realm,
            name=name,
            parent=above,
            path=_path(above, name),
            description=description,
            created_by=opened.by,
        )
        _save(group, force_insert=True)
        opened.made.touch(group.address)
        opened.made.record(f"Group {group.words}", address=group.address, new=_fields(group))
    return group


@command("access:group:edit")
def edit(
    *,
    actor: Actor,
    tenant: str,
    group: int,
    revision: int,
    name: str,
    description: str,
    parent: int | None,
    cause: Cause | None = None,
) -> Group:
    """Return the group with a new name, place or description. Its members, roles and id stay.

    Raises NameTaken, WrongPlace, Conflict, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.GROUP_EDIT,
        event=EventKind.ACCESS_GROUP_EDITED,
        cause=cause,
    ) as opened:
        row: Group = the(Group.objects, opened.tenant, group)
        unchanged_since(row, revision, *FIELDS)
        _refuse_top_of_share(opened, row)
        above, was, old = _place(opened, parent), row.address, _fields(row)
        if above and (above == row or above.path.startswith(f"{row.path}/")):
            raise WrongPlace("A group cannot stand below itself.", field="parent")
        former = row.path
        row.name, row.parent, row.path = name, above, _path(above, name)
        row.description, row.revision = description, revision + 1
        _save(row, update_fields=["name", "parent", "path", "description", "revision"])
        _carry_along(row, former)
        opened.made.touch(row.address, was=was if was != row.address else None)
        declarations.follow(row.realm, was, row.address)
        opened.made.record(f"Group {old['path']}", address=row.address, old=old, new=_fields(row))
    return row


def _carry_along(group: Group, former: str) -> None:
    """Give every group below the new beginning of its path, in one statement."""
    below = Group.objects.filter(realm_id=group.realm_id, path__startswith=f"{former}/")
    below.update(path=Concat(Value(group.path), Substr(F("path"), len(former) + 1)))


def _place(opened: Door, parent: int | None) -> Group | None:
    if parent is not None:
        place: Group = the(Group.objects, opened.tenant, parent, field="parent")
        return place
    if opened.tenant.is_share:
        raise WrongPlace(f"Groups of this tenant stand below {opened.tenant.group_name}.", field="parent")
    return None


def _refuse_top_of_share(opened: Door, group: Group) -> None:
    """Refuse whoever asks: a share is found by the name of its group, so it would lose all it has."""
    owner = Tenant.objects.filter(realm_id=group.realm_id, group_name=group.path, served_by="share").first()
    if owner is not None:
        raise WrongPlace(f"This group is the tenant {owner.name}: it cannot be renamed, moved or deleted.")


def _path(above: Group | None, name: str) -> str:
    return f"{above.path}/{name}" if above else name


def _fields(group: Group) -> dict[str, Any]:
    return {"name": group.name, "path": group.path, "description": group.description}


def _save(group: Group, **how: Any) -> None:
    taken = NameTaken(f"A group {group.words} exists.", field="name")
    with constraints({"access_group_path_once": taken}):
        group.save(**how)


@command("access:group:delete")
def delete(*, actor: Actor, tenant: str, group: int, cause: Cause | None = None) -> None:
    """Delete the group with its memberships, roles and entitlements.

    Raises HasChildren, Gone, and Refused when it is somebody's last group in a share.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.GROUP_DELETE,
        event=EventKind.ACCESS_GROUP_DELETED,
        cause=cause,
    ) as opened:
        row: Group = the(Group.objects, opened.tenant, group)
        _refuse_top_of_share(opened, row)
        below = Group.objects.filter(within(row.path), realm_id=row.realm_id).count() - 1
        if below:
            raise HasChildren(f"{below} groups stand below {row.words}. Delete or move them first.")
        opened.made.touch(row.address, *links_of(row))
        declarations.give_up(opened.made, row.realm, row.address)
        opened.made.record(f"Group {row.words}", address=row.address, old=_fields(row))
        members = list(row.memberships.values_list("person_id", flat=True))
        row.delete()
        refuse_to_lose(opened.tenant, members)


def links_of(group: Group) -> list[Address]:
    """Return the addresses of all links of a group, with one query a kind."""
    people = group.memberships.values_list("person__username", flat=True)
    roles = group.role_links.values_list("role__name", flat=True)
    entitlements = group.entitlements.select_related("person", "group", "resource__type")
    return [
        *(Address(Kind.MEMBERSHIP, (username, group.path)) for username in people),
        *(Address(Kind.GROUP_ROLE, (group.path, name)) for name in roles),
        *(one.address for one in entitlements),
    ]
