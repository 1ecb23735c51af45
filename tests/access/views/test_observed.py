"""A realm that is only observed: matrix and search work from what was read, and nothing can be changed."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Person, Role
from console.engine.state import Kind, Resource, State
from console.sync.models import Observed, Scope
from console.sync.observed import replace_all
from tenants.models import Tenant
from tenants.services import servers
from tenants.services.observing import observe
from tests.factories import MIRA, at
from tests.operators import sign_in_as
from tests.pages import queries_of, squeezed

pytestmark = pytest.mark.django_db

FOUND = [
    Resource(at(Kind.ROLE, "reader")),
    Resource(at(Kind.ROLE, "editor")),
    Resource(at(Kind.COMPOSITE, "editor", "reader")),
    Resource(at(Kind.GROUP, "data")),
    Resource(at(Kind.GROUP, "data/eng")),
    Resource(at(Kind.GROUP_ROLE, "data", "editor")),
    Resource(at(Kind.PERSON, "ann"), {"first_name": "Ann", "last_name": "Lee", "enabled": True}),
    Resource(at(Kind.PERSON, "ben"), {"first_name": "", "last_name": "", "enabled": False}),
    Resource(at(Kind.MEMBERSHIP, "ann", "data/eng")),
]


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    server = servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s-3cret")
    observe(actor=MIRA, server=server.pk, realm="old", slug="old", name="Old")
    replace_all(Scope.objects.get(), State.of(FOUND), now=timezone.now())
    return client


def matrix(**query: str) -> str:
    path = reverse("access:matrix", kwargs={"tenant": "old"})
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def row_of(page: str, key: str) -> str:
    """Return the cells of one row of the matrix."""
    start = page.index(f'<tr data-key="{key}"')
    return squeezed(page[start : page.index("</tr>", start)])


def test_the_matrix_shows_who_can_do_what_there(boss: Client) -> None:
    page = boss.get(matrix()).content.decode()

    assert "Ann Lee" in page
    assert row_of(page, "op:ann").count(">yes<") == 2
    assert row_of(page, "op:ben").count(">yes<") == 0
    assert "differs" not in row_of(page, "op:ann")
    groups = boss.get(matrix(view="groups")).content.decode()
    assert row_of(groups, "og:data/eng").count(">yes<") == 2
    roles = boss.get(matrix(view="roles")).content.decode()
    assert row_of(roles, "or:editor").count(">yes<") == 1


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"q": "lee"}, {"op:ann"}),
        ({"q": "be"}, {"op:ben"}),
        ({"status": "active"}, {"op:ann"}),
        ({"status": "disabled"}, {"op:ben"}),
        ({"differences": "on"}, set()),
    ],
)
def test_the_rows_are_narrowed(boss: Client, query: dict[str, str], shown: set[str]) -> None:
    page = boss.get(matrix(**query)).content.decode()

    assert {one for one in ("op:ann", "op:ben") if f'data-key="{one}"' in page} == shown


def test_a_cell_says_why(boss: Client) -> None:
    page = boss.get(matrix(row="op:ann", column="role:reader")).content.decode()

    assert "made in Keycloak, not declared here" in page
    assert "editor" in page


@pytest.mark.parametrize("key", ["op:nobody", "o", "ox:ann", "op:", "p1"])
def test_a_row_that_is_not_there_opens_nothing(boss: Client, key: str) -> None:
    page = boss.get(matrix(row=key, column="role:reader"))

    assert page.status_code == 200
    assert "made in Keycloak, not declared here" not in page.content.decode()


def test_more_people_need_no_more_queries(boss: Client) -> None:
    few = queries_of(boss, matrix())
    more = [Resource(at(Kind.PERSON, f"p{number}"), {"enabled": True}) for number in range(40)]
    replace_all(Scope.objects.get(), State.of([*FOUND, *more]), now=timezone.now())

    assert queries_of(boss, matrix()) == few


def test_the_search_finds_what_was_read(boss: Client) -> None:
    found = boss.get(reverse("search"), {"q": "ann", "tenant": "old"}).content.decode()

    assert "Ann Lee" in found
    assert "/t/old/matrix/" in found
    assert "data / eng" in boss.get(reverse("search"), {"q": "eng"}).content.decode()


def test_every_form_of_the_tenant_refuses_with_a_sentence(boss: Client) -> None:
    forms = {
        "role-create": {"name": "new"},
        "group-create": {"name": "new"},
        "person-create": {"username": "new", "email": "", "first_name": "", "last_name": "", "enabled": "on"},
    }
    for name, typed in forms.items():
        answer = boss.post(reverse(f"access:{name}", kwargs={"tenant": "old"}), typed)
        assert answer.status_code == 422, name
        assert "only observed" in answer.content.decode(), name
    assert Scope.objects.get().generation == 0


@pytest.fixture
def partly(boss: Client) -> Client:
    """The same realm after one role and one person were taken over."""
    tenant = Tenant.objects.get()
    Scope.objects.update(mode=Scope.Mode.MANAGED)
    facts = {"realm": tenant.realm, "created_by": "mira"}
    Role.objects.create(name="editor", **facts)
    Person.objects.create(username="ben", first_name="Ben", last_name="Sol", enabled=False, **facts)
    return boss


def test_settings_that_are_not_taken_over_are_not_invented(boss: Client) -> None:
    answer = boss.get(reverse("tenants:realm-edit", kwargs={"tenant": "old"}))

    assert answer.status_code == 302
    assert answer["Location"] == "/t/old/config/thing/?at=realm:"
    assert boss.get(answer["Location"]).status_code == 200


def test_what_is_not_taken_over_stays_in_the_matrix(partly: Client) -> None:
    ben = Person.objects.get()
    page = partly.get(matrix()).content.decode()

    assert f'data-key="p{ben.pk}"' in page
    assert 'data-key="op:ben"' not in page
    assert row_of(page, "op:ann").count(">yes<") == 2
    assert "Not managed here" in page
    assert page.index(f'data-key="p{ben.pk}"') < page.index("Not managed here") < page.index("Ann Lee")
    roles = partly.get(matrix(view="roles")).content.decode()
    assert [one for one in ("or:reader", "or:editor") if f'data-key="{one}"' in roles] == ["or:reader"]


def test_who_is_not_taken_over_differs_in_nothing(partly: Client) -> None:
    assert "differs" not in row_of(partly.get(matrix()).content.decode(), "op:ann")
    assert "Ann Lee" not in partly.get(matrix(differences="on")).content.decode()


def test_pages_go_on_from_the_declared_to_the_others(partly: Client) -> None:
    facts = {"realm": Tenant.objects.get().realm, "created_by": "mira", "first_name": "Ben"}
    Person.objects.bulk_create(Person(username=f"b{number}", **facts) for number in range(48))
    more = [Resource(at(Kind.PERSON, f"z{number}"), {"enabled": True}) for number in range(60)]
    replace_all(Scope.objects.get(), State.of([*FOUND, *more]), now=timezone.now())

    counted = [partly.get(matrix(page=str(number))).content.decode() for number in (1, 2, 3)]

    assert [page.count('data-key="p') for page in counted] == [49, 0, 0]
    assert [page.count('data-key="op:') for page in counted] == [1, 50, 10]


def test_the_search_finds_what_is_not_taken_over(partly: Client) -> None:
    found = partly.get(reverse("search"), {"q": "ann"}).content.decode()

    assert "Ann Lee" in found
    assert partly.get(reverse("search"), {"q": "ben"}).content.decode().count("Ben Sol") == 1


def test_a_share_shows_nothing_of_others(partly: Client) -> None:
    Tenant.objects.update(served_by=Tenant.ServedBy.SHARE, group_name="old", role_prefix="old-")

    assert "Ann Lee" not in partly.get(matrix()).content.decode()
    assert "Ann Lee" not in partly.get(reverse("search"), {"q": "ann"}).content.decode()


@pytest.mark.parametrize("name", ["person", "group", "role"])
def test_an_empty_list_offers_nothing_that_is_refused(boss: Client, name: str) -> None:
    page = boss.get(reverse(f"access:{name}-list", kwargs={"tenant": "old"})).content.decode()

    assert "This realm is only observed" in page
    assert reverse("access:matrix", kwargs={"tenant": "old"}) in page
    assert reverse("tenants:adopt", kwargs={"tenant": "old"}) in page
    assert reverse(f"access:{name}-create", kwargs={"tenant": "old"}) not in page


def test_an_observed_realm_that_is_not_read_yet_says_so(boss: Client) -> None:
    Scope.objects.update(read_at=None)
    Observed.objects.all().delete()

    page = boss.get(matrix()).content.decode()

    assert "The realm is being read" in page
    assert reverse("access:role-create", kwargs={"tenant": "old"}) not in page
