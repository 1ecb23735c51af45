"""Why somebody has a right, or has not: every path with its origin, and what would change the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils.http import urlencode

from access.concern import concerns, outside
from access.graphs import Access
from access.models import Group, Person, Role
from console.engine.state import Address
from console.graph.closure import Graph
from console.graph.cut import minimal_cut
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, Origin, address_of
from console.graph.paths import Path, Paths, paths
from tenants.blueprints import links_made
from tenants.models import Tenant

LISTED = 50

ORIGINS = {
    Origin.BLUEPRINT: "from the blueprint",
    Origin.CONSOLE: "given in this console",
    Origin.DIRECTORY: "from the directory",
    Origin.KEYCLOAK: "made in Keycloak, not declared here",
    Origin.MAPPER: "by a mapper of the identity provider",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing as it is shown: its words and, where this tenant may see it, its page."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One edge in words: before, the thing it leads to, and where it comes from."""

    verb: str
    target: Named
    origin: str
    since: datetime | None
    by: str
    reason: str
    is_pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One path, shortest first."""

    icon: str
    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The fewest links that must go: each in words, with the form that takes it away where there is one.

    `links` is None where no change made here can end the right.
    """

    links: tuple[Named, ...] | None

    @property
    def is_one_enough(self) -> bool:
        return self.links is not None and len(self.links) == 1


@dataclass(frozen=True)
class Explanation:
    """Everything the panel says about one cell."""

    names: "Names"
    access: Access
    subject: Node
    right: Node

    @cached_property
    def is_allowed(self) -> bool:
        return self.access.graph.holds(self.subject, self.right)

    @cached_property
    def is_declared(self) -> bool:
        return self.access.declared.holds(self.subject, self.right)

    @cached_property
    def is_live(self) -> bool | None:
        """What Keycloak answered when it was last read; None when it was not."""
        return self.access.live.holds(self.subject, self.right) if self.access.read_at else None

    @property
    def differs(self) -> bool:
        return self.is_live is not None and self.is_live != self.is_declared and self._is_ours

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        return tuple(self.names.way(path) for path in self._paths.listed)

    @property
    def count_in_words(self) -> str:
        return self._paths.count_in_words

    @property
    def left_out(self) -> int:
        """How many paths are not listed."""
        return self._paths.total - len(self._paths.listed)

    @cached_property
    def cut(self) -> Cut:
        found = minimal_cut(self.access.graph, self.subject, self.right)
        return Cut(links=None if found is None else tuple(self.names.end(edge) for edge in found))

    @cached_property
    def givers(self) -> tuple[Named, ...]:
        """What one would have to be in or have: groups and roles that give the right directly."""
        entering = self.access.graph.entering.get(self.right, ())
        sources = dict.fromkeys(edge.source for edge in entering if edge.source.kind is not NodeKind.PERSON)
        return tuple(self.names.named(node) for node in sources if node in self.names)

    @property
    def give_url(self) -> str:
        """The form that gives the right directly, where the subject can have it so."""
        return self.names.give_url(self.subject, self.right)

    @cached_property
    def _paths(self) -> Paths:
        return paths(self.access.graph, self.subject, self.right, limit=LISTED)

    @cached_property
    def _is_ours(self) -> bool:
        return self.right in self.names or self.is_declared


