"""What if somebody were in other groups or had other roles: gained and lost, with nothing written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from access.concern import concerning, concerns
from access.facts import facts_of
from access.graphs import settled_graph
from access.matrix.answers import cell_of
from access.matrix.columns import title_of
from access.matrix.grid import Cell
from access.models import Group, Person, Role
from console.graph.catalogue import Catalogue
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, Node, group, person, role
from console.graph.whatif import Difference, Shift, what_if
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

DIRECT = (EdgeKind.MEMBERSHIP, EdgeKind.PERSON_ROLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One capability before and after."""

    title: str
    service: str
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What would be otherwise."""

    gained: tuple[Turn, ...]
    lost: tuple[Turn, ...]
    rights_gained: tuple[str, ...]
    rights_lost: tuple[str, ...]
    read_at: datetime | None
    unread: dict[str, str]

    @property
    def is_empty(self) -> bool:
        return not (self.gained or self.lost or self.rights_gained or self.rights_lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """A group or role that somebody has directly, as a choice to be without it."""

    key: str
    words: str
    edge: Edge


def has_directly(tenant: Tenant, graph: Graph, who: Person) -> tuple[Has, ...]:
    """Return the groups and roles that a person has directly, as far as they are the tenant's."""
    edges = [one for one in graph.leaving.get(person(who.username), ()) if one.kind in DIRECT]
    return tuple(
        Has(
            key=f"{one.target.kind.value}:{one.target.name}",
            words=f"{one.target.kind.noun} {one.target.name.replace('/', ' / ')}",
            edge=one,
        )
        for one in edges
        if concerns(tenant, one.target)
    )


def graph_of(tenant: Tenant, who: Person) -> Graph:
    """Return the graph of a person, once all that waits is applied."""
    return settled_graph(tenant.realm, people=[who.username])


def supposed(
    tenant: Tenant,
    who: Person,
    graph: Graph,
    *,
    groups: Iterable[Group],
    roles: Iterable[Role],
    without: Sequence[Has],
) -> Supposed:
    """Return what a person would gain and lose with these groups and roles, and without what is named."""
    subject = person(who.username)
    facts = facts_of(tenant, [subject])[subject]
    adds = [Edge(subject, group(one.path), EdgeKind.MEMBERSHIP) for one in groups]
    adds += [Edge(subject, role(one.name), EdgeKind.PERSON_ROLE) for one in roles]
    catalogue = catalogue_of(tenant)
    found = what_if(catalogue, graph, [facts], adds=adds, removes=[one.edge for one in without])
    return Supposed(
        gained=tuple(_turns(catalogue, found.gained)),
        lost=tuple(_turns(catalogue, found.lost)),
        rights_gained=_rights(tenant, found, subject, gained=True),
        rights_lost=_rights(tenant, found, subject, gained=False),
        read_at=facts.read_at,
        unread=dict(facts.unread),
    )


def _turns(catalogue: Catalogue, shifts: Iterable[Shift]) -> Iterable[Turn]:
    services = {one.key: one.name for one in catalogue.services}
    for one in shifts:
        capability = catalogue.by_key[one.capability]
        yield Turn(
            title=capability.name,
            service=services.get(capability.service, capability.service),
            before=cell_of(capability, one.before),
            after=cell_of(capability, one.after),
        )


def _rights(tenant: Tenant, found: Difference, subject: Node, *, gained: bool) -> tuple[str, ...]:
    rights = (found.rights_gained if gained else found.rights_lost).get(subject, frozenset())
    return tuple(title_of(one) for one in concerning(tenant, sorted(rights)))
