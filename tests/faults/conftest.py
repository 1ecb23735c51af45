"""A platform on the real Keycloak, and nothing of one test left waiting for the next."""

from collections.abc import Iterator

import pytest
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob

from console.sync.models import Circuit, Scope, Touched
from tests.factories import Platform, database, new_platform, platform
from tests.faults.hanging import Switch
from tests.keycloak.forwarder import serving

__all__ = ["database", "new_platform", "platform"]


@pytest.fixture(autouse=True)
def nothing_left_waiting(transactional_db: None) -> Iterator[None]:
    """What one test leaves must not stop the next one in the same realm."""
    yield
    Touched.objects.all().delete()
    Circuit.objects.all().delete()
    Scope.objects.update(
        applied_generation=F("generation"),
        next_attempt_at=None,
        attempts=0,
        lease_token=None,
        lease_until=None,
    )
    ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).update(status="cancelled")


@pytest.fixture
def switch(platform: Platform) -> Iterator[Switch]:
    """The console reaches the real Keycloak through it for one test: it hangs when it is told to."""
    with serving(Switch(platform.keycloak.connection.url)) as running, platform.reached_at(running.url):
        yield running
