"""Declarations: what the registry knows and has no model of its own, through the door and nowhere else."""

import json
from typing import Any
from unittest.mock import ANY

import pytest
from django.utils import timezone

from access.services import groups, people, roles
from access.services.shares import create_with_share
from console.audit.models import AuditEvent
from console.engine.kinds import KINDS
from console.engine.state import Address, Kind, Resource, Selection, State
from console.sync.cause import Forbidden
from console.sync.commands import Conflict, Gone, Refused
from console.sync.desired import DatabaseTarget
from console.sync.models import LedgerEntry, Scope, Touched
from console.sync.observed import keep as keep_observed
from console.sync.secrets import secrets_of
from tenants.models import Declaration, Tenant
from tenants.secrets import VERSION_KEY, sealed
from tenants.services import declarations, servers
from tenants.services.tenants import create_with_realm, edit_realm
from tenants.validity import DECLARABLE, WITH_MODELS
from tests.factories import MIRA, at, tenant_admin

pytestmark = pytest.mark.django_db

CLIENT = at(Kind.CLIENT, "shop")


@pytest.fixture
def tenant() -> Tenant:
    server = servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s-3cret")
    return create_with_realm(actor=MIRA, slug="acme", name="Acme", server=server.pk, realm="acme")


def put(tenant: Tenant, *addresses: Address, actor: Any = MIRA, **typed: Any) -> list[Declaration]:
    wanted = [{"address": one.key, **typed} for one in addresses]
    return declarations.put(actor=actor, tenant=tenant.slug, declarations=wanted)


def declared(tenant: Tenant) -> dict[Address, dict[str, Any]]:
    """Return what the provider gives for the declarations of a realm, without what every realm has."""
    state = DatabaseTarget(tenant.realm.scope).read(Selection.all())
    kept = {Address.parse(key) for key in tenant.realm.declarations.values_list("address", flat=True)}
    return {one.address: dict(one.fields) for one in state if one.address in kept}


def scope_of(tenant: Tenant) -> Scope:
    return Scope.objects.get(pk=tenant.realm.scope_id)


def test_every_kind_has_a_model_or_is_declared_here() -> None:
    assert set(KINDS) == WITH_MODELS | DECLARABLE
    assert {Kind.CLIENT, Kind.CLIENT_ROLE, Kind.IDENTITY_PROVIDER, Kind.DIRECTORY} <= DECLARABLE
    assert Kind.ROLE not in DECLARABLE


def test_what_is_put_is_declared_touched_and_recorded(tenant: Tenant) -> None:
    before = scope_of(tenant).generation
    put(tenant, CLIENT, fields={"redirect_uris": ["https://b.example", "https://a.example"], "public": True})

    assert declared(tenant) == {
        CLIENT: {"redirect_uris": ["https://a.example", "https://b.example"], "public": True}
    }
    assert scope_of(tenant).generation == before + 1
    assert Touched.objects.filter(scope=tenant.realm.scope, address="client:shop").exists()
    row = AuditEvent.objects.get(kind="tenants:declaration:put", tenant=tenant.slug)
    assert (row.subject, row.address, row.old) == ("Client shop", "client:shop", None)
    assert row.new["public"] is True


def test_a_selected_read_gives_only_what_was_selected(tenant: Tenant) -> None:
    put(tenant, CLIENT, at(Kind.CLIENT, "other"))

    state = DatabaseTarget(tenant.realm.scope).read(Selection(frozenset({CLIENT})))

    assert set(state.resources) == {CLIENT}


def test_things_of_one_change_may_stand_on_each_other(tenant: Tenant) -> None:
    role = at(Kind.CLIENT_ROLE, "shop", "buyer")
    scope = at(Kind.CLIENT_SCOPE, "basket")
    put(tenant, at(Kind.CLIENT_DEFAULT_SCOPE, "shop", "basket"), role, CLIENT, scope)

    assert set(declared(tenant)) == {CLIENT, role, scope, at(Kind.CLIENT_DEFAULT_SCOPE, "shop", "basket")}


def test_what_was_read_in_keycloak_is_ground_enough(tenant: Tenant) -> None:
    mapper = at(Kind.CLIENT_MAPPER, "legacy", "department")
    with pytest.raises(declarations.Lacking, match='needs client "legacy", which is neither declared'):
        put(tenant, mapper, fields={"type": "oidc-usermodel-attribute-mapper"})
    assert declared(tenant) == {}

    found = Resource(at(Kind.CLIENT, "legacy"), {}, "id-1")
    keep_observed(scope_of(tenant), State.of([found]), looked_at=[found.address], now=timezone.now())
    put(tenant, mapper, fields={"type": "oidc-usermodel-attribute-mapper"})

    assert set(declared(tenant)) == {mapper}


