"""What a complete comparison says, one difference for each change: no link is told beside what took it along.

The one formula `plan(desired, actual, ledger)` decides what differs. Here its answer is read three ways: what
waits because we changed it, what was changed in Keycloak, and what is foreign and was not accepted yet.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from console.engine.judge import Finding
from console.engine.kinds import PROTECTED_PREFIX, REALM, all_needs, depth_of, described, managed, spec_of
from console.engine.ledger import LedgerFact
from console.engine.operation import Action
from console.engine.plan import Plan
from console.engine.rebase import former, later, rebased
from console.engine.renames import resolved, same_id
from console.engine.state import Address, Fields, Kind, Resource, State
from console.sync.collect import Work, compared
from console.sync.drift.difference import Difference
from console.sync.drift.grouping import grouped
from console.sync.drift.models import Change, Standing

# What Keycloak puts into a client or directory by itself when that is made or changed.
_BORN_WITH = frozenset(
    {
        Kind.CLIENT_DEFAULT_SCOPE,
        Kind.CLIENT_OPTIONAL_SCOPE,
        Kind.CLIENT_MAPPER,
        Kind.CLIENT_ROLE,
        Kind.DIRECTORY_MAPPER,
    }
)


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What is foreign and was accepted as it stands.

    Of a kind that is not in `kinds` nothing was ever read: what is found first is accepted. `fresh` are
    things of ours that were written since the last check: what Keycloak made with them is its own doing.
    """

    accepted: Mapping[Address, Resource] = field(default_factory=dict)
    kinds: Collection[Kind] = frozenset()
    fresh: Collection[Address] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Compared:
    """All differences, and how the baseline follows by itself: what it learns, and what it forgets."""

    differences: tuple[Difference, ...] = ()
    learned: Mapping[Address, Resource] = field(default_factory=dict)
    forgotten: frozenset[Address] = frozenset()
    is_lost: bool = False


def compare(work: Work, actual: State, baseline: Baseline) -> Compared:
    """Return what differs in the whole realm, and what of it nobody needs to hear of."""
    moved = _moved(work, actual, baseline.accepted)
    here = _put_back(actual, moved)
    differ = _Differ(work, here, compared(work, here), baseline, moved)
    return differ.compared()


def _moved(work: Work, actual: State, accepted: Mapping[Address, Resource]) -> dict[Address, Address]:
    """Return what has another name in Keycloak by somebody else's doing: present name to known name."""
    renames = resolved(desired=work.desired, selection=work.selection, ledger=work.ledger, actual=actual)
    strayed = {now: final for final, now in renames.strayed.items()}
    foreign = {(a.kind, one.id): a for a, one in accepted.items() if one.id and spec_of(a).has_name}
    named = [one for one in actual if spec_of(one.address).has_name]
    back: dict[Address, Address] = {}
    for one in sorted(named, key=lambda one: (depth_of(one.address), one.address)):
        now = one.address
        known = strayed.get(now) or (foreign.get((now.kind, one.id)) if one.id else None)
        if known and later(now, back) != known and known not in actual:
            back[now] = known
    return back


def _put_back(actual: State, back: Mapping[Address, Address]) -> State:
    """Return the state with everything under the names that we know. Who has a name already keeps it."""
    if not back:
        return actual
    found: dict[Address, Resource] = {}
    for one in actual:
        known = rebased(one.address, lambda end: later(end, back))
        if known == one.address or known not in actual:
            found[known] = replace(one, address=known)
    return State(found, actual.unreadable)


