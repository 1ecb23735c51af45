"""Very much of a realm differing at once: seldom many decisions, nearly always one mishap."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count

from console.engine.kinds import KINDS
from console.engine.state import Kind
from console.sync.drift.inbox import shelf
from console.sync.drift.models import Change, DriftItem, Standing, Watch
from console.sync.models import LedgerEntry

_WORDS = {Change.REMOVED: "gone", Change.ADDED: "there again"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mass:
    """A realm of which more differs than a run may delete unasked. `most` is the largest part, in words."""

    watch: Watch
    count: int
    applied: int
    most: str

    @property
    def share(self) -> int:
        return round(100 * self.count / self.applied)


def masses(watches: Collection[Watch]) -> list[Mass]:
    """Return the realms among these in which very many managed things differ, with two queries at most.

    The limits are those of the guard for deletions, of what was applied in the realm.
    """
    open_items = DriftItem.objects.filter(
        shelf("open"), scope__in=[one.pk for one in watches], state=Standing.DRIFTED
    )
    alike = open_items.order_by().values_list("scope_id", "kind", "change").annotate(n=Count("pk"))
    found: dict[int, list[tuple[int, str, str]]] = {}
    for scope, kind, change, count in alike:
        found.setdefault(scope, []).append((count, kind, change))
    many = {scope: some for scope, some in found.items() if _count(some) > settings.GUARD_DELETIONS}
    if not many:
        return []
    rows = LedgerEntry.objects.filter(scope__in=many).order_by().values_list("scope_id")
    applied = dict(rows.annotate(n=Count("pk")))
    known = (_mass(one, many[one.pk], applied.get(one.pk, 0)) for one in watches if one.pk in many)
    return [one for one in known if one.applied and one.share >= 100 * settings.GUARD_DELETION_SHARE]


def _count(some: list[tuple[int, str, str]]) -> int:
    return sum(count for count, *_ in some)


def _mass(watch: Watch, some: list[tuple[int, str, str]], applied: int) -> Mass:
    count, kind, change = max(some)
    noun = KINDS[Kind(kind)].plural if kind in set(Kind) else kind
    words = f"{count:,} {noun} {'are' if count != 1 else 'is'} {_WORDS.get(Change(change), 'changed')}"
    return Mass(watch=watch, count=_count(some), applied=max(applied, _count(some)), most=words)
