"""The memberships, roles and entitlements of a bulk change: what is missing is made, what is there is taken,
set by set.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from access.bulk.known import CHUNK
from access.models import (
    Entitlement,
    Group,
    GroupRole,
    Membership,
    NamedEntitlement,
    PersonRole,
    Role,
)
from access.models.entitlements import value_of
from access.services.base import Door, refuse_to_lose
from access.services.periods import Period, WrongTime, words
from console.engine.state import Address, Kind
from console.portions import portions
from console.sync import rows
from console.sync.commands import Gone
from console.timed import NOT_ENDED, Term
from tenants.services.observing import declare_carrier

if TYPE_CHECKING:
    from access.services.bulk import Wish


@dataclass(frozen=True, kw_only=True)
class _Sort:
    """One kind of link: from whom, to what (`columns` of the row), and by which words a wish asks for it."""

    kind: Kind
    model: Any
    first: str
    second: str
    columns: tuple[str, ...]
    noun: str
    give: str
    take: str
    of_groups: bool = False

    def address(self, owner: str, name: str) -> Address:
        carrier = (self.first,) if self.kind is Kind.ENTITLEMENT else ()
        return Address(self.kind, (*carrier, owner, name))


_SORTS = (
    _Sort(
        kind=Kind.MEMBERSHIP,
        model=Membership,
        first="person",
        second="group",
        columns=("group_id",),
        noun="groups",
        give="join",
        take="leave",
    ),
    _Sort(
        kind=Kind.PERSON_ROLE,
        model=PersonRole,
        first="person",
        second="role",
        columns=("role_id",),
        noun="roles",
        give="give",
        take="take",
    ),
    _Sort(
        kind=Kind.GROUP_ROLE,
        model=GroupRole,
        first="group",
        second="role",
        columns=("role_id",),
        noun="roles",
        give="give",
        take="take",
        of_groups=True,
    ),
    _Sort(
        kind=Kind.ENTITLEMENT,
        model=Entitlement,
        first="person",
        second="resource",
        columns=("resource_id", "level"),
        noun="entitlements",
        give="entitle",
        take="revoke",
    ),
)
OPEN = Period()
_TIMES = ("starts_at", "ends_at", "state")
_Second = tuple[Any, ...]
_Pair = tuple[Any, ...]  # the id of the first end, and the columns of the second
_Asked = dict[_Pair, "tuple[Wish, str]"]  # which wish asks for the pair, and the name of its second end


@dataclass(frozen=True, slots=True)
class _Standing:
    """A link that is there, or is to begin."""

    pk: int
    pair: _Pair
    state: str
    period: Period


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The things that links lead from and to, by name."""

    people: Mapping[str, int]
    groups: Mapping[str, int]
    seconds: Mapping[str, Mapping[str, _Second]]

    @classmethod
    def of(cls, opened: Door, people: Mapping[str, int], wishes: "Iterable[Wish]") -> "Ends":
        groups = dict(Group.objects.of(opened.tenant).values_list("path", "pk"))
        roles = Role.objects.of(opened.tenant).values_list("name", "pk")
        of_entitlements = any(one.entitle or one.revoke for one in wishes)
        return cls(
            people=people,
            groups=groups,
            seconds={
                "group": {path: (pk,) for path, pk in groups.items()},
                "role": {name: (pk,) for name, pk in roles},
                "resource": _levels(opened) if of_entitlements else {},
            },
        )

    def first(self, wish: "Wish") -> int | None:
        return self.groups.get(wish.group) if wish.group else self.people.get(wish.part)

    def second(self, sort: _Sort, name: str, wish: "Wish") -> _Second:
        """Return the columns that name a group, role or entitlement. Raises Gone with its line."""
        found = self.seconds[sort.second].get(name)
        if found is None:
            noun = "entitlement" if sort.second == "resource" else sort.second
            raise Gone(f"Line {wish.line}: there is no {noun} {name} any more.")
        return found


def _levels(opened: Door) -> dict[str, _Second]:
    named = NamedEntitlement.objects.of(opened.tenant).select_related("resource__type")
    return {value_of(row.resource, row.level): (row.resource_id, row.level) for row in named.order_by("pk")}


def link(opened: Door, wishes: "Mapping[str, Wish]", people: Mapping[str, int]) -> None:
    """Make the links that are wished for and missing; what is planned takes its new time.

    Raises Gone, and WrongTime with the line.
    """
    ends = Ends.of(opened, people, wishes.values())
    if any(one.entitle for one in wishes.values()):
        declare_carrier(opened.made, opened.tenant.realm)
    given: list[Period] = []
    for sort in _SORTS:
        asked = _asked(sort, sort.give, wishes, ends)
        had = {one.pair: one for one in _standing(sort, asked)}
        periods = {pair: _period(opened, sort, *asked[pair]) for pair in asked}
        new = {pair: periods[pair] for pair in asked if pair not in had}
        moved = {
            pair: periods[pair]
            for pair, one in had.items()
            if one.state == Term.PLANNED and one.period != periods[pair]
        }
        _insert(opened, sort, new)
        _move(opened, sort, moved, had)
        for pair, period in (new | moved).items():
            _given(opened, sort, *asked[pair], period)
        given += [one for one in (new | moved).values() if one != OPEN]
    _tell(opened, given)


