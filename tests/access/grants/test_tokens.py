"""What entitlements are worth in tokens of real logins, and what a revocation may truly say of them."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import Entitlement, Group, Membership, Person
from access.services import sessions
from access.services.resources import name
from console.audit.models import AuditEvent
from console.engine.state import Kind
from console.sync import lifespans
from console.sync.models import Observed, Plan
from tenants.models import Declaration, Tenant
from tests.factories import MIRA, Platform, at, tenant_admin
from tests.operators import sign_in_as
from tests.tokens import asked, login, new_password, payload


@pytest.fixture(scope="module")
def shop(new_platform: Callable[..., Platform]) -> Platform:
    platform = new_platform("shop")
    fields = {"service_accounts": True, "direct_access_grants": True, "public": False}
    platform.build(
        ("access:group:create", {"name": "data"}),
        ("access:role:create", {"name": "reader"}),
        *(("access:person:create", person(one)) for one in ("ann", "ben")),
        ("access:membership:add", {"people": ["ann"], "groups": ["data"]}),
        ("tenants:declaration:put", {"declarations": [{"address": "client:robot", "fields": fields}]}),
    )
    for username in ("ann", "ben"):
        id = platform.person_id(username)
        platform.keycloak.put("users", id, "reset-password", json=new_password())
    return platform


def person(username: str) -> dict[str, Any]:
    names = {"first_name": username, "last_name": "Lee"}
    return {"username": username, "email": f"{username}@example.org", **names}


def robot(shop: Platform) -> int:
    return int(Declaration.objects.get(realm__scope=shop.scope, address="client:robot").pk)


def ask(shop: Platform, **form: str) -> dict[str, Any]:
    """Return the token endpoint's answer to the client robot; an `error` of its own stands in it."""
    (client,) = shop.keycloak.get("clients", clientId="robot")
    secret = shop.keycloak.get("clients", client["id"], "client-secret")["value"]
    return asked(shop.keycloak.connection, shop.realm, client_id="robot", client_secret=secret, **form)


def sign_in(shop: Platform, username: str) -> dict[str, Any]:
    form = login("robot", username)
    del form["client_id"]
    return ask(shop, **form)


def entitled(token: dict[str, Any]) -> set[str]:
    return set(payload(token["access_token"]).get("entitlements", []))


def grant(shop: Platform, thing: int, level: str, **holders: Any) -> dict[str, Any]:
    return {"resource": thing, "level": level, "people": [], "groups": [], "clients": []} | holders


def test_tokens_carry_what_people_groups_and_service_accounts_are_granted(shop: Platform) -> None:
    """Row I5."""
    demo = shop.resource()
    every = name(actor=MIRA, tenant=shop.tenant, resource=None, type=demo.type_id, level="READ").resource
    assert every.is_every
    shop.build(
        ("access:entitlement:grant", grant(shop, demo.pk, "WRITE", people=["ann"])),
        ("access:entitlement:grant", grant(shop, every.pk, "READ", groups=["data"])),
        ("access:entitlement:grant", grant(shop, demo.pk, "READ", clients=[robot(shop)])),
        ("access:service-membership:add", {"clients": [robot(shop)], "groups": ["data"]}),
    )

    assert entitled(sign_in(shop, "ann")) == {"package:demo:WRITE", "package:*:READ"}
    assert entitled(sign_in(shop, "ben")) == set()
    assert entitled(ask(shop, grant_type="client_credentials")) == {"package:demo:READ", "package:*:READ"}
    assert shop.ledger(at(Kind.ENTITLEMENT, "client", "robot", "package:demo:READ")) == ""


def test_a_token_that_grows_too_large_is_said_on_the_plan_page(shop: Platform) -> None:
    things = [shop.resource(name=f"number-{number:03}").pk for number in range(170)]
    ben = Person.objects.get(username="ben", realm__scope=shop.scope)
    rows = [
        Entitlement(realm=shop.row.realm, resource_id=one, level="READ", person=ben, created_by="mira")
        for one in things[:-1]
    ]
    few = shop.preview("access:entitlement:grant", **grant(shop, things[-1], "READ", people=["ben"]))
    Entitlement.objects.bulk_create(rows)

    many = shop.preview("access:entitlement:grant", **grant(shop, things[-1], "READ", people=["ben"]))

    assert not [sentence for sentence, _ in few.notes if "becomes about" in sentence]
    assert [sentence for sentence, _ in many.notes if "The access token of ben Lee becomes about" in sentence]
    Entitlement.objects.filter(person=ben).delete()


