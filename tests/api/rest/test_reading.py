"""Reading over the REST API: the tenant's own things, by the filters of the pages, in one error shape."""

from typing import Any

import pytest
from django.core.cache import cache

from access.models import Entitlement, Resource, ResourceOwner
from console.bulk.models import BulkJob
from console.engine.state import Address, Kind
from console.permissions.vocabulary import Permission as P
from tenants.models import Blueprint, BlueprintUse, Declaration
from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import BLUEPRINT, MAKER, certified, token_for
from tests.api.rest.program import Program

pytestmark = pytest.mark.django_db

VIEWS = tuple(one for one in P if one.verb == "view" and one.area in ("access", "tenants", "sync"))


@pytest.fixture(autouse=True)
def _no_throttle() -> None:
    cache.clear()


@pytest.fixture
def records() -> DeclaredTenant:
    made = certified()
    made.member("alice", "staff/north")
    made.group_role("staff", "record-reader")
    made.entitle(made.person("alice"), "record:record-1:READ")
    made.client("robot")
    Declaration.objects.create(
        realm=made.realm, address="service-role:robot|record-reader", kind="service-role", created_by="mira"
    )
    return made


@pytest.fixture
def program(records: DeclaredTenant) -> Program:
    return Program(token=token_for("records", *VIEWS))


