"""Taking an applied plan back, from its page: previewed, applied and recorded like any change."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Group, Role
from console.sync.models import Plan
from tests.factories import Platform
from tests.operators import sign_in_as


@pytest.fixture(scope="module")
def teams(platform: Platform) -> Platform:
    platform.build(
        *(("access:role:create", {"name": name}) for name in ("turner", "miller", "baker")),
        ("access:group:create", {"name": "guild"}),
        ("access:group:create", {"name": "works"}),
        *(("access:person:create", {"username": name}) for name in ("rhea", "sami", "tove")),
        ("access:person-role:give", {"people": ["sami"], "roles": ["turner"]}),
    )
    return platform


@pytest.fixture
def admin(client: Client, teams: Platform) -> Client:
    sign_in_as(client, groups=(f"/tenants/{teams.tenant}/admins",))
    return client


def take_back(admin: Client, teams: Platform, plan: Plan) -> Plan:
    answer: Any = admin.post(reverse("sync:plan-revert", args=[plan.pk]))
    found = re.fullmatch(r"/plans/([0-9a-f-]{36})/", answer["Location"])
    assert answer.status_code == 302
    assert found
    reverse_plan = Plan.objects.get(pk=found.group(1))
    assert reverse_plan.undo_of_id == plan.pk
    teams.apply(reverse_plan)
    teams.sync()
    return reverse_plan


def test_an_applied_plan_offers_to_be_taken_back_and_an_open_one_does_not(
    teams: Platform, admin: Client
) -> None:
    applied = teams.do("access:person-role:give", people=["tove"], roles=["baker"])
    is_open = teams.preview("access:person-role:give", people=["tove"], roles=["miller"])

    offer = "Revert this change"

    assert offer in admin.get(applied.get_absolute_url()).content.decode()
    assert offer not in admin.get(is_open.get_absolute_url()).content.decode()


def test_what_was_given_is_taken_and_what_was_there_before_stays(teams: Platform, admin: Client) -> None:
    plan = teams.do("access:person-role:give", people=["rhea", "sami"], roles=["turner", "miller"])
    assert teams.effective_roles("rhea") == {"turner", "miller"}

    undo = take_back(admin, teams, plan)

    assert len(undo.operations) == 3
    assert teams.effective_roles("rhea") == set()
    assert teams.effective_roles("sami") == {"turner"}


def test_what_was_taken_is_given_again(teams: Platform, admin: Client) -> None:
    plan = teams.do("access:person-role:take", people=["sami"], roles=["turner"])
    assert teams.effective_roles("sami") == set()

    take_back(admin, teams, plan)

    assert teams.effective_roles("sami") == {"turner"}


def test_a_renamed_role_has_its_name_back_and_keeps_its_holders(teams: Platform, admin: Client) -> None:
    plan = teams.do("access:role:edit", **teams.edit_role("turner", name="lathe-hand"))
    assert teams.effective_roles("sami") == {"lathe-hand"}

    take_back(admin, teams, plan)

    assert teams.effective_roles("sami") == {"turner"}
    assert Role.objects.filter(realm=teams.row.realm, name="turner").exists()


def test_a_moved_group_stands_where_it_stood(teams: Platform, admin: Client) -> None:
    works = Group.objects.get(realm=teams.row.realm, path="works")
    plan = teams.do("access:group:edit", **teams.edit_group("guild", parent=works.pk))
    assert Group.objects.filter(realm=teams.row.realm, path="works/guild").exists()

    take_back(admin, teams, plan)

    assert Group.objects.filter(realm=teams.row.realm, path="guild").exists()


def test_taking_back_twice_says_that_nothing_stands(teams: Platform, admin: Client) -> None:
    plan = teams.do("access:person-role:give", people=["rhea"], roles=["baker"])
    take_back(admin, teams, plan)

    answer = admin.post(reverse("sync:plan-revert", args=[plan.pk]), follow=True)

    assert "Nothing of this plan stands any more." in answer.content.decode()


def test_a_deleted_person_cannot_be_taken_back_and_it_says_so(teams: Platform, admin: Client) -> None:
    teams.do("access:person:create", username="ulla")
    plan = teams.do("access:person:delete", person="ulla")

    answer = admin.post(reverse("sync:plan-revert", args=[plan.pk]), follow=True)

    assert "cannot be taken back here" in answer.content.decode()


def test_who_may_only_look_is_refused(teams: Platform, client: Client) -> None:
    plan = teams.do("access:person-role:give", people=["rhea"], roles=["miller"])
    sign_in_as(client, roles=("gatehouse-auditor",))

    answer = client.post(reverse("sync:plan-revert", args=[plan.pk]))

    assert answer.status_code == 403
    assert not Plan.objects.filter(undo_of=plan).exists()


def test_a_link_that_was_in_keycloak_before_stays_there(teams: Platform, admin: Client) -> None:
    role = teams.keycloak.get("roles", "turner")
    teams.keycloak.post("users", teams.person_id("tove"), "role-mappings", "realm", json=[role])
    plan = teams.do("access:person-role:give", people=["tove"], roles=["turner", "miller"])

    take_back(admin, teams, plan)

    assert "turner" in teams.effective_roles("tove")
    assert "miller" not in teams.effective_roles("tove")