def test_a_removal_says_until_when_tokens_may_be_valid(shop: Platform, client: Client) -> None:
    shop.do("access:person-role:give", people=["ann"], roles=["reader"])
    sign_in_as(client, roles=("gatehouse-admin",))
    plan = shop.preview("access:person-role:take", people=["ann"], roles=["reader"])
    before = client.get(plan.get_absolute_url()).content.decode()

    shop.apply(plan)
    run = shop.sync()

    after = client.get(plan.get_absolute_url()).content.decode()
    assert "Tokens issued before may be valid for 5 minutes after it is done." in before
    (step,) = run.steps.all()
    until = step.finished_at + timedelta(seconds=300)
    assert f"Tokens issued before may be valid until {until:%H:%M:%S} UTC" in after
    assert "End the sessions of all who lost it" in after
    assert (
        f"valid until {until:%H:%M:%S} UTC"
        in client.get(reverse("sync:run-detail", args=[run.pk])).content.decode()
    )
    ann = Person.objects.get(username="ann", realm__scope=shop.scope)
    assert f"valid until {until:%H:%M:%S} UTC" in client.get(ann.url(shop.tenant)).content.decode()


def test_a_clients_own_lifespan_counts(shop: Platform) -> None:
    row = Observed.objects.get(scope=shop.scope, address="client:robot")
    row.fields = row.fields | {"access_token_lifespan": 28_800}
    row.save(update_fields=["fields"])

    life = lifespans.lifespans_of(shop.scope)

    assert life is not None
    assert (life.realm, life.longest, life.longer) == (300, 28_800, (("robot", 28_800),))
    assert "robot for 8 hours" in life.words
    row.fields = row.fields | {"access_token_lifespan": 0}
    row.save(update_fields=["fields"])


def test_the_button_ends_the_sessions_of_all_who_lost_it(shop: Platform, client: Client) -> None:
    shop.do("access:person-role:give", people=["ann"], roles=["reader"])
    token = sign_in(shop, "ann")
    plan = shop.do("access:person-role:take", people=["ann"], roles=["reader"])
    sign_in_as(client, roles=("gatehouse-admin",))
    address = reverse("access:session-end-plan", args=[shop.tenant, plan.pk])

    page = client.get(address).content.decode()
    answer = client.post(address)

    assert "Access tokens do not die with it" in page
    assert answer.status_code == 302
    assert (
        ask(shop, grant_type="refresh_token", refresh_token=token["refresh_token"])["error"]
        == "invalid_grant"
    )
    rows = AuditEvent.objects.filter(kind="access:session:end", tenant=shop.tenant).order_by("id")
    assert [row.new for row in rows] == [
        {"asked": "end all"},
        {"result": "done", "said": "All sessions ended."},
    ]


def test_sessions_are_shown_as_keycloak_has_them(shop: Platform, client: Client) -> None:
    sign_in(shop, "ben")
    sign_in_as(client, roles=("gatehouse-admin",))
    ben = Person.objects.get(username="ben", realm__scope=shop.scope)

    shown = client.get(reverse("access:session-list", args=[shop.tenant, ben.pk])).content.decode()
    with shop.reached_at("http://127.0.0.1:9"):
        away = client.get(reverse("access:session-list", args=[shop.tenant, ben.pk])).content.decode()

    assert "robot" in shown
    assert re.search(r"End \d+ session", shown)
    assert "could not be read" in away


def test_a_share_reads_of_no_client_that_is_not_its_own(shop: Platform, client: Client) -> None:
    sign_in(shop, "ben")
    ben = Person.objects.select_related("realm").get(username="ben", realm__scope=shop.scope)
    birch = Tenant.objects.create(
        slug="birch",
        name="Birch",
        realm=ben.realm,
        served_by="share",
        group_name="birch",
        role_prefix="birch:",
    )
    group = Group.objects.create(realm=ben.realm, name="birch", path="birch")
    link = Membership.objects.create(realm=ben.realm, person=ben, group=group)
    sign_in_as(client, groups=("/tenants/birch/admins",))

    shown = client.get(reverse("access:session-list", args=["birch", ben.pk])).content.decode()
    for row in (link, group, birch):
        row.delete()

    assert "a client outside this tenant" in shown
    assert ">robot<" not in shown


