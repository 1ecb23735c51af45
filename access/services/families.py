"""Role families: roles that exist once for each workspace, made together and given together."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager

from django.core.exceptions import ValidationError

from access.families import family_named, head_of, roles_for
from access.models import Composite, Person, PersonRole, Role
from access.models.base import is_plain_name
from access.services import roles as role_services
from access.services.base import Door, door
from access.services.setting_off import say_left, tell
from access.services.taking import Taking
from console.audit.models import EventKind
from console.engine.state import Address, Kind
from console.graph.catalogue import Family
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.portions import portions
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from console.sync.models import Observed
from console.timed import NOT_ENDED
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

CHUNK = 2000
LONGEST = 200


class NothingToMake(Refused):
    """All of the family is there already."""


@command("access:family:create")
def create(*, actor: Actor, tenant: str, family: str, value: str, cause: Cause | None = None) -> None:
    """Make the family's roles for a value that is nobody's own, e.g. a shared workspace: given to nobody.

    Raises NothingToMake, Gone, Refused for a value that cannot stand in a role's name.
    """
    with _opened(actor, tenant, Permission.FAMILY_CREATE, EventKind.ACCESS_FAMILY_CREATED, cause) as opened:
        kind = _family(opened.tenant, family)
        refuse_value(kind, value)
        if not make(opened, kind, {value: None}):
            raise NothingToMake(f"All roles of {kind.name} {value} are there already.", field="value")


@command("access:family:make")
def make_for_people(
    *, actor: Actor, tenant: str, family: str, usernames: list[str], cause: Cause | None = None
) -> None:
    """Make the family for each of these people and give it to them, as is done with a new person.

    Who is in Keycloak only is taken over first. Raises NothingToMake, Gone.
    """
    with _opened(actor, tenant, Permission.FAMILY_CREATE, EventKind.ACCESS_FAMILY_CREATED, cause) as opened:
        kind = _family(opened.tenant, family)
        if kind.given is None:
            raise Refused(f"{kind.name} is given to nobody.")
        people = _people(opened, usernames)
        if not make(opened, kind, {one.username: one for one in people}):
            raise NothingToMake("All of them have theirs already.")


@command("access:family:delete")
def delete(
    *,
    actor: Actor,
    tenant: str,
    family: str,
    value: str,
    everything: bool = False,
    cause: Cause | None = None,
) -> None:
    """Delete the role that makes a workspace; with `everything`, the other roles of its family, too.

    Without it they stay, and whoever has them keeps them. Raises Gone.
    """
    with _opened(actor, tenant, Permission.FAMILY_DELETE, EventKind.ACCESS_FAMILY_DELETED, cause) as opened:
        kind = _family(opened.tenant, family)
        found = _existing(opened.tenant, roles_for(kind, value))
        head = head_of(kind).pattern.of(value)
        going = [row for name, row in sorted(found.items()) if everything or name == head]
        if not going:
            raise Gone(f"There is no role {head} here any more.")
        for row in going:
            role_services.remove(opened, row)
        say_left(opened.made, kind, sorted(found.keys() - {row.name for row in going}))


def make(opened: Door, family: Family, values: Mapping[str, Person | None]) -> int:
    """Make what is missing of a family for each value, and give it to its person; return how many were made.

    A fixed number of statements for any number of values. Called inside a change.
    """
    parts = {name: value for value in values for name in roles_for(family, value)}
    found = _existing(opened.tenant, parts)
    new = _roles(opened, family, values, found, is_for_people=any(values.values()))
    links = _composites(opened, family, values, found | new)
    given = _given(opened, family, values, found | new)
    tell(opened, [*new, *given])
    return len(new) + links + len(given)


def with_person(opened: Door, keys: Iterable[str], person: Person) -> None:
    """Make these families together with a new person. Called inside her change. Raises Gone."""
    for key in keys:
        make(opened, _family(opened.tenant, key), {person.username: person})


def refuse_value(family: Family, value: str) -> None:
    """Refuse what cannot stand for the parameter of a family. Raises Refused."""
    for name, one in roles_for(family, value).items():
        if one.pattern.match(name) != value or value != value.strip() or len(name) > LONGEST:
            raise Refused(f"{value} cannot stand in the name {one.pattern.text}.", field="value")
        try:
            is_plain_name(name)
        except ValidationError as error:
            raise Refused(" ".join(error.messages), field="value") from error


def _opened(
    actor: Actor, tenant: str, right: Permission, event: EventKind, cause: Cause | None
) -> AbstractContextManager[Door]:
    return door(actor=actor, tenant=tenant, permission=right, event=event, cause=cause)


def _family(tenant: Tenant, key: str) -> Family:
    found = family_named(catalogue_of(tenant), key)
    if found is None:
        raise Gone(f"The blueprint of {tenant} has no such family of roles.")
    return found


def _existing(tenant: Tenant, names: Collection[str]) -> dict[str, Role]:
    return {
        row.name: row
        for some in portions(sorted(names), CHUNK)
        for row in Role.objects.filter(realm=tenant.realm, name__in=some)
    }


def _roles(
    opened: Door,
    family: Family,
    values: Mapping[str, Person | None],
    found: Mapping[str, Role],
    *,
    is_for_people: bool,
) -> dict[str, Role]:
    rows, parts = [], {}
    for value in values:
        for name, one in roles_for(family, value).items():
            if name not in found:
                role_services.refuse_name(opened.tenant, name)
                told = _filled(family, one.description or one.title, value)
                rows.append(
                    Role(realm=opened.tenant.realm, name=name, description=told, created_by=opened.by)
                )
                parts[name] = value
    for row in Role.objects.bulk_create(rows, batch_size=CHUNK):
        opened.made.touch(row.address, part=parts[row.name] if is_for_people else "")
        opened.made.record(f"Role {row.name}", address=row.address, new={"description": row.description})
    return {row.name: row for row in rows}


def _filled(family: Family, text: str, value: str) -> str:
    return text.replace(f"<{family.parameter}>", value)[:255]


def _composites(
    opened: Door, family: Family, values: Mapping[str, Person | None], roles: Mapping[str, Role]
) -> int:
    wanted = {
        (one.pattern.of(value), inner.of(value)): value
        for value in values
        for one in family.roles
        for inner in one.includes
    }
    parents = [roles[name].pk for name in sorted({parent for parent, _ in wanted})]
    had = {
        pair
        for some in portions(parents, CHUNK)
        for pair in Composite.objects.filter(parent__in=some).values_list("parent__name", "child__name")
    }
    rows = [
        Composite(parent=roles[pair[0]], child=roles[pair[1]], **opened.link)
        for pair in wanted
        if pair not in had
    ]
    for row in Composite.objects.bulk_create(rows, batch_size=CHUNK):
        value = wanted[row.parent.name, row.child.name]
        opened.made.touch(row.address, part=value if values[value] else "")
        opened.made.record(f"{row.parent.name} includes {row.child.name}", address=row.address, new={})
    return len(rows)


def _given(
    opened: Door, family: Family, values: Mapping[str, Person | None], roles: Mapping[str, Role]
) -> list[str]:
    """Give each person the role that is meant for her, and return the names of those roles."""
    owners = {value: person for value, person in values.items() if person is not None}
    if family.given is None or not owners:
        return []
    wanted = {value: roles[family.given.of(value)] for value in owners}
    had = {
        pair
        for some in portions(sorted(row.pk for row in wanted.values()), CHUNK)
        for pair in PersonRole.every.filter(NOT_ENDED, role__in=some).values_list("person_id", "role_id")
    }
    rows = [
        PersonRole(person=owners[value], role=role, **opened.link)
        for value, role in wanted.items()
        if (owners[value].pk, role.pk) not in had
    ]
    for row in PersonRole.objects.bulk_create(rows, batch_size=CHUNK):
        opened.made.touch(row.address, part=row.person.username)
        opened.made.record(str(row), address=row.address, new={})
    return [row.role.name for row in rows]


def _people(opened: Door, usernames: Collection[str]) -> list[Person]:
    """Return these people, those who are in Keycloak only taken over. Raises Gone, Refused."""
    found = _declared(opened, usernames)
    missing = [one for one in usernames if one not in found]
    if missing:
        _take_over(opened, missing)
        found |= _declared(opened, missing)
    return [found[name] for name in sorted(found)]


def _declared(opened: Door, usernames: Collection[str]) -> dict[str, Person]:
    own = Person.objects.of(opened.tenant)
    return {
        row.username: row
        for some in portions(sorted(usernames), CHUNK)
        for row in own.filter(username__in=some)
    }


def _take_over(opened: Door, usernames: Collection[str]) -> None:
    if opened.tenant.is_share:
        raise Gone(f"{usernames[0]} is not of {opened.tenant}.")  # type: ignore[index]
    keys = [Address(Kind.PERSON, (one,)).key for one in usernames]
    rows = Observed.objects.filter(scope=opened.tenant.realm.scope, address__in=keys)
    found = {Address.parse(key): fields for key, fields in rows.values_list("address", "fields")}
    work = Taking(opened, found)
    work.take()
    left = {address.path[0]: why for address, why in work.left.items()}
    left |= {
        one: "was not read in Keycloak" for one in usernames if Address(Kind.PERSON, (one,)) not in found
    }
    if left:
        name, why = sorted(left.items())[0]
        raise Refused(f"{name} cannot be managed here: {why}")
