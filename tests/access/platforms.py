"""Tenants made from the shipped blueprints by the services of the forms, and filled by names."""

from collections.abc import Iterable
from typing import Any

from access.services.blueprints import create_from_blueprint
from access.services.families import create as create_family
from console.blueprints.shipped import shipped_one
from console.engine.state import Address, Selection
from console.sync.desired import DatabaseTarget
from console.sync.models import KeycloakServer, Observed
from console.sync.observed import owner_of
from tenants.models import Tenant
from tests.access.declared import READ, DeclaredTenant
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

    def was_read(self, *, without: Iterable[Address] = (), beside: Iterable[Address] = ()) -> None:
        """Keycloak held what is declared, clients and scopes too, without some links and with others."""
        super().was_read(without=without, beside=beside)
        scope = self.realm.scope
        known = set(Observed.objects.filter(scope=scope).values_list("address", flat=True))
        known |= {one.key for one in without}
        Observed.objects.bulk_create(
            Observed(
                scope=scope,
                address=one.address.key,
                kind=one.address.kind.value,
                owner=owner_of(one.address),
                target=one.address.path[-1],
                fields=dict(one.fields),
                read_at=READ,
            )
            for one in DatabaseTarget(scope).read(Selection.all())
            if one.address.path and one.address.key not in known
        )

    def family(self, key: str, value: str) -> None:
        """Make the roles of a family for one value."""
        create_family(actor=MIRA, tenant=self.tenant.slug, family=key, value=value)
