"""I3, I4: the access model example of kdb Insights, every line that can and every line that cannot."""

import pytest

from access.facts import facts_of
from console.graph.decisions import Mark, Question, decide
from console.graph.edges import person
from tenants.blueprints import catalogue_of
from tests import tokens
from tests.api.authzen.fixture import ByWsgi, DecisionPoint, token_for
from tests.factories import Platform
from tests.platforms import kdb

MARKS = {"Y": {Mark.ALLOWED, Mark.EXEMPT}, "N": {Mark.NONE}, "?": {Mark.UNSTATED}}


@pytest.mark.parametrize("line", list(kdb.lines()), ids=str)
def test_each_line_is_decided_as_the_documentation_says(insights: Platform, line: kdb.Line) -> None:
    who = person(line.person)
    facts = facts_of(insights.row, [who])[who]
    asked = Question(capability=f"insights:{line.capability}", resource=line.resource)

    answer = decide(catalogue_of(insights.row), facts, asked)

    assert answer.mark in MARKS[line.expected]


def test_the_administrator_is_exempt_and_not_merely_allowed(insights: Platform) -> None:
    who = person("administrator")
    facts = facts_of(insights.row, [who])[who]
    asked = Question(capability="insights:delete-entities", resource="package:other")

    assert decide(catalogue_of(insights.row), facts, asked).mark is Mark.EXEMPT


EFFECTIVE = {
    "business": {"insights.role.viewer", "insights.role.viewer.dashboard"},
    "developer": {
        "insights.role.developer",
        "insights.role.reporter",
        "insights.role.viewer",
        "insights.role.viewer.dashboard",
    },
    "maintainer": {
        "insights.role.maintainer",
        "insights.role.developer",
        "insights.role.reporter",
        "insights.role.viewer",
        "insights.role.viewer.dashboard",
    },
    "entitlements-admin": {"insights.entitlements.admin"},
    "administrator": {
        "insights.role.administrator",
        "insights.entitlements.admin",
        "insights.role.maintainer",
        "insights.role.developer",
        "insights.role.reporter",
        "insights.role.viewer",
        "insights.role.viewer.dashboard",
    },
}
VALUES = {
    "business": {"package:demo:READ", "database:demo:QUERY"},
    "developer": {"package:demo:READ", "database:demo:QUERY"},
    "maintainer": {"package:demo:WRITE", "database:demo:QUERY"},
    "entitlements-admin": {"package:*:WRITE", "database:*:QUERY"},
    "administrator": {"package:*:WRITE", "database:*:QUERY"},
}


@pytest.mark.parametrize("username", kdb.PEOPLE)
def test_keycloak_holds_the_roles_and_entitlements_of_each(insights: Platform, username: str) -> None:
    """I2: the roles are effective in Keycloak as the texts say, and the entitlements stand at the person."""
    assert insights.effective_roles(username) == EFFECTIVE[username]
    assert insights.attribute(username) == VALUES[username]


@pytest.mark.parametrize("username", kdb.PEOPLE)
def test_the_token_of_a_real_login_carries_both(insights: Platform, cli: str, username: str) -> None:
    found = tokens.claims_of(insights, username, client=cli)

    assert {one for one in found["realm_access"]["roles"] if one.startswith("insights.")} == EFFECTIVE[
        username
    ]
    assert set(found["entitlements"]) == VALUES[username]


@pytest.fixture(scope="module")
def cli(insights: Platform) -> str:
    """A client of the platform at which the five users sign in."""
    insights.keycloak.make("clients", clientId="kdb-cli", publicClient=True, directAccessGrantsEnabled=True)
    return "kdb-cli"


@pytest.fixture(scope="module")
def decision_point(insights: Platform) -> DecisionPoint:
    return DecisionPoint(way=ByWsgi(), token=token_for(insights.tenant))


@pytest.mark.parametrize("line", list(kdb.lines()), ids=str)
def test_each_line_is_answered_so_to_programs(decision_point: DecisionPoint, line: kdb.Line) -> None:
    """Through OpenID AuthZEN, with a token of a program."""
    kind, _, name = line.resource.partition(":")
    asked = {
        "subject": {"type": "user", "id": line.person},
        "action": {"name": f"insights:{line.capability}"},
        "resource": {"type": kind or "service", "id": name or "insights"},
    }

    assert decision_point.decision(asked) is (line.expected == "Y")
