"""Entitlements on their way from a form to a real token."""

from collections.abc import Callable
from typing import Any

import pytest

from console.engine.state import Kind
from console.sync.models import Run
from console.transport import calls
from tests.factories import Platform, at
from tests.tokens import claims_of

CLIENT = "package-index"


@pytest.fixture(scope="module")
def shop(new_platform: Callable[..., Platform]) -> Platform:
    """A realm with nested groups, and a client made after it was declared, as any platform makes one."""
    platform = new_platform("shop")
    platform.keycloak.make(
        "clients",
        clientId=CLIENT,
        publicClient=True,
        directAccessGrantsEnabled=True,
        standardFlowEnabled=False,
    )
    platform.build(
        ("access:group:create", {"name": "data"}),
        ("access:group:create", {"name": "eng", "parent": "data"}),
        *(("access:person:create", person(name)) for name in ("ann", "ben", "cleo", "dora")),
        ("access:membership:add", {"people": ["ann"], "groups": ["data/eng"]}),
    )
    return platform


def person(username: str) -> dict[str, Any]:
    name = username.capitalize()
    return {"username": username, "email": f"{username}@example.org", "first_name": name, "last_name": "Lee"}


def grant(platform: Platform, level: str, name: str = "demo", **who: list[str]) -> dict[str, Any]:
    holders = {"people": [], "groups": []} | who
    return {"resource": platform.resource(name=name).pk, "level": level, **holders}


def puts(made: list[str], *ending: str) -> int:
    return sum(one.startswith("PUT ") and one.endswith("/".join(ending)) for one in made)


def test_several_grants_of_one_person_are_one_write(shop: Platform) -> None:
    """Row: one write per owner, read back."""
    with calls() as made:
        shop.build(
            ("access:entitlement:grant", grant(shop, "READ", people=["ben"])),
            ("access:entitlement:grant", grant(shop, "WRITE", people=["ben"])),
            ("access:entitlement:grant", grant(shop, "READ", "other", people=["ben"])),
        )

    assert puts(made.made, "users", shop.person_id("ben")) == 1
    assert shop.attribute("ben") == {"package:demo:READ", "package:demo:WRITE", "package:other:READ"}
    assert shop.ledger(at(Kind.ENTITLEMENT, "person", "ben", "package:demo:WRITE")) is not None


def test_a_grant_to_several_people_is_one_write_each(shop: Platform) -> None:
    plan = shop.approve(
        "access:entitlement:grant", **grant(shop, "READ", "wide", people=["ben", "cleo", "dora"])
    )

    with calls() as made:
        run = shop.sync()

    assert run.state == Run.State.DONE
    assert len(plan.operations) == 3
    assert puts(made.made) == 3
    assert all("package:wide:READ" in shop.attribute(name) for name in ("ben", "cleo", "dora"))


def test_a_foreign_value_of_the_same_attribute_survives(shop: Platform) -> None:
    """Row: what we did not apply is never taken away."""
    keycloak, cleo = shop.keycloak, shop.person_id("cleo")
    representation = keycloak.get("users", cleo)
    values = [*representation.get("attributes", {}).get("entitlements", []), "legacy:thing:OWN"]
    attributes = representation.get("attributes", {}) | {"entitlements": values}
    keycloak.put("users", cleo, json=representation | {"attributes": attributes})

    shop.do("access:entitlement:grant", **grant(shop, "WRITE", people=["cleo"]))
    assert {"legacy:thing:OWN", "package:demo:WRITE"} <= shop.attribute("cleo")
    shop.do("access:entitlement:revoke", entitlements=shop.grants("package:demo:WRITE"))

    assert "legacy:thing:OWN" in shop.attribute("cleo")
    assert "package:demo:WRITE" not in shop.attribute("cleo")
    assert keycloak.get("users", cleo)["email"] == "cleo@example.org"


def test_a_token_holds_the_rights_of_the_person_her_group_and_the_group_above(shop: Platform) -> None:
    """Rows: roles by group and composite, entitlements of all groups; and gone after revocation."""
    shop.build(
        ("access:role:create", {"name": "developer"}),
        ("access:role:create", {"name": "viewer"}),
        ("access:composite:add", {"role": "developer", "children": ["viewer"]}),
    )
    changes: list[tuple[str, dict[str, Any]]] = [
        ("access:group-role:give", {"groups": ["data"], "roles": ["developer"]}),
        ("access:entitlement:grant", grant(shop, "READ", "own", people=["ann"])),
        ("access:entitlement:grant", grant(shop, "READ", "group", groups=["data/eng"])),
        ("access:entitlement:grant", grant(shop, "WRITE", "parent", groups=["data"])),
    ]
    before = claims_of(shop, "ann", client=CLIENT)
    assert "entitlements" not in before

    predicted = set()
    for command, values in changes:
        plan = shop.do(command, **values)
        predicted |= {row["right"] for row in plan.impact["gained"] if ["ann", "Ann Lee"] in row["people"]}

    token = claims_of(shop, "ann", client=CLIENT)
    assert set(token["entitlements"]) == {"package:own:READ", "package:group:READ", "package:parent:WRITE"}
    assert {"developer", "viewer"} <= set(token["realm_access"]["roles"])
    gained = set(token["realm_access"]["roles"]) - set(before["realm_access"]["roles"])
    assert predicted == gained | set(token["entitlements"])

    shop.do("access:entitlement:revoke", entitlements=shop.grants("package:parent:WRITE"))
    shop.do("access:entitlement:revoke", entitlements=shop.grants("package:own:READ"))
    shop.do("access:group-role:take", groups=["data"], roles=["developer"])

    token = claims_of(shop, "ann", client=CLIENT)
    assert token["entitlements"] == ["package:group:READ"]
    assert not {"developer", "viewer"} & set(token["realm_access"]["roles"])

    shop.do("access:membership:remove", people=["ann"], groups=["data/eng"])
    assert "entitlements" not in claims_of(shop, "ann", client=CLIENT)


def test_a_group_keeps_its_other_attributes_when_it_gets_an_entitlement(shop: Platform) -> None:
    keycloak = shop.keycloak
    group = keycloak.get("groups", shop.group_id("data"))
    keycloak.put(
        "groups", group["id"], json=group | {"attributes": group.get("attributes", {}) | {"floor": ["3"]}}
    )

    shop.do("access:entitlement:grant", **grant(shop, "READ", "floors", groups=["data"]))

    attributes = keycloak.get("groups", group["id"])["attributes"]
    assert attributes["floor"] == ["3"]
    assert "package:floors:READ" in attributes["entitlements"]


def test_an_entitlement_follows_its_group_through_a_new_name(shop: Platform) -> None:
    shop.build(
        ("access:group:create", {"name": "old-name"}),
        ("access:membership:add", {"people": ["dora"], "groups": ["old-name"]}),
        ("access:entitlement:grant", grant(shop, "READ", "follows", groups=["old-name"])),
    )

    shop.do("access:group:edit", **shop.edit_group("old-name", name="new-name"))
    assert "package:follows:READ" in claims_of(shop, "dora", client=CLIENT)["entitlements"]
    shop.do("access:entitlement:revoke", entitlements=shop.grants("package:follows:READ"))

    assert "package:follows:READ" not in claims_of(shop, "dora", client=CLIENT).get("entitlements", [])
