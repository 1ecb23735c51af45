"""One saved change in this process: preview, apply and run, each with its calls to Keycloak and its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from console.identity.actor import Actor
from console.sync import runs
from console.sync.models import Run, Scope
from console.sync.preview import apply, preview
from console.transport import calls
from tests.bench.figures import stopwatch

T = TypeVar("T")
ACTOR = Actor.system("bench")


class NotDone(Exception):
    """A change did not arrive, so there is no figure."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a saved change took. `made` are its calls, those for tokens left out."""

    made: tuple[str, ...]
    seconds: float

    @property
    def count(self) -> int:
        return len(self.made)


@dataclass(frozen=True, slots=True)
class Saved:
    preview: Part
    apply: Part
    run: Part

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        return self.preview, self.apply, self.run


def save(command: str, values: Mapping[str, Any], *, slug: str) -> Saved:
    """Carry a change out as the pages and the worker do; `slug` names the tenant and its realm.

    Raises NotDone, and what the service refuses.
    """
    plan, looked = _part(
        lambda: preview(actor=ACTOR, command=command, values=values, title=command, tenant=slug)
    )
    _, applied = _part(lambda: apply(actor=ACTOR, plan=plan, reason="A benchmark.", ticket=""))
    scope = Scope.objects.get(realm=slug)
    run, carried_out = _part(lambda: runs.sync(scope.pk))
    if run is None or run.state != Run.State.DONE:
        raise NotDone(f"{command} ended as {run and run.state}: {run and run.sentence}")
    return Saved(looked, applied, carried_out)


def _part(do: Callable[[], T]) -> tuple[T, Part]:
    with calls() as counter, stopwatch() as watch:
        done = do()
    made = tuple(one for one in counter.made if not one.endswith("/protocol/openid-connect/token"))
    return done, Part(made, watch.seconds)
