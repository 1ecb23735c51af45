"""Tenants made from the shipped blueprints by the services of the forms, and filled by names."""

from typing import Any

from access.services.blueprints import create_from_blueprint
from access.services.families import create as create_family
from console.blueprints.shipped import shipped_one
from console.sync.models import KeycloakServer
from tenants.models import Tenant
from tests.access.declared import DeclaredTenant
from tests.factories import MIRA


class PlatformTenant(DeclaredTenant):
    """A tenant under a blueprint: its roles, groups, clients and scopes are declared, its people are not."""

    def __init__(self, blueprint: str, slug: str = "acme", **parameters: Any) -> None:
        read = shipped_one(blueprint)
        assert read is not None, f"{blueprint} does not ship"
        server = KeycloakServer.objects.create(
            name=f"server-of-{slug}", url="https://keycloak.example", client_id="gatehouse", sealed_secret="-"
        )
        create_from_blueprint(
            actor=MIRA,
            slug=slug,
            name=slug.capitalize(),
            server=server.pk,
            blueprint=blueprint,
            version=read.version,
            parameters=parameters,
        )
        self.tenant = Tenant.objects.with_realm().get(slug=slug)
        self.realm = self.tenant.realm

    def family(self, key: str, value: str) -> None:
        """Make the roles of a family for one value."""
        create_family(actor=MIRA, tenant=self.tenant.slug, family=key, value=value)
