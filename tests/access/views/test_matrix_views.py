"""Views of the matrix that are kept: who sees them, who may share, and that every step can be undone."""

import pytest
from django.test import Client
from django.urls import reverse

from access.models import SavedView
from console.audit.models import AuditEvent, EventKind
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

AUDITOR = {"roles": ("gatehouse-auditor",)}
ADMIN = {"roles": ("gatehouse-admin",)}


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("viewer")
    acme.person("ann", "Ann Lee")
    return acme


def url(name: str, *args: object) -> str:
    return reverse(f"access:{name}", args=["acme", *args])


def keep(client: Client, name: str = "Fleet", query: str = "view=groups&q=fleet", **more: str) -> SavedView:
    answer = client.post(url("matrix-view-create"), {"name": name, "query": query, **more})
    assert answer.status_code == 302
    return SavedView.objects.get(name=name)


def test_a_kept_view_is_a_tab_that_leads_to_what_was_shown(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **AUDITOR)

    row = keep(client, query="row=p1&column=role:viewer&page=3&view=groups&q=fleet&nonsense=1")

    assert row.query == "view=groups&q=fleet"
    page = client.get(row.get_absolute_url()).content.decode()
    assert '<a class="view-tab" href="/t/acme/matrix/?view=groups&amp;q=fleet"' in page
    assert page.count('class="view-tab"') == 2


def test_only_the_owner_sees_a_private_view(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, "ada", **AUDITOR)
    row = keep(client)
    other = Client()
    sign_in_as(other, "otto", **ADMIN)

    assert "Fleet" not in other.get(url("matrix")).content.decode()
    other.post(url("matrix-view-drop", row.pk))

    row.refresh_from_db()
    assert row.dropped_at is None


def test_a_shared_view_is_seen_by_all_of_the_tenant(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, "own", groups=("/tenants/acme/admins",))
    keep(client, is_shared="on")
    other = Client()
    sign_in_as(other, "otto", **AUDITOR)

    assert "Shared by own" in other.get(url("matrix")).content.decode()


def test_who_may_only_see_the_matrix_shares_nothing(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **AUDITOR)

    client.post(url("matrix-view-create"), {"name": "Fleet", "query": "", "is_shared": "on"})

    assert not SavedView.objects.exists()
    page = client.get(url("matrix")).content.decode()
    assert "You need “share matrix”" in page
    assert 'name="is_shared"' not in page


def test_keeping_and_dropping_are_undone_from_their_messages(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **AUDITOR)
    row = keep(client)
    undo = f'<form method="post" action="{url("matrix-view-drop", row.pk)}"'
    assert undo in client.get(url("matrix")).content.decode()

    client.post(url("matrix-view-drop", row.pk))
    page = client.get(url("matrix")).content.decode()
    assert 'class="view-tab"' not in page
    assert url("matrix-view-restore", row.pk) in page

    client.post(url("matrix-view-restore", row.pk))
    assert 'class="view-tab"' in client.get(url("matrix")).content.decode()


def test_every_step_is_recorded(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **ADMIN)
    row = keep(client)
    client.post(url("matrix-view-edit", row.pk), {"name": "Night", "is_shared": "on", "query": row.query})
    client.post(url("matrix-view-drop", row.pk))

    events = AuditEvent.objects.filter(tenant="acme").order_by("id").values_list("kind", "subject")
    assert list(events) == [
        (EventKind.ACCESS_VIEW_SAVED, "A private view"),
        (EventKind.ACCESS_VIEW_EDITED, "View Night"),
        (EventKind.ACCESS_VIEW_DROPPED, "View Night"),
    ]


def test_the_record_tells_nobody_what_a_private_view_shows(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **ADMIN)
    client.post(url("matrix-view-create"), {"name": "Layoffs", "query": "q=zelda&status=gone"})
    row = SavedView.objects.get()
    client.post(url("matrix-view-edit", row.pk), {"name": "Redundant", "query": row.query})
    client.post(url("matrix-view-edit", row.pk), {"name": "Open", "is_shared": "on", "query": row.query})
    client.post(url("matrix-view-edit", row.pk), {"name": "Shut", "query": row.query})
    client.post(url("matrix-view-drop", row.pk))
    client.post(url("matrix-view-restore", row.pk))

    other = Client()
    sign_in_as(other, "tina", groups=("/tenants/acme/admins",))
    page = other.get("/audit/").content.decode()

    rows = AuditEvent.objects.filter(tenant="acme").order_by("id")
    kept, renamed, shared, unshared, dropped, restored = rows
    for event in (kept, renamed, dropped, restored):
        assert event.subject == "A private view"
        assert {*(event.old or {"shared": False}).items(), *(event.new or {"shared": False}).items()} == {
            ("shared", False)
        }
    assert shared.new == {"name": "Open", "query": row.query, "shared": True}
    assert (shared.old, unshared.new) == ({"shared": False}, {"shared": False})
    assert not any(word in page for word in ("Layoffs", "Redundant", "Shut"))


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_name_that_is_none_is_refused(acme: DeclaredTenant, client: Client, name: str) -> None:
    sign_in_as(client, **ADMIN)

    client.post(url("matrix-view-create"), {"name": name, "query": ""})

    assert not SavedView.objects.exists()
    assert "Give the view a name" in client.get(url("matrix")).content.decode()


def test_a_name_is_taken_once(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **ADMIN)
    keep(client)

    client.post(url("matrix-view-create"), {"name": "Fleet", "query": ""})

    assert SavedView.objects.count() == 1
    assert "You have a view of this name." in client.get(url("matrix")).content.decode()


def test_views_of_another_tenant_do_not_exist(acme: DeclaredTenant, client: Client) -> None:
    DeclaredTenant("birch")
    sign_in_as(client, **ADMIN)
    row = keep(client)
    stranger = Client()
    sign_in_as(stranger, "bob", groups=("/tenants/birch/admins",))

    gone = stranger.post(reverse("access:matrix-view-drop", args=["birch", row.pk]))
    refused = stranger.post(url("matrix-view-drop", row.pk))

    assert gone.status_code == 302
    assert refused.status_code == 403
    row.refresh_from_db()
    assert row.dropped_at is None


@pytest.mark.parametrize("name", ["matrix-view-drop", "matrix-view-restore", "matrix-view-edit"])
def test_a_change_is_posted(acme: DeclaredTenant, client: Client, name: str) -> None:
    sign_in_as(client, **ADMIN)

    assert client.get(url(name, keep(client).pk)).status_code == 405


def test_markup_in_a_name_stays_text(acme: DeclaredTenant, client: Client) -> None:
    sign_in_as(client, **ADMIN)
    keep(client, name="<script>alert(1)</script>")

    assert "<script>alert" not in client.get(url("matrix")).content.decode()
