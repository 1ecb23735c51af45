"""Making tenants and changing their realms (`tenants/services`)."""

from typing import Any

import pytest

from access.models import Group
from access.services.shares import create_with_share
from console.audit.models import AuditEvent
from console.sync.cause import Forbidden
from console.sync.commands import Conflict, Gone, Refused
from console.sync.models import KeycloakServer, Scope
from tenants.desired import FIRST
from tenants.models import Realm, Tenant
from tenants.services import servers
from tenants.services.tenants import NameTaken, RealmTaken, create_with_realm, edit_realm
from tests.factories import MIRA, tenant_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s-3cret")


def create(server: KeycloakServer, /, **values: Any) -> Tenant:
    given = {"slug": "acme", "name": "Acme", "server": server.pk, "realm": "acme"}
    return create_with_realm(actor=MIRA, **given | values)


def test_a_tenant_comes_with_its_realm_and_what_carries_entitlements(server: KeycloakServer) -> None:
    tenant = create(server)

    scope = tenant.realm.scope
    assert (scope.realm, scope.generation) == ("acme", 1)
    assert set(scope.touched.values_list("address", flat=True)) == {one.key for one in FIRST}


@pytest.mark.parametrize(
    ("values", "field", "error"),
    [
        ({"realm": "other"}, "slug", NameTaken),
        ({"slug": "other"}, "realm", RealmTaken),
        ({"slug": "other", "realm": "master"}, "realm", RealmTaken),
        ({"slug": "other", "realm": "gatehouse"}, "realm", RealmTaken),
        ({"slug": "other", "realm": "other", "server": 987_654_321}, "server", Gone),
    ],
    ids=["taken slug", "taken realm", "the realm master", "the console's own realm", "a server that is gone"],
)
def test_what_is_taken_is_said_beside_its_field(
    server: KeycloakServer, values: dict[str, Any], field: str, error: type[Refused]
) -> None:
    create(server)
    before = Scope.objects.count(), AuditEvent.objects.count()

    with pytest.raises(error) as refused:
        create(server, **values)

    assert refused.value.field == field
    assert (Scope.objects.count(), AuditEvent.objects.count()) == before


def test_a_tenants_administrator_makes_no_tenants(server: KeycloakServer) -> None:
    with pytest.raises(Forbidden):
        create_with_realm(
            actor=tenant_admin("acme"), slug="acme", name="Acme", server=server.pk, realm="acme"
        )

    assert not Tenant.objects.exists()


def test_a_share_is_a_group_and_a_prefix_of_names(server: KeycloakServer) -> None:
    realm = create(server, slug="house", realm="house").realm

    share = create_with_share(actor=MIRA, slug="acme", name="Acme", realm=realm.pk)

    assert (share.group_name, share.role_prefix, share.type_prefix) == ("acme", "acme:", "acme.")
    assert Group.objects.get(realm=realm).path == "acme"
    assert realm.scope.touched.filter(address="group:acme").exists()


def test_a_share_does_not_take_a_group_that_is_there(server: KeycloakServer) -> None:
    realm = create(server, slug="house", realm="house").realm
    Group.objects.create(realm=realm, name="acme", path="acme", created_by="somebody")

    with pytest.raises(RealmTaken, match="has a group acme"):
        create_with_share(actor=MIRA, slug="acme", name="Acme", realm=realm.pk)

    assert not Tenant.objects.filter(slug="acme").exists()


def test_the_second_editor_of_a_realm_sees_the_values_of_the_first(server: KeycloakServer) -> None:
    """F27."""
    tenant = create(server)
    edit = {"actor": MIRA, "tenant": "acme", "revision": 1}
    edit_realm(**edit, values={"access_token_lifespan": 600})

    with pytest.raises(Conflict) as conflict:
        edit_realm(**edit, values={"access_token_lifespan": 900})

    assert conflict.value.theirs["access_token_lifespan"] == 600
    assert conflict.value.revision == 2
    assert Realm.objects.get(pk=tenant.realm_id).access_token_lifespan == 600


def test_a_token_that_outlives_its_session_is_refused_beside_the_field(server: KeycloakServer) -> None:
    create(server)

    with pytest.raises(Refused, match="longer than the session") as refused:
        edit_realm(actor=MIRA, tenant="acme", revision=1, values={"access_token_lifespan": 99_999})

    assert refused.value.field == "access_token_lifespan"


def test_the_realm_of_another_tenant_does_not_exist(server: KeycloakServer) -> None:
    """T1."""
    create(server)

    with pytest.raises(Gone):
        edit_realm(actor=tenant_admin("other"), tenant="acme", revision=1, values={"enabled": False})

    assert Realm.objects.get().enabled


def test_a_share_cannot_change_the_realm_it_lives_in(server: KeycloakServer) -> None:
    realm = create(server, slug="house", realm="house").realm
    create_with_share(actor=MIRA, slug="acme", name="Acme", realm=realm.pk)

    with pytest.raises((Forbidden, Refused)):
        edit_realm(actor=tenant_admin("acme"), tenant="acme", revision=1, values={"enabled": False})

    assert Realm.objects.get(pk=realm.pk).enabled


def test_another_address_needs_the_secret_again(server: KeycloakServer) -> None:
    """T12: a kept secret is never sent to a new address."""
    with pytest.raises(servers.SecretNeeded):
        servers.edit(actor=MIRA, server=server.pk, revision=1, url="http://127.0.0.1:10", client_id="c")

    server.refresh_from_db()
    assert server.url == "http://127.0.0.1:9"
    assert server.connection().client_secret.reveal() == "s-3cret"


def test_no_secret_stands_in_the_record_or_readable_in_the_table(server: KeycloakServer) -> None:
    """T13, T14."""
    servers.edit(
        actor=MIRA,
        server=server.pk,
        revision=1,
        url="http://127.0.0.1:10",
        client_id="c",
        secret="n3w-s3cret",
    )

    server.refresh_from_db()
    told = str(list(AuditEvent.objects.values()))
    assert "s3cret" not in told + server.sealed_secret
    assert "s-3cret" not in told + server.sealed_secret
    assert server.connection().client_secret.reveal() == "n3w-s3cret"
