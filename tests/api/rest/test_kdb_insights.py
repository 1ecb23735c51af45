"""A deployment of kdb Insights over the REST API alone, from nothing to a reason: as a script would do it."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from console.keycloak.connection import Connection
from console.permissions.policy import CARRIABLE
from console.sync.models import Run
from tests.api.authzen.fixture import token_for
from tests.api.rest.program import Program
from tests.factories import Platform, add_server
from tests.keycloak.world import World

pytestmark = pytest.mark.usefixtures("transactional_db")

GRID = {
    "Display views": "limited",
    "Query and stream data": "no",
    "Use the scratchpad": "yes",
    "Create package entities": "no",
    "View auditing": "no",
}


@pytest.fixture(scope="module")
def deployment(transactional_db: None, keycloak_connection: Connection) -> Iterator[Platform]:
    """A tenant that is not there yet, and its realm, which is deleted afterwards."""
    name = uuid.uuid4().hex[:8]
    world = World(keycloak_connection, f"insights-a{name}")
    yield Platform(tenant=f"kdb-{name}", server=add_server(keycloak_connection), keycloak=world)
    world.delete()


def test_from_a_blueprint_to_a_reason(deployment: Platform) -> None:
    cache.clear()
    program = Program(token=token_for("", *CARRIABLE))
    base = f"tenants/{deployment.tenant}/"

    def stand(path: str, body: dict[str, Any]) -> None:
        answer = program.post(path, body)
        assert answer.status == 202, answer.body
        run = deployment.sync()
        assert run.state == Run.State.DONE, run.sentence

    # The plan first, as a person would look at it; then that very plan.
    parameters = {"namespace": deployment.realm.removeprefix("insights-"), "with_example": True}
    body = {"name": "Insights", "slug": deployment.tenant, "server": deployment.server.name}
    shown = program.post(
        "tenants/?preview=true", body | {"blueprint": "kdb-insights", "parameters": parameters}
    )
    assert shown.status == 200, shown.body
    assert program.get(base).status == 404
    stand(shown.body["links"]["apply"].removeprefix("/api/v1/"), {"reason": "a new deployment"})
    assert program.get(base).body["realm"] == deployment.realm
    assert "insights.role.viewer" in deployment.role_names()

    # Amy is a viewer, and entitled to read the package demo until the year ends.
    stand(f"{base}people/", {"username": "amy", "email": "amy@example.org", "first_name": "Amy"})
    amy = program.get(f"{base}people/?q=amy").body["results"][0]["id"]
    role = program.get(f"{base}roles/?q=role.viewer").body["results"][0]["id"]
    stand(f"{base}person-roles/", {"people": [amy], "roles": [role]})
    named = program.get(f"{base}named-entitlements/?q=demo-ro").body["results"][0]
    assert named["value"] == "package:demo:READ"
    until = "2098-12-31T23:00:00Z"
    stand(f"{base}entitlements/", {"entitlement": named["id"], "people": [amy], "ends_at": until})

    held = {"insights.role.viewer", "insights.role.viewer.dashboard"}
    assert deployment.effective_roles("amy") == held
    assert deployment.attribute("amy") == {"package:demo:READ"}
    grant = program.get(f"{base}entitlements/?q=demo-ro").body["results"][0]
    assert (grant["person"], grant["ends_at"]) == ("amy", until)

    # The matrix of rights, and why.
    matrix = program.get(f"{base}matrix/?view=people&show=capabilities").body
    (row,) = matrix["rows"]
    marks = {
        column["title"]: cell["mark"] for column, cell in zip(matrix["columns"], row["cells"], strict=True)
    }
    # What the grid of the documentation has of a viewer: limited where an entitlement is asked for, too.
    assert row["name"] == "Amy"
    assert {title: marks[title] for title in GRID} == GRID
    why = program.get(f"{base}paths/?subject=person:amy&right=entitlement:package:demo:READ").body
    assert (why["holds"], why["is_declared"], why["count"]) == (True, True, "1 path")
    assert why["ways"][0]["steps"][0]["by"] == "certification (API token)"
    role_why = program.get(f"{base}paths/?subject=person:amy&right=role:insights.role.viewer").body
    assert (role_why["holds"], role_why["cut"] is not None, len(role_why["cut"])) == (True, True, 1)
