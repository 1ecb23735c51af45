"""The status of declared things, derived from what waits, what was applied and what was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.engine.state import Address
from console.sync.models import LedgerEntry, Run, Scope, Touched


@dataclass(frozen=True, slots=True)
class Status:
    """A status word (`console.web.status` knows its looks) and the sentence behind it."""

    word: str
    sentence: str = ""


IN_SYNC = Status("in-sync")
APPLYING = Status("applying", "A worker is at it.")
UNKNOWN = Status("unknown", "Not applied yet, and nothing waits: read the realm again.")


def statuses(scope: Scope, addresses: Iterable[Address]) -> Mapping[Address, Status]:
    """Return the status of each address, with three queries whatever their number."""
    asked = {address.key: address for address in addresses}
    waiting = {row.address: row for row in Touched.objects.filter(scope=scope, address__in=asked)}
    applied = set(
        LedgerEntry.objects.filter(scope=scope, address__in=asked).values_list("address", flat=True)
    )
    is_running = bool(waiting) and Run.objects.filter(scope=scope, state=Run.State.RUNNING).exists()
    return {address: _of(waiting.get(key), key in applied, is_running) for key, address in asked.items()}


def _of(row: Touched | None, is_applied: bool, is_running: bool) -> Status:
    if row is not None and row.is_blocked:
        return Status("blocked", row.sentence)
    if row is not None and row.sentence:
        return Status("failed", row.sentence)
    if row is not None:
        return APPLYING if is_running else Status("pending", "Waits for a worker.")
    return IN_SYNC if is_applied else UNKNOWN


def of_scopes(scopes: Iterable[Scope]) -> Mapping[int, Status]:
    """Return the status of each realm by its id, with two queries whatever their number."""
    asked = list(scopes)
    pending = [scope.pk for scope in asked if scope.is_pending]
    stopped = {row.scope_id: row for row in Touched.objects.filter(scope__in=pending).exclude(sentence="")}
    running = set(
        Run.objects.filter(scope__in=pending, state=Run.State.RUNNING).values_list("scope_id", flat=True)
    )
    return {scope.pk: _of_scope(scope, stopped.get(scope.pk), scope.pk in running) for scope in asked}


def _of_scope(scope: Scope, stopped: Touched | None, is_running: bool) -> Status:
    if not scope.is_pending:
        return IN_SYNC
    if stopped is not None:
        return Status("blocked" if stopped.is_blocked else "failed", stopped.sentence)
    return APPLYING if is_running else Status("pending", "Waits for a worker.")
