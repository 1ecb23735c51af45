"""Parts of a plan fail alone; a pause leaves what was not begun."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from console.engine.apply import Ending, Report, apply
from console.engine.memory_ledger import MemoryLedger
from console.engine.operation import Operation
from console.engine.state import Address, Kind
from console.engine.target import After, Before, Outcome, Paused, Result
from tests.engine.world import WatchedMemory, World, at, state, world

PEOPLE = ("role:r", "group:a", "person:ann", "person:bob", "membership:ann|a", "membership:bob|a")


@dataclass
class RefusingMemory(WatchedMemory):
    """Answers for one address as it is told."""

    refused: Address = field(default_factory=lambda: at("realm:"))
    outcome: Outcome = field(default_factory=lambda: Outcome(Result.FAILED, "Refused."))

    def write(self, operation: Operation) -> Outcome:
        if operation.address == self.refused:
            return self.outcome
        return super().write(operation)


def refusing(made: World, key: str, result: Result = Result.FAILED) -> RefusingMemory:
    memory = RefusingMemory(
        made.memory.things, made.memory.links, refused=at(key), outcome=Outcome(result, "Refused.")
    )
    made.memory = memory
    return memory


def applied(made: World, **parts: Sequence[str]) -> Report:
    """Run with these parts: what each is called, and its addresses."""
    by_address = {at(key): part for part, keys in parts.items() for key in keys}
    return apply(made.plan(), target=made.memory, journal=made.book, parts=by_address)


def test_a_part_that_fails_ends_alone() -> None:
    made = world(desired=state(*PEOPLE))
    refusing(made, "person:ann")

    report = applied(made, ann=["person:ann", "membership:ann|a"], bob=["person:bob", "membership:bob|a"])

    assert (report.state, report.done) == (Ending.FAILED, 4)
    assert report.fallen == {"ann": 'create person "ann": Refused.'}
    assert at("membership:bob|a") in made.here()
    assert at("person:ann") not in made.book.facts


def test_what_follows_in_a_part_that_failed_is_not_tried() -> None:
    made = world(desired=state("role:r", "group:a", "group-role:a|r", "person:ann", "person-role:ann|r"))
    memory = refusing(made, "group-role:a|r")

    report = applied(made, one=["group-role:a|r", "person-role:ann|r"])

    assert report.fallen == {"one": 'create role "r" of group "a": Refused.'}
    assert at("person-role:ann|r") not in {one.address for one, _, _ in memory.seen}
    assert [one.address.key for one, _ in report.bad] == ["group-role:a|r"]


def test_a_part_that_needs_what_another_could_not_make_falls_too_and_is_not_tried() -> None:
    made = world(desired=state("group:a", "person:bob", "membership:bob|a"))
    memory = refusing(made, "group:a")

    report = applied(made, place=["group:a"], bob=["person:bob", "membership:bob|a"])

    assert set(report.fallen) == {"place", "bob"}
    assert report.fallen["bob"] == 'create membership of bob in group "a": group "a" could not be made.'
    assert at("membership:bob|a") not in {one.address for one, _, _ in memory.seen}


def test_what_belongs_to_no_part_still_stops_the_whole_plan() -> None:
    made = world(desired=state(*PEOPLE))
    refusing(made, "group:a")

    report = applied(made, ann=["person:ann", "membership:ann|a"], bob=["person:bob", "membership:bob|a"])

    assert report.state is Ending.FAILED
    assert set(report.fallen) == {""}
    assert at("person:bob") not in made.here()


def test_an_unknown_end_in_one_part_is_what_the_run_ends_with() -> None:
    made = world(desired=state(*PEOPLE))
    refusing(made, "person:ann", Result.UNKNOWN)

    report = applied(made, ann=["person:ann", "membership:ann|a"], bob=["person:bob", "membership:bob|a"])

    assert report.state is Ending.UNKNOWN
    assert at("membership:bob|a") in made.here()


@dataclass
class PausedAfter(MemoryLedger):
    """Somebody asks for a pause after so many batches."""

    batches: int = 0

    def intend(self, operations: Sequence[Operation]) -> None:
        self.batches -= 1
        if self.batches < 0:
            raise Paused


class LeavingMemory(WatchedMemory):
    """Leaves a batch when it is told to pause, as `Target` says."""

    def execute(
        self, operations: Sequence[Operation], before: Before | None = None, after: After | None = None
    ) -> Sequence[Outcome]:
        try:
            return super().execute(operations, before, after)
        except Paused:
            return [Outcome(Result.LEFT) for _ in operations]


def test_a_paused_run_leaves_the_rest_and_the_next_one_does_it() -> None:
    made = world(desired=state(*PEOPLE))
    made.memory = LeavingMemory(made.memory.things, made.memory.links)
    made.book = PausedAfter(batches=2)

    report = made.run()

    assert (report.state, report.done, report.bad) == (Ending.PAUSED, 2, ())
    assert {one.address.kind for one in made.here()} == {Kind.ROLE, Kind.GROUP}
    made.book.batches = 9
    assert made.run().state is Ending.DONE
    assert made.plan().is_empty
