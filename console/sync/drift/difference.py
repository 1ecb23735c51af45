"""One difference between Keycloak and what is declared, applied or accepted, and what it does to access."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.engine.kinds import Risk, spec_of
from console.engine.operation import digest_of
from console.engine.state import Address, Fields
from console.sync.drift.models import Change, Standing


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that differs. `address` is its name as declared or accepted, `stands_at` another one that
    it has in Keycloak now. `along` are the things that came or went with it.
    """

    address: Address
    state: Standing
    change: Change
    ours: Fields | None = None
    theirs: Fields | None = None
    applied: Fields | None = None
    stands_at: Address | None = None
    id: str | None = None
    along: tuple[Address, ...] = ()
    sentence: str = ""
    may_push: bool = False

    @property
    def mark(self) -> str:
        """The identity of this very difference: another value on either side gives another mark."""
        stands_at = self.stands_at.key if self.stands_at else ""
        along = [one.key for one in self.along]
        return digest_of([self.state, self.change, self.ours, self.theirs, stands_at, along])

    @property
    def risk(self) -> Risk:
        """What Keycloak's side does to access, measured by ours."""
        spec = spec_of(self.address)
        if self.state is Standing.PENDING:
            return Risk.NEUTRAL
        if self.change is Change.REPLACED:
            return Risk.MIXED
        if self.change is Change.REMOVED:
            return Risk.NARROWS if spec.is_link or spec.has_name else Risk.NEUTRAL
        if self.change is Change.ADDED:
            gives = spec.is_link or any(spec_of(one).is_link for one in self.along)
            return Risk.WIDENS if gives else Risk.NEUTRAL
        ours, theirs = self.ours or {}, self.theirs or {}
        return _together(
            known.risk(ours[name], theirs[name])
            for name, known in spec.fields.items()
            if name in ours and name in theirs
        )


def _together(risks: Iterable[Risk]) -> Risk:
    found = set(risks) - {Risk.NEUTRAL}
    if not found:
        return Risk.NEUTRAL
    return found.pop() if len(found) == 1 else Risk.MIXED
