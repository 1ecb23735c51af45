"""A matrix as a file: what the page shows, whole, as text, and with what it is (R15, R5)."""

import csv
from hashlib import sha256
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from access.matrix import export
from console.audit.models import AuditEvent, EventKind
from console.engine.state import Address, Kind
from console.web.sheets import protected
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data", "developer")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data")
    acme.person("bob", "=HYPERLINK(evil) Ray")
    return acme


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))
    return client


def url(form: str = "csv", query: str = "") -> str:
    return f"{reverse('access:matrix-export', args=['acme', form])}?{query}"


def rows_of(body: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(body.decode(), newline="")))


def test_every_row_and_column_is_in_it_in_words(acme: DeclaredTenant, auditor: Client) -> None:
    acme.was_read(without=[Address(Kind.GROUP_ROLE, ("data", "developer"))])

    head, *rows, _about = rows_of(auditor.get(url()).content)

    at = {title: place for place, title in enumerate(head)}
    ann = next(row for row in rows if row[at["Known as"]] == "ann")
    assert ann[at["Group"]] == "data"
    assert ann[at["Role or title"]] == "developer"
    assert ann[at["Role developer"]] == "yes, differs from Keycloak"
    bob = next(row for row in rows if row[at["Known as"]] == "bob")
    assert bob[at["Role developer"]] == "no"


def test_the_last_row_says_what_it_is_and_its_digest_can_be_checked(
    acme: DeclaredTenant, auditor: Client
) -> None:
    acme.was_read()
    acme.could_not_read(Kind.CLIENT_ROLE)

    answer = auditor.get(url(query="view=people&q=ann"))

    whole = answer.content.decode()
    above, last = whole[: whole.rindex("About")], whole[whole.rindex("About") :]
    digest = sha256(above.encode()).hexdigest()
    assert answer["X-Content-SHA256"] == digest
    assert digest in last
    for told in (
        "Tenant: Acme (acme)",
        "Realm: server-of-acme/acme",
        "Rows by columns: people by rights",
        "Filter: view=people&q=ann",
        "by otto",
        "Keycloak read: 2026-11-22 02:14:00 UTC",
        "Could not be read: client-role: Keycloak answered 403.",
        "Rows: 1",
    ):
        assert told in last


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝"])
def test_what_a_spreadsheet_would_run_is_text(first: str) -> None:
    assert protected(f"{first}1+1") == f"'{first}1+1"
    assert protected(f"a{first}1") == f"a{first}1"


def test_a_name_is_no_formula_in_either_kind_of_file(acme: DeclaredTenant, auditor: Client) -> None:
    assert "\n=HYPERLINK" not in auditor.get(url()).content.decode()
    assert ",=HYPERLINK" not in auditor.get(url()).content.decode()

    book = load_workbook(BytesIO(auditor.get(url("xlsx")).content))
    cells = [cell for row in book["Access"].iter_rows() for cell in row]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_workbook_says_on_its_second_sheet_what_it_is(acme: DeclaredTenant, auditor: Client) -> None:
    answer = auditor.get(url("xlsx"))

    told = dict(load_workbook(BytesIO(answer.content))["About"].iter_rows(min_row=2, values_only=True))
    assert told["Tenant"] == "Acme (acme)"
    assert told["SHA-256 of the rows above as CSV"] == answer["X-Content-SHA256"]
    assert answer["X-Content-SHA256"] == auditor.get(url("csv"))["X-Content-SHA256"]


def test_each_is_recorded_with_its_filter_and_digest(acme: DeclaredTenant, auditor: Client) -> None:
    answer = auditor.get(url(query="q=ann"))

    event = AuditEvent.objects.get(kind=EventKind.ACCESS_MATRIX_EXPORTED)
    assert event.actor_name == "otto"
    assert event.tenant == "acme"
    assert event.new is not None
    assert event.new["Filter"] == "q=ann"
    assert event.new["SHA-256"] == answer["X-Content-SHA256"]


def test_it_shows_a_share_no_more_than_the_page(acme: DeclaredTenant, client: Client) -> None:
    """S2."""
    birch = DeclaredTenant("birch", share_of=acme)
    birch.member("sam", "birch/team")
    birch.group_role("birch", "birch.viewer")
    sign_in_as(client, groups=("/tenants/birch/admins",))

    body = client.get(reverse("access:matrix-export", args=["birch", "csv"])).content.decode()

    assert "sam" in body
    assert "birch.viewer" in body
    for name in ("ann", "Ann Lee", "Role developer", "Role viewer"):
        assert name not in body
    assert client.get(url()).status_code == 403


def test_too_much_is_refused_with_what_to_do(
    acme: DeclaredTenant, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(export.MOST_CELLS, "csv", 10)

    answer = auditor.get(url(query="q=a"), follow=True)

    assert "filter rows or columns first" in answer.content.decode()
    assert not AuditEvent.objects.filter(kind=EventKind.ACCESS_MATRIX_EXPORTED).exists()


def test_an_unknown_kind_of_file_does_not_exist(acme: DeclaredTenant, auditor: Client) -> None:
    assert auditor.get(url("pdf")).status_code == 404
    assert auditor.post(url()).status_code == 405


def test_nobody_is_sent_to_the_sign_in(acme: DeclaredTenant, client: Client) -> None:
    assert client.get(url()).status_code == 302


def test_more_people_cost_no_more_queries(acme: DeclaredTenant, auditor: Client) -> None:
    few = queries_of(auditor, url())
    for number in range(60):
        acme.member(f"n{number}", "data")

    assert queries_of(auditor, url()) == few
