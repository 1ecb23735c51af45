"""The full check of a realm: read everything, compare everything, write down what differs.

It only reads in Keycloak, and holds nobody up: what was touched meanwhile is left to the next check.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from console.engine.kinds import REALM, all_needs
from console.engine.ledger import LedgerFact
from console.engine.state import Address, Kind, Selection, State
from console.keycloak.errors import KeycloakError, Permanent
from console.keycloak.target import KeycloakTarget
from console.seal import CannotOpen
from console.sync import circuit, observed
from console.sync.collect import Work
from console.sync.desired import DatabaseTarget
from console.sync.drift import authors, baseline, items, watching
from console.sync.drift.differences import Compared, compare
from console.sync.drift.models import Watch
from console.sync.lease import database_now
from console.sync.models import LedgerEntry, Run, Scope, Step
from console.sync.snapshot import snapshot

Left = Callable[[Address], bool]


def check(scope_id: int) -> Watch | None:
    """Return how the check went, or None where the realm is no longer known here.

    Raises KeycloakError, CannotOpen, and Running while another check of this realm lives.
    """
    scope = Scope.objects.select_related("server").filter(pk=scope_id).first()
    if scope is None:
        return None
    token = watching.begin(scope)
    sentence = "The console itself failed here. The worker's log says where."
    try:
        _check(scope, token)
        sentence = ""
    except KeycloakError as error:
        sentence = error.sentence
        raise
    except CannotOpen as error:
        sentence = str(error)
        raise
    finally:
        watching.release(scope, token, sentence=sentence)
    return Watch.objects.get(scope=scope)


def _check(scope: Scope, token: UUID) -> None:
    since, generation = database_now(), scope.generation
    known_since = scope.watch.checked_at
    actual = _read(scope, token)
    watching.beat(scope, token, f"Comparing {len(actual):,} things")
    with snapshot():
        work, known = whole(Scope.objects.get(pk=scope.pk)), baseline.load(scope, scope.watch)
    found = compare(work, actual, known)
    with transaction.atomic():
        Scope.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.pk)
        watching.beat(scope, token, "Writing down what differs")
        leave = _left(scope, actual, since=since, generation=generation, is_lost=found.is_lost)
        news = items.store(scope, found.differences, now=since, leave=leave)
        _keep(scope, actual, found, now=since, leave=leave)
    watching.beat(scope, token, "Asking Keycloak who did it")
    authors.tell(scope, news, previous=known_since)
    took = database_now() - since
    Watch.objects.filter(scope=scope).update(took_ms=round(took.total_seconds() * 1000))


def _read(scope: Scope, token: UUID) -> State:
    """Return the whole realm. Raises Permanent for one that is closed to us: that says nothing about it."""
    target = KeycloakTarget(scope.server.connection(), scope.realm)
    with circuit.through(scope.server), ThreadPoolExecutor(max_workers=1) as pool:
        state = watching.waited(scope, token, pool.submit(target.read, Selection.all()))
    if Kind.REALM in state.unreadable:
        raise Permanent(state.unreadable[Kind.REALM])
    return state


def whole(scope: Scope) -> Work:
    """Return what a whole realm is compared with, in the caller's transaction."""
    rows = scope.touched.exclude(was="").values_list("address", "was")
    renames = {Address.parse(key): Address.parse(was) for key, was in rows}
    entries = LedgerEntry.objects.filter(scope=scope).values_list(
        "address", "keycloak_id", "fields", "is_made"
    )
    ledger = {Address.parse(key): LedgerFact(id or None, *rest) for key, id, *rest in entries}
    selection = Selection.all(renames=renames)
    desired = DatabaseTarget(scope).read(selection)
    return Work(selection=selection, desired=desired, ledger=ledger, generation=scope.generation)


def _left(scope: Scope, actual: State, *, since: datetime, generation: int, is_lost: bool) -> Left:
    """Return what this check cannot judge: closed to us, or touched while it was reading."""
    written = Q(started_at__gte=since) | Q(finished_at__gte=since)
    written |= Q(finished_at__isnull=True, run__state=Run.State.RUNNING)
    keys = set(Step.objects.filter(written, run__scope=scope).values_list("address", flat=True))
    keys |= set(scope.touched.filter(generation__gt=generation).values_list("address", flat=True))
    busy = {Address.parse(key) for key in keys}

    def leave(address: Address) -> bool:
        if is_lost:
            return address != REALM
        if address in busy or actual.why_unreadable(address):
            return True
        return any(need in busy or actual.why_unreadable(need) for need in all_needs(address))

    return leave


def _keep(scope: Scope, actual: State, found: Compared, *, now: datetime, leave: Left) -> None:
    """Keep what was read, and what the baseline learns and forgets by itself."""
    observed.replace_all(scope, actual, now=now, leave=leave)
    if found.is_lost or REALM not in actual:
        return
    learned = [one for one in found.learned.values() if not leave(one.address)]
    baseline.learn(scope, learned, now=now)
    baseline.forget(scope, [one for one in found.forgotten if not leave(one)])
    watch = Watch.objects.get(scope=scope)
    readable = {kind.value for kind in Kind if kind not in actual.unreadable}
    watch.baseline_kinds = sorted(readable | set(watch.baseline_kinds))
    watch.checked_at, watch.looked_at = now, len(actual)
    watch.unreadable = {str(what): why for what, why in actual.unreadable.items()}
    watch.save(update_fields=["baseline_kinds", "checked_at", "looked_at", "unreadable"])
