"""What the rows of a page hold now: by all that is there, by what is declared, by what Keycloak had.

The same as the graphs of `access_of` say, without an edge for each link: a page asks what is held, not by
which way. What groups and roles reach is worked out once, with the structure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from access.kept.current import current
from access.kept.reading import Read
from access.kept.structure import Structure
from console.engine.state import Address
from console.graph.closure import Graph
from console.graph.edges import EVERYBODY, Edge, Node, NodeKind, ends_of, parents_of, role
from console.graph.layered import layered
from tenants.models import Realm

Sources = Mapping[str, Collection[Node]]


@dataclass(frozen=True)
class Held:
    """What was read of some people, with the structure that is right for it. `also` are edges beside that."""

    found: Read
    structure: Structure
    default_role: str = ""
    also: tuple[Edge, ...] = ()

    def rights_of(self, subject: Node) -> frozenset[Node]:
        """Return the rights that are declared or in Keycloak, without the subject itself."""
        return _rights(self.graph, subject, self._sources)

    def declared_of(self, subject: Node) -> frozenset[Node]:
        return _rights(self._declared, subject, self._declared_sources)

    def live_of(self, subject: Node) -> frozenset[Node]:
        return _rights(self._live, subject, self._live_sources)

    def agrees(self, subject: Node) -> bool:
        """Say whether it is seen at once that the last two are the same: no link that leads there differs."""
        differing = self.structure.differing
        if subject.kind is NodeKind.PERSON:
            return subject.name not in self._unlike and differing.isdisjoint(
                self._sources.get(subject.name, ())
            )
        return not differing or (subject not in differing and not self.also)

    @property
    def was_read(self) -> bool:
        return self.structure.was_read

    @cached_property
    def rights(self) -> frozenset[Node]:
        """The rights of the structure, and those that these people have directly."""
        return _and_direct(self.structure.graph, self._sources)

    @cached_property
    def declared_rights(self) -> frozenset[Node]:
        """The same of what is declared."""
        return _and_direct(self.structure.declared, self._declared_sources)

    @cached_property
    def graph(self) -> Graph:
        """What the structure says, without people."""
        return layered(self.structure.graph, self.also)

    @cached_property
    def _declared(self) -> Graph:
        return layered(self.structure.declared, self.also)

    @cached_property
    def _live(self) -> Graph:
        return layered(self.structure.live, self.also)

    @cached_property
    def _sources(self) -> Sources:
        """What each person is in or has. A group brings those above it: the structure may not know it."""
        direct = self._direct(self._links)
        return {
            name: {above for one in some for above in _with_parents(one)} for name, some in direct.items()
        }

    @cached_property
    def _declared_sources(self) -> Sources:
        return self._direct(self.found.personal.declared)

    @cached_property
    def _live_sources(self) -> Sources:
        return self._direct(self.found.personal.seen if self.was_read else self._links)

    @cached_property
    def _unlike(self) -> frozenset[str]:
        """Who has a link that is only declared, or only in Keycloak."""
        personal = self.found.personal
        return frozenset(
            ends[0].name for one in personal.declared.keys() ^ personal.seen if (ends := ends_of(one))
        )

    def _direct(self, links: Collection[Address]) -> Sources:
        """Return the ends of links by who has them, with what everybody has, and newcomers."""
        sources: dict[str, set[Node]] = {name: {EVERYBODY} for name in self._people}
        for address in links:
            ends = ends_of(address)
            if ends is not None:
                sources[ends[0].name].add(ends[1])
        newcomers = {role(self.default_role), *map(_group, self.structure.default_groups)}
        for name in self.found.people - self.found.known:
            sources[name] |= newcomers
        return sources

    @cached_property
    def _people(self) -> frozenset[str]:
        """Who is declared, in Keycloak, or has a link in either: they sign in by whichever it is told."""
        linked = (ends[0].name for one in self._links if (ends := ends_of(one)))
        return frozenset((*self.found.people, *self.found.known, *linked))

    @cached_property
    def _links(self) -> frozenset[Address]:
        return frozenset((*self.found.personal.declared, *self.found.personal.seen))


def held_by(realm: Realm, people: Collection[str]) -> Held:
    """Return what these people, and the structure of the realm, hold; one query where this process has it."""
    found, structure = current(realm, people)
    return Held(found, structure, realm.default_role)


def _and_direct(graph: Graph, sources: Sources) -> frozenset[Node]:
    return frozenset((*graph.rights, *(one for some in sources.values() for one in some if one.is_right)))


def _rights(graph: Graph, subject: Node, sources: Sources) -> frozenset[Node]:
    if subject.kind is NodeKind.PERSON:
        return graph.rights_from(sources.get(subject.name, ()))
    return graph.rights_of(subject)


def _group(address: Address) -> Node:
    return Node(NodeKind.GROUP, address.path[0])


@lru_cache(maxsize=8192)  # the same groups are those of very many people
def _with_parents(node: Node) -> tuple[Node, ...]:
    if node.kind is not NodeKind.GROUP:
        return (node,)
    return (node, *(Node(NodeKind.GROUP, one) for one in parents_of(node.name)))
