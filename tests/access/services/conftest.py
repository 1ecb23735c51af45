"""A platform on the real Keycloak for the tests of the door."""

from tests.factories import database, new_platform, platform

__all__ = ["database", "new_platform", "platform"]