REFUSED: list[tuple[str, Address, dict[str, Any], str, str | None]] = [
    ("a kind with a model", at(Kind.ROLE, "x"), {}, "A role has pages of its own", None),
    ("a path that is too short", at(Kind.CLIENT_ROLE, "x"), {}, "no name of a client role", "own_name"),
    ("Keycloak's own client", at(Kind.CLIENT, "realm-management"), {}, "is Keycloak's own", "own_name"),
    (
        "a role in Keycloak's own client",
        at(Kind.CLIENT_ROLE, "account", "x"),
        {},
        "is Keycloak's own",
        "own_name",
    ),
    (
        "our own carrier",
        at(Kind.CLIENT_SCOPE, "gatehouse-entitlements"),
        {},
        "carries the entitle",
        None,
    ),
    ("a slash", at(Kind.CLIENT, "a/b"), {}, "must not contain a slash", "own_name"),
    ("a scope of dots", at(Kind.CLIENT_SCOPE, "../"), {}, "must not be", "own_name"),
    ("a slash beside a scope", at(Kind.MAPPER, "a/b", "c/d"), {}, "must not contain a slash", "own_name"),
    ("markup", at(Kind.CLIENT, "<b>"), {}, "cannot hold < >", "own_name"),
    ("an empty name", at(Kind.CLIENT, ""), {}, "This is no name of a client", "own_name"),
    ("dots", at(Kind.CLIENT, ".."), {}, "must not be", "own_name"),
    ("an invisible character", at(Kind.CLIENT, "a\u200bb"), {}, "control or invisible", "own_name"),
    ("a long name", at(Kind.CLIENT, "a" * 256), {}, "at most 255", "own_name"),
    ("an unknown field", CLIENT, {"colour": "red"}, "has no colour", None),
    ("a text for a switch", CLIENT, {"public": "yes"}, "must be yes or no", "public"),
    (
        "a switch for a number",
        CLIENT,
        {"access_token_lifespan": True},
        "whole number",
        "access_token_lifespan",
    ),
    ("a number for a text", CLIENT, {"name": 3}, "must be a text", "name"),
    ("no choice", CLIENT, {"protocol": "cas"}, "one of: openid-connect, saml", "protocol"),
    ("a list of numbers", CLIENT, {"redirect_uris": [1]}, "must be a text", "redirect_uris"),
    ("a text for a list", CLIENT, {"redirect_uris": "https://a"}, "a list of texts", "redirect_uris"),
    ("a map of numbers", CLIENT, {"attributes": {"a": 1}}, "must be a text", "attributes"),
    ("a mask", CLIENT, {"attributes": {"a": "**********"}}, "masked secret", "attributes"),
    ("a secret among settings", CLIENT, {"attributes": {"secret": "x"}}, "is a secret", "attributes"),
]


