"""Every service × every id that it takes × whose it is: what is not the tenant's does not exist (T1)."""

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from access.models import Group, Person, Role
from access.services import assignments, entitlements, groups, people, roles
from console.audit.models import AuditEvent
from console.sync.commands import _COMMANDS, Gone, command_named
from console.sync.models import Plan, Scope, Touched
from tests.access.services.conftest import Estate, Holding
from tests.factories import MIRA, tenant_admin

Service = Callable[..., Any]
Values = dict[str, Any]

# For each service: values that are the tenant's own, with ids as the names of what a `Holding` holds.
SERVICES: dict[Service, Values] = {
    assignments.give_roles: {"people": ["person", "other_person"], "roles": ["role", "inner"]},
    assignments.take_roles: {"people": ["person", "other_person"], "roles": ["role", "inner"]},
    assignments.give_group_roles: {"groups": ["group", "other_group"], "roles": ["role", "inner"]},
    assignments.take_group_roles: {"groups": ["group", "other_group"], "roles": ["role", "inner"]},
    assignments.join: {"people": ["person", "other_person"], "groups": ["group", "other_group"]},
    assignments.leave: {"people": ["person", "other_person"], "groups": ["group", "other_group"]},
    entitlements.create_resource: {"type": "type", "name": "new"},
    entitlements.grant: {
        "resource": "resource",
        "level": "WRITE",
        "people": ["person", "other_person"],
        "groups": ["group", "other_group"],
    },
    entitlements.revoke: {"entitlements": ["entitlement"]},
    groups.create: {"name": "below", "parent": "group"},
    groups.edit: {"group": "group", "revision": 1, "name": "n", "description": "", "parent": "other_group"},
    groups.delete: {"group": "group"},
    people.edit: {
        "person": "person",
        "revision": 1,
        "email": "",
        "first_name": "",
        "last_name": "",
        "enabled": True,
    },
    people.delete: {"person": "person"},
    roles.edit: {"role": "role", "revision": 1, "name": "n", "description": ""},
    roles.delete: {"role": "role"},
    roles.include: {"role": "other_role", "children": ["role", "inner"]},
    roles.exclude: {"role": "role", "child": "inner"},
}
WITHOUT_IDS = {
    "access:adopt",  # addresses, not ids: tests/access/services/test_adoption.py
    "access:bulk:apply",  # its job belongs to one tenant: tests/access/bulk
    "access:demo:fill",
    "access:family:create",  # names, and a share has no blueprint: tests/access/services/test_families.py
    "access:family:delete",
    "access:family:make",
    "access:service-membership:add",  # a share has no service accounts: tests/access/grants
    "access:service-membership:remove",
    "access:service-role:give",
    "access:service-role:take",
    "access:term:renew",  # sorts of grants with their ids: tests/access/time/test_shares.py
    "access:term:turn",
    "tenants:blueprint:apply",  # names: tests/access/services/test_blueprints.py
    "tenants:blueprint:create",
    "tenants:blueprint:move",
    "tenants:tenant:from-blueprint",
    "access:drift:take",  # items are found by tenant, whatever the realm: tests/sync/drift/test_inbox.py
    "access:person:create",
    "access:plan:revert",
    "access:role:create",
    "tenants:declaration:drop",  # addresses, and no share has any: tests/tenants/services
    "tenants:declaration:put",
    "tenants:declaration:release",
    "tenants:declaration:rename",
    "tenants:drift:accept",  # each item asks for the right in its own tenant
    "tenants:drift:ignore",
    "tenants:drift:notice",
    "tenants:drift:push",
    "tenants:drift:schedule",  # for who has the right in all tenants
    "tenants:plan:renew",
    "tenants:realm:edit",
    "tenants:run:ask",  # for who has the right in all tenants
    "tenants:tenant:create",
    "tenants:tenant:share",
}

# Each way of being somebody else's: a share whose name begins alike, the realm outside shares, another realm.
FOREIGN = ("acme", "whole", "elsewhere")
NOBODYS = 987_654_321


def places() -> Iterator[Any]:
    """Every service with every position in which an id stands."""
    for service, values in SERVICES.items():
        name = f"{service.__module__.rpartition('.')[2]}.{service.__name__}"
        for key in ids_of(service):
            count = len(values[key]) if isinstance(values[key], list) else 1
            for place in range(count):
                yield pytest.param(service, key, place, id=f"{name}-{key}-{place}")


