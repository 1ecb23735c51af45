"""Nobody hands out what she may not: the door asks, before a change is kept, what it lets people reach.

The judge comes from the app that knows the access graph; it registers itself here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from console.graph.edges import Node
from console.identity.actor import ActorKind
from console.permissions.policy import decide
from console.sync.cause import Change, Forbidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Overreach:
    """A right that a change would let somebody reach, beyond what the actor may give, and the way there."""

    subject: Node
    right: Node
    sentence: str


class HandsOutMore(Forbidden):
    """A change would let somebody reach a right that the actor may not give."""

    def __init__(self, found: Overreach) -> None:
        super().__init__(found.sentence)
        self.found = found


Judge = Callable[[Change], Overreach | None]
_JUDGES: list[Judge] = []


def provide(judge: Judge) -> None:
    """Register the one judge of what changes hand out."""
    _JUDGES[:] = [judge]


def refuse_overreach(made: Change) -> None:
    """Raise HandsOutMore where a change of one tenant lets somebody reach what is not the tenant's to give.

    Who may do the same in the whole console may give anything, and so may work of the console itself.
    """
    if not made.tenant or made.scope is None or not (made.touched or made.rows):
        return
    if made.actor.kind is ActorKind.SYSTEM or decide(made.actor, made.permission):
        return
    for judge in _JUDGES:
        if found := judge(made):
            raise HandsOutMore(found)
