"""What a person's page shows: all access in one list, each with the way it comes, and what happened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from access.concern import concerning, concerns
from access.explain import Names
from access.graphs import Access, access_of
from access.matrix.columns import key_of, label_of, title_of
from access.matrix.opened import CAPABILITY
from access.matrix.rows import as_subject, matrix_url
from access.models import Entitlement, Group, Membership, Person, Resource
from access.person_opens import PersonOpens
from access.terms_page import Line, ends_of, lines_of, names_of, untils
from console.audit.models import AuditEvent
from console.engine.state import Address, Kind
from console.graph.catalogue import Capability
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, Origin, person
from console.graph.paths import Path, paths
from console.sync import lifespans
from console.sync.models import Step
from console.sync.status import Status, statuses
from tenants.models import Tenant

EVENTS = 20
SHOWN = 40


class Shown(StrEnum):
    """Which part of the list is shown."""

    ALL = ""
    ROLES = "roles"
    CAPABILITIES = "capabilities"
    ENTITLEMENTS = "entitlements"


@dataclass(frozen=True, kw_only=True)
class Held:
    """One right or capability of the person: the shortest way it comes, and how many more there are."""

    right: Node | None
    name: str
    type_name: str
    way: tuple[str, ...]
    icon: str
    more: int
    is_direct: bool
    is_default: bool
    since: datetime | None
    by: str
    url: str
    is_pending: bool
    until: datetime | None = None
    condition: str = ""

    @property
    def kind(self) -> str:
        return self.right.kind.noun.capitalize() if self.right else "Capability"


PARTS = {
    Shown.ROLES: (NodeKind.ROLE, NodeKind.CLIENT_ROLE, NodeKind.CLIENT_SCOPE),
    Shown.ENTITLEMENTS: (NodeKind.ENTITLEMENT,),
}
Item = Node | Capability


@dataclass(frozen=True)
class PersonPage:
    """Everything the template shows of one person."""

    tenant: Tenant
    person: Person
    access: Access
    shown: Shown
    text: str
    now: datetime

    @property
    def node(self) -> Node:
        return person(self.person.username)

    @cached_property
    def opens(self) -> PersonOpens:
        """What the rights of the person open."""
        return PersonOpens(self.tenant, self.node)

    @cached_property
    def rights(self) -> Sequence[Node]:
        """All rights of the person: roles first, by name."""
        return sorted(
            concerning(self.tenant, self.access.graph.rights_of(self.node)),
            key=lambda one: (one.kind is not NodeKind.ROLE, one.kind, one.name),
        )

    @cached_property
    def counts(self) -> Mapping[str, int]:
        counted = {shown.value: sum(one.kind in PARTS[shown] for one in self.rights) for shown in PARTS}
        counted[Shown.CAPABILITIES.value] = len(self.opens.answers)
        return {"all": sum(counted.values()), **counted}

    @cached_property
    def found(self) -> list[Item]:
        """What is shown: roles, then capabilities, then entitlements."""
        text = self.text.lower()
        roles, entitlements = (self._of(shown, text) for shown in PARTS)
        opened: list[Item] = [one for one in self.opens.answers if text in one.name.lower()]
        parts = {Shown.ROLES: roles, Shown.CAPABILITIES: opened, Shown.ENTITLEMENTS: entitlements}
        return parts.get(self.shown) or ([*roles, *opened, *entitlements] if not self.shown else [])

    def _of(self, shown: Shown, text: str) -> list[Item]:
        return [one for one in self.rights if one.kind in PARTS[shown] and text in title_of(one).lower()]

    def held(self, items: Iterable[Item]) -> list[Held]:
        """Return these rights and capabilities with the way each comes."""
        return [self._held(one) if isinstance(one, Node) else self._opened(one) for one in items]

    @cached_property
    def names(self) -> Names:
        graph = self.access.graph
        return Names(
            self.tenant, [one for one in graph.downstream_of(self.node) if one.kind is not NodeKind.PERSON]
        )

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The names of entitlements by their values."""
        return names_of(self.tenant.realm)

    @cached_property
    def untils(self) -> Mapping[Node, datetime]:
        """When each right is over that is not for ever: with the last way to it."""
        ends = ends_of(self.tenant.realm, people=[self.person.pk])
        return untils(self.access.graph, self.node, self.rights, ends)

    @cached_property
    def lines(self) -> "list[Line]":
        """What of the person's own grants begins later, ends by itself, or has ended of late."""
        mine = Q(person=self.person)
        narrowed = {"membership": mine, "person-role": mine, "entitlement": mine}
        return lines_of(self.tenant, narrowed, now=self.now)

    @cached_property
    def tokens(self) -> tuple[str, str] | None:
        """What to say of tokens that are out, where something was taken away of late."""
        scope = self.tenant.realm.scope
        life = lifespans.lifespans_of(scope)
        gone = lifespans.removed_at(self._gone(self.now - timedelta(seconds=life.longest))) if life else None
        return lifespans.still_out(scope, since=gone, now=self.now) if gone else None

    def _gone(self, since: datetime) -> "QuerySet[Step]":
        """Return what runs took away of the person's own since then."""
        name, mine = self.person.username, Q(address=self.person.address.key)
        for kind in (Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE):
            mine |= Q(address__startswith=Address(kind, (name, "")).key)
        mine |= Q(address__startswith=Address(Kind.ENTITLEMENT, ("person", name, "")).key)
        return Step.objects.filter(mine, run__scope=self.tenant.realm.scope, finished_at__gte=since)

    @cached_property
    def memberships(self) -> "list[Membership]":
        """The groups that the person is in, with how many rights each gives."""
        links = Membership.objects.filter(person=self.person, group__in=Group.objects.of(self.tenant))
        rows = list(links.select_related("group").order_by("group__path"))
        for row in rows:
            rights = self.access.graph.rights_of(Node(NodeKind.GROUP, row.group.path))
            row.right_count = len(concerning(self.tenant, rights))
        return rows

    @cached_property
    def entitlements(self) -> "list[Entitlement]":
        """What is granted to the person directly."""
        rows = Entitlement.objects.filter(
            person=self.person, resource__in=Resource.objects.of(self.tenant), realm=self.tenant.realm
        )
        found = list(
            rows.select_related("resource__type").order_by("resource__type__name", "resource__name", "level")
        )
        for row in found:
            row.called = self.called.get(row.value, "")
        return found

    @cached_property
    def groups_in_keycloak_only(self) -> list[str]:
        """Groups that Keycloak has the person in and nobody declared here."""
        edges = self.access.graph.leaving.get(self.node, ())
        return [self.names.words(edge.target) for edge in edges if _is_theirs(edge, EdgeKind.MEMBERSHIP)]

    @cached_property
    def status(self) -> Status:
        return worst(statuses(self.tenant.realm.scope, self._addresses).values())

    @property
    def _addresses(self) -> list[Address]:
        edges = [
            edge
            for edge in self.access.declared.leaving.get(self.node, ())
            if concerns(self.tenant, edge.target)
        ]
        links = {EdgeKind.MEMBERSHIP: Kind.MEMBERSHIP, EdgeKind.PERSON_ROLE: Kind.PERSON_ROLE}
        found = [Address(links[e.kind], (e.source.name, e.target.name)) for e in edges if e.kind in links]
        granted = [e for e in edges if e.kind is EdgeKind.ENTITLEMENT]
        found += [Address(Kind.ENTITLEMENT, ("person", e.source.name, e.target.name)) for e in granted]
        return [self.person.address, *found]

    def _opened(self, capability: Capability) -> Held:
        """Return a capability with the way to the right that gives it, and that right at its end."""
        right = self.opens.right_of(capability)
        way = self._held(right) if right and right != self.node and right in self.rights else None
        title = self.opens.catalogue.titles.get(right.name, right.name) if right else ""
        return Held(
            right=None,
            name=capability.name,
            type_name=self.opens.service_of(capability),
            way=(*_without_end(way, right), title),
            icon=way.icon if way else "bolt",
            more=way.more if way else 0,
            is_direct=False,
            is_default=False,
            since=way.since if way else None,
            by=way.by if way else "",
            url=matrix_url(
                self.tenant, as_subject(self.tenant, self.person), f"{CAPABILITY}{capability.key}"
            ),
            is_pending=bool(way and way.is_pending),
            until=way.until if way else None,
            condition=self.opens.condition_of(capability),
        )

    def _held(self, right: Node) -> Held:
        found = paths(self.access.graph, self.node, right, limit=1)
        path = found.listed[0]
        told = path.edges[0].provenance
        is_default = path.edges[0].kind is EdgeKind.DEFAULT_ROLE
        return Held(
            right=right,
            name=self.called.get(right.name) or _short(right),
            type_name=_type_of(right),
            way=tuple(self.names.words(node) for node in _through(path)),
            icon=_icon(path),
            more=found.total - 1,
            is_direct=path.is_direct and not is_default,
            is_default=is_default,
            since=told.since,
            by=self._by(path.edges[0], is_default=is_default),
            url=matrix_url(self.tenant, as_subject(self.tenant, self.person), key_of(right)),
            is_pending=any(e.provenance.declared and e.provenance.live is False for e in path.edges),
            until=self.untils.get(right),
        )

    def _by(self, edge: Edge, *, is_default: bool) -> str:
        """Return who gave the first link of a way: somebody, the blueprint, or Keycloak."""
        origin = self.names.origin(edge)
        if origin is Origin.BLUEPRINT:
            return "Blueprint"
        return edge.provenance.by or ("Keycloak" if is_default or origin is Origin.KEYCLOAK else "")


