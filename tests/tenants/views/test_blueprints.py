"""The pages of blueprints: which there are, what one says, how two differ, own ones, and a tenant's own."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from access.services import blueprints
from console.audit.models import AuditEvent
from console.sync.models import KeycloakServer, Plan
from tenants.models import Blueprint, Tenant
from tenants.services import servers
from tenants.services.blueprints import upload
from tenants.services.tenants import create_with_realm
from tests.factories import MIRA
from tests.operators import sign_in_as
from tests.pages import HTMX, error_of, queries_of, results_of, squeezed
from tests.tenants.platform import FIRST, SECOND

pytestmark = pytest.mark.django_db

SHIPPED = ("cdm-provider", "cdm-tenant", "kdb-insights", "mto", "platform-mesh", "prokube")


@pytest.fixture
def server() -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")


@pytest.fixture
def shop(server: KeycloakServer) -> Tenant:
    for text in (FIRST, SECOND):
        upload(actor=MIRA, text=text)
    return create(server, "shop")


def create(server: KeycloakServer, slug: str) -> Tenant:
    asked: dict[str, Any] = {"blueprint": "shop", "version": "1", "parameters": {"realm": slug}}
    return blueprints.create_from_blueprint(
        actor=MIRA, slug=slug, name=slug.title(), server=server.pk, **asked
    )


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def detail(key: str, version: str = "1") -> str:
    return reverse("tenants:blueprint-detail", kwargs={"key": key, "version": version})


# --- the list -------------------------------------------------------------------------------------


def test_all_versions_are_listed_with_who_uses_them(boss: Client, shop: Tenant) -> None:
    page = results_of(boss.get(reverse("tenants:blueprint-list")).content.decode())

    assert all(f"<code>{key}</code>" in page for key in SHIPPED)
    assert page.count("<code>shop</code>") == 2
    assert page.count("nobody") == len(SHIPPED) + 1
    assert reverse("tenants:blueprint-of-tenant", kwargs={"tenant": "shop"}) in page


def test_a_refresh_of_the_list_is_the_same_part(boss: Client, shop: Tenant) -> None:
    for at in (reverse("tenants:blueprint-list"), reverse("tenants:blueprint-compare")):
        part = boss.get(at, headers=HTMX).content.decode()

        assert squeezed(part) == results_of(boss.get(at).content.decode())


def test_more_tenants_and_versions_need_no_more_queries(boss: Client, shop: Tenant) -> None:
    pages = [reverse("tenants:blueprint-list"), detail("shop"), reverse("tenants:tenant-create")]
    few = [queries_of(boss, one) for one in pages]
    for number in range(6):
        create(shop.realm.scope.server, f"shop-{number}")
        upload(actor=MIRA, text=FIRST.replace('version: "1"', f'version: "1.{number}"'))

    assert [queries_of(boss, one) for one in pages] == few


def test_a_tenants_administrators_see_what_ships_and_what_is_theirs(client: Client, shop: Tenant) -> None:
    upload(actor=MIRA, text=FIRST.replace("blueprint: shop", "blueprint: secret-shop"))
    create_with_realm(
        actor=MIRA, slug="other", name="Other", server=shop.realm.scope.server_id, realm="other"
    )
    sign_in_as(client, groups=("/tenants/other/admins",))

    page = client.get(reverse("tenants:blueprint-list")).content.decode()

    assert "<code>prokube</code>" in page
    assert "<code>shop</code>" not in page
    assert client.get(detail("shop")).status_code == 404
    assert client.get(detail("secret-shop")).status_code == 404
    sign_in_as(client, groups=("/tenants/shop/admins",))
    assert client.get(detail("shop")).status_code == 200
    assert client.get(detail("shop", "2")).status_code == 404


# --- one ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SHIPPED)
def test_one_page_renders_any_of_them(boss: Client, key: str) -> None:
    answer = boss.get(detail(key))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('class="reading"') == len(answer.context["notes"]) > 0
    assert "Parameters" in page
    assert "Realm settings" in page


def test_the_grid_of_kdb_insights_is_the_documents(boss: Client) -> None:
    """Row I3: the marks of each row, from the worked-out table."""
    expected = {
        "Display views": "✓✓✓✓✓✓–", "View other package entities": "–✓✓✓✓✓–",
        "Query and stream data": "–✓✓✓✓✓–", "View logs/diagnostics": "–✓✓✓✓✓–",
        "Use the scratchpad": "–✓✓✓✓✓–", "Create package entities": "–––✓✓✓–",
        "Update package entities": "–––✓✓✓–", "Start/stop package entities": "–––✓✓✓–",
        "View entitlements": "–✓✓✓✓✓✓", "Create/Update entitlements": "–––✓✓✓✓",
        "Delete package entities": "––––✓✓–", "View auditing": "––––?✓?", "All accessing": "–––––✓–",
    }  # fmt: skip
    order = [
        "insights.role.viewer.dashboard", "insights.role.viewer", "insights.role.reporter",
        "insights.role.developer", "insights.role.maintainer", "insights.role.administrator",
        "insights.entitlements.admin",
    ]  # fmt: skip
    marks = {"none": "–", "unclear": "?", "unstated": "?"}

    (table,) = list(boss.get(detail("kdb-insights")).context["tables"])

    places = [[name for _, name in table.heads].index(one) for one in order]
    shown = {
        row.capability.name: "".join(marks.get(row.cells[at].mark, "✓") for at in places)
        for row in table.rows
        if row.capability.in_documents
    }
    assert {name: shown.get(name) for name in expected} == expected


def test_prokubes_table_is_the_documents(boss: Client) -> None:
    """Row K4."""
    tables = boss.get(detail("prokube")).context["tables"]

    found = {
        (name, table.service.name): [
            row.cells[at].words for row in table.rows if row.cells[at].mark != "none"
        ]
        for table in tables
        for at, (_, name) in enumerate(table.heads)
    }
    services = {service for _, service in found}
    kubernetes, istio, s3 = (
        next(one for one in services if word in one) for word in ("Kubernetes", "Istio", "S3")
    )
    assert found["pk:edit:<profile>", kubernetes] == ["kubeflow-edit"]
    assert found["pk:view:<profile>", kubernetes] == ["kubeflow-view"]
    assert found["pk:<profile>", kubernetes][0].startswith("kubeflow-edit")
    assert found.get(("pk:s3:edit:<profile>", kubernetes), []) == []
    assert found["pk:<profile>", s3] == ["read-write"]
    assert found["pk:view:<profile>", s3] == ["read-only"]
    assert found.get(("pk:s3:view:<profile>", istio), []) == []


def test_doubtful_readings_stand_beside_what_they_doubt(boss: Client) -> None:
    page = boss.get(detail("kdb-insights")).content.decode()

    assert 'class="note-mark" href="#note-' in page
    assert "Corrected by the parameter “Second role that views auditing”" in page


def test_its_text_can_be_had(boss: Client) -> None:
    answer = boss.get(reverse("tenants:blueprint-text", kwargs={"key": "prokube", "version": "1"}))

    assert answer["Content-Disposition"] == 'attachment; filename="prokube-1.yaml"'
    assert "blueprint: prokube" in answer.content.decode()


def test_one_that_is_not_there_is_not_found(boss: Client) -> None:
    assert boss.get(detail("nothing")).status_code == 404
    assert boss.get(detail("prokube", "99")).status_code == 404


def test_two_versions_are_compared(boss: Client, shop: Tenant) -> None:
    found = boss.get(reverse("tenants:blueprint-compare"), {"old": "shop@1", "new": "shop@2"})

    page = squeezed(re.sub(r"<[^>]+>", " ", results_of(found.content.decode())))
    assert "packer removed" in page
    assert "porter added" in page
    assert "Sells things Sells and advises" in page


@pytest.mark.parametrize("roles", [("gatehouse-admin",), ("gatehouse-auditor",), ("gatehouse-superuser",)])
def test_the_schema_is_everybodys_who_signs_in(client: Client, roles: tuple[str, ...]) -> None:
    assert client.get("/blueprints/schema.json").status_code == 302
    sign_in_as(client, roles=roles)

    answer = client.get("/blueprints/schema.json")

    assert answer["Content-Type"] == "application/schema+json"
    assert json.loads(answer.content)["properties"]["blueprint"]


# --- own ones -------------------------------------------------------------------------------------


def test_an_own_one_is_kept_with_an_audit_row(boss: Client) -> None:
    answer = boss.post(reverse("tenants:blueprint-upload"), {"text": FIRST})

    row = Blueprint.objects.get(key="shop")
    assert answer["Location"] == detail("shop")
    assert row.source == Blueprint.Source.UPLOADED
    assert AuditEvent.objects.filter(kind="tenants:blueprint:create", subject="Blueprint Shop 1").exists()


def test_a_file_is_taken_as_well(boss: Client) -> None:
    sent = SimpleUploadedFile("shop.yaml", FIRST.encode())

    boss.post(reverse("tenants:blueprint-upload"), {"file": sent, "text": ""})

    assert Blueprint.objects.get(key="shop").text == FIRST


def test_every_fault_stands_with_its_line_and_nothing_is_lost(boss: Client) -> None:
    wrong = FIRST.replace("includes: [clerk]", "includes: [clark]").replace(
        "roles: [clerk]}", "roles: [clork]}"
    )

    answer = boss.post(reverse("tenants:blueprint-upload"), {"text": wrong})

    page = answer.content.decode()
    line = 1 + wrong[: wrong.index("[clark]")].count("\n")
    assert answer.status_code == 422
    assert f"<code>line {line}</code>" in page
    assert "clark" in page.partition("fault")[2]
    assert "includes: [clark]" in page
    assert error_of(page, "text")
    assert not Blueprint.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "- a list", "blueprint: [", "a: &x [*x]", "\x00", "blueprint: shop\n" * 3, "é" * 600_000],
    ids=["nothing", "spaces", "list", "broken", "alias", "zero", "twice", "too-long"],
)
def test_what_is_no_blueprint_is_refused_with_a_sentence(boss: Client, text: str) -> None:
    answer = boss.post(reverse("tenants:blueprint-upload"), {"text": text})

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), "text")
    assert not Blueprint.objects.exists()


@pytest.mark.parametrize(
    ("body", "word"), [(b"\xff\xfe\x00", "UTF-8"), (b"a" * 2_100_000, "MB")], ids=["bytes", "too-large"]
)
def test_a_file_that_cannot_be_is_refused(boss: Client, body: bytes, word: str) -> None:
    answer = boss.post(reverse("tenants:blueprint-upload"), {"file": SimpleUploadedFile("x.yaml", body)})

    assert answer.status_code == 422
    assert word in error_of(answer.content.decode(), "file")


def test_the_same_version_twice_is_refused(boss: Client, shop: Tenant) -> None:
    answer = boss.post(reverse("tenants:blueprint-upload"), {"text": FIRST + "\n# more\n"})

    assert "Raise the version" in error_of(answer.content.decode(), "text")


def test_only_the_consoles_administrators_upload(client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    assert client.get(reverse("tenants:blueprint-list")).status_code == 200
    assert client.get(reverse("tenants:blueprint-upload")).status_code == 403


def test_markup_in_an_own_one_is_only_text(boss: Client) -> None:
    bad = FIRST.replace("summary: A shop with workspaces, for tests.", "summary: <script>alert(1)</script>")
    boss.post(reverse("tenants:blueprint-upload"), {"text": bad})

    for at in (detail("shop"), reverse("tenants:blueprint-list"), reverse("tenants:tenant-create")):
        assert "<script>alert" not in boss.get(at).content.decode()


# --- a tenant's own -------------------------------------------------------------------------------


def of_tenant(slug: str = "shop", name: str = "blueprint-of-tenant") -> str:
    return reverse(f"tenants:{name}", kwargs={"tenant": slug})


def test_a_tenants_page_shows_its_own_parameters_and_newer_versions(boss: Client, shop: Tenant) -> None:
    page = boss.get(of_tenant()).content.decode()

    assert "Value here" in page
    assert "Move to 2…" in page


def test_a_tenant_without_one_is_offered_them(boss: Client, server: KeycloakServer) -> None:
    create_with_realm(actor=MIRA, slug="bare", name="Bare", server=server.pk, realm="bare")

    page = boss.get(of_tenant("bare")).content.decode()

    assert "Put this tenant under a blueprint" in page
    assert f"{of_tenant('bare', 'blueprint-follow')}?blueprint=prokube%401" in page


def test_a_fixed_parameter_only_shows(boss: Client, shop: Tenant) -> None:
    page = boss.get(of_tenant(name="blueprint-follow")).content.decode()

    field = re.search(r'<input[^>]*name="p_realm"[^>]*>', page)
    assert field
    assert "disabled" in field.group()


def test_a_wrong_parameter_stands_beside_its_field(boss: Client, shop: Tenant) -> None:
    answer = boss.post(of_tenant(name="blueprint-follow"), {"revision": "1", "p_second_auditor": "somebody"})

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), "p_second_auditor")
    assert not Plan.objects.exists()


def test_the_same_again_is_refused_on_the_form(boss: Client, shop: Tenant) -> None:
    answer = boss.post(of_tenant(name="blueprint-follow"), {"revision": "1", "p_second_auditor": "none"})

    assert answer.status_code == 422
    assert "has this version with these parameters already" in answer.content.decode()


def test_a_version_of_another_blueprint_is_not_found(boss: Client, shop: Tenant) -> None:
    assert boss.get(of_tenant(name="blueprint-follow"), {"blueprint": "prokube@1"}).status_code == 404


def test_a_tenants_administrator_looks_and_does_not_move(client: Client, shop: Tenant) -> None:
    sign_in_as(client, groups=("/tenants/shop/admins",))

    assert client.get(of_tenant()).status_code == 200
    assert client.get(of_tenant(name="blueprint-follow")).status_code == 403
    assert client.get(of_tenant("another")).status_code in (403, 404)


# --- a new tenant ---------------------------------------------------------------------------------


def test_the_page_of_a_new_tenant_asks_for_the_parameters_and_counts(boss: Client, shop: Tenant) -> None:
    page = boss.get(reverse("tenants:tenant-create"), {"blueprint": "shop@1"}).content.decode()

    assert all(f'href="/tenants/new/?blueprint={key}%401"' in page for key in SHIPPED)
    assert 'name="p_realm"' in page
    reading = page.partition("Doubtful readings")[2]
    boxes = re.findall(r'<input type="radio" name="p_second_auditor"[^>]*>', reading)
    assert len(boxes) == 2
    assert all('form="ask"' in one for one in boxes)
    # the realm, 3 roles, 1 composite, 1 group, its role, 1 scope, 1 client, and 4 that carry entitlements
    assert 'Preview <span id="made-count">13</span> objects' in page


def test_what_is_typed_is_counted_before_it_is_right(boss: Client, server: KeycloakServer) -> None:
    typed = {"blueprint": "mto@1", "p_cluster_admin_groups": "one\ntwo\nthree", "p_console_url": "not yet"}

    page = boss.get(reverse("tenants:tenant-create"), typed).content.decode()

    assert "one, three, two" in page or "one, two, three" in page


def test_wrong_parameters_of_a_new_tenant_stand_beside_them(boss: Client, server: KeycloakServer) -> None:
    typed = {
        "blueprint": "mto@1",
        "name": "Birch",
        "slug": "birch",
        "server": server.pk,
        "p_realm": "Not So",
        "p_client_id": "mto",
        "p_console_url": "ftp://x",
    }

    answer = boss.post(reverse("tenants:tenant-create"), typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Small letters" in error_of(page, "p_realm")
    assert "https://" in error_of(page, "p_console_url")
    assert 'value="Birch"' in page
    assert "2 fields" in page.replace("<b>", "").replace("</b>", "")
    assert not Tenant.objects.exists()


def test_a_realm_that_is_taken_is_said_beside_what_names_it(boss: Client, shop: Tenant) -> None:
    typed = {
        "blueprint": "shop@1",
        "name": "Second",
        "slug": "second",
        "server": shop.realm.scope.server_id,
        "p_realm": "shop",
        "p_second_auditor": "none",
    }

    answer = boss.post(reverse("tenants:tenant-create"), typed)

    page = answer.content.decode()
    assert "is managed here already" in error_of(page, "p_realm")
    assert "Use second" in error_of(page, "p_realm")
    assert 'href="#id_p_realm" data-fill="second"' in page
