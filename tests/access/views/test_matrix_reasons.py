"""The panel of a cell about a capability: steps, conditions, what is missing, what mends it (M4, I4)."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from console.engine.state import Address, Kind
from console.sync.models import Plan
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, squeezed

pytestmark = pytest.mark.django_db

UPDATE = "capability:insights:update-entities"
VIEW = "capability:insights:view-entities"


@pytest.fixture
def acme() -> PlatformTenant:
    """Ann develops through a group and may write demo; Bob views; Cas has nothing."""
    acme = PlatformTenant("kdb-insights")
    acme.group_role("data/dev", "insights.role.developer", reason="the team")
    acme.person("ann", "Ann Lee")
    acme.member("ann", "data/dev", reason="she joined")
    for name in ("demo", "billing", "fx"):
        acme.resource("package", name)
    acme.entitle(acme.person("ann"), "package:demo:WRITE")
    acme.person("bob", "Bob Ray")
    acme.person_role("bob", "insights.role.viewer")
    acme.person("cas", "Cas Cole")
    return acme


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


def url(acme: DeclaredTenant, who: str, column: str, **more: str) -> str:
    query = {"row": f"p{acme.person(who).pk}", "column": column, **more}
    return f"{reverse('access:matrix', args=['acme'])}?{urlencode(query)}"


def panel(client: Client, address: str) -> str:
    """Return the words of the panel."""
    page = client.get(address, headers={**HTMX, "HX-Target": "why"})
    assert page.status_code == 200
    return squeezed(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def test_a_limited_cell_says_on_what_and_by_which_steps(acme: PlatformTenant, admin: Client) -> None:
    words = panel(admin, url(acme, "ann", UPDATE))

    assert "Why is this limited?" in words
    assert "Limited to 1 of 3 packages" in words
    for step in (
        "Member of data / dev Given in this console by Julia Stein, 3 Mar 2026. “she joined”",
        "Group has role insights.role.developer",
        "Developer gives this",
        "Entitled to WRITE on the package By demo (WRITE).",
        "2 other packages : the condition is not met, so no access.",
    ):
        assert step.replace(" :", ":") in words.replace(" :", ":"), step


def test_an_exempt_cell_says_so(acme: PlatformTenant, admin: Client) -> None:
    acme.person_role("cas", "insights.role.administrator")

    words = panel(admin, url(acme, "cas", UPDATE))

    assert "Why is this exempt from the rules?" in words
    assert "exempt from what is enforced" in words


def test_a_no_names_what_is_missing_and_offers_the_smallest_changes(
    acme: PlatformTenant, admin: Client
) -> None:
    words = panel(admin, url(acme, "bob", UPDATE))

    assert "Why is there no access?" in words
    assert "What is held does not give it. One of these would:" in words
    assert "Developer (insights.role.developer)" in words
    assert "Give insights.role.developer…" in words
    assert "Add to the group data / dev…" in words
    assert re.search(r"Opens \d+ other capabilit", words)


def test_somebody_without_any_role_is_told_so(acme: PlatformTenant, admin: Client) -> None:
    assert "No role of the platform is held. One of these would give it:" in panel(
        admin, url(acme, "cas", VIEW)
    )


def test_a_right_without_its_entitlement_is_told_so(acme: PlatformTenant, admin: Client) -> None:
    words = panel(admin, url(acme, "bob", VIEW))

    assert "Viewer is held, and no entitlement that it asks for" in words


def test_one_resource_is_asked_for_itself_and_a_weaker_level_is_told(
    acme: PlatformTenant, admin: Client
) -> None:
    acme.person_role("cas", "insights.role.developer")
    acme.entitle(acme.person("cas"), "package:billing:READ")
    where = {"show": "resources", "capability": "insights:update-entities"}

    held = panel(admin, url(acme, "ann", "resource:package:demo", **where))
    weak = panel(admin, url(acme, "cas", "resource:package:billing", **where))

    assert "Allowed" in held
    assert "too weak: billing (READ), needed is billing (WRITE)" in weak


def test_an_entitlement_to_every_resource_is_the_reason_on_each(acme: PlatformTenant, admin: Client) -> None:
    acme.resource("package", "*")
    acme.entitle(acme.person("cas"), "package:*:READ")

    words = panel(admin, url(acme, "cas", "resource:package:fx", show="resources"))

    assert "Why is this allowed?" in words
    assert "Is entitled to package:*:READ" in words


def test_an_offered_change_leads_to_the_plan_page(acme: PlatformTenant, admin: Client) -> None:
    """Pressing the button posts the form, which previews and changes nothing yet."""
    acme.person_role("cas", "insights.role.developer")
    where = {"show": "resources", "capability": "insights:update-entities"}
    page = admin.get(url(acme, "cas", "resource:package:fx", **where)).content.decode()

    form = re.search(r'<form method="post" action="([^"]+)">(?:(?!</form>).)*Entitle to fx', page, re.DOTALL)

    assert form is not None
    assert form.group(1) == reverse("access:entitlement-grant", args=["acme"])
    assert f'name="people" value="{acme.person("cas").pk}"' in form.group()


def test_what_ends_it_is_the_fewest_links(acme: PlatformTenant, admin: Client) -> None:
    acme.person_role("ann", "insights.role.maintainer")

    words = panel(admin, url(acme, "ann", "capability:insights:create-package"))

    assert "To end it, all 2 must go; fewer are not enough:" in words


def test_what_keycloak_answers_is_told(acme: PlatformTenant, admin: Client) -> None:
    assert "Not read yet, so nobody knows what is there." in panel(admin, url(acme, "ann", UPDATE))

    acme.was_read(without=[Address(Kind.MEMBERSHIP, ("ann", "data/dev"))])

    words = panel(admin, url(acme, "ann", UPDATE))
    assert "Developer is not held there" in words
    assert "Keycloak answers otherwise" in words


def test_what_could_not_be_read_makes_it_unknown_and_is_named(acme: PlatformTenant, admin: Client) -> None:
    acme.was_read()
    acme.could_not_read(Kind.PERSON_ROLE)

    words = panel(admin, url(acme, "cas", UPDATE))

    assert "Why is this not known?" in words
    assert "person-role could not be read: Keycloak answered 403." in words


def test_a_doubtful_reading_stands_beside_the_answer(acme: PlatformTenant, admin: Client) -> None:
    acme.person_role("cas", "insights.role.maintainer")

    words = panel(admin, url(acme, "cas", "capability:insights:view-auditing"))

    assert "Why is this not stated?" in words
    assert "Unclear: the documents may mean it. Decided as no" in words
    assert "Who views auditing besides the Administrator" in words


def test_a_scope_that_everybody_gets_is_a_path(admin: Client) -> None:
    """C5: by the letter of the documents each default scope reaches who signs in through the client."""
    acme = PlatformTenant("cdm-provider", rabbitmq_scopes="literal")
    acme.person("ann", "Ann Lee")

    words = panel(admin, url(acme, "ann", "capability:rabbitmq:administrator"))

    assert "Why is this allowed?" in words


def test_all_ways_of_a_workspace_are_listed_with_the_platforms_rule(admin: Client) -> None:
    """K4: the cell has the highest level, the panel each role that gives one."""
    acme = PlatformTenant("prokube")
    acme.family("workspace", "ada")
    acme.person("ann", "Ann Lee")
    acme.person_role("ann", "pk:ada")
    where = {"show": "resources", "capability": "minio:buckets"}

    buckets = panel(admin, url(acme, "ann", "resource:workspace:ada", **where))
    workloads = panel(
        admin, url(acme, "ann", "resource:workspace:ada", show="resources", capability="kubernetes:workloads")
    )

    assert "Allowed: read-write" in buckets
    assert "gives read-write on workspace ada" in buckets
    assert "gives read-only on workspace ada" in buckets
    assert "Allowed: kubeflow-edit" in workloads
    assert "alls back to pk:edit" in workloads


def test_who_may_not_change_is_offered_no_change(acme: PlatformTenant, client: Client) -> None:
    sign_in_as(client, roles=("gatehouse-auditor",))

    words = panel(client, url(acme, "bob", UPDATE))

    assert "One of these would:" in words
    assert "Give insights.role.developer…" not in words


@pytest.mark.parametrize("column", ["capability:", "capability:nothing:here", "resource:package:nowhere"])
def test_a_column_that_does_not_exist_has_no_reasons(
    acme: PlatformTenant, admin: Client, column: str
) -> None:
    page = admin.get(url(acme, "ann", column))

    assert page.status_code == 200
    assert '<aside id="why" hidden></aside>' in page.content.decode() or "No access" in page.content.decode()


def test_more_roles_and_packages_cost_no_more_queries(acme: PlatformTenant, admin: Client) -> None:
    few = [queries_of(admin, url(acme, who, UPDATE)) for who in ("ann", "bob")]
    for number in range(20):
        acme.resource("package", f"p{number}")
        acme.group_role(f"g{number}", f"role{number}")
        acme.member("ann", f"g{number}")

    assert [queries_of(admin, url(acme, who, UPDATE)) for who in ("ann", "bob")] == few


# --- what if ------------------------------------------------------------------------------------------------


def suppose(acme: DeclaredTenant, who: str, **asked: object) -> str:
    query = urlencode({"who": acme.person(who).pk, **asked}, doseq=True)
    return f"{reverse('access:matrix-what-if', args=['acme'])}?{query}"


def words_of(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return squeezed(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def test_what_would_be_gained_in_a_group_is_told_and_nothing_is_written(
    acme: PlatformTenant, admin: Client
) -> None:
    words = words_of(admin, suppose(acme, "bob", groups=[acme.group("data/dev").pk]))

    assert "Create an own package and deploy it kdb Insights Enterprise no yes" in words
    assert "gained Role insights.role.developer" in words
    assert not Plan.objects.exists()


def test_what_would_be_lost_without_a_group_is_told(acme: PlatformTenant, admin: Client) -> None:
    words = words_of(admin, suppose(acme, "ann", without=["group:data/dev"]))

    assert "Lost" in words
    assert "Update package entities kdb Insights Enterprise limited no" in words
    assert "lost Role insights.role.developer" in words


def test_what_is_had_by_another_way_changes_nothing(acme: PlatformTenant, admin: Client) -> None:
    words = words_of(admin, suppose(acme, "ann", roles=[acme.role("insights.role.viewer").pk]))

    assert "Nothing would change" in words


@pytest.mark.parametrize("who", ["", "0", "x", "999999"])
def test_who_is_not_there_does_not_exist(acme: PlatformTenant, admin: Client, who: str) -> None:
    base = reverse("access:matrix-what-if", args=["acme"])

    assert admin.get(f"{base}?who={who}").status_code == 404


def test_a_person_of_another_tenant_does_not_exist(acme: PlatformTenant, client: Client) -> None:
    birch = DeclaredTenant("birch")
    sign_in_as(client, groups=("/tenants/birch/admins",))
    base = reverse("access:matrix-what-if", args=["birch"])

    assert client.get(f"{base}?who={acme.person('ann').pk}").status_code == 404
    assert client.get(suppose(acme, "ann")).status_code == 403
    assert birch.tenant.slug == "birch"


def test_supposing_only_reads(acme: PlatformTenant, admin: Client) -> None:
    assert admin.post(suppose(acme, "ann")).status_code == 405
    assert Client().get(suppose(acme, "ann")).status_code == 302
