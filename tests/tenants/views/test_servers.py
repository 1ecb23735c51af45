"""The pages of Keycloak servers: listed without a call, tested on a real Keycloak, secrets never shown."""

import os
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.audit.models import AuditEvent
from console.sync.models import KeycloakServer, Scope
from tenants.models import Realm, Tenant
from tests.operators import sign_in_as
from tests.pages import BAD_NAMES, HTMX, error_of, queries_of, sent, squeezed

__all__ = ["sent"]

pytestmark = pytest.mark.django_db
SECRET = "a secret that no page may show"


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def server(name: str = "eu-1", *, url: str = "http://127.0.0.1:9") -> KeycloakServer:
    row = KeycloakServer(name=name, url=url, client_id="gatehouse-service")
    row.keep_secret(SECRET)
    row.save()
    return row


@pytest.fixture
def real(keycloak_connection: Any) -> KeycloakServer:
    row = KeycloakServer(name="real", url=keycloak_connection.url, client_id=keycloak_connection.client_id)
    row.keep_secret(os.environ["KEYCLOAK_CLIENT_SECRET"])
    row.save()
    return row


def values(**changed: str) -> dict[str, str]:
    return {
        "name": "eu-1",
        "url": "https://sso.example.org",
        "client_id": "gatehouse-service",
        "secret": SECRET,
    } | changed


def url(name: str, *rest: int) -> str:
    return reverse(f"tenants:server-{name}", args=rest)


def test_an_empty_list_offers_the_first_server(boss: Client) -> None:
    page = boss.get(url("list")).content.decode()

    assert "No server yet" in page
    assert page.count("btn-primary") == 1


def test_a_new_server_is_kept_without_a_call(boss: Client, sent: list[str]) -> None:
    answer = boss.post(url("create"), values())

    row = KeycloakServer.objects.get()
    assert answer["Location"] == url("detail", row.pk)
    assert row.connection().client_secret.reveal() == SECRET
    assert SECRET not in row.sealed_secret
    assert sent == []


@pytest.mark.parametrize("kind", BAD_NAMES)
def test_a_bad_name_is_refused_beside_its_field(boss: Client, sent: list[str], kind: str) -> None:
    """Row S1."""
    answer = boss.post(url("create"), values(name=BAD_NAMES[kind]))

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), "name")
    assert not KeycloakServer.objects.exists()
    assert sent == []


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "ftp://sso.example.org",
        "https://user:secret@sso.example.org",
        "https://sso.example.org/?x=1",
        "https://sso.example.org/#x",
        "",
    ],
)
def test_a_bad_address_is_refused_beside_its_field(boss: Client, sent: list[str], address: str) -> None:
    answer = boss.post(url("create"), values(url=address))

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), "url")
    assert sent == []


def test_a_second_of_the_same_name_is_refused(boss: Client) -> None:
    server()

    answer = boss.post(url("create"), values())

    assert answer.status_code == 422
    assert "exists" in error_of(answer.content.decode(), "name")


def test_a_form_that_comes_back_does_not_show_the_secret(boss: Client) -> None:
    answer = boss.post(url("create"), values(name="Not good"))

    assert SECRET not in answer.content.decode()
    assert 'value="https://sso.example.org"' in answer.content.decode()


def test_another_address_needs_the_secret_again(boss: Client, sent: list[str]) -> None:
    """Row S3: a kept secret is never sent to a new address."""
    row = server()
    changed = {"revision": "1", "url": "https://other.example.org", "client_id": row.client_id, "secret": ""}

    answer = boss.post(url("edit", row.pk), changed)

    assert answer.status_code == 422
    assert "Enter the secret again" in error_of(answer.content.decode(), "secret")
    row.refresh_from_db()
    assert row.url == "http://127.0.0.1:9"
    assert boss.post(url("edit", row.pk), changed | {"secret": "new"}).status_code == 302
    assert sent == []


