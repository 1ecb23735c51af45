"""Why somebody has a right, or has not: every path with its origin, and what would change the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from access.graphs import Access
from access.models import Group, Role
from console.graph.closure import Graph
from console.graph.cut import minimal_cut
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, Origin
from console.graph.paths import Path, Paths, paths
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
    """The fewest links that must go. `sentences` is None where no change made here can end the right."""

    sentences: tuple[str, ...] | None

    @property
    def is_one_enough(self) -> bool:
        return self.sentences is not None and len(self.sentences) == 1


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
        return Cut(sentences=None if found is None else tuple(self.names.sentence(edge) for edge in found))

    @cached_property
    def givers(self) -> tuple[Named, ...]:
        """What one would have to be in or have: groups and roles that give the right directly."""
        entering = self.access.graph.entering.get(self.right, ())
        sources = dict.fromkeys(edge.source for edge in entering if edge.source.kind is not NodeKind.PERSON)
        return tuple(self.names.named(node) for node in sources if node in self.names)

    @cached_property
    def _paths(self) -> Paths:
        return paths(self.access.graph, self.subject, self.right, limit=LISTED)

    @cached_property
    def _is_ours(self) -> bool:
        return self.right in self.names or self.is_declared


class Names:
    """Words and pages of the nodes of a tenant. What lies outside of the tenant has no name here."""

    def __init__(self, tenant: Tenant, nodes: Iterable[Node]) -> None:
        """Look up all pages with two queries."""
        asked = set(nodes)
        self._tenant = tenant
        self._urls: dict[Node, str] = {}
        for kind, rows, name in (
            (NodeKind.ROLE, Role.objects.of(tenant), "name"),
            (NodeKind.GROUP, Group.objects.of(tenant), "path"),
        ):
            wanted = [node.name for node in asked if node.kind is kind]
            for row in rows.filter(**{f"{name}__in": wanted}):
                self._urls[Node(kind, getattr(row, name))] = row.url(tenant.slug)

    def __contains__(self, node: Node) -> bool:
        return node in self._urls

    def named(self, node: Node) -> Named:
        return Named(words=self.words(node), url=self._urls.get(node, ""))

    def words(self, node: Node) -> str:
        """Return the name of a node, or that it is none of this tenant's business."""
        is_hidden = (
            node.kind in (NodeKind.GROUP, NodeKind.ROLE) and node not in self and self._tenant.is_share
        )
        if is_hidden:
            return f"a {node.kind.value} outside this tenant"
        return node.name.replace("/", " / ") if node.kind is NodeKind.GROUP else node.name

    def way(self, path: Path) -> Way:
        return Way(icon=_icon(path), title=_title(path), steps=tuple(self.step(edge) for edge in path.edges))

    def step(self, edge: Edge) -> Step:
        told = edge.provenance
        return Step(
            verb=VERBS[edge.kind],
            target=self.named(edge.target),
            origin="" if edge.kind in UNTOLD else ORIGINS[told.source],
            since=told.since,
            by=told.by,
            reason=told.reason,
            is_pending=told.declared and told.live is False and edge.kind not in UNTOLD,
        )

    def sentence(self, edge: Edge) -> str:
        """Return an edge as one line, for the links that would have to go."""
        return CUTS[edge.kind].format(source=self.words(edge.source), target=self.words(edge.target))


UNTOLD = (EdgeKind.PARENT, EdgeKind.DEFAULT_ROLE)

VERBS: Mapping[EdgeKind, str] = {
    EdgeKind.MEMBERSHIP: "Member of",
    EdgeKind.PARENT: "Which stands in",
    EdgeKind.GROUP_ROLE: "Group has role",
    EdgeKind.PERSON_ROLE: "Directly has role",
    EdgeKind.COMPOSITE: "Which includes role",
    EdgeKind.DEFAULT_ROLE: "As everybody in the realm, has role",
    EdgeKind.ENTITLEMENT: "Is entitled to",
}

CUTS: Mapping[EdgeKind, str] = {
    EdgeKind.MEMBERSHIP: "{source} in the group {target}",
    EdgeKind.GROUP_ROLE: "the role {target} of the group {source}",
    EdgeKind.PERSON_ROLE: "the role {target}, given directly to {source}",
    EdgeKind.COMPOSITE: "{target}, included in the role {source}",
    EdgeKind.ENTITLEMENT: "the entitlement {target} of {source}",
    EdgeKind.PARENT: "the place of {source} in {target}",
    EdgeKind.DEFAULT_ROLE: "the default role {target}",
}


def explain(tenant: Tenant, access: Access, subject: Node, right: Node) -> Explanation:
    """Return why the subject has the right, or what it lacks; two queries."""
    return Explanation(Names(tenant, _on_the_way(access.graph, subject, right)), access, subject, right)


def _on_the_way(graph: Graph, subject: Node, right: Node) -> set[Node]:
    givers = {edge.source for edge in graph.entering.get(right, ())}
    return {
        node for node in graph.downstream_of(subject) | givers | {right} if node.kind is not NodeKind.PERSON
    }


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