class Names:
    """Words and pages of the nodes of a tenant. What lies outside of the tenant has no name here."""

    def __init__(self, tenant: Tenant, nodes: Iterable[Node]) -> None:
        """Look up all rows with three queries."""
        asked = set(nodes)
        self._tenant = tenant
        self._rows: dict[Node, Role | Group | Person] = {}
        for kind, rows, name in (
            (NodeKind.ROLE, Role.objects.of(tenant), "name"),
            (NodeKind.GROUP, Group.objects.of(tenant), "path"),
            (NodeKind.PERSON, Person.objects.of(tenant), "username"),
        ):
            wanted = [node.name for node in asked if node.kind is kind]
            for row in rows.filter(**{f"{name}__in": wanted}):
                self._rows[Node(kind, getattr(row, name))] = row

    def __contains__(self, node: Node) -> bool:
        return node in self._rows

    def named(self, node: Node) -> Named:
        row = self._rows.get(node)
        return Named(words=self.words(node), url=row.url(self._tenant.slug) if row else "")

    def words(self, node: Node) -> str:
        """Return the name of a node, or that it is none of this tenant's business."""
        if node.kind is NodeKind.EVERYBODY:
            return "everybody"
        if not concerns(self._tenant, node):
            return outside(node)
        return node.name.replace("/", " / ") if node.kind is NodeKind.GROUP else node.name

    def give_url(self, subject: Node, right: Node) -> str:
        row = self._rows.get(subject)
        if row is None or subject.kind is NodeKind.ROLE:
            return ""
        if right.kind is NodeKind.ENTITLEMENT:
            return reverse("access:entitlement-grant", args=[self._tenant.slug])
        name = "access:person-give" if subject.kind is NodeKind.PERSON else "access:group-give"
        return reverse(name, args=[self._tenant.slug, row.pk])

    def way(self, path: Path) -> Way:
        return Way(icon=_icon(path), title=_title(path), steps=tuple(self.step(edge) for edge in path.edges))

    def step(self, edge: Edge) -> Step:
        told = edge.provenance
        return Step(
            verb=VERBS[edge.kind],
            target=self.named(edge.target),
            origin="" if edge.kind in UNTOLD else ORIGINS[self.origin(edge)],
            since=told.since,
            by=told.by,
            reason=told.reason,
            is_pending=told.declared and told.live is False and edge.kind not in UNTOLD,
        )

    def origin(self, edge: Edge) -> Origin:
        """Return where an edge comes from: what the tenant's blueprint made and is declared is its own."""
        told = edge.provenance
        if told.source is not Origin.CONSOLE or not told.declared:
            return told.source
        return Origin.BLUEPRINT if address_of(edge) in self._made else Origin.CONSOLE

    @cached_property
    def _made(self) -> frozenset[Address]:
        return links_made(self._tenant)

    def end(self, edge: Edge) -> Named:
        """Return a link that would have to go, and the form that takes it away."""
        words = CUTS[edge.kind].format(source=self.words(edge.source), target=self.words(edge.target))
        if not edge.provenance.declared:
            return Named(words=f"{words} ({ORIGINS[edge.provenance.source]})")
        return Named(words=words, url=self._end_url(edge))

    def _end_url(self, edge: Edge) -> str:
        source, target = self._rows.get(edge.source), self._rows.get(edge.target)
        if source is None or edge.kind not in ENDS:
            return ""
        if edge.kind is EdgeKind.ENTITLEMENT:
            grants = reverse(ENDS[edge.kind], args=[self._tenant.slug])
            return f"{grants}?{urlencode({'q': edge.source.name})}"
        if target is None:
            return ""
        return reverse(ENDS[edge.kind], args=[self._tenant.slug, source.pk, target.pk])


ENDS: Mapping[EdgeKind, str] = {
    EdgeKind.COMPOSITE: "access:role-exclude",
    EdgeKind.ENTITLEMENT: "access:entitlement-list",
    EdgeKind.GROUP_ROLE: "access:group-take",
    EdgeKind.MEMBERSHIP: "access:person-leave",
    EdgeKind.PERSON_ROLE: "access:person-take",
}

UNTOLD = (EdgeKind.PARENT, EdgeKind.DEFAULT_ROLE, EdgeKind.SIGN_IN)

VERBS: Mapping[EdgeKind, str] = {
    EdgeKind.MEMBERSHIP: "Member of",
    EdgeKind.PARENT: "Which stands in",
    EdgeKind.GROUP_ROLE: "Group has role",
    EdgeKind.PERSON_ROLE: "Directly has role",
    EdgeKind.COMPOSITE: "Which includes role",
    EdgeKind.DEFAULT_ROLE: "As everybody in the realm, has role",
    EdgeKind.ENTITLEMENT: "Is entitled to",
    EdgeKind.CLIENT_COMPOSITE: "Which includes role",
    EdgeKind.CLIENT_COMPOSITE_CLIENT_ROLE: "Which includes client role",
    EdgeKind.CLIENT_DEFAULT_SCOPE: "Which the client has by default, as",
    EdgeKind.COMPOSITE_CLIENT_ROLE: "Which includes client role",
    EdgeKind.DEFAULT_GROUP: "As everybody who is new, member of",
    EdgeKind.GROUP_CLIENT_ROLE: "Group has client role",
    EdgeKind.MAPPED: "Who comes through it is given",
    EdgeKind.ORGANIZATION_GROUP_CLIENT_ROLE: "Group of the organization has client role",
    EdgeKind.ORGANIZATION_GROUP_MEMBER: "Member of the organization's group",
    EdgeKind.ORGANIZATION_GROUP_ROLE: "Group of the organization has role",
    EdgeKind.PERSON_CLIENT_ROLE: "Directly has client role",
    EdgeKind.SCOPE_CLIENT_ROLE: "Which the scope is open to:",
    EdgeKind.SCOPE_INCLUDED: "Which brings the scope",
    EdgeKind.SCOPE_ROLE: "Which the scope is open to:",
    EdgeKind.SERVICE_CLIENT_ROLE: "Service account has client role",
    EdgeKind.SERVICE_MEMBERSHIP: "Service account is a member of",
    EdgeKind.SERVICE_ROLE: "Service account has role",
    EdgeKind.SIGN_IN: "Who signs in, as",
    EdgeKind.UNRESTRICTED_SCOPE: "Whom no role keeps from the scope",
}

