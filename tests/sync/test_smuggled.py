"""A smuggled administrator's right on a real Keycloak: found on every way, and not without a reason (T16)."""

from typing import Any

import pytest

from console.engine.stops import Rule
from console.sync import runs
from console.sync.confirming import Unconfirmed
from console.sync.models import Plan, Run
from tests.factories import Platform

ADMIN = "realm-management|realm-admin"


@pytest.fixture(scope="module")
def shop(platform: Platform) -> Platform:
    """A realm with a person in a group, a client with a service account, and an identity provider."""
    platform.build(
        ("access:role:create", {"name": "lead"}),
        ("access:group:create", {"name": "ops"}),
        ("access:person:create", {"username": "ann"}),
        ("access:membership:add", {"people": ["ann"], "groups": ["ops"]}),
    )
    runs.read_everything(platform.scope.pk)
    config = {
        "clientId": "c",
        "authorizationUrl": "https://a.example/auth",
        "tokenUrl": "https://a.example/t",
    }
    declare(platform, ("client:robot", {"service_accounts": True}))
    declare(platform, ("identity-provider:corp", {"provider": "oidc", "config": config}))
    return platform


def preview(shop: Platform, *things: tuple[str, dict[str, Any]]) -> Plan:
    rows = [{"address": key, "fields": fields, "revision": None} for key, fields in things]
    return shop.preview("tenants:declaration:put", declarations=rows)


def declare(shop: Platform, *things: tuple[str, dict[str, Any]]) -> None:
    shop.apply(preview(shop, *things))
    run = shop.sync()
    assert run.state == Run.State.DONE, run.sentence


def told(plan: Plan) -> str:
    return " ".join(stop.finding.sentence for stop in plan.held if stop.rule is Rule.ADMIN_RIGHT)


def test_given_directly(shop: Platform) -> None:
    plan = preview(shop, (f"person-client-role:ann|{ADMIN}", {}))

    assert "ann gets realm-admin of realm-management." in told(plan)
    with pytest.raises(Unconfirmed):
        shop.apply(plan, reason="x")


def test_through_her_group(shop: Platform) -> None:
    words = told(preview(shop, (f"group-client-role:ops|{ADMIN}", {})))

    assert "ann gets realm-admin of realm-management." in words
    assert "Way: ann › group ops › realm-admin of realm-management." in words


def test_through_a_role_that_everybody_has(shop: Platform) -> None:
    """Keycloak assigns the default role to every person that it makes."""
    words = told(preview(shop, (f"composite-client-role:default-roles-{shop.realm}|{ADMIN}", {})))

    assert "leads to realm-admin of realm-management" in words
    assert "ann gets realm-admin of realm-management." in words


def test_to_a_service_account(shop: Platform) -> None:
    words = told(preview(shop, (f"service-client-role:robot|{ADMIN}", {})))

    assert "The service account of robot gets realm-admin of realm-management." in words


def test_by_a_mapper_of_an_identity_provider(shop: Platform) -> None:
    fields = {
        "type": "oidc-hardcoded-role-idp-mapper",
        "config": {"role": "realm-management.realm-admin", "syncMode": "INHERIT"},
    }
    words = told(preview(shop, ("identity-provider-mapper:corp|boss", fields)))

    assert "leads to realm-admin of realm-management" in words
    assert "its owner decides who" in words


def test_in_two_steps_it_is_found_at_the_second(shop: Platform) -> None:
    """The first is harmless by itself: nobody has the role that will hand it on."""
    shop.do("access:person-role:give", people=["ann"], roles=["lead"])

    words = told(preview(shop, (f"composite-client-role:lead|{ADMIN}", {})))

    assert "ann gets realm-admin of realm-management." in words
    assert "Way: ann › role lead › realm-admin of realm-management." in words


def test_with_a_reason_it_is_written_and_the_record_names_her(shop: Platform) -> None:
    """Keycloak lets our service account give no more than what it has: manage-users, and not realm-admin."""
    plan = preview(shop, ("person-client-role:ann|realm-management|manage-users", {}))
    assert "With it one can change the realm past this console." in told(plan)

    shop.apply(plan, reason="Ann stands in for the platform team this week.")
    run = shop.sync()

    assert run.state == Run.State.DONE, run.sentence
    client = shop.keycloak.get("clients", clientId="realm-management")[0]["id"]
    held = shop.keycloak.get("users", shop.person_id("ann"), "role-mappings", "clients", client)
    assert [one["name"] for one in held] == ["manage-users"]
    (row,) = shop.audit(kind="sync:plan:confirm", plan_id=plan.pk)
    assert row.new == {"rule": "admin-right", "subjects": ["person ann"]}
    again = told(preview(shop, ("group-client-role:ops|realm-management|manage-users", {})))
    assert "ann gets" not in again
    assert "leads to manage-users" in again


def test_the_last_one_who_has_it_is_missed(shop: Platform, settings: Any) -> None:
    settings.ADMINISTRATORS = ("realm-management/manage-users",)

    plan = shop.preview("access:person:edit", **shop.edit_person("ann", enabled=False))

    assert [stop.rule for stop in plan.held] == [Rule.LAST_ADMINISTRATOR]
