"""A tenant under its blueprint on the real Keycloak: other versions, families, people from elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest

from access.families import arrived_without, family_named
from access.models import Role
from console.engine.state import Address, Kind
from console.keycloak.connection import Connection
from console.sync import preview, runs
from console.sync.drift.check import check
from console.sync.models import KeycloakServer, Plan, Run, Scope
from tenants.blueprints import catalogue_of
from tenants.models import BlueprintUse
from tenants.services.blueprints import upload
from tests.factories import MIRA, Platform, add_server, database
from tests.keycloak.world import World, fresh
from tests.tenants.platform import FIRST, SECOND

__all__ = ["database"]


@pytest.fixture(scope="module")
def server(transactional_db: None, keycloak_connection: Connection) -> KeycloakServer:
    for text in (FIRST, SECOND):
        upload(actor=MIRA, text=text)
    return add_server(keycloak_connection)


@pytest.fixture
def shop(server: KeycloakServer, keycloak_connection: Connection) -> Iterator[Platform]:
    slug = fresh("shop").lower()
    platform = Platform(tenant=slug, server=server, keycloak=World(keycloak_connection, slug))
    done(platform, "tenants:tenant:from-blueprint", **asked(slug, server, "shop", {"realm": slug}))
    yield platform
    platform.keycloak.delete()


@pytest.fixture
def lab(server: KeycloakServer, keycloak_connection: Connection) -> Iterator[Platform]:
    slug = fresh("lab").lower()
    platform = Platform(tenant=slug, server=server, keycloak=World(keycloak_connection, slug))
    named = {"realm": slug, "user_group": "users", "admin_group": "admins"}
    typed = named | {"user_role": "lab-user", "admin_role": "lab-admin"}
    done(platform, "tenants:tenant:from-blueprint", **asked(slug, server, "prokube", typed))
    yield platform
    platform.keycloak.delete()


def asked(slug: str, server: KeycloakServer, key: str, parameters: dict[str, Any]) -> dict[str, Any]:
    named = {"slug": slug, "name": slug.title(), "server": server.pk}
    return named | {"blueprint": key, "version": "1", "parameters": parameters}


def done(platform: Platform, command: str, **values: Any) -> Plan:
    """Preview, apply and run; nothing may be left over."""
    plan = preview.preview(actor=MIRA, command=command, values=values, title=command, tenant=platform.tenant)
    assert plan.findings == []
    preview.apply(actor=MIRA, plan=plan, reason="as ordered by the owner of it", ticket="")
    scope = Scope.objects.get(realm=platform.realm)
    if scope.touched.exists():
        run = runs.sync(scope.pk)
        assert run is not None
        assert run.state == Run.State.DONE, run.sentence
    assert platform.is_in_sync
    return plan


def move(platform: Platform, **changed: Any) -> Plan:
    use = BlueprintUse.objects.get(tenant__slug=platform.tenant)
    values = {"revision": use.revision, "version": "2", "parameters": use.parameters} | changed
    return done(platform, "tenants:blueprint:move", tenant=platform.tenant, **values)


def test_a_newer_version_reaches_keycloak_and_keeps_what_was_changed_here(shop: Platform) -> None:
    shop.do("access:role:edit", **shop.edit_role("clerk", description="Ours"))

    plan = move(shop)

    roles = {one["name"]: one.get("description", "") for one in shop.keycloak.get("roles", max=100)}
    assert roles["clerk"] == "Ours"
    assert "porter" in roles
    assert "packer" not in roles
    assert shop.keycloak.get()["accessTokenLifespan"] == 900
    (client,) = shop.keycloak.get("clients", clientId="cashdesk")
    assert sorted(client["redirectUris"]) == [
        "https://new.example.org/callback",
        "https://shop.example.org/callback",
    ]
    assert any("stays as it is here" in sentence and "clerk" in follows for sentence, follows in plan.notes)


def test_a_role_that_somebody_was_given_here_survives_the_version_without_it(
    shop: Platform,
) -> None:
    shop.do("access:person:create", username="ann-of-shop")
    shop.do("access:person-role:give", people=["ann-of-shop"], roles=["packer"])

    move(shop)

    assert "packer" in shop.effective_roles("ann-of-shop")
    assert Role.objects.filter(realm__scope__realm=shop.realm, name="packer").exists()


def test_another_reading_of_the_documents_writes_nothing_to_keycloak(shop: Platform) -> None:
    plan = move(shop, version="1", parameters={"realm": shop.realm, "second_auditor": "clerk"})

    assert plan.size == 0
    assert [sentence for sentence, _ in plan.notes] == ["Second auditing role: none becomes clerk."]


def test_a_person_with_her_workspace_has_the_five_roles_of_the_document(lab: Platform) -> None:
    """Row K3, as Keycloak itself answers."""
    plan = lab.do("access:person:create", username="ada", families=["workspace"])

    assert lab.effective_roles("ada") == {
        "pk:ada", "pk:edit:ada", "pk:view:ada", "pk:s3:edit:ada", "pk:s3:view:ada",
    }  # fmt: skip
    assert any("pk:ada" in sentence and "provisions" in sentence for sentence, _ in plan.notes)


def test_who_arrives_in_keycloak_by_another_way_is_proposed_and_gets_hers(lab: Platform) -> None:
    lab.keycloak.post("users", json={"username": "zoe", "enabled": True})
    check(lab.scope.pk)
    family = family_named(catalogue_of(lab.row), "workspace")
    assert family is not None
    assert [one.username for one in arrived_without(lab.row, family)] == ["zoe"]

    lab.do("access:family:make", family="workspace", usernames=["zoe"])

    assert "pk:s3:view:zoe" in lab.effective_roles("zoe")
    assert list(arrived_without(lab.row, family)) == []


def test_a_workspace_taken_back_leaves_its_child_roles_in_keycloak(lab: Platform) -> None:
    lab.do("access:family:create", family="workspace", value="shared")
    assert "pk:shared" in lab.role_names()

    plan = lab.do("access:family:delete", family="workspace", value="shared")

    left = {name for name in lab.role_names() if name.endswith(":shared")}
    assert left == {"pk:edit:shared", "pk:view:shared", "pk:s3:edit:shared", "pk:s3:view:shared"}
    assert any("stay" in sentence for sentence, _ in plan.notes)
    assert lab.ledger(Address(Kind.ROLE, ("pk:shared",))) is None
