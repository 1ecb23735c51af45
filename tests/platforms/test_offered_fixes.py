"""What a smallest fix is foretold to open is what its plans and their runs then open, on a real Keycloak.

Each change that the panel of a cell offers is sent to its form as the panel sends it, approved on its plan
page and run. Everything that anybody can do is counted before and after, and compared with the panel's
sentence. Each offer is tried on somebody of her own, so all begin alike.
"""

import re
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from django.test import Client

from access.facts import facts_of
from access.models import Group, Person
from console.graph.decisions import Question, decide
from console.graph.edges import Node, NodeKind, group, person
from console.sync.models import Plan
from tenants.blueprints import catalogue_of
from tenants.models import Declaration
from tests import tokens
from tests.factories import Platform
from tests.operators import sign_in_as
from tests.platforms.conftest import Make, fresh
from tests.platforms.conftest import person as with_names

OFFERED = 3  # at most so many fixes for one cell


# --- who there is ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(from_blueprint: Make) -> Platform:
    """Enforced entitlements; three of each kind of subject, and a group and packages to be given."""
    namespace = fresh("f")
    made = from_blueprint(
        "kdb-insights",
        named=f"insights-{namespace}",
        namespace=namespace,
        enforced=True,
        with_example=True,
        password_policy="",
    )
    viewers, strangers, auditors = (trio(name) for name in ("viewer", "stranger", "auditor"))
    everybody = [*viewers, *strangers, *auditors, "inside-1", "inside-2", "inside-3"]
    accounts = {"service_accounts": True, "standard_flow": False}
    robots = [{"address": f"client:{one}", "fields": accounts} for one in trio("robot")]
    made.build(
        *(("access:person:create", with_names(one)) for one in everybody),
        *(("access:group:create", {"name": one}) for one in ("crew", *trio("team"))),
        ("access:group-role:give", {"groups": ["crew"], "roles": ["insights.role.developer"]}),
        *(
            ("access:membership:add", {"people": [f"inside-{one[-1]}"], "groups": [one]})
            for one in trio("team")
        ),
        ("access:person-role:give", {"people": viewers, "roles": ["insights.role.viewer"]}),
        ("access:person-role:give", {"people": auditors, "roles": ["insights.role.maintainer"]}),
        ("tenants:declaration:put", {"declarations": robots}),
    )
    read = {"resource": made.resource("package", "demo").pk, "level": "READ"}
    made.build(
        ("access:entitlement:grant", read | {"people": viewers, "groups": []}),
        ("access:entitlement:grant", read | {"people": [], "groups": ["crew"]}),
    )
    made.keycloak.make("clients", clientId="cli", publicClient=True, directAccessGrantsEnabled=True)
    return made


def trio(name: str) -> list[str]:
    return [f"{name}-{number}" for number in range(1, OFFERED + 1)]


class Case(NamedTuple):
    """A cell that says no, of one of three subjects who are alike."""

    view: str
    who: str
    capability: str
    resource: str

    def __str__(self) -> str:
        return f"{self.who} {self.capability} {self.resource}".strip()

    def node(self, number: int) -> Node:
        kinds = {"groups": group, "people": person}
        name = f"{self.who}-{number}"
        return kinds[self.view](name) if self.view in kinds else Node(NodeKind.SERVICE_ACCOUNT, name)

    def row(self, made: Platform, number: int) -> str:
        """Return how the matrix calls the row."""
        name, realm = f"{self.who}-{number}", made.row.realm
        if self.view == "people":
            return f"p{Person.objects.get(realm=realm, username=name).pk}"
        if self.view == "groups":
            return f"g{Group.objects.get(realm=realm, path=name).pk}"
        return f"a{Declaration.objects.get(realm=realm, address=f'client:{name}').pk}"


CASES = [
    Case("people", "viewer", "insights:update-entities", "package:demo"),
    Case("people", "stranger", "insights:query-data", "database:demo"),
    Case("people", "auditor", "insights:view-auditing", ""),
    Case("groups", "team", "insights:delete-entities", "package:demo"),
    Case("accounts", "robot", "insights:start-stop", "package:demo"),
]


# --- what the panel offers --------------------------------------------------------------------------------


class Offer(NamedTuple):
    """One fix: what is sent to which form, step by step, and how many other capabilities it opens."""

    steps: list[tuple[str, dict[str, str]]]
    further: int


