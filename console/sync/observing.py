"""Realms that are only observed: they are read, compared and shown, and nothing is ever written there.

The door, the preview, the guard and the run each refuse on their own.
"""

from collections.abc import Iterable

from console.engine.operation import Action, Operation
from console.engine.stops import Rule, Stop
from console.sync.commands import Refused
from console.sync.models import Scope


class ReadOnly(Refused):
    """The realm is only observed."""


def refuse(scope: Scope) -> None:
    """Refuse a change in a realm that is observed, by what stands in the database now. Raises ReadOnly."""
    if why := why_not(scope):
        raise ReadOnly(why)


def refuse_writes(scope: Scope, operations: Iterable[Operation]) -> None:
    """Refuse a plan that would write to a realm that is observed. Raises ReadOnly."""
    if scope.is_observed and any(_writes(one) for one in operations):
        raise ReadOnly(_sentence(scope))


def stops(scope: Scope, operations: Iterable[Operation]) -> tuple[Stop, ...]:
    """Return a stop for each write to a realm that is observed. No reason lifts it."""
    if not scope.is_observed:
        return ()
    return tuple(
        Stop(rule=Rule.OBSERVED, address=one.final, sentence=_sentence(scope), is_forbidden=True)
        for one in operations
        if _writes(one)
    )


def why_not(scope: Scope) -> str:
    """Return why a run must not write, by what stands in the database now; "" where it may."""
    is_observed = Scope.objects.filter(pk=scope.pk, mode=Scope.Mode.OBSERVED).exists()
    return _sentence(scope) if is_observed else ""


def _writes(operation: Operation) -> bool:
    return operation.action is not Action.ADOPT


def _sentence(scope: Scope) -> str:
    return f"The realm {scope.realm} is only observed: nothing is ever written there. Adopt it first."
