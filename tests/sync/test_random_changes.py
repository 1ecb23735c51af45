"""Random changes, with runs now and then: in the end Keycloak holds what is declared."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.models import Composite, Entitlement, Group, GroupRole, Membership, Person, PersonRole, Role
from console.engine.operation import Action
from console.engine.plan import plan as compare
from console.engine.state import Address, Selection
from console.keycloak.target import KeycloakTarget
from console.sync import runs
from console.sync.collect import collect
from console.sync.commands import Refused
from console.sync.desired import DatabaseTarget
from console.sync.journal import RunJournal
from console.sync.models import Run, Touched
from tests.factories import Platform

CHANGES = 24
SEEDS = (3, 11)

Change = tuple[str, dict[str, Any]]


class Chance:
    """Draws changes of what is declared in a realm now."""

    def __init__(self, platform: Platform, seed: int) -> None:
        self.platform = platform
        self.random = random.Random(seed)
        self.resource = platform.resource().pk
        self.number = 0

    def name(self, kind: str) -> str:
        """Return a new name, or now and then one that was used before."""
        self.number += 1
        return f"{kind}{self.random.randrange(4) if self.random.random() < 0.4 else 10 + self.number}"

    def one(self, rows: Any) -> Any:
        return self.random.choice(list(rows.filter(realm__scope=self.platform.scope).order_by("pk")))

    def change(self) -> Change:
        return self.random.choice(list(self.kinds()))()

    def kinds(self) -> Iterator[Callable[[], Change]]:
        yield lambda: ("access:role:create", {"name": self.name("role")})
        yield lambda: ("access:group:create", {"name": self.name("group"), "parent": self.parent()})
        yield lambda: ("access:person:create", {"username": self.name("person")})
        yield self.role_edit
        yield self.role_edit
        yield self.group_edit
        yield self.group_edit
        yield lambda: ("access:role:delete", {"role": self.one(Role.objects).pk})
        yield lambda: ("access:group:delete", {"group": self.one(Group.objects).pk})
        yield lambda: ("access:person:delete", {"person": self.one(Person.objects).pk})
        for command, ends in PAIRS.items():
            for _ in range(2):
                yield lambda command=command, ends=ends: (command, self.ends(ends))
        yield self.grant
        yield lambda: ("access:entitlement:revoke", {"entitlements": [self.one(Entitlement.objects).pk]})
        yield lambda: (
            "access:composite:add",
            {"role": self.one(Role.objects).pk, "children": [self.one(Role.objects).pk]},
        )
        yield self.exclude
        yield lambda: self.unlink(
            "access:membership:remove", Membership, "people", "person", "groups", "group"
        )
        yield lambda: self.unlink("access:group-role:take", GroupRole, "groups", "group", "roles", "role")
        yield lambda: self.unlink("access:person-role:take", PersonRole, "people", "person", "roles", "role")

    def parent(self) -> int | None:
        return self.one(Group.objects).pk if self.random.random() < 0.5 else None

    def role_edit(self) -> Change:
        role = self.one(Role.objects)
        new = {"name": self.name("role")} if self.random.random() < 0.7 else {"description": str(self.number)}
        return "access:role:edit", self.platform.edit_role(role.name, **new)

    def group_edit(self) -> Change:
        group = self.one(Group.objects)
        new = self.random.choice(
            [{"name": self.name("group")}, {"parent": self.parent()}, {"description": "d"}]
        )
        return "access:group:edit", self.platform.edit_group(group.path, **new)

    def ends(self, ends: dict[str, Any]) -> dict[str, Any]:
        return {key: [self.one(model.objects).pk] for key, model in ends.items()}

    def grant(self) -> Change:
        holder = {"people": [], "groups": []} | self.random.choice(
            [self.ends({"people": Person}), self.ends({"groups": Group})]
        )
        return "access:entitlement:grant", {"resource": self.resource, "level": "READ", **holder}

    def exclude(self) -> Change:
        link = self.one(Composite.objects)
        return "access:composite:remove", {"role": link.parent_id, "child": link.child_id}

    def unlink(self, command: str, model: Any, key: str, end: str, other_key: str, other: str) -> Change:
        link = self.one(model.objects)
        return command, {key: [getattr(link, f"{end}_id")], other_key: [getattr(link, f"{other}_id")]}


PAIRS: dict[str, dict[str, Any]] = {
    "access:membership:add": {"people": Person, "groups": Group},
    "access:group-role:give": {"groups": Group, "roles": Role},
    "access:person-role:give": {"people": Person, "roles": Role},
}


def furnish(platform: Platform) -> None:
    platform.build(
        *(("access:role:create", {"name": f"role{n}"}) for n in range(4)),
        *(("access:group:create", {"name": f"group{n}"}) for n in range(3)),
        ("access:group:create", {"name": "group3", "parent": "group0"}),
        *(("access:person:create", {"username": f"person{n}"}) for n in range(3)),
        ("access:membership:add", {"people": ["person0", "person1"], "groups": ["group0/group3"]}),
        ("access:group-role:give", {"groups": ["group0"], "roles": ["role0"]}),
        ("access:composite:add", {"role": "role0", "children": ["role1"]}),
        ("access:person-role:give", {"people": ["person2"], "roles": ["role2"]}),
    )


def approved(platform: Platform, change: Change) -> bool:
    """Preview and apply a change. A refusal, or a conflict that is shown beforehand, is no failure."""
    try:
        plan = platform.preview(change[0], **change[1])
        if not plan.findings:
            platform.apply(plan)
    except Refused:
        return False
    return not plan.findings


class Killed(Exception):
    """Stands for a process that ends here."""


def run_somehow(platform: Platform, chance: Chance, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run, or run until the worker dies between a write and its record. Return which."""
    left, record = (chance.random.randrange(4) if chance.random.random() < 0.35 else -1), RunJournal.record

    def record_or_die(self: RunJournal, operations: Any, outcomes: Any) -> None:
        nonlocal left
        left -= any(one.action is not Action.ADOPT for one in operations)
        if left == -1:
            raise Killed
        record(self, operations, outcomes)

    with monkeypatch.context() as patch:
        if left >= 0:
            patch.setattr(RunJournal, "record", record_or_die)
        try:
            run = platform.sync()
        except Killed:
            return "a run that died"
    assert run.state == Run.State.DONE, run.sentence
    return "a run"


