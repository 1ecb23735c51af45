"""Why a cell says what it says: every path with its origin, and what would end it (row M4)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.explain import CUTS, VERBS, Explanation, explain
from access.graphs import access_of
from console.engine.state import Address, Kind
from console.graph.edges import EdgeKind, entitlement, group, person, role
from tenants.models import Blueprint, BlueprintPart, BlueprintUse
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    """Ann has viewer directly, by the group above hers, and by a composite of her own group's role."""
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data", "viewer", reason="everybody reads")
    acme.group_role("data/eng", "developer")
    acme.member("ann", "data/eng", reason="she joined")
    acme.person_role("ann", "viewer")
    acme.role("operator")
    return acme


def why(acme: DeclaredTenant, name: str = "viewer") -> Explanation:
    acme.tenant.refresh_from_db()
    access = access_of(acme.tenant.realm, people=["ann"])
    return explain(acme.tenant, access, person("ann"), role(name))


def words(found: Explanation) -> list[list[str]]:
    return [[f"{step.verb} {step.target.words}" for step in way.steps] for way in found.ways]


def test_every_path_is_listed_shortest_first(acme: DeclaredTenant) -> None:
    found = why(acme)

    assert words(found) == [
        ["Directly has role viewer"],
        ["Member of data / eng", "Which stands in data", "Group has role viewer"],
        ["Member of data / eng", "Group has role developer", "Which includes role viewer"],
    ]
    assert found.count_in_words == "3 paths"
    assert [way.title for way in found.ways] == [
        "Directly",
        "Through a group",
        "Through a group and a composite role",
    ]


def test_each_step_tells_since_when_by_whom_and_why(acme: DeclaredTenant) -> None:
    step = why(acme).ways[1].steps[0]

    assert step.origin == "given in this console"
    assert (step.by, step.reason) == ("Julia Stein", "she joined")
    assert step.since is not None
    assert f"{step.since:%Y-%m-%d}" == "2026-03-03"


def test_removing_one_link_is_not_enough_and_the_fewest_are_named_with_their_forms(
    acme: DeclaredTenant,
) -> None:
    cut = why(acme).cut

    assert not cut.is_one_enough
    assert cut.links is not None
    assert [link.words for link in cut.links] == [
        "ann in the group data / eng",
        "the role viewer, given directly to ann",
    ]
    assert all(link.url for link in cut.links)


def test_one_link_is_enough_where_all_paths_go_through_it(acme: DeclaredTenant) -> None:
    assert why(acme, "developer").cut.is_one_enough


def test_what_everybody_has_by_default_cannot_be_taken_away_here(acme: DeclaredTenant) -> None:
    assert why(acme, "default-roles-acme").cut.links is None


def test_without_access_it_names_who_would_give_it(acme: DeclaredTenant) -> None:
    acme.group_role("ops", "operator")
    found = why(acme, "operator")

    assert not found.is_allowed
    assert found.ways == ()
    assert [(giver.words, bool(giver.url)) for giver in found.givers] == [("ops", True)]
    assert found.give_url.endswith("/give/")


def test_it_says_what_keycloak_holds(acme: DeclaredTenant) -> None:
    assert why(acme).is_live is None

    acme.was_read(without=[Address(Kind.MEMBERSHIP, ("ann", "data/eng"))])

    assert (why(acme).is_live, why(acme).differs) == (True, False)
    assert (why(acme, "developer").is_live, why(acme, "developer").differs) == (False, True)
    assert why(acme, "developer").ways[0].steps[0].is_pending


def test_a_link_made_in_keycloak_is_named_as_such_and_has_no_form(acme: DeclaredTenant) -> None:
    acme.was_read(beside=[Address(Kind.PERSON_ROLE, ("ann", "operator"))])
    found = why(acme, "operator")

    assert found.ways[0].steps[0].origin == "made in Keycloak, not declared here"
    assert found.differs
    assert found.cut.links is not None
    assert found.cut.links[0].url == ""


def test_an_entitlement_of_a_parent_group_is_a_path(acme: DeclaredTenant) -> None:
    acme.entitle(acme.group("data"), "package:demo:READ")
    access = access_of(acme.tenant.realm, people=["ann"])

    found = explain(acme.tenant, access, person("ann"), entitlement("package:demo:READ"))

    assert words(found) == [
        ["Member of data / eng", "Which stands in data", "Is entitled to package:demo:READ"]
    ]


def test_a_group_is_explained_too(acme: DeclaredTenant) -> None:
    access = access_of(acme.tenant.realm, people=())

    found = explain(acme.tenant, access, group("data/eng"), role("viewer"))

    assert found.count_in_words == "2 paths"


def test_a_share_does_not_learn_the_names_of_others(acme: DeclaredTenant) -> None:
    share = DeclaredTenant("share", share_of=acme)
    acme.role("secret-role", "share.viewer")
    acme.group_role("secret", "secret-role")
    acme.member("ann", "share/team")
    acme.member("ann", "secret")
    share.role("share.viewer")
    access = access_of(share.tenant.realm, people=["ann"])

    found = explain(share.tenant, access, person("ann"), role("share.viewer"))

    assert words(found) == [
        [
            "Member of a group outside this tenant",
            "Group has role a role outside this tenant",
            "Which includes role share.viewer",
        ]
    ]
    assert found.cut.links is not None
    assert "secret" not in " ".join(link.words + link.url for link in found.cut.links)


def test_a_hundred_paths_cost_no_more_queries_than_one(acme: DeclaredTenant) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert why(acme).ways
        return len(caught)

    few = count()
    for number in range(30):
        acme.group_role(f"g{number}", "viewer")
        acme.member("ann", f"g{number}")

    assert count() == few


def test_every_kind_of_edge_has_words() -> None:
    """A path that no sentence knew would end the page."""
    assert set(VERBS) == set(CUTS) == set(EdgeKind)


def test_links_that_the_blueprint_made_say_so_and_the_others_who_gave_them(acme: DeclaredTenant) -> None:
    made = [
        Address(Kind.GROUP_ROLE, ("data/eng", "developer")),
        Address(Kind.COMPOSITE, ("developer", "viewer")),
        Address(Kind.ROLE, ("viewer",)),
    ]
    under_blueprint(acme, made)

    found = why(acme)

    assert [[step.origin for step in way.steps] for way in found.ways] == [
        ["given in this console"],
        ["given in this console", "", "given in this console"],
        ["given in this console", "from the blueprint", "from the blueprint"],
    ]


def test_a_hundred_links_of_a_blueprint_are_known_with_one_query(acme: DeclaredTenant) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert why(acme).ways
        return len(caught)

    counted()  # from here on the process has the structure
    before = counted()
    under_blueprint(acme, [Address(Kind.COMPOSITE, ("developer", f"role-{n}")) for n in range(100)])

    assert counted() == before


def under_blueprint(acme: DeclaredTenant, made: list[Address]) -> None:
    row = Blueprint.objects.create(
        key="own", version="1", name="Own", text="-", digest="-", created_by="Julia Stein"
    )
    use = BlueprintUse.objects.create(tenant=acme.tenant, blueprint=row, created_by="Julia Stein")
    BlueprintPart.objects.bulk_create(BlueprintPart(use=use, address=one.key) for one in made)
