"""Taking an applied plan back: its operations in reverse, through the same services as forms."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from access.models import Entitlement, Group, Person, Resource, Role
from access.models.entitlements import held_by
from access.services import assignments, bulk, entitlements, groups, people, roles
from access.services.accounts import accounts_in
from console.bulk import orders
from console.engine.kinds import ends, spec_of
from console.engine.operation import Action
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from console.sync.models import Plan
from tenants.loaders import tenant_named
from tenants.models import Tenant

Done = dict[str, Any]


class CannotRevert(Refused):
    """Something in the plan cannot be taken back, for example a deleted account."""


def _size(values: Mapping[str, Any]) -> int:
    """Return how many operations an import had; what else is as large cannot be taken back in one step."""
    imports = Plan.objects.filter(pk=values["plan"], tenant=values["tenant"], command=bulk.COMMAND)
    return imports.values_list("size", flat=True).first() or 0


@command("access:plan:revert", later=orders.Later(size=_size))
def revert(*, actor: Actor, tenant: str, plan: str, cause: Cause | None = None) -> None:
    """Undo what a plan of this tenant did, so far as it still stands. Raises CannotRevert, Gone.

    Rights are asked for one by one, by the services that do it.
    """
    owner = tenant_named(actor, tenant)
    row = Plan.objects.filter(pk=plan, tenant=owner.slug, state=Plan.State.APPLIED).first()
    if row is None:
        raise Gone("There is no such applied plan of this tenant.")
    if row.command == bulk.COMMAND:  # its plan shows the first operations only; the record has all
        bulk.take_back(actor=actor, tenant=owner.slug, plan=str(row.pk), cause=cause)
        return
    if row.size > len(row.operations):
        raise CannotRevert("This plan is too large to be taken back in one step.")
    undo = _Undo(actor, owner, cause or Cause())
    for (kind, action), operations in _grouped(_with_own_ground(row.operations)):
        undo.take_back(kind, action, operations)
    if not undo.cause.changes:
        raise CannotRevert("Nothing of this plan stands any more.")


def _with_own_ground(operations: list[Done]) -> list[Done]:
    """Return the operations from the last to the first, without links of what the plan itself made.

    They go with it. Taken first, a person's last group would put her out of reach of a share.
    """
    made = (Action.CREATE, Action.ADOPT)
    own = {Address.parse(one["address"]) for one in operations if Action(one["action"]) in made}
    return [one for one in reversed(operations) if not own.intersection(_ends_of_link(one))]


def _ends_of_link(one: Done) -> list[Address]:
    address = Address.parse(one["address"])
    return [] if spec_of(address).has_name else [end for _, end in ends(address)]


def _grouped(operations: Iterable[Done]) -> list[tuple[tuple[Kind, Action], list[Done]]]:
    """Return the operations by kind and action, in the order in which each first stands."""
    found: defaultdict[tuple[Kind, Action], list[Done]] = defaultdict(list)
    for one in operations:
        found[Address.parse(one["address"]).kind, Action(one["action"])].append(one)
    return list(found.items())


class _Undo:
    def __init__(self, actor: Actor, tenant: Tenant, cause: Cause) -> None:
        self.tenant = tenant
        self.cause = cause
        self.common: dict[str, Any] = {"actor": actor, "tenant": tenant.slug, "cause": cause}

    def take_back(self, kind: Kind, action: Action, operations: list[Done]) -> None:
        made = action is Action.CREATE
        if (kind in _PAIRS or kind is Kind.ENTITLEMENT) and action is Action.ADOPT:
            return  # it was in Keycloak before this plan: taking it back takes nothing there
        if kind in _PAIRS and action in (Action.CREATE, Action.DELETE):
            self._pairs(kind, operations, give=not made)
        elif kind is Kind.ENTITLEMENT:
            self._entitlements(operations, give=not made)
        elif kind in _DELETES and action is Action.ADOPT:
            names = ", ".join(Address.parse(one["address"]).path[-1] for one in operations[:3])
            why = "stood in Keycloak before this plan. Taking it back would delete that."
            raise CannotRevert(f"{names} {why}")
        elif kind in _DELETES and made:
            for one in operations:
                self._delete(kind, Address.parse(one["address"]))
        elif kind in _EDITS and action in (Action.UPDATE, Action.RENAME):
            for one in operations:
                self._edit(kind, one)
        else:
            raise CannotRevert(f"What was done to {operations[0]['address']} cannot be taken back here.")

    def _pairs(self, kind: Kind, operations: list[Done], *, give: bool) -> None:
        """Give or take links, all of one second end at once."""
        ends, both = _PAIRS[kind]
        service = both[0] if give else both[1]
        by_second: defaultdict[str, list[str]] = defaultdict(list)
        for one in operations:
            first, second = Address.parse(one["address"]).path
            by_second[second].append(first)
        for second, firsts in by_second.items():
            last = self._ids(ends[1], [second])
            ids = self._ids(ends[0], firsts)
            if not last or not ids:
                continue
            if kind is Kind.COMPOSITE:
                self._composites(service, parents=ids, child=last[0], give=give)
            else:
                self._try(service, **{ends[0]: ids, ends[1]: last})

    def _composites(self, service: Callable[..., Any], *, parents: list[int], child: int, give: bool) -> None:
        for parent in parents:
            self._try(service, role=parent, **({"children": [child]} if give else {"child": child}))

    def _entitlements(self, operations: list[Done], *, give: bool) -> None:
        for one in operations:
            holder, owner, value = Address.parse(one["address"]).path
            kind, name, level = value.split(":")
            rows = Entitlement.objects.filter(
                realm=self.tenant.realm, resource__type__name=kind, resource__name=name, level=level
            )
            rows = rows.filter(**held_by(holder, owner))
            if give:
                self._grant(holder, owner, kind, name, level)
            elif found := list(rows.values_list("pk", flat=True)):
                self._try(entitlements.revoke, entitlements=found)

    def _grant(self, holder: str, owner: str, kind: str, name: str, level: str) -> None:
        thing = Resource.objects.of(self.tenant).filter(type__name=kind, name=name).first()
        side = {Kind.PERSON: "people", Kind.GROUP: "groups", Kind.CLIENT: "clients"}[Kind(holder)]
        ids = self._accounts(owner) if side == "clients" else self._ids(side, [owner])
        if thing is not None and ids:
            holders: dict[str, list[int]] = {"people": [], "groups": []} | {side: ids}
            self._try(entitlements.grant, resource=thing.pk, level=level, **holders)

    def _accounts(self, client: str) -> list[int]:
        key = Address(Kind.CLIENT, (client,)).key
        return list(accounts_in(self.tenant).filter(address=key).values_list("pk", flat=True))

    def _delete(self, kind: Kind, address: Address) -> None:
        side, argument, service = _DELETES[kind]
        for pk in self._ids(side, [address.path[0]]):
            self._try(service, **{argument: pk})

    def _edit(self, kind: Kind, one: Done) -> None:
        """Set what an update or rename changed back to what it was, if it still is what it was made."""
        side, argument, service, fields = _EDITS[kind]
        name = Address.parse(one["address"]).path[0]
        row = _ROWS[side][0].objects.of(self.tenant).filter(**{_ROWS[side][1]: name}).first()
        if row is None:
            return
        values = {field: getattr(row, field) for field in fields}
        if side == "groups":
            values["parent"] = row.parent_id
        values |= {field: value for field, value in (one.get("before") or {}).items() if field in values}
        if one["action"] == Action.RENAME and one.get("was"):
            above, _, values["name"] = Address.parse(one["was"]).path[0].rpartition("/")
            if side == "groups":
                values["parent"] = next(iter(self._ids("groups", [above])), None)
        self._try(service, **{argument: row.pk, "revision": row.revision}, **values)

    def _ids(self, side: str, names: list[str]) -> list[int]:
        model, column = _ROWS[side]
        return list(
            model.objects.of(self.tenant).filter(**{f"{column}__in": names}).values_list("pk", flat=True)
        )

    def _try(self, service: Callable[..., Any], **values: Any) -> None:
        """Call a service; what stands as it was before needs nothing."""
        try:
            service(**self.common, **values)
        except assignments.NothingToDo:
            return


_ROWS: dict[str, tuple[Any, str]] = {
    "people": (Person, "username"),
    "groups": (Group, "path"),
    "roles": (Role, "name"),
}
_PAIRS: dict[Kind, tuple[tuple[str, str], tuple[Callable[..., Any], Callable[..., Any]]]] = {
    Kind.PERSON_ROLE: (("people", "roles"), (assignments.give_roles, assignments.take_roles)),
    Kind.GROUP_ROLE: (("groups", "roles"), (assignments.give_group_roles, assignments.take_group_roles)),
    Kind.MEMBERSHIP: (("people", "groups"), (assignments.join, assignments.leave)),
    Kind.COMPOSITE: (("roles", "roles"), (roles.include, roles.exclude)),
}
_DELETES: dict[Kind, tuple[str, str, Callable[..., Any]]] = {
    Kind.ROLE: ("roles", "role", roles.delete),
    Kind.GROUP: ("groups", "group", groups.delete),
    Kind.PERSON: ("people", "person", people.delete),
}
_EDITS: dict[Kind, tuple[str, str, Callable[..., Any], tuple[str, ...]]] = {
    Kind.ROLE: ("roles", "role", roles.edit, ("name", "description")),
    Kind.GROUP: ("groups", "group", groups.edit, ("name", "description")),
    Kind.PERSON: ("people", "person", people.edit, ("email", "first_name", "last_name", "enabled")),
}