class _Differ:
    def __init__(
        self, work: Work, here: State, found: Plan, baseline: Baseline, moved: Mapping[Address, Address]
    ) -> None:
        self.work = work
        self.here = here
        self.found = found
        self.baseline = baseline
        self.moved = {known: now for now, known in moved.items()}
        self.items: dict[Address, Difference] = {}
        self.learned: dict[Address, Resource] = {}
        self.forgotten: set[Address] = set()

    def compared(self) -> Compared:
        if any(one.address == REALM for one in self.found.conflicts):
            return Compared(differences=(self._lost_realm(self.found.conflicts),), is_lost=True)
        for one in self._all():
            if one is not None:
                self.items[one.address] = one
        return Compared(
            differences=tuple(grouped(self.items)),
            learned=self.learned,
            forgotten=frozenset(self.forgotten),
        )

    def _all(self) -> Iterator[Difference | None]:
        for address in dict.fromkeys(one.final for one in self.found.operations if _writes(one.action)):
            yield self._of_planned(address, "")
        for finding in self.found.conflicts:
            yield self._of_planned(finding.address, finding.sentence)
        for address in self.found.unmanaged:
            yield self._of_foreign(address)
        for address in self.baseline.accepted:
            yield self._of_gone(address)
        for known in self.moved:
            yield self._of_moved(known)
        for address in [one for one in self.here.resources if one in self.work.desired]:
            yield self._of_rest(address)

    def _lost_realm(self, findings: Collection[Finding]) -> Difference:
        """Return the one difference that is left to tell of a realm that is not the one we know."""
        found = self.here.get(REALM)
        return Difference(
            address=REALM,
            state=Standing.DRIFTED if REALM in self.work.ledger else Standing.PENDING,
            change=Change.REPLACED if found else Change.REMOVED,
            ours=_fields(self.work.desired.get(REALM)),
            theirs=_fields(found),
            id=found.id if found else None,
            sentence=next(one.sentence for one in findings if one.address == REALM),
        )

    # --- ours ---

    def _of_planned(self, address: Address, sentence: str) -> Difference | None:
        """Return how an address differs that a run would change, or would if nothing stood in the way."""
        found, fact = self._found(address), self._fact(address)
        ours = _fields(self.work.desired.get(address))
        theirs = managed(address, found.fields, ours or found.fields) if found else None
        standing, change = self._judged(address, ours, theirs, fact, found)
        if sentence and fact and change is Change.CHANGED and ours == theirs:
            return None  # it only waits for what it stands on
        return Difference(
            address=address,
            state=standing,
            change=change,
            ours=ours,
            theirs=theirs,
            applied=dict(fact.fields) if fact else None,
            id=found.id if found else (fact.id if fact else None),
            sentence=sentence,
            may_push=standing is Standing.DRIFTED and change in (Change.CHANGED, Change.REMOVED),
        )

    def _judged(
        self,
        address: Address,
        ours: Fields | None,
        theirs: Fields | None,
        fact: LedgerFact | None,
        found: Resource | None,
    ) -> tuple[Standing, Change]:
        if fact is None or ours is None:
            return Standing.PENDING, _to_do(ours, theirs)
        if found is None or theirs is None:
            return Standing.DRIFTED, Change.REMOVED
        if not same_id(fact.id, found.id):
            return Standing.DRIFTED, Change.REPLACED
        is_ours = theirs == managed(address, fact.fields, ours)
        if is_ours and address != found.address:
            return Standing.PENDING, Change.RENAMED
        return (Standing.PENDING if is_ours else Standing.DRIFTED), Change.CHANGED

    def _of_rest(self, address: Address) -> Difference | None:
        """Return that something of a thing of ours changed that is not declared here."""
        found, ours = self.here.resources[address], self.work.desired.resources[address]
        rest = {name: value for name, value in found.fields.items() if name not in ours.fields}
        if not rest or self._fact(address) is None:
            return None
        known = self.baseline.accepted.get(address)
        resource = replace(found, fields=rest)
        if known is None or _alike(known.fields, rest):
            self._learn(resource, known)
            return None
        other = self.items.get(address)
        if other is not None:
            names = sorted(name for name in rest if known.fields.get(name, rest[name]) != rest[name])
            return replace(other, sentence=f"Changed too, and not declared here: {', '.join(names)}.")
        return self._foreign(resource, known)

    # --- not ours ---

    def _of_foreign(self, address: Address) -> Difference | None:
        found, known = self.here.get(address), self.baseline.accepted.get(address)
        if found is None:
            return None
        is_new_kind = address.kind not in self.baseline.kinds
        if is_new_kind or (known is None and self._is_born(address)):
            self._learn(found, None)
            return None
        if known is not None and _alike(known.fields, found.fields):
            self._learn(found, known)
            return None
        return self._foreign(found, known)

    def _foreign(self, found: Resource, known: Resource | None) -> Difference:
        return Difference(
            address=found.address,
            state=Standing.UNMANAGED,
            change=Change.CHANGED if known else Change.ADDED,
            ours=dict(known.fields) if known else None,
            theirs=dict(found.fields),
            id=found.id,
            may_push=known is None and self._is_link_of_ours(found.address),
        )

    def _learn(self, found: Resource, known: Resource | None) -> None:
        """Let the baseline hold what it does not know yet, if there is anything of that."""
        if known is None or found.fields.keys() - known.fields.keys() or (found.id and not known.id):
            self.learned[found.address] = found

    def _is_born(self, address: Address) -> bool:
        """Tell whether Keycloak makes this by itself: with something of ours, or with every person."""
        first = next(all_needs(address), None)
        if address.kind in _BORN_WITH:
            return first in self.baseline.fresh
        if _is_everybodys(address):
            return True
        if address.kind is Kind.MEMBERSHIP:
            default = Address(Kind.DEFAULT_GROUP, (address.path[1],))
            return first in self.baseline.fresh and default in self.here
        return False

    def _is_link_of_ours(self, address: Address) -> bool:
        """Tell whether this gives something to a thing of ours: then we may take it away again."""
        first = next(all_needs(address), None)
        is_ours = first is not None and first in self.work.ledger and first in self.work.desired
        return is_ours and spec_of(address).is_link

    def _of_gone(self, address: Address) -> Difference | None:
        """Return that a foreign thing went that was accepted, unless it became ours or went with ours."""
        if address in self.work.ledger or address in self.work.desired:
            return None
        if address in self.here or self._is_closed(address):
            return None
        if self._went_with_its_ground(address):
            self.forgotten.add(address)
            return None
        known = self.baseline.accepted[address]
        return Difference(
            address=address,
            state=Standing.UNMANAGED,
            change=Change.REMOVED,
            ours=dict(known.fields),
            id=known.id,
        )

    def _is_closed(self, address: Address) -> bool:
        closed = (self.here.why_unreadable(one) for one in (address, *all_needs(address)))
        return any(why is not None for why in closed)

    def _went_with_its_ground(self, address: Address) -> bool:
        """Tell whether nobody counts on what this stood on any more, or it is Keycloak's own with that."""
        if _is_everybodys(address):
            return any(need not in self.here for need in all_needs(address))
        known = (self.here, self.work.desired, self.work.ledger, self.baseline.accepted)
        return any(all(need not in some for some in known) for need in all_needs(address))

    def _of_moved(self, known: Address) -> Difference:
        """Return that a thing has another name in Keycloak; what else changed of it is told with that."""
        found, fact, now = self.here.resources[known], self._fact(known), self.moved[known]
        source = self.work.desired.get(known) or self.baseline.accepted.get(known)
        ours = _fields(source)
        return Difference(
            address=known,
            state=Standing.DRIFTED if fact else Standing.UNMANAGED,
            change=Change.RENAMED,
            ours=ours,
            theirs=managed(known, found.fields, ours or found.fields),
            applied=dict(fact.fields) if fact else None,
            stands_at=now,
            id=found.id,
            sentence=f"It stands in Keycloak as {described(now)}.",
        )

    # --- what stands where ---

    def _former(self, address: Address) -> Address:
        return rebased(address, lambda end: former(end, self.work.selection))

    def _found(self, address: Address) -> Resource | None:
        return self.here.get(address) or self.here.get(self._former(address))

    def _fact(self, address: Address) -> LedgerFact | None:
        return self.work.ledger.get(address) or self.work.ledger.get(self._former(address))


def _is_everybodys(address: Address) -> bool:
    """Tell whether Keycloak gives this to every account."""
    if address.kind not in (Kind.PERSON_ROLE, Kind.SERVICE_ROLE):
        return False
    return address.path[1].startswith(PROTECTED_PREFIX)


def _writes(action: Action) -> bool:
    return action is not Action.ADOPT


def _to_do(ours: Fields | None, theirs: Fields | None) -> Change:
    """Return what we are about to do."""
    if ours is None:
        return Change.REMOVED
    return Change.ADDED if theirs is None else Change.CHANGED


def _alike(known: Fields, found: Fields) -> bool:
    """Tell whether nothing changed; what was not managed when it was accepted says nothing."""
    return all(known[name] == found[name] for name in known.keys() & found.keys())


def _fields(one: Resource | None) -> dict[str, object] | None:
    return dict(one.fields) if one else None
