"""Realms that were there before us, on the real Keycloak: observed without a write, then taken over.

The realm is made by plain calls. `frozen` is all that Keycloak says of it: adoption leaves it as it is.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from access.models import Group, Membership, Person, Role
from access.services import roles
from console.audit.models import AuditEvent
from console.engine.operation import Action, Operation, Phase
from console.engine.plan import Plan as EnginePlan
from console.engine.state import Address, Kind
from console.engine.stops import Rule
from console.identity.actor import Actor
from console.keycloak.connection import Connection
from console.sync import guarding, observing, runs
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.sync.models import Observed, Plan, Run, Scope, Touched
from console.transport import calls
from tenants.models import Declaration, Realm
from tenants.services.observing import observe
from tests.factories import MIRA, Platform, add_server, at, tenant_admin
from tests.keycloak.world import World, fresh


def fill(world: World) -> None:
    """Make a small realm by plain calls, as somebody else made it long ago."""
    world.make_realm(displayName="Old", accessTokenLifespan=240, ssoSessionMaxLifespan=7200)
    world.make_role("reader", description="Reads")
    world.make_role("editor")
    world.post("roles", "editor", "composites", json=[world.get("roles", "reader")])
    data = world.make("groups", name="data")
    eng = world.make("groups", data, "children", name="eng")
    world.post("groups", data, "role-mappings", "realm", json=[world.get("roles", "reader")])
    ann, ben = world.make_person("ann"), world.make_person("ben")
    world.put("users", ann, "groups", eng)
    world.post("users", ben, "role-mappings", "realm", json=[world.get("roles", "editor")])
    client = world.make(
        "clients", clientId="shop", redirectUris=["https://shop.example/*"], secret="very-secret"
    )
    world.post("clients", client, "roles", json={"name": "buyer", "description": "Buys"})


@pytest.fixture
def old(transactional_db: None, keycloak_connection: Connection) -> Iterator[Platform]:
    """A realm that somebody else made, observed and read."""
    name = fresh("old")
    world = World(keycloak_connection, name)
    fill(world)
    server = add_server(keycloak_connection)
    observe(actor=MIRA, server=server.pk, realm=name, slug=name, name="Old")
    platform = Platform(tenant=name, server=server, keycloak=world)
    runs.read_everything(platform.scope.pk)
    yield platform
    world.delete()


def frozen(world: World) -> dict[str, Any]:
    """Return Keycloak's own export of the realm, and who is in it."""
    export = world.post("partial-export", json=None).json
    people = {one["username"]: one for one in world.get("users", max=1000, briefRepresentation=False)}
    return {"export": export, "people": people}


def take(old: Platform, *addresses: Address, actor: Actor = MIRA) -> Plan:
    return Platform(tenant=old.tenant, server=old.server, keycloak=old.keycloak, actor=actor).preview(
        "access:adopt", addresses=[one.key for one in addresses]
    )


def test_an_observed_realm_is_read_and_nothing_is_declared(old: Platform) -> None:
    assert old.scope.is_observed
    kinds = set(Observed.objects.filter(scope=old.scope).values_list("kind", flat=True))
    assert {"role", "group", "person", "membership", "group-role", "composite"} <= kinds
    assert not Role.objects.filter(realm__scope=old.scope).exists()
    assert not Touched.objects.filter(scope=old.scope).exists()
    row = AuditEvent.objects.get(scope=str(old.scope), kind="tenants:realm:observe")
    assert row.actor_name == MIRA.name


def test_the_door_refuses_and_nothing_is_kept(old: Platform) -> None:
    with pytest.raises(observing.ReadOnly, match="only observed"):
        roles.create(actor=MIRA, tenant=old.tenant, name="new")

    assert not Role.objects.filter(realm__scope=old.scope).exists()
    assert old.scope.generation == 0


def test_the_preview_refuses_before_it_asks_keycloak(old: Platform) -> None:
    with calls() as made, pytest.raises(observing.ReadOnly, match="only observed"):
        old.preview("access:role:create", name="new")
    assert made.count == 0


def test_the_preview_refuses_a_plan_that_came_past_the_door(old: Platform) -> None:
    write = Operation(Action.CREATE, at(Kind.ROLE, "new"), Phase.BUILD, after={"description": ""})
    taken = Operation(Action.ADOPT, at(Kind.ROLE, "reader"), Phase.BUILD, after={"description": ""})

    with pytest.raises(observing.ReadOnly):
        observing.refuse_writes(old.scope, [taken, write])
    observing.refuse_writes(old.scope, [taken])


def test_the_guard_forbids_every_write_for_good(old: Platform) -> None:
    write = Operation(Action.CREATE, at(Kind.ROLE, "new"), Phase.BUILD, after={"description": ""})

    stops = guarding.stops_of(EnginePlan(operations=(write,)), ground=guarding.Ground(scope=old.scope))

    assert [(one.rule, one.is_forbidden) for one in stops] == [(Rule.OBSERVED, True)]


def test_a_run_writes_nothing_even_if_something_waits(old: Platform) -> None:
    """As after a restore of the database, or by a hand in it."""
    realm = Realm.objects.get(scope=old.scope)
    Role.objects.create(realm=realm, name="smuggled", created_by="x")
    Touched.objects.create(scope=old.scope, address="role:smuggled", generation=1)
    Scope.objects.filter(pk=old.scope.pk).update(generation=1)

    run = old.sync()

    assert run.state == Run.State.BLOCKED
    assert "only observed" in run.sentence
    assert "smuggled" not in old.role_names()


