"""Comparisons and the views across tenants as files: all lines, of what, from when, and recorded (row M4)."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from access.matrix import export
from console.audit.models import AuditEvent, EventKind
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    """Ann views through a group, Bob directly; Bob operates besides."""
    acme = DeclaredTenant()
    acme.group_role("data", "viewer")
    acme.member("ann", "data")
    acme.person_role("bob", "viewer")
    acme.person_role("bob", "operator")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))
    return client


def people(acme: DeclaredTenant, form: str = "csv") -> str:
    who = "&".join(f"who={acme.person(name).pk}" for name in ("ann", "bob"))
    return f"{reverse('access:matrix-compare-export', args=['acme', form])}?of=people&{who}"


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer
    return list(csv.reader(StringIO(answer.content.decode())))


def about(answer: Any) -> dict[str, str]:
    return dict(one.split(": ", 1) for one in rows(answer)[-1][1:])


def test_a_comparison_holds_a_line_for_each_thing_that_either_has(
    acme: DeclaredTenant, auditor: Client
) -> None:
    head, *lines, _ = rows(auditor.get(people(acme)))

    assert head == ["Turn", "Access", "ann", "bob", "Of", "Through", "Doubtful"]
    assert [line[:4] for line in lines] == [
        ["Only bob", "Role operator", "no", "yes"],
        ["Both alike", "Role viewer", "yes", "yes"],
        ["Both alike", "Role default-roles-acme", "yes", "yes"],
    ]
    assert lines[1][5] == "data"


def test_it_says_of_what_and_when_it_is_and_is_recorded_with_its_digest(
    acme: DeclaredTenant, auditor: Client
) -> None:
    answer = auditor.get(people(acme, "xlsx"))

    told = dict(load_workbook(BytesIO(answer.content))["About"].iter_rows(min_row=2, values_only=True))
    assert told["Tenant"] == "Acme (acme)"
    assert told["Compared"] == "ann with bob"
    assert told["Rows"] == "3"
    assert "by otto" in told["Exported"]
    assert told["Keycloak read"] == "never: declared access only"
    assert told["SHA-256 of the rows above as CSV"] == answer["X-Content-SHA256"]
    event = AuditEvent.objects.get(kind=EventKind.ACCESS_MATRIX_EXPORTED)
    assert (event.tenant, event.subject) == ("acme", "ann compared with bob, XLSX")
    assert event.new is not None
    assert event.new["SHA-256"] == answer["X-Content-SHA256"]


def test_a_page_shows_300_lines_of_a_turn_and_a_file_all(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(310):
        acme.person_role("bob", f"role-{number:03}")

    page = auditor.get(people(acme).replace("export/csv/", "")).content.decode()
    assert "The first 300 of 311 are shown." in page
    assert len(rows(auditor.get(people(acme)))) == 2 + 313


def test_the_pages_lead_to_their_files(acme: DeclaredTenant, auditor: Client) -> None:
    address = people(acme)
    page = auditor.get(address.replace("export/csv/", "")).content.decode()
    assert address.replace("&", "&amp;") in page
    assert "/matrix/tenants/export/xlsx/?q=acme" in auditor.get("/matrix/tenants/?q=acme").content.decode()
    assert "/matrix/person/export/csv/?q=ann" in auditor.get("/matrix/person/?q=ann").content.decode()


def test_nothing_chosen_and_other_kinds_of_files_are_not_found(acme: DeclaredTenant, auditor: Client) -> None:
    assert auditor.get(reverse("access:matrix-compare-export", args=["acme", "csv"])).status_code == 404
    assert auditor.get(people(acme, "pdf")).status_code == 404
    assert auditor.get("/matrix/tenants/export/pdf/").status_code == 404


def test_what_a_spreadsheet_would_run_is_text(acme: DeclaredTenant, auditor: Client) -> None:
    row = acme.person("ann")
    row.first_name = "=HYPERLINK(1)"
    row.save(update_fields=["first_name"])

    assert "'=HYPERLINK(1)" in auditor.get(people(acme)).content.decode()


def test_two_tenants_are_compared_in_a_file_that_both_record(acme: DeclaredTenant, auditor: Client) -> None:
    DeclaredTenant("birch").role("viewer")
    base = reverse("access:matrix-compare-export", args=["acme", "csv"])

    answer = auditor.get(f"{base}?of=tenants&with=birch")

    assert about(answer)["Tenant"] == "Acme (acme), Birch (birch)"
    assert ["Only Acme", "operator", "yes", "no"] in [line[:4] for line in rows(answer)]
    events = AuditEvent.objects.filter(kind=EventKind.ACCESS_MATRIX_EXPORTED)
    assert sorted(events.values_list("tenant", flat=True)) == ["acme", "birch"]


def test_the_file_of_tenants_has_all_of_them_and_all_roles(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(55):  # a page shows 50 tenants
        DeclaredTenant(f"t{number:02}").role("viewer")

    head, *lines, _ = rows(auditor.get("/matrix/tenants/export/csv/"))

    assert head[-2:] == ["viewer: in 56 tenants", "operator: in 1 tenant"]
    assert len(lines) == 56
    assert next(line for line in lines if line[1] == "acme")[-2:] == ["yes", "yes"]
    assert AuditEvent.objects.get(kind=EventKind.ACCESS_MATRIX_EXPORTED).tenant == ""


def test_the_file_of_one_person_has_all_accounts(acme: DeclaredTenant, auditor: Client) -> None:
    for number in range(12):  # a page shows ten
        DeclaredTenant(f"t{number:02}").person_role("ann", "viewer")

    answer = auditor.get("/matrix/person/export/csv/?q=ann&show=rights")

    head, *lines, _ = rows(answer)
    assert head[:2] == ["Server", "Key"]
    assert len(lines) == 13
    assert about(answer)["Of"] == "One person everywhere: ann"
    assert about(answer)["Filter"] == "q=ann&show=rights"


def test_who_knows_one_tenant_takes_out_no_other(acme: DeclaredTenant, client: Client) -> None:
    """S2."""
    DeclaredTenant("birch").person_role("ann", "secret")
    sign_in_as(client, groups=("/tenants/acme/admins",))

    for address in ("/matrix/tenants/export/csv/", "/matrix/person/export/csv/?q=ann&show=rights"):
        body = client.get(address).content.decode()
        assert "acme" in body
        assert "irch" not in body
        assert "secret" not in body
    base = reverse("access:matrix-compare-export", args=["acme", "csv"])
    assert client.get(f"{base}?of=tenants&with=birch").status_code == 404
    assert client.get(people(acme).replace("/t/acme/", "/t/birch/")).status_code in (403, 404)
    events = AuditEvent.objects.filter(kind=EventKind.ACCESS_MATRIX_EXPORTED)
    assert set(events.values_list("tenant", flat=True)) == {"acme"}


@pytest.mark.parametrize("address", ["/matrix/tenants/export/csv/", "/matrix/person/export/csv/?q=ann"])
def test_too_much_is_refused_with_what_to_do(
    acme: DeclaredTenant, auditor: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setitem(export.MOST_CELLS, "csv", 3)

    for one in (address, people(acme)):
        assert "filter rows or columns first" in auditor.get(one, follow=True).content.decode()
    assert not AuditEvent.objects.filter(kind=EventKind.ACCESS_MATRIX_EXPORTED).exists()
