"""What was found about one row, and the mistakes in it: each with its column, its value and a sentence."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from access.bulk.known import Known
from access.forms import GroupForm, RoleForm
from access.services.roles import refuse_name
from console.bulk.models import BulkRow
from console.sync.commands import Refused

Outcome = BulkRow.Outcome


@dataclass(slots=True)
class Verdict:
    """One row as it will be kept."""

    line: int
    cells: Sequence[str]
    part: str = ""
    wish: dict[str, Any] = field(default_factory=dict)
    outcome: str = Outcome.UNCHANGED
    errors: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, sentence: str, *, column: str = "", value: str = "") -> None:
        """Note a mistake. The row is not applied then."""
        self.outcome = Outcome.ERROR
        self.errors.append({"column": column, "value": value[:200], "sentence": sentence})

    def leave_out(self, sentence: str) -> None:
        """Note that the row is not to be applied, without being wrong."""
        self.outcome = Outcome.LEFT_OUT
        self.errors.append({"column": "", "value": "", "sentence": sentence})

    @property
    def is_wrong(self) -> bool:
        return self.outcome == Outcome.ERROR


@dataclass(kw_only=True)
class Names:
    """Things as rows name them: known ones, new groups and roles to be made, and unknown ones, counted."""

    known: Known
    is_creating: bool = False
    new_groups: set[str] = field(default_factory=set)
    new_roles: set[str] = field(default_factory=set)
    unknown_groups: dict[str, int] = field(default_factory=dict)
    unknown_roles: dict[str, int] = field(default_factory=dict)

    def groups(self, paths: Iterable[str], verdict: Verdict, column: str, *, may_be_new: bool) -> list[str]:
        """Return those of the paths that are, or will be, groups of the tenant; the others are mistakes."""
        return [one for one in paths if self._group(one, verdict, column, may_be_new)]

    def roles(self, names: Iterable[str], verdict: Verdict, column: str, *, may_be_new: bool) -> list[str]:
        """Return those of the names that are, or will be, roles of the tenant; the others are mistakes."""
        return [one for one in names if self._role(one, verdict, column, may_be_new)]

    def entitlements(self, names: Iterable[str], verdict: Verdict, column: str) -> list[str]:
        """Return the values of those of the names that are entitlements; the others are mistakes."""
        return [self.known.entitlements[one] for one in names if self._entitlement(one, verdict, column)]

    def families(self, names: Iterable[str], verdict: Verdict, column: str) -> list[str]:
        """Return the keys of the names that are families given to people; the others are mistakes."""
        return [self.known.families[one].key for one in names if self._family(one, verdict, column)]

    def _entitlement(self, name: str, verdict: Verdict, column: str) -> bool:
        return self._is_there("entitlement", name, self.known.entitlements, verdict, column)

    def _family(self, name: str, verdict: Verdict, column: str) -> bool:
        return self._is_there("family of roles", name, self.known.families, verdict, column)

    def _is_there(self, noun: str, name: str, found: Container[str], verdict: Verdict, column: str) -> bool:
        if name in found:
            return True
        verdict.refuse(f"There is no {noun} {name} in {self.known.tenant}.", column=column, value=name)
        return False

    def _group(self, path: str, verdict: Verdict, column: str, may_be_new: bool) -> bool:
        if path in self.known.groups or path in self.new_groups:
            return True
        if self.is_creating and may_be_new:
            if why := self._no_group(path):
                verdict.refuse(why, column=column, value=path)
                return False
            self.new_groups.update(one for one in above(path) if one not in self.known.groups)
            return True
        self.unknown_groups[path] = self.unknown_groups.get(path, 0) + 1
        words = path.replace("/", " / ")
        verdict.refuse(f"There is no group {words} in {self.known.tenant}.", column=column, value=path)
        return False

    def _role(self, name: str, verdict: Verdict, column: str, may_be_new: bool) -> bool:
        if name in self.known.roles or name in self.new_roles:
            return True
        if self.is_creating and may_be_new:
            if why := self._no_role(name):
                verdict.refuse(why, column=column, value=name)
                return False
            self.new_roles.add(name)
            return True
        self.unknown_roles[name] = self.unknown_roles.get(name, 0) + 1
        verdict.refuse(f"There is no role {name} in {self.known.tenant}.", column=column, value=name)
        return False

    def _no_group(self, path: str) -> str:
        """Return why no group can be made at this path, "" where one can."""
        tenant = self.known.tenant
        if tenant.is_share and not path.startswith(f"{tenant.group_name}/"):
            return f"Groups of this tenant stand below {tenant.group_name}."
        if len(path) > 700:
            return "The path of a group has at most 700 characters."
        return next((why for part in path.split("/") if (why := _not_clean(GroupForm, part))), "")

    def _no_role(self, name: str) -> str:
        """Return why no role of this name can be made, "" where one can."""
        if why := _not_clean(RoleForm, name):
            return why
        try:
            refuse_name(self.known.tenant, name)
        except Refused as error:
            return str(error)
        return ""


def _not_clean(form: Any, name: str) -> str:
    """Return what the field of the single form says of a name, "" where it takes it."""
    try:
        form.base_fields["name"].clean(name)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def above(path: str) -> list[str]:
    """Return the path of a group and of each group above it, from the top."""
    parts = path.split("/")
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
