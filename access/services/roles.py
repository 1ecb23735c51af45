"""Realm roles and composites."""

from access.models import Composite, Role
from access.services.base import Door, door, each, the, unchanged_since
from access.services.setting_off import tell, tell_left
from console.audit.models import EventKind
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from tenants.models import Tenant
from tenants.services import declarations

FIELDS = ("name", "description")
KEYCLOAKS_OWN = ("offline_access", "uma_authorization")


class NameTaken(Refused):
    """A role of this name exists."""


class NameRefused(Refused):
    """The name is Keycloak's own, or outside the tenant's share."""


class Circle(Refused):
    """The role would include itself through others."""


def refuse_name(tenant: Tenant, name: str) -> None:
    """Refuse names that are Keycloak's own or that lie outside a share. Raises NameRefused."""
    if name in KEYCLOAKS_OWN or name.startswith("default-roles-"):
        raise NameRefused(f"{name} is Keycloak's own role.", field="name")
    if tenant.is_share and (not name.startswith(tenant.role_prefix) or name == tenant.role_prefix):
        raise NameRefused(f"Roles of this tenant begin with {tenant.role_prefix}", field="name")


@command("access:role:create")
def create(
    *, actor: Actor, tenant: str, name: str, description: str = "", cause: Cause | None = None
) -> Role:
    """Return the new role. Raises NameTaken, NameRefused."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ROLE_CREATE,
        event=EventKind.ACCESS_ROLE_CREATED,
        cause=cause,
    ) as opened:
        refuse_name(opened.tenant, name)
        role = Role(realm=opened.tenant.realm, name=name, description=description, created_by=opened.by)
        _save(role, force_insert=True)
        opened.made.touch(role.address)
        opened.made.record(
            f"Role {name}", address=role.address, new={"name": name, "description": description}
        )
        tell(opened, [name])
    return role


@command("access:role:edit")
def edit(
    *,
    actor: Actor,
    tenant: str,
    role: int,
    revision: int,
    name: str,
    description: str,
    cause: Cause | None = None,
) -> Role:
    """Return the role with its new name and description. A new name keeps its links and its id.

    Raises NameTaken, NameRefused, Conflict, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ROLE_EDIT,
        event=EventKind.ACCESS_ROLE_EDITED,
        cause=cause,
    ) as opened:
        row: Role = the(Role.objects, opened.tenant, role)
        unchanged_since(row, revision, *FIELDS)
        refuse_name(opened.tenant, name)
        was, old = row.address, {"name": row.name, "description": row.description}
        row.name, row.description, row.revision = name, description, revision + 1
        _save(row, update_fields=["name", "description", "revision"])
        opened.made.touch(row.address, was=was if was != row.address else None)
        declarations.follow(row.realm, was, row.address)
        opened.made.record(
            f"Role {old['name']}",
            address=row.address,
            old=old,
            new={"name": name, "description": description},
        )
    return row


def _save(role: Role, **how: object) -> None:
    taken = NameTaken(f"A role named {role.name} exists in this realm.", field="name")
    with constraints({"access_role_name_once": taken}):
        role.save(**how)  # type: ignore[arg-type]


@command("access:role:delete")
def delete(*, actor: Actor, tenant: str, role: int, cause: Cause | None = None) -> None:
    """Delete the role with every link to it. Raises Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.ROLE_DELETE,
        event=EventKind.ACCESS_ROLE_DELETED,
        cause=cause,
    ) as opened:
        row: Role = the(Role.objects, opened.tenant, role)
        tell_left(opened, row.name)
        remove(opened, row)


def remove(opened: Door, row: Role) -> None:
    """Delete a role with every link to it. Called inside a change."""
    opened.made.touch(row.address, *links_of(row))
    declarations.give_up(opened.made, row.realm, row.address)
    opened.made.record(
        f"Role {row.name}", address=row.address, old={"name": row.name, "description": row.description}
    )
    _delete(row)


def _delete(row: Role) -> None:
    row.delete()


def links_of(role: Role) -> list[Address]:
    """Return the addresses of all links of a role, with one query a kind."""
    people = role.person_links.values_list("person__username", flat=True)
    groups = role.group_links.values_list("group__path", flat=True)
    return [
        *(Address(Kind.PERSON_ROLE, (username, role.name)) for username in people),
        *(Address(Kind.GROUP_ROLE, (path, role.name)) for path in groups),
        *(one.address for one in role.includes.select_related("parent", "child")),
        *(one.address for one in role.included_in.select_related("parent", "child")),
    ]


@command("access:composite:add")
def include(*, actor: Actor, tenant: str, role: int, children: list[int], cause: Cause | None = None) -> Role:
    """Let the role include others; what it includes already stays. Raises Circle, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.COMPOSITE_ADD,
        event=EventKind.ACCESS_COMPOSITE_ADDED,
        cause=cause,
    ) as opened:
        parent: Role = the(Role.objects, opened.tenant, role)
        chosen: list[Role] = each(Role.objects, opened.tenant, children, field="children")
        had = set(parent.includes.values_list("child_id", flat=True))
        new = [child for child in chosen if child.pk not in had]
        _refuse_circle(parent, new)
        if not new:
            raise Refused(f"{parent.name} includes this already.", field="children")
        for link in Composite.objects.bulk_create(
            [Composite(parent=parent, child=child, **opened.link) for child in new]
        ):
            opened.made.touch(link.address)
            opened.made.record(f"{parent.name} includes {link.child.name}", address=link.address, new={})
        tell(opened, [child.name for child in new])
    return parent


def _refuse_circle(parent: Role, children: list[Role]) -> None:
    below = _included(parent.realm_id)
    for child in children:
        if child == parent or parent.pk in _reach(child.pk, below):
            raise Circle(f"{child.name} includes {parent.name}, so this would be a circle.", field="children")


def _included(realm: int) -> dict[int, list[int]]:
    links: dict[int, list[int]] = {}
    for parent, child in Composite.objects.filter(realm_id=realm).values_list("parent_id", "child_id"):
        links.setdefault(parent, []).append(child)
    return links


def _reach(start: int, below: dict[int, list[int]]) -> set[int]:
    found, waiting = {start}, [start]
    while waiting:
        new = [child for child in below.get(waiting.pop(), []) if child not in found]
        found.update(new)
        waiting.extend(new)
    return found


@command("access:composite:remove")
def exclude(*, actor: Actor, tenant: str, role: int, child: int, cause: Cause | None = None) -> Role:
    """Let the role no longer include another. Raises Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.COMPOSITE_REMOVE,
        event=EventKind.ACCESS_COMPOSITE_REMOVED,
        cause=cause,
    ) as opened:
        parent: Role = the(Role.objects, opened.tenant, role)
        link = parent.includes.select_related("parent", "child").filter(child_id=child).first()
        if link is None:
            raise Gone("The role does not include this one.")
        opened.made.touch(link.address)
        opened.made.record(f"{parent.name} includes {link.child.name}", address=link.address, old={})
        link.delete()
    return parent