def difference(platform: Platform) -> list[str]:
    """Compare all that is declared with all that Keycloak has, knowing what we applied."""
    scope = platform.scope
    rows = [Touched(scope=scope, address=row.address) for row in scope.ledger.all()]
    ledger = collect(scope, rows).ledger
    everything = Selection.all()
    found = compare(
        desired=DatabaseTarget(scope).read(everything),
        actual=KeycloakTarget(platform.server.connection(), platform.realm).read(everything),
        ledger=ledger,
        selection=everything,
    )
    told = [f"{one.action} {one.address}" for one in found.operations]
    told += [f"{one.address}: {one.sentence}" for one in (*found.conflicts, *found.unreadable)]
    declared = DatabaseTarget(scope).read(everything)
    return told + [f"left in the ledger: {one}" for one in ledger if one not in declared]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_changes_arrive_whenever_the_runs_come(
    new_platform: Callable[..., Platform], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F14, F25: rename upon rename, deletion after renaming, old names used again, several of them
    waiting when a run comes; and every third run dies after some write that it could not record.
    """
    platform = new_platform("chance")
    furnish(platform)
    chance = Chance(platform, seed)
    made: list[str] = []

    while len(made) < CHANGES:
        try:
            change = chance.change()
        except IndexError:  # nothing of this sort is left
            continue
        if approved(platform, change):
            made.append(f"{change[0]} {change[1]}")
        if chance.random.random() < 0.25 and platform.scope.touched.exists():
            made.append(run_somehow(platform, chance, monkeypatch))
    run_or_none = runs.sync(platform.scope.pk)

    assert run_or_none is None or run_or_none.state == Run.State.DONE, (run_or_none.sentence, made)
    assert platform.is_in_sync, made
    assert difference(platform) == [], made


def test_the_comparison_sees_a_difference(new_platform: Callable[..., Platform]) -> None:
    """The test above could not fail otherwise."""
    platform = new_platform("chance")
    furnish(platform)
    assert difference(platform) == []

    platform.keycloak.delete("users", platform.person_id("person0"))

    assert any(str(Address.parse("person:person0")) in one for one in difference(platform))
