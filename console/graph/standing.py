"""Who can reach what in a realm, moved on one operation at a time: the states between, and not only the end.

Loaded are all links between roles and groups, and of people those that matter; see `console.sync.guarding`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from console.engine.kinds import REALM, TREES, ends, spec_of
from console.engine.operation import Action, Operation
from console.engine.rebase import moved
from console.engine.state import Address, Kind
from console.graph.edges import INERT, Node, NodeKind, ends_of, node_of

HOLDERS = frozenset({NodeKind.PERSON, NodeKind.SERVICE_ACCOUNT})
_IN_TREES = frozenset({NodeKind.GROUP, NodeKind.ORGANIZATION_GROUP})


class Standing:
    """The links of a realm and who is disabled. `move` changes it; nothing else does."""

    def __init__(self, links: Iterable[Address] = (), disabled: Iterable[str] = ()) -> None:
        """Keep what gives something to somebody; of other addresses, groups stand in their parents."""
        self.links: set[Address] = set()
        self.disabled = set(disabled)
        self._had_by: defaultdict[Node, set[Node]] = defaultdict(set)  # what is had -> who has it
        self._at: defaultdict[Address, set[Address]] = defaultdict(set)  # thing -> links that name it
        for address in links:
            self._add(address)

    def _clear(self) -> None:
        for kept in (self.links, self.disabled, self._had_by, self._at):
            kept.clear()

    def copy(self) -> "Standing":
        return Standing(self.links, self.disabled)

    def move(self, operation: Operation) -> None:
        """Take one operation as done."""
        address = operation.address
        match operation.action:
            case Action.CREATE | Action.ADOPT | Action.UPDATE:
                self._set_able(address, operation)
                self._add(address)
            case Action.DELETE:
                self._delete(address)
            case Action.RENAME if operation.was is not None:
                self._rename(operation.was, address)

    def upstream_of(self, wanted: Iterable[Node]) -> frozenset[Node]:
        """Return every node from which one of these is reached, with themselves."""
        seen = set(wanted)
        waiting = list(seen)
        while waiting:
            for node in self._had_by.get(waiting.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    waiting.append(node)
        return frozenset(seen)

    def holders_of(self, wanted: Iterable[Node]) -> frozenset[Node]:
        """Return the people and service accounts that reach one of these and may sign in.

        A group among them is held by its direct members only: Keycloak puts no other group into a token.
        """
        nodes = set(wanted)
        groups = {node for node in nodes if node.kind in _IN_TREES}
        reached = set(self.upstream_of(nodes - groups))
        reached.update(node for one in groups for node in self._had_by.get(one, ()))
        return frozenset(node for node in reached if node.kind in HOLDERS and self.is_able(node))

    def is_able(self, holder: Node) -> bool:
        return holder.kind is not NodeKind.PERSON or holder.name not in self.disabled

    def way(self, start: Node, wanted: frozenset[Node]) -> tuple[Node, ...]:
        """Return a shortest way from a node to one of these, both ends included; empty if there is none."""
        came_from: dict[Node, Node | None] = dict.fromkeys(sorted(wanted))
        waiting = list(came_from)
        for node in waiting:  # it grows
            if node == start:
                return tuple(_chain(node, came_from))
            for nearer in sorted(self._had_by.get(node, ())):
                if nearer not in came_from:
                    came_from[nearer] = node
                    waiting.append(nearer)
        return ()

    def trail(self, start: Node, wanted: frozenset[Node]) -> list[Address]:
        """Return the links of a shortest way, and the person at its beginning; empty if there is none."""
        way = self.way(start, wanted)
        steps = set(pairwise(way))
        links = [one for one in self.links if (found := ends_of(one)) and found[:2] in steps]
        return [*links, Address(Kind.PERSON, (start.name,))] if way else []

    # Changing

    def _add(self, address: Address) -> None:
        if address.kind in TREES and (node := node_of(address)):
            self._stand(node)
        found = ends_of(address)
        if found is None or address in self.links:
            return
        self.links.add(address)
        if found[2] not in INERT:
            self._had_by[found[1]].add(found[0])
        for _, thing in ends(address):
            self._at[thing].add(address)
        for node in found[:2]:
            self._stand(node)

    def _stand(self, node: Node) -> None:
        """Let a group stand in its parents, whose roles its members have too."""
        while node.kind in _IN_TREES and (above := _above(node)) and node not in self._had_by[above]:
            self._had_by[above].add(node)
            node = above

    def _remove(self, address: Address) -> None:
        found = ends_of(address)
        if found is None or address not in self.links:
            return
        self.links.discard(address)
        self._had_by[found[1]].discard(found[0])
        for _, thing in ends(address):
            self._at[thing].discard(address)

    def _delete(self, address: Address) -> None:
        if address == REALM:
            self._clear()
        elif spec_of(address).is_link:
            self._remove(address)
        else:
            for thing in self._with_inside(address):
                for link in list(self._at.get(thing, ())):
                    self._remove(link)
                self._forget(thing)

    def _forget(self, thing: Address) -> None:
        self._at.pop(thing, None)
        if (node := node_of(thing)) and node.kind in _IN_TREES and (above := _above(node)):
            self._had_by[above].discard(node)
        if thing.kind is Kind.PERSON:
            self.disabled.discard(thing.path[0])

    def _rename(self, was: Address, now: Address) -> None:
        affected = {link for thing in self._with_inside(was) for link in self._at.get(thing, ())}
        for link in affected:
            self._remove(link)
        things = list(self._with_inside(was))
        for thing in things:
            is_disabled = thing.kind is Kind.PERSON and thing.path[0] in self.disabled
            self._forget(thing)
            if is_disabled:
                self.disabled.add(moved(thing, was, now).path[0])
        for link in affected:
            self._add(moved(link, was, now))
        for thing in things:
            self._add(moved(thing, was, now))

    def _with_inside(self, thing: Address) -> Iterator[Address]:
        """Yield a thing and what stands inside it, as far as it is known here."""
        yield thing
        if thing.kind in TREES:
            yield from self._below(thing)
        elif thing.kind in (Kind.CLIENT, Kind.ORGANIZATION):
            inside = (Kind.CLIENT_ROLE, Kind.ORGANIZATION_GROUP)
            yield from [one for one in self._at if one.kind in inside and one.path[0] == thing.path[0]]

    def _below(self, thing: Address) -> Iterator[Address]:
        node = node_of(thing)
        for one in sorted(self._had_by.get(node, ())) if node else ():
            if one.kind in _IN_TREES:
                inside = Address(thing.kind, (*thing.path[:-1], one.name.rpartition("//")[2]))
                yield inside
                yield from self._below(inside)

    def _set_able(self, address: Address, operation: Operation) -> None:
        if address.kind is not Kind.PERSON or "enabled" not in (operation.after or {}):
            return
        if (operation.after or {})["enabled"]:
            self.disabled.discard(address.path[0])
        else:
            self.disabled.add(address.path[0])


def _above(node: Node) -> Node | None:
    place, slashes, path = node.name.rpartition("//")
    above = path.rpartition("/")[0]
    return Node(node.kind, f"{place}{slashes}{above}") if above else None


def _chain(node: Node | None, came_from: dict[Node, Node | None]) -> Iterator[Node]:
    while node is not None:
        yield node
        node = came_from[node]
