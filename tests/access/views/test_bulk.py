"""The pages of imports: who may open them, what they take and refuse, and that a part equals its page."""

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from access.bulk import reader, uploads
from console.bulk.models import BulkJob, BulkRow, ColumnNames
from console.identity.actor import Actor
from tests.access.declared import DeclaredTenant
from tests.factories import MIRA
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, results_of, squeezed

pytestmark = pytest.mark.django_db

CSV = "User name;E-mail;Groups\nann;ann@example.org;crew\nbob;;crow\n"


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.group("crew")
    acme.person("ann", "Ann Lee")
    return acme


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def url(name: str, job: BulkJob | None = None, tenant: str = "acme", **more: Any) -> str:
    known = {"pk": job.pk} if job else {}
    return reverse(f"access:bulk-{name}", kwargs={"tenant": tenant, **known, **more})


def upload(client: Client, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile("staff.csv", content, content_type="text/csv")
    return client.post(url("upload"), {"kind": "people", "file": file, **more})


def job_with(acme: DeclaredTenant, *rows: tuple[str, list[dict[str, str]]], actor: Actor = MIRA) -> BulkJob:
    """A job as its check leaves it, with rows of these outcomes and mistakes."""
    table = reader.read(CSV.encode())
    job = uploads.keep_file(
        actor=actor, tenant=acme.tenant, kind="people", file_name="staff.csv", table=table
    )
    counts = {name.replace("-", "_"): 0 for name in BulkRow.Outcome.values}
    for line, (outcome, errors) in enumerate(rows, 2):
        BulkRow.objects.create(
            job=job,
            line=line,
            part=f"p{line}",
            cells=[f"p{line}", "=1+1", "crew"],
            outcome=outcome,
            errors=errors,
        )
        counts[outcome.replace("-", "_")] += 1
    if rows:
        job.state, job.found = BulkJob.State.CHECKED, {"counts": counts}
        job.save(update_fields=["state", "found"])
    return job


MISTAKE = [{"column": "E-mail", "value": "<b>x", "sentence": "Enter a valid email address."}]


def test_before_the_first_import_samples_are_offered(acme: DeclaredTenant, admin: Client) -> None:
    page = admin.get(url("list")).content.decode()

    assert "Nothing was imported yet" in page
    for kind in ("people", "assignments"):
        answer = admin.get(url("sample", kind=kind))
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert url("sample", kind=kind) in page
        assert answer["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        assert reader.read(text.encode()).count == 3


def test_a_sample_is_read_as_it_is_proposed(acme: DeclaredTenant, admin: Client) -> None:
    for kind in ("people", "assignments"):
        answer = admin.get(url("sample", kind=kind))
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        table = reader.read(content)
        job = uploads.keep_file(
            actor=MIRA, tenant=acme.tenant, kind=kind, file_name="sample.csv", table=table
        )
        assert all(job.options["fields"]), kind


def test_a_file_is_read_and_its_columns_are_proposed_with_samples(
    acme: DeclaredTenant, admin: Client
) -> None:
    answer = upload(admin, CSV.encode("utf-16"))

    job = BulkJob.objects.get()
    page = admin.get(answer["Location"]).content.decode()
    assert answer.status_code == 302
    assert (job.kind, job.state, job.encoding, job.delimiter) == ("people", "uploaded", "utf-16", ";")
    assert "read as UTF-16, columns parted by semicolon" in page
    assert "<code>ann@example.org</code>" in page
    assert page.count(" selected>") >= 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (b"a;b\n", "no row below it"),
        (b'a;b\n1;"2\n', "Line 2: A quotation mark is opened here and never closed."),
        (b"a;b\n1;\x00\n", "Line 2: It holds a null character."),
        (b"a\n" + b"1\n" * 50_001, "more than 50,000 rows"),
        (b"a\n" + b"1" * (10 * 1024 * 1024), "larger than 10 MB"),
        (b"a\n" + b"1" * (30 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_what_is_wrong_with_a_file_stands_beside_the_field(
    acme: DeclaredTenant, admin: Client, content: bytes, sentence: str
) -> None:
    answer = upload(admin, content)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not BulkJob.objects.exists()


def test_columns_are_kept_for_the_next_file_and_a_worker_is_asked(
    acme: DeclaredTenant, admin: Client
) -> None:
    job = job_with(acme)

    answer = admin.post(
        url("mapping", job),
        {
            "column_0": "username",
            "column_1": "",
            "column_2": "groups",
            "separator": "line",
            "missing": "create",
            "existing": "leave",
        },
    )

    job.refresh_from_db()
    assert answer["Location"] == job.get_absolute_url()
    assert (job.state, job.actor_key, job.order) == ("checking", "sso:ada", 1)
    assert job.options["fields"] == ["username", "", "groups"]
    assert job.options["separator"] == "\n"
    again = job_with(acme)
    assert again.options["fields"] == ["username", "", "groups"]
    assert ColumnNames.objects.get().options["existing"] == "leave"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"column_1": "email"}, "Say which column holds the user name."),
        ({"column_0": "username", "column_1": "username"}, "User name is said of another column already."),
        ({"column_0": "nonsense"}, "nonsense is not one of the available choices"),
    ],
)
def test_columns_that_cannot_be_are_refused(
    acme: DeclaredTenant, admin: Client, columns: dict[str, str], sentence: str
) -> None:
    job = job_with(acme)

    answer = admin.post(
        url("mapping", job), {**columns, "separator": ";", "missing": "refuse", "existing": "update"}
    )

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    job.refresh_from_db()
    assert job.state == "uploaded"


