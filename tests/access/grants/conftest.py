"""Tenants on the real Keycloak for tokens and sessions of real logins."""

from tests.factories import database, new_platform

__all__ = ["database", "new_platform"]
