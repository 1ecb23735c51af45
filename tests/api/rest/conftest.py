"""A tenant on the real Keycloak, for the tests that change something."""

from tests.factories import database, new_platform, platform

__all__ = ["database", "new_platform", "platform"]
