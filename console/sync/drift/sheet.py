"""The inbox as a file: what the page shows, on all its pages."""

from collections.abc import Iterable, Iterator, Sequence

from console.engine.kinds import KINDS
from console.engine.state import Kind
from console.sync.drift.models import DriftItem
from console.sync.drift.showing import Line, Side, line_of

HEAD = (
    *("Realm", "Tenant", "Kind", "What", "Standing", "Declared here", "In Keycloak", "Effect"),
    *("Since", "By whom", "Settled", "How"),
)


def rows_of(items: Iterable[DriftItem]) -> Iterator[Sequence[str]]:
    """Yield a row for each difference, in the order of the items."""
    for item in items:
        yield _row(line_of(item))


def _row(line: Line) -> Sequence[str]:
    item = line.item
    return (
        str(item.scope),
        item.tenant,
        KINDS[Kind(item.kind)].label if item.kind in set(Kind) else item.kind,
        line.title,
        item.get_state_display(),
        _told(line.ours),
        _told(line.theirs),
        line.effect[2],
        f"{item.since:%Y-%m-%d %H:%M:%S} UTC",
        line.by,
        f"{item.closed_at:%Y-%m-%d %H:%M:%S} UTC" if item.closed_at else "",
        item.closed_how,
    )


def _told(sides: Iterable[Side]) -> str:
    return ", ".join(f"{one.label} {one.words}".strip() for one in sides)
