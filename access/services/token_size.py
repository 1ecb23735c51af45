"""How large access tokens become by entitlements, so that nobody is surprised by servers that refuse them.

Measured: 1.2 kB without any, about 31 bytes for each value like `package:demo001:READ`: its text with quotes
and comma, in Base64. Many servers take no more than 8 kB of headers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from math import ceil

from django.db.models import Count

from access.models import Entitlement, Group, Membership, Person
from access.models.entitlements import value_of
from console.graph.edges import parents_of
from tenants.models import Realm

EMPTY = 1_200
WARN = 6_000
LOOKED_AT = 50  # of those in a group, who have most of their own


def bytes_of(values: Iterable[str]) -> int:
    """Return about how many bytes an access token with these values has."""
    return EMPTY + sum(ceil((len(value.encode()) + 3) * 4 / 3) for value in values)


def heaviest(realm: Realm, people: Collection[Person], groups: Collection[Group]) -> tuple[str, int]:
    """Return who of these, and of the groups' members, has the largest token, and its size in bytes.

    A fixed number of queries. Of members, those are looked at who have most entitlements of their own.
    """
    subjects = {one.pk: one for one in (*people, *_members(realm, groups))}
    by_group = _by_group(realm)
    inside: dict[int, set[str]] = defaultdict(set)
    for person, path in Membership.objects.filter(person__in=subjects).values_list("person", "group__path"):
        for name in (path, *parents_of(path)):
            inside[person] |= by_group.get(name, set())
    for grant in Entitlement.objects.filter(person__in=subjects).select_related("resource__type"):
        inside[grant.person_id].add(value_of(grant.resource, grant.level))
    sizes = [(bytes_of(values), str(subjects[pk])) for pk, values in inside.items()]
    size, name = max(sizes, default=(0, ""))
    return name, size


def _members(realm: Realm, groups: Collection[Group]) -> list[Person]:
    if not groups:
        return []
    paths = [group.path for group in groups]
    within = [
        path
        for path in Group.objects.filter(realm=realm).values_list("path", flat=True)
        if any(path == one or path.startswith(f"{one}/") for one in paths)
    ]
    ids = Membership.objects.filter(realm=realm, group__path__in=within).values("person")
    rows = Person.objects.filter(pk__in=ids).annotate(count=Count("entitlements"))
    return list(rows.order_by("-count", "pk")[:LOOKED_AT])


def _by_group(realm: Realm) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = Entitlement.objects.filter(realm=realm, group__isnull=False)
    for grant in rows.select_related("group", "resource__type"):
        found[grant.group.path].add(grant.value)
    return found
