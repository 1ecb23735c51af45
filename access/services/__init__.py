"""The services of the access side. Each that reaches Keycloak is a command that a plan can replay."""

from importlib import import_module

MODULES = (
    "accounts",
    "adoption",
    "assignments",
    "blueprints",
    "bulk",
    "demo",
    "drifting",
    "entitlements",
    "families",
    "groups",
    "people",
    "reverting",
    "roles",
    "shares",
    "terms",
)


def register_commands() -> None:
    """Import every module of services, so that its commands are known by name."""
    for name in MODULES:
        import_module(f"access.services.{name}")
