"""From and until when people have a right: the first way that begins, the last that ends (row I4)."""

from datetime import UTC, datetime

from console.engine.state import Address
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, address_of, group, person, role
from console.graph.impact import impact
from console.sync.spans import Timed, Times


def day(number: int) -> datetime:
    return datetime(2026, 12, number, tzinfo=UTC)


IN = Edge(person("ann"), group("data"), EdgeKind.MEMBERSHIP)
GIVES = Edge(group("data"), role("viewer"), EdgeKind.GROUP_ROLE)
DIRECT = Edge(person("ann"), role("viewer"), EdgeKind.PERSON_ROLE)
BOB = Edge(person("bob"), role("viewer"), EdgeKind.PERSON_ROLE)


def told(edges: list[Edge], times: dict[Edge, tuple[int | None, int | None]]) -> dict[str, list[int]]:
    graph = Graph(edges)
    known: dict[Address, Times] = {}
    for edge, (begins, ends) in times.items():
        address = address_of(edge)
        assert address is not None
        known[address] = Times(day(begins) if begins else None, day(ends) if ends else None)
    [gained] = impact(Graph(), graph).gained
    spans = Timed(graph, known).of(gained)
    return {side: [datetime.fromisoformat(one).day for one in some] for side, some in spans.items()}


def test_a_way_ends_with_the_first_of_its_links() -> None:
    assert told([IN, GIVES], {IN: (None, 9), GIVES: (None, 4)}) == {"until": [4, 4]}


def test_a_way_begins_with_the_last_of_its_links() -> None:
    assert told([IN, GIVES], {IN: (2, None), GIVES: (3, None)}) == {"from": [3, 3]}


def test_of_two_ways_the_first_beginning_and_the_last_end_count() -> None:
    assert told([IN, GIVES, DIRECT], {IN: (5, 9), DIRECT: (2, 4)}) == {"from": [2, 2], "until": [9, 9]}


def test_a_way_that_lasts_leaves_no_end_and_one_that_has_begun_no_beginning() -> None:
    assert told([IN, GIVES, DIRECT], {IN: (5, 9)}) == {}


def test_several_people_are_told_from_the_earliest_to_the_latest() -> None:
    assert told([DIRECT, BOB], {DIRECT: (None, 4), BOB: (None, 7)}) == {"until": [4, 7]}


def test_where_one_has_it_for_ever_only_the_earliest_end_is_told() -> None:
    assert told([DIRECT, BOB], {DIRECT: (None, 4)}) == {"until": [4]}


def test_without_times_nothing_is_said() -> None:
    assert told([DIRECT, BOB], {}) == {}
