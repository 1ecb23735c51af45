"""People: who they are. What they are in and what they have is in `assignments`."""

from collections.abc import Sequence
from typing import Any

from access.models import Group, Membership, Person
from access.querysets import within
from access.services.base import Door, door, the, unchanged_since
from access.services.families import with_person
from console.audit.models import EventKind
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause
from console.sync.commands import Refused, command
from tenants.services import declarations

FIELDS = ("username", "email", "first_name", "last_name", "enabled")


USERNAME_TAKEN = "Somebody has this user name in this realm."
EMAIL_TAKEN = "Somebody has this e-mail in this realm."


class BelongsToMore(Refused):
    """The account is not this tenant's alone."""


class Taken(Refused):
    """Somebody has this user name or this e-mail."""


@command("access:person:create")
def create(
    *,
    actor: Actor,
    tenant: str,
    username: str,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    enabled: bool = True,
    families: Sequence[str] = (),
    cause: Cause | None = None,
) -> Person:
    """Return the new person; in a share she is a member of its group at once.

    `families` of roles are made for her and given to her along with it. Raises Taken, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.PERSON_CREATE,
        event=EventKind.ACCESS_PERSON_CREATED,
        cause=cause,
    ) as opened:
        person = Person(
            realm=opened.tenant.realm,
            username=username,
            email=email,
            first_name=first_name,
            last_name=last_name,
            enabled=enabled,
            created_by=opened.by,
        )
        _save(person, force_insert=True)
        opened.made.touch(person.address)
        opened.made.record(f"Person {person}", address=person.address, new=fields_of(person))
        _join_share(opened, person)
        with_person(opened, families, person)
    return person


def _refuse_shared(opened: Door, person: Person) -> None:
    """Refuse to change or delete, for one share of a realm, an account that others rely on too."""
    tenant = opened.tenant
    if not tenant.is_share:
        return
    elsewhere = person.memberships.exclude(within(tenant.group_name, "group__")).exists()
    if elsewhere or person.role_links.exclude(role__name__startswith=tenant.role_prefix).exists():
        raise BelongsToMore(belongs_to_more(person))


def belongs_to_more(person: object) -> str:
    """Return why a share does not change this account."""
    return (
        f"{person} belongs to more than this tenant, so only an administrator of the realm changes the"
        " account. Take it out of your groups instead."
    )


def _join_share(opened: Door, person: Person) -> None:
    if not opened.tenant.is_share:
        return
    group = Group.objects.filter(realm=opened.tenant.realm, path=opened.tenant.group_name).first()
    if group is None:
        raise Refused(f"The group {opened.tenant.group_name} of this tenant is missing.")
    link = Membership.objects.create(person=person, group=group, **opened.link)
    opened.made.touch(link.address)
    # An account of the realm that nobody declared may be another tenant's, or the realm's own.
    opened.made.refuse_to_adopt(person.address)


@command("access:person:edit")
def edit(
    *,
    actor: Actor,
    tenant: str,
    person: int,
    revision: int,
    email: str,
    first_name: str,
    last_name: str,
    enabled: bool,
    cause: Cause | None = None,
) -> Person:
    """Return the changed person. The user name stays: to Keycloak's clients it is the identity.

    Raises Taken, BelongsToMore, Conflict, Gone.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.PERSON_EDIT,
        event=EventKind.ACCESS_PERSON_EDITED,
        cause=cause,
    ) as opened:
        row: Person = the(Person.objects, opened.tenant, person)
        _refuse_shared(opened, row)
        unchanged_since(row, revision, *FIELDS)
        old = fields_of(row)
        row.email, row.first_name, row.last_name, row.enabled = email, first_name, last_name, enabled
        row.revision = revision + 1
        _save(row, update_fields=["email", "first_name", "last_name", "enabled", "revision"])
        opened.made.touch(row.address)
        opened.made.record(f"Person {row}", address=row.address, old=old, new=fields_of(row))
    return row


@command("access:person:delete")
def delete(*, actor: Actor, tenant: str, person: int, cause: Cause | None = None) -> None:
    """Delete the person with everything given to her. Raises BelongsToMore, Gone."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=Permission.PERSON_DELETE,
        event=EventKind.ACCESS_PERSON_DELETED,
        cause=cause,
    ) as opened:
        row: Person = the(Person.objects, opened.tenant, person)
        _refuse_shared(opened, row)
        opened.made.touch(row.address, *links_of(row))
        declarations.give_up(opened.made, opened.tenant.realm, row.address)
        opened.made.record(f"Person {row}", address=row.address, old=fields_of(row))
        row.delete()


def links_of(person: Person) -> list[Address]:
    """Return the addresses of all links of a person, with one query a kind."""
    groups = person.memberships.values_list("group__path", flat=True)
    roles = person.role_links.values_list("role__name", flat=True)
    entitlements = person.entitlements.select_related("person", "group", "resource__type")
    return [
        *(Address(Kind.MEMBERSHIP, (person.username, path)) for path in groups),
        *(Address(Kind.PERSON_ROLE, (person.username, name)) for name in roles),
        *(one.address for one in entitlements),
    ]


def fields_of(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in FIELDS}


def _save(person: Person, **how: Any) -> None:
    errors: dict[str, Exception] = {
        "access_person_username_once": Taken(USERNAME_TAKEN, field="username"),
        "access_person_email_once": Taken(EMAIL_TAKEN, field="email"),
    }
    with constraints(errors):
        person.save(**how)
