"""Role families: made with a person, for people without, on their own, and taken back. Row K3."""

from typing import Any

import pytest
from django.utils import timezone

from access.models import Composite, Person, PersonRole, Role
from access.services import assignments, blueprints, families, groups, people, roles
from console.engine.state import Address, Kind
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Gone, Refused
from console.sync.models import KeycloakServer, Observed
from tenants.models import Tenant
from tenants.services import servers
from tenants.services.blueprints import upload
from tests.factories import MIRA, STRANGER
from tests.tenants.platform import FIRST

pytestmark = pytest.mark.django_db
SETS_OFF = "Somebody builds a stall."


@pytest.fixture
def server() -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")


@pytest.fixture
def shop(server: KeycloakServer) -> Tenant:
    upload(actor=MIRA, text=FIRST)
    return blueprints.create_from_blueprint(
        actor=MIRA,
        slug="shop",
        name="Shop",
        server=server.pk,
        blueprint="shop",
        version="1",
        parameters={"realm": "shop"},
    )


def told(cause: Cause) -> str:
    return " ".join(f"{sentence} {follows}" for made in cause.changes for sentence, follows in made.notes)


def names() -> set[str]:
    return set(Role.objects.filter(name__startswith="stall:").values_list("name", flat=True))


def arrive(tenant: Tenant, *usernames: str) -> None:
    """Let people be read in Keycloak who are not declared here."""
    for username in usernames:
        address = Address(Kind.PERSON, (username,))
        Observed.objects.create(
            scope=tenant.realm.scope,
            address=address.key,
            kind="person",
            fields={"email": f"{username}@example.org", "enabled": True},
            read_at=timezone.now(),
        )


def test_a_person_gets_the_family_that_is_ticked(shop: Tenant) -> None:
    cause = Cause()

    ada = people.create(actor=MIRA, tenant="shop", username="ada", families=["stall"], cause=cause)

    assert names() == {"stall:ada", "stall:edit:ada", "stall:view:ada"}
    assert [one.role.name for one in ada.role_links.all()] == ["stall:ada"]
    links = set(Composite.objects.filter(parent__name="stall:ada").values_list("child__name", flat=True))
    assert links == {"stall:edit:ada", "stall:view:ada"}
    assert SETS_OFF in told(cause)


def test_a_person_without_the_tick_gets_none(shop: Tenant) -> None:
    cause = Cause()

    people.create(actor=MIRA, tenant="shop", username="ada", cause=cause)

    assert names() == set()
    assert told(cause) == ""


def test_a_shared_one_is_given_to_nobody(shop: Tenant) -> None:
    cause = Cause()

    families.create(actor=MIRA, tenant="shop", family="stall", value="market", cause=cause)

    assert names() == {"stall:market", "stall:edit:market", "stall:view:market"}
    assert not PersonRole.objects.exists()
    assert SETS_OFF in told(cause)


def test_what_is_missing_of_a_family_is_completed(shop: Tenant) -> None:
    roles.create(actor=MIRA, tenant="shop", name="stall:edit:market", description="Ours")

    families.create(actor=MIRA, tenant="shop", family="stall", value="market")

    assert len(names()) == 3
    assert Role.objects.get(name="stall:edit:market").description == "Ours"
    with pytest.raises(Refused, match="already"):
        families.create(actor=MIRA, tenant="shop", family="stall", value="market")


@pytest.mark.parametrize("value", ["", "a:b", "a/b", "<x>", "a|b", " a", "a" * 200, "..\\n"])
def test_what_cannot_stand_in_a_name_is_refused(shop: Tenant, value: str) -> None:
    with pytest.raises(Refused) as refused:
        families.create(actor=MIRA, tenant="shop", family="stall", value=value)

    assert refused.value.field == "value"
    assert names() == set()


def test_a_family_that_the_blueprint_does_not_have_is_gone(shop: Tenant) -> None:
    with pytest.raises(Gone):
        families.create(actor=MIRA, tenant="shop", family="booth", value="market")