def test_two_editors_see_both_values(boss: Client) -> None:
    row = server()
    KeycloakServer.objects.filter(pk=row.pk).update(revision=2)

    answer = boss.post(
        url("edit", row.pk), {"revision": "1", "url": row.url, "client_id": "mine", "secret": "x"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this server meanwhile" in page
    assert "Now: gatehouse-service" in error_of(page, "client_id")
    assert 'name="revision" value="2"' in page


def test_a_test_shows_each_call_with_its_result(boss: Client, real: KeycloakServer) -> None:
    part = boss.post(url("test", real.pk), headers=HTMX).content.decode()

    for call in ("Token by client credentials", "Server information", "Realms", "Right to create realms"):
        assert call in part
    assert part.strip().startswith('<div id="probe"')
    assert " ms</td>" in part
    assert "It may create realms." in part
    real.refresh_from_db()
    assert real.is_reachable
    assert "Works" in boss.get(url("detail", real.pk)).content.decode()


def test_without_scripts_the_whole_page_comes(boss: Client, real: KeycloakServer) -> None:
    page = boss.post(url("test", real.pk)).content.decode()

    assert "<html" in page
    assert "Token by client credentials" in page


def test_a_server_that_does_not_answer_is_said_in_words(boss: Client) -> None:
    row = server()

    part = boss.post(url("test", row.pk), headers=HTMX).content.decode()

    assert "Failed" in part
    assert SECRET not in part
    row.refresh_from_db()
    assert not row.is_reachable
    assert row.sentence
    assert "Fails" in boss.get(url("list")).content.decode()


def test_a_wrong_secret_is_said_in_words(boss: Client, real: KeycloakServer) -> None:
    real.keep_secret("not the secret")
    real.save()

    part = boss.post(url("test", real.pk), headers=HTMX).content.decode()

    assert "Failed" in part
    assert "not the secret" not in part
    assert "Right to create realms" not in part  # after a first failure nothing more is tried


def test_a_secret_that_no_longer_opens_is_said(boss: Client) -> None:
    row = server()
    KeycloakServer.objects.filter(pk=row.pk).update(sealed_secret="broken")

    answer = boss.post(url("test", row.pk), follow=True)

    assert answer.status_code == 200
    assert "notice-error" in answer.content.decode()


def test_the_page_equals_its_part(boss: Client) -> None:
    row = server()

    part = boss.get(url("detail", row.pk), headers=HTMX).content.decode()

    assert squeezed(part) in squeezed(boss.get(url("detail", row.pk)).content.decode())


def test_secrets_stand_on_no_page_and_in_no_record(boss: Client) -> None:
    boss.post(url("create"), values())
    row = KeycloakServer.objects.get()

    for page in (url("list"), url("detail", row.pk), url("edit", row.pk), reverse("audit:event-list")):
        text = boss.get(page).content.decode()
        assert SECRET not in text
        assert row.sealed_secret not in text
    assert not any(SECRET in str(event.new) for event in AuditEvent.objects.all())


def test_more_servers_and_realms_need_no_more_queries(boss: Client) -> None:
    row = server()

    def add(number: int) -> None:
        scope = Scope.objects.create(server=row, realm=f"r{number}", generation=1)
        realm = Realm.objects.create(scope=scope, created_by="x")
        Tenant.objects.create(slug=f"t{number}", name=f"T{number}", realm=realm, created_by="x")
        Scope.objects.create(server=server(f"s{number}"), realm="x")

    for number in range(3):
        add(number)
    pages = [url("list"), url("detail", row.pk)]
    few = [queries_of(boss, page) for page in pages]
    for number in range(3, 30):
        add(number)

    assert [queries_of(boss, page) for page in pages] == few


@pytest.mark.parametrize("name", ["list", "create", "detail", "edit"])
def test_tenants_administrators_have_no_business_here(client: Client, name: str) -> None:
    row = server()
    sign_in_as(client, groups=("/tenants/acme/admins",))

    assert client.get(url(name, *([row.pk] if name in ("detail", "edit") else []))).status_code == 403


def test_an_auditor_looks_and_does_not_act(client: Client, sent: list[str]) -> None:
    row = server()
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert "Test connection" not in client.get(url("detail", row.pk)).content.decode()
    assert "btn-primary" not in client.get(url("list")).content.decode()
    assert client.get(url("create")).status_code == 403
    assert client.post(url("edit", row.pk), {}).status_code == 403
    assert client.post(url("test", row.pk)).status_code == 403
    assert sent == []


def test_methods_are_as_told(boss: Client) -> None:
    row = server()

    assert boss.get(url("test", row.pk)).status_code == 405
    assert boss.post(url("list")).status_code == 405
    assert boss.post(url("detail", row.pk)).status_code == 405
    assert boss.put(url("create")).status_code == 405
    assert boss.get(url("detail", 999_999)).status_code == 404


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://169.254.169.254", "https://[::1]"])
def test_an_address_that_leads_to_this_machine_is_refused_beside_its_field(
    boss: Client, settings: Any, address: str
) -> None:
    """T11: and what was typed stays."""
    settings.SERVER_NETWORKS = ()

    answer = boss.post(url("create"), values(url=address))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_url_error"' in page
    assert "allow its network in SERVER_NETWORKS" in page
    assert f'value="{address}"' in page
    assert not KeycloakServer.objects.exists()
