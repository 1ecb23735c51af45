"""Rights at 100,000 people: a page of the matrix, why, a decision with its query, after a change, and memory.

Filled by COPY, without any service and without a Keycloak: 5 groups a person, 2,000 groups four deep, 500
roles with 610 composites, 60 capabilities of 10 services, 5,000 resources with entitlements. Keycloak is said
to hold the same. `BENCH_PEOPLE=30000` takes fewer people. Runs by itself, too:
`python -m tests.bench.rights` on a database that is migrated.
"""

import os
import random
import resource
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from tests.bench import figures

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
GROUPS, ROLES, COMPOSITES, RESOURCES = 2_000, 500, 610, 5_000
EACH, TIMES = 5, 12
SLUG = "bench-rights"
LIMITS = {"page": 3.5, "decision": 0.08}  # milliseconds in SQL alone, measured before there was a product


def measure(place: Any, worlds: Any) -> None:
    """Print the figures, and take everything away again."""
    from tests.bench.rights_filled import emptied, filled

    figures.head(f"Rights at {PEOPLE:,} people, in one process, without the network")
    with figures.stopwatch() as watch:
        tenant = filled(SLUG)
    figures.line("filling by COPY", f"{watch.seconds:.0f} s")
    try:
        _decisions(tenant)
        _pages(tenant)
        _reasons(tenant)
        _changes(tenant)
    finally:
        emptied(SLUG)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures.line("memory of this process at most", f"{peak:.0f} MB; aim: at most 400")
    figures.line("machine at the end", figures.machine())


def _decisions(tenant: Any) -> None:
    from access.facts import facts_of
    from access.kept.reached import HELD
    from access.kept.structure import KEPT
    from console.graph.decisions import Question, decide
    from console.graph.edges import person
    from tenants.blueprints import catalogue_of

    chance = random.Random(3)

    def ask(count: int) -> int:
        catalogue = catalogue_of(tenant)
        subjects = [person(f"person-{chance.randrange(PEOPLE)}") for _ in range(count)]
        facts = facts_of(tenant, subjects)
        questions = (_question(chance) for _ in subjects)
        return sum(
            decide(catalogue, facts[one], Question(**asked)).is_allowed
            for one, asked in zip(subjects, questions, strict=True)
        )

    first = _times(lambda: ask(1), 1)
    figures.line("the first decision", f"{1000 * first[0]:.0f} ms: the structure is worked out, and kept")
    KEPT.clear()
    rows = _times(lambda: (HELD.clear(), ask(1)), TIMES)
    figures.line("a decision from the kept rows", _told(rows, LIMITS["decision"], "1"))
    KEPT.clear()
    _rebuilt(tenant)
    held = _times(lambda: ask(1), 20 * TIMES)
    figures.line("a decision", _told(held, LIMITS["decision"], "1"))
    figures.line("100 decisions at once", _told(_times(lambda: ask(100), TIMES), None, "15"))


def _question(chance: random.Random) -> dict[str, str]:
    capability = f"s{chance.randrange(10)}:c{chance.randrange(6)}"
    return {"capability": capability, "resource": f"thing:thing-{chance.randrange(RESOURCES)}"}