def test_who_came_by_another_way_is_taken_over_and_gets_hers(shop: Tenant) -> None:
    arrive(shop, "zoe")
    people.create(actor=MIRA, tenant="shop", username="ada")
    cause = Cause()

    families.make_for_people(actor=MIRA, tenant="shop", family="stall", usernames=["ada", "zoe"], cause=cause)

    assert Person.objects.get(username="zoe").email == "zoe@example.org"
    given = set(PersonRole.objects.values_list("person__username", "role__name"))
    assert given == {("ada", "stall:ada"), ("zoe", "stall:zoe")}
    parts = cause.changes[0].parts
    assert parts[Address(Kind.ROLE, ("stall:edit:zoe",))] == "zoe"


def test_people_who_have_theirs_are_refused(shop: Tenant) -> None:
    people.create(actor=MIRA, tenant="shop", username="ada", families=["stall"])

    with pytest.raises(Refused, match="already"):
        families.make_for_people(actor=MIRA, tenant="shop", family="stall", usernames=["ada"])


def test_a_person_whom_nobody_knows_is_refused(shop: Tenant) -> None:
    with pytest.raises(Refused, match="nobody"):
        families.make_for_people(actor=MIRA, tenant="shop", family="stall", usernames=["nobody"])


def test_taking_it_back_leaves_the_other_roles_and_names_them(shop: Tenant) -> None:
    people.create(actor=MIRA, tenant="shop", username="ada", families=["stall"])
    cause = Cause()

    families.delete(actor=MIRA, tenant="shop", family="stall", value="ada", cause=cause)

    assert names() == {"stall:edit:ada", "stall:view:ada"}
    assert "stall:edit:ada, stall:view:ada stay." in told(cause)


def test_deleting_the_role_itself_says_the_same(shop: Tenant) -> None:
    families.create(actor=MIRA, tenant="shop", family="stall", value="market")
    cause = Cause()

    roles.delete(actor=MIRA, tenant="shop", role=Role.objects.get(name="stall:market").pk, cause=cause)

    assert "stall:edit:market, stall:view:market stay." in told(cause)


def test_all_of_it_can_go(shop: Tenant) -> None:
    people.create(actor=MIRA, tenant="shop", username="ada", families=["stall"])

    families.delete(actor=MIRA, tenant="shop", family="stall", value="ada", everything=True)

    assert names() == set()
    assert not PersonRole.objects.exists()


def test_granting_a_role_that_sets_something_off_says_so(shop: Tenant) -> None:
    families.create(actor=MIRA, tenant="shop", family="stall", value="market")
    ada = people.create(actor=MIRA, tenant="shop", username="ada")
    team = groups.create(actor=MIRA, tenant="shop", name="team")
    head = Role.objects.get(name="stall:market")
    to_person, to_group, to_role, made, plain = (Cause() for _ in range(5))

    assignments.give_roles(actor=MIRA, tenant="shop", people=[ada.pk], roles=[head.pk], cause=to_person)
    assignments.give_group_roles(actor=MIRA, tenant="shop", groups=[team.pk], roles=[head.pk], cause=to_group)
    clerk = Role.objects.get(name="clerk")
    roles.include(actor=MIRA, tenant="shop", role=clerk.pk, children=[head.pk], cause=to_role)
    roles.create(actor=MIRA, tenant="shop", name="stall:second", cause=made)
    edit = Role.objects.get(name="stall:edit:market")
    assignments.give_roles(actor=MIRA, tenant="shop", people=[ada.pk], roles=[edit.pk], cause=plain)

    assert all(SETS_OFF in told(one) for one in (to_person, to_group, to_role, made))
    assert told(plain) == ""


def test_a_stranger_makes_nothing(shop: Tenant) -> None:
    with pytest.raises((Forbidden, Gone)):
        families.create(actor=STRANGER, tenant="shop", family="stall", value="market")


def test_many_people_need_no_more_statements(shop: Tenant, django_assert_max_num_queries: Any) -> None:
    """A thousand people and three thousand roles in one change, as few statements as for ten."""
    arrive(shop, *(f"p{number:04d}" for number in range(1000)))
    usernames = [f"p{number:04d}" for number in range(1000)]

    with django_assert_max_num_queries(90):
        families.make_for_people(actor=MIRA, tenant="shop", family="stall", usernames=usernames)

    assert len(names()) == 3000
    assert PersonRole.objects.count() == 1000
