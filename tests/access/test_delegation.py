"""A tenant's administrators never reach, and never hand out, a right outside of the tenant.

What counts is judged here from the bare rows, by code that shares nothing with the judge.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from access.models import Composite, Group, GroupRole, Membership, Person, PersonRole, Role
from access.services import assignments, groups, people, roles
from console.delegation import HandsOutMore
from console.engine.state import Address, Kind
from console.identity.actor import Actor, ActorKind, Carried
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db

STEPS = int(os.environ.get("DELEGATION_STEPS", "25"))
EXAMPLES = int(os.environ.get("DELEGATION_EXAMPLES", "12"))

MIRA = Actor(key="sso:mira", name="Mira", kind=ActorKind.SSO, roles=frozenset({"gatehouse-admin"}))
TINA = Actor(key="sso:tina", name="Tina", kind=ActorKind.SSO, groups=frozenset({"/tenants/acme/admins"}))
TOKEN = Actor(
    key="token:gate_x",
    name="ci",
    kind=ActorKind.API,
    carried=Carried(permissions=frozenset(one.value for one in Permission), tenant="acme", maker=MIRA),
)
REALM_ADMIN = Address(Kind.COMPOSITE_CLIENT_ROLE, ("acme.deploy", "realm-management", "realm-admin"))
BOSS = Address(Kind.COMPOSITE, ("acme.ops", "boss"))


def shared() -> DeclaredTenant:
    """A share whose own names lead out: a group by its platform's gift, two roles by what is in Keycloak."""
    whole = DeclaredTenant("shared")
    share = DeclaredTenant("acme", share_of=whole)
    for name in ("boss", "globex.admin"):
        whole.role(name)
    for name in ("acme.ops", "acme.deploy", "acme.read", "acme.write"):
        share.role(name)
    share.group_role("acme/leads", "globex.admin")
    share.group_role("acme/staff", "acme.read")
    for name in ("ann", "ben"):
        share.member(name, "acme/staff")
    share.member("cleo", "acme/leads")
    share.group("acme/leads/deputies")
    whole.was_read(beside=(REALM_ADMIN, BOSS))
    return share


def pk(model: Any, **found: str) -> int:
    return int(model.objects.get(**found).pk)


def outside(name: str) -> bool:
    """Whether a right is none of acme's: a plain reading of its name."""
    return not name.startswith("acme.")


def reached(realm: Any) -> dict[str, set[str]]:
    """Every right outside of acme that each person reaches, from the bare rows; what begins later too."""
    links: defaultdict[str, set[str]] = defaultdict(set)
    for parent, child in Composite.objects.filter(realm=realm).values_list("parent__name", "child__name"):
        links[f"role:{parent}"].add(f"role:{child}")
    for path, name in GroupRole.objects.filter(realm=realm).values_list("group__path", "role__name"):
        links[f"group:{path}"].add(f"role:{name}")
    for path in Group.objects.filter(realm=realm).values_list("path", flat=True):
        if "/" in path:
            links[f"group:{path}"].add(f"group:{path.rpartition('/')[0]}")
    for name, path in Membership.objects.filter(realm=realm).values_list("person__username", "group__path"):
        links[f"person:{name}"].add(f"group:{path}")
    for name, other in PersonRole.objects.filter(realm=realm).values_list("person__username", "role__name"):
        links[f"person:{name}"].add(f"role:{other}")
    links["role:acme.ops"].add("role:boss")
    links["role:acme.deploy"].add("role:realm-management/realm-admin")
    usernames = Person.objects.filter(realm=realm).values_list("username", flat=True)
    return {name: _outside_of(links, f"person:{name}") for name in usernames}


