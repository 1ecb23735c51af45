"""Two tenants with shares of one realm, on the real Keycloak: neither sees nor touches the other's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from access.models import Group, Person, Role
from console.sync.commands import Gone
from console.sync.models import Run
from console.sync.preview import preview
from tests.factories import MIRA, Platform, tenant_admin


@pytest.fixture(scope="module")
def house(new_platform: Callable[..., Platform]) -> Platform:
    """A realm that serves a whole tenant, and shares of others."""
    return new_platform("house")


def share(house: Platform, slug: str) -> Platform:
    """Add a tenant with a share of the realm and return it, acted for by its own administrator."""
    plan = preview(
        actor=MIRA,
        command="tenants:tenant:share",
        values={"slug": slug, "name": slug, "realm": house.row.realm_id},
        title="share",
        tenant=slug,
    )
    house.apply(plan)
    assert house.sync().state == Run.State.DONE
    return replace(house, tenant=slug, actor=tenant_admin(slug))


@pytest.fixture(scope="module")
def acme(house: Platform) -> Platform:
    return furnished(share(house, "acme"))


@pytest.fixture(scope="module")
def acme_b(house: Platform) -> Platform:
    """Its name begins like that of the other."""
    return furnished(share(house, "acme-b"))


def furnished(one: Platform) -> Platform:
    slug = one.tenant
    one.build(
        ("access:role:create", {"name": f"{slug}:reader"}),
        ("access:group:create", {"name": "team", "parent": slug}),
        ("access:person:create", {"username": f"{slug}-ann"}),
        ("access:membership:add", {"people": [f"{slug}-ann"], "groups": [f"{slug}/team"]}),
        ("access:group-role:give", {"groups": [f"{slug}/team"], "roles": [f"{slug}:reader"]}),
    )
    return one


def belongings(one: Platform) -> dict[str, set[str]]:
    tenant = one.row
    return {
        "roles": set(Role.objects.of(tenant).values_list("name", flat=True)),
        "groups": set(Group.objects.of(tenant).values_list("path", flat=True)),
        "people": set(Person.objects.of(tenant).values_list("username", flat=True)),
    }


def test_each_sees_its_own_only(acme: Platform, acme_b: Platform) -> None:
    """T1: `acme` is the beginning of `acme-b`, and neither is taken for the other."""
    for one in (acme, acme_b):
        slug = one.tenant
        assert belongings(one) == {
            "roles": {f"{slug}:reader"},
            "groups": {slug, f"{slug}/team"},
            "people": {f"{slug}-ann"},
        }


CHANGES: list[tuple[str, Callable[[str], dict[str, Any]]]] = [
    ("access:membership:add", lambda slug: {"people": ["acme-b-ann"], "groups": [f"{slug}/team"]}),
    ("access:membership:remove", lambda slug: {"people": ["acme-b-ann"], "groups": ["acme-b/team"]}),
    ("access:person-role:give", lambda slug: {"people": [f"{slug}-ann"], "roles": ["acme-b:reader"]}),
    ("access:group-role:take", lambda slug: {"groups": ["acme-b/team"], "roles": ["acme-b:reader"]}),
    ("access:composite:add", lambda slug: {"role": f"{slug}:reader", "children": ["acme-b:reader"]}),
    ("access:group:create", lambda slug: {"name": "inside", "parent": "acme-b/team"}),
    ("access:role:delete", lambda slug: {"role": "acme-b:reader"}),
    ("access:group:delete", lambda slug: {"group": "acme-b/team"}),
    ("access:person:delete", lambda slug: {"person": "acme-b-ann"}),
]


@pytest.mark.parametrize(("command", "values"), CHANGES, ids=[command for command, _ in CHANGES])
def test_a_preview_with_something_of_the_other_is_refused_and_writes_nothing(
    acme: Platform, acme_b: Platform, command: str, values: Callable[[str], dict[str, Any]]
) -> None:
    """T1: ids of the other share, in the way that a stored plan would replay them."""
    before = acme.scope.generation

    with pytest.raises(Gone):
        acme.preview(command, **values("acme"))

    assert acme.scope.generation == before
    assert acme_b.effective_roles("acme-b-ann") == {"acme-b:reader"}


def test_what_one_does_leaves_the_other_as_it_was(acme: Platform, acme_b: Platform) -> None:
    acme.do("access:role:create", name="acme:writer")
    acme.do("access:person-role:give", people=["acme-ann"], roles=["acme:writer"])
    acme.do("access:group:edit", **acme.edit_group("acme/team", name="crew"))
    acme.do("access:role:edit", **acme.edit_role("acme:reader", name="acme:viewer"))
    acme.do("access:membership:remove", people=["acme-ann"], groups=["acme/crew"])

    assert acme.effective_roles("acme-ann") == {"acme:writer"}
    assert acme_b.effective_roles("acme-b-ann") == {"acme-b:reader"}
    assert acme_b.groups_of("acme-b-ann") == {"acme-b", "acme-b/team"}
    assert belongings(acme_b)["roles"] == {"acme-b:reader"}


def test_a_person_stays_visible_to_her_tenant_after_leaving_its_last_team(acme: Platform) -> None:
    assert "acme-ann" in belongings(acme)["people"]
    assert acme.groups_of("acme-ann") == {"acme"}


def test_the_preview_of_one_names_nobody_of_the_other(acme: Platform, acme_b: Platform) -> None:
    plan = acme.preview("access:group-role:give", groups=["acme"], roles=["acme:writer"])

    told = str(plan.impact) + str(plan.operations)
    assert "acme-ann" in told
    assert "acme-b" not in told
