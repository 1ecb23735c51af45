"""The status of declared things, derived from what waits, what was applied and what was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from console.engine.state import Address
from console.sync import circuit
from console.sync.drift.inbox import drifted
from console.sync.models import Circuit, LedgerEntry, Run, Scope, Touched
from console.sync.times import MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Status:
    """A status word (`console.web.status` knows its looks) and the sentence behind it."""

    word: str
    sentence: str = ""


IN_SYNC = Status("in-sync")
DRIFTED = Status("drifted", "Keycloak holds something else than what is declared or was accepted.")
APPLYING = Status("applying", "A worker is at it.")
QUEUED = Status("pending", "Queued: waits for a worker.")
PAUSED = Status("paused", "Paused by somebody: no run begins until it is let go on.")
UNKNOWN = Status("unknown", "Not applied yet, and nothing waits: read the realm again.")


def statuses(scope: Scope, addresses: Iterable[Address]) -> Mapping[Address, Status]:
    """Return the status of each address, with a fixed number of queries."""
    asked = {address.key: address for address in addresses}
    waiting = {row.address: row for row in Touched.objects.filter(scope=scope, address__in=asked)}
    applied = set(
        LedgerEntry.objects.filter(scope=scope, address__in=asked).values_list("address", flat=True)
    )
    queued = queued_status(scope) if waiting else QUEUED
    return {address: _of(waiting.get(key), key in applied, queued) for key, address in asked.items()}


def _of(row: Touched | None, is_applied: bool, queued: Status) -> Status:
    if row is not None:
        return Status(row.word, row.sentence) if row.word else queued
    return IN_SYNC if is_applied else UNKNOWN


def of_scopes(scopes: Iterable[Scope]) -> Mapping[int, Status]:
    """Return the status of each realm by its id, with a fixed number of queries whatever their number."""
    asked = list(scopes)
    pending = {scope.pk: scope for scope in asked if scope.is_pending}
    rows = Touched.objects.filter(scope__in=pending).exclude(sentence="").order_by("scope_id", "pk")
    stopped = {pk: worst(list(found)) for pk, found in groupby(rows, lambda row: row.scope_id)}
    queued = _queued(pending.values())
    others = drifted(scope.pk for scope in asked)
    at_rest = {scope.pk: DRIFTED if scope.pk in others else IN_SYNC for scope in asked}
    rest = at_rest | queued
    return {scope.pk: _of_scope(stopped.get(scope.pk), rest[scope.pk]) for scope in asked}


def _of_scope(stopped: Touched | None, queued: Status) -> Status:
    return Status(stopped.word, stopped.sentence) if stopped is not None else queued


def worst(rows: Iterable[Touched]) -> Touched | None:
    """Return the row that most needs somebody, or None when all of them only wait."""
    stopped = [row for row in rows if row.word]
    return min(stopped, key=lambda row: _WORST.index(row.word), default=None)


_WORST = ("blocked", "dead", "failed", "unknown")


def queued_status(scope: Scope) -> Status:
    """Return the status of what waits in a realm and did not fail."""
    return _queued([scope])[scope.pk]


def _queued(scopes: Iterable[Scope]) -> dict[int, Status]:
    asked = list(scopes)
    running = set(
        Run.objects.filter(scope__in=asked, state=Run.State.RUNNING).values_list("scope_id", flat=True)
    )
    away = _away(asked)
    return {scope.pk: _waits(scope, scope.pk in running, away.get(scope.server_id, "")) for scope in asked}


def _waits(scope: Scope, is_running: bool, away: str) -> Status:
    if scope.is_paused:
        return PAUSED
    if is_running:
        return APPLYING
    return Status("pending", away) if away else QUEUED


def _away(scopes: Iterable[Scope]) -> dict[int, str]:
    """Return what is to be said of servers that do not answer."""
    servers = {scope.server_id for scope in scopes}
    rows = Circuit.objects.filter(server__in=servers, opened_at__isnull=False).select_related("server")
    return {row.server_id: circuit.told(row) for row in rows}


def next_try(scope: Scope, attempts: int) -> str:
    """Return when the realm is tried again, `Next try at 14:05:12 UTC (3rd of 5).`, or an empty text."""
    if scope.next_attempt_at is None:
        return ""
    at = f"Next try at {scope.next_attempt_at:%H:%M:%S} UTC"
    return (
        f"{at} ({_ORDINALS[min(attempts, MOST_ATTEMPTS - 1)]} of {MOST_ATTEMPTS})." if attempts else f"{at}."
    )


_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")