def _outside_of(links: dict[str, set[str]], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for other in links.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    names = (one.partition(":")[2] for one in seen if one.startswith("role:"))
    return {name for name in names if outside(name)}


# --- single ways ----------------------------------------------------------------------------------


@pytest.fixture
def acme(db: None) -> DeclaredTenant:
    return shared()


WAYS: dict[str, Callable[[Actor], Any]] = {
    "a role that includes more in Keycloak": lambda actor: assignments.give_roles(
        actor=actor, tenant="acme", people=[pk(Person, username="ann")], roles=[pk(Role, name="acme.ops")]
    ),
    "the administration of the realm": lambda actor: assignments.give_roles(
        actor=actor, tenant="acme", people=[pk(Person, username="ann")], roles=[pk(Role, name="acme.deploy")]
    ),
    "a group that was given more": lambda actor: assignments.join(
        actor=actor, tenant="acme", people=[pk(Person, username="ann")], groups=[pk(Group, path="acme/leads")]
    ),
    "a group below such a one": lambda actor: assignments.join(
        actor=actor,
        tenant="acme",
        people=[pk(Person, username="ann")],
        groups=[pk(Group, path="acme/leads/deputies")],
    ),
    "such a role to a group": lambda actor: assignments.give_group_roles(
        actor=actor, tenant="acme", groups=[pk(Group, path="acme/staff")], roles=[pk(Role, name="acme.ops")]
    ),
    "such a role into another one": lambda actor: roles.include(
        actor=actor,
        tenant="acme",
        role=pk(Role, name="acme.read"),
        children=[pk(Role, name="acme.ops")],
    ),
    "such a role that begins only later": lambda actor: assignments.give_roles(
        actor=actor,
        tenant="acme",
        people=[pk(Person, username="ann")],
        roles=[pk(Role, name="acme.ops")],
        starts_at="2099-01-01T00:00:00+00:00",
    ),
    "a group moved below such a one": lambda actor: groups.edit(
        actor=actor,
        tenant="acme",
        group=pk(Group, path="acme/staff"),
        revision=1,
        name="staff",
        description="",
        parent=pk(Group, path="acme/leads"),
    ),
}


@pytest.mark.parametrize("actor", [TINA, TOKEN], ids=["administrator", "token of a tenant"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_tenants_administrator_is_refused_by_every_way(
    way: Callable[[Actor], Any], actor: Actor, acme: DeclaredTenant
) -> None:
    before = reached(acme.realm)

    with pytest.raises(HandsOutMore, match="You may not hand out") as refused, transaction.atomic():
        way(actor)

    assert reached(acme.realm) == before
    assert refused.value.found.right.is_right


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_an_administrator_of_the_console_may(way: Callable[[Actor], Any], acme: DeclaredTenant) -> None:
    way(MIRA)


def test_the_sentence_names_the_way_and_nothing_that_is_not_the_tenants(acme: DeclaredTenant) -> None:
    with pytest.raises(HandsOutMore) as refused:
        WAYS["a group that was given more"](TINA)

    assert str(refused.value) == (
        "You may not hand out a role outside this tenant: the person ann would reach it through the group "
        "acme/leads, then a role outside this tenant. Only administrators of the whole console may give that."
    )


def test_what_is_the_tenants_own_is_handed_out_freely(acme: DeclaredTenant) -> None:
    assignments.give_roles(
        actor=TINA, tenant="acme", people=[pk(Person, username="ann")], roles=[pk(Role, name="acme.write")]
    )
    assignments.join(
        actor=TINA, tenant="acme", people=[pk(Person, username="cleo")], groups=[pk(Group, path="acme/staff")]
    )
    assignments.leave(
        actor=TINA, tenant="acme", people=[pk(Person, username="cleo")], groups=[pk(Group, path="acme/leads")]
    )


def test_in_a_realm_of_its_own_all_is_the_tenants_but_the_administration_of_keycloak(db: None) -> None:
    own = DeclaredTenant("acme")
    own.person("ann")
    own.role("boss")
    own.role("acme.deploy")
    own.was_read(beside=(REALM_ADMIN,))

    assignments.give_roles(
        actor=TINA, tenant="acme", people=[pk(Person, username="ann")], roles=[pk(Role, name="boss")]
    )
    with pytest.raises(HandsOutMore, match="realm-management/realm-admin"):
        WAYS["the administration of the realm"](TINA)


# --- taking over an administrator's account ---------------------------------------------------------

RUNS_IT = Address(Kind.PERSON_CLIENT_ROLE, ("boss", "realm-management", "realm-admin"))


def set_email(actor: Actor, username: str, **changed: Any) -> None:
    row = Person.objects.get(username=username)
    fields = {"email": row.email, "first_name": row.first_name, "last_name": row.last_name, "enabled": True}
    people.edit(actor=actor, tenant="acme", person=row.pk, revision=row.revision, **fields | changed)


def with_an_administrator(share: bool) -> DeclaredTenant:
    whole = DeclaredTenant("shared" if share else "acme")
    acme = DeclaredTenant("acme", share_of=whole) if share else whole
    for name in ("ann", "boss"):
        acme.person(name, email=f"{name}@example.org")
        acme.member(name, "acme/staff")
    whole.was_read(beside=(RUNS_IT,))
    return acme


@pytest.mark.parametrize("actor", [TINA, TOKEN], ids=["administrator", "token of a tenant"])
@pytest.mark.parametrize("share", [False, True], ids=["a realm of its own", "a share"])
def test_the_email_of_an_administrators_account_is_not_the_tenants_to_change(
    share: bool, actor: Actor, db: None
) -> None:
    with_an_administrator(share)

    with pytest.raises(HandsOutMore, match="may not change the e-mail of boss"), transaction.atomic():
        set_email(actor, "boss", email="tina@example.org")

    set_email(actor, "boss", last_name="Boss")
    set_email(actor, "ann", email="ann@example.com")
    set_email(MIRA, "boss", email="mira@example.org")
    assert Person.objects.get(username="boss").email == "mira@example.org"


def test_an_administrators_account_in_keycloak_gets_no_other_email_by_being_declared_here(db: None) -> None:
    own = DeclaredTenant("acme")
    own.was_read(beside=(Address(Kind.PERSON, ("boss",)), RUNS_IT))

    with pytest.raises(HandsOutMore, match="may not change the e-mail of boss"):
        people.create(actor=TINA, tenant="acme", username="boss", email="tina@example.org")


# --- any sequence ---------------------------------------------------------------------------------

PEOPLE = st.sampled_from(["ann", "ben", "cleo", "new-1", "new-2"])
ROLES = st.sampled_from(["acme.ops", "acme.deploy", "acme.read", "acme.write", "acme.more", "boss"])
GROUPS = st.sampled_from(["acme", "acme/staff", "acme/leads", "acme/leads/deputies", "acme/staff/new"])


class Administrators(RuleBasedStateMachine):
    """Tina, who administers acme, and now and then Mira, who administers everything."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.share = shared()
        self.before = reached(self.share.realm)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def by_tina(self, service: Callable[..., Any], **values: Any) -> None:
        """Run a service as the tenant's administrator. Afterwards nobody may reach more that is outside."""
        self._run(TINA, service, values)
        after = reached(self.share.realm)
        for name, rights in after.items():
            assert rights <= self.before.get(name, set()), (name, rights, service.__name__, values)
        self.before = after

    def by_mira(self, service: Callable[..., Any], **values: Any) -> None:
        self._run(MIRA, service, values)
        self.before = reached(self.share.realm)

    def _run(self, actor: Actor, service: Callable[..., Any], values: dict[str, Any]) -> None:
        found = {key: self._ids(key, value) for key, value in values.items()}
        if any(one is None for one in found.values()):
            return
        try:
            with transaction.atomic():
                service(actor=actor, tenant="acme", **found)
        except (Refused, Forbidden):
            return

    def _ids(self, key: str, value: Any) -> Any:
        kinds: dict[str, tuple[Any, str]] = {
            **dict.fromkeys(("people", "person"), (Person, "username")),
            **dict.fromkeys(("roles", "role", "children", "child"), (Role, "name")),
            **dict.fromkeys(("groups", "group", "parent"), (Group, "path")),
        }
        if key not in kinds:
            return value
        model, column = kinds[key]
        row = model.objects.filter(realm=self.share.realm, **{column: value}).first()
        if row is None:
            return None
        return [row.pk] if key in ("people", "roles", "children", "groups") else row.pk

    @rule(people=PEOPLE, roles=ROLES, later=st.booleans())
    def give(self, people: str, roles: str, later: bool) -> None:
        starts = {"starts_at": "2099-01-01T00:00:00+00:00"} if later else {}
        self.by_tina(assignments.give_roles, people=people, roles=roles, **starts)

    @rule(people=PEOPLE, roles=ROLES)
    def take(self, people: str, roles: str) -> None:
        self.by_tina(assignments.take_roles, people=people, roles=roles)

    @rule(groups=GROUPS, roles=ROLES)
    def give_group(self, groups: str, roles: str) -> None:
        self.by_tina(assignments.give_group_roles, groups=groups, roles=roles)

    @rule(groups=GROUPS, roles=ROLES)
    def take_group(self, groups: str, roles: str) -> None:
        self.by_tina(assignments.take_group_roles, groups=groups, roles=roles)

    @rule(people=PEOPLE, groups=GROUPS)
    def join(self, people: str, groups: str) -> None:
        self.by_tina(assignments.join, people=people, groups=groups)

    @rule(people=PEOPLE, groups=GROUPS)
    def leave(self, people: str, groups: str) -> None:
        self.by_tina(assignments.leave, people=people, groups=groups)

    @rule(role=ROLES, children=ROLES)
    def include(self, role: str, children: str) -> None:
        self.by_tina(roles.include, role=role, children=children)

    @rule(role=ROLES, child=ROLES)
    def exclude(self, role: str, child: str) -> None:
        self.by_tina(roles.exclude, role=role, child=child)

    @rule(name=ROLES)
    def new_role(self, name: str) -> None:
        self.by_tina(roles.create, name=name)

    @rule(name=st.sampled_from(["new", "staff", "leads"]), parent=GROUPS)
    def new_group(self, name: str, parent: str) -> None:
        self.by_tina(groups.create, name=name, parent=parent)

    @rule(group=GROUPS, name=st.sampled_from(["staff", "leads", "new"]), parent=GROUPS)
    def move_group(self, group: str, name: str, parent: str) -> None:
        row = Group.objects.filter(realm=self.share.realm, path=group).first()
        if row:
            self.by_tina(
                groups.edit,
                group=group,
                name=name,
                parent=parent,
                description="",
                revision=row.revision,
            )

    @rule(username=st.sampled_from(["new-1", "new-2"]))
    def new_person(self, username: str) -> None:
        self.by_tina(people.create, username=username, email=f"{username}@example.org")

    @rule(person=PEOPLE)
    def delete_person(self, person: str) -> None:
        self.by_tina(people.delete, person=person)

    @rule(people=PEOPLE, groups=GROUPS)
    def the_platform_adds(self, people: str, groups: str) -> None:
        self.by_mira(assignments.join, people=people, groups=groups)

    @rule(people=PEOPLE, groups=GROUPS)
    def the_platform_removes(self, people: str, groups: str) -> None:
        self.by_mira(assignments.leave, people=people, groups=groups)

    @invariant()
    def tina_reads_of_nothing_else(self) -> None:
        assert not Role.objects.of(self.share.tenant).exclude(name__startswith="acme.").exists()


def test_over_random_sequences_nobody_reaches_a_right_outside_of_the_tenant() -> None:
    run_state_machine_as_test(
        Administrators,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
