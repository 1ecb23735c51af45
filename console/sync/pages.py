"""What the plan page shows of operations and of their progress, as data."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from console.engine.kinds import KINDS
from console.engine.operation import Phase
from console.engine.state import Address, Kind
from console.sync import shown
from console.sync.effects import names_in
from console.sync.models import Plan, Run, Scope, Step, Touched
from console.sync.status import next_try, queued_status, worst
from console.sync.words import group_words, thing

MANY = 3

_WHY = {
    Phase.REVOKE: "narrows access first",
    Phase.BUILD: "no effect on access yet",
    Phase.GRANT: "widens access",
    Phase.PRUNE: "leftovers that we made ourselves",
}
_SIGNS = {"create": "plus", "adopt": "equal", "update": "pencil", "rename": "pencil", "delete": "minus"}

_Words = tuple[tuple[str, bool], ...]  # text, and whether it is a name


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of an operation that stands for many."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One operation, or many of one kind as one sentence with a line each."""

    sign: str
    words: _Words
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    lines: tuple[Line, ...] = ()
    writes: bool = True


@dataclass(frozen=True, slots=True)
class PhaseRows:
    """One phase of a plan with its operations, in the order they run."""

    number: int
    name: str
    why: str
    count: int
    items: tuple[Item, ...]
    left_out: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanPage:
    phases: tuple[PhaseRows, ...]
    unchanged: tuple[str, ...]
    count: int
    is_forbidden: bool = False

    @property
    def counts(self) -> tuple[tuple[int, str], ...]:
        """(1, "revoke"), (2, "grant"): phases without operations are left out."""
        return tuple((phase.count, phase.name.lower()) for phase in self.phases)


def plan_page(plan: Plan) -> PlanPage:
    """Return the left side of the plan page."""
    return PlanPage(
        phases=tuple(_phases(plan)),
        unchanged=tuple(thing(Address.parse(key)) for key in plan.unchanged),
        count=_size(plan),
        is_forbidden=any(stop.is_forbidden for stop in plan.held),
    )


def _size(plan: Plan) -> int:
    """Return how many operations a plan has; of very many the page holds some."""
    return plan.size or len(plan.operations)


def _phases(plan: Plan) -> Iterator[PhaseRows]:
    names = names_in(plan)
    for phase in Phase:
        rows = [one for one in plan.operations if one["phase"] == phase.value]
        if rows:
            items, left_out = tuple(_items(rows, names)), tuple(_left_out(plan, phase, rows))
            count = len(rows) + sum(more for more, _ in left_out)
            yield PhaseRows(phase.value, phase.name.capitalize(), _WHY[phase], count, items, left_out)


