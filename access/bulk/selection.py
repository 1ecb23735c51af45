"""Several people, groups or roles chosen in a list, and one thing to be done with all of them.

A choice is a list of ids, or the filter of the list: then everything that matches when it is checked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from access.bulk.judging import links_wished
from access.bulk.known import CHUNK, Account, Known
from access.bulk.verdict import Outcome, Verdict
from access.filters import GroupFilter, PersonFilter, RoleFilter
from access.models import Group, GroupRole, Person, Role
from access.services.base import would_be_lost
from access.services.bulk import group_part
from access.services.people import belongs_to_more
from console.bulk.working import Report
from console.permissions.vocabulary import Permission as P
from console.portions import portions
from tenants.models import Tenant

EVERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What can be done with a choice. `targets` is what is chosen beside it, `of` whom the rows are about."""

    key: str
    label: str
    title: str
    right: P
    targets: str = ""
    of: str = "people"
    is_giving: bool = True


def _action(key: str, label: str, title: str, right: P, targets: str = "", **more: Any) -> Action:
    return Action(key=key, label=label, title=title, right=right, targets=targets, **more)


_TAKING: dict[str, Any] = {"is_giving": False}
_OF_GROUPS: dict[str, Any] = {"of": "groups"}
_TAKE_WORDS = "Take {what} from {who}"
_TO, _FROM = "Give {who} to {what}", "Take {who} from {what}"

ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "people": (
        _action("join", "Add to groups", "Add {who} to {what}", P.MEMBERSHIP_ADD, "groups"),
        _action("give", "Give roles", "Give {who} {what}", P.ASSIGNMENT_ADD, "roles"),
        _action("enable", "Let them sign in", "Let {who} sign in", P.PERSON_EDIT),
        _action(
            "leave",
            "Remove from groups",
            "Remove {who} from {what}",
            P.MEMBERSHIP_REMOVE,
            "groups",
            **_TAKING,
        ),
        _action("take", "Take roles", _TAKE_WORDS, P.ASSIGNMENT_REMOVE, "roles", **_TAKING),
        _action("disable", "Disable", "Disable {who}", P.PERSON_EDIT, **_TAKING),
    ),
    "groups": (
        _action("give", "Give roles", "Give {who} {what}", P.GROUP_ROLE_ADD, "roles", **_OF_GROUPS),
        _action("take", "Take roles", _TAKE_WORDS, P.GROUP_ROLE_REMOVE, "roles", **_OF_GROUPS, **_TAKING),
    ),
    "roles": (
        _action("to-people", "Give to people", _TO, P.ASSIGNMENT_ADD, "people"),
        _action("to-groups", "Give to groups", _TO, P.GROUP_ROLE_ADD, "groups", **_OF_GROUPS),
        _action("from-people", "Take from people", _FROM, P.ASSIGNMENT_REMOVE, "people", **_TAKING),
        _action(
            "from-groups", "Take from groups", _FROM, P.GROUP_ROLE_REMOVE, "groups", **_OF_GROUPS, **_TAKING
        ),
    ),
}


def action_named(kind: str, key: str) -> Action:
    """Return an action of a list. Raises KeyError."""
    return {one.key: one for one in ACTIONS[kind]}[key]


def chosen(tenant: Tenant, options: Mapping[str, Any]) -> "QuerySet[Any]":
    """Return what was chosen in a list, as it is now."""
    kind = options["list"]
    if "ids" in options:
        return _MODELS[kind].objects.of(tenant).filter(pk__in=options["ids"])
    query = QueryDict(options["filter"])
    rows = _MODELS[kind].objects.of(tenant)
    if kind == "people":
        return PersonFilter(query, queryset=rows, tenant=tenant).narrow(rows)
    found = (GroupFilter if kind == "groups" else RoleFilter)(query, queryset=rows)
    return found.narrow(rows)


_MODELS: Mapping[str, Any] = {"people": Person, "groups": Group, "roles": Role}
_NAMES = {"people": "username", "groups": "path", "roles": "name"}


