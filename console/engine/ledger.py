"""What we applied: the only ground on which anything is ever deleted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.engine.state import Address, Fields


@dataclass(frozen=True, slots=True)
class LedgerFact:
    """One thing that we applied or adopted: Keycloak's id, and the fields as last read back.

    `is_made`: it was created by us, so what Keycloak put there with it was nobody's before.
    """

    id: str | None = None
    fields: Fields = field(default_factory=dict)
    is_made: bool = False


Ledger = Mapping[Address, LedgerFact]


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """What the ledger must learn before a run, without any write to Keycloak, in this order.

    `gone`: rows of things that are not there any more, declared or not; a rename of one is over.
    `renamed`: rows that belong under another address, because a rename landed and was not recorded:
    all at once, not one after the other. `seen`: rows that are in Keycloak as declared, and older
    in the ledger.
    """

    gone: tuple[Address, ...] = ()
    renamed: tuple[tuple[Address, Address], ...] = ()
    seen: tuple[tuple[Address, LedgerFact], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.renamed or self.gone or self.seen)
