"""A tenant from a blueprint, under one, moved and read otherwise: what is declared, kept and taken away."""

from typing import Any

import pytest

from access.models import Composite, Group, GroupRole, PersonRole, Role
from access.services import assignments, blueprints, people, roles
from console.engine.kinds import REALM
from console.engine.state import Selection
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Conflict, Gone, Refused
from console.sync.desired import DatabaseTarget
from console.sync.models import KeycloakServer, Scope
from tenants import secrets
from tenants.blueprints import catalogue_of
from tenants.models import Blueprint, BlueprintUse, Declaration, Realm, Tenant
from tenants.services import servers
from tenants.services.blueprints import VersionTaken, upload
from tenants.services.tenants import NameTaken, create_with_realm
from tests.factories import MIRA, tenant_admin
from tests.tenants.platform import FIRST, SECOND

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")


@pytest.fixture
def texts() -> tuple[Blueprint, Blueprint]:
    return upload(actor=MIRA, text=FIRST), upload(actor=MIRA, text=SECOND)


@pytest.fixture
def shop(server: KeycloakServer, texts: object) -> Tenant:
    return create(server)


def create(server: KeycloakServer, cause: Cause | None = None, **changed: Any) -> Tenant:
    asked = {"slug": "shop", "name": "Shop", "version": "1", "parameters": {"realm": "shop"}} | changed
    return blueprints.create_from_blueprint(
        actor=MIRA, server=server.pk, blueprint="shop", cause=cause, **asked
    )


def move(tenant: Tenant, cause: Cause | None = None, **changed: Any) -> BlueprintUse:
    use = BlueprintUse.objects.get(tenant=tenant)
    asked = {"revision": use.revision, "version": "2", "parameters": use.parameters} | changed
    return blueprints.move(actor=MIRA, tenant=tenant.slug, cause=cause, **asked)


def declared(tenant: Tenant) -> dict[str, dict[str, Any]]:
    found = DatabaseTarget(tenant.realm.scope).read(Selection.all())
    return {one.address.key: dict(one.fields) for one in found}


def told(cause: Cause) -> str:
    return " ".join(f"{sentence} {follows}" for made in cause.changes for sentence, follows in made.notes)


def test_all_that_it_says_is_declared_as_ordinary_rows(shop: Tenant) -> None:
    found = declared(shop)

    assert found["role:clerk"] == {"description": "Sells things"}
    assert {
        "composite:manager|clerk",
        "group:staff",
        "group-role:staff|clerk",
        "client:cashdesk",
    } <= found.keys()
    assert found["realm:"]["access_token_lifespan"] == 600
    assert Role.objects.get(name="manager").includes.get().child.name == "clerk"
    assert Declaration.objects.get(address="client:cashdesk").source == Declaration.Source.BLUEPRINT
    assert shop.realm.name == "shop"


def test_what_it_made_stands_beside_it(shop: Tenant) -> None:
    use = BlueprintUse.objects.get(tenant=shop)

    assert {one.address for one in use.parts.all()} == {
        "realm:", "role:clerk", "role:manager", "role:packer", "composite:manager|clerk", "group:staff",
        "group-role:staff|clerk", "client-scope:till", "client:cashdesk",
    }  # fmt: skip
    assert use.parameters == {"realm": "shop", "second_auditor": "none"}


def test_its_catalogue_is_the_blueprints_and_follows_the_parameters(shop: Tenant) -> None:
    before = catalogue_of(shop)
    move(shop, version="1", parameters={"realm": "shop", "second_auditor": "clerk"})
    after = catalogue_of(shop)

    assert [one.right.text for one in before.of_capability["shop:audit"]] == ["manager"]
    assert sorted(one.right.text for one in after.of_capability["shop:audit"]) == ["clerk", "manager"]
    assert before.digest != after.digest


def test_a_tenant_without_a_blueprint_has_an_empty_catalogue(server: KeycloakServer) -> None:
    tenant = create_with_realm(actor=MIRA, slug="bare", name="Bare", server=server.pk, realm="bare")

    assert catalogue_of(tenant).capabilities == ()


def test_one_query_answers_what_a_tenant_opens(shop: Tenant, django_assert_num_queries: Any) -> None:
    catalogue_of(shop)

    with django_assert_num_queries(1):
        catalogue_of(shop)


def test_a_wrong_parameter_names_its_field(server: KeycloakServer, texts: object) -> None:
    with pytest.raises(Refused, match="Small letters") as refused:
        create(server, parameters={"realm": "Not So"})

    assert refused.value.field == "p_realm"
    assert not Scope.objects.exists()


@pytest.mark.parametrize("realm", ["master", "shop"])
def test_a_realm_that_is_taken_names_the_parameter_that_makes_its_name(shop: Tenant, realm: str) -> None:
    server = shop.realm.scope.server

    with pytest.raises(Refused) as refused:
        create(server, slug="other", parameters={"realm": realm})

    assert refused.value.field == "p_realm"


def test_a_short_name_is_one_tenants(shop: Tenant) -> None:
    with pytest.raises(NameTaken):
        create(shop.realm.scope.server, parameters={"realm": "elsewhere"})


def test_a_version_that_is_not_there_is_gone(server: KeycloakServer, texts: object) -> None:
    with pytest.raises(Gone, match="no version 7"):
        create(server, version="7")


