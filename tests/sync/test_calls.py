"""What one saved change costs in calls to Keycloak, whatever the size of the realm (row: speed)."""

from collections.abc import Callable
from typing import Any

import pytest

from console.sync.models import Run
from console.transport import calls
from tests.factories import Platform

MANY = 2_000
CHUNK = 100


@pytest.fixture(scope="module")
def office(new_platform: Callable[..., Platform]) -> Platform:
    """Ten people, declared here, in two groups."""
    platform = new_platform("office")
    people = [f"pat{number}" for number in range(10)]
    platform.build(
        ("access:group:create", {"name": "staff"}),
        ("access:group:create", {"name": "guests"}),
        ("access:role:create", {"name": "reader"}),
        ("access:role:create", {"name": "writer"}),
        *(("access:person:create", {"username": name}) for name in people),
        ("access:membership:add", {"people": people, "groups": ["staff"]}),
        ("access:group-role:give", {"groups": ["staff"], "roles": ["reader"]}),
    )
    return platform


def cost(platform: Platform, command: str, **values: Any) -> int:
    """Return the calls of preview, apply and run of one change."""
    with calls() as made:
        platform.apply(platform.preview(command, **values))
        run = platform.sync()
    assert run.state == Run.State.DONE, run.sentence
    return made.count


def costs(platform: Platform, tag: str) -> dict[str, int]:
    """Make one change of each sort, on things of their own."""
    person, role, group = f"p-{tag}", f"r-{tag}", f"g-{tag}"
    resource = platform.resource().pk
    return {
        "person": cost(platform, "access:person:create", username=person),
        "role": cost(platform, "access:role:create", name=role),
        "composite": cost(platform, "access:composite:add", role=role, children=["writer"]),
        "group": cost(platform, "access:group:create", name=group),
        "group role": cost(platform, "access:group-role:give", groups=["staff"], roles=[role]),
        "membership": cost(platform, "access:membership:add", people=[person], groups=["staff"]),
        "role of a person": cost(platform, "access:person-role:give", people=[person], roles=["writer"]),
        "entitlement": cost(
            platform, "access:entitlement:grant", resource=resource, level="READ", people=[person], groups=[]
        ),
        "words of a role": cost(platform, "access:role:edit", **platform.edit_role(role, description="New")),
        "name of a role": cost(platform, "access:role:edit", **platform.edit_role(role, name=f"{role}-new")),
        "leaving": cost(platform, "access:membership:remove", people=[person], groups=["staff"]),
        "end of a role": cost(platform, "access:role:delete", role=f"{role}-new"),
        "end of a person": cost(platform, "access:person:delete", person=person),
    }


def import_unmanaged(platform: Platform, count: int) -> None:
    """Put people into Keycloak directly, half of them into the group and with the role that we manage."""
    for start in range(0, count, CHUNK):
        users = [
            {
                "username": f"u{number}",
                "enabled": True,
                "groups": ["/staff"] if number % 2 else [],
                "realmRoles": ["writer"] if number % 2 else [],
            }
            for number in range(start, start + CHUNK)
        ]
        platform.keycloak.post("partialImport", json={"ifResourceExists": "FAIL", "users": users})


def test_a_change_costs_the_same_calls_among_ten_people_and_among_two_thousand(office: Platform) -> None:
    few = costs(office, "few")
    import_unmanaged(office, MANY)
    assert office.keycloak.get("users", "count") == MANY + 10

    many = costs(office, "many")

    assert many == few
    assert max(few.values()) <= 40