class _Panel(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.offers: list[Offer] = []
        self._steps: list[tuple[str, dict[str, str]]] = []
        self._in_mend = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "div":
            self._in_mend, self._steps = told.get("class") == "mend", []
        if self._in_mend and tag == "form":
            self._steps.append((told["action"], {}))
        if self._in_mend and tag == "input" and told["name"] != "csrfmiddlewaretoken":
            self._steps[-1][1][told["name"]] = told["value"]

    def handle_data(self, data: str) -> None:
        found = re.match(r"Opens (?:(nothing)|(\d+)) (?:else|other)", data.strip())
        if self._in_mend and found:
            self.offers.append(Offer(self._steps, 0 if found[1] else int(found[2])))


def offers(client: Client, made: Platform, case: Case, number: int) -> list[Offer]:
    column = f"resource:{case.resource}" if case.resource else f"capability:{case.capability}"
    show = {"show": "resources", "capability": case.capability} if case.resource else {"show": "capabilities"}
    query = {"view": case.view, "row": case.row(made, number), "column": column, **show}
    page = client.get(f"/t/{made.tenant}/matrix/", query)
    assert page.status_code == 200
    return _Panel(page.content.decode()).offers


# --- what everybody can do ----------------------------------------------------------------------------------


def can(made: Platform) -> set[tuple[Node, str, str, str]]:
    """Return every yes: of whom, to which capability, on what, at which level."""
    tenant = made.row
    catalogue = catalogue_of(tenant)
    people = [person(one.username) for one in Person.objects.filter(realm=tenant.realm)]
    groups = [group(one.path) for one in Group.objects.filter(realm=tenant.realm)]
    robots = [Node(NodeKind.SERVICE_ACCOUNT, one) for one in trio("robot")]
    found = set()
    for subject, facts in facts_of(tenant, [*people, *groups, *robots]).items():
        for capability in catalogue.capabilities:
            kind = capability.resource
            for resource in [f"{kind}:demo", f"{kind}:unheard-of"] if kind else [""]:
                answer = decide(catalogue, facts, Question(capability=capability.key, resource=resource))
                if answer.is_allowed:
                    found.add((subject, capability.key, resource, answer.level))
    return found


def in_token(made: Platform, username: str) -> tuple[set[str], set[str]]:
    """Return the platform's roles and the entitlements that a real login brings."""
    found = tokens.claims_of(made, username, client="cli")
    roles = {one for one in found["realm_access"]["roles"] if one.startswith("insights.")}
    return roles, set(found.get("entitlements", ()))


def known(made: Platform, username: str) -> tuple[set[str], set[str]]:
    """Return the same as the console has it."""
    rights = facts_of(made.row, [person(username)])[person(username)].rights
    roles = {one.name for one in rights if one.kind is NodeKind.ROLE and one.name.startswith("insights.")}
    return roles, {one.name for one in rights if one.kind is NodeKind.ENTITLEMENT}


# --- the proof ----------------------------------------------------------------------------------------------


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def carry_out(client: Client, made: Platform, offer: Offer) -> None:
    """Send each step to its form, approve its plan, and let the run do it."""
    for url, values in offer.steps:
        answer = client.post(url, values)
        assert answer.status_code == 302, (url, values)
        plan = Plan.objects.latest("created_at")
        assert answer["Location"] == plan.get_absolute_url()
        applied = client.post(f"{plan.get_absolute_url()}apply/", {"reason": "the smallest fix"})
        assert applied.status_code == 302, applied.content.decode()
        made.sync()
        assert made.is_in_sync


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_was_foretold_is_what_was_opened(demo: Platform, admin: Client, case: Case) -> None:
    first = offers(admin, demo, case, 1)
    assert first

    for number in range(1, len(first) + 1):
        subject, wanted = case.node(number), (case.capability, case.resource)
        offer = offers(admin, demo, case, number)[number - 1]
        before = can(demo)
        assert not [one for one in before if one[0] == subject and one[1:3] == wanted]

        carry_out(admin, demo, offer)

        after = can(demo)
        gained = after - before
        assert wanted in {one[1:3] for one in gained if one[0] == subject}, "it is enough"
        others = {one[1] for one in gained if one[0] == subject} - {case.capability}
        assert len(others) == offer.further, (offer, sorted(others))
        assert before <= after, "nobody loses anything"
        concerned = {subject} | ({person(f"inside-{number}")} if case.view == "groups" else set())
        assert {one[0] for one in gained} <= concerned, "nobody else gains anything"
        for one in concerned:
            if one.kind is NodeKind.PERSON:
                assert in_token(demo, one.name) == known(demo, one.name)
