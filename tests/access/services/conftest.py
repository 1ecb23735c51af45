"""Tenants in the database, declared by the services themselves. Nothing here needs Keycloak."""

from dataclasses import dataclass
from typing import Any

import pytest

from access.models import Composite, Entitlement, EntitlementType, Group, Person, Resource, Role
from access.services import assignments, entitlements, groups, people, roles
from access.services.shares import create_with_share
from console.sync.models import KeycloakServer
from tenants.models import Realm, Tenant
from tenants.services import servers
from tenants.services.tenants import create_with_realm
from tests.factories import MIRA, database

__all__ = ["database"]


@dataclass(frozen=True)
class Holding:
    """One thing of each sort that belongs to a tenant. `role` includes `inner`."""

    tenant: str
    role: Role
    inner: Role
    group: Group
    other_group: Group
    person: Person
    other_person: Person
    type: EntitlementType
    resource: Resource
    entitlement: Entitlement

    @property
    def composite(self) -> Composite:
        return Composite.objects.get(parent=self.role, child=self.inner)

    @property
    def realm(self) -> Realm:
        return Tenant.objects.get(slug=self.tenant).realm


def fill(tenant: str) -> Holding:
    """Declare one thing of each sort for a tenant, named as its share demands."""
    row = Tenant.objects.get(slug=tenant)
    common: dict[str, Any] = {"actor": MIRA, "tenant": tenant}
    top = Group.objects.get(realm=row.realm, path=row.group_name).pk if row.is_share else None
    role = roles.create(**common, name=f"{row.role_prefix}reader")
    inner = roles.create(**common, name=f"{row.role_prefix}inner")
    roles.include(**common, role=role.pk, children=[inner.pk])
    group = groups.create(**common, name="team", parent=top)
    other_group = groups.create(**common, name="other", parent=top)
    person = people.create(**common, username=f"{tenant}-ann")
    other_person = people.create(**common, username=f"{tenant}-ben")
    assignments.join(**common, people=[person.pk], groups=[group.pk])
    kind = entitlements.create_type(**common, name=f"{row.type_prefix}package", levels=["READ", "WRITE"])
    resource = entitlements.create_resource(**common, type=kind.pk, name="demo")
    entitlements.grant(**common, resource=resource.pk, level="READ", people=[person.pk], groups=[])
    return Holding(
        tenant,
        role,
        inner,
        group,
        other_group,
        person,
        other_person,
        kind,
        resource,
        Entitlement.objects.get(resource=resource),
    )


@dataclass(frozen=True)
class Estate:
    """Two shares of one realm whose names begin alike, the realm's own tenant, and another realm."""

    acme: Holding
    acme_b: Holding
    whole: Holding
    elsewhere: Holding


@pytest.fixture(scope="module")
def server(transactional_db: None) -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")


@pytest.fixture(scope="module")
def estate(server: KeycloakServer) -> Estate:
    for slug in ("house", "elsewhere"):
        create_with_realm(actor=MIRA, slug=slug, name=slug, server=server.pk, realm=slug)
    realm = Realm.objects.get(scope__realm="house")
    for slug in ("acme", "acme-b"):
        create_with_share(actor=MIRA, slug=slug, name=slug, realm=realm.pk)
    return Estate(*(fill(slug) for slug in ("acme", "acme-b", "house", "elsewhere")))
