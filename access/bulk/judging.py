"""Rows into verdicts, by the rules of the single forms and with their sentences. It writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from access.bulk.columns import Field, Mapped, give_or_take, path_of, split, yes_or_no
from access.bulk.known import Account, Known
from access.bulk.reader import Row
from access.bulk.verdict import Names, Outcome, Verdict
from access.forms import PersonForm
from access.services.base import would_be_lost
from access.services.people import EMAIL_TAKEN, USERNAME_TAKEN, belongs_to_more

PLAIN = (Field.EMAIL, Field.FIRST_NAME, Field.LAST_NAME)
LEAVE = "leave"
CREATE = "create"


class Judge:
    """What both sorts of file have in common: the shape of a row, and its groups and roles."""

    def __init__(self, *, known: Known, mapped: Mapped, options: Mapping[str, Any]) -> None:
        self.known = known
        self.mapped = mapped
        self.options = options
        self.names = Names(known=known, is_creating=options.get("missing") == CREATE)
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

    def named_groups(self, verdict: Verdict, *, may_be_new: bool = True) -> list[str]:
        found: list[str] = []
        for column, cell in self.mapped.cells(verdict.cells, Field.GROUPS):
            paths = [path_of(one) for one in split(cell, self.separator)]
            found += self.names.groups(paths, verdict, column, may_be_new=may_be_new)
        return list(dict.fromkeys(found))

    def named_roles(self, verdict: Verdict, *, may_be_new: bool = True) -> list[str]:
        found: list[str] = []
        for column, cell in self.mapped.cells(verdict.cells, Field.ROLES):
            names = split(cell, self.separator)
            found += self.names.roles(names, verdict, column, may_be_new=may_be_new)
        return list(dict.fromkeys(found))


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
        groups, roles = self.named_groups(verdict), self.named_roles(verdict)
        self._decide(verdict, account, values, groups, roles)

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
        self,
        verdict: Verdict,
        account: Account | None,
        values: dict[str, Any],
        groups: list[str],
        roles: list[str],
    ) -> None:
        if verdict.is_wrong:
            return
        if account is None:
            verdict.wish = {"create": True, "fields": values, "join": groups, "give": roles}
            verdict.outcome = Outcome.CREATE
            return
        wish: dict[str, Any] = {
            "fields": {name: value for name, value in values.items() if account.fields[name] != value},
            "join": [one for one in groups if one not in account.groups],
            "give": [one for one in roles if one not in account.roles],
        }
        if wish["fields"] and account.is_shared:
            verdict.refuse(belongs_to_more(account.username))
            return
        verdict.wish = {name: value for name, value in wish.items() if value}
        verdict.outcome = Outcome.CHANGE if verdict.wish else Outcome.UNCHANGED


class AssignmentsJudge(Judge):
    """A row gives groups and roles to a person, or takes them."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.said: dict[tuple[str, str, str], tuple[int, bool]] = {}

    def look(self, verdict: Verdict) -> None:
        account, is_giving = self._person(verdict), self._is_giving(verdict)
        groups = self.named_groups(verdict, may_be_new=is_giving)
        roles = self.named_roles(verdict, may_be_new=is_giving)
        if not verdict.is_wrong and not groups and not roles:
            verdict.refuse("This line names no group and no role.")
        if account is None or verdict.is_wrong:
            return
        verdict.part = account.username
        for kind, names in (("group", groups), ("role", roles)):
            for name in names:
                self._refuse_repeated(account.username, kind, name, is_giving, verdict)
        if not verdict.is_wrong:
            verdict.wish = links_wished(account, groups, roles, is_giving=is_giving)
            verdict.outcome = Outcome.CHANGE if verdict.wish else Outcome.UNCHANGED

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


def links_wished(
    account: Account, groups: Iterable[str], roles: Iterable[str], *, is_giving: bool
) -> dict[str, Any]:
    """Return what is still to be given or taken of these groups and roles."""
    if is_giving:
        join = [one for one in groups if one not in account.groups]
        give = [one for one in roles if one not in account.roles]
        wish = {"join": join, "give": give}
    else:
        leave = [one for one in groups if one in account.groups]
        take = [one for one in roles if one in account.roles]
        wish = {"leave": leave, "take": take}
    return {name: value for name, value in wish.items() if value}


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
