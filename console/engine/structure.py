"""In which order names change and groups are made and moved, so that every step is possible and safe.

A planner walks a model of the tree step by step. It decides from the present tree and the final one
alone, so a run that was cut goes on exactly where it stopped.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from console.engine.kinds import above_of, below, parent_path
from console.engine.rebase import rebased
from console.engine.renames import Renames
from console.engine.state import Address, Kind

Spot = tuple[str, str]  # (token of the parent group, name)
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
    """Where each group stands at a moment. Its token, its path in the end, never changes."""

    spots: dict[str, Spot] = field(default_factory=dict)
    tokens: dict[Spot, str] = field(default_factory=dict)
    children: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def put(self, token: str, spot: Spot) -> None:
        if old := self.spots.get(token):
            del self.tokens[old]
            self.children[old[0]].discard(token)
        self.spots[token] = spot
        self.tokens[spot] = token
        self.children[spot[0]].add(token)

    def path(self, token: str) -> str:
        """Return where this group stands now; an unknown one stands under its known parent."""
        above, name = self.spots.get(token) or spot_of(token)
        return f"{self.path(above)}/{name}" if above else name

    def above(self, token: str) -> Iterator[str]:
        """Yield the groups over this one, nearest first."""
        while token:
            token, _ = self.spots.get(token) or spot_of(token)
            if token:
                yield token

    def subtree(self, token: str) -> Iterator[str]:
        yield token
        for child in self.children.get(token, ()):
            yield from self.subtree(child)


def spot_of(token: str) -> Spot:
    return parent_path(token), token.rpartition("/")[2]


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
        if end.kind is Kind.GROUP:
            return Address(Kind.GROUP, (self.tree.path(end.path[0]),))
        above = above_of(end)
        named = Address(end.kind, (*end.path[:-1], self.flat.get(end, end.path[-1])))
        return below(self._end(above), named) if above else named


def names_now(renames: Renames) -> Names:
    """Return the names as they were read."""
    names = Names(Tree(), {}, set())
    for now, final in sorted(renames.final.items(), key=lambda pair: (len(pair[0].path[0]), pair[0])):
        if final.kind is Kind.GROUP:
            above = parent_path(now.path[0])
            token = _token(renames, Address(Kind.GROUP, (above,))) if above else ""
            names.tree.put(_token(renames, now), (token, now.path[0].rpartition("/")[2]))
        elif now.path[-1] != final.path[-1]:
            names.taken.add(Address(final.kind, (*final.path[:-1], now.path[-1])))
            if not renames.is_crowded_out(now):
                names.flat[final] = now.path[-1]
    return names


def _token(renames: Renames, now: Address) -> str:
    """Return a group's token. One that lost its name to another is known by where it stands."""
    if renames.is_crowded_out(now):
        return CROWDED_OUT + now.path[0].replace("/", CROWDED_OUT)
    return renames.of_present(now).path[0]


class GroupPlanner:
    """Makes, renames and moves groups in a model, level by level.

    What can be done without a move comes first. A move may give rights, so moves, and what waits
    for them, come when widening may begin. What is left at the end cannot be done.
    """

    def __init__(self, tree: Tree, *, created: Iterable[str], renamed: Iterable[str]) -> None:
        self.tree = tree
        self.created = set(created)
        self.renamed = set(renamed)
        self.goal = {token: spot_of(token) for token in self.renamed}
        self.over_in_the_end = {token: self._final_above(token) for token in tree.spots} if self.goal else {}

    @property
    def left(self) -> frozenset[Address]:
        return frozenset(_group(token) for token in self.created | self.renamed)

    def _final_above(self, token: str) -> set[str]:
        over: set[str] = set()
        while token:
            token, _ = self.goal.get(token) or self.tree.spots.get(token) or spot_of(token)
            if token and token in over:
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
        return tuple(Step(_group(token), _group(token)) for token in ready)

    def _can_be_made(self, token: str) -> bool:
        above, _ = spot_of(token)
        is_free = spot_of(token) not in self.tree.tokens
        return is_free and above not in self.created and self._is_settled(above)

    def _is_settled(self, token: str) -> bool:
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

    def _is_free(self, token: str) -> bool:
        above = self.goal[token][0]
        if self.goal[token] in self.tree.tokens or above in self.created:
            return False
        return token not in {above, *self.tree.above(above)}

    def _is_safe(self, token: str) -> bool:
        """Tell whether nobody below gets above them a group that is not there now nor in the end."""
        above = self.goal[token][0]
        gained = {above, *self.tree.above(above)} - {""}
        return all(
            gained <= {*self.tree.above(one)} | self.over_in_the_end.get(one, set())
            for one in self.tree.subtree(token)
        )

    def _renamed(self, token: str) -> Step:
        was = _group(self.tree.path(token))
        self.tree.put(token, self.goal[token])
        self.renamed.discard(token)
        return Step(_group(token), _group(self.tree.path(token)), was)


def flat_levels(names: Names, pending: Iterable[Address]) -> tuple[list[Level], frozenset[Address]]:
    """Return the renames of what is no group, each when its new name is free, and those that never are."""
    waiting, levels = sorted(pending), []
    while free := [final for final in waiting if final not in names.taken]:
        was = {final: names.address(final) for final in free}
        names.taken -= {Address(final.kind, (*final.path[:-1], names.flat.pop(final))) for final in free}
        levels.append(tuple(Step(final, names.address(final), was[final]) for final in free))
        waiting = [final for final in waiting if final not in free]
    return levels, frozenset(waiting)


def _top_down(tokens: Iterable[str]) -> list[str]:
    return sorted(tokens, key=lambda token: (token.count("/"), token))


def _group(path: str) -> Address:
    return Address(Kind.GROUP, (path,))