def ids_of(service: Service) -> list[str]:
    kinds = (int, int | None, list[int])
    parameters = inspect.signature(service, eval_str=True).parameters
    return [name for name, one in parameters.items() if one.annotation in kinds and name != "revision"]


def own_values(service: Service, holding: Holding) -> Values:
    """Return the values with the tenant's own ids."""

    def id_of(name: str) -> int:
        return int(holding.inner.pk if name == "other_role" else getattr(holding, name).pk)

    found = {}
    for key, value in SERVICES[service].items():
        if key not in ids_of(service):
            found[key] = value
        else:
            found[key] = [id_of(one) for one in value] if isinstance(value, list) else id_of(value)
    return found


def foreign_id(service: Service, key: str, place: int, holding: Holding) -> int:
    value = own_values(service, holding)[key]
    return int(value[place] if isinstance(value, list) else value)


def with_foreign(values: Values, key: str, place: int, foreign: int) -> Values:
    """Return the values with one id replaced; in a list, the others stay the tenant's own."""
    if not isinstance(values[key], list):
        return values | {key: foreign}
    return values | {key: [foreign if n == place else one for n, one in enumerate(values[key])]}


def standing() -> tuple[Any, ...]:
    return (
        list(Scope.objects.order_by("pk").values_list("pk", "generation")),
        Touched.objects.count(),
        AuditEvent.objects.count(),
        list(Role.objects.order_by("pk").values_list("pk", "name", "revision")),
        list(Group.objects.order_by("pk").values_list("pk", "path", "revision")),
        list(Person.objects.order_by("pk").values_list("pk", "username", "revision")),
    )


def test_no_service_is_forgotten_here() -> None:
    tested = {service.__module__ + service.__name__ for service in SERVICES}
    registered = {one.run.__module__ + one.run.__name__: key for key, one in _COMMANDS.items()}

    assert {key for name, key in registered.items() if name not in tested} == WITHOUT_IDS


@pytest.mark.parametrize(("service", "key", "place"), places())
def test_an_id_of_somebody_else_does_not_exist_for_this_tenant(
    estate: Estate, service: Service, key: str, place: int
) -> None:
    """T1: in every position of every list, whatever right the actor has elsewhere."""
    mine = own_values(service, estate.acme_b)
    before = standing()

    foreign = [foreign_id(service, key, place, getattr(estate, owner)) for owner in FOREIGN]
    for actor, one in product((MIRA, tenant_admin("acme-b")), (*foreign, NOBODYS)):
        with pytest.raises(Gone):
            service(actor=actor, tenant="acme-b", **with_foreign(mine, key, place, one))

    assert standing() == before


@pytest.mark.parametrize("service", [pytest.param(one, id=one.__module__ + one.__name__) for one in SERVICES])
def test_the_administrator_of_one_share_cannot_name_another_tenant(estate: Estate, service: Service) -> None:
    """T1: not even with ids that are that tenant's own."""
    before = standing()

    for other in (estate.acme, estate.whole, estate.elsewhere):
        with pytest.raises(Gone):
            service(actor=tenant_admin("acme-b"), tenant=other.tenant, **own_values(service, other))

    assert standing() == before


def test_the_realms_own_tenant_sees_its_shares_and_nobody_else(estate: Estate) -> None:
    whole = estate.whole

    assignments.give_roles(
        actor=tenant_admin("house"),
        tenant="house",
        people=[whole.person.pk, estate.acme.person.pk],
        roles=[whole.role.pk, estate.acme.role.pk],
    )

    with pytest.raises(Gone):
        assignments.give_roles(
            actor=tenant_admin("house"),
            tenant="house",
            people=[estate.elsewhere.person.pk],
            roles=[whole.role.pk],
        )


@pytest.mark.parametrize("command", ["access:plan:revert", "tenants:plan:renew"])
def test_the_plan_of_another_tenant_does_not_exist(estate: Estate, command: str) -> None:
    """T1: neither to take back nor to ask for anew."""
    plan = Plan.objects.create(
        title="t",
        command="access:role:create",
        values={},
        tenant="acme",
        actor_key="",
        actor_name="",
        read_at=timezone.now(),
        state=Plan.State.APPLIED,
        applied_at=timezone.now(),
        applied_by="Mira Torres",
        scope=estate.acme.realm.scope,
    )

    for actor in (MIRA, tenant_admin("acme-b")):
        with pytest.raises(Gone):
            command_named(command).run(actor=actor, tenant="acme-b", plan=str(plan.pk))
