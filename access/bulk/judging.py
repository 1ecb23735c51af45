"""Rows into verdicts, by the rules of the single forms and with their sentences. It writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from access.bulk.columns import Field, Mapped, give_or_take, path_of, split, yes_or_no
from access.bulk.known import Account, Known
from access.bulk.reader import Row
from access.bulk.times import NoMoment, Times, moment_of
from access.bulk.verdict import Names, Outcome, Verdict
from access.forms import PersonForm
from access.period_fields import PAST
from access.services.base import would_be_lost
from access.services.families import refuse_value
from access.services.people import EMAIL_TAKEN, USERNAME_TAKEN, belongs_to_more
from access.services.periods import Period, WrongTime
from console.sync.commands import Refused

PLAIN = (Field.EMAIL, Field.FIRST_NAME, Field.LAST_NAME)
LEAVE = "leave"
CREATE = "create"
NO_TIMES = Times()
GIVE: Mapping[str, str] = {"groups": "join", "roles": "give", "entitlements": "entitle"}
TAKE: Mapping[str, str] = {"groups": "leave", "roles": "take", "entitlements": "revoke"}
RENEW = "To change how long it lasts, renew it."
FAMILIES_LAST = "A family of roles has no from and until. Give it on a line of its own."
FAMILIES_GIVEN = "A family is given, not taken. Take its role, or take the family back on its page."
TAKEN_AT_ONCE = "What is taken goes at once. Leave from and until empty."


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a row names, and from when until when it is given."""

    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    entitlements: list[str] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    times: Times = NO_TIMES

    @property
    def links(self) -> dict[str, list[str]]:
        """What is given by a link each, by what it is."""
        return {"groups": self.groups, "roles": self.roles, "entitlements": self.entitlements}

    @property
    def by_kind(self) -> dict[str, list[str]]:
        """All of it, by the word for one."""
        more = {"entitlement": self.entitlements, "family": self.families}
        return {"group": self.groups, "role": self.roles} | more

    def __bool__(self) -> bool:
        return any(self.by_kind.values())


class Judge:
    """What both sorts of file have in common: the shape of a row, and its groups and roles."""

    def __init__(self, *, known: Known, mapped: Mapped, options: Mapping[str, Any]) -> None:
        self.known = known
        self.mapped = mapped
        self.options = options
        self.names = Names(known=known, is_creating=options.get("missing") == CREATE)
        self.now = timezone.now()
        self.separator: str = options.get("separator", "")

    def judge(self, row: Row) -> Verdict:
        """Return the verdict on one row. Rows are judged in their order, for they may repeat each other."""
        verdict = Verdict(row.line, row.cells)
        wanted, found = len(self.mapped.columns), len(row.cells)
        if found != wanted:
            verdict.refuse(f"This line has {found} cells, and the head has {wanted}.")
            return verdict
        self.look(verdict)
        return verdict

    def look(self, verdict: Verdict) -> None:
        raise NotImplementedError

    def end(self, verdicts: Sequence[Verdict]) -> None:
        """Look at all rows together, after each was judged."""

    def named(self, verdict: Verdict, *, may_be_new: bool = True) -> Given:
        """Return what a row names, with its times. What is unknown is a mistake of the row."""
        groups, roles = self._column_names(verdict, Field.GROUPS), self._column_names(verdict, Field.ROLES)
        look = self.names
        return Given(
            groups=_each(
                look.groups([path_of(one)], verdict, at, may_be_new=may_be_new) for at, one in groups
            ),
            roles=_each(look.roles([one], verdict, at, may_be_new=may_be_new) for at, one in roles),
            entitlements=_each(
                look.entitlements([one], verdict, at)
                for at, one in self._column_names(verdict, Field.ENTITLEMENTS)
            ),
            families=_each(
                look.families([one], verdict, at) for at, one in self._column_names(verdict, Field.FAMILIES)
            ),
            times=Times(
                self._moment(verdict, Field.STARTS_AT, is_end=False),
                self._moment(verdict, Field.ENDS_AT, is_end=True),
            ),
        )

    def _column_names(self, verdict: Verdict, field: Field) -> list[tuple[str, str]]:
        """Return (column, name) of all that the columns of a field name."""
        cells = self.mapped.cells(verdict.cells, field)
        return [(column, name) for column, cell in cells for name in split(cell, self.separator)]

    def _moment(self, verdict: Verdict, field: Field, *, is_end: bool) -> str:
        told = self.mapped.cell(verdict.cells, field) or ""
        try:
            return moment_of(told, is_end=is_end)
        except NoMoment as error:
            verdict.refuse(str(error), column=self.mapped.name(field), value=told)
            return ""

    def wished(self, verdict: Verdict, account: Account | None, given: Given) -> dict[str, Any]:
        """Return what is still to be given of these things. What cannot be is a mistake of the row."""
        wish: dict[str, Any] = dict(to_give(account, given, verdict))
        if families := self._families(account, given, verdict):
            wish["families"] = families
        if given.times and set(wish) - {"families"}:
            self._refuse_times(given.times, verdict)
            wish |= given.times.told
        return wish

    def _families(self, account: Account | None, given: Given, verdict: Verdict) -> list[str]:
        if given.families and given.times:
            verdict.refuse(FAMILIES_LAST, column=self.mapped.name(Field.FAMILIES))
        kinds = [self.known.families[key] for key in given.families]
        username = verdict.part
        for kind in kinds:
            try:
                refuse_value(kind, username)
            except Refused as error:
                verdict.refuse(str(error), column=self.mapped.name(Field.FAMILIES), value=username)
        had = account.standing("roles") if account else set()
        return [one.key for one in kinds if one.given is not None and one.given.of(username) not in had]

    def _refuse_times(self, times: Times, verdict: Verdict) -> None:
        try:
            period = Period.of(times.starts_at, times.ends_at, now=self.now)
            if period.starts_at is not None and period.starts_at <= self.now:
                raise WrongTime(PAST, field=Field.STARTS_AT)
        except WrongTime as error:
            field = Field(error.field) if error.field else Field.ENDS_AT
            value = times.ends_at if field is Field.ENDS_AT else times.starts_at
            verdict.refuse(str(error), column=self.mapped.name(field), value=value)