@pytest.mark.parametrize(
    ("address", "fields", "sentence", "field"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_cannot_be_declared_is_refused_where_it_was_typed(
    tenant: Tenant, address: Address, fields: dict[str, Any], sentence: str, field: str | None
) -> None:
    with pytest.raises(Refused, match=sentence) as caught:
        put(tenant, address, fields=fields)

    assert caught.value.field == field
    assert declared(tenant) == {}


def test_of_two_editors_the_second_sees_what_the_first_did(tenant: Tenant) -> None:
    put(tenant, CLIENT, fields={"name": "Shop"})
    put(tenant, CLIENT, fields={"name": "Store"}, revision=1)

    with pytest.raises(Conflict) as caught:
        put(tenant, CLIENT, fields={"name": "Market"}, revision=1)

    assert (caught.value.theirs, caught.value.revision) == ({"name": "Store"}, 2)
    assert declared(tenant) == {CLIENT: {"name": "Store"}}


def test_a_name_is_taken_once_and_an_edit_of_what_is_gone_says_so(tenant: Tenant) -> None:
    put(tenant, CLIENT)
    with pytest.raises(declarations.Taken, match="Client shop is declared here already"):
        put(tenant, CLIENT)
    with pytest.raises(Gone, match="Client other is no longer declared"):
        put(tenant, at(Kind.CLIENT, "other"), revision=1)


def test_dropping_takes_along_what_stands_inside_and_hangs_on_it(tenant: Tenant) -> None:
    role = at(Kind.CLIENT_ROLE, "shop", "buyer")
    roles.create(actor=MIRA, tenant=tenant.slug, name="staff")
    link = at(Kind.COMPOSITE_CLIENT_ROLE, "staff", "shop", "buyer")
    stays = at(Kind.CLIENT, "shop2")
    put(tenant, CLIENT, role, link, stays)
    Touched.objects.filter(scope=tenant.realm.scope).delete()

    declarations.drop(actor=MIRA, tenant=tenant.slug, address="client:shop")

    assert set(declared(tenant)) == {stays}
    waiting = set(Touched.objects.filter(scope=tenant.realm.scope).values_list("address", flat=True))
    assert waiting == {CLIENT.key, role.key, link.key}
    rows = AuditEvent.objects.filter(kind="tenants:declaration:drop", tenant=tenant.slug)
    assert {row.address for row in rows} == waiting


def test_a_new_name_carries_everything_along_secrets_too(tenant: Tenant) -> None:
    role = at(Kind.CLIENT_ROLE, "shop", "buyer")
    kept = sealed(tenant.realm.scope, CLIENT, {"secret": "very-secret"})
    put(tenant, CLIENT, secrets=kept)
    put(tenant, role)

    declarations.rename(actor=MIRA, tenant=tenant.slug, address=CLIENT.key, revision=1, name="store")

    now = at(Kind.CLIENT, "store")
    assert set(declared(tenant)) == {now, at(Kind.CLIENT_ROLE, "store", "buyer")}
    assert secrets_of(scope_of(tenant))(now)["secret"].reveal() == "very-secret"
    with pytest.raises(Refused, match="renames no organization"):
        declarations.rename(actor=MIRA, tenant=tenant.slug, address="organization:x", revision=1, name="y")


def test_a_renamed_or_deleted_role_or_group_carries_its_links_along(tenant: Tenant) -> None:
    group = groups.create(actor=MIRA, tenant=tenant.slug, name="data")
    role = roles.create(actor=MIRA, tenant=tenant.slug, name="staff")
    put(tenant, CLIENT, at(Kind.CLIENT_ROLE, "shop", "buyer"))
    put(tenant, at(Kind.GROUP_CLIENT_ROLE, "data", "shop", "buyer"), at(Kind.SERVICE_ROLE, "shop", "staff"))

    groups.edit(
        actor=MIRA, tenant=tenant.slug, group=group.pk, revision=1, name="info", description="", parent=None
    )
    roles.edit(actor=MIRA, tenant=tenant.slug, role=role.pk, revision=1, name="crew", description="")
    assert at(Kind.GROUP_CLIENT_ROLE, "info", "shop", "buyer") in declared(tenant)
    assert at(Kind.SERVICE_ROLE, "shop", "crew") in declared(tenant)

    groups.delete(actor=MIRA, tenant=tenant.slug, group=group.pk)
    roles.delete(actor=MIRA, tenant=tenant.slug, role=role.pk)
    assert set(declared(tenant)) == {CLIENT, at(Kind.CLIENT_ROLE, "shop", "buyer")}
    assert Touched.objects.filter(scope=tenant.realm.scope, address="service-role:shop|crew").exists()


def test_who_leaves_an_organization_leaves_its_groups_too(tenant: Tenant) -> None:
    for name in ("ann", "bob"):
        people.create(actor=MIRA, tenant=tenant.slug, username=name)
    put(tenant, at(Kind.ORGANIZATION, "inc"), at(Kind.ORGANIZATION_GROUP, "inc", "eng"))
    ann, bob = (at(Kind.ORGANIZATION_MEMBER, "inc", one) for one in ("ann", "bob"))
    inside = [at(Kind.ORGANIZATION_GROUP_MEMBER, "inc", "eng", one) for one in ("ann", "bob")]

    with pytest.raises(declarations.Lacking, match="needs membership of ann in organization"):
        put(tenant, inside[0])
    put(tenant, ann, bob, *inside)
    declarations.drop(actor=MIRA, tenant=tenant.slug, address=ann.key)

    assert {one for one in declared(tenant) if len(one.path) > 2 or one.path[-1] == "ann"} == {inside[1]}
    touched = Touched.objects.filter(scope=tenant.realm.scope, address=inside[0].key)
    assert touched.exists()


def test_a_group_of_an_organization_gets_another_place_with_all_below(tenant: Tenant) -> None:
    tree = [at(Kind.ORGANIZATION_GROUP, "inc", path) for path in ("a", "a/x", "b")]
    put(tenant, at(Kind.ORGANIZATION, "inc"), *tree)

    declarations.rename(actor=MIRA, tenant=tenant.slug, address=tree[0].key, revision=1, name="b/a")
    with pytest.raises(declarations.Lacking):
        declarations.rename(actor=MIRA, tenant=tenant.slug, address=tree[2].key, revision=1, name="no/b")

    assert {one.path[-1] for one in declared(tenant)} == {"inc", "b", "b/a", "b/a/x"}


def test_released_things_are_ours_no_more_and_nothing_is_asked_of_keycloak(tenant: Tenant) -> None:
    role = at(Kind.CLIENT_ROLE, "shop", "buyer")
    put(tenant, CLIENT, role)
    scope = scope_of(tenant)
    for address in (CLIENT, role):
        LedgerEntry.objects.create(scope=scope, address=address.key, applied_at=timezone.now())
    generation = scope.generation

    declarations.release(actor=MIRA, tenant=tenant.slug, addresses=[CLIENT.key])

    assert declared(tenant) == {}
    assert not scope.ledger.exists()
    assert not Touched.objects.filter(scope=scope, address__in=[CLIENT.key, role.key]).exists()
    assert scope_of(tenant).generation == generation
    assert AuditEvent.objects.filter(kind="tenants:declaration:release", tenant=tenant.slug).count() == 2


def test_a_secret_is_sealed_for_its_place_and_never_told(tenant: Tenant) -> None:
    scope = scope_of(tenant)
    kept = sealed(scope, CLIENT, {"secret": "very-secret"})
    put(tenant, CLIENT, secrets=kept, fields={"attributes": {"a": "1"}})

    assert secrets_of(scope)(CLIENT)["secret"].reveal() == "very-secret"
    stored = json.dumps([list(Declaration.objects.values("fields", "secrets")), kept])
    told = [(one.old, one.new, one.subject) for one in AuditEvent.objects.filter(tenant=tenant.slug)]
    assert "very-secret" not in stored
    assert "very-secret" not in json.dumps(told)
    assert AuditEvent.objects.get(tenant=tenant.slug, address=CLIENT.key).new["secret"] == "set"
    with pytest.raises(Refused, match="does not open"):
        put(tenant, at(Kind.CLIENT, "thief"), secrets=kept)
    with pytest.raises(Refused, match="has no secret bind_credential"):
        put(tenant, at(Kind.CLIENT, "thief"), secrets={"bind_credential": kept["secret"]})


def test_a_new_secret_is_a_change_and_an_edit_without_one_keeps_it(tenant: Tenant) -> None:
    scope = scope_of(tenant)
    put(tenant, CLIENT, secrets=sealed(scope, CLIENT, {"secret": "first"}), fields={"attributes": {"a": "1"}})
    first = declared(tenant)[CLIENT]
    assert first == {"attributes": {"a": "1", VERSION_KEY: ANY}}

    put(tenant, CLIENT, revision=1, fields={"attributes": {"a": "1"}})
    assert declared(tenant)[CLIENT] == first

    put(
        tenant,
        CLIENT,
        revision=2,
        fields={"attributes": {"a": "1"}},
        secrets=sealed(scope, CLIENT, {"secret": "second"}),
    )
    assert declared(tenant)[CLIENT] != first
    assert secrets_of(scope)(CLIENT)["secret"].reveal() == "second"


def test_a_mask_is_never_sealed(tenant: Tenant) -> None:
    with pytest.raises(Refused, match="masked secret"):
        sealed(scope_of(tenant), CLIENT, {"secret": "**********"})


def test_configuration_is_for_administrators_of_the_console_and_of_whole_realms(tenant: Tenant) -> None:
    with pytest.raises(Forbidden, match="tenants:declaration:edit"):
        put(tenant, CLIENT, actor=tenant_admin(tenant.slug))
    share = create_with_share(actor=MIRA, slug="share", name="Share", realm=tenant.realm_id)
    with pytest.raises(Refused, match="configuration is the realm's"):
        put(share, CLIENT)
    assert declared(tenant) == {}


def test_further_settings_of_a_realm_are_declared_and_those_not_named_stay(tenant: Tenant) -> None:
    edit_realm(
        actor=MIRA,
        tenant=tenant.slug,
        revision=1,
        values={"enabled": False, "ssl_required": "all", "events_expiration": 3600},
        secrets=sealed(tenant.realm.scope, at(Kind.REALM), {"smtp_password": "post"}),
    )
    edit_realm(actor=MIRA, tenant=tenant.slug, revision=2, values={"ssl_required": "none"})

    state = DatabaseTarget(tenant.realm.scope).read(Selection(frozenset({at(Kind.REALM)})))
    fields = state.resources[at(Kind.REALM)].fields
    assert (fields["enabled"], fields["ssl_required"], fields["events_expiration"]) == (False, "none", 3600)
    assert secrets_of(scope_of(tenant))(at(Kind.REALM))["smtp_password"].reveal() == "post"
    with pytest.raises(Refused, match="one of: all, external, none"):
        edit_realm(actor=MIRA, tenant=tenant.slug, revision=3, values={"ssl_required": "sometimes"})
    with pytest.raises(Refused, match="Browser flow: Keycloak does not work without one"):
        edit_realm(actor=MIRA, tenant=tenant.slug, revision=3, values={"browser_flow": ""})
