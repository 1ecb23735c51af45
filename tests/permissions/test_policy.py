"""The rights of the product as one table, and the sentences that explain them. Shows M4."""

import pytest

from console.identity.actor import Actor, ActorKind, Carried
from console.permissions.policy import (
    decide,
    decide_somewhere,
    has_any_standing,
    visible_tenants,
    ways_of,
)
from console.permissions.vocabulary import Permission as P

NOBODY = Actor.anonymous()
STRANGER = Actor(key="sso:1", name="vera", kind=ActorKind.SSO, roles=frozenset({"viewer"}))
ADMIN = Actor(key="sso:2", name="ada", kind=ActorKind.SSO, roles=frozenset({"gatehouse-admin"}))
AUDITOR = Actor(key="sso:3", name="otto", kind=ActorKind.SSO, roles=frozenset({"gatehouse-auditor"}))
SUPERUSER = Actor(
    key="sso:4", name="sue", kind=ActorKind.SSO, roles=frozenset({"gatehouse-superuser"}), is_superuser=True
)
ACME = Actor(key="sso:5", name="tina", kind=ActorKind.SSO, groups=frozenset({"/tenants/acme/admins"}))
OPERATIONS = Actor(key="sso:6", name="olga", kind=ActorKind.SSO, groups=frozenset({"/operations"}))
BREAK_GLASS = Actor(key="local:root", name="root", kind=ActorKind.LOCAL, is_superuser=True)
PLAIN_LOCAL = Actor(key="local:x", name="x", kind=ActorKind.LOCAL)
WORKER = Actor.system("worker")

OWN = {P.PROFILE_VIEW, P.PROFILE_EDIT}
TOKENS = {P.TOKEN_CREATE, P.TOKEN_REVOKE, P.TOKEN_VIEW}
BY_ADMIN = set(P) - {P.TOKEN_CREATE, P.TOKEN_REVOKE}
VIEWS = {one for one in P if one.value.endswith(":view")}
ACCESS = {one for one in P if one.value.startswith("access:")}
IN_TENANT = ACCESS | {
    P.DRIFT_ACCEPT, P.DRIFT_CHECK, P.DRIFT_IGNORE, P.DRIFT_PUSH, P.DRIFT_VIEW,
    P.PLAN_APPLY, P.PLAN_CREATE, P.PLAN_VIEW, P.RUN_RETRY, P.RUN_START, P.RUN_VIEW,
    P.AUDIT_VIEW, P.BLUEPRINT_VIEW, P.TENANT_VIEW,
}  # fmt: skip

TABLE = [
    # who, in the whole console, in acme, in globex, the tenants to know of
    (NOBODY, set(), set(), set(), frozenset()),
    (STRANGER, set(), set(), set(), frozenset()),
    (PLAIN_LOCAL, set(), set(), set(), frozenset()),
    (ADMIN, BY_ADMIN, BY_ADMIN, BY_ADMIN, "all"),
    (BREAK_GLASS, set(P), set(P), set(P), "all"),
    (WORKER, set(P), set(P), set(P), "all"),
    (AUDITOR, VIEWS | OWN, VIEWS | OWN, VIEWS | OWN, "all"),
    (SUPERUSER, OWN | TOKENS, OWN | TOKENS, OWN | TOKENS, frozenset()),
    (
        ACME,
        OWN | {P.OVERVIEW_VIEW},
        IN_TENANT | OWN | {P.OVERVIEW_VIEW},
        OWN | {P.OVERVIEW_VIEW},
        frozenset({"acme"}),
    ),
    (OPERATIONS, set(), set(), set(), frozenset()),
]


@pytest.mark.parametrize(
    ("actor", "whole", "acme", "globex", "tenants"),
    TABLE,
    ids=[f"{row[0].kind}-{row[0].name}" for row in TABLE],
)
def test_the_table_of_rights_holds_cell_by_cell(
    actor: Actor, whole: set[P], acme: set[P], globex: set[P], tenants: object
) -> None:
    assert {one for one in P if decide(actor, one)} == whole
    assert {one for one in P if decide(actor, one, "acme")} == acme
    assert {one for one in P if decide(actor, one, "globex")} == globex
    assert visible_tenants(actor) == tenants


def test_members_of_the_listed_groups_administer_everything(settings: object) -> None:
    settings.CLUSTER_ADMIN_GROUPS = ("/operations", "/platform/admins")  # type: ignore[attr-defined]

    assert {one for one in P if decide(OPERATIONS, one, "acme")} == BY_ADMIN
    assert decide(OPERATIONS, P.TENANT_CREATE).reason == "The group /operations gives it everywhere."
    assert not decide(ACME, P.TENANT_CREATE)


def test_both_sources_of_comprehensive_rights_are_told_as_paths(settings: object) -> None:
    settings.CLUSTER_ADMIN_GROUPS = ("/operations",)  # type: ignore[attr-defined]
    both = Actor(
        key="sso:7",
        name="bea",
        kind=ActorKind.SSO,
        roles=frozenset({"gatehouse-admin"}),
        groups=frozenset({"/operations"}),
    )

    assert ways_of(both, P.TENANT_CREATE) == (
        "has the realm role gatehouse-admin.",
        "is a member of /operations, which stands in CLUSTER_ADMIN_GROUPS"
        " and has the rights of gatehouse-admin.",
    )
    assert ways_of(ACME, P.ROLE_CREATE, "acme") == ("is a member of /tenants/acme/admins.",)
    assert ways_of(ACME, P.ROLE_CREATE, "globex") == ()


