"""What a run or a preview compares: the touched addresses, what is declared for them, what we applied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.engine.kinds import needs
from console.engine.ledger import LedgerFact
from console.engine.rebase import with_former_names
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
        return Selection(
            addresses=with_former_names(self.selection),
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


def _ledger(scope: Scope, addresses: Iterable[Address]) -> dict[Address, LedgerFact]:
    """Return what we applied at these addresses and at what they stand on."""
    wanted = set(addresses)
    wanted |= {need for address in wanted for need in needs(address)}
    rows = LedgerEntry.objects.filter(scope=scope, address__in=[address.key for address in wanted])
    return {
        Address.parse(row.address): LedgerFact(id=row.keycloak_id or None, fields=row.fields) for row in rows
    }
