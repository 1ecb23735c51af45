"""The smallest safe changes that would make a no a yes, each with the form that leads to its plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from access.matrix.wording import entitlement_words
from access.models import Group, NamedEntitlement, Person, Role
from console.engine.state import Address, Kind
from console.graph.catalogue import Catalogue
from console.graph.closure import Graph
from console.graph.conditions import names_of
from console.graph.decisions import Facts, Question
from console.graph.edges import Edge, EdgeKind, Node, NodeKind
from console.graph.fixes import Fix, fixes
from tenants.models import Declaration, Tenant

MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change: in words, and what to send to which form. Without an address it cannot be made here yet."""

    words: str
    url: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A change that is enough, and how many other capabilities it would open."""

    steps: tuple[Step, ...]
    further: int


def mends_of(
    tenant: Tenant, graph: Graph, catalogue: Catalogue, facts: Facts, question: Question
) -> tuple[Mend, ...]:
    """Return at most three changes, those first that open least else; five queries."""
    known = _Known(tenant, graph)
    found = fixes(catalogue, graph, facts, question, may_give=known.can_give, most=MOST)
    forms = _Forms(tenant, known, found)
    return tuple(
        Mend(steps=tuple(forms.step(edge) for edge in fix.adds), further=fix.further) for fix in found
    )


class _Known:
    """The declared roles and groups of the tenant: what a form of it can give."""

    def __init__(self, tenant: Tenant, graph: Graph) -> None:
        roles = Role.objects.of(tenant).values_list("name", "pk")
        groups = Group.objects.of(tenant).values_list("path", "pk")
        self.ids: dict[Node, int] = {Node(NodeKind.ROLE, name): pk for name, pk in roles}
        self.ids |= {Node(NodeKind.GROUP, path): pk for path, pk in groups}

    def can_give(self, edge: Edge) -> bool:
        return edge.kind is EdgeKind.ENTITLEMENT or edge.target in self.ids


class _Forms:
    """The forms that make the changes: one for each kind of subject and of what it gets."""

    def __init__(self, tenant: Tenant, known: _Known, found: Iterable[Fix]) -> None:
        self._tenant = tenant
        self._known = known
        edges = [edge for fix in found for edge in fix.adds]
        self._subjects = _subjects(tenant, {edge.source for edge in edges})
        wanted = [edge.target.name for edge in edges if edge.kind is EdgeKind.ENTITLEMENT]
        self._named = _named(tenant, wanted)

    def step(self, edge: Edge) -> Step:
        """Return one change with its form."""
        if edge.kind is EdgeKind.ENTITLEMENT:
            return self._entitle(edge)
        kind, subject = edge.source.kind, self._subjects.get(edge.source)
        target = self._known.ids.get(edge.target)
        joins = edge.target.kind is NodeKind.GROUP
        words = (
            f"Add to the group {edge.target.name.replace('/', ' / ')}"
            if joins
            else f"Give {edge.target.name}"
        )
        name = _FORMS.get((kind, joins))
        if name is None or subject is None or target is None:
            return Step(words=words)
        url = reverse(name, args=[self._tenant.slug, subject])
        return Step(words=words, url=url, values=(("groups" if joins else "roles", str(target)),))

    def _entitle(self, edge: Edge) -> Step:
        words = f"Entitle to {entitlement_words(edge.target.name)}"
        named, subject = self._named.get(edge.target.name), self._subjects.get(edge.source)
        side = _SIDES.get(edge.source.kind)
        if named is None or subject is None or side is None:
            return Step(words=words, url=reverse("access:entitlement-list", args=[self._tenant.slug]))
        url = reverse("access:entitlement-grant", args=[self._tenant.slug])
        return Step(words=words, url=url, values=(("entitlement", str(named)), (side, str(subject))))


_FORMS: Mapping[tuple[NodeKind, bool], str] = {
    (NodeKind.PERSON, False): "access:person-give",
    (NodeKind.PERSON, True): "access:person-join",
    (NodeKind.GROUP, False): "access:group-give",
    (NodeKind.SERVICE_ACCOUNT, False): "access:service-account-give",
    (NodeKind.SERVICE_ACCOUNT, True): "access:service-account-join",
}
_SIDES = {NodeKind.PERSON: "people", NodeKind.GROUP: "groups", NodeKind.SERVICE_ACCOUNT: "clients"}


def _subjects(tenant: Tenant, nodes: set[Node]) -> dict[Node, int]:
    """Return the ids of those who would get something; a query for each kind that is there."""
    found: dict[Node, int] = {}
    for node in nodes:
        rows: object = None
        match node.kind:
            case NodeKind.PERSON:
                rows = Person.objects.of(tenant).filter(username=node.name)
            case NodeKind.GROUP:
                rows = Group.objects.of(tenant).filter(path=node.name)
            case NodeKind.SERVICE_ACCOUNT:
                key = Address(Kind.CLIENT, (node.name,)).key
                rows = Declaration.objects.filter(realm=tenant.realm, address=key)
        pk = rows.values_list("pk", flat=True).first() if rows is not None else None  # type: ignore[attr-defined]
        if pk is not None:
            found[node] = pk
    return found


def _named(tenant: Tenant, values: Iterable[str]) -> dict[str, int]:
    """Return the named entitlements that stand for these values, with one query."""
    condition = Q(pk__in=[])
    for kind, name, level in filter(None, map(names_of, values)):
        condition |= Q(resource__type__name=kind, resource__name=name, level=level)
    rows = NamedEntitlement.objects.of(tenant).filter(condition)
    columns = ("resource__type__name", "resource__name", "level", "pk")
    return {f"{kind}:{name}:{level}": pk for kind, name, level, pk in rows.values_list(*columns)}