@pytest.mark.parametrize(
    "group",
    [
        "/tenants/acme", "/tenants/acme/admins/", "/tenants/acme/admins/more", "tenants/acme/admins",
        "/x/tenants/acme/admins", "/tenants//admins", "/tenants/acme/Admins", "/TENANTS/acme/admins",
        "/tenants/acme/admins\n", "/operations/more",
    ],
)  # fmt: skip
def test_a_group_that_only_looks_alike_gives_nothing(group: str, settings: object) -> None:
    settings.CLUSTER_ADMIN_GROUPS = ("/operations",)  # type: ignore[attr-defined]
    actor = Actor(key="sso:9", name="eve", kind=ActorKind.SSO, groups=frozenset({group}))

    assert not has_any_standing(actor)
    assert not any(decide(actor, one, tenant) for one in P for tenant in (None, "acme", ""))


@pytest.mark.parametrize("kind", [ActorKind.LOCAL, ActorKind.ANONYMOUS])
def test_roles_count_only_for_accounts_of_keycloak(kind: ActorKind) -> None:
    actor = Actor(key="x", name="x", kind=kind, roles=frozenset({"gatehouse-admin", "system"}))

    assert not any(decide(actor, one) for one in P)


def test_a_realm_role_named_like_our_own_row_gives_nothing() -> None:
    actor = Actor(key="x", name="x", kind=ActorKind.SSO, roles=frozenset({"system"}))

    assert not any(decide(actor, one) for one in P)


def test_a_refusal_says_what_is_missing_and_who_can_give_it() -> None:
    refusal = decide(ACME, P.ASSIGNMENT_ADD, "globex")

    assert not refusal.allowed
    assert refusal.reason == "You need “add assignment” (access:assignment:add) in globex."
    assert "/tenants/globex/admins" in refusal.who
    assert "gatehouse-admin" in refusal.who


def test_a_page_over_several_tenants_opens_to_the_administrators_of_one() -> None:
    assert decide_somewhere(ACME, P.RUN_VIEW)
    assert not decide(ACME, P.RUN_VIEW)
    assert not decide_somewhere(ACME, P.SERVER_VIEW)
    assert not decide_somewhere(STRANGER, P.RUN_VIEW)


def bearer(maker: Actor, *permissions: P, tenant: str = "") -> Actor:
    carried = Carried(permissions=frozenset(permissions), tenant=tenant, maker=maker)
    return Actor(key="token:gate_x", name="ci", kind=ActorKind.API, carried=carried)


def test_a_token_has_what_it_carries_in_its_tenant_and_nothing_else() -> None:
    token = bearer(ADMIN, P.ROLE_VIEW, P.ROLE_CREATE, tenant="acme")

    assert {one for one in P if decide(token, one, "acme")} == {P.ROLE_VIEW, P.ROLE_CREATE}
    assert not any(decide(token, one) or decide(token, one, "globex") for one in P)
    assert visible_tenants(token) == frozenset({"acme"})
    assert decide(token, P.ROLE_VIEW, "globex").reason == "This API token is for the tenant acme only."


@pytest.mark.parametrize("maker", [ADMIN, BREAK_GLASS, AUDITOR, ACME, SUPERUSER, STRANGER, PLAIN_LOCAL])
def test_no_token_may_do_more_than_its_maker(maker: Actor) -> None:
    token = bearer(maker, *P)
    for tenant in (None, "acme", "globex"):
        mine = {one for one in P if decide(maker, one, tenant)}
        assert {one for one in P if decide(token, one, tenant)} <= mine - TOKENS - OWN
    assert visible_tenants(token) == visible_tenants(maker)


def test_a_token_of_a_tenants_administrator_stays_in_that_tenant() -> None:
    elsewhere = bearer(ACME, *P, tenant="globex")

    assert not any(decide(elsewhere, one, "globex") for one in set(P) - {P.OVERVIEW_VIEW})
    assert visible_tenants(elsewhere) == frozenset()


def test_the_vocabulary_is_alphabetical_and_speaks_one_grammar() -> None:
    values = [one.value for one in P]

    assert values == sorted(values)
    assert all(len(value.split(":")) == 3 for value in values)


@pytest.mark.parametrize("name", ["*", "", "/", "..", "%", "acme "])
def test_no_name_of_a_group_is_worth_the_whole_console(name: str) -> None:
    """A group may be called anything in Keycloak, `*` too."""
    odd = Actor(key="sso:odd", name="Odd", kind=ActorKind.SSO, groups=frozenset({f"/tenants/{name}/admins"}))

    assert not decide(odd, P.PERSON_EDIT)
    assert not decide(odd, P.PERSON_EDIT, tenant="acme")
    assert visible_tenants(odd) != "all"