CUTS: Mapping[EdgeKind, str] = {
    EdgeKind.MEMBERSHIP: "{source} in the group {target}",
    EdgeKind.GROUP_ROLE: "the role {target} of the group {source}",
    EdgeKind.PERSON_ROLE: "the role {target}, given directly to {source}",
    EdgeKind.COMPOSITE: "{target}, included in the role {source}",
    EdgeKind.ENTITLEMENT: "the entitlement {target} of {source}",
    EdgeKind.PARENT: "the place of {source} in {target}",
    EdgeKind.DEFAULT_ROLE: "the default role {target}",
    EdgeKind.CLIENT_COMPOSITE: "{target}, included in the client role {source}",
    EdgeKind.CLIENT_COMPOSITE_CLIENT_ROLE: "{target}, included in the client role {source}",
    EdgeKind.CLIENT_DEFAULT_SCOPE: "the scope {source}, a default of the client",
    EdgeKind.COMPOSITE_CLIENT_ROLE: "{target}, included in the role {source}",
    EdgeKind.DEFAULT_GROUP: "the group {target}, which everybody new joins",
    EdgeKind.GROUP_CLIENT_ROLE: "the client role {target} of the group {source}",
    EdgeKind.MAPPED: "the mapper of {source} that gives {target}",
    EdgeKind.ORGANIZATION_GROUP_CLIENT_ROLE: "the client role {target} of the group {source}",
    EdgeKind.ORGANIZATION_GROUP_MEMBER: "{source} in the organization's group {target}",
    EdgeKind.ORGANIZATION_GROUP_ROLE: "the role {target} of the group {source}",
    EdgeKind.PERSON_CLIENT_ROLE: "the client role {target}, given directly to {source}",
    EdgeKind.SCOPE_CLIENT_ROLE: "the scope {target}, open to {source}",
    EdgeKind.SCOPE_INCLUDED: "the scope {target}, brought by {source}",
    EdgeKind.SCOPE_ROLE: "the scope {target}, open to {source}",
    EdgeKind.SERVICE_CLIENT_ROLE: "the client role {target} of the service account {source}",
    EdgeKind.SERVICE_MEMBERSHIP: "the service account {source} in the group {target}",
    EdgeKind.SERVICE_ROLE: "the role {target} of the service account {source}",
    EdgeKind.SIGN_IN: "that {source} signs in",
    EdgeKind.UNRESTRICTED_SCOPE: "the scope {target}, open to everybody",
}


def explain(tenant: Tenant, access: Access, subject: Node, right: Node) -> Explanation:
    """Return why the subject has the right, or what it lacks; three queries."""
    return Explanation(Names(tenant, _on_the_way(access.graph, subject, right)), access, subject, right)


def _on_the_way(graph: Graph, subject: Node, right: Node) -> frozenset[Node]:
    entering = graph.entering.get(right, ())
    givers = {edge.source for edge in entering if edge.source.kind is not NodeKind.PERSON}
    return graph.downstream_of(subject) | givers | {right}


def _icon(path: Path) -> str:
    if path.is_direct:
        return "settings" if path.edges[0].kind is EdgeKind.DEFAULT_ROLE else "user"
    return "users-group" if path.uses_group else "sitemap"


def _title(path: Path) -> str:
    if path.is_direct:
        return "By default" if path.edges[0].kind is EdgeKind.DEFAULT_ROLE else "Directly"
    if path.uses_group:
        return "Through a group and a composite role" if path.uses_composite else "Through a group"
    return "Through a composite role"
