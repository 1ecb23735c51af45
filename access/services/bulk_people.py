"""The people of a bulk change: made and edited set by set."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from access.bulk.known import CHUNK, shared_with_others
from access.models import Entitlement, Group, Membership, Person, PersonRole
from access.services.base import Door
from access.services.people import EMAIL_TAKEN, USERNAME_TAKEN, BelongsToMore, Taken, belongs_to_more
from console.engine.state import Address, Kind
from console.integrity import constraints
from console.portions import portions
from console.sync import rows
from console.sync.commands import Gone, Refused

if TYPE_CHECKING:
    from access.services.bulk import Wish

BATCH = 2_000
FIELDS = ("email", "first_name", "last_name", "enabled")


def put_people(opened: Door, wishes: "Mapping[str, Wish]") -> dict[str, int]:
    """Make and edit the people, and return the ids of all by user name.

    Raises Taken, BelongsToMore, Gone: each with the line to look at.
    """
    found = _found(opened, [one.part for one in wishes.values() if not one.is_new])
    for one in wishes.values():
        if not one.is_new and one.part not in found:
            raise Gone(f"Line {one.line}: this person no longer exists.")
    _refuse_taken_names(opened, wishes)
    edited = [one for one in wishes.values() if one.fields and not one.is_new]
    _refuse_shared(opened, edited, found)
    _edit(opened, edited, found)
    made = _make(opened, [one for one in wishes.values() if one.is_new])
    return {name: person.pk for name, person in found.items()} | made


def _found(opened: Door, usernames: Collection[str]) -> dict[str, Person]:
    own = Person.objects.of(opened.tenant).filter(username__among=usernames)
    return {row.username: row for row in own.select_for_update(of=("self",))}


def _refuse_taken_names(opened: Door, wishes: "Mapping[str, Wish]") -> None:
    new = [one.part for one in wishes.values() if one.is_new]
    known = Person.objects.filter(realm_id=opened.tenant.realm_id, username__among=new)
    if taken := known.values_list("username", flat=True).first():
        raise Taken(f"Line {wishes[taken].line}: {USERNAME_TAKEN}")


def _refuse_shared(opened: Door, edited: "Collection[Wish]", found: Mapping[str, Person]) -> None:
    shared = shared_with_others(opened.tenant, [found[one.part].pk for one in edited])
    for one in edited:
        if found[one.part].pk in shared:
            raise BelongsToMore(f"Line {one.line}: {belongs_to_more(one.part)}")


def _edit(opened: Door, edited: "Collection[Wish]", found: Mapping[str, Person]) -> None:
    changed = []
    for one in edited:
        row = found[one.part]
        for name in FIELDS:
            if name in one.fields and getattr(row, name) != one.fields[name]:
                one.old[name], one.new[name] = getattr(row, name), one.fields[name]
                setattr(row, name, one.fields[name])
        if one.new:
            row.revision += 1
            changed.append(row)
            opened.made.touch(row.address, part=one.part)
    with constraints(_errors()):
        Person.objects.bulk_update(changed, [*FIELDS, "revision"], batch_size=BATCH)


def _make(opened: Door, wished: "Collection[Wish]") -> dict[str, int]:
    """Make people, and return their ids by user name."""
    realm = opened.tenant.realm
    with constraints(_errors()):
        rows.add(
            Person,
            ("username", *FIELDS),
            ((one.part, *(one.fields[name] for name in FIELDS)) for one in wished),
            same={"realm_id": realm.pk, "created_by": opened.by},
        )
    for one in wished:
        one.new |= {"username": one.part} | {name: one.fields[name] for name in FIELDS}
        opened.made.touch(one.address, part=one.part)
    named = Person.objects.filter(realm=realm, username__among=[one.part for one in wished])
    made = dict(named.values_list("username", "pk"))
    _join_share(opened, made)
    return made


def _join_share(opened: Door, made: Mapping[str, int]) -> None:
    """Put new people of a share into its group, as the single form does."""
    tenant = opened.tenant
    if not tenant.is_share or not made:
        return
    group = Group.objects.filter(realm=tenant.realm, path=tenant.group_name).first()
    if group is None:
        raise Refused(f"The group {tenant.group_name} of this tenant is missing.")
    alike = opened.row | {"group_id": group.pk}
    rows.add(Membership, ("person_id",), ((pk,) for pk in made.values()), same=alike)
    for username in made:
        opened.made.touch(Address(Kind.MEMBERSHIP, (username, group.path)), part=username)
        # An account of the realm that nobody declared may be another tenant's, or the realm's own.
        opened.made.refuse_to_adopt(Address(Kind.PERSON, (username,)))


def _errors() -> dict[str, Exception]:
    again = "Check the file again."
    return {
        "access_person_username_once": Taken(f"{USERNAME_TAKEN} {again}"),
        "access_person_email_once": Taken(f"{EMAIL_TAKEN} {again}"),
    }


def set_back(opened: Door, wishes: "Mapping[str, Wish]") -> dict[str, int]:
    """Give people their former fields again, and return the ids of those who are still there."""
    found = _found(opened, list(wishes))
    edited = [one for one in wishes.values() if one.fields and one.part in found]
    _refuse_shared(opened, edited, found)
    _edit(opened, edited, found)
    return {name: person.pk for name, person in found.items()}


def delete_made(opened: Door, usernames: Collection[str]) -> None:
    """Delete people who were made, with all that they were given. Raises BelongsToMore."""
    found = _found(opened, usernames)
    ids = {row.pk: name for name, row in found.items()}
    if shared := shared_with_others(opened.tenant, sorted(ids)):
        raise BelongsToMore(belongs_to_more(ids[min(shared)]))
    for some in portions(sorted(ids), CHUNK):
        _touch_links(opened, some)
        for pk in some:
            row = found[ids[pk]]
            opened.made.touch(row.address, part=row.username)
            old: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
            opened.made.record(f"Person {row.username}", address=row.address, old=old)
        _delete(some)


def _delete(people: Collection[int]) -> None:
    Person.objects.filter(pk__in=people).delete()


def _touch_links(opened: Door, people: Collection[int]) -> None:
    pairs = (
        (Kind.MEMBERSHIP, Membership, "group__path"),
        (Kind.PERSON_ROLE, PersonRole, "role__name"),
    )
    for kind, model, end in pairs:
        links = model._default_manager.filter(person__in=people)
        for username, name in links.values_list("person__username", end):
            opened.made.touch(Address(kind, (username, name)), part=username)
    grants = Entitlement.objects.filter(person__in=people)
    for grant in grants.select_related("person", "group", "resource__type"):
        opened.made.touch(grant.address, part=grant.address.path[1])
