"""A full check of a whole realm: nothing to show, and then ten changes beside the console."""

from itertools import islice

from django.utils import timezone

from console.engine.kinds import REALM
from console.engine.state import Selection
from console.keycloak.client import client_for
from console.sync.desired import DatabaseTarget
from console.sync.drift.check import check
from console.sync.drift.models import DriftItem, Watch
from console.sync.models import LedgerEntry, Observed, Scope
from console.transport import run
from tests.bench import shape
from tests.bench.figures import line, stopwatch
from tests.bench.place import Place
from tests.bench.world import Worlds

SMALL = 1_000
PLANTED = 10
ROUNDS = 3


def measure(place: Place, worlds: Worlds) -> None:
    for size in (SMALL, place.large):
        scope = worlds.of(size).tenant.realm.scope
        _own(scope)
        check(scope.pk)
        seconds = [_timed(scope) for _ in range(ROUNDS)]
        watch = Watch.objects.get(scope=scope)
        found = DriftItem.objects.filter(scope=scope, closed_at__isnull=True).count()
        told = f"{watch.looked_at:,} things, {found} items"
        line(f"full check, nothing changed, {size:,} people", f"{min(seconds):.2f} s ({told})")
        _plant(scope)
        line(f"full check, {PLANTED} changes, {size:,} people", f"{_timed(scope):.2f} s")
        found = DriftItem.objects.filter(scope=scope, closed_at__isnull=True).count()
        assert found == PLANTED, f"{found} items for {PLANTED} changes"


def _timed(scope: Scope) -> float:
    with stopwatch() as watch:
        check(scope.pk)
    return watch.seconds


def _own(scope: Scope) -> None:
    """Let the ledger hold what is declared and stands there, as after a run or an adoption."""
    found = dict(Observed.objects.filter(scope=scope).values_list("address", "keycloak_id"))
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                scope=scope,
                address=one.address.key,
                keycloak_id=found[one.address.key],
                fields=dict(one.fields),
                applied_at=timezone.now(),
            )
            for one in DatabaseTarget(scope).read(Selection.all())
            if one.address.key in found and one.address != REALM
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )


def _plant(scope: Scope) -> None:
    """Change the e-mail of ten people by plain calls."""
    client = client_for(scope.server.connection())
    place = ("admin", "realms", scope.realm, "users")
    for one in islice(shape.people(SMALL), PLANTED):
        (person,) = run(client.get(place, query={"username": one.username, "exact": True})).json
        run(client.put((*place, person["id"]), json=person | {"email": f"{one.username}@elsewhere.example"}))