def _each(found: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in found for name in names))


class PeopleJudge(Judge):
    """A row is a person, with groups and roles to be added. Nothing is taken away by it."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.lines: dict[str, int] = {}
        self.email_lines: dict[str, int] = {}

    def look(self, verdict: Verdict) -> None:
        username = self.mapped.cell(verdict.cells, Field.USERNAME) or ""
        verdict.part = username[:300]
        account = self.known.own(username)
        if not self._is_first(username, verdict):
            return
        if account is not None and self.options.get("existing") == LEAVE:
            verdict.leave_out("This person exists and is left as is.")
            return
        values = self._values(username, account, verdict)
        self._decide(verdict, account, values, self.named(verdict))

    def _is_first(self, username: str, verdict: Verdict) -> bool:
        column = self.mapped.name(Field.USERNAME)
        first = self.lines.setdefault(username, verdict.line)
        if username and first != verdict.line:
            verdict.refuse(f"Line {first} has this user name already.", column=column, value=username)
        elif username in self.known.people and self.known.own(username) is None:
            verdict.refuse(USERNAME_TAKEN, column=column, value=username)
        return not verdict.is_wrong

    def _values(self, username: str, account: Account | None, verdict: Verdict) -> dict[str, Any]:
        """Return the fields as the single form cleans them. An empty cell leaves what is there."""
        had: dict[str, Any] = account.fields if account else {"enabled": True}
        asked: dict[str, Any] = {"username": username, "enabled": had["enabled"]}
        for name in PLAIN:
            asked[name] = self.mapped.cell(verdict.cells, name) or had.get(name, "")
        if told := self.mapped.cell(verdict.cells, Field.ENABLED):
            said = yes_or_no(told)
            asked["enabled"] = bool(said)
            if said is None:
                column = self.mapped.name(Field.ENABLED)
                verdict.refuse("Write yes or no, or true or false.", column=column, value=told)
        form = PersonForm(asked, tenant=self.known.tenant)
        for wrong, sentences in form.errors.items():
            column, value = self.mapped.name(Field(wrong)), str(asked.get(wrong, ""))
            for sentence in sentences:
                verdict.refuse(str(sentence), column=column, value=value)
        values: dict[str, Any] = form.cleaned_data
        self._refuse_taken(values.get("email", ""), username, verdict)
        return values

    def _refuse_taken(self, email: str, username: str, verdict: Verdict) -> None:
        if not email:
            return
        column = self.mapped.name(Field.EMAIL)
        first = self.email_lines.setdefault(email, verdict.line)
        if self.known.emails.get(email, username) != username:
            verdict.refuse(EMAIL_TAKEN, column=column, value=email)
        elif first != verdict.line:
            verdict.refuse(f"Line {first} has this e-mail already.", column=column, value=email)

    def _decide(
        self, verdict: Verdict, account: Account | None, values: dict[str, Any], given: Given
    ) -> None:
        if verdict.is_wrong:
            return
        wish = self.wished(verdict, account, given)
        if account is None:
            wish = {"create": True, "fields": values, "join": [], "give": []} | wish
        else:
            changed = {name: value for name, value in values.items() if account.fields[name] != value}
            wish = ({"fields": changed} if changed else {}) | wish
            if changed and account.is_shared:
                verdict.refuse(belongs_to_more(account.username))
        if not verdict.is_wrong:
            verdict.wish = wish
            verdict.outcome = _outcome(wish)


def _outcome(wish: Mapping[str, Any]) -> str:
    if wish.get("create"):
        return Outcome.CREATE
    return Outcome.CHANGE if wish else Outcome.UNCHANGED


class AssignmentsJudge(Judge):
    """A row gives groups and roles to a person, or takes them."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.said: dict[tuple[str, str, str], tuple[int, bool]] = {}

    def look(self, verdict: Verdict) -> None:
        account, is_giving = self._person(verdict), self._is_giving(verdict)
        given = self.named(verdict, may_be_new=is_giving)
        if not verdict.is_wrong and not given:
            verdict.refuse("This line names no group, role, entitlement or family.")
        if account is None or verdict.is_wrong:
            return
        verdict.part = account.username
        for kind, names in given.by_kind.items():
            for name in names:
                self._refuse_repeated(account.username, kind, name, is_giving, verdict)
        wish = self.wished(verdict, account, given) if is_giving else self._taken(account, given, verdict)
        if not verdict.is_wrong:
            verdict.wish = wish
            verdict.outcome = _outcome(wish)

    def _taken(self, account: Account, given: Given, verdict: Verdict) -> dict[str, Any]:
        if given.families:
            verdict.refuse(FAMILIES_GIVEN, column=self.mapped.name(Field.FAMILIES))
        if given.times:
            verdict.refuse(TAKEN_AT_ONCE)
        return to_take(account, given)

    def _person(self, verdict: Verdict) -> Account | None:
        told = (self.mapped.cell(verdict.cells, Field.USERNAME) or "").strip()
        account = self.known.own(told) or self.known.own(self.known.emails.get(told.lower(), ""))
        if account is None:
            column = self.mapped.name(Field.USERNAME)
            sentence = f"There is no person {told} in {self.known.tenant}." if told else "Nobody is named."
            verdict.refuse(sentence, column=column, value=told)
        return account

    def _is_giving(self, verdict: Verdict) -> bool:
        told = self.mapped.cell(verdict.cells, Field.ACTION)
        if not told:
            return True
        said = give_or_take(told)
        if said is None:
            verdict.refuse("Write give or take.", column=self.mapped.name(Field.ACTION), value=told)
        return bool(said)

    def _refuse_repeated(
        self, username: str, kind: str, name: str, is_giving: bool, verdict: Verdict
    ) -> None:
        line, before = self.said.setdefault((username, kind, name), (verdict.line, is_giving))
        if line == verdict.line:
            return
        what = "says this already" if before == is_giving else "says the contrary"
        verdict.refuse(f"Line {line} {what}.", column=kind.capitalize(), value=name)

    def end(self, verdicts: Sequence[Verdict]) -> None:
        refuse_to_lose(self.known, verdicts)


