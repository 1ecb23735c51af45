"""A plan of very many operations shows some of every sort and counts them all."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Address, Kind
from console.graph.nodes import RIGHTS, NodeKind
from console.sync import effects
from console.sync.models import Plan, Run, Touched
from console.sync.pages import pace, plan_page, progress_of
from console.sync.preview import described
from console.sync.shown import MOST, counts_of, some_of
from tests.factories import Platform


def made(kind: Kind, phase: Phase, count: int) -> list[Operation]:
    ends = {Kind.PERSON: (), Kind.ROLE: (), Kind.MEMBERSHIP: ("data",), Kind.PERSON_ROLE: ("reader",)}[kind]
    return [
        Operation(Action.CREATE, Address(kind, (f"n{number:05}", *ends)), phase, after={})
        for number in range(count)
    ]


MANY = [
    *made(Kind.ROLE, Phase.BUILD, 3),
    *made(Kind.PERSON, Phase.BUILD, 1000),
    *made(Kind.MEMBERSHIP, Phase.GRANT, 2000),
    *made(Kind.PERSON_ROLE, Phase.GRANT, 3000),
]


def test_some_of_every_sort_are_shown_in_their_order() -> None:
    some = some_of(MANY)

    assert len(some) == MOST
    assert [MANY.index(one) for one in some] == sorted(MANY.index(one) for one in some)
    assert Counter(one.address.kind for one in some) == {
        Kind.ROLE: 3,
        Kind.PERSON: 165,
        Kind.MEMBERSHIP: 166,
        Kind.PERSON_ROLE: 166,
    }


def test_a_plan_that_fits_is_shown_whole() -> None:
    assert some_of(MANY[:400]) == MANY[:400]


def test_more_sorts_than_room_leave_some_out() -> None:
    alike = [
        Operation(action, Address(kind, ("a", "b", "c")), phase)
        for action in Action
        for kind in Kind
        for phase in Phase
    ]

    assert len(some_of(alike)) == MOST


def test_the_page_tells_all_and_how_many_of_each_sort_it_leaves_out() -> None:
    plan = Plan(
        operations=[described(one, realm="acme") for one in some_of(MANY)],
        size=len(MANY),
        counts=counts_of(MANY),
    )

    page = plan_page(plan)

    assert page.count == 6003
    assert [(phase.name, phase.count) for phase in page.phases] == [("Build", 1003), ("Grant", 5000)]
    assert [phase.left_out for phase in page.phases] == [
        ((835, "people to create"),),
        ((1834, "memberships to create"), (2834, "roles of people to create")),
    ]


def test_a_run_tells_its_pace_and_what_is_left_of_it() -> None:
    start = timezone.now()
    run = Run(started_at=start, total=60_000, done=12_000)

    assert pace(run, now=start + timedelta(seconds=20)) == (
        "A worker is writing to Keycloak: 600 operations a second, about 80 seconds to go."
    )
    assert pace(run, now=start + timedelta(seconds=60)).endswith("about 4 minutes to go.")
    assert pace(Run(started_at=start, total=9, done=0), now=start + timedelta(seconds=20)) == ""


def test_the_progress_of_thousands_is_read_with_few_small_queries(
    platform: Platform, django_assert_max_num_queries: Any
) -> None:
    plan = Plan.objects.create(
        title="many",
        command="",
        values={},
        scope=platform.scope,
        size=6000,
        actor_key="x",
        actor_name="X",
        read_at=timezone.now(),
        state=Plan.State.APPLIED,
        applied_at=timezone.now(),
        applied_by="X",
    )
    run = Run.objects.create(
        scope=platform.scope, started_at=timezone.now(), generation=1, total=6000, done=2500
    )
    Touched.objects.bulk_create(
        Touched(scope=platform.scope, address=f"role:r{number}", generation=1, plan=plan)
        for number in range(6000)
    )

    with django_assert_max_num_queries(10):
        progress = progress_of(plan)

    assert progress is not None
    assert (progress.word, progress.done, progress.total) == ("applying", 2500, 6000)
    run.delete()
    Touched.objects.filter(plan=plan).delete()
    finished = progress_of(plan)
    assert finished is not None
    assert (finished.word, finished.done, finished.is_over) == ("in-sync", 6000, True)


def test_every_kind_of_right_has_a_word_on_the_plan_page() -> None:
    rights = {NodeKind.ROLE, NodeKind.CLIENT_ROLE, NodeKind.CLIENT_SCOPE, NodeKind.ENTITLEMENT}
    rows = [{"kind": one.value, "right": "x", "count": 1, "people": [], "through": []} for one in RIGHTS]

    shown = effects.effects_of(Plan(impact={"gained": rows})).parts[0].rows

    assert rights == RIGHTS
    assert {one.kind for one in shown} == {"Role", "Client role", "Client scope", "Entitlement"}
