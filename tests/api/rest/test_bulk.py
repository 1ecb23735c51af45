"""Many changes in one plan over the REST API: a CSV file, its dry run, its plan, what came of each row."""

from typing import Any

import pytest
from django.core.cache import cache

from access.models import Membership, Person, PersonRole
from console.bulk import working
from console.bulk.models import BulkJob
from console.permissions.policy import CARRIABLE
from console.permissions.vocabulary import Permission as P
from console.sync.models import Run
from tests.api.authzen.fixture import token_for
from tests.api.rest.program import Program
from tests.factories import Platform

pytestmark = pytest.mark.usefixtures("transactional_db")

PEOPLE = """User name;E-mail;Groups;Roles;Entitlements;Until
ann;ann@example.org;crew;reader;demo-ro;2099-01-31
bob;;;reader|writer;;
cas;;crow;;;
"""


@pytest.fixture(autouse=True)
def _no_throttle(transactional_db: None) -> None:
    cache.clear()


@pytest.fixture(scope="module")
def program(platform: Platform) -> Program:
    platform.build(
        ("access:group:create", {"name": "crew"}),
        ("access:role:create", {"name": "reader"}),
        ("access:role:create", {"name": "writer"}),
    )
    platform.resource()
    return Program(token=token_for(platform.tenant, *CARRIABLE))


@pytest.fixture(scope="module")
def base(platform: Platform) -> str:
    return f"tenants/{platform.tenant}/bulk/"


def work(job: dict[str, Any]) -> None:
    """Do what a worker would do next."""
    row = BulkJob.objects.get(pk=job["id"])
    do = working.check if row.state == BulkJob.State.CHECKING else working.apply
    do(f"{row.pk}:{row.order}")


def asked(**more: Any) -> dict[str, Any]:
    return {"kind": "people", "csv": PEOPLE, "separator": "|", "file_name": "people.csv", **more}


def test_a_file_is_checked_planned_applied_and_brought_to_keycloak(
    program: Program, platform: Platform, base: str
) -> None:
    first = program.post(base, asked(), Idempotency_Key="file-1")
    again = program.post(base, asked(), Idempotency_Key="file-1")
    assert (first.status, first.body["state"], first.body["plan"]) == (202, "checking", None), first.body
    assert (again.body, BulkJob.objects.count()) == (first.body, 1)
    assert first.body["columns"]["Entitlements"] == "entitlements"
    path = f"{base}{first.body['id']}/"

    work(first.body)  # the dry run
    ready = program.get(path).body
    assert (ready["state"], ready["counts"]["create"], ready["counts"]["error"]) == ("ready", 2, 1)
    assert ready["found"]["unknown_groups"] == [["crow", 1]]
    assert not Person.objects.filter(username="ann").exists()
    (wrong,) = program.get(f"{path}rows/?show=error").body["results"]
    assert (wrong["line"], wrong["part"], wrong["result"]) == (4, "cas", "not possible")
    assert wrong["errors"] == [
        {"column": "Groups", "value": "crow", "sentence": "There is no group crow in Acme."}
    ]

    apply = ready["plan"]["links"]["apply"].removeprefix("/api/v1/")
    assert program.post(apply, {"reason": "as agreed"}).status == 202
    assert program.get(path).body["state"] == "applying"
    work(first.body)
    assert platform.sync().state == Run.State.DONE

    done = program.get(path).body
    assert (done["state"], done["standing"]["done"], done["standing"]["failed"]) == ("applied", 2, 0)
    results = {one["part"]: one["result"] for one in program.get(f"{path}rows/").body["results"]}
    assert results == {"ann": "done", "bob": "done", "cas": "not possible"}
    assert platform.groups_of("ann") == {"crew"}
    assert platform.effective_roles("bob") == {"reader", "writer"}
    assert platform.attribute("ann") == {"package:demo:READ"}
    link = Membership.objects.get(person__username="ann")
    assert (link.ends_at.isoformat(), link.reason) == ("2099-02-01T00:00:00+00:00", "as agreed")
    assert PersonRole.objects.filter(person__username="bob", ends_at=None).count() == 2
    assert [one["id"] for one in program.get(base).body["results"]] == [first.body["id"]]


