"""What a run or a preview compares: the touched addresses, what is declared for them, what we applied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.engine.judge import Finding
from console.engine.kinds import REALM, SWITCH_OF, needs
from console.engine.ledger import LedgerFact
from console.engine.plan import Plan, plan
from console.engine.rebase import with_former_names
from console.engine.renames import same_id
from console.engine.state import Address, Selection, State
from console.sync.desired import DatabaseTarget
from console.sync.models import LedgerEntry, Scope, Touched


@dataclass(frozen=True, kw_only=True)
class Work:
    """One consistent view of the database: read it in one transaction."""

    selection: Selection
    desired: State
    ledger: Mapping[Address, LedgerFact]
    generation: int

    @property
    def to_read(self) -> Selection:
        """What must be read in Keycloak: until a rename is done, things stand under their former names."""
        ground = {REALM} & self.ledger.keys()
        if any(address.kind in SWITCH_OF for address in self.selection.addresses):
            ground = {REALM}  # it tells whether there are such things at all
        return Selection(
            addresses=with_former_names(self.selection) | ground,
            ids=self.selection.ids,
            renames=self.selection.renames,
        )


def collect(scope: Scope, touched: Iterable[Touched]) -> Work:
    """Return what the touched addresses ask for, with a fixed number of queries."""
    rows = list(touched)
    addresses = frozenset(Address.parse(row.address) for row in rows)
    renames = {Address.parse(row.address): Address.parse(row.was) for row in rows if row.was}
    bare = Selection(addresses=addresses, renames=renames)
    ledger = _ledger(scope, with_former_names(bare))
    ids = {address: fact.id for address, fact in ledger.items() if fact.id}
    ids |= {new: ids[was] for new, was in renames.items() if was in ids}
    selection = Selection(addresses=addresses, renames=renames, ids=ids)
    desired = DatabaseTarget(scope).read(selection)
    return Work(selection=selection, desired=desired, ledger=ledger, generation=scope.generation)


def compared(work: Work, actual: State) -> Plan:
    """Return what brings the realm to what is declared; in a realm that is not ours any more, nothing."""
    if lost := _lost_ground(work, actual):
        return Plan(conflicts=(lost,))
    return plan(desired=work.desired, actual=actual, ledger=work.ledger, selection=work.selection)


def _lost_ground(work: Work, actual: State) -> Finding | None:
    """Return what is wrong with the realm that we made or took over: missing, or another of its name."""
    fact, found = work.ledger.get(REALM), actual.get(REALM)
    if fact is None or actual.why_unreadable(REALM):
        return None
    if found is None and _is_given_up(work):
        return None  # deleted, and the worker died before it wrote that down
    if found is None:
        return Finding(REALM, "The realm is missing in Keycloak. It is never made again automatically.")
    if not same_id(fact.id, found.id):
        return Finding(REALM, "Another realm of the same name stands in Keycloak. It is not the one we know.")
    return None


def _is_given_up(work: Work) -> bool:
    """Tell whether the realm is to go: nothing of what is asked for is declared, the realm among it."""
    return REALM in work.selection and not work.desired.resources


def _ledger(scope: Scope, addresses: Iterable[Address]) -> dict[Address, LedgerFact]:
    """Return what we applied at these addresses and at what they stand on."""
    wanted = set(addresses)
    wanted |= {REALM} | {need for address in wanted for need in needs(address)}
    rows = LedgerEntry.objects.filter(scope=scope, address__among=[address.key for address in wanted])
    return {
        Address.parse(row.address): LedgerFact(row.keycloak_id or None, row.fields, row.is_made)
        for row in rows
    }
