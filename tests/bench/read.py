"""A complete read of a realm, as after a tenant was made and when somebody asks for it."""

from console.engine.state import Kind, Selection, State
from console.keycloak.target import KeycloakTarget
from console.transport import calls
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.world import World, Worlds

MEDIUM = 1_000
TIMES = 3


def measure(place: Place, worlds: Worlds) -> None:
    """Print how long a complete read takes, with its calls and what it found."""
    found = [worlds.of(size) for size in (MEDIUM, place.large)]
    figures.head("Complete read of a realm")
    for world in found:
        _measure(world)


def _measure(world: World) -> None:
    target = KeycloakTarget(world.scope.server.connection(), world.slug)
    seconds = []
    for _ in range(TIMES):
        with calls() as counter, figures.stopwatch() as watch:
            state = target.read(Selection.all())
        seconds.append(watch.seconds)
    figures.line(world.words, figures.spread(seconds))
    figures.line("", f"{counter.count} calls, {_found(state)}")


def _found(state: State) -> str:
    counted = {kind: sum(1 for _ in state.of_kind(kind)) for kind in Kind}
    told = ", ".join(f"{count:,} {kind.value}" for kind, count in counted.items() if count)
    return f"found {told}; unreadable {len(state.unreadable)}"