def _pages(tenant: Any) -> None:
    from access.matrix.asked import asked_of
    from access.matrix.page import matrix_of, matrix_page

    chance = random.Random(5)
    sizes = set[str]()

    def page() -> None:
        number = str(1 + chance.randrange(PEOPLE // 50))
        found = matrix_page(matrix_of(tenant, asked_of({"window": "1"})), number=number)
        cells = sum(len(row.cells) for row in found.grid.rows)
        sizes.add(f"{len(found.grid.rows)} people × {cells // len(found.grid.rows)} columns")

    page()
    told = _told(_times(page, TIMES), LIMITS["page"], "150")
    figures.line("a page of the matrix", f"{told}; {', '.join(sorted(sizes))}")


def _reasons(tenant: Any) -> None:
    from access.facts import facts_of
    from access.graphs import settled_graph
    from console.graph.decisions import Question, decide
    from console.graph.edges import person
    from console.graph.ending import ending
    from console.graph.fixes import fixes
    from console.graph.paths import paths
    from console.graph.whynot import Asked, why_not
    from tenants.blueprints import catalogue_of

    chance = random.Random(9)
    yes, no = Times(), Times()
    while len(yes) < TIMES or len(no) < TIMES:
        subject, question = person(f"person-{chance.randrange(PEOPLE)}"), Question(**_question(chance))
        began = time.process_time()
        with figures.stopwatch() as watch:
            catalogue = catalogue_of(tenant)
            facts = facts_of(tenant, [subject])[subject]
            graph = settled_graph(tenant.realm, people=[subject.name])
            answer = decide(catalogue, facts, question)
            for chain in answer.chains:
                paths(graph, subject, chain.right)
            if answer.is_allowed:
                ending(catalogue, graph, facts, question)
            else:
                why_not(Asked(catalogue=catalogue, facts=facts, question=question))
        kept = yes if answer.is_allowed else no
        kept.append(watch.seconds)
        kept.own.append(time.process_time() - began)
    figures.line("why: every path and the cut", _told(yes, None, "20"))
    figures.line("why not: the first missing", _told(no, None, "20"))
    with figures.stopwatch() as watch:
        found = fixes(catalogue, graph, facts, question)
    figures.line("the smallest fixes", f"{1000 * watch.seconds:.0f} ms for {len(found)}")


def _changes(tenant: Any) -> None:
    from access.facts import facts_of
    from access.models import Group, GroupRole, Membership, Person, Role
    from console.graph.edges import person, role

    realm, name = tenant.realm, f"person-{PEOPLE // 2}"
    by = {"realm": realm, "created_by": "bench"}
    new = Role.objects.create(name="new", **by)
    group = Group.objects.create(name="new", path="new", **by)
    one = Person.objects.get(realm=realm, username=name)
    joined = _times(lambda: Membership.objects.get_or_create(person=one, group=group, defaults=by), 1)
    facts_of(tenant, [person(name)])
    GroupRole.objects.create(group=group, role=new, **by)
    times = _times(lambda: _check(role("new") in facts_of(tenant, [person(name)])[person(name)].rights), 1)
    figures.line("the next decision after a group's", f"{1000 * times[0]:.0f} ms, and it sees the change")
    Membership.objects.filter(person=one, group=group).delete()
    gone = _times(lambda: _check(role("new") not in facts_of(tenant, [person(name)])[person(name)].rights), 1)
    figures.line("the next decision after a person's", f"{1000 * gone[0]:.1f} ms, and it sees the change")
    assert joined


def _check(holds: bool) -> None:
    if not holds:
        raise RuntimeError("A change was not seen by the next decision.")


def _rebuilt(tenant: Any) -> None:
    from access.kept.current import current

    current(tenant.realm, [])


def _times(do: Callable[[], Any], count: int) -> "Times":
    found = Times()
    for _ in range(count):
        began = time.process_time()
        with figures.stopwatch() as watch:
            do()
        found.append(watch.seconds)
        found.own.append(time.process_time() - began)
    return found


class Times(list[float]):
    """Seconds by the clock, and the processor's in this process: these hardly feel a busy machine."""

    def __init__(self) -> None:
        super().__init__()
        self.own: list[float] = []


def _told(seconds: Iterable[float], limit: float | None, aim: str) -> str:
    several = sorted(1000 * one for one in seconds)
    middle, most = several[len(several) // 2], several[int(len(several) * 0.99) - 1]
    beside = f"; the limit in SQL {limit} ms" if limit else ""
    if isinstance(seconds, Times):
        own = 1000 * sorted(seconds.own)[len(seconds.own) // 2]
        beside = f"; own processor {own:.2f} ms{beside}"
    return f"p50 {middle:6.2f}   p99 {most:6.2f} ms ({len(several)} times); aim {aim} ms{beside}"


def main() -> None:
    """Measure in the database of the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    import django

    django.setup()
    figures.head(figures.machine())
    global SLUG
    SLUG = f"bench-{uuid.uuid4().hex[:6]}"
    measure(None, None)


if __name__ == "__main__":
    main()
