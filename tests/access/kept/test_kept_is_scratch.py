"""M5: after any sequence of changes the kept answer is the answer from scratch.

Changes go through the services that forms use, of blueprints too, and through what is noted of Keycloak.
After each step the facts of everybody are compared with those from scratch as this process holds them, and
after each third also as a process that just began reads them from the kept rows, and as the graph of all that
is settled. What a blueprint makes of these facts is compared with what was drawn.
`STATEFUL_STEPS` says how many steps there are in all.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from access.facts import facts_of
from access.graphs import settled_graph
from access.kept.current import rebuilt
from access.kept.reached import HELD
from access.kept.reading import read
from access.kept.rows import save
from access.kept.structure import KEPT
from access.models import (
    Composite,
    Entitlement,
    Group,
    GroupRole,
    Membership,
    Person,
    PersonRole,
    Resource,
    Role,
)
from access.services import resources
from access.services.terms import SORTS
from console.engine.state import Address, Kind, State
from console.engine.state import Resource as Found
from console.graph.edges import Node, NodeKind
from console.sync import observed
from console.sync.commands import Refused
from console.sync.models import Observed, Scope, Touched
from tenants.models import Declaration, Tenant
from tests.access.declared import DeclaredTenant
from tests.access.kept.drawn import NOBODY, Drawn, blueprints
from tests.access.kept.following import Following
from tests.access.kept.scratch import Scratch
from tests.factories import MIRA

STEPS = int(os.environ.get("STATEFUL_STEPS", "300"))
STEPS_A_STORY = 100
BLUEPRINT_COMMANDS = ("tenants:blueprint:create", "tenants:blueprint:apply", "tenants:blueprint:move")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

SUBJECTS = {
    NodeKind.PERSON: ["ann", "bob", "cy", "new"],
    NodeKind.GROUP: ["a", "a/b", "a/b/c", "e", "x"],
    NodeKind.ROLE: ["r0", "r1", "r2", "r3", "r4"],
    NodeKind.CLIENT_ROLE: ["app/boss"],
    NodeKind.SERVICE_ACCOUNT: ["app", "bot"],
}
# What Keycloak may be found to hold beside what is declared: known and unknown things alike.
FOREIGN = [
    "membership:ann|a/b",
    "membership:bob|x",
    "membership:cy|a/b/c",
    "membership:new|e",
    "person-role:ann|r0",
    "person-role:bob|r3",
    "person-role:new|foreign",
    "person-role:ann|default-roles-acme",
    "person-client-role:cy|app|boss",
    "person:ann",
    "person:new",
    "group:a",
    "group:x",
    "group-role:a|r1",
    "group-role:x|r2",
    "group-client-role:a/b|app|boss",
    "composite:r0|r4",
    "composite:r4|foreign",
    "composite:default-roles-acme|r2",
    "composite-client-role:r1|app|boss",
    "entitlement:group|a|package:p0:READ",
    "entitlement:person|bob|package:p1:WRITE",
    "entitlement:client|bot|package:p0:READ",
    "default-group:e",
    "client:app",
    "client:bot",
    "client-default-scope:app|tag",
    "client-default-scope:bot|profile",
    "scope-role:tag|r3",
    "scope-client-role:tag|app|boss",
    "service-role:bot|r1",
    "service-membership:app|a/b",
]
DECLARED = [
    "client:app",
    "client:bot",
    "client-role:app|boss",
    "client-scope:tag",
    "client-default-scope:app|tag",
    "scope-role:tag|r3",
    "scope-client-role:tag|app|boss",
    "service-role:bot|r1",
    "service-role:app|r0",
    "service-membership:bot|a",
    "composite-client-role:r1|app|boss",
    "group-client-role:e|app|boss",
    "person-client-role:ann|app|boss",
    "default-group:a/b",
]
LINKS: dict[str, tuple[str, str, Any, Any]] = {
    "access:membership": ("people", "groups", Person, Group),
    "access:person-role": ("people", "roles", Person, Role),
    "access:group-role": ("groups", "roles", Group, Role),
}
small = st.integers(0, 7)


def foreign(most: int) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(FOREIGN), max_size=most)


class Kept(Following):
    """One realm. Each example is one transaction that is taken back."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.open = transaction.atomic()
        self.open.__enter__()
        self.chance = random.Random(7)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.open.__exit__(None, None, None)

    @initialize(is_read=st.booleans(), drawn=st.none() | blueprints)
    def furnish(self, is_read: bool, drawn: Drawn | None) -> None:
        self.acme = DeclaredTenant()
        for name in ("r0", "r1", "r2"):
            self.acme.role(name)
        self.acme.group("a/b")
        self.acme.group("e")
        for name in ("ann", "bob", "cy"):
            self.acme.person(name)
        for name in ("p0", "p1"):
            self.acme.resource("package", name)
        if drawn:
            self.upload("1", drawn)
            self.put_under("1", is_read, NOBODY)
        if is_read:
            self.acme.was_read()

    # --- through the services -----------------------------------------------------------------

    def ask(self, command: str, **values: Any) -> None:
        self.run(command, tenant="acme", **values)

    def one(self, model: Any, number: int) -> Any:
        rows = list(model.objects.filter(realm=self.acme.realm).order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def pk(self, model: Any, number: int) -> list[int]:
        row = self.one(model, number)
        return [row.pk] if row else []

    @rule(number=small, parent=small, what=st.sampled_from(["role", "group", "person"]))
    def make(self, number: int, parent: int, what: str) -> None:
        if what == "role":
            self.ask("access:role:create", name=f"r{number % 5}")
        elif what == "person":
            self.ask("access:person:create", username=["ann", "bob", "cy", "new"][number % 4])
        else:
            above = (self.pk(Group, parent) or [None])[0] if parent % 2 else None
            self.ask("access:group:create", name="abcex"[number % 5], parent=above)

    @rule(link=st.sampled_from(sorted(LINKS)), first=small, second=small)
    def give(self, link: str, first: int, second: int) -> None:
        one, other, model, further = LINKS[link]
        verb = "add" if link == "access:membership" else "give"
        self.ask(f"{link}:{verb}", **{one: self.pk(model, first), other: self.pk(further, second)})

    @rule(number=small, model=st.sampled_from([Membership, PersonRole, GroupRole]))
    def take(self, number: int, model: Any) -> None:
        row = self.one(model, number)
        if row is None:
            return
        link = {Membership: "access:membership", PersonRole: "access:person-role"}.get(
            model, "access:group-role"
        )
        one, other, *_ = LINKS[link]
        ends = {"people": "person_id", "groups": "group_id", "roles": "role_id"}
        verb = "remove" if model is Membership else "take"
        self.ask(f"{link}:{verb}", **{key: [getattr(row, ends[key])] for key in (one, other)})

    @rule(first=small, second=small)
    def include(self, first: int, second: int) -> None:
        if roles := self.pk(Role, first):
            self.ask("access:composite:add", role=roles[0], children=self.pk(Role, second))

    @rule(number=small)
    def exclude(self, number: int) -> None:
        if row := self.one(Composite, number):
            self.ask("access:composite:remove", role=row.parent_id, child=row.child_id)

    @rule(number=small, holder=small, level=st.sampled_from(["READ", "WRITE"]), to=st.sampled_from("pgc"))
    def entitle(self, number: int, holder: int, level: str, to: str) -> None:
        clients = list(
            Declaration.objects.filter(realm=self.acme.realm, kind="client").values_list("pk", flat=True)
        )
        self.ask(
            "access:entitlement:grant",
            resource=self.pk(Resource, number)[0],
            level=level,
            people=self.pk(Person, holder) if to == "p" else [],
            groups=self.pk(Group, holder) if to == "g" else [],
            clients=clients[:1] if to == "c" else [],
        )

    @rule(number=small)
    def revoke(self, number: int) -> None:
        self.ask("access:entitlement:revoke", entitlements=self.pk(Entitlement, number))

    @rule(number=small, holder=small)
    def own(self, number: int, holder: int) -> None:
        people = self.pk(Person, holder) if holder % 3 else []
        resource = self.pk(Resource, number)[0]
        with suppress(Refused), transaction.atomic():
            resources.set_owners(actor=MIRA, tenant="acme", resource=resource, people=people)

    @rule(number=small, name=small)
    def rename_role(self, number: int, name: int) -> None:
        if row := self.one(Role, number):
            values = {"revision": row.revision, "name": f"r{name % 5}", "description": row.description}
            self.ask("access:role:edit", role=row.pk, **values)

    @rule(number=small, name=small, parent=small)
    def move_group(self, number: int, name: int, parent: int) -> None:
        if row := self.one(Group, number):
            above = (self.pk(Group, parent) or [None])[0] if parent % 3 == 0 else row.parent_id
            values = {"revision": row.revision, "description": row.description, "parent": above}
            self.ask("access:group:edit", group=row.pk, name="abcex"[name % 5], **values)

    @rule(number=small, what=st.sampled_from(["role", "group", "person"]))
    def delete(self, number: int, what: str) -> None:
        model = {"role": Role, "group": Group, "person": Person}[what]
        if row := self.one(model, number):
            self.ask(f"access:{what}:delete", **{what: row.pk})

    @rule(key=st.sampled_from(DECLARED), is_drop=st.booleans())
    def declare(self, key: str, is_drop: bool) -> None:
        if is_drop:
            self.ask("tenants:declaration:drop", address=key)
            return
        fields = {"service_accounts": True} if key == "client:bot" else {}
        revision = Declaration.objects.filter(realm=self.acme.realm, address=key).values_list(
            "revision", flat=True
        )
        one = {"address": key, "fields": fields, "secrets": {}}
        self.ask(
            "tenants:declaration:put", declarations=[one | ({"revision": revision[0]} if revision else {})]
        )

    @rule(first=small, second=small, link=st.sampled_from(sorted(LINKS)), hours=st.integers(1, 3))
    def give_for_a_time(self, first: int, second: int, link: str, hours: int) -> None:
        one, other, model, further = LINKS[link]
        verb = "add" if link == "access:membership" else "give"
        begins = datetime.now(UTC) + timedelta(hours=hours)
        values = {one: self.pk(model, first), other: self.pk(further, second)}
        self.ask(f"{link}:{verb}", **values, starts_at=begins.isoformat())

    @rule(end=st.booleans())
    def turn(self, end: bool) -> None:
        """The worker begins what is planned, or ends what is in force."""
        tenant = Tenant.objects.get(slug="acme")
        for key, sort in SORTS.items():
            state = "active" if end else "planned"
            rows = sort.of(tenant).filter(state=state)
            if end:
                rows.update(ends_at=datetime.now(UTC) + timedelta(seconds=1))
            ids = {key: list(rows.values_list("pk", flat=True)[:2])}
            self.ask("access:term:turn", begin={} if end else ids, end=ids if end else {})

    # --- what is noted of Keycloak ------------------------------------------------------------

    @rule(keys=foreign(14), with_declared=st.booleans())
    def read_everything(self, keys: set[str], with_declared: bool) -> None:
        found = set(map(Address.parse, keys))
        if with_declared:
            found |= set(Scratch(self.acme.realm).all)
        observed.replace_all(self.scope, self.state(found), now=datetime.now(UTC))
        self.forget_scope()

    @rule(
        keys=st.sets(st.sampled_from(FOREIGN), max_size=6),
        absent=st.sets(st.sampled_from(FOREIGN), max_size=4),
    )
    def read_some(self, keys: set[str], absent: set[str]) -> None:
        found = set(map(Address.parse, keys))
        looked_at = found | set(map(Address.parse, absent))
        observed.keep(self.scope, self.state(found), looked_at=looked_at, now=datetime.now(UTC))

    @rule(keys=foreign(4))
    def lose(self, keys: set[str]) -> None:
        observed.forget(self.scope, [Address.parse(key) for key in keys])

    @rule(share=small)
    def apply(self, share: int) -> None:
        """A run brings some of what waits to Keycloak, or all of it."""
        waiting = list(Touched.objects.filter(scope=self.scope).order_by("pk"))
        done = waiting if share > 5 else waiting[:share]
        declared = Scratch(self.acme.realm).all
        for row in done:
            address = Address.parse(row.address)
            if row.was:
                Observed.objects.filter(scope=self.scope, address=row.was).delete()
            found = {address} if address in declared else set()
            observed.keep(self.scope, self.state(found), looked_at=[address], now=datetime.now(UTC))
            row.delete()

    def state(self, addresses: set[Address]) -> State:
        accounts = {"service_accounts": True}
        return State.of(
            Found(one, accounts if one == Address(Kind.CLIENT, ("bot",)) else {}, id="1") for one in addresses
        )

    @property
    def scope(self) -> Scope:
        return self.acme.realm.scope

    def forget_scope(self) -> None:
        self.acme.realm.scope.refresh_from_db()

    # --- three ways -------------------------------------------------------------------------------

    @invariant()
    def what_is_kept_is_what_there_is(self) -> None:
        if not hasattr(self, "acme"):
            return
        Kept.steps += 1
        tenant = Tenant.objects.select_related("realm__scope").get(slug="acme")
        scratch = Scratch(tenant.realm)
        self.compare(tenant, scratch, "as this process has it")
        if Kept.steps % 3:
            return
        found = read(tenant.realm, people=[], structure=True)
        _, structure = rebuilt(tenant.realm, [])
        save(tenant.realm.scope_id, found.stamp, structure, now=NOON)
        KEPT.clear()
        HELD.clear()
        self.compare(tenant, scratch, "from the kept rows")
        self.compare(tenant, scratch, "from what was read of the kept rows")
        assert KEPT.get(tenant.realm.scope_id, found.stamp, was_read=True) is None
        graph = settled_graph(tenant.realm, people=SUBJECTS[NodeKind.PERSON])
        for name in SUBJECTS[NodeKind.PERSON]:
            node = Node(NodeKind.PERSON, name)
            assert _plain(graph.rights_of(node)) == scratch.rights(("person", name)), "the graph"

    def compare(self, tenant: Tenant, scratch: Scratch, how: str) -> None:
        nodes = [Node(kind, name) for kind, names in SUBJECTS.items() for name in names]
        for node, facts in facts_of(tenant, nodes).items():
            subject = (node.kind.value, node.name)
            assert _plain(facts.rights) == scratch.rights(subject), f"{node} {how}"
            assert facts.owns == scratch.owns(subject), f"{node} {how}"
            self.compare_answers(tenant, facts, scratch.rights(subject), scratch.owns(subject))


def _plain(rights: Any) -> set[tuple[str, str]]:
    return {(one.kind.value, one.name) for one in rights}


@pytest.mark.django_db
def test_the_kept_answer_is_the_answer_from_scratch(capsys: pytest.CaptureFixture[str]) -> None:
    Kept.steps = 0
    Kept.done.clear()
    how = settings(
        max_examples=max(STEPS // STEPS_A_STORY, 1),
        stateful_step_count=STEPS_A_STORY,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize="STATEFUL_STEPS" not in os.environ,
        print_blob=True,
    )
    make: Callable[[], RuleBasedStateMachine] = Kept
    run_state_machine_as_test(make, settings=how)
    with capsys.disabled():
        of_blueprints = {one: Kept.done[one] for one in BLUEPRINT_COMMANDS}
        print(f"\n{Kept.steps} steps compared, with {of_blueprints}", end=" ")
    assert all(of_blueprints.values()), "too few steps to say anything"
