"""The engine's promises, kept by a real Keycloak: what is planned arrives, and a second plan is empty."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from console.engine.apply import Ending, apply
from console.engine.kinds import managed
from console.engine.memory_ledger import MemoryLedger
from console.engine.plan import Plan, plan
from console.engine.rebase import rebased
from console.engine.renames import Renames
from console.engine.state import Address, Kind, Resource, Selection, State
from tenants.desired import CARRIER
from tests.contract.samples.realm import FRESH
from tests.engine.random_worlds import draw_moves, nearby, states, without_leaves
from tests.engine.world import resource
from tests.keycloak.world import World, at, creates, done, failed, fresh, renames

MAPPER = {"type": "oidc-usermodel-attribute-mapper", "config": {"claim.name": "entitlements"}}
ADMIN_ONLY = {"multivalued": True, "view": ["admin"], "edit": ["admin"]}
ONE_TIME_CODE = {"name": "Configure OTP", "enabled": True, "default_action": False, "priority": 54}
POSSIBLE: dict[Kind, dict[str, Any]] = {
    Kind.REALM: FRESH
    | {
        "access_token_lifespan": 300,
        "sso_session_idle": 600,
        "organizations_enabled": True,
        "edit_username_allowed": True,
    },
    Kind.CLIENT_SCOPE: {"protocol": "openid-connect"},
}
EXAMPLES = int(os.environ.get("KEYCLOAK_EXAMPLES", "8"))  # more for a night
DECLARED = Address(Kind.PROFILE_ATTRIBUTE, ("entitlements",))


def acceptable(found: State) -> State:
    """Return a state as Keycloak takes it: one owner for each e-mail address, a carrier that is complete."""
    real = [_acceptable(one) for one in found] + [resource(DECLARED.key, **ADMIN_ONLY)]
    return State.of(real)


def _acceptable(one: Resource) -> Resource:
    address = one.address._replace(path=tuple(CARRIER if part == "sc" else part for part in one.address.path))
    fields: dict[str, Any] = dict(one.fields)
    if address.kind is Kind.PERSON and fields["email"]:
        fields["email"] = f"{address.path[0]}@example.org"
    if address.kind in (Kind.MAPPER, Kind.CLIENT_MAPPER):
        fields = dict(MAPPER)
    if address.kind is Kind.REQUIRED_ACTION:
        return Resource(at(Kind.REQUIRED_ACTION, "CONFIGURE_TOTP"), ONE_TIME_CODE)
    if address.kind is Kind.CLIENT:
        uris = [f"https://{one}.example.org/back" for one in fields["redirect_uris"]]
        fields |= {"redirect_uris": uris, "service_accounts": True}
    if address.kind is Kind.ORGANIZATION:
        fields["name"] = f"Named {address.path[0]}"  # Keycloak takes each name once
    return Resource(address, fields | POSSIBLE.get(address.kind, {}))


@st.composite
def histories(draw: st.DrawFn) -> tuple[State, State, dict[Address, Address]]:
    """Return what is declared first, what is declared then, and which name was which."""
    first = draw(states(objects=12, links=18))
    moves = draw_moves(draw, SimpleNamespace(desired=first))  # type: ignore[arg-type]
    final = Renames(declared=moves).of_ledger
    moved = State.of(replace(one, address=rebased(one.address, final)) for one in first)
    second = nearby(draw, without_leaves(draw, moved))
    renames = {new: old for old, new in moves.items() if new in second and new != old}
    return acceptable(first), acceptable(second), renames


@dataclass
class Managed:
    """A realm with a ledger of what we applied there."""

    world: World
    book: MemoryLedger = field(default_factory=MemoryLedger)

    def plan(self, desired: State, selection: Selection) -> Plan:
        actual = self.world.target.read(selection)
        assert actual.unreadable == {}
        return plan(desired=desired, actual=actual, ledger=dict(self.book.facts), selection=selection)

    def bring(self, desired: State, selection: Selection) -> None:
        """Apply a plan; the target that read is the one that writes, as in a run."""
        target = self.world.target
        actual = target.read(selection)
        found = plan(desired=desired, actual=actual, ledger=dict(self.book.facts), selection=selection)
        assert not found.conflicts
        report = apply(found, target=target, journal=self.book)
        assert report.state is Ending.DONE, report


def test_what_is_planned_arrives_and_a_second_plan_is_empty(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    """Realms with nested groups, composites, links and entitlements; then changed, moved and renamed."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize="KEYCLOAK_EXAMPLES" not in os.environ,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take an hour of realms
    )
    @given(histories())
    def example(history: tuple[State, State, dict[Address, Address]]) -> None:
        first, second, renames = history
        managed = Managed(World(keycloak_connection, fresh("target")))
        try:
            managed.bring(first, Selection.all())
            assert managed.plan(first, Selection.all()).is_empty
            managed.book.renames = dict(renames)
            managed.bring(second, Selection.all(renames=renames))
            again = managed.plan(second, Selection.all())
            assert again.is_empty, again.operations
            assert_arrived(managed.world, second)
        finally:
            managed.world.delete()

    example()


def assert_arrived(world: World, desired: State) -> None:
    """A selected read and a complete one both show what was declared, as declared."""
    selected = world.target.read(Selection(frozenset(desired.resources)))
    everything = world.target.read(Selection.all())
    for wanted in desired:
        for state in (selected, everything):
            found = state.get(wanted.address)
            assert found is not None, wanted.address
            assert managed(wanted.address, found.fields, wanted.fields) == wanted.fields, wanted.address


def test_ids_seen_before_a_rename_are_not_used_for_the_name_after_it(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    """Two roles change places through a third name; a link written then belongs to the right one."""
    world = World(keycloak_connection, realm_name("target"))
    world.make_realm()
    one, two = world.make_role("one"), world.make_role("two")
    world.make_person("ann")
    first, second, third = (at(Kind.ROLE, name) for name in ("one", "two", "three"))
    target = world.target
    target.read(Selection(frozenset({first, second})))

    for was, now, id in [(first, third, one["id"]), (second, first, two["id"]), (third, second, one["id"])]:
        done(target.execute([renames(was, now, id=id)]))
    done(target.execute([creates(at(Kind.PERSON_ROLE, "ann", "one"))]))

    (person,) = world.get("users", username="ann", exact=True)
    held = {role["id"] for role in world.get("users", person["id"], "role-mappings", "realm")}
    assert two["id"] in held
    assert one["id"] not in held


def test_a_person_made_anew_since_it_was_seen_is_found_again(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    world = World(keycloak_connection, realm_name("target"))
    world.make_realm()
    role = world.make_role("reader")
    old = world.make_person("ann")
    link = at(Kind.PERSON_ROLE, "ann", role["name"])
    target = world.target
    target.read(Selection(frozenset({link})))
    world.delete("users", old)
    new = world.make_person("ann")

    refused = failed(target.execute([creates(link)]))
    done(target.execute([creates(link)]))

    assert refused.sentence
    held = {one["name"] for one in world.get("users", new, "role-mappings", "realm")}
    assert "reader" in held
