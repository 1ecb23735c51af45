"""K4, I3, C7: the documents' tables as people with the roles meet them.

Through AuthZEN, in tokens and in a browser. Each person signs in at the real Keycloak and has one role; what
she may is asked of the console.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import tokens
from tests.api.authzen.fixture import ByWsgi, DecisionPoint, token_for
from tests.factories import Platform
from tests.platforms import tables
from tests.platforms.tables import Cell, by_name
from tests.web.browser import Visitor


def answered(
    made: Platform, capability: str, kind: str, name: str, people: Mapping[str, str]
) -> dict[str, Cell]:
    """Return what AuthZEN answers for each person, by what she is called in the table."""
    point = DecisionPoint(way=ByWsgi(), token=token_for(made.tenant))
    found = {}
    for called, username in people.items():
        asked = {
            "subject": {"type": "user", "id": username},
            "action": {"name": capability},
            "resource": {"type": kind or "service", "id": name},
        }
        body = point.post("evaluation", asked).body
        found[called] = Cell(body["context"]["id"], body["context"].get("level", ""))
        assert body["decision"] is found[called].is_allowed, (capability, called)
    return found


# --- through AuthZEN ------------------------------------------------------------------------------------


@pytest.mark.parametrize("capability", tables.grid())
def test_the_grid_is_answered_to_programs(grid: Platform, capability: str) -> None:
    kind, expected = tables.grid()[capability]

    found = answered(grid, capability, kind, "demo" if kind else "insights", by_name(tables.GRID_ROLES))

    assert found == expected


@pytest.mark.parametrize("place", range(3), ids=tables.SERVICES)
def test_the_table_of_a_workspace_is_answered_to_programs(prokube: Platform, place: int) -> None:
    people = by_name(tables.WORKSPACE)

    found = answered(prokube, tables.SERVICES[place], "workspace", "ada", people)
    elsewhere = answered(prokube, tables.SERVICES[place], "workspace", "bob", people)

    assert found == {role: row[place] for role, row in tables.WORKSPACE.items()}
    assert set(elsewhere.values()) == {Cell(tables.NO)}


@pytest.mark.parametrize("capability", tables.cdm())
def test_the_table_of_cdm_is_answered_to_programs(cdm: Platform, capability: str) -> None:
    found = answered(cdm, capability, "", capability.partition(":")[0], by_name(tables.CDM))
    nobody = answered(cdm, capability, "", capability.partition(":")[0], {tables.NOBODY: tables.NOBODY})

    assert found == tables.cdm()[capability]
    assert not nobody[tables.NOBODY].is_allowed


# --- in tokens of real logins ---------------------------------------------------------------------------


def roles_in(claims: Mapping[str, Any], prefix: str) -> set[str]:
    return {one for one in claims["realm_access"]["roles"] if one.startswith(prefix)}


def test_tokens_carry_the_roles_of_the_grid(grid: Platform) -> None:
    people = by_name(tables.GRID_ROLES)

    found = {one: roles_in(claims_of(grid, name), "insights.") for one, name in people.items()}

    assert found == tables.IN_TOKEN


def test_tokens_carry_the_roles_of_the_workspace(prokube: Platform) -> None:
    people = by_name(tables.EFFECTIVE)

    found = {one: roles_in(claims_of(prokube, name), "pk:") for one, name in people.items()}

    assert found == tables.EFFECTIVE


def claims_of(made: Platform, username: str) -> dict[str, Any]:
    return tokens.claims_of(made, username, client="cli")


def grafana_says(roles: list[str]) -> str:
    """Return what Grafana makes of the claim: the expression that the platform gives it, in Python."""
    if {"cdm-admin", "platform-admin"} & set(roles):
        return "Admin"
    if {"cdm-operator", "platform-operator"} & set(roles):
        return "Editor"
    return "Viewer" if "cdm-viewer" in roles else ""


@pytest.mark.parametrize("role", tables.CDM)
def test_tokens_of_cdm_carry_what_each_service_looks_for(cdm: Platform, role: str) -> None:
    """C5, C6: Grafana reads a flat claim, RabbitMQ scopes and audience, Keycloak's console its roles."""
    username = by_name(tables.CDM)[role]

    at_grafana = tokens.claims_of(cdm, username, client="grafana")
    at_rabbitmq = tokens.claims_of(cdm, username, client="rabbitmq-management")

    assert grafana_says(at_grafana["roles"]) == tables.CDM[role][0].level
    assert roles_in(at_grafana, "") & tables.CDM.keys() == {role}
    scopes = {one for one in at_rabbitmq["scope"].split() if one.startswith("rabbitmq.")}
    assert scopes == (tables.RABBITMQ if role == "platform-admin" else set())
    assert "rabbitmq" in at_rabbitmq["aud"]
    managed = at_grafana.get("resource_access", {}).get("realm-management", {"roles": []})["roles"]
    reads = {"view-users", "query-users", "view-realm"} & set(managed)
    assert reads == ({"view-users", "query-users", "view-realm"} if role == "matrix-viewer" else set())
    assert not any(one.startswith("manage-") for one in managed)


# --- in a browser -----------------------------------------------------------------------------------------

# The words of each cell by first name and column.
READ = """() => {
  const heads = [...document.querySelectorAll('table.matrix th[data-key]')].map(one => one.dataset.key)
  return Object.fromEntries([...document.querySelectorAll('table.matrix tbody tr[data-key]')].map(row => [
    row.querySelector('.who').textContent.trim().split(' ')[0],
    Object.fromEntries([...row.querySelectorAll('td')].map((cell, at) =>
      [heads[at], cell.title || cell.textContent.trim()])),
  ]))
}"""


@pytest.fixture
def visitor(live_server: Any, page: Page) -> Visitor:
    visitor = Visitor(page, live_server.url)
    visitor.sign_in("gatehouse-admin")
    return visitor


def shown(visitor: Visitor, made: Platform, query: str) -> dict[str, dict[str, str]]:
    visitor.go(f"/t/{made.tenant}/matrix/?{query}")
    found = dict(visitor.page.evaluate(READ))
    assert visitor.complaints == []
    return found


def word(cell: Cell, *, unstated: str) -> str:
    return cell.word or unstated


def test_the_grid_stands_in_a_browser(visitor: Visitor, grid: Platform) -> None:
    found = shown(visitor, grid, "show=capabilities")

    for capability, (_, row) in tables.grid().items():
        words = {
            short: found[name][f"capability:{capability}"]
            for short, name in by_name(tables.GRID_ROLES).items()
        }
        assert words == {short: word(cell, unstated="unclear") for short, cell in row.items()}, capability


@pytest.mark.parametrize("place", range(3), ids=tables.SERVICES)
def test_the_table_of_a_workspace_stands_in_a_browser(
    visitor: Visitor, prokube: Platform, place: int
) -> None:
    found = shown(visitor, prokube, f"show=resources&capability={tables.SERVICES[place]}")

    for role, username in by_name(tables.WORKSPACE).items():
        assert found[username]["resource:workspace:ada"] == tables.WORKSPACE[role][place].word, role
        assert found[username]["resource:workspace:bob"] == "no", role


def test_the_table_of_cdm_stands_in_a_browser(visitor: Visitor, cdm: Platform) -> None:
    found = shown(visitor, cdm, "show=capabilities")

    for capability, row in tables.cdm().items():
        words = {role: found[name][f"capability:{capability}"] for role, name in by_name(tables.CDM).items()}
        assert words == {role: word(cell, unstated="not stated") for role, cell in row.items()}, capability