def person_page(tenant: Tenant, shown: Person, *, kind: str, text: str) -> PersonPage:
    """Return the page of one person."""
    access = access_of(tenant.realm, people=[shown.username])
    part = Shown(kind) if kind in set(Shown) else Shown.ALL
    return PersonPage(tenant, shown, access, part, text.strip()[:200], timezone.now())


def events_of(tenant: Tenant, shown: Person) -> "QuerySet[AuditEvent]":
    """Return what was recorded about a person in this tenant, newest first."""
    name = shown.username
    mine = Q(address=Address(Kind.PERSON, (name,)).key)
    for prefix in (Address(Kind.MEMBERSHIP, (name, "")), Address(Kind.PERSON_ROLE, (name, ""))):
        mine |= Q(address__startswith=prefix.key)
    mine |= Q(address__startswith=Address(Kind.ENTITLEMENT, ("person", name, "")).key)
    return AuditEvent.objects.filter(mine, tenant=tenant.slug).order_by("-at", "-id")


RANKS = ("failed", "blocked", "unknown", "pending", "applying", "in-sync")


def worst(found: Iterable[Status]) -> Status:
    """Return the status that most needs a look."""
    ranked = sorted(found, key=lambda one: RANKS.index(one.word) if one.word in RANKS else 0)
    return ranked[0]


def _without_end(way: Held | None, right: Node | None) -> tuple[str, ...]:
    """Return the way to a right without its own name, in the place of which stands its title."""
    steps = way.way if way else ()
    return steps[:-1] if right and steps[-1:] == (right.name,) else steps


def _type_of(right: Node) -> str:
    """Return what stands behind a name in grey: the type of an entitlement, the client of a role."""
    if right.kind is NodeKind.ROLE:
        return ""
    return right.name.partition(":" if right.kind is NodeKind.ENTITLEMENT else "/")[0]


def _is_theirs(edge: Edge, kind: EdgeKind) -> bool:
    return edge.kind is kind and not edge.provenance.declared


def _short(right: Node) -> str:
    return right.name if right.kind is NodeKind.ROLE else label_of(right)


def _through(path: Path) -> tuple[Node, ...]:
    """What the way leads through; a composite names its end, so that the chain can be read."""
    return path.nodes[1:] if path.uses_composite and not path.uses_group else path.through


def _icon(path: Path) -> str:
    if path.edges[0].kind is EdgeKind.DEFAULT_ROLE:
        return "settings"
    if path.is_direct:
        return "user"
    return "users-group" if path.uses_group else "sitemap"
