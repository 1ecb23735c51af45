"""The access graph of a realm: what is declared here, joined with what was read in Keycloak.

Loaded with one query, or two where this process does not hold the structure of the realm as it is now.
Structure (groups, roles, what they include and give) is always whole; people are those asked for.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from access.kept.current import current
from access.kept.people import edges_with
from access.kept.reading import Read
from access.kept.structure import Structure
from console.graph.closure import Graph
from console.graph.layered import layered
from tenants.models import Realm


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who can do what in one realm, in three views of the same edges.

    `graph` holds every edge; `declared` what the console says; `live` what Keycloak had when it was
    read, at `read_at` (None: never wholly read). `unreadable` names what could not be read.
    """

    graph: Graph
    declared: Graph
    live: Graph
    read_at: datetime | None
    unreadable: dict[str, str]


def access_of(realm: Realm, *, people: Collection[str] | None) -> Access:
    """Return the graph with the edges of these people, or of all with None."""
    return access_in(realm, *current(realm, people))


def access_in(realm: Realm, found: Read, structure: Structure) -> Access:
    """Return the graph of what was read, without a query."""
    edges = edges_with(realm, found, structure)
    return Access(
        graph=layered(structure.graph, edges),
        declared=layered(structure.declared, (edge for edge in edges if edge.provenance.declared)),
        live=layered(structure.live, (edge for edge in edges if edge.provenance.live is not False)),
        read_at=realm.scope.read_at,
        unreadable=realm.scope.unreadable,
    )


def settled_graph(realm: Realm, *, people: Collection[str] | None) -> Graph:
    """Return the graph as it will be once all that waits is applied.

    What is only in Keycloak and waits to be taken away is left out, and so is all that refers to it; what
    waits to be renamed stands under its new name.
    """
    return settled_later(realm, people=people)()


def settled_later(realm: Realm, *, people: Collection[str] | None) -> Callable[[], Graph]:
    """Return what makes the same graph. All that it needs is read now, and nothing when it is called."""
    found, structure = current(realm, people)
    return lambda: layered(structure.settled, edges_with(realm, found, structure, settled=True))
