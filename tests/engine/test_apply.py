"""A run writes its intent first, stops at the first trouble, and says how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from console.engine.apply import Ending, apply
from console.engine.batches import batches
from console.engine.memory_ledger import MemoryLedger
from console.engine.operation import Operation
from console.engine.target import After, Before, LostLease, Outcome
from tests.engine.world import FaultyMemory, WatchedMemory, World, at, state, world


def faulty(made: World, *, breaks_at: int, lands: bool) -> World:
    made.memory = FaultyMemory(
        things=made.memory.things, links=made.memory.links, breaks_at=breaks_at, lands=lands, dies=False
    )
    return made


@dataclass
class LeaseForOneBatch(MemoryLedger):
    intended: list[Operation] = field(default_factory=list)

    def intend(self, operations: Sequence[Operation]) -> None:
        if self.intended:
            raise LostLease
        self.intended.extend(operations)


@dataclass
class TellingMemory(WatchedMemory):
    """Tells of the first of each batch while the others are still to be written."""

    def execute(
        self, operations: Sequence[Operation], before: Before | None = None, after: After | None = None
    ) -> Sequence[Outcome]:
        first = super().execute(operations[:1], before)
        if after is not None:
            after([(operations[0], first[0])])
        return [*first, *super().execute(operations[1:], before)]


@dataclass
class CountingLedger(MemoryLedger):
    recorded: list[list[str]] = field(default_factory=list)

    def record(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        super().record(operations, outcomes)
        self.recorded.append([one.address.key for one in operations])


def telling(*keys: str) -> World:
    made = world(desired=state(*keys))
    made.memory = TellingMemory(made.memory.things, made.memory.links)
    return made


def test_what_has_ended_is_recorded_while_others_are_written_and_only_once() -> None:
    made = telling("role:a", "role:b", "role:c")
    book = made.book = CountingLedger()

    report = made.run()

    assert (report.state, report.done, report.undone) == (Ending.DONE, 3, frozenset())
    assert book.recorded == [["role:a"], ["role:b", "role:c"]]
    assert made.plan().is_empty


def test_a_part_that_failed_early_takes_nothing_from_the_others() -> None:
    made = telling("role:a", "role:b")
    chosen = made.plan()
    made.memory._create(at("role:a"), {"description": "came in between"}, None)

    parts = {at("role:a"): "one", at("role:b"): "two"}
    report = apply(chosen, target=made.memory, journal=made.book, parts=parts)

    assert (report.done, list(report.fallen)) == (1, ["one"])
    assert report.undone == {at("role:a")}


def test_a_run_that_went_well_tells_how_much_it_did() -> None:
    report = world(desired=state("role:r", "person:ann", "person-role:ann|r")).run()

    assert (report.state, report.done, report.sentence) == (Ending.DONE, 3, "")


def test_nothing_follows_a_batch_that_failed() -> None:
    made = world(desired=state("role:r", "person:ann", "person-role:ann|r"))
    chosen = made.plan()
    made.memory._create(at("role:r"), {"description": "came in between"}, None)

    report = made.run(chosen)

    assert report.state is Ending.FAILED
    assert report.sentence == 'create role "r": Something else with this name exists.'
    assert made.here().get(at("person:ann")) is None
    assert made.book.facts == {}


def test_a_write_without_a_reply_ends_the_run_as_unknown_and_the_next_one_finds_out() -> None:
    """F11 of the faults: a time-out after the write landed."""
    made = faulty(world(desired=state("role:r", "person:ann", "person-role:ann|r")), breaks_at=1, lands=True)

    report = made.run()

    assert report.state is Ending.UNKNOWN
    assert made.run().state is Ending.DONE
    assert made.plan().is_empty


def test_a_run_that_lost_its_lease_writes_nothing_more() -> None:
    """F16 of the faults: a paused worker comes back."""
    made = world(desired=state("role:r", "person:ann", "person-role:ann|r"))
    made.book = LeaseForOneBatch()

    with pytest.raises(LostLease):
        made.run()

    assert {one.address.key for one in made.here()} == {"role:r"}


def test_a_batch_holds_only_what_does_not_depend_on_each_other() -> None:
    made = world(desired=state("group:a", "group:b", "group:a/x", "person:ann", "membership:ann|a/x"))

    found = [[one.address.key for one in batch] for batch in batches(made.plan().operations)]

    assert found == [["group:a", "group:b"], ["group:a/x"], ["person:ann", "membership:ann|a/x"]]


def test_new_people_come_with_their_links_and_not_before_anything_widens() -> None:
    """ADR 8: who gets nothing is made early; who gets something is made with it, after the groups' roles."""
    made = world(
        desired=state(
            *("role:r", "group:a", "group-role:a|r", "person:ann", "person:bob", "person:old"),
            *("membership:ann|a", "person-role:ann|r", "person-role:old|r"),
        ),
        there=state("person:old"),
        ours=["person:old"],
    )

    found = [[one.address.key for one in batch] for batch in batches(made.plan().operations)]

    assert found == [
        ["role:r"],
        ["person:bob"],
        ["group:a", "group-role:a|r"],
        ["person:ann", "membership:ann|a", "person-role:ann|r"],
        ["person-role:old|r"],
    ]


def test_a_new_person_is_there_before_anything_else_that_needs_her() -> None:
    """An entitlement comes before memberships in the order, so its person does, too."""
    made = world(
        desired=state("group:a", "person:ann", "membership:ann|a", "entitlement:person|ann|t:r:READ")
    )

    found = [[one.address.key for one in batch] for batch in batches(made.plan().operations)]

    assert found == [["group:a"], ["person:ann", "membership:ann|a"], ["entitlement:person|ann|t:r:READ"]]


def test_new_groups_come_as_whole_trees_with_their_roles_and_not_before_anything_widens() -> None:
    """ADR 14: what is inside of a group, and what it gives, comes with it; a role of an old one does not."""
    made = world(
        desired=state(
            *("role:r", "role:s", "composite:r|s", "group:old", "group:old/x", "group:a", "group:a/b"),
            *("group:a/b/c", "group-role:a/b|r", "group-role:old|r", "group-role:old/x|r"),
        ),
        there=state("group:old"),
        ours=["group:old"],
    )

    found = [[one.address.key for one in batch] for batch in batches(made.plan().operations)]

    assert found == [
        ["role:r", "role:s"],
        ["composite:r|s"],
        ["group:a", "group:old/x", "group:a/b", "group:a/b/c", "group-role:a/b|r", "group-role:old/x|r"],
        ["group-role:old|r"],
    ]


def test_new_groups_wait_no_longer_than_for_the_first_that_needs_one() -> None:
    made = world(
        desired=state(
            "role:r", "group:a", "group-role:a|r", "entitlement:group|a|t:r:READ", "default-group:a"
        )
    )

    found = [[one.address.key for one in batch] for batch in batches(made.plan().operations)]

    assert found.index(["group:a", "group-role:a|r"]) == 1
    assert sorted(found[2:]) == [["default-group:a"], ["entitlement:group|a|t:r:READ"]]


def test_new_groups_go_one_after_the_other_where_a_group_moves() -> None:
    """Names are those of the moment, so nothing may be put off beyond a move."""
    made = world(
        desired=state("role:r", "group:old/a", "group:old", "group:new", "group-role:new|r"),
        there=state("group:a", "group:old"),
        ours=["group:a", "group:old"],
    )
    made.book.renames[at("group:old/a")] = at("group:a")

    found = [[one.address.key for one in batch] for batch in batches(made.plan().operations)]

    assert ["group:new"] in found
    assert ["group-role:new|r"] in found
