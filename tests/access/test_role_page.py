"""Who has a role by which way, against the graph's own answer, and what a share is not told (rows M4, S2)."""

import pytest

from access.graphs import access_of
from access.role_page import role_page, ways_to
from console.engine.state import Address, Kind
from console.graph.edges import role
from console.graph.paths import shortest
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("lead", "developer")
    acme.role("developer", "viewer", "reader")
    acme.role("reader", "viewer")
    acme.group_role("data", "viewer")
    acme.group_role("data/eng", "developer")
    acme.group_role("fleet", "lead")
    for number in range(12):
        acme.member(f"n{number}", ("data", "data/eng", "fleet")[number % 3])
        if number % 4 == 0:
            acme.person_role(f"n{number}", "reader")
    acme.person_role("ann", "viewer")
    return acme


@pytest.mark.parametrize("name", ["viewer", "reader", "developer", "lead"])
def test_every_way_is_the_shortest_one(acme: DeclaredTenant, name: str) -> None:
    acme.was_read(beside=[Address(Kind.COMPOSITE, ("viewer", "lead"))])  # a circle made in Keycloak
    graph = access_of(acme.realm, people=None).graph
    found = ways_to(graph, role(name))

    assert set(found) == {one.name for one in graph.holders_of(role(name))}
    for one in graph.holders_of(role(name)):
        path = shortest(graph, one, role(name))
        assert path is not None
        assert found[one.name] == path.through


def test_the_ways_add_up_to_everybody(acme: DeclaredTenant) -> None:
    page = role_page(acme.tenant, acme.role("viewer"))

    assert sum(way["count"] for way in page["ways"]) == page["holder_count"] == 13
    assert sum(part["count"] for part in page["bars"]) == 13
    assert abs(sum(part["width"] for part in page["bars"]) - 640) <= 2


def test_a_share_is_told_numbers_and_no_names_of_its_neighbours(acme: DeclaredTenant) -> None:
    """S2."""
    birch = DeclaredTenant("birch", share_of=acme)
    birch.role("birch.reader", "birch.base")
    birch.member("bob", "birch")
    birch.group_role("birch", "birch.reader")
    acme.role("secret-role", "birch.reader")
    acme.group_role("secret-group", "secret-role")
    acme.member("mallory", "secret-group")
    acme.person_role("oscar", "birch.reader")

    page = role_page(birch.tenant, birch.role("birch.reader"))

    told = str({key: value for key, value in page.items() if key not in ("access", "status")})
    assert page["holder_count"] == 3
    assert "bob" in told
    for name in ("secret-role", "secret-group", "mallory", "oscar"):
        assert name not in told
    assert [(way["steps"], way["count"]) for way in page["ways"] if way["by"] == "group"] == [
        (("birch",), 1),
        (("another tenant",), 1),
    ]
    assert [box.name for box in page["picture"].boxes] == ["birch.reader", "birch.base"]
    assert page["included_in"] == []
    assert page["direct_count"] == 0