def test_a_secret_is_sealed_for_what_holds_it_and_stands_nowhere_else(server: KeycloakServer) -> None:
    secret = 'access_token_lifespan: 600}\n  secrets: {smtp_password: "${mail_password}"}'
    text = FIRST.replace("access_token_lifespan: 600}", secret)
    upload(actor=MIRA, text=text)
    sealed = secrets.sealed_parameters({"mail_password": "geheim-1"}, place=str(server.pk))
    tenant = create(server, secrets=sealed)

    realm = Realm.objects.get(pk=tenant.realm_id)
    assert secrets.secrets_at(realm.scope, REALM)["smtp_password"].reveal() == "geheim-1"
    assert "geheim-1" not in str(realm.secrets) + str(sealed)
    assert realm.secrets["smtp_password"]["version"] == sealed["mail_password"]["version"]
    assert "mail_password" not in BlueprintUse.objects.get(tenant=tenant).parameters


def test_a_newer_version_adds_changes_and_takes_away(shop: Tenant) -> None:
    move(shop)

    found = declared(shop)
    assert "role:porter" in found
    assert "role:packer" not in found
    assert found["role:clerk"] == {"description": "Sells and advises"}
    assert found["realm:"]["access_token_lifespan"] == 900
    assert len(found["client:cashdesk"]["redirect_uris"]) == 2
    assert BlueprintUse.objects.get(tenant=shop).blueprint.version == "2"


def test_moving_touches_only_what_changes(shop: Tenant) -> None:
    cause = Cause()

    move(shop, cause)

    touched = {one.key for one in cause.changes[0].touched}
    assert touched == {"realm:", "role:clerk", "role:packer", "role:porter", "client:cashdesk"}


def test_what_was_changed_here_is_kept_and_said(shop: Tenant) -> None:
    clerk = Role.objects.get(name="clerk")
    roles.edit(
        actor=MIRA, tenant="shop", role=clerk.pk, revision=clerk.revision, name="clerk", description="Ours"
    )
    cause = Cause()

    move(shop, cause)

    assert declared(shop)["role:clerk"] == {"description": "Ours"}
    assert "1 thing stays as it is here" in told(cause)
    assert "clerk" in told(cause)


def test_what_was_deleted_here_does_not_come_back(shop: Tenant) -> None:
    roles.delete(actor=MIRA, tenant="shop", role=Role.objects.get(name="manager").pk)
    cause = Cause()

    move(shop, cause)

    assert "role:manager" not in declared(shop)
    assert "deleted here" in told(cause)


def test_a_role_that_somebody_holds_is_not_taken_away(shop: Tenant) -> None:
    person = people.create(actor=MIRA, tenant="shop", username="ann")
    packer = Role.objects.get(name="packer")
    assignments.give_roles(actor=MIRA, tenant="shop", people=[person.pk], roles=[packer.pk])
    cause = Cause()

    move(shop, cause)

    assert PersonRole.objects.filter(person=person, role=packer).exists()
    assert "packer" in told(cause)


def test_what_is_ours_is_never_taken_away(shop: Tenant) -> None:
    roles.create(actor=MIRA, tenant="shop", name="ours")

    move(shop)

    assert "role:ours" in declared(shop)


def test_other_parameters_say_what_becomes_of_the_reading(shop: Tenant) -> None:
    cause = Cause()

    move(shop, cause, version="1", parameters={"realm": "shop", "second_auditor": "clerk"})

    assert "Second auditing role: none becomes clerk." in told(cause)
    assert not cause.changes[0].touched


def test_the_same_again_is_refused(shop: Tenant) -> None:
    with pytest.raises(Refused, match="already"):
        move(shop, version="1")


def test_a_fixed_parameter_stays(shop: Tenant) -> None:
    with pytest.raises(Refused, match="issuer"):
        move(shop, parameters={"realm": "other"})


def test_two_editors_do_not_overwrite_each_other(shop: Tenant) -> None:
    move(shop)

    with pytest.raises(Conflict):
        move(shop, revision=1, version="1")


def test_a_tenant_that_is_there_keeps_what_it_has(server: KeycloakServer, texts: object) -> None:
    tenant = create_with_realm(actor=MIRA, slug="bare", name="Bare", server=server.pk, realm="bare")
    roles.create(actor=MIRA, tenant="bare", name="clerk", description="Ours")
    cause = Cause()

    blueprints.put_under(
        actor=MIRA, tenant="bare", blueprint="shop", version="1", parameters={"realm": "bare"}, cause=cause
    )

    found = declared(tenant)
    assert found["role:clerk"] == {"description": "Ours"}
    assert "role:manager" in found
    assert found["realm:"]["access_token_lifespan"] == 300
    assert "clerk" in told(cause)
    assert Composite.objects.count() == GroupRole.objects.count() == Group.objects.count() == 1
    use = BlueprintUse.objects.get(tenant=tenant)
    assert not use.parts.filter(address__in=["role:clerk", "realm:"]).exists()


def test_a_tenant_stands_under_one_blueprint_only(shop: Tenant) -> None:
    with pytest.raises(Refused, match="already"):
        blueprints.put_under(
            actor=MIRA, tenant="shop", blueprint="shop", version="2", parameters={"realm": "shop"}
        )


def test_only_the_consoles_administrators_move_a_tenant(shop: Tenant) -> None:
    use = BlueprintUse.objects.get(tenant=shop)

    with pytest.raises(Forbidden):
        blueprints.move(
            actor=tenant_admin("shop"),
            tenant="shop",
            revision=use.revision,
            version="2",
            parameters=use.parameters,
        )


def test_a_version_is_uploaded_once(texts: object) -> None:
    with pytest.raises(VersionTaken, match="Raise the version"):
        upload(actor=MIRA, text=FIRST + "\n# another text\n")
