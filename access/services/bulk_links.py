"""The memberships and roles of a bulk change: what is missing is made, what is there is taken, set by set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from access.bulk.known import CHUNK
from access.models import Group, GroupRole, Membership, PersonRole, Role
from access.services.base import Door, refuse_to_lose
from console.engine.state import Address, Kind
from console.portions import portions
from console.sync import rows
from console.sync.commands import Gone

if TYPE_CHECKING:
    from access.services.bulk import Wish


@dataclass(frozen=True, kw_only=True)
class _Sort:
    """One kind of link: from whom, to what, and by which words a wish asks for it."""

    kind: Kind
    model: Any
    first: str
    second: str
    noun: str
    give: str
    take: str
    of_groups: bool


_SORTS = (
    _Sort(
        kind=Kind.MEMBERSHIP,
        model=Membership,
        first="person",
        second="group",
        noun="groups",
        give="join",
        take="leave",
        of_groups=False,
    ),
    _Sort(
        kind=Kind.PERSON_ROLE,
        model=PersonRole,
        first="person",
        second="role",
        noun="roles",
        give="give",
        take="take",
        of_groups=False,
    ),
    _Sort(
        kind=Kind.GROUP_ROLE,
        model=GroupRole,
        first="group",
        second="role",
        noun="roles",
        give="give",
        take="take",
        of_groups=True,
    ),
)
_Pair = tuple[int, int]
_Asked = dict[_Pair, "tuple[Wish, str]"]  # which wish asks for the pair, and the name of its second end


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The ids of the things that links lead from and to, by name."""

    people: Mapping[str, int]
    groups: Mapping[str, int]
    roles: Mapping[str, int]

    @classmethod
    def of(cls, opened: Door, people: Mapping[str, int]) -> "Ends":
        return cls(
            people=people,
            groups=dict(Group.objects.of(opened.tenant).values_list("path", "pk")),
            roles=dict(Role.objects.of(opened.tenant).values_list("name", "pk")),
        )

    def first(self, wish: "Wish") -> int | None:
        return self.groups.get(wish.group) if wish.group else self.people.get(wish.part)

    def second(self, sort: _Sort, name: str, wish: "Wish") -> int:
        """Return the id of a group or role. Raises Gone with the line that names it."""
        found = (self.groups if sort.second == "group" else self.roles).get(name)
        if found is None:
            raise Gone(f"Line {wish.line}: there is no {sort.second} {name} any more.")
        return found


def link(opened: Door, wishes: "Mapping[str, Wish]", people: Mapping[str, int]) -> None:
    """Make the links that are wished for and missing. Raises Gone."""
    ends = Ends.of(opened, people)
    for sort in _SORTS:
        asked = _asked(sort, sort.give, wishes, ends)
        had = {pair for _, pair in _standing(sort, asked)}
        new = {pair: how for pair, how in asked.items() if pair not in had}
        _insert(opened, sort, list(new))
        for wish, name in new.values():
            _note(opened, sort, wish, name, wish.new)


def unlink(opened: Door, wishes: "Mapping[str, Wish]", people: Mapping[str, int]) -> None:
    """Take the links that are there and shall go. Raises Gone, and Refused for a share's last group."""
    ends = Ends.of(opened, people)
    for sort in _SORTS:
        asked = _asked(sort, sort.take, wishes, ends)
        standing = dict(_standing(sort, asked))
        _delete(sort, sorted(standing))
        for pair in standing.values():
            wish, name = asked[pair]
            _note(opened, sort, wish, name, wish.old)
        if sort.kind is Kind.MEMBERSHIP:
            refuse_to_lose(opened.tenant, {pair[0] for pair in standing.values()})


def _insert(opened: Door, sort: _Sort, pairs: list[_Pair]) -> None:
    rows.add(sort.model, (f"{sort.first}_id", f"{sort.second}_id"), pairs, same=opened.row)


def _delete(sort: _Sort, pks: list[int]) -> None:
    for some in portions(pks, CHUNK):
        sort.model.objects.filter(pk__in=some).delete()


def _asked(sort: _Sort, word: str, wishes: "Mapping[str, Wish]", ends: Ends) -> _Asked:
    asked: _Asked = {}
    for wish in wishes.values():
        if bool(wish.group) is not sort.of_groups:
            continue
        first = ends.first(wish)
        for name in sorted(getattr(wish, word)):
            if first is not None:
                asked[first, ends.second(sort, name, wish)] = (wish, name)
    return asked


def _standing(sort: _Sort, asked: _Asked) -> Iterator[tuple[int, _Pair]]:
    """Yield (id, pair) of the links that are there."""
    firsts, seconds = {pair[0] for pair in asked}, {pair[1] for pair in asked}
    links = sort.model.objects.filter(
        **{f"{sort.first}__among": firsts, f"{sort.second}__among": seconds}
    ).values_list("pk", f"{sort.first}_id", f"{sort.second}_id")
    for pk, first, second in links.iterator():
        if (first, second) in asked:
            yield pk, (first, second)


def _note(opened: Door, sort: _Sort, wish: "Wish", name: str, record: dict[str, Any]) -> None:
    owner = wish.group or wish.part
    opened.made.touch(Address(sort.kind, (owner, name)), part=wish.part)
    record.setdefault(sort.noun, []).append(name)