LISTS = {
    "tenants/": ["records"],
    "tenants/records/roles/": ["record-archivist", "record-reader", "record-writer"],
    "tenants/records/roles/?q=WRITER": ["record-writer"],
    "tenants/records/groups/": ["staff", "staff/north"],
    "tenants/records/groups/?q=north": ["staff/north"],
    "tenants/records/people/": ["alice", "bob"],
    "tenants/records/people/?q=ali": ["alice"],
    "tenants/records/memberships/": [("alice", "staff/north")],
    "tenants/records/person-roles/": [("alice", "record-writer"), ("bob", "record-archivist")],
    "tenants/records/group-roles/": [("staff", "record-reader")],
    "tenants/records/entitlements/": [("alice", "record-1")],
    "tenants/records/entitlement-types/": ["record"],
    "tenants/records/resources/": ["record-1", "record-2"],
    "tenants/records/named-entitlements/?q=1-R": ["record-1-ro", "record-1-rw"],
    "tenants/records/service-accounts/": ["robot"],
    "tenants/records/service-accounts/?q=x": [],
    "tenants/records/service-roles/": [("robot", "record-reader")],
    "tenants/records/service-memberships/": [],
    "tenants/records/families/": [],
    "tenants/records/bulk/": [],
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_holds_the_tenants_things(path: str, program: Program) -> None:
    answer = program.get(path)

    assert answer.status == 200, answer.body
    assert [_name(one) for one in answer.body["results"]] == LISTS[path]
    assert answer.body["count"] == len(LISTS[path])
    assert answer.headers["Cache-Control"] == "no-store"


def _name(row: dict[str, Any]) -> Any:
    pairs = (
        *(("person", "group"), ("person", "role"), ("group", "role"), ("person", "resource")),
        ("service_account", "role"),
    )
    for one, other in pairs:
        if row.get(one) and row.get(other):
            return row[one], row[other]
    return next(row[key] for key in ("slug", "path", "username", "client_id", "name") if key in row)


@pytest.mark.parametrize("path", [path for path in LISTS if "?" not in path and "records" in path])
def test_another_tenant_does_not_exist(path: str, program: Program) -> None:
    DeclaredTenant("globex").person("carol")

    there = program.get(path.replace("records", "globex"))
    nowhere = program.get(path.replace("records", "no-such"))

    assert (there.status, there.body) == (nowhere.status, nowhere.body)
    assert there.status == 404


@pytest.mark.parametrize("path", [path for path in LISTS if "?" not in path and "records" in path])
def test_without_the_right_it_is_403_and_says_which(path: str, records: DeclaredTenant) -> None:
    answer = Program(token=token_for("records", P.AUDIT_VIEW)).get(path)

    assert answer.status == 403
    assert "does not carry" in answer.body["reason"]
    assert answer.body["who"]


def test_a_token_of_a_tenants_administrator_sees_one_tenant(records: DeclaredTenant, client: Any) -> None:
    DeclaredTenant("globex")
    program = Program(token=token_for("", *VIEWS))
    assert [one["slug"] for one in program.get("tenants/").body["results"]] == ["globex", "records"]

    from console.identity.models import SignIn

    SignIn.objects.filter(user__username=MAKER.key).update(
        roles=["gatehouse-superuser"], groups=["/tenants/records/admins"]
    )

    assert [one["slug"] for one in program.get("tenants/").body["results"]] == ["records"]
    assert program.get("tenants/globex/roles/").status == 404


@pytest.mark.parametrize("given", ["", "Bearer x", "Basic x"])
def test_without_a_token_it_is_401(given: str, program: Program) -> None:
    answer = program.get("tenants/", Authorization=given)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_one_thing_has_its_revision_as_etag(program: Program, records: DeclaredTenant) -> None:
    row = records.role("record-reader")

    answer = program.get(f"tenants/records/roles/{row.pk}/")

    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert answer.body == {"id": row.pk, "name": "record-reader", "description": "", "revision": 1}


@pytest.mark.parametrize("pk", ["0", "1", "9999999999999999999999999"])
@pytest.mark.parametrize("kind", ["roles", "groups", "people"])
def test_what_is_not_there_is_404(kind: str, pk: str, program: Program) -> None:
    if pk == "1":
        assert program.get(f"tenants/records/{kind}/{pk}/").status in (200, 404)
        return
    assert program.get(f"tenants/records/{kind}/{pk}/").status == 404


def test_pages_are_bounded(program: Program, records: DeclaredTenant) -> None:
    for number in range(205):
        records.role(f"more-{number:03}")

    first = program.get("tenants/records/roles/?per_page=100000").body

    assert len(first["results"]) == 200
    assert len(program.get("tenants/records/roles/?per_page=200&page=2").body["results"]) == 8
    assert program.get("tenants/records/roles/?page=99").status == 404
    assert program.get("tenants/records/roles/?page=x").status == 404


def test_a_wrong_filter_is_400_and_named(program: Program) -> None:
    answer = program.get("tenants/records/people/?group=12345")

    assert (answer.status, list(answer.body["fields"])) == (400, ["group"])


EACH = (
    *("roles", "groups", "people", "memberships", "person-roles", "group-roles", "entitlements"),
    *("entitlement-types", "resources", "named-entitlements", "bulk", "families/stall/members"),
    *("service-accounts", "service-roles", "service-memberships"),
)


@pytest.fixture
def stalls(records: DeclaredTenant) -> DeclaredTenant:
    """The tenant with a family of roles in its blueprint."""
    use = BlueprintUse.objects.get(tenant=records.tenant)
    Blueprint.objects.filter(pk=use.blueprint_id).update(text=f"{BLUEPRINT}{FAMILY}", digest="with-stalls")
    return records


FAMILY = """
families:
  - key: stall
    name: Stall
    given: "stall:<profile>"
    roles: [{pattern: "stall:<profile>", title: Stall}]
"""


def _one_of_each(records: DeclaredTenant, name: str) -> None:
    """Give every list one more row."""
    records.role(name)
    records.role(f"stall:{name}")
    records.member(name, f"staff/{name}")
    records.person_role(name, name)
    records.group_role(f"staff/{name}", name)
    records.entitle(records.person(name), f"kind-{name}:{name}:READ")
    thing = Resource.objects.get(realm=records.realm, name=name)
    robot = records.client(name)
    ResourceOwner.objects.create(realm=records.realm, resource=thing, client=robot, created_by="mira")
    ResourceOwner.objects.create(
        realm=records.realm, resource=thing, person=records.person(name), created_by="mira"
    )
    for kind in (Kind.SERVICE_ROLE, Kind.SERVICE_MEMBERSHIP):
        address = Address(kind, (name, name)).key
        Declaration.objects.create(realm=records.realm, address=address, kind=kind.value, created_by="mira")
    Entitlement.objects.create(
        realm=records.realm, resource=thing, level="WRITE", client=robot, created_by="mira"
    )
    BulkJob.objects.create(
        tenant="records", kind="people", title=name, actor_key="x", actor_name="x", columns=["a"]
    )


def test_every_list_costs_the_same_for_few_and_for_many(
    program: Program, stalls: DeclaredTenant, django_assert_max_num_queries: Any
) -> None:
    def costs() -> dict[str, tuple[int, int]]:
        found = {}
        for path in EACH:
            with django_assert_max_num_queries(20) as counted:
                answer = program.get(f"tenants/records/{path}/")
            assert answer.status == 200, (path, answer.body)
            found[path] = (len(counted), answer.body["count"])
        return found

    _one_of_each(stalls, "one")
    costs()
    few = costs()
    for number in range(5):
        _one_of_each(stalls, f"more-{number}")
    many = costs()

    assert {path: cost for path, (cost, _) in many.items()} == {path: cost for path, (cost, _) in few.items()}
    assert all(many[path][1] >= few[path][1] + 5 for path in EACH)


def test_the_matrix_says_what_its_page_says(program: Program) -> None:
    body = program.get("tenants/records/matrix/").body

    names = [one["name"] for one in body["rows"]]
    assert names == ["alice", "bob"]
    assert body["count"] == 2
    assert all(len(row["cells"]) == len(body["columns"]) for row in body["rows"])


def test_paths_say_why_and_what_would_end_it(program: Program) -> None:
    body = program.get("tenants/records/paths/?subject=person:alice&right=role:record-reader").body

    assert (body["holds"], body["count"]) == (True, "2 paths")
    assert {way["title"] for way in body["ways"]} == {"Through a group", "Through a composite role"}
    assert body["hidden_steps"] == 0
    assert len(body["cut"]) == 2


def test_paths_hide_what_is_not_the_tenants_and_say_so(records: DeclaredTenant) -> None:
    share = DeclaredTenant("north", share_of=records)
    share.member("carol", "north/staff")
    records.member("carol", "outside")
    records.group_role("outside", "north.reader")
    share.role("north.reader")
    program = Program(token=token_for("north", *VIEWS))

    body = program.get("tenants/north/paths/?subject=person:carol&right=role:north.reader").body

    assert body["holds"] is True
    assert body["hidden_steps"] == 1
    assert "outside" not in str(body["ways"]).replace("outside this tenant", "")
    hidden = program.get("tenants/north/paths/?subject=person:alice&right=role:north.reader")
    assert hidden.status == 404  # alice is none of the share's people
    foreign = program.get("tenants/north/paths/?subject=person:carol&right=role:record-reader")
    assert foreign.status == 404


@pytest.mark.parametrize(
    "query", ["", "subject=person:alice", "subject=alice&right=role:x", "subject=role:x&right=person:alice"]
)
def test_paths_need_a_subject_and_a_right(query: str, program: Program) -> None:
    assert program.get(f"tenants/records/paths/?{query}").status == 400


def test_the_document_is_open_and_its_page_is_for_operators(client: Any) -> None:
    from tests.operators import sign_in_as

    assert client.get("/api/v1/schema/?format=json").json()["openapi"].startswith("3.")
    assert client.get("/api/v1/docs/").status_code == 302
    sign_in_as(client, "ada", roles=("gatehouse-admin",))
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "<script>" not in page.content.decode()


def test_too_many_requests_are_429_with_a_time_to_wait(program: Program, monkeypatch: Any) -> None:
    from console.api.rest.auth import Reads

    monkeypatch.setattr(Reads, "THROTTLE_RATES", {"api": "2/min", "api-writes": "1/min"})

    statuses = [program.get("tenants/").status for _ in range(3)]
    last = program.get("tenants/")

    assert statuses == [200, 200, 429]
    assert int(last.headers["Retry-After"]) > 0
