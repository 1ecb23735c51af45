"""A small world to try the engine in: builders, a naive oracle of access, a target that breaks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from console.engine.apply import Report, apply
from console.engine.kinds import KINDS
from console.engine.memory import MemoryTarget
from console.engine.memory_ledger import MemoryLedger
from console.engine.operation import Operation
from console.engine.plan import Plan, plan
from console.engine.state import Address, Kind, Resource, Selection, State
from console.engine.target import Outcome, Result

Access = frozenset[tuple[str, str]]
COMPOSITES = frozenset({Kind.COMPOSITE, Kind.COMPOSITE_CLIENT_ROLE}) | {
    Kind.CLIENT_COMPOSITE,
    Kind.CLIENT_COMPOSITE_CLIENT_ROLE,
}


def at(key: str) -> Address:
    """Return the address of a key, e.g. `membership:ann|a/b`."""
    return Address.parse(key)


def defaults(kind: Kind) -> dict[str, object]:
    return {name: spec.default for name, spec in KINDS[kind].fields.items()}


def resource(key: str, **fields: object) -> Resource:
    address = at(key)
    return Resource(address, {**defaults(address.kind), **fields})


def state(*parts: str | Resource) -> State:
    """Return a state of keys (with default fields) and resources."""
    return State.of(part if isinstance(part, Resource) else resource(part) for part in parts)


MEMBERSHIPS = (Kind.MEMBERSHIP, Kind.SERVICE_MEMBERSHIP)
ABLE = (Kind.PERSON, Kind.CLIENT)  # a client stands for its service account


def access_of(memory: MemoryTarget) -> Access:
    """Return who can do what: (id of a person or client, role's id or entitlement), by repeating.

    Written for itself on purpose: it uses nothing of what plans and orders. Groups of organizations count
    as if they gave what they have: Keycloak 26.7 does not let them, a later one may.
    """
    things, links = memory.things, memory.links
    if any(thing.kind is Kind.REALM and not thing.fields["enabled"] for thing in things.values()):
        return frozenset()
    given = {Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE, Kind.GROUP_ROLE, Kind.GROUP_CLIENT_ROLE}
    given |= {Kind.SERVICE_ROLE, Kind.SERVICE_CLIENT_ROLE}
    given |= {Kind.ORGANIZATION_GROUP_ROLE, Kind.ORGANIZATION_GROUP_CLIENT_ROLE}
    holds = {(ids[0], ids[1]) for kind, ids, _ in links if kind in given}
    holds |= {(ids[0], f"={value}") for kind, ids, value in links if kind is Kind.ENTITLEMENT}
    within = {(ids[0], ids[1]) for kind, ids, _ in links if kind in MEMBERSHIPS}
    within |= {(ids[1], ids[0]) for kind, ids, _ in links if kind is Kind.ORGANIZATION_GROUP_MEMBER}
    trees = (Kind.GROUP, Kind.ORGANIZATION_GROUP)
    within |= {(i, thing.above) for i, thing in things.items() if thing.kind in trees and thing.above}
    includes = {(ids[0], ids[1]) for kind, ids, _ in links if kind in COMPOSITES}
    while True:
        more = {(who, what) for who, group in within for holder, what in holds if holder == group}
        more |= {(who, inner) for who, what in holds for outer, inner in includes if outer == what}
        if more <= holds:
            break
        holds |= more
    able = {i for i, thing in things.items() if thing.kind in ABLE and thing.fields.get("enabled", True)}
    return frozenset((who, what) for who, what in holds if who in able)


class Killed(Exception):
    """The process died here."""


@dataclass
class WatchedMemory(MemoryTarget):
    """Notes who can do what after each write, and which operations were tried."""

    seen: list[tuple[Operation, Outcome, Access]] = field(default_factory=list)

    def write(self, operation: Operation) -> Outcome:
        outcome = super().write(operation)
        self.seen.append((operation, outcome, access_of(self)))
        return outcome


@dataclass
class FaultyMemory(WatchedMemory):
    """Breaks at one write, before or after it landed: the process dies, or the reply never comes."""

    breaks_at: int = -1
    lands: bool = False
    dies: bool = True

    def write(self, operation: Operation) -> Outcome:
        self.breaks_at -= 1
        if self.breaks_at != 0:
            return super().write(operation)
        if self.lands:
            super().write(operation)
        if self.dies:
            raise Killed
        return Outcome(Result.UNKNOWN, "The reply never came.")


@dataclass
class World:
    """One realm, what we know of it, and what was declared for it."""

    memory: WatchedMemory
    book: MemoryLedger
    desired: State

    def selection(self) -> Selection:
        return Selection.all(renames=dict(self.book.renames))

    def plan(self) -> Plan:
        selection = self.selection()
        return plan(
            desired=self.desired,
            actual=self.memory.read(selection),
            ledger=dict(self.book.facts),
            selection=selection,
        )

    def run(self, chosen: Plan | None = None) -> Report:
        return apply(chosen or self.plan(), target=self.memory, journal=self.book)

    def here(self) -> State:
        return self.memory.read(Selection.all())


def world(*, desired: State, there: State | None = None, ours: Sequence[str] = ()) -> World:
    """Return a world where `there` stands in Keycloak, `ours` of it being in the ledger."""
    memory = WatchedMemory.of(there or State())
    assert isinstance(memory, WatchedMemory)
    made = World(memory, MemoryLedger(), desired)
    for found in made.here():
        if found.address.key in ours:
            made.book.record([_adoption(found)], [Outcome(Result.DONE, id=found.id, fields=found.fields)])
    assert len(made.book.facts) == len(ours)
    return made


def _adoption(found: Resource) -> Operation:
    from console.engine.operation import Action, Phase

    return Operation(Action.ADOPT, found.address, Phase.BUILD)


def lines(chosen: Plan) -> list[str]:
    """Return a plan as lines `PHASE action address`, to read and compare."""
    return [f"{one.phase.name} {one.action} {one.address}" for one in chosen.operations]