def test_what_is_given_up_is_never_applied(program: Program, base: str) -> None:
    job = program.post(base, asked(csv="user name\neve\n")).body
    path = f"{base}{job['id']}/"
    work(job)
    plan = program.get(path).body["plan"]

    gone = program.delete(path, Idempotency_Key="give-up")

    assert (gone.status, gone.body["state"], gone.body["plan"]) == (200, "cancelled", None)
    assert program.delete(path, Idempotency_Key="give-up").body == gone.body
    assert program.delete(path).status == 422
    assert program.post(plan["links"]["apply"].removeprefix("/api/v1/"), {}).status == 422
    assert not Person.objects.filter(username="eve").exists()


@pytest.mark.parametrize(
    ("more", "status", "fields"),
    [
        ({"csv": "user name\n"}, 422, ["csv"]),
        ({"csv": 'user name\n"open'}, 422, ["csv"]),
        ({"csv": ""}, 400, ["csv"]),
        ({"kind": "things"}, 400, ["kind"]),
        ({"csv": "name;mail\nann;\n"}, 422, []),
        (
            {"csv": "name;mail\nann;\n", "columns": {"name": "username", "post": "email"}},
            422,
            ["columns.post"],
        ),
        ({"csv": "name\nann\n", "columns": {"name": "action"}}, 422, ["columns.name"]),
        ({"csv": "name\nann\n", "columns": {"name": "shoe"}}, 400, ["columns.name"]),
        ({"csv": "user name\nann\n" + "x" * 2_000_001}, 400, ["csv"]),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    more: dict[str, Any], status: int, fields: list[str], program: Program, base: str
) -> None:
    before = BulkJob.objects.count()

    answer = program.post(base, asked(**more))

    assert (answer.status, list(answer.body.get("fields", {}))) == (status, fields), answer.body
    assert BulkJob.objects.count() == before


def test_a_request_that_is_too_large_is_413(program: Program, base: str) -> None:
    answer = program.post(base, asked(csv="user name\n" + "x" * 2_700_000), Idempotency_Key="too-large")

    assert (answer.status, "2.5 MB" in answer.body["reason"]) == (413, True)


def test_a_column_may_be_called_anything(program: Program, base: str) -> None:
    columns = {"who": "username", "when it ends": "ends_at", "what": "roles"}
    body = asked(kind="assignments", csv="who,what,when it ends\nann,writer,soon\n", columns=columns)

    job = program.post(base, body).body
    work(job)

    assert program.get(f"{base}{job['id']}/").body["state"] == "checked"
    (row,) = program.get(f"{base}{job['id']}/rows/").body["results"]
    assert row["errors"][0]["column"] == "when it ends"


def test_a_token_without_the_rights_checks_and_applies_nothing(
    program: Program, platform: Platform, base: str
) -> None:
    """T1: to upload is one right, to let it stand another; another tenant's import does not exist."""
    job = program.post(base, asked(csv="user name\nfay\n")).body
    work(job)
    apply = program.get(f"{base}{job['id']}/").body["plan"]["links"]["apply"].removeprefix("/api/v1/")
    viewer = Program(token=token_for(platform.tenant, P.BULK_VIEW, P.PLAN_VIEW))
    maker = Program(token=token_for(platform.tenant, P.BULK_CREATE, P.PLAN_CREATE))
    stranger = Program(token=token_for("elsewhere", *CARRIABLE))

    assert viewer.post(base, asked()).status == 403
    assert viewer.delete(f"{base}{job['id']}/").status == 403
    assert maker.post(apply, {}).status == 403
    assert stranger.get(f"{base}{job['id']}/").status == 404
    assert stranger.post(apply, {}).status == 404
    assert not Person.objects.filter(username="fay").exists()