def links_wished(account: Account, groups: list[str], roles: list[str], *, is_giving: bool) -> dict[str, Any]:
    """Return what is still to be given or taken of these groups and roles, without a time."""
    given = Given(groups=groups, roles=roles)
    return to_give(account, given, None) if is_giving else to_take(account, given)


def to_give(account: Account | None, given: Given, verdict: Verdict | None) -> dict[str, list[str]]:
    """Return the words of a wish with what is not held yet. What is held for another time is a mistake."""
    wish = {
        GIVE[noun]: [one for one in names if _is_missing(account, noun, one, given.times, verdict)]
        for noun, names in given.links.items()
    }
    return {word: names for word, names in wish.items() if names}


def to_take(account: Account, given: Given) -> dict[str, list[str]]:
    """Return the words of a wish with what is held, or is to begin, and shall go."""
    wish = {
        TAKE[noun]: [one for one in names if one in account.standing(noun)]
        for noun, names in given.links.items()
    }
    return {word: names for word, names in wish.items() if names}


def _is_missing(account: Account | None, noun: str, name: str, times: Times, verdict: Verdict | None) -> bool:
    if account is None:
        return True
    stands = account.times.get((noun, name), NO_TIMES)
    if name not in account.held(noun):
        return stands != times or not times
    if times and stands != times and verdict is not None:
        verdict.refuse(f"{account.username} has {name} already. {RENEW}", value=name)
    return False


def refuse_to_lose(known: Known, verdicts: Sequence[Verdict]) -> None:
    """Refuse the rows after which a person of a share would be in none of its groups."""
    top = known.tenant.group_name
    if not known.tenant.is_share:
        return
    left: defaultdict[str, set[str]] = defaultdict(set)
    joined: defaultdict[str, set[str]] = defaultdict(set)
    for one in verdicts:
        left[one.part].update(one.wish.get("leave", ()))
        joined[one.part].update(one.wish.get("join", ()))
    for one in verdicts:
        if not one.wish.get("leave"):
            continue
        stays = (known.people[one.part].groups - left[one.part]) | joined[one.part]
        if not any(path == top or path.startswith(f"{top}/") for path in stays):
            one.wish = {}
            one.refuse(would_be_lost(one.part, known.tenant), value=", ".join(left[one.part]))