def _left_out(plan: Plan, phase: Phase, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Yield how many operations of each sort are not among those that the page holds."""
    here = Counter((Address.parse(row["address"]).kind.value, row["action"]) for row in rows)
    for number, kind, action, count in plan.counts:
        if number == phase.value and count > here[kind, action]:
            yield count - here[kind, action], f"{KINDS[Kind(kind)].plural} to {action}"


def _items(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[Item]:
    """Yield the operations in their order; many that differ in one name only stand together."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(_likeness(row), []).append(row)
    for several in alike.values():
        if len(several) >= MANY:
            yield _together(several, names)
        else:
            yield from (_item(row, names) for row in several)


def _likeness(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what operations must share to be told in one sentence."""
    address = Address.parse(row["address"])
    if row["action"] not in _MANY_VERBS or address.kind not in _ONE_OF_MANY:
        return (row["address"],)
    place = _ONE_OF_MANY[address.kind][0]
    rest = tuple(part for index, part in enumerate(address.path) if index != place)
    return (row["action"], address.kind.value, *rest)


# Kind: which part of the path differs, what these are called, and what the sentence ends with.
_ONE_OF_MANY: Mapping[Kind, tuple[int, str]] = {
    Kind.ROLE: (0, "roles"),
    Kind.GROUP: (0, "groups"),
    Kind.PERSON: (0, "people"),
    Kind.COMPOSITE: (1, "roles"),
    Kind.GROUP_ROLE: (0, "groups"),
    Kind.MEMBERSHIP: (0, "people"),
    Kind.PERSON_ROLE: (0, "people"),
    Kind.SERVICE_MEMBERSHIP: (0, "service accounts"),
    Kind.SERVICE_ROLE: (0, "service accounts"),
    Kind.ENTITLEMENT: (1, "holders"),
}
_MANY_VERBS = frozenset({"create", "delete"})


def _together(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Item:
    first = rows[0]
    address = Address.parse(first["address"])
    place, noun = _ONE_OF_MANY[address.kind]
    addresses = [Address.parse(row["address"]) for row in rows]
    return Item(
        sign=_SIGNS[first["action"]],
        words=_many_words(address, first["action"] == "create", f"{len(rows)} {noun}"),
        reason=_reason(first),
        lines=tuple(_line(one, place, names) for one in addresses),
        writes=first["writes"],
    )


def _many_words(address: Address, is_new: bool, many: str) -> _Words:
    path = address.path
    parts: tuple[str, ...]
    match address.kind:
        case Kind.COMPOSITE:
            parts = ("Let ", path[0], " include " if is_new else " no longer include ", many)
        case Kind.MEMBERSHIP | Kind.SERVICE_MEMBERSHIP if is_new:
            parts = ("Add ", many, " to ", group_words(path[1]))
        case Kind.MEMBERSHIP | Kind.SERVICE_MEMBERSHIP:
            parts = ("Remove ", many, " from ", group_words(path[1]))
        case Kind.PERSON_ROLE | Kind.GROUP_ROLE | Kind.SERVICE_ROLE if is_new:
            parts = ("Give ", many, " the role ", path[1])
        case Kind.PERSON_ROLE | Kind.GROUP_ROLE | Kind.SERVICE_ROLE:
            parts = ("Take role ", path[1], " from ", many)
        case Kind.ENTITLEMENT if is_new:
            parts = ("Grant ", many, " the entitlement ", path[2])
        case Kind.ENTITLEMENT:
            parts = ("Revoke the entitlement ", path[2], " of ", many)
        case _:
            parts = ("Create " if is_new else "Delete ", many)
    return tuple((part, index % 2 == 1) for index, part in enumerate(parts))


def _reason(row: Mapping[str, Any]) -> str:
    """Return why the operation is needed; that something new is new needs no words."""
    reason: str = row["reason"]
    return "" if reason == "is new" else f"{reason[:1].upper()}{reason[1:]}."


def _line(address: Address, place: int, names: Mapping[str, str]) -> Line:
    part = address.path[place]
    name = names.get(part, part) if part == _username(address) else part
    return Line(name, part) if name != part else Line(group_words(part))


def _username(address: Address) -> str:
    """Return whose operation it is, or "" where it is nobody's."""
    match address.kind:
        case Kind.PERSON | Kind.MEMBERSHIP | Kind.PERSON_ROLE:
            return address.path[0]
        case Kind.ENTITLEMENT if address.path[0] == "person":
            return address.path[1]
    return ""


def _item(row: Mapping[str, Any], names: Mapping[str, str]) -> Item:
    username = _username(Address.parse(row["address"]))
    told = names.get(username, username)
    return Item(
        sign=_SIGNS[row["action"]],
        words=tuple(
            (told if is_name and text == username else text, is_name) for text, is_name in row["words"]
        ),
        reason=_reason(row),
        changes=tuple((one[0], one[1], one[2]) for one in row["changes"]),
        writes=row["writes"],
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an applied plan has come. `is_over`: nothing will change without someone's doing."""

    word: str
    sentence: str
    done: int
    total: int
    is_over: bool
    run: Run | None
    steps: tuple[Step, ...]
    next_try: str = ""

    @property
    def needs_somebody(self) -> bool:
        return self.is_over and self.word != "in-sync"

    @property
    def may_be_tried_again(self) -> bool:
        return self.word in ("failed", "blocked", "dead", "unknown")


def progress_of(plan: Plan) -> Progress | None:
    """Return where an applied plan stands, or None for one that was not applied."""
    if plan.state != Plan.State.APPLIED or plan.scope is None:
        return None
    if _size(plan) > shown.MOST:
        return _progress_of_many(plan, plan.scope)
    waiting = list(Touched.objects.filter(plan=plan))
    steps = tuple(Step.objects.filter(plan_id=plan.pk).select_related("run").order_by("started_at", "number"))
    run = steps[-1].run if steps else _run_since(plan)
    word, sentence, is_over = _standing(plan.scope, waiting, run)
    total = _size(plan)
    done = total if word == "in-sync" else len(_last(steps, Step.State.DONE))
    again = "" if is_over else next_try(plan.scope, max((row.attempts for row in waiting), default=0))
    return Progress(word, sentence, done, total, is_over, run, tuple(_last(steps).values()), again)


def _progress_of_many(plan: Plan, scope: Scope) -> Progress:
    """Return the same for a plan of thousands by few small queries: of its steps, those that went wrong."""
    rows, run = Touched.objects.filter(plan=plan), _run_since(plan)
    count = rows.count()
    waiting = list(rows.exclude(sentence="")[: shown.MOST]) or list(rows[:1])
    word, sentence, is_over = _standing(scope, waiting, run)
    total = _size(plan)
    done = total if not count else max(0, total - count)
    if run is not None and run.state == Run.State.RUNNING:
        done, sentence = min(total, done + run.done), pace(run, now=timezone.now()) or sentence
    bad = Step.objects.filter(plan_id=plan.pk, state__in=[Step.State.FAILED, Step.State.UNKNOWN])
    steps = tuple(bad.select_related("run").order_by("started_at", "number")[: shown.MOST])
    again = "" if is_over else next_try(scope, max((row.attempts for row in waiting), default=0))
    return Progress(word, sentence, done, total, is_over, run, tuple(_last(steps).values()), again)


def pace(run: Run, *, now: datetime) -> str:
    """Return how fast a run writes and how long the rest takes at that rate, "" while nothing can be said."""
    seconds = (now - run.started_at).total_seconds()
    if run.done == 0 or seconds < 1:
        return ""
    rate = run.done / seconds
    left = max(0, run.total - run.done) / rate
    told = f"{left / 60:.0f} minutes" if left >= 90 else f"{left:.0f} seconds"
    return f"A worker is writing to Keycloak: {rate:,.0f} operations a second, about {told} to go."


def _run_since(plan: Plan) -> Run | None:
    """Return the latest run that can have looked at the plan."""
    if plan.scope is None:
        return None
    return plan.scope.runs.filter(started_at__gte=plan.applied_at).order_by("-started_at").first()


def _last(steps: Sequence[Step], state: str | None = None) -> dict[str, Step]:
    """Return the latest step of each address: a retry stands in the place of what it repeats."""
    latest = {step.address: step for step in steps}
    return {key: step for key, step in latest.items() if state is None or step.state == state}


def _standing(scope: Scope, waiting: list[Touched], run: Run | None) -> tuple[str, str, bool]:
    if not waiting:
        return "in-sync", "Keycloak holds what this plan asked for.", True
    stopped = worst(waiting)
    if stopped is not None:
        return stopped.word, stopped.sentence, stopped.is_set_aside
    if run is not None and run.state == Run.State.RUNNING:
        return "applying", "A worker is writing to Keycloak.", False
    queued = queued_status(scope)
    return queued.word, queued.sentence, False
