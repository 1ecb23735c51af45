"""The guard on a real Keycloak: last administrator, own lock-out, and what a run finds anew (T16, T18)."""

from dataclasses import replace
from typing import Any

import pytest

from console.engine.state import Kind
from console.engine.stops import Rule, Stop
from console.identity.models import OidcIdentity, User, UserKind
from console.sync.confirming import Unconfirmed
from console.sync.models import Plan, Run
from console.sync.preview import Blocked
from tests.factories import MIRA, Platform, at

REASON = "The whole team moved to another realm."


@pytest.fixture(autouse=True)
def operators_administer(settings: Any) -> None:
    settings.ADMINISTRATORS = ("operator", "realm-management/realm-admin")


@pytest.fixture(scope="module")
def crew(platform: Platform) -> Platform:
    """A realm with the role operator. Each test takes people of its own, and takes the role from them."""
    platform.build(
        ("access:role:create", {"name": "operator"}),
        ("access:role:create", {"name": "gatehouse-admin"}),
        ("access:group:create", {"name": "ops"}),
    )
    return platform


def hire(crew: Platform, *usernames: str, role: str = "operator") -> None:
    crew.build(
        *(("access:person:create", {"username": one}) for one in usernames),
        ("access:person-role:give", {"people": list(usernames), "roles": [role]}),
    )


def fire(crew: Platform, *usernames: str, role: str = "operator") -> None:
    """Take the role so that the next test begins without administrators."""
    plan = crew.preview("access:person-role:take", people=list(usernames), roles=[role])
    apply(crew, plan)
    assert crew.sync().state == Run.State.DONE


def apply(crew: Platform, plan: Plan) -> Plan:
    from console.sync import preview

    return preview.apply(actor=crew.actor, plan=plan, reason=REASON, ticket="", confirmed=crew.realm)


def rules(plan: Plan) -> list[Rule]:
    return [stop.rule for stop in plan.held]


def of(plan: Plan, rule: Rule) -> Stop:
    """Return the stop of this rule, of several the one that names whom it concerns."""
    (found,) = [stop for stop in plan.held if stop.rule is rule and (stop.subjects or len(plan.held) == 1)]
    return found


def test_the_last_administrator_is_taken_only_with_reason_and_name(crew: Platform) -> None:
    hire(crew, "lea")
    plan = crew.preview("access:person-role:take", people=["lea"], roles=["operator"])

    stop = of(plan, Rule.LAST_ADMINISTRATOR)
    with pytest.raises(Unconfirmed) as refused:
        crew.apply(plan, reason=REASON)
    assert refused.value.field == "confirmed"
    assert stop.sentence == f"Nobody is an administrator of {crew.realm} any more."
    assert crew.effective_roles("lea") == {"operator"}

    apply(crew, plan)
    assert crew.sync().state == Run.State.DONE
    assert crew.effective_roles("lea") == set()
    (row,) = crew.audit(kind="sync:plan:confirm", plan_id=plan.pk)
    assert (row.reason, row.new) == (REASON, {"rule": "last-administrator", "subjects": ["between", "end"]})


def test_disabling_or_deleting_her_is_the_same(crew: Platform) -> None:
    hire(crew, "dora")

    off = crew.preview("access:person:edit", **crew.edit_person("dora", enabled=False))
    gone = crew.preview("access:person:delete", person="dora")
    role = crew.preview("access:role:delete", role="operator")

    assert [rules(plan) for plan in (off, gone, role)] == [[Rule.LAST_ADMINISTRATOR]] * 3
    fire(crew, "dora")


def test_one_who_went_past_the_console_is_not_counted(crew: Platform) -> None:
    """Who is said to be left is read anew: what was read some time ago is not believed."""
    hire(crew, "vera", "wim")
    role = crew.keycloak.get("roles", "operator")
    crew.keycloak.delete(
        "users",
        crew.person_id("wim"),
        "role-mappings",
        "realm",
        json=[{"id": role["id"], "name": "operator"}],
    )

    plan = crew.preview("access:person-role:take", people=["vera"], roles=["operator"])

    assert rules(plan) == [Rule.LAST_ADMINISTRATOR]
    fire(crew, "vera", "wim")


def test_one_who_was_disabled_in_keycloak_is_not_counted(crew: Platform) -> None:
    hire(crew, "xena", "yuri")
    person = crew.keycloak.get("users", crew.person_id("yuri"))
    crew.keycloak.put("users", person["id"], json=person | {"enabled": False})

    plan = crew.preview("access:person-role:take", people=["xena"], roles=["operator"])

    assert rules(plan) == [Rule.LAST_ADMINISTRATOR]
    crew.keycloak.put("users", person["id"], json=person | {"enabled": True})
    fire(crew, "xena", "yuri")


def test_the_run_reads_anew_as_well(crew: Platform) -> None:
    """Between the apply and the run the other one lost it in Keycloak."""
    hire(crew, "zoe", "zac")
    crew.approve("access:person-role:take", people=["zoe"], roles=["operator"])
    role = crew.keycloak.get("roles", "operator")
    crew.keycloak.delete(
        "users",
        crew.person_id("zac"),
        "role-mappings",
        "realm",
        json=[{"id": role["id"], "name": "operator"}],
    )

    run = crew.sync()

    assert run.state == Run.State.BLOCKED
    assert "Nobody is an administrator" in run.sentence
    assert crew.effective_roles("zoe") == {"operator"}
    crew.keycloak.delete("users", crew.person_id("zoe"))


