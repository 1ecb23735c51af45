"""In which order names change and groups are made and moved, so that every step is possible and safe.

A planner walks a model of the tree step by step. It decides from the present tree and the final one
alone, so a run that was cut goes on exactly where it stopped.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from console.engine.kinds import REALM, TREES, above_of, below
from console.engine.rebase import rebased
from console.engine.renames import Renames
from console.engine.state import Address

Spot = tuple[Address, str]  # (token of the parent group, or what the whole tree stands in, name)
CROWDED_OUT = "\0"


@dataclass(frozen=True, slots=True)
class Step:
    """One creation (`was` is None) or rename, in the names of its moment. `final` is its goal."""

    final: Address
    address: Address
    was: Address | None = None


Level = tuple[Step, ...]


@dataclass
class Tree:
    """Where each group stands at a moment. Its token, its address in the end, never changes.

    The trees of the realm and of each organization stand in here side by side: none has a spot in another.
    """

    spots: dict[Address, Spot] = field(default_factory=dict)
    tokens: dict[Spot, Address] = field(default_factory=dict)
    children: dict[Address, set[Address]] = field(default_factory=lambda: defaultdict(set))

    def put(self, token: Address, spot: Spot) -> None:
        if old := self.spots.get(token):
            del self.tokens[old]
            self.children[old[0]].discard(token)
        self.spots[token] = spot
        self.tokens[spot] = token
        self.children[spot[0]].add(token)

    def address(self, token: Address) -> Address:
        """Return where this group stands now; an unknown one stands under its known parent."""
        if token.kind not in TREES:
            return token
        above, name = self.spots.get(token) or spot_of(token)
        return below(self.address(above), Address(token.kind, (*token.path[:-1], name)))

    def above(self, token: Address) -> Iterator[Address]:
        """Yield the groups over this one, nearest first."""
        while token.kind in TREES:
            token, _ = self.spots.get(token) or spot_of(token)
            if token.kind in TREES:
                yield token

    def subtree(self, token: Address) -> Iterator[Address]:
        yield token
        for child in self.children.get(token, ()):
            yield from self.subtree(child)


def spot_of(token: Address) -> Spot:
    return above_of(token) or REALM, _own_name(token)


def _own_name(group: Address) -> str:
    return group.path[-1].rpartition("/")[2]


@dataclass
class Names:
    """The names of a moment: turns a final address into the one that holds right now.

    `flat` are the former names of what is no group and not yet renamed. `taken` are the addresses that
    these things still hold, as if what they stand inside were renamed already.
    """

    tree: Tree
    flat: dict[Address, str]
    taken: set[Address]

    def address(self, final: Address) -> Address:
        return rebased(final, self._end)

    def _end(self, end: Address) -> Address:
        if end.kind in TREES:
            return self.tree.address(end)
        above = above_of(end)
        named = Address(end.kind, (*end.path[:-1], self.flat.get(end, end.path[-1])))
        return below(self._end(above), named) if above else named


def names_now(renames: Renames) -> Names:
    """Return the names as they were read."""
    names = Names(Tree(), {}, set())
    for now, final in sorted(renames.final.items(), key=lambda pair: (len(pair[0].path[-1]), pair[0])):
        if final.kind in TREES:
            above, name = spot_of(now)
            names.tree.put(_token(renames, now), (_token(renames, above), name))
        elif now.path[-1] != final.path[-1]:
            names.taken.add(Address(final.kind, (*final.path[:-1], now.path[-1])))
            if not renames.is_crowded_out(now):
                names.flat[final] = now.path[-1]
    return names


def _token(renames: Renames, now: Address) -> Address:
    """Return a group's token. One that lost its name to another is known by where it stands."""
    if now.kind in TREES and renames.is_crowded_out(now):
        hidden = CROWDED_OUT + now.path[-1].replace("/", CROWDED_OUT)
        return Address(now.kind, (*now.path[:-1], hidden))
    return renames.of_present(now)


class GroupPlanner:
    """Makes, renames and moves groups in a model, level by level.

    What can be done without a move comes first. A move may give rights, so moves, and what waits
    for them, come when widening may begin. What is left at the end cannot be done.
    """

    def __init__(self, tree: Tree, *, created: Iterable[Address], renamed: Iterable[Address]) -> None:
        self.tree = tree
        self.created = set(created)
        self.renamed = set(renamed)
        self.goal = {token: spot_of(token) for token in self.renamed}
        self.over_in_the_end = {token: self._final_above(token) for token in tree.spots} if self.goal else {}

    @property
    def left(self) -> frozenset[Address]:
        return frozenset(self.created | self.renamed)

    def _final_above(self, token: Address) -> set[Address]:
        over: set[Address] = set()
        while token.kind in TREES:
            token, _ = self.goal.get(token) or self.tree.spots.get(token) or spot_of(token)
            if token in over:
                break
            over.add(token)
        return over

    def levels(self, *, with_moves: bool) -> list[Level]:
        levels = []
        while level := self._creations() or self._rename(with_moves=with_moves):
            levels.append(level)
        return levels

    def _creations(self) -> Level:
        ready = [token for token in _top_down(self.created) if self._can_be_made(token)]
        for token in ready:
            self.tree.put(token, spot_of(token))
            self.created.discard(token)
        return tuple(Step(token, token) for token in ready)

    def _can_be_made(self, token: Address) -> bool:
        above, _ = spot_of(token)
        is_free = spot_of(token) not in self.tree.tokens
        return is_free and above not in self.created and self._is_settled(above)

    def _is_settled(self, token: Address) -> bool:
        """Tell whether a group stands where it shall stand in the end, and all above it too."""
        return not self.renamed.intersection({token, *self.tree.above(token)})

    def _rename(self, *, with_moves: bool) -> Level:
        for token in _top_down(self.renamed):
            is_move = self.goal[token][0] != self.tree.spots[token][0]
            if is_move and not with_moves:
                continue
            if self._is_free(token) and (not is_move or self._is_safe(token)):
                return (self._renamed(token),)
        return ()

    def _is_free(self, token: Address) -> bool:
        above = self.goal[token][0]
        if self.goal[token] in self.tree.tokens or above in self.created:
            return False
        return token not in {above, *self.tree.above(above)}

    def _is_safe(self, token: Address) -> bool:
        """Tell whether nobody below gets above them a group that is not there now nor in the end."""
        above = self.goal[token][0]
        gained = {one for one in (above, *self.tree.above(above)) if one.kind in TREES}
        return all(
            gained <= {*self.tree.above(one)} | self.over_in_the_end.get(one, set())
            for one in self.tree.subtree(token)
        )

    def _renamed(self, token: Address) -> Step:
        was = self.tree.address(token)
        self.tree.put(token, self.goal[token])
        self.renamed.discard(token)
        return Step(token, self.tree.address(token), was)


def flat_levels(names: Names, pending: Iterable[Address]) -> tuple[list[Level], frozenset[Address]]:
    """Return the renames of what is no group, each when its new name is free, and those that never are."""
    waiting, levels = sorted(pending), []
    while free := [final for final in waiting if final not in names.taken]:
        was = {final: names.address(final) for final in free}
        names.taken -= {Address(final.kind, (*final.path[:-1], names.flat.pop(final))) for final in free}
        levels.append(tuple(Step(final, names.address(final), was[final]) for final in free))
        waiting = [final for final in waiting if final not in free]
    return levels, frozenset(waiting)


def _top_down(tokens: Iterable[Address]) -> list[Address]:
    return sorted(tokens, key=lambda token: (token.path[-1].count("/"), token))
