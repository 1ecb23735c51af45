"""What the access side asks of Keycloak: one provider a kind, each a fixed number of queries."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from access.models import Composite, Entitlement, Group, GroupRole, Membership, Person, PersonRole, Role
from access.models.entitlements import ADDRESSED, address_from
from console.engine.state import Address, Kind, Resource, Selection
from console.sync.desired import provide
from console.sync.models import Scope

PERSON_FIELDS = ("email", "first_name", "last_name", "enabled")


def register() -> None:
    provide(resources)


def resources(scope: Scope, selection: Selection) -> Iterator[Resource]:
    """Yield what is declared in this scope for the kinds that the selection asks for."""
    for kind, read in READERS.items():
        wanted = [address.path for address in selection.addresses if address.kind is kind]
        if wanted or selection.everything:
            yield from read(scope, None if selection.everything else wanted)


Paths = Iterable[tuple[str, ...]] | None


def _column(paths: Iterable[tuple[str, ...]], index: int) -> set[str]:
    return {path[index] for path in paths}


def _in(scope: Scope, rows: QuerySet[Any], paths: Paths, *columns: str) -> QuerySet[Any]:
    """Narrow rows to a scope and, unless all are wanted, to the names in the paths.

    A link is narrowed by each end alone, so a few more rows may come than were asked for; the
    target drops them.
    """
    rows = rows.filter(realm__scope=scope)
    if paths is None:
        return rows
    return rows.filter(Q(**{f"{name}__among": _column(paths, index) for index, name in enumerate(columns)}))


def _roles(scope: Scope, paths: Paths) -> Iterator[Resource]:
    for name, description in _in(scope, Role.objects.all(), paths, "name").values_list("name", "description"):
        yield Resource(Address(Kind.ROLE, (name,)), {"description": description})


def _groups(scope: Scope, paths: Paths) -> Iterator[Resource]:
    for path, description in _in(scope, Group.objects.all(), paths, "path").values_list(
        "path", "description"
    ):
        yield Resource(Address(Kind.GROUP, (path,)), {"description": description})


def _people(scope: Scope, paths: Paths) -> Iterator[Resource]:
    for row in _in(scope, Person.objects.all(), paths, "username").values("username", *PERSON_FIELDS):
        username = row.pop("username")
        yield Resource(Address(Kind.PERSON, (username,)), row)


def _links(kind: Kind, rows: QuerySet[Any], *columns: str) -> Callable[[Scope, Paths], Iterator[Resource]]:
    def read(scope: Scope, paths: Paths) -> Iterator[Resource]:
        for path in _in(scope, rows.all(), paths, *columns).values_list(*columns):
            yield Resource(Address(kind, path))

    return read


def _entitlements(scope: Scope, paths: Paths) -> Iterator[Resource]:
    rows = Entitlement.objects.filter(realm__scope=scope)
    if paths is not None:
        people, groups, clients = (
            {path[1] for path in paths if path[0] == carrier} for carrier in ("person", "group", "client")
        )
        keys = {Address(Kind.CLIENT, (name,)).key for name in clients}
        rows = rows.filter(
            Q(person__username__in=people) | Q(group__path__in=groups) | Q(client__address__in=keys)
        )
    for row in rows.values(*ADDRESSED):
        yield Resource(address_from(row))


READERS: dict[Kind, Callable[[Scope, Paths], Iterator[Resource]]] = {
    Kind.ROLE: _roles,
    Kind.GROUP: _groups,
    Kind.PERSON: _people,
    Kind.COMPOSITE: _links(Kind.COMPOSITE, Composite.objects.all(), "parent__name", "child__name"),
    Kind.GROUP_ROLE: _links(Kind.GROUP_ROLE, GroupRole.objects.all(), "group__path", "role__name"),
    Kind.MEMBERSHIP: _links(Kind.MEMBERSHIP, Membership.objects.all(), "person__username", "group__path"),
    Kind.PERSON_ROLE: _links(Kind.PERSON_ROLE, PersonRole.objects.all(), "person__username", "role__name"),
    Kind.ENTITLEMENT: _entitlements,
}
