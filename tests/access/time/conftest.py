"""Tenants on the real Keycloak for what begins and ends."""

from tests.factories import database, new_platform, platform

__all__ = ["database", "new_platform", "platform"]
