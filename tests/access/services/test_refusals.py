"""What services refuse, as sentences beside a field: the database keeps the truth, nothing is half done."""

from collections.abc import Callable
from typing import Any

import pytest

from access.models import Group
from access.services import assignments, entitlements, groups, people, roles
from console.audit.models import AuditEvent
from console.sync.commands import Conflict, Refused
from console.sync.models import Touched
from tests.access.services.conftest import Estate, Holding
from tests.factories import MIRA

Call = Callable[[Holding], Any]


def role(holding: Holding, **values: Any) -> Any:
    given = {"role": holding.role.pk, "revision": 1, "name": holding.role.name, "description": ""}
    return roles.edit(actor=MIRA, tenant=holding.tenant, **given | values)


def group(holding: Holding, **values: Any) -> Any:
    given = {
        "group": holding.group.pk,
        "revision": 1,
        "name": holding.group.name,
        "description": "",
        "parent": holding.group.parent_id,
    }
    return groups.edit(actor=MIRA, tenant=holding.tenant, **given | values)


def person(holding: Holding, **values: Any) -> Any:
    given = {
        "person": holding.other_person.pk,
        "revision": 1,
        "email": "",
        "first_name": "",
        "last_name": "",
        "enabled": True,
    }
    return people.edit(actor=MIRA, tenant=holding.tenant, **given | values)


def common(holding: Holding) -> dict[str, Any]:
    return {"actor": MIRA, "tenant": holding.tenant}


REFUSALS: list[tuple[str, str | None, str, Call]] = [
    (
        "a second role of a name",
        "name",
        "A role named reader exists",
        lambda h: roles.create(**common(h), name="reader"),
    ),
    ("a role renamed to a taken name", "name", "A role named inner exists", lambda h: role(h, name="inner")),
    (
        "a role of Keycloak's own",
        "name",
        "Keycloak's own",
        lambda h: roles.create(**common(h), name="offline_access"),
    ),
    ("a default role", "name", "Keycloak's own", lambda h: role(h, name="default-roles-elsewhere")),
    (
        "a role that includes itself",
        "children",
        "circle",
        lambda h: roles.include(**common(h), role=h.role.pk, children=[h.role.pk]),
    ),
    (
        "a circle of roles",
        "children",
        "circle",
        lambda h: roles.include(**common(h), role=h.inner.pk, children=[h.role.pk]),
    ),
    (
        "a role included twice",
        "children",
        "includes this already",
        lambda h: roles.include(**common(h), role=h.role.pk, children=[h.inner.pk]),
    ),
    (
        "a second group of a name",
        "name",
        "A group team exists",
        lambda h: groups.create(**common(h), name="team"),
    ),
    ("a group below itself", "parent", "below itself", lambda h: group(h, parent=h.group.pk)),
    ("a group renamed to a taken name", "name", "A group other exists", lambda h: group(h, name="other")),
    (
        "a second person of a name",
        "username",
        "Somebody has this user name",
        lambda h: people.create(**common(h), username="elsewhere-ann"),
    ),
    ("a taken e-mail", "email", "Somebody has this e-mail", lambda h: person(h, email="ANN@example.org")),
    (
        "a level that the type does not have",
        "level",
        "no level ADMIN",
        lambda h: entitlements.grant(
            **common(h), resource=h.resource.pk, level="ADMIN", people=[h.person.pk], groups=[]
        ),
    ),
    (
        "a grant that stands already",
        "people",
        "is so already",
        lambda h: entitlements.grant(
            **common(h), resource=h.resource.pk, level="READ", people=[h.person.pk], groups=[]
        ),
    ),
    (
        "a second type of a name",
        "name",
        "An entitlement type of this name exists",
        lambda h: entitlements.create_type(**common(h), name="package", levels=["READ"]),
    ),
    (
        "a second resource of a name",
        "name",
        "A package named demo exists",
        lambda h: entitlements.create_resource(**common(h), type=h.type.pk, name="demo"),
    ),
    (
        "a membership that stands already",
        "groups",
        "is so already",
        lambda h: assignments.join(**common(h), people=[h.person.pk], groups=[h.group.pk]),
    ),
    (
        "a role taken that nobody has directly",
        "roles",
        "given directly",
        lambda h: assignments.take_roles(**common(h), people=[h.person.pk], roles=[h.role.pk]),
    ),
]


@pytest.fixture(scope="module")
def holding(estate: Estate) -> Holding:
    """The tenant with a realm of its own; its first person has an e-mail."""
    people.edit(
        actor=MIRA,
        tenant="elsewhere",
        person=estate.elsewhere.person.pk,
        revision=1,
        email="ann@example.org",
        first_name="Ann",
        last_name="Lee",
        enabled=True,
    )
    return estate.elsewhere


