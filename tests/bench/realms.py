"""Realms for one measurement, with what is done in them again and again. They are deleted afterwards."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from console.keycloak.client import Client, client_for
from console.keycloak.errors import NotFound
from console.sync import runs
from console.sync.models import KeycloakServer, Run
from console.transport import LONG, run
from tenants.models import Tenant
from tests.bench import figures
from tests.bench.saving import NotDone, save
from tests.bench.working import Declared

TIMES = 3


@contextmanager
def realms() -> Iterator[list[str]]:
    """The names of the realms that were made, deleted afterwards."""
    made: list[str] = []
    try:
        yield made
    finally:
        for name in made:
            with suppress(NotFound):
                run(client().delete(("admin", "realms", name), patience=LONG))


def client() -> Client:
    """Return our client of the one server."""
    return client_for(KeycloakServer.objects.get().connection())


def new(names: list[str], prefix: str) -> str:
    """Return a new name, noted to be deleted."""
    names.append(f"{prefix}-{uuid.uuid4().hex[:6]}")
    return names[-1]


def managed(names: list[str]) -> Declared:
    """Return a new tenant with its empty realm, in Keycloak already."""
    slug = new(names, "work")
    tenant = {"slug": slug, "name": "The work", "server": KeycloakServer.objects.get().pk, "realm": slug}
    save("tenants:tenant:create", tenant, slug=slug)
    return Declared(Tenant.objects.select_related("realm__scope__server").get(slug=slug).realm)


def run_now(ours: Declared) -> None:
    """Bring the realm to what is declared. Raises NotDone."""
    expect_done(runs.sync(ours.scope.pk))


def expect_done(done: Run | None) -> None:
    """Raise NotDone for a run that did not come to its end."""
    if done is None or done.state != Run.State.DONE:
        raise NotDone(f"the run ended as {done and done.state}: {done and done.sentence}")


def timed(do: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    with figures.stopwatch() as watch:
        do()
    return watch.seconds


def best(do: Callable[[], object], times: int = TIMES) -> float:
    """Return the seconds of the quickest of several times."""
    return min(timed(do) for _ in range(times))
