"""The database as a target of the engine: what each app declares for a scope, as one state."""

from collections.abc import Callable, Iterable, Sequence

from console.engine.operation import Operation
from console.engine.state import Resource, Selection, State
from console.engine.target import After, Before, Outcome
from console.sync.models import Scope

Provider = Callable[[Scope, Selection], Iterable[Resource]]

_PROVIDERS: list[Provider] = []


def provide(provider: Provider) -> None:
    """Register what an app declares. Called once an app, from its `ready`."""
    if provider not in _PROVIDERS:
        _PROVIDERS.append(provider)


class DatabaseTarget:
    """Desired state. It is read here and written only by services, through the door."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def read(self, selection: Selection) -> State:
        """Return what is declared now, in the caller's transaction, for the selected addresses."""
        found = (one for provider in _PROVIDERS for one in provider(self.scope, selection))
        return State.of(one for one in found if one.address in selection)

    def execute(
        self, operations: Sequence[Operation], before: Before | None = None, after: After | None = None
    ) -> Sequence[Outcome]:
        raise TypeError("The database is written by services only.")