def unlink(opened: Door, wishes: "Mapping[str, Wish]", people: Mapping[str, int]) -> None:
    """Take the links that are there, or are to begin, and shall go.

    Raises Gone, and Refused for a share's last group.
    """
    ends = Ends.of(opened, people, wishes.values())
    for sort in _SORTS:
        asked = _asked(sort, sort.take, wishes, ends)
        standing = list(_standing(sort, asked))
        _delete(sort, sorted(one.pk for one in standing))
        for one in standing:
            wish, name = asked[one.pair]
            _note(opened, sort, wish, name, wish.old, one.period, is_active=one.state == Term.ACTIVE)
        if sort.kind is Kind.MEMBERSHIP:
            refuse_to_lose(opened.tenant, {one.pair[0] for one in standing})


def _period(opened: Door, sort: _Sort, wish: "Wish", name: str) -> Period:
    times = wish.times.get((sort.give, name))
    if times is None:
        return OPEN
    starts_at, ends_at = times
    try:
        return Period.of(starts_at, ends_at, now=opened.now)
    except WrongTime as error:
        raise WrongTime(f"Line {wish.line}: {error}", field=error.field) from error


def _insert(opened: Door, sort: _Sort, new: Mapping[_Pair, Period]) -> None:
    columns = (f"{sort.first}_id", *sort.columns)
    if all(period == OPEN for period in new.values()):  # mostly so, and twice as fast
        rows.add(sort.model, columns, list(new), same=opened.row)
        return
    timed = ((*pair, *_columns(period, opened)) for pair, period in new.items())
    rows.add(sort.model, (*columns, *_TIMES), timed, same=opened.row | {"given_in": opened.share})


def _move(opened: Door, sort: _Sort, moved: Mapping[_Pair, Period], had: Mapping[_Pair, _Standing]) -> None:
    found = sort.model.every.in_bulk([had[pair].pk for pair in moved])
    for pair, period in moved.items():
        row = found[had[pair].pk]
        row.starts_at, row.ends_at, row.state = _columns(period, opened)
        row.given_in = opened.share
    sort.model.every.bulk_update(found.values(), (*_TIMES, "given_in"), batch_size=CHUNK)


def _columns(period: Period, opened: Door) -> tuple[Any, ...]:
    found = period.columns(opened.now)
    return tuple(found[name] for name in _TIMES)


def _delete(sort: _Sort, pks: list[int]) -> None:
    for some in portions(pks, CHUNK):
        sort.model.every.filter(pk__in=some).delete()


def _asked(sort: _Sort, word: str, wishes: "Mapping[str, Wish]", ends: Ends) -> _Asked:
    asked: _Asked = {}
    for wish in wishes.values():
        if bool(wish.group) is not sort.of_groups:
            continue
        first = ends.first(wish)
        for name in sorted(getattr(wish, word)):
            if first is not None:
                asked[first, *ends.second(sort, name, wish)] = (wish, name)
    return asked


def _standing(sort: _Sort, asked: _Asked) -> Iterator[_Standing]:
    """Yield the links that are there, or are to begin."""
    firsts, seconds = {pair[0] for pair in asked}, {pair[1] for pair in asked}
    links = sort.model.every.filter(
        NOT_ENDED, **{f"{sort.first}__among": firsts, f"{sort.second}__among": seconds}
    ).values_list("pk", "state", "starts_at", "ends_at", f"{sort.first}_id", *sort.columns)
    for pk, state, starts, ends, *pair in links.iterator():
        if tuple(pair) in asked:
            yield _Standing(pk, tuple(pair), state, Period(starts, ends))


def _given(opened: Door, sort: _Sort, wish: "Wish", name: str, period: Period) -> None:
    is_active = period.state(opened.now) == Term.ACTIVE
    _note(opened, sort, wish, name, wish.new, period, is_active=is_active)
    if not is_active:  # nothing of it is declared yet, so what it will give is judged by its own record
        address = sort.address(wish.group or wish.part, name)
        opened.made.record(f"{wish.group or wish.part}: {name}", address=address, new=period.told)


def _note(
    opened: Door,
    sort: _Sort,
    wish: "Wish",
    name: str,
    record: dict[str, Any],
    period: Period,
    *,
    is_active: bool,
) -> None:
    if is_active:
        opened.made.touch(sort.address(wish.group or wish.part, name), part=wish.part)
    record.setdefault(sort.noun, []).append(name)
    if period != OPEN:
        record.setdefault("times", {})[f"{sort.give} {name}"] = _told(period)


def _told(period: Period) -> str:
    """Return an interval as ISO 8601 has it, `..` where it is open."""
    return "/".join(one.isoformat() if one else ".." for one in (period.starts_at, period.ends_at))


def read_times(told: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the times that a record keeps, as a wish has them."""
    found = {}
    for key, interval in told.items():
        word, _, name = key.partition(" ")
        starts_at, _, ends_at = interval.replace("..", "").partition("/")
        found[word, name] = (starts_at, ends_at)
    return found


def _tell(opened: Door, given: list[Period]) -> None:
    """Say on the plan page what no operation shows: what begins later, and what ends by itself."""
    begins = [one.starts_at for one in given if one.starts_at and one.starts_at > opened.now]
    ends = [one.ends_at for one in given if one.ends_at]
    _tell_some(opened, begins, "begin later", "Nothing is written before.")
    _tell_some(opened, ends, "end by themselves", "Tokens issued before stay valid for their own life.")


def _tell_some(opened: Door, moments: list[datetime], what: str, follows: str) -> None:
    if moments:
        opened.made.tell(
            f"{len(moments):,} of what is given {what}, the first {words(min(moments))}.", follows=follows
        )