def judge_selection(tenant: Tenant, options: Mapping[str, Any], report: Report) -> list[Verdict]:
    """Return a verdict for each person or group that the choice is about."""
    action = action_named(options["list"], options["action"])
    choice = _names(options["list"], chosen(tenant, options))
    targets: list[str] = []
    if action.targets:
        rows = _MODELS[action.targets].objects.of(tenant).filter(pk__in=options["targets"])
        targets = _names(action.targets, rows)
    about, things = (targets, choice) if options["list"] == "roles" else (choice, targets)
    judge = _judge_groups if action.of == "groups" else _judge_people
    return judge(tenant, action, about, things, report)


def _names(kind: str, rows: "QuerySet[Any]") -> list[str]:
    name = _NAMES[kind]
    return list(rows.order_by(name).values_list(name, flat=True).distinct())


def _judge_people(
    tenant: Tenant, action: Action, usernames: list[str], things: list[str], report: Report
) -> list[Verdict]:
    known = Known.of(tenant)
    known.look_up(usernames)
    verdicts = []
    for line, username in enumerate(usernames, 1):
        if line % EVERY == 1:
            report(stage="Checking the people", done=line - 1, total=len(usernames))
        verdict = Verdict(line, [username], part=username)
        account = known.own(username)
        if account is None:
            verdict.refuse("This person is not of this tenant any more.", value=username)
        elif action.targets:
            of_groups = action.key in ("join", "leave")
            groups, roles = (things, []) if of_groups else ([], things)
            _wish(verdict, links_wished(account, groups, roles, is_giving=action.is_giving))
            _refuse_to_lose(known, account, verdict)
        else:
            _switch(verdict, account, enabled=action.is_giving)
        verdicts.append(verdict)
    return verdicts


def _switch(verdict: Verdict, account: Account, *, enabled: bool) -> None:
    if account.fields["enabled"] == enabled:
        return
    if account.is_shared:
        verdict.refuse(belongs_to_more(account.username), value=account.username)
    else:
        _wish(verdict, {"fields": {"enabled": enabled}})


def _refuse_to_lose(known: Known, account: Account, verdict: Verdict) -> None:
    tenant = known.tenant
    if not tenant.is_share or not verdict.wish.get("leave"):
        return
    stays = account.groups - set(verdict.wish["leave"])
    if not any(path == tenant.group_name or path.startswith(f"{tenant.group_name}/") for path in stays):
        verdict.wish = {}
        verdict.refuse(would_be_lost(account.username, tenant), value=account.username)


def _judge_groups(
    tenant: Tenant, action: Action, paths: list[str], things: list[str], report: Report
) -> list[Verdict]:
    report(stage="Checking the groups", done=0, total=len(paths))
    had = _roles_of(tenant, paths)
    verdicts = []
    for line, path in enumerate(paths, 1):
        verdict = Verdict(line, [path], part=group_part(path))
        names = [one for one in things if (one in had[path]) is not action.is_giving]
        if names:
            _wish(verdict, {"group": path, "give" if action.is_giving else "take": names})
        verdicts.append(verdict)
    return verdicts


def _roles_of(tenant: Tenant, paths: list[str]) -> dict[str, set[str]]:
    had: defaultdict[str, set[str]] = defaultdict(set)
    for some in portions(paths, CHUNK):
        links = GroupRole.objects.filter(realm=tenant.realm, group__path__in=some)
        for path, name in links.values_list("group__path", "role__name"):
            had[path].add(name)
    return had


def _wish(verdict: Verdict, wish: dict[str, Any]) -> None:
    verdict.wish = wish
    verdict.outcome = Outcome.CHANGE if wish else Outcome.UNCHANGED


def told(names: Iterable[str], many: str) -> str:
    """Return one or two names, or from three on their number: `3 groups`."""
    listed = list(names)
    return " and ".join(listed) if len(listed) <= 2 else f"{len(listed):,} {many}"
