"""Which deletions need an operation, which go with another one, and which must wait until the end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from console.engine.judge import Case, Judgement, Verdict
from console.engine.kinds import REALM, TREES, all_needs, described, managed, needs, spec_of
from console.engine.operation import Action
from console.engine.state import Address
from console.engine.structure import Tree


@dataclass(frozen=True)
class Deletions:
    """Final addresses throughout. `early` take access away at once, `late` come last.

    `implied` are what Keycloak deletes along with the key.
    """

    early: tuple[Verdict, ...] = ()
    late: tuple[Verdict, ...] = ()
    implied: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)


def deletions_of(case: Case, judgement: Judgement, *, tree: Tree, renamed: Iterable[Address]) -> Deletions:
    """Return how what is no longer declared goes, when these groups are going to be renamed."""
    doomed = {verdict.address: verdict for verdict in judgement.of(Action.DELETE)}
    if not doomed:
        return Deletions()
    return _Sorter(case, doomed, _touched(tree, renamed)).sorted()


def _touched(tree: Tree, renamed: Iterable[Address]) -> frozenset[Address]:
    """Return the groups that a rename leaves behind or takes along: they must stand until it is done."""
    touched: set[Address] = set()
    for token in renamed:
        touched.update(tree.above(token), tree.subtree(token))
    return frozenset(touched)


class _Sorter:
    def __init__(self, case: Case, doomed: Mapping[Address, Verdict], touched: frozenset[Address]) -> None:
        self.case = case
        self.doomed = doomed
        self.touched = touched
        self.implied: dict[Address, list[Address]] = defaultdict(list)
        self.hit: dict[Address, bool] = {}

    def sorted(self) -> Deletions:
        own = []
        for address in self._concerned():
            carrier = self._carrier(address)
            if carrier:
                self.implied[carrier].append(address)
            elif address in self.doomed:
                own.append(self.doomed[address])
            elif spec_of(address).is_link:
                # It would give access through something that stands until the end.
                own.append(self._taken_along(address))
        return Deletions(
            early=tuple(verdict for verdict in own if not self._is_late(verdict.address)),
            late=tuple(verdict for verdict in own if self._is_late(verdict.address)),
            implied={carrier: tuple(along) for carrier, along in self.implied.items()},
        )

    def _concerned(self) -> list[Address]:
        """Return what goes or hangs on what goes: read now, or in the ledger and not read now."""
        unread = (address for address in self.case.ledger if address not in self.case.selection)
        hit = {address for address in chain(self.case.actual, unread) if self._is_concerned(address)}
        return sorted(hit, key=lambda a: (spec_of(a).rank, a.path))

    def _is_concerned(self, address: Address) -> bool:
        if address in self.doomed or REALM in self.doomed:
            return True
        return any(self._is_hit(need) for need in needs(address))

    def _is_hit(self, need: Address) -> bool:
        if need not in self.hit:
            self.hit[need] = need in self.doomed or any(self._is_hit(deeper) for deeper in needs(need))
        return self.hit[need]

    def _is_late(self, address: Address) -> bool:
        if address.kind in TREES:
            return address in self.touched
        return spec_of(address).is_leftover

    def _carrier(self, address: Address) -> Address | None:
        """Return the deletion that takes this one along: the topmost, and an early one before a late.

        A group that waits for renames goes by itself: those below it may be free to go before those above,
        so a run that goes on after a cut would have deletions that nobody approved.
        """
        if REALM in self.doomed:
            return REALM if address != REALM else None
        grounds = [need for need in all_needs(address) if need in self.doomed]
        early = [need for need in grounds if not self._is_late(need)]
        if early:
            return early[-1]
        is_carried = self._is_late(address) and address.kind not in TREES
        return grounds[-1] if grounds and is_carried else None

    def _taken_along(self, address: Address) -> Verdict:
        found = self.case.actual.get(address)
        cause = next(need for need in all_needs(address) if need in self.doomed)
        before = managed(address, found.fields if found else {}, spec_of(address).fields)
        return Verdict(address, Action.DELETE, before, None, None, f"goes with {described(cause)}")
