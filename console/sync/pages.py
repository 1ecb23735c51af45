"""What the plan page shows, as data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from console.engine.operation import Phase
from console.engine.state import Address
from console.sync.models import Plan, Run, Step, Touched
from console.sync.words import thing

PEOPLE_SHOWN = 2
MANY = 4

_WHY = {
    Phase.REVOKE: "narrows access first",
    Phase.BUILD: "no effect on access yet",
    Phase.GRANT: "widens access",
    Phase.PRUNE: "leftovers that we made ourselves",
}
_SIGNS = {"create": "plus", "adopt": "equal", "update": "pencil", "rename": "pencil", "delete": "minus"}


@dataclass(frozen=True, slots=True)
class PhaseRows:
    """One phase of a plan with its operations, in the order they run."""

    number: int
    name: str
    why: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PlanPage:
    phases: tuple[PhaseRows, ...]
    unchanged: tuple[str, ...]
    count: int

    @property
    def counts(self) -> str:
        """`1 revoke, 2 grant`, phases without operations left out."""
        return ", ".join(f"{len(phase.rows)} {phase.name.lower()}" for phase in self.phases)


def plan_page(plan: Plan) -> PlanPage:
    """Return the left side of the plan page."""
    return PlanPage(
        phases=tuple(_phases(plan)),
        unchanged=tuple(thing(Address.parse(key)) for key in plan.unchanged),
        count=len(plan.operations),
    )


def _phases(plan: Plan) -> Iterator[PhaseRows]:
    for phase in Phase:
        rows = tuple(
            one | {"sign": _SIGNS[one["action"]]} for one in plan.operations if one["phase"] == phase.value
        )
        if rows:
            yield PhaseRows(phase.value, phase.name.capitalize(), _WHY[phase], rows)


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


def progress_of(plan: Plan) -> Progress | None:
    """Return where an applied plan stands, or None for one that was not applied."""
    if plan.state != Plan.State.APPLIED or plan.scope is None:
        return None
    waiting = list(Touched.objects.filter(plan=plan))
    steps = tuple(Step.objects.filter(plan_id=plan.pk).select_related("run").order_by("started_at", "number"))
    run = steps[-1].run if steps else plan.scope.runs.order_by("-started_at").first()
    done = sum(step.state == Step.State.DONE for step in steps)
    word, sentence, is_over = _standing(waiting, run)
    return Progress(word, sentence, done, len(plan.operations), is_over, run, steps)


def _standing(waiting: list[Touched], run: Run | None) -> tuple[str, str, bool]:
    if not waiting:
        return "in-sync", "Keycloak holds what this plan asked for.", True
    stopped = next((row for row in waiting if row.sentence), None)
    if stopped is not None:
        return ("blocked" if stopped.is_blocked else "failed"), stopped.sentence, stopped.is_blocked
    if run is not None and run.state == Run.State.RUNNING:
        return "applying", "A worker is writing to Keycloak.", False
    return "pending", "Waits for a worker.", False
