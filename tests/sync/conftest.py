"""A platform on the real Keycloak for the tests of plans and runs."""

from collections.abc import Iterator

import pytest
from django.db.models import F

from console.sync.models import Circuit, Scope, Touched
from tests.factories import database, new_platform, platform

__all__ = ["database", "new_platform", "platform"]


@pytest.fixture(autouse=True)
def nothing_left_waiting(transactional_db: None) -> Iterator[None]:
    """What one test leaves blocked must not stop the next one in the same realm."""
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