def test_each_row_is_shown_with_its_mistake_as_text(acme: DeclaredTenant, admin: Client) -> None:
    job = job_with(acme, ("error", MISTAKE), ("unchanged", []), ("left-out", []))

    page = results_of(admin.get(url("detail", job)).content.decode())
    everything = results_of(admin.get(url("detail", job), {"show": "all"}).content.decode())

    assert "<b>E-mail</b> <code>&lt;b&gt;x</code> Enter a valid email address." in page
    assert ("p2" in page, "p3" in page) == (True, False)  # mistakes come first
    assert all(name in everything for name in ("p2", "p3", "p4"))


@pytest.mark.parametrize("query", [{}, {"show": "all"}, {"q": "valid email"}, {"show": "failed"}])
def test_a_refresh_is_the_same_part_of_the_page(
    acme: DeclaredTenant, admin: Client, query: dict[str, str]
) -> None:
    job = job_with(acme, ("error", MISTAKE), ("unchanged", []))

    part = admin.get(url("detail", job), query, headers=HTMX).content.decode()

    assert "<html" not in part
    assert squeezed(part) == results_of(admin.get(url("detail", job), query).content.decode())


def test_the_list_of_imports_refreshes_as_a_part(acme: DeclaredTenant, admin: Client) -> None:
    job_with(acme, ("error", MISTAKE))

    part = admin.get(url("list"), headers=HTMX).content.decode()

    assert squeezed(part) == results_of(admin.get(url("list")).content.decode())


def test_more_rows_need_no_more_queries(acme: DeclaredTenant, admin: Client) -> None:
    few = queries_of(admin, url("detail", job_with(acme, ("error", MISTAKE))))

    assert queries_of(admin, url("detail", job_with(acme, *[("error", MISTAKE)] * 40))) == few


