"""The plan page on a real Keycloak: what it shows, who may apply it, and how the work goes on (row U4)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Person, Role
from console.engine.state import Kind
from console.sync.models import Plan
from console.web.templatetags.ui import on_day
from tests.factories import Platform, at
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, squeezed


@pytest.fixture(scope="module")
def teams(platform: Platform) -> Platform:
    """A realm with a parent group, composites and six people. Tests add names of their own."""
    platform.build(
        *(("access:role:create", {"name": name}) for name in ("maintainer", "developer", "viewer")),
        ("access:composite:add", {"role": "maintainer", "children": ["developer"]}),
        ("access:composite:add", {"role": "developer", "children": ["viewer"]}),
        ("access:group:create", {"name": "data"}),
        ("access:group:create", {"name": "eng", "parent": "data"}),
        ("access:group-role:give", {"groups": ["data"], "roles": ["viewer"]}),
        *(
            ("access:person:create", {"username": f"pia{n}", "first_name": "Pia", "last_name": f"Nr {n}"})
            for n in range(6)
        ),
    )
    return platform


@pytest.fixture
def admin(client: Client, teams: Platform) -> Client:
    sign_in_as(client, groups=(f"/tenants/{teams.tenant}/admins",))
    return client


def text(client: Client, plan: Plan, **query: str) -> str:
    answer = client.get(plan.get_absolute_url(), query)
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> str:
    return squeezed(re.sub(r"<[^>]+>", " ", page))


def give(teams: Platform, *people: str, role: str = "maintainer") -> Plan:
    return teams.preview("access:person-role:give", people=list(people), roles=[role])


def post(client: Client, name: str, plan: Plan, **values: str) -> Any:
    return client.post(reverse(f"sync:{name}", args=[plan.pk]), {"csrfmiddlewaretoken": "x", **values})


def test_a_form_leads_to_its_plan_and_changes_nothing_yet(teams: Platform, admin: Client) -> None:
    pk = Role.objects.get(name="maintainer", realm__scope=teams.scope).pk
    people = [one.pk for one in Person.objects.filter(username__in=("pia0", "pia1"))]

    answer = admin.post(reverse("access:role-give", args=[teams.tenant, pk]), {"people": people})

    plan = Plan.objects.latest("created_at")
    assert answer.status_code == 302
    assert answer["Location"] == plan.get_absolute_url()
    assert plan.title == "Give Pia Nr 0 and Pia Nr 1 the role maintainer"
    assert teams.effective_roles("pia0") == set()
    assert "Nothing has been changed yet" in text(admin, plan)


def test_it_names_who_gains_what_through_composites(teams: Platform, admin: Client) -> None:
    page = words(text(admin, give(teams, "pia0", "pia1")))

    assert "Grant 2 widens access" in page
    assert "Give Pia Nr 0 the role maintainer" in page
    assert "2 people gain access" in page
    assert "6 effective rights change" in page
    for right in ("maintainer", "developer", "viewer"):
        assert f"{right} Role 2 Pia Nr 0, Pia Nr 1" in page
    assert "Apply 2 operations" in page


def test_many_of_one_kind_are_one_sentence_with_a_line_each(teams: Platform, admin: Client) -> None:
    page = text(admin, give(teams, "pia0", "pia1", "pia2", "pia3"))

    assert "<b>4 people</b>" in page
    assert page.count('class="person-line"') == 4
    assert "Apply 4 operations" in page


def test_by_person_is_the_same_part_alone_and_in_the_page(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")

    part = admin.get(f"{plan.get_absolute_url()}?by=person", headers=HTMX).content.decode()

    assert part.strip().startswith('<div id="impact"')
    assert squeezed(part) in squeezed(text(admin, plan, by="person"))
    assert "<b>3</b>" in part


def test_what_is_kept_by_another_path_says_that_this_is_not_enough(teams: Platform, admin: Client) -> None:
    teams.do("access:membership:add", people=["pia5"], groups=["data/eng"])
    teams.do("access:person-role:give", people=["pia5"], roles=["viewer"])

    page = words(text(admin, teams.preview("access:person-role:take", people=["pia5"], roles=["viewer"])))

    assert "Kept by another path 1 Removing this is not enough to end it." in page
    assert "0 effective rights change" in page
    assert "Take role viewer from Pia Nr 5" in page


def test_who_goes_with_the_change_is_told_by_name(teams: Platform, admin: Client) -> None:
    teams.do("access:person-role:give", people=["pia3"], roles=["viewer"])

    page = words(text(admin, teams.preview("access:person:delete", person="pia3")))

    assert "Delete person Pia Nr 3" in page
    assert "viewer Role 1 Pia Nr 3 Direct" in page


def test_a_stopped_change_says_why_and_ends_the_polling(teams: Platform, admin: Client) -> None:
    plan = teams.approve("access:role:edit", **teams.edit_role("developer", description="Builds"))
    role = teams.keycloak.get("roles", "developer")
    teams.keycloak.put("roles", "developer", json=role | {"description": "changed beside us"})
    teams.sync()

    part = admin.get(plan.get_absolute_url(), headers=HTMX).content.decode()

    assert "Blocked" in part
    assert "Try again" in part
    assert "every 1s" not in part
    assert "Open the run" in part
    teams.keycloak.put("roles", "developer", json=role)


def test_applied_it_shows_the_progress_until_keycloak_holds_it(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia4", role="developer")

    answer = post(admin, "plan-apply", plan, reason="She joins", ticket="T-7")

    assert answer.status_code == 302
    waiting = admin.get(plan.get_absolute_url(), headers=HTMX).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "Pending" in waiting
    assert "Open the run" not in waiting  # those that there were knew nothing of it
    teams.sync()
    done = admin.get(plan.get_absolute_url(), headers=HTMX).content.decode()
    assert "every 1s" not in done
    assert "In sync" in done
    assert "1 of 1" in done
    assert "Give pia4 the role developer" in words(done)
    assert teams.effective_roles("pia4") == {"developer", "viewer"}
    page = words(text(admin, plan))
    assert "She joins" in page
    assert "T-7" in page
    assert "Discard" not in page
    assert squeezed(done) in squeezed(text(admin, plan))


def test_a_change_in_keycloak_meanwhile_leads_to_a_new_plan(teams: Platform, admin: Client) -> None:
    """Row M3: what was not shown is never done."""
    plan = teams.preview("access:role:edit", **teams.edit_role("viewer", description="Sees views"))
    role = teams.keycloak.get("roles", "viewer")
    teams.keycloak.put("roles", "viewer", json=role | {"description": "changed beside us"})

    answer = post(admin, "plan-apply", plan)

    plan.refresh_from_db()
    fresh = Plan.objects.latest("created_at")
    assert answer["Location"] == fresh.get_absolute_url()
    assert plan.state == Plan.State.STALE
    assert "Something changed since this preview" in text(admin, fresh)
    assert "Out of date" in text(admin, plan)
    assert Role.objects.get(name="viewer", realm__scope=teams.scope).description == ""
    teams.keycloak.put("roles", "viewer", json=role)


def test_conflicts_stop_it_and_say_why(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")
    Plan.objects.filter(pk=plan.pk).update(
        findings=[{"address": "role:maintainer", "sentence": "Somebody else made this role."}]
    )

    page, answer = text(admin, plan), post(admin, "plan-apply", plan)

    assert "Somebody else made this role." in page
    assert re.search(r'form="apply" disabled>', page)
    assert "1 conflict must be settled first" in page
    assert answer.status_code == 409
    assert "Settle the conflicts first." in answer.content.decode()


def test_a_plan_of_conflicts_only_does_not_say_that_all_is_well(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")
    Plan.objects.filter(pk=plan.pk).update(
        operations=[], findings=[{"address": "role:maintainer", "sentence": "Somebody else made this role."}]
    )

    page = text(admin, plan)

    assert "Nothing can be done yet: see what stands in the way." in page
    assert "Keycloak holds this already" not in page
    assert "nothing to write" not in page
    assert "discard the plan and ask for something else" in page


def test_an_overlong_reason_is_refused_beside_its_field_and_kept(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")

    answer = post(admin, "plan-apply", plan, reason="x" * 1001)

    plan.refresh_from_db()
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in answer.content.decode()
    assert plan.state == Plan.State.OPEN


def test_it_can_be_discarded_once(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")

    answer = post(admin, "plan-discard", plan)

    plan.refresh_from_db()
    assert answer.status_code == 302
    assert plan.state == Plan.State.DISCARDED
    assert "Discarded. Nothing was changed." in text(admin, plan)
    assert post(admin, "plan-apply", plan).status_code == 409


def test_it_can_be_read_again(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")

    answer = post(admin, "plan-read-again", plan)

    plan.refresh_from_db()
    fresh = Plan.objects.latest("created_at")
    assert answer["Location"] == fresh.get_absolute_url()
    assert plan.state == Plan.State.STALE
    assert fresh.digest == plan.digest
    assert fresh.values == plan.values


def test_strangers_do_not_find_it(teams: Platform, client: Client) -> None:
    """Row S2."""
    plan = give(teams, "pia0")
    sign_in_as(client, "other", groups=("/tenants/birch/admins",))

    assert client.get(plan.get_absolute_url()).status_code == 404
    for name in ("plan-apply", "plan-discard", "plan-read-again"):
        assert post(client, name, plan).status_code == 404
    plan.refresh_from_db()
    assert plan.state == Plan.State.OPEN


def test_an_auditor_reads_it_and_cannot_act(teams: Platform, client: Client) -> None:
    plan = give(teams, "pia0")
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))

    page = text(client, plan)

    assert "Apply" not in re.findall(r"<button[^>]*>([^<]*)", page)
    assert "Discard" not in page
    assert "applying it needs the right" in page
    for name in ("plan-apply", "plan-discard", "plan-read-again"):
        assert post(client, name, plan).status_code == 403


def test_an_auditor_who_administers_another_tenant_cannot_act_here(teams: Platform, client: Client) -> None:
    """To see every tenant and to act in one is not to act in all."""
    plan = give(teams, "pia0")
    sign_in_as(client, "olga", roles=("gatehouse-auditor",), groups=("/tenants/birch/admins",))

    for name in ("plan-apply", "plan-discard", "plan-read-again"):
        assert post(client, name, plan).status_code == 403
    plan.refresh_from_db()
    assert plan.state == Plan.State.OPEN


def test_its_buttons_take_post_only(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")

    for name in ("plan-apply", "plan-discard", "plan-read-again"):
        assert admin.get(reverse(f"sync:{name}", args=[plan.pk])).status_code == 405
    assert admin.post(plan.get_absolute_url()).status_code == 405


def test_a_larger_plan_needs_no_more_queries(teams: Platform, admin: Client) -> None:
    small, large = give(teams, "pia0", "pia1", "pia2"), give(teams, "pia0", "pia1", "pia2")
    many = [
        large.operations[0] | {"address": at(Kind.PERSON_ROLE, f"q{n}", "maintainer").key} for n in range(30)
    ]
    Plan.objects.filter(pk=large.pk).update(operations=many)

    assert queries_of(admin, large.get_absolute_url()) == queries_of(admin, small.get_absolute_url())
    page = text(admin, large)
    assert "<b>30 people</b>" in page
    assert "Show 18 more" in page


def test_long_lists_of_rights_say_how_much_is_missing(teams: Platform, admin: Client) -> None:
    plan = give(teams, "pia0")
    row = plan.impact["gained"][0]
    Plan.objects.filter(pk=plan.pk).update(
        impact=plan.impact | {"gained": [row | {"right": f"right-{n}"} for n in range(40)]}
    )

    cut, whole = text(admin, plan), text(admin, plan, by="right", all="1")

    assert "right-11" in cut
    assert "right-12" not in cut
    assert "28 more rights" in cut
    assert "right-39" in whole


def test_names_from_keycloak_are_text(teams: Platform, admin: Client) -> None:
    plan = Plan.objects.create(
        title="<b>bold</b>",
        command="access:role:create",
        values={},
        tenant=teams.tenant,
        actor_key="x",
        actor_name="<i>x</i>",
        read_at=timezone.now(),
        digest="0" * 64,
        findings=[{"address": "", "sentence": "<script>alert(1)</script>"}],
    )

    page = text(admin, plan)

    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert "&lt;b&gt;bold" in page


def until(days: int) -> str:
    return (
        (timezone.now() + timedelta(days=days))
        .replace(hour=12, minute=0, second=0, microsecond=0)
        .isoformat()
    )


def test_it_says_until_when_what_is_gained_is_had(teams: Platform, admin: Client) -> None:
    people = ["pia0", "pia1"]
    plan = teams.preview(
        "access:person-role:give", people=people, roles=["maintainer"], ends_at=until(days=5)
    )

    [maintainer] = [row for row in plan.impact["gained"] if row["right"] == "maintainer"]
    page = text(admin, plan)

    assert maintainer["until"] == [until(days=5)] * 2
    assert "From, until" in page
    assert f"Ends {on_day(timezone.now() + timedelta(days=5))}, 12:00 UTC" in page
    assert "maintainer (until " in text(admin, plan, by="person")


def test_what_begins_later_is_shown_with_its_time_and_gained_by_nobody_now(
    teams: Platform, admin: Client
) -> None:
    teams.do("access:group:create", name="later")
    teams.do("access:person:create", username="lea")
    teams.do("access:membership:add", people=["lea"], groups=["later"])
    plan = teams.preview(
        "access:group-role:give",
        groups=["later"],
        roles=["developer"],
        starts_at=until(days=3),
        ends_at=until(days=6),
    )
    page = words(text(admin, plan))

    assert plan.impact["gained"] == []
    assert {row["right"]: (row["from"][0], row["until"][0]) for row in plan.impact["later"]} == {
        "developer": (until(days=3), until(days=6)),
        "viewer": (until(days=3), until(days=6)),
    }
    assert "Gained later 2" in page
    assert f"from {on_day(timezone.now() + timedelta(days=3))}" in page
    assert "0 people gain access" in page
    assert "developer (from " in text(admin, plan, by="person")


def test_what_lasts_by_another_way_has_no_end(teams: Platform, admin: Client) -> None:
    teams.do("access:person:create", username="una")
    teams.do("access:person-role:give", people=["una"], roles=["viewer"])
    plan = teams.preview(
        "access:person-role:give", people=["una"], roles=["developer"], ends_at=until(days=9)
    )

    assert [(row["right"], row.get("until")) for row in plan.impact["gained"]] == [
        ("developer", [until(days=9)] * 2)
    ]
