"""What a preview predicts for people is what Keycloak's own composite role mappings say afterwards."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from console.sync import runs
from console.sync.models import Plan, Run
from tests.factories import Platform

PEOPLE = ("ann", "ben", "cleo")
Roles = Mapping[str, set[str]]
Values = Callable[[Platform], dict[str, Any]]


@pytest.fixture(scope="module")
def company(new_platform: Callable[..., Platform]) -> Platform:
    """Nested groups, nested roles, and people who have rights by several ways at once."""
    platform = new_platform("company")
    names = ("lead", "developer", "viewer", "auditor", "spare")
    platform.build(
        *(("access:role:create", {"name": name}) for name in names),
        ("access:composite:add", {"role": "lead", "children": ["developer"]}),
        ("access:composite:add", {"role": "developer", "children": ["viewer"]}),
        ("access:group:create", {"name": "data"}),
        ("access:group:create", {"name": "eng", "parent": "data"}),
        ("access:group:create", {"name": "ops"}),
        ("access:group-role:give", {"groups": ["data"], "roles": ["developer"]}),
        ("access:group-role:give", {"groups": ["ops"], "roles": ["auditor"]}),
        *(("access:person:create", {"username": name}) for name in PEOPLE),
        ("access:membership:add", {"people": ["ann", "ben"], "groups": ["data/eng"]}),
        ("access:membership:add", {"people": ["cleo"], "groups": ["ops"]}),
        ("access:person-role:give", {"people": ["ben"], "roles": ["viewer"]}),
    )
    runs.read_everything(platform.scope.pk)  # what Keycloak gives to everybody is known from here on
    return platform


def given(**values: Any) -> Values:
    return lambda _platform: values


def group(path: str, /, **new: Any) -> Values:
    return lambda platform: platform.edit_group(path, **new)


def role(role_name: str, **new: Any) -> Values:
    return lambda platform: platform.edit_role(role_name, **new)


CHANGES: list[tuple[str, str, Values]] = [
    (
        "a membership below a group with roles",
        "access:membership:add",
        given(people=["cleo"], groups=["data/eng"]),
    ),
    ("a role for a group", "access:group-role:give", given(groups=["data/eng"], roles=["lead"])),
    (
        "a role that somebody has by another way",
        "access:person-role:give",
        given(people=["ann"], roles=["viewer"]),
    ),
    (
        "a role taken that stays by another way",
        "access:group-role:take",
        given(groups=["data"], roles=["developer"]),
    ),
    (
        "a role included in one that is held",
        "access:composite:add",
        given(role="developer", children=["spare"]),
    ),
    ("a role renamed", "access:role:edit", role("developer", name="engineer")),
    ("a group renamed", "access:group:edit", group("data", name="platform")),
    ("a group below it renamed", "access:group:edit", group("platform/eng", name="crew")),
    ("a role for the parent", "access:group-role:give", given(groups=["platform"], roles=["auditor"])),
    ("a group moved out", "access:group:edit", group("platform/crew", parent=None)),
    ("a role no longer included", "access:composite:remove", given(role="engineer", child="viewer")),
    ("a membership taken", "access:membership:remove", given(people=["cleo"], groups=["ops"])),
    ("a role taken from a person", "access:person-role:take", given(people=["ben"], roles=["viewer"])),
    ("a role deleted", "access:role:delete", given(role="engineer")),
    ("a group deleted", "access:group:delete", given(group="crew")),
    ("a person with nothing", "access:person:create", given(username="dan")),
    ("a person deleted", "access:person:delete", given(person="cleo")),
]


def effective(platform: Platform) -> Roles:
    found = {one["username"] for one in platform.keycloak.get("users")}
    return {name: platform.effective_roles(name, with_keycloaks_own=True) for name in found}


def predicted(plan: Plan, sign: str) -> set[tuple[str, str]]:
    return {
        (username, row["right"])
        for row in plan.impact[sign]
        if row["kind"] == "role"
        for username, _ in row["people"]
    }


def differences(before: Roles, after: Roles) -> set[tuple[str, str]]:
    return {(who, right) for who, rights in after.items() for right in rights - before.get(who, set())}


@pytest.mark.parametrize(("command", "values"), [pytest.param(c, v, id=name) for name, c, v in CHANGES])
def test_gained_and_lost_are_what_keycloak_says(company: Platform, command: str, values: Values) -> None:
    """The plan names who gains and who loses what, and is right. The changes build on each other."""
    before = effective(company)
    plan = company.preview(command, **values(company))
    assert plan.findings == []
    assert effective(company) == before

    company.apply(plan)
    run = company.sync()

    assert run.state == Run.State.DONE, run.sentence
    after = effective(company)
    assert predicted(plan, "gained") == differences(before, after)
    assert predicted(plan, "lost") == differences(after, before)
    assert plan.impact["gainers"] == len({who for who, _ in differences(before, after)})
    assert plan.impact["losers"] == len({who for who, _ in differences(after, before)})


def test_those_who_had_a_deleted_role_from_elsewhere_are_named_too(company: Platform) -> None:
    company.do("access:role:create", name="borrowed")
    keycloak = company.keycloak
    keycloak.make_person("eve")
    role = keycloak.get("roles", "borrowed")
    keycloak.post("users", company.person_id("eve"), "role-mappings", "realm", json=[role])
    runs.read_everything(company.scope.pk)

    plan = company.preview("access:role:delete", role="borrowed")

    assert ("eve", "borrowed") in predicted(plan, "lost")
