"""The closure: which rights a subject reaches, and who reaches a right."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter

from console.graph.edges import Edge, EdgeKind, Node, NodeKind, rank
from console.graph.nodes import may_carry

MOST_SETS = 10_000
Adjacency = Mapping[Node, tuple[Edge, ...]]


class Graph:
    """Edges with their adjacency. It never changes; what is calculated once is kept.

    Whether a person may sign in plays no part here: Keycloak keeps the roles of a disabled person.
    """

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        """Keep each edge once; of equal edges the first one's provenance counts."""
        self._given = tuple(sorted(dict.fromkeys(edges), key=rank))

    @property
    def edges(self) -> tuple[Edge, ...]:
        return self._given

    @cached_property
    def edge_set(self) -> frozenset[Edge]:
        return frozenset(self.edges)

    @cached_property
    def leaving(self) -> Adjacency:
        """The edges out of each node along which rights are reached, sorted."""
        return _by_end(filter(_confers, self.edges), lambda edge: edge.source)

    @cached_property
    def entering(self) -> Adjacency:
        """The edges into each node along which rights are reached, sorted."""
        return _by_end(filter(_confers, self.edges), lambda edge: edge.target)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        found = {edge.source for edge in self.edges} | {edge.target for edge in self.edges}
        return tuple(sorted(found, key=attrgetter("kind", "name")))

    @cached_property
    def persons(self) -> tuple[Node, ...]:
        """The people who have an edge, sorted. Who has none reaches nothing."""
        return tuple(node for node in self.nodes if node.kind is NodeKind.PERSON)

    @cached_property
    def rights(self) -> tuple[Node, ...]:
        """The roles and entitlements that some edge touches, sorted."""
        return tuple(node for node in self.nodes if node.is_right)

    def changed(self, *, adds: Iterable[Edge] = (), removes: Iterable[Edge] = ()) -> "Graph":
        """Return the graph with some edges more and some less."""
        less = frozenset(removes)
        return Graph((*(edge for edge in self.edges if edge not in less), *adds))

    @cached_property
    def _order(self) -> tuple[Node, ...]:
        """The rights in the order of their bits."""
        return self.rights

    def rights_of(self, subject: Node) -> frozenset[Node]:
        """Return the roles and entitlements that a person, group or role reaches, without itself."""
        found = self._set_of(self._bits_of(subject))
        return found - {subject} if subject.is_right else found

    def count_of(self, subject: Node) -> int:
        """Return how many roles and entitlements a person, group or role reaches, without itself."""
        bits, place = self._bits_of(subject), self._places.get(subject)
        return bits.bit_count() - (bits >> place & 1 if place is not None else 0)

    def rights_of_all(self, subjects: Iterable[Node]) -> dict[Node, frozenset[Node]]:
        """Return the rights of each subject. Those with the same rights share one set."""
        seen: dict[int, frozenset[Node]] = {}
        answer: dict[Node, frozenset[Node]] = {}
        for subject in subjects:
            bits = self._bits_of(subject)
            if bits not in seen:
                seen[bits] = self._rights_in(bits)
            answer[subject] = seen[bits] - {subject} if subject.is_right else seen[bits]
        return answer

    def listed_of_all(self, subjects: Iterable[Node], word: Callable[[Node], str]) -> dict[Node, list[str]]:
        """Return the rights of each subject as words, in the order of their bits."""
        words = [word(one) for one in self._order]
        eights: dict[tuple[int, int], list[str]] = {}
        answer: dict[Node, list[str]] = {}
        for subject in subjects:
            own, bits = self._places.get(subject), self._bits_of(subject)
            answer[subject] = found = []
            bits &= ~(1 << own) if own is not None else bits
            for key in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
                if key[1]:
                    several = eights.get(key)
                    if several is None:
                        place, byte = key
                        several = [words[8 * place + bit] for bit in range(8) if byte >> bit & 1]
                        eights[key] = several
                    found += several
        return answer

    def otherwise_than(self, before: "Graph") -> set[Node]:
        """Return the nodes, people aside, that reach other rights than before, or are in one of both only."""
        runs, gone = self._runs_of(before._order)
        found = {node for node in before._kept if node not in self._kept}
        for node, bits in self._kept.items():
            known = before._kept.get(node)
            if known is None or known & gone or _moved(known, runs) != bits:
                found.add(node)
        return found

    def _runs_of(self, order: Iterable[Node]) -> tuple[list[list[int]], int]:
        """Return which bits of another order stand where in this one, and the bits that stand nowhere.

        Neighbours move together: from where, to where, how many.
        """
        runs: list[list[int]] = []
        gone = 0
        for place, right in enumerate(order):
            here = self._places.get(right)
            if here is None:
                gone |= 1 << place
            elif runs and [place, here] == [runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]]:
                runs[-1][2] += 1
            else:
                runs.append([place, here, 1])
        return runs, gone

    def rights_from(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """Return the rights of whoever has or is in all of these, with those that are rights themselves."""
        bits, further = 0, set[Node]()
        kept = self._kept
        for node in nodes:
            found = kept.get(node)
            if found is not None:
                bits |= found
            elif node.is_right:
                further.add(node)
        return self._set_of(bits) | further if further else self._set_of(bits)

    def _set_of(self, bits: int) -> frozenset[Node]:
        if bits not in self._sets:
            if len(self._sets) >= MOST_SETS:
                self._sets.clear()
            self._sets[bits] = self._rights_in(bits)
        return self._sets[bits]

    @cached_property
    def _sets(self) -> dict[int, frozenset[Node]]:
        """The sets of rights that were asked for: many people have the same."""
        return {}

    def holds(self, subject: Node, right: Node) -> bool:
        """Say whether a subject reaches a right: one cell."""
        place = self._places.get(right)
        return place is not None and subject != right and bool(self._bits_of(subject) >> place & 1)

    def groups_of(self, subject: Node) -> frozenset[Node]:
        """Return the groups whose roles a person or group has: its own and those they stand in."""
        return frozenset(self._reached(subject, _is_belonging)) - {subject}

    def holders_of(self, right: Node) -> frozenset[Node]:
        """Return the people who reach a right (or a group)."""
        return frozenset(node for node in self.upstream_of(right) if node.kind is NodeKind.PERSON)

    def upstream_of(self, *nodes: Node) -> frozenset[Node]:
        """Return every node from which any of these is reached, with themselves."""
        seen, waiting = set(nodes), list(nodes)
        while waiting:
            for edge in self.entering.get(waiting.pop(), ()):
                if edge.source not in seen:
                    seen.add(edge.source)
                    waiting.append(edge.source)
        return frozenset(seen)

    def downstream_of(self, node: Node) -> frozenset[Node]:
        """Return every node that this one reaches, with itself."""
        return frozenset(self._reached(node, lambda _: True))

    def reaches(self, start: Node, end: Node) -> bool:
        """Say whether edges lead from one node to another, or both are the same."""
        return end in self._reached(start, lambda _: True)

    def _reached(self, subject: Node, follows: Callable[[Edge], bool]) -> set[Node]:
        seen, waiting = {subject}, [subject]
        while waiting:
            for edge in self.leaving.get(waiting.pop(), ()):
                if edge.target not in seen and follows(edge):
                    seen.add(edge.target)
                    waiting.append(edge.target)
        return seen

    @cached_property
    def _places(self) -> Mapping[Node, int]:
        """The bit of each right in a set of rights that is kept as one number."""
        return {right: place for place, right in enumerate(self._order)}

    @cached_property
    def _kept(self) -> Mapping[Node, int]:
        """The rights of each group and role: thousands of numbers, while people may be many more."""
        kept = {node: 1 << self._places[node] if node.is_right else 0 for node in self._inner_last_first()}
        changed = True
        while changed:  # once for the answer and once to see it stand; composite cycles need more
            changed = False
            for node, bits in kept.items():
                grown = bits
                for edge in self.leaving.get(node, ()):
                    grown |= kept[edge.target]
                if grown != bits:
                    kept[node] = grown
                    changed = True
        return kept

    def _inner_last_first(self) -> Iterator[Node]:
        """Yield what is no person so that, cycles aside, each node comes after all that it reaches."""
        done: set[Node] = set()
        for start in self.nodes:
            stack = [start] if start.kind is not NodeKind.PERSON else []
            opened: set[Node] = set()
            while stack:
                node = stack[-1]
                if node in done or node in opened:
                    stack.pop()
                    if node not in done:
                        done.add(node)
                        yield node
                    continue
                opened.add(node)
                ahead = (edge.target for edge in self.leaving.get(node, ()))
                stack.extend(next_ for next_ in ahead if next_ not in done and next_ not in opened)

    def _bits_of(self, subject: Node) -> int:
        if subject.kind is NodeKind.SERVICE_ACCOUNT:
            return self._kept.get(subject, 0) & ~self._foreign(subject)
        if subject.kind is not NodeKind.PERSON:
            return self._kept.get(subject, 0)
        bits = 0
        for edge in self.leaving.get(subject, ()):
            bits |= self._kept[edge.target]
        return bits

    def _foreign(self, account: Node) -> int:
        """Return the rights that never stand in the tokens of a service account: scopes of other clients."""
        bits = 0
        for right, place in self._places.items():
            if not may_carry(account, right):
                bits |= 1 << place
        return bits

    def _rights_in(self, bits: int) -> frozenset[Node]:
        """Return the rights of some bits, joined from sets of eight: so none of them is hashed again."""
        several = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
        known = self._eights
        found = [
            known.get(place << 8 | byte) or self._eight(place, byte)
            for place, byte in enumerate(several)
            if byte
        ]
        return _NOTHING.union(*found)

    def _eight(self, place: int, byte: int) -> frozenset[Node]:
        if len(self._eights) >= MOST_SETS:
            self._eights.clear()
        first = 8 * place
        found = frozenset(self._order[first + bit] for bit in range(8) if byte >> bit & 1)
        self._eights[place << 8 | byte] = found
        return found

    @cached_property
    def _eights(self) -> dict[int, frozenset[Node]]:
        """Rights that are neighbours in their order, by their place and bits."""
        return {}


_NOTHING: frozenset[Node] = frozenset()


def _moved(bits: int, runs: Iterable[list[int]]) -> int:
    """Return bits of another order in this one."""
    found = 0
    for start, here, length in runs:
        found |= (bits >> start & (1 << length) - 1) << here
    return found


def _by_end(edges: Iterable[Edge], end: Callable[[Edge], Node]) -> Adjacency:
    found: defaultdict[Node, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[end(edge)].append(edge)
    return {node: tuple(several) for node, several in found.items()}


def _confers(edge: Edge) -> bool:
    return edge.confers


def _is_belonging(edge: Edge) -> bool:
    return edge.kind in (EdgeKind.MEMBERSHIP, EdgeKind.PARENT)