def test_a_plan_of_another_tenant_has_no_such_button(shop: Platform, client: Client) -> None:
    plan = Plan.objects.create(
        title="theirs",
        command="",
        values={},
        tenant="birch",
        actor_key="x",
        actor_name="x",
        read_at=timezone.now(),
    )
    sign_in_as(client, roles=("gatehouse-admin",))

    assert client.get(reverse("access:session-end-plan", args=[shop.tenant, plan.pk])).status_code == 404


def test_more_people_than_one_request_can_do_are_refused(shop: Platform) -> None:
    with pytest.raises(sessions.TooMany):
        sessions.end(actor=MIRA, tenant=shop.tenant, people=list(range(201)))


@pytest.fixture
def birch(shop: Platform) -> Iterator[Tenant]:
    """A share of the realm, in whose group are ann, who is in another one as well, and ben alone."""
    realm = shop.row.realm
    share = Tenant.objects.create(
        slug="birch",
        name="Birch",
        realm=realm,
        served_by="share",
        group_name="birch",
        role_prefix="birch:",
    )
    group = Group.objects.create(realm=realm, name="birch", path="birch")
    for one in Person.objects.filter(realm=realm, username__in=("ann", "ben")):
        Membership.objects.create(realm=realm, person=one, group=group)
    yield share
    group.memberships.all().delete()
    for row in (group, share):
        row.delete()


def pk_of(shop: Platform, username: str) -> int:
    return int(Person.objects.get(username=username, realm__scope=shop.scope).pk)


def is_taken(shop: Platform, token: dict[str, Any]) -> bool:
    return "access_token" in ask(shop, grant_type="refresh_token", refresh_token=token["refresh_token"])


def test_a_share_ends_no_session_elsewhere_of_who_is_not_its_alone(
    shop: Platform, birch: Tenant, client: Client
) -> None:
    anns, bens = sign_in(shop, "ann"), sign_in(shop, "ben")
    sign_in_as(client, groups=("/tenants/birch/admins",))
    address = reverse("access:session-end", args=["birch", pk_of(shop, "ann")])

    page = client.get(address).content.decode()
    answer = client.post(address, follow=True).content.decode()
    found = sessions.end(actor=tenant_admin("birch"), tenant="birch", people=[pk_of(shop, "ben")])

    assert "Belongs to more" in page
    assert "Only administrators of the whole console may end those." in answer
    assert is_taken(shop, anns)
    assert [one.word for one in found] == ["done"]
    assert not is_taken(shop, bens)
    told = [row.new for row in AuditEvent.objects.filter(tenant="birch").order_by("id")]
    assert told[0] == {"asked": "end those of this tenant's clients"}
    assert told[1]["result"] == "kept"


def test_what_only_keycloak_knows_of_somebody_bounds_a_share_too(shop: Platform, birch: Tenant) -> None:
    admin = tenant_admin("birch")
    assert sessions.bounded(admin, birch, ["ann", "ben"]) == {"ann"}
    mine = Observed.objects.create(
        scope=shop.scope,
        address="person-client-role:ben|realm-management|view-users",
        kind=Kind.PERSON_CLIENT_ROLE.value,
        owner="ben",
        read_at=timezone.now(),
    )

    assert sessions.bounded(admin, birch, ["ann", "ben"]) == {"ann", "ben"}
    assert sessions.bounded(MIRA, birch, ["ann", "ben"]) == set()
    mine.delete()


def test_an_administrator_of_the_console_ends_them_everywhere(shop: Platform, birch: Tenant) -> None:
    token = sign_in(shop, "ann")

    found = sessions.end(actor=MIRA, tenant="birch", people=[pk_of(shop, "ann")])

    assert [one.word for one in found] == ["done"]
    assert not is_taken(shop, token)


def test_sessions_of_a_service_account_are_ended_from_its_page(shop: Platform, client: Client) -> None:
    sign_in_as(client, groups=(f"/tenants/{shop.tenant}/admins",))
    pk = robot(shop)
    address = reverse("access:service-account-end", args=[shop.tenant, pk])

    detail = client.get(reverse("access:service-account-detail", args=[shop.tenant, pk])).content.decode()
    page = client.get(address).content.decode()
    answer = client.post(address, follow=True).content.decode()

    assert address in detail
    assert "Whoever knows the secret of the client gets a new token at once." in page
    assert "Tokens issued before may be valid for 5 minutes" in page
    assert "The sessions of robot are ended." in answer
    told = AuditEvent.objects.filter(tenant=shop.tenant, subject="Sessions of the service account robot")
    assert [row.new["result"] for row in told.filter(new__has_key="result")] == ["done"]