def test_two_plans_that_are_harmless_alone_are_stopped_together(crew: Platform) -> None:
    """A stop that no preview showed is found by the run, and nothing of it is written."""
    hire(crew, "ida", "jan")
    first = crew.preview("access:person-role:take", people=["ida"], roles=["operator"])
    second = crew.preview("access:person-role:take", people=["jan"], roles=["operator"])
    assert rules(first) == rules(second) == []
    crew.apply(first)
    crew.apply(second)

    run = crew.sync()

    assert run.state == Run.State.BLOCKED
    assert "Nobody is an administrator" in run.sentence
    held = [name for name in ("ida", "jan") if "operator" in crew.effective_roles(name)]
    assert held != []
    waiting = crew.scope.touched.filter(is_set_aside=True).first()
    assert waiting is not None
    assert waiting.plan is not None
    again = crew.preview("tenants:plan:renew", plan=str(waiting.plan_id))
    assert rules(again) == [Rule.LAST_ADMINISTRATOR]
    apply(crew, again)
    run = crew.sync()
    assert run.state == Run.State.DONE, run.sentence


def test_who_gets_the_right_is_named_with_the_way(crew: Platform) -> None:
    """T16, T18: through a group and a role that includes another one."""
    crew.build(
        ("access:person:create", {"username": "mal"}),
        ("access:membership:add", {"people": ["mal"], "groups": ["ops"]}),
        ("access:role:create", {"name": "harmless"}),
        ("access:group-role:give", {"groups": ["ops"], "roles": ["harmless"]}),
    )

    plan = crew.preview("access:composite:add", role="harmless", children=["operator"])

    stop = of(plan, Rule.ADMIN_RIGHT)
    assert stop.sentence == "mal gets role operator."
    assert "Way: mal › group ops › role harmless › role operator." in stop.consequence
    assert stop.name == ""


def test_who_joined_meanwhile_was_not_confirmed(crew: Platform) -> None:
    crew.build(
        ("access:group:create", {"name": "late"}),
        *(("access:person:create", {"username": name}) for name in ("nia", "otto")),
        ("access:membership:add", {"people": ["nia"], "groups": ["late"]}),
    )
    plan = crew.preview("access:group-role:give", groups=["late"], roles=["operator"])
    assert of(plan, Rule.ADMIN_RIGHT).subjects == {"person nia"}
    crew.apply(plan)
    stored = of(plan, Rule.ADMIN_RIGHT)
    crew.scope.observed.create(
        address=at(Kind.MEMBERSHIP, "otto", "late").key,
        kind="membership",
        owner="otto",
        target="late",
        read_at=plan.read_at,
    )

    run = crew.sync()

    assert run.state == Run.State.BLOCKED
    assert "nia and otto get role operator" in run.sentence
    assert stored.covers(replace(stored, subjects=frozenset()))
    assert crew.effective_roles("nia") == set()


# --- the realm in which the console's operators sign in ------------------------------------------------


@pytest.fixture
def own(crew: Platform, settings: Any) -> Platform:
    """The same realm, in which Mira signs in from now on."""
    settings.ADMINISTRATORS = ("realm-management/realm-admin",)
    settings.OIDC_ISSUER = settings.OIDC_INTERNAL_URL = f"{crew.server.url.rstrip('/')}/realms/{crew.realm}"
    user, _ = User.objects.get_or_create(
        username=MIRA.key, defaults={"kind": UserKind.SSO, "shown_name": "Mira", "password": "!"}
    )
    OidcIdentity.objects.update_or_create(
        user=user, defaults={"issuer": settings.OIDC_ISSUER, "subject": crew.person_id("mira")}
    )
    return crew


@pytest.fixture(scope="module")
def mira(crew: Platform) -> Platform:
    crew.build(
        *(("access:person:create", {"username": name}) for name in ("mira", "second")),
        ("access:person-role:give", {"people": ["mira", "second"], "roles": ["gatehouse-admin"]}),
    )
    return crew


def test_own_lock_out_is_named(mira: Platform, own: Platform) -> None:
    taken = own.preview("access:person-role:take", people=["mira"], roles=["gatehouse-admin"])
    off = own.preview("access:person:edit", **own.edit_person("mira", enabled=False))
    other = own.preview("access:person-role:take", people=["second"], roles=["gatehouse-admin"])

    stop = of(taken, Rule.OWN_LOCK_OUT)
    assert stop.sentence == f"You lock yourself out: at the end mira may not change {own.tenant} any more."
    assert stop.name == own.realm
    assert rules(off) == [Rule.OWN_LOCK_OUT]
    assert rules(other) == []


def test_the_last_administrator_of_the_console_is_missed(mira: Platform, own: Platform) -> None:
    plan = own.preview("access:person-role:take", people=["mira", "second"], roles=["gatehouse-admin"])

    assert {Rule.LAST_ADMINISTRATOR, Rule.OWN_LOCK_OUT} == set(rules(plan))
    stop = of(plan, Rule.LAST_ADMINISTRATOR)
    assert stop.sentence == f"Nobody is an administrator of the console of {own.realm} any more."
    assert "break-glass" in stop.consequence


def test_who_administers_the_console_by_the_plan_is_named(mira: Platform, own: Platform) -> None:
    own.build(("access:person:create", {"username": "eve"}))

    plan = own.preview("access:person-role:give", people=["eve"], roles=["gatehouse-admin"])

    assert of(plan, Rule.ADMIN_RIGHT).sentence == "eve gets role gatehouse-admin."


def test_the_consoles_own_realm_and_roles_are_never_changed(mira: Platform, own: Platform) -> None:
    settings = own.preview(
        "tenants:realm:edit", revision=own.row.realm.revision, values={"display_name": "Other"}
    )
    role = own.preview("access:role:edit", **own.edit_role("gatehouse-admin", description="Nobody"))

    for plan in (settings, role):
        stop = of(plan, Rule.OWN_REALM)
        assert stop.is_forbidden
        assert "is the console's own" in stop.sentence
        with pytest.raises(Blocked):
            apply(own, plan)