def test_one_object_is_taken_over_without_a_write(old: Platform) -> None:
    before = frozen(old.keycloak)

    plan = take(old, at(Kind.ROLE, "reader"))
    assert [(one["action"], one["address"]) for one in plan.operations] == [("adopt", "role:reader")]
    old.apply(plan)
    run = old.sync()

    assert run.state == Run.State.DONE
    assert not old.scope.is_observed
    assert old.ledger(at(Kind.ROLE, "reader")) == old.keycloak.get("roles", "reader")["id"]
    assert list(Role.objects.filter(realm__scope=old.scope).values_list("name", "description")) == [
        ("reader", "Reads")
    ]
    assert frozen(old.keycloak) == before


def test_a_link_brings_its_ends(old: Platform) -> None:
    plan = take(old, at(Kind.MEMBERSHIP, "ann", "data/eng"))

    assert {one["address"] for one in plan.operations} == {
        "person:ann",
        "group:data",
        "group:data/eng",
        "membership:ann|data/eng",
    }
    assert {one["action"] for one in plan.operations} == {"adopt"}


def test_a_whole_realm_is_taken_over_as_it_is(old: Platform) -> None:
    before = frozen(old.keycloak)

    plan = old.preview("access:adopt", everything=True)
    assert not plan.findings, plan.findings
    assert {one["action"] for one in plan.operations} == {"adopt"}
    with calls() as made:
        old.apply(plan)
        run = old.sync()
    assert run.state == Run.State.DONE, run.sentence
    assert not [one for one in made.made if not one.startswith("GET") and "/token" not in one]

    assert frozen(old.keycloak) == before
    realm = Realm.objects.get(scope=old.scope)
    assert (realm.is_declared, realm.access_token_lifespan, realm.display_name) == (True, 240, "Old")
    assert set(Group.objects.filter(realm=realm).values_list("path", flat=True)) == {"data", "data/eng"}
    assert set(Person.objects.filter(realm=realm).values_list("username", flat=True)) == {"ann", "ben"}
    assert Membership.objects.filter(realm=realm).count() == 1
    assert {one.source for one in Declaration.objects.filter(realm=realm)} == {"keycloak"}
    shop = Declaration.objects.get(realm=realm, address="client:shop")
    assert shop.fields["redirect_uris"] == ["https://shop.example/*"]
    assert shop.secrets == {}
    assert "very-secret" not in str(list(Declaration.objects.filter(realm=realm).values()))
    assert "very-secret" not in str(
        [(one.old, one.new) for one in AuditEvent.objects.filter(tenant=old.tenant)]
    )
    left = AuditEvent.objects.get(
        tenant=old.tenant, kind="access:adoption:create", subject__contains="left as"
    )
    assert left.new["role:offline_access"].startswith("Keycloak's own")
    assert left.new["client:realm-management"].startswith("Keycloak's own")


def test_what_was_taken_over_is_changed_like_anything_else(old: Platform) -> None:
    old.do("access:adopt", everything=True)
    role = Role.objects.get(realm__scope=old.scope, name="reader")

    old.do("access:role:edit", role=role.name, revision=1, name="watcher", description="Watches")

    assert old.role_names() >= {"watcher", "editor"}
    assert "reader" not in old.role_names()
    assert old.keycloak.get("clients", clientId="shop")[0]["redirectUris"] == ["https://shop.example/*"]


def test_theirs_is_taken_of_what_drifted_and_given_up_what_is_gone(old: Platform) -> None:
    old.do("access:adopt", everything=True)
    world = old.keycloak
    reader = world.get("roles", "reader")
    world.put("roles", "reader", json=reader | {"description": "Reads all"})
    world.delete("roles", "editor")
    runs.read_everything(old.scope.pk)

    plan = take(old, at(Kind.ROLE, "reader"), at(Kind.ROLE, "editor"))
    assert plan.operations == []
    old.apply(plan)
    assert old.sync().state == Run.State.DONE

    names = dict(Role.objects.filter(realm__scope=old.scope).values_list("name", "description"))
    assert names == {"reader": "Reads all"}
    assert old.ledger(at(Kind.ROLE, "editor")) is None
    assert old.scope.ledger.get(address="role:reader").fields == {"description": "Reads all"}


def test_what_was_not_read_or_is_not_there_is_refused_with_a_sentence(old: Platform) -> None:
    with pytest.raises(Refused, match="nothing to take over"):
        take(old, at(Kind.ROLE, "nobody"))
    with pytest.raises(Refused, match="Keycloak's own"):
        take(old, at(Kind.ROLE, "offline_access"))
    Scope.objects.filter(pk=old.scope.pk).update(unreadable={"role": "We may not."})
    with pytest.raises(Refused, match="could not be read: We may not"):
        take(old, at(Kind.ROLE, "reader"))
    Scope.objects.filter(pk=old.scope.pk).update(read_at=None)
    with pytest.raises(Refused, match="never read whole"):
        take(old, at(Kind.GROUP, "data"))


def test_who_may_take_over(old: Platform) -> None:
    mine = tenant_admin(old.tenant)
    with pytest.raises(Forbidden, match="tenants:realm:adopt"):
        take(old, at(Kind.ROLE, "reader"), actor=mine)
    old.do("access:adopt", addresses=["role:editor"])

    assert take(old, at(Kind.ROLE, "reader"), actor=mine).operations
    with pytest.raises(Forbidden, match="tenants:realm:adopt"):
        take(old, at(Kind.CLIENT, "shop"), actor=mine)
