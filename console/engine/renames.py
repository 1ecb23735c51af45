"""Which thing read is which thing declared, when names changed on either side.

Three name spaces: the ledger's (as last applied), the present one (as read), and the final one (as
declared). All judging happens in final names; operations speak the names of their moment.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from console.engine.kinds import TREES, above_of, below, depth_of, described, is_protected, spec_of
from console.engine.ledger import Ledger
from console.engine.rebase import former
from console.engine.state import Address, Resource, Selection, State


@dataclass(frozen=True, slots=True)
class Renames:
    """`final` maps present objects to their final address, `present` the reverse.

    `pending` are the final addresses still to be reached; `refused` those that cannot be, and why;
    `strayed` are final addresses whose object stands elsewhere in Keycloak by someone else's doing.
    `standing` maps the ledger's address of an object to the present one.
    """

    declared: Mapping[Address, Address]
    final: Mapping[Address, Address] = field(default_factory=dict)
    present: Mapping[Address, Address] = field(default_factory=dict)
    pending: frozenset[Address] = frozenset()
    refused: Mapping[Address, str] = field(default_factory=dict)
    strayed: Mapping[Address, Address] = field(default_factory=dict)
    standing: Mapping[Address, Address] = field(default_factory=dict)

    def of_ledger(self, end: Address) -> Address:
        """Return the final address of an object that the ledger knows by this address."""
        if end in self.declared:
            return self.declared[end]
        above = above_of(end)
        return below(self.of_ledger(above), end) if above else end

    def of_present(self, end: Address) -> Address:
        """Return the final address of an object that stands at this address now."""
        if end in self.final:
            return self.final[end]
        above = above_of(end)
        return below(self.of_present(above), end) if above else end

    def now(self, end: Address) -> Address:
        """Return the present address of the object whose final address this is (or would be)."""
        if end in self.present:
            return self.present[end]
        above = above_of(end)
        return below(self.now(above), end) if above else end

    def of_row(self, end: Address) -> Address:
        """Return the present address of the object that the ledger knows by this address.

        What does not stand anywhere keeps the ledger's.
        """
        if end in self.standing:
            return self.standing[end]
        above = above_of(end)
        return below(self.of_row(above), end) if above and end not in self.declared else end

    def is_crowded_out(self, now: Address) -> bool:
        """Tell whether the object at this address cannot get the name that it shall have."""
        final = self.final.get(now)
        return final is not None and self.present.get(final) != now


def same_id(one: str | None, other: str | None) -> bool:
    """Tell whether two ids may be of one object: where one is not known, the name decides."""
    return not one or not other or one == other


def resolved(*, desired: State, selection: Selection, ledger: Ledger, actual: State) -> Renames:
    """Return how the names read, applied and declared belong together."""
    declared = {
        origin: new
        for origin, new in _declared(selection, ledger).items()
        # What was renamed and then given up is deleted under the name that it still has.
        if new in desired or origin not in actual
    }
    renames = Renames(declared=declared)
    finder = _Finder(renames, ledger)
    for resource in sorted(_named(actual), key=_by_depth):
        finder.place(resource)
    return finder.result()


def _declared(selection: Selection, ledger: Ledger) -> dict[Address, Address]:
    """Return ledger address to declared address, for renames of what we applied.

    What shall stand in another organization, client, ... is no rename: it goes here and is made there.
    """
    declared = {}
    for new, old in sorted(selection.renames.items()):
        origin = old if old in ledger else former(old, selection)
        if origin in ledger and origin != new and new in selection and spec_of(new).has_name:
            declared[origin] = new
    return {origin: new for origin, new in declared.items() if _stays_inside(origin, new, declared)}


def _stays_inside(origin: Address, new: Address, declared: Mapping[Address, Address]) -> bool:
    """Tell whether a thing gets only another name, or another place in its own tree."""
    home = above_of(origin)
    while home is not None and home.kind in TREES:
        home = above_of(home)
    return home is None or Renames(declared=declared).of_ledger(home).path == new.path[:-1]


def _named(actual: State) -> list[Resource]:
    return [one for one in actual if spec_of(one.address).has_name]


def _by_depth(resource: Resource) -> tuple[int, Address]:
    return depth_of(resource.address), resource.address


class _Finder:
    """Places what was read, parents first."""

    def __init__(self, renames: Renames, ledger: Ledger) -> None:
        self.renames = renames
        self.ledger = ledger
        self.by_id = {(a.kind, fact.id): a for a, fact in ledger.items() if fact.id and spec_of(a).has_name}
        self.final: dict[Address, Address] = {}
        self.claims: dict[Address, list[Address]] = defaultdict(list)
        self.strayed: dict[Address, Address] = {}
        self.standing: dict[Address, Address] = {}
        self.on_the_way: set[Address] = set()

    def place(self, resource: Resource) -> None:
        now = resource.address
        origin = self._origin(resource)
        natural = self._natural(now)
        final = self._final(now, origin, natural)
        self.final[now] = final
        self.claims[final].append(now)
        if final != natural:
            self.on_the_way.add(final)

    def _origin(self, resource: Resource) -> Address | None:
        """Return the ledger's address of this object: by its id, else by its name."""
        now = resource.address
        if resource.id and (now.kind, resource.id) in self.by_id:
            return self.by_id[now.kind, resource.id]
        fact = self.ledger.get(now)
        return now if fact is not None and same_id(fact.id, resource.id) else None

    def _natural(self, now: Address) -> Address:
        """Return the final address if only what is above it is renamed."""
        above = above_of(now)
        return below(self.final.get(above) or self.renames.of_ledger(above), now) if above else now

    def _final(self, now: Address, origin: Address | None, natural: Address) -> Address:
        if origin is None:
            return natural
        final = self.renames.of_ledger(origin)
        unmoved_above = above_of(origin)
        unmoved = below(self.renames.of_ledger(unmoved_above), origin) if unmoved_above else origin
        if natural in (unmoved, final):
            self.standing[origin] = now
            return final
        self.strayed[final] = now
        return natural

    def result(self) -> Renames:
        refused = {}
        for final, claimants in self.claims.items():
            if len(claimants) > 1:
                refused[final] = f"{_quoted(final)} cannot be renamed to this: the name is taken in Keycloak."
            elif final in self.on_the_way and (is_protected(final) or is_protected(claimants[0])):
                refused[final] = f"{_quoted(final)}: this name belongs to Keycloak itself."
        present = {final: min(nows, key=lambda now: now != final) for final, nows in self.claims.items()}
        return Renames(
            declared=self.renames.declared,
            final=self.final,
            present=present,
            pending=frozenset(self.on_the_way - refused.keys()),
            refused=refused,
            strayed=self.strayed,
            standing=self.standing,
        )


def _quoted(address: Address) -> str:
    sentence = described(address)
    return sentence[0].upper() + sentence[1:]