def test_the_result_file_holds_every_row_and_no_formula(acme: DeclaredTenant, admin: Client) -> None:
    job = job_with(acme, ("error", MISTAKE), ("unchanged", []))

    whole = admin.get(url("result", job))
    wrong = admin.get(url("result", job), {"only": "error"})

    text = b"".join(whole.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["User name", "E-mail", "Groups", "Result", "Explanation", "Line"],
        ["p2", "'=1+1", "crew", "not possible", "E-mail: Enter a valid email address.", "2"],
        ["p3", "'=1+1", "crew", "unchanged", "", "3"],
    ]
    rows = b"".join(wrong.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert rows.count("\r\n") == 2


def test_a_corrected_result_file_can_be_imported_as_it_is(acme: DeclaredTenant, admin: Client) -> None:
    job = job_with(acme, ("error", MISTAKE))
    content = b"".join(admin.get(url("result", job)).streaming_content)  # type: ignore[attr-defined]

    page = admin.get(upload(admin, content)["Location"]).content.decode()

    assert "<code>=1+1</code>" in page
    newest = BulkJob.objects.latest("created_at")
    assert newest.options["fields"] == ["username", "email", "groups", "", "", ""]


def test_unknown_groups_can_be_created_after_all(acme: DeclaredTenant, admin: Client) -> None:
    job = job_with(acme, ("error", MISTAKE))
    BulkJob.objects.filter(pk=job.pk).update(
        found={**job.found, "unknown_groups": [["crow", 1]], "is_unknown_more": 1}
    )
    assert "group <code>crow</code> (1)" in admin.get(url("detail", job)).content.decode()

    admin.post(url("check", job), {"missing": "create"})

    job.refresh_from_db()
    assert (job.options["missing"], job.state) == ("create", "checking")


def test_an_import_can_be_given_up_once(acme: DeclaredTenant, admin: Client) -> None:
    job = job_with(acme, ("error", MISTAKE))

    admin.post(url("cancel", job))
    again = admin.post(url("cancel", job), follow=True)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "This is cancelled." in again.content.decode()
    assert admin.get(url("mapping", job)).status_code == 404


@pytest.mark.parametrize("name", ["pause", "resume", "retry"])
def test_what_was_not_applied_cannot_be_steered(acme: DeclaredTenant, admin: Client, name: str) -> None:
    page = admin.post(url(name, job_with(acme, ("error", MISTAKE))), follow=True)

    assert "Nothing of this was applied yet." in page.content.decode()


OF_A_JOB = ["detail", "mapping", "check", "cancel", "pause", "resume", "retry", "result"]


@pytest.mark.parametrize("name", OF_A_JOB)
def test_the_import_of_another_tenant_does_not_exist_here(
    acme: DeclaredTenant, client: Client, name: str
) -> None:
    """T1: with a key that is another tenant's, and with one that is nobody's."""
    DeclaredTenant("birch")
    job = job_with(acme, ("error", MISTAKE))
    sign_in_as(client, groups=("/tenants/birch/admins",))

    for pk in (job.pk, uuid4()):
        address = url(name, None, "birch", pk=pk)
        answers = [client.get(address), client.post(address)]
        assert {one.status_code for one in answers} <= {404, 405}
        assert "staff.csv" not in answers[0].content.decode()
    assert client.get(url(name, job)).status_code in (403, 405)
    job.refresh_from_db()
    assert job.state == "checked"


def test_an_auditor_reads_and_asks_for_nothing(acme: DeclaredTenant, client: Client) -> None:
    job = job_with(acme, ("error", MISTAKE))
    sign_in_as(client, roles=("gatehouse-auditor",))

    page = client.get(url("detail", job)).content.decode()

    assert "Enter a valid email address." in page
    assert "<form method" not in results_of(page)
    assert client.get(url("upload")).status_code == 403
    assert client.post(url("cancel", job)).status_code == 403


# --- several chosen in a list ---------------------------------------------------------------------


LISTS = {"people": "person", "groups": "group", "roles": "role"}


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_offers_what_can_be_done_with_several(acme: DeclaredTenant, admin: Client, kind: str) -> None:
    acme.role("reader")

    page = admin.get(reverse(f"access:{LISTS[kind]}-list", args=["acme"])).content.decode()

    assert 'form="several"' in page
    assert f'action="{url("select", kind=kind)}"' in page


@pytest.mark.parametrize("kind", LISTS)
def test_an_auditor_has_nothing_to_choose(acme: DeclaredTenant, client: Client, kind: str) -> None:
    acme.role("reader")
    sign_in_as(client, roles=("gatehouse-auditor",))

    page = client.get(reverse(f"access:{LISTS[kind]}-list", args=["acme"])).content.decode()

    assert 'form="several"' not in page


def test_a_choice_says_its_number_and_some_names(acme: DeclaredTenant, admin: Client) -> None:
    for number in range(7):
        acme.person(f"p{number}")
    query = {"action": "join", "all": "7", "q": "p"}

    page = admin.get(url("select", kind="people"), query).content.decode()

    assert "<b>7 people</b>: p0, p1, p2, p3, p4 and 2 more." in page


def test_several_become_one_job_with_the_filter_and_not_the_rows(acme: DeclaredTenant, admin: Client) -> None:
    """A choice of thousands sends no field for each of them."""
    acme.person("bob")
    address = url("select", kind="people") + "?action=join&all=2&q=an&sort=-email&pk=1"

    answer = admin.post(address, {"groups": [acme.group("crew").pk]})

    job = BulkJob.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    assert (job.state, job.title) == ("checking", "Add Ann Lee to crew")
    assert job.options == {
        "list": "people",
        "action": "join",
        "filter": "q=an",
        "targets": [acme.group("crew").pk],
    }


def test_ids_are_kept_as_they_were_chosen(acme: DeclaredTenant, admin: Client) -> None:
    ann, bob = acme.person("ann"), acme.person("bob")
    address = f"{url('select', kind='people')}?action=disable&pk={bob.pk}&pk={ann.pk}&pk=x&pk={9**30}"

    admin.post(address)

    assert BulkJob.objects.get().options["ids"] == sorted([ann.pk, bob.pk])


def test_nothing_chosen_and_no_target_are_said(acme: DeclaredTenant, admin: Client) -> None:
    nothing = admin.post(f"{url('select', kind='people')}?action=disable&pk=999999")
    target = admin.post(f"{url('select', kind='people')}?action=join&pk={acme.person('ann').pk}")

    assert (nothing.status_code, target.status_code) == (422, 422)
    assert "Nothing is chosen any more." in nothing.content.decode()
    assert "Choose at least one of the groups." in target.content.decode()
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize("query", ["", "?action=delete&pk=1", "?action=to-people&pk=1"])
def test_what_cannot_be_done_with_a_list_does_not_exist(
    acme: DeclaredTenant, admin: Client, query: str
) -> None:
    assert admin.get(url("select", kind="people") + query).status_code == 404
    assert admin.get(url("select", kind="things") + query).status_code == 404
