"""What a change does to people. The graph comes from the app that knows it; it registers itself here."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from console.engine.rebase import later, rebased, with_former_names
from console.engine.state import Address, Selection
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, ends_of
from console.graph.impact import Change, Impact, impact
from console.graph.paths import Path
from console.sync.models import Scope, Touched
from console.sync.spans import Timed, Times
from console.sync.words import group_words

NAMES_SHOWN = 200
NAMES_KEPT = 2000


@dataclass(frozen=True)
class Pending:
    """What waits to be applied: the touched addresses, and the renames among them (new to former)."""

    addresses: frozenset[Address]
    renames: Mapping[Address, Address]

    @classmethod
    def of(cls, waiting: Iterable[Touched]) -> "Pending":
        rows = {Address.parse(row.address): Address.parse(row.was) if row.was else None for row in waiting}
        return cls(frozenset(rows), {new: was for new, was in rows.items() if was})

    def renamed(self, address: Address) -> Address:
        """Return where an address stands once the renames are done."""
        renamed = {was: new for new, was in self.renames.items()}
        return rebased(address, lambda end: later(end, renamed))


Make = Callable[[], Graph]


class GraphSource(Protocol):
    """Who a change can concern, their graph, and what they are called.

    `graph` reads at once, in the caller's transaction, what it needs: the graph once all that waits is
    applied. It is made when the answer is called, which asks nothing more.
    """

    def people(self, scope: Scope, addresses: Collection[Address]) -> Collection[str]: ...

    def graph(self, scope: Scope, people: Collection[str]) -> Make: ...

    def times(self, scope: Scope, people: Collection[str]) -> dict[Address, Times]: ...

    def names(self, scope: Scope, usernames: Collection[str]) -> dict[str, str]: ...

    def lens(self, scope: Scope, tenant: str) -> "Lens | None": ...


class Lens(Protocol):
    """What of a realm a tenant may read about: which people, and what to call things that are not its own."""

    def people(self, usernames: Collection[str]) -> set[str]: ...

    def instead_of(self, node: Node) -> str | None: ...


_SOURCES: list[GraphSource] = []


def provide(source: GraphSource) -> None:
    """Register the one source of the access graph."""
    _SOURCES[:] = [source]


@dataclass(frozen=True, kw_only=True)
class View:
    """The people that a change concerns, with what makes their graph as it was at one moment."""

    people: frozenset[str]
    graph: Make
    names: dict[str, str]
    times: Mapping[Address, Times] = field(default_factory=dict)
    planned: frozenset[Address] = frozenset()  # of the change itself
    lens: Lens | None = None
    shown: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Note who may be named, of those who are there at this moment."""
        self.shown.update(self.lens.people(self.people) if self.lens else self.people)

    def words(self, node: Node) -> str:
        """Return what a thing is called here."""
        instead = self.lens.instead_of(node) if self.lens else None
        return instead or (group_words(node.name) if node.kind is NodeKind.GROUP else node.name)


def after_change(scope: Scope, own: Selection, *, tenant: str, told: Collection[Address] = ()) -> View:
    """Return whom the change concerns and their graph, inside the transaction that holds the change.

    It is read there and made afterwards: nobody waits meanwhile. The graph is the one after all that waits,
    and so is the one before: what differs is the change. `told` are the addresses that the change records:
    those of them that begin later stand in no graph yet.
    """
    source = _SOURCES[0]
    people = frozenset(source.people(scope, {*with_former_names(own), *told}))
    times = source.times(scope, people)
    view = View(
        people=people,
        graph=source.graph(scope, people),
        names=source.names(scope, people),
        times=times,
        planned=frozenset(one for one in told if one in times and times[one].starts_at),
        lens=source.lens(scope, tenant),
    )
    view.look()
    return view


def before_change(scope: Scope | None, view: View) -> Make:
    """Return the graph of the same people without the change; empty where the realm is new."""
    if scope is None:
        return Graph
    # Who goes with the change has a name, and is the tenant's, only without it.
    view.look()
    view.names.update(_SOURCES[0].names(scope, view.people - view.names.keys()))
    return _SOURCES[0].graph(scope, view.people)


def told(*, before: Make, view: View) -> dict[str, Any]:
    """Return who gains, loses and keeps what, now and later, as plain JSON for the plan page."""
    after = view.graph()
    found, timed = impact(before(), after), Timed(after, view.times)
    return {
        "gained": [_row(change, view) | timed.of(change) for change in found.gained],
        "lost": [_row(change, view) for change in found.lost],
        "kept": [_row(change, view) for change in found.kept],
        "later": _later(after, view),
        "names": {name: view.names[name] for name in sorted(view.names.keys() & view.shown)[:NAMES_KEPT]},
        "outside": len({one.name for one in found.affected} - view.shown),
        **_totals(found, view),
    }


def _later(after: Graph, view: View) -> list[dict[str, Any]]:
    """Return what people gain once all that the change plans has begun."""
    ends = [found for one in sorted(view.planned) if (found := ends_of(one))]
    if not ends:
        return []
    then = Graph((*after.edges, *(Edge(*one) for one in ends)))
    timed = Timed(then, view.times)
    return [_row(change, view) | timed.of(change) for change in impact(after, then).gained]


def _totals(found: Impact, view: View) -> dict[str, int]:
    rights = sum(len(change.people) for change in (*found.gained, *found.lost))
    return {
        "gainers": len(found.gainers),
        "losers": len(found.losers),
        "both": len(found.both),
        "same": len(view.people) - len(found.affected),
        "rights": rights,
    }


def _row(change: Change, view: View) -> dict[str, Any]:
    named = [one.name for one in change.people if one.name in view.shown]
    return {
        "kind": change.right.kind.value,
        "right": view.words(change.right),
        "count": len(change.people),
        "outside": len(change.people) - len(named),
        "people": [[name, view.names.get(name, name)] for name in named[:NAMES_SHOWN]],
        "through": [[node.kind.value, view.words(node)] for node in _ways(change.through)],
    }


def _ways(path: Path) -> list[Node]:
    """Return what a right comes through. A group's words hold the groups that it stands in."""
    above = {edge.target for edge in path.edges if edge.kind is EdgeKind.PARENT}
    return [node for node in path.through if node not in above]
