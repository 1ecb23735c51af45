"""What of a tenant begins and ends: when it was planned, when it was done, and what stands in the way."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from access.models import Entitlement, GroupRole, Membership, NamedEntitlement, PersonRole
from access.services.grants import address_of, words_of
from access.services.terms import OF_SERVICES, SORTS, sort_of
from console.engine.state import Address
from console.graph.closure import Graph
from console.graph.edges import Node
from console.graph.edges import address_of as edge_address
from console.graph.paths import Path, paths
from console.sync.impact import Times
from console.sync.models import Step
from console.sync.status import UNKNOWN, Status, statuses
from console.timed import NOT_ENDED, Term
from tenants.models import Declaration, Realm, Tenant

KEPT = timedelta(days=30)  # how long pages show what has ended
MOST = 200
PATHS = 20
STOPPED = ("blocked", "failed", "dead", "unknown")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One grant with a time. `done_at` is when Keycloak had it so, None where that is not known."""

    key: str
    what: str
    row: Any
    status: Status
    done_at: datetime | None

    @property
    def word(self) -> str:
        """Return its state in a word of ours; what is blocked has its sentence in the status."""
        if self.why_not:
            return "not-begun"
        if self.row.turned_at and self.status.word in STOPPED and self.status is not UNKNOWN:
            return self.status.word
        return str(self.row.state)

    @property
    def why_not(self) -> str:
        """Return why it did not begin when it should have, "" where it did or will."""
        return str(getattr(self.row, "why_not", ""))

    @property
    def is_on_its_way(self) -> bool:
        """Tell whether what was turned waits for a run."""
        return (
            bool(self.row.turned_at)
            and self.status.word in ("pending", "applying", *STOPPED)
            and (self.status is not UNKNOWN)
        )

    @property
    def planned_at(self) -> datetime | None:
        moment: datetime | None = self.row.ends_at if self.row.state == Term.ENDED else self.row.starts_at
        return moment

    @property
    def lateness(self) -> str:
        """Return how much later than planned it was done: `7 s`, or ""."""
        if self.planned_at is None or self.done_at is None or self.row.turned_at is None:
            return ""
        late = max(0, round((self.done_at - self.planned_at).total_seconds()))
        return f"{late} s" if late < 120 else f"{late // 60} min"


def lines_of(tenant: Tenant, narrowed: Mapping[str, Q], *, now: datetime) -> list[Line]:
    """Return the grants with a time, by sort those that the condition lets through: what ends soonest first.

    A fixed number of queries.
    """
    rows = [
        row
        for key, condition in narrowed.items()
        for row in _timed(tenant, key, now).filter(condition).order_by("ends_at", "pk")[:MOST]
    ]
    addresses = {_key(row): address_of(row) for row in rows}
    known = statuses(tenant.realm.scope, addresses.values())
    done = _done(tenant.realm, rows, addresses)
    lines = [
        Line(
            key=key,
            what=words_of(row),
            row=row,
            status=known[address],
            done_at=done.get(key),
        )
        for row, (key, address) in zip(rows, addresses.items(), strict=True)
    ]
    return sorted(lines, key=lambda line: (line.row.state == Term.ENDED, _next(line.row), line.key))


def _timed(tenant: Tenant, key: str, now: datetime) -> Any:
    rows = SORTS[key].shown_to(tenant).exclude(starts_at=None, ends_at=None)
    return rows.filter(NOT_ENDED | Q(turned_at__gte=now - KEPT))


def _key(row: Any) -> str:
    return f"{sort_of(row)}:{row.pk}"


def _next(row: Any) -> datetime:
    moment: datetime = row.starts_at if row.state == Term.PLANNED else (row.ends_at or row.starts_at)
    return moment


def _done(realm: Realm, rows: Iterable[Any], addresses: Mapping[str, Address]) -> dict[str, datetime]:
    """Return when Keycloak had what was turned, by the steps of runs: one query."""
    turned: dict[str, datetime] = {_key(row): row.turned_at for row in rows if row.turned_at is not None}
    keys = {addresses[key].key for key in turned}
    steps = Step.objects.filter(
        run__scope_id=realm.scope_id, address__in=keys, state=Step.State.DONE, finished_at__isnull=False
    ).order_by("finished_at")
    told: defaultdict[str, list[Any]] = defaultdict(list)
    for address, at in steps.values_list("address", "finished_at"):
        told[address].append(at)
    found = {}
    for key, moment in turned.items():
        after = [at for at in told[addresses[key].key] if at >= moment]
        if after:
            found[key] = after[0]
    return found


def ends_of(realm: Realm, *, people: Sequence[int], clients: Sequence[int] = ()) -> dict[Address, datetime]:
    """Return when each link ends that has an end: those of these people and accounts, and of all groups."""
    mine = Q(person__in=people)
    links = _links_of(realm, mine, accounts=Q(client__in=clients))
    links.append(Declaration.objects.filter(kind__in=[kind.value for kind in OF_SERVICES], realm=realm))
    return {
        address_of(row): row.ends_at for rows in links for row in rows.filter(IN_FORCE, ends_at__isnull=False)
    }


def times_of(realm: Realm, *, usernames: Collection[str]) -> dict[Address, Times]:
    """Return from and until when each timed link holds: those of these people, and of all groups."""
    links = _links_of(realm, Q(person__username__among=usernames), accounts=Q(pk__in=[]))
    return {
        address_of(row): Times(row.starts_at if row.is_planned else None, row.ends_at)
        for rows in links
        for row in rows.filter(NOT_ENDED).exclude(starts_at=None, ends_at=None)
    }


IN_FORCE = Q(state=Term.ACTIVE)


def _links_of(realm: Realm, mine: Q, *, accounts: Q) -> list[QuerySet[Any]]:
    """Return the links of these people and accounts and those of all groups, of each sort, in any state."""
    of_all = Q(group__isnull=False) | accounts
    return [
        Membership.every.filter(mine, realm=realm).select_related("person", "group"),
        PersonRole.every.filter(mine, realm=realm).select_related("person", "role"),
        GroupRole.every.filter(realm=realm).select_related("group", "role"),
        Entitlement.every.filter(mine | of_all, realm=realm).select_related(
            "person", "group", "client", "resource__type"
        ),
    ]


def untils(
    graph: Graph, node: Node, rights: Iterable[Node], ends: Mapping[Address, datetime]
) -> dict[Node, datetime]:
    """Return when each right is over, without those that have a way without an end."""
    if not ends:
        return {}
    lasting = Graph(edge for edge in graph.edges if edge_address(edge) not in ends).rights_of(node)
    return {right: _until(graph, node, right, ends) for right in rights if right not in lasting}


def _until(graph: Graph, node: Node, right: Node, ends: Mapping[Address, datetime]) -> datetime:
    """Return when the last way to a right ends. Each way ends with the first of its links."""
    listed = paths(graph, node, right, limit=PATHS).listed
    return max(min(_ending(path, ends)) for path in listed)


def _ending(path: Path, ends: Mapping[Address, datetime]) -> list[datetime]:
    addresses = (edge_address(edge) for edge in path.edges)
    return [ends[one] for one in addresses if one is not None and one in ends]


def names_of(realm: Realm) -> dict[str, str]:
    """Return the names of entitlements by their values: `package:demo:READ` is `demo-ro`."""
    rows = NamedEntitlement.objects.filter(realm=realm).select_related("resource__type")
    return {row.value: row.name for row in rows}