@pytest.mark.parametrize(("field", "words", "call"), [pytest.param(f, w, c, id=n) for n, f, w, c in REFUSALS])
def test_a_refusal_is_a_sentence_beside_its_field_and_leaves_nothing(
    holding: Holding, field: str, words: str, call: Call
) -> None:
    before = AuditEvent.objects.count(), Touched.objects.count()

    with pytest.raises(Refused, match=words) as refused:
        call(holding)

    assert refused.value.field == field
    assert (AuditEvent.objects.count(), Touched.objects.count()) == before


@pytest.mark.parametrize("edit", [role, group, person])
def test_an_older_revision_is_a_conflict_with_the_present_values(
    holding: Holding, edit: Callable[..., Any]
) -> None:
    """F27: every edit says what the other editor left."""
    with pytest.raises(Conflict) as conflict:
        edit(holding, revision=0)

    assert conflict.value.revision == 1
    assert conflict.value.theirs


def test_a_group_with_groups_below_is_not_deleted(holding: Holding) -> None:
    below = groups.create(actor=MIRA, tenant=holding.tenant, name="below", parent=holding.other_group.pk)

    with pytest.raises(groups.HasChildren, match="1 groups? stand"):
        groups.delete(actor=MIRA, tenant=holding.tenant, group=holding.other_group.pk)

    assert Group.objects.filter(pk=below.pk).exists()


def test_a_group_that_moves_takes_all_below_along(holding: Holding) -> None:
    common = {"actor": MIRA, "tenant": holding.tenant}
    top = groups.create(**common, name="tree")
    middle = groups.create(**common, name="branch", parent=top.pk)
    leaf = groups.create(**common, name="leaf", parent=middle.pk)
    beside = groups.create(**common, name="tree-house")

    groups.edit(**common, group=top.pk, revision=1, name="oak", description="", parent=holding.group.pk)

    paths = dict(Group.objects.filter(pk__in=[middle.pk, leaf.pk, beside.pk]).values_list("pk", "path"))
    assert paths == {
        middle.pk: "team/oak/branch",
        leaf.pk: "team/oak/branch/leaf",
        beside.pk: "tree-house",
    }


def test_a_share_keeps_to_its_group_its_prefix_and_its_types(estate: Estate) -> None:
    share: dict[str, Any] = {"actor": MIRA, "tenant": "acme-b"}
    top = Group.objects.get(realm=estate.acme_b.realm, path="acme-b")

    for call in (
        lambda: roles.create(**share, name="reader"),
        lambda: roles.create(**share, name="acme:reader-two"),
        lambda: roles.create(**share, name="acme-bx:reader"),
        lambda: roles.create(**share, name="acme-b:"),
        lambda: groups.create(**share, name="outside"),
        lambda: groups.edit(**share, group=top.pk, revision=1, name="acme", description="", parent=None),
        lambda: groups.delete(**share, group=top.pk),
        lambda: entitlements.create_type(**share, name="acme.package-two", levels=["READ"]),
        lambda: entitlements.create_type(**share, name="package", levels=["READ"]),
        lambda: role(estate.acme_b, name="acme:reader-two"),
    ):
        with pytest.raises(Refused):
            call()


def test_a_person_of_a_share_is_in_its_group_from_the_first_moment(estate: Estate) -> None:
    person = people.create(actor=MIRA, tenant="acme-b", username="newcomer")

    assert [one.group.path for one in person.memberships.select_related("group")] == ["acme-b"]
    assert Touched.objects.filter(address="membership:newcomer|acme-b").exists()


def take_over(person: int) -> None:
    fields = {"email": "x@example.org", "first_name": "", "last_name": "", "enabled": False}
    people.edit(actor=MIRA, tenant="acme", person=person, revision=1, **fields)


def throw_out(person: int) -> None:
    people.delete(actor=MIRA, tenant="acme", person=person)


@pytest.mark.parametrize("act", [take_over, throw_out])
def test_a_share_does_not_change_an_account_that_another_tenant_relies_on(
    estate: Estate, act: Callable[[int], None]
) -> None:
    """T19: a new e-mail would be a way into what the person may do elsewhere."""
    shared = people.create(actor=MIRA, tenant="acme", username=f"both-{act.__name__}".replace("_", "-"))
    assignments.join(actor=MIRA, tenant="house", people=[shared.pk], groups=[estate.acme_b.group.pk])

    with pytest.raises(people.BelongsToMore):
        act(shared.pk)

    shared.refresh_from_db()
    assert (shared.email, shared.enabled) == ("", True)
    people.delete(actor=MIRA, tenant="house", person=shared.pk)
