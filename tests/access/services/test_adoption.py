"""Taking over, without Keycloak: what is left and why, whose things they are, and what is given up."""

from typing import Any

import pytest
from django.utils import timezone

from access.models import Entitlement, EntitlementType, Group, Membership, Person, Role
from access.services import roles
from access.services.adoption import adopt
from access.services.shares import create_with_share
from console.audit.models import AuditEvent
from console.engine.state import Address, Kind, Resource, State
from console.sync.cause import Forbidden
from console.sync.commands import Gone, Refused
from console.sync.models import LedgerEntry, Scope, Touched
from console.sync.observed import replace_all
from tenants.models import Declaration, Realm, Tenant
from tenants.secrets import VERSION_KEY, sealed
from tenants.services import servers
from tenants.services.observing import observe
from tenants.services.tenants import edit_realm
from tests.factories import MIRA, at, tenant_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def old() -> Tenant:
    server = servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s-3cret")
    return observe(actor=MIRA, server=server.pk, realm="old", slug="old", name="Old")


def read(*found: Resource) -> None:
    replace_all(Scope.objects.get(), State.of(found), now=timezone.now())


def person(username: str, **fields: Any) -> Resource:
    return Resource(at(Kind.PERSON, username), {"email": "", "enabled": True} | fields)


def take(*addresses: Address, actor: Any = MIRA, tenant: str = "old") -> Any:
    return adopt(actor=actor, tenant=tenant, addresses=[one.key for one in addresses])


def test_what_cannot_be_ours_is_left_with_a_sentence_and_the_rest_is_taken(old: Tenant) -> None:
    read(
        person("ann", email="a@example.org", first_name="Ann"),
        person("ben", email="A@example.org"),
        person("Über Mensch"),
        Resource(at(Kind.ROLE, "reader")),
        Resource(at(Kind.ROLE, "a|b")),
        Resource(at(Kind.ROLE, "offline_access")),
        Resource(at(Kind.ROLE, "default-roles-old")),
        Resource(at(Kind.COMPOSITE, "default-roles-old", "offline_access")),
        Resource(at(Kind.PERSON_ROLE, "ann", "default-roles-old")),
        Resource(at(Kind.PERSON_ROLE, "ann", "reader")),
        Resource(at(Kind.PERSON_ROLE, "ben", "reader")),
        Resource(at(Kind.CLIENT, "account")),
        Resource(at(Kind.CLIENT, "https://x/y")),
    )

    left = adopt(actor=MIRA, tenant="old", everything=True)

    assert {one.key: why for one, why in left.items()} == {
        "person:ben": "ann has the same e-mail, which one person only may have here.",
        at(Kind.PERSON, "Über Mensch").key: left[at(Kind.PERSON, "Über Mensch")],
        "role:a%7Cb": "A name cannot hold |",
        "role:default-roles-old": "Keycloak's own: known, linked to, never changed.",
        "role:offline_access": "Keycloak's own: known, linked to, never changed.",
        "composite:default-roles-old|offline_access": "Keycloak's own: known, linked to, never changed.",
        "person-role:ann|default-roles-old": "Keycloak's own: known, linked to, never changed.",
        "person-role:ben|reader": "Person ben is not managed here.",
        "client:account": "Keycloak's own: known, linked to, never changed.",
        at(Kind.CLIENT, "https://x/y").key: "A name must not contain a slash or a backslash.",
    }
    assert list(Person.objects.values_list("username", "first_name")) == [("ann", "Ann")]
    assert list(Role.objects.values_list("name", flat=True)) == ["reader"]
    assert set(Touched.objects.values_list("address", flat=True)) == {
        "person:ann",
        "role:reader",
        "person-role:ann|reader",
    }
    assert not Scope.objects.get().is_observed


def test_entitlements_come_with_their_types_and_the_carrier_only_if_it_is_ours(old: Tenant) -> None:
    read(
        person("ann"),
        Resource(at(Kind.ENTITLEMENT, "person", "ann", "package:demo:READ")),
        Resource(at(Kind.ENTITLEMENT, "person", "ann", "package:demo:WRITE")),
        Resource(at(Kind.ENTITLEMENT, "person", "ann", "anything else")),
    )

    left = adopt(actor=MIRA, tenant="old", everything=True)

    assert list(left.values()) == ["It is no value of the form type:resource:LEVEL."]
    assert sorted(EntitlementType.objects.get(name="package").levels) == ["READ", "WRITE"]
    assert Entitlement.objects.count() == 2
    assert not Realm.objects.get().has_carrier


def test_masks_secrets_and_unknown_values_stay_in_keycloak(old: Tenant) -> None:
    config = {"clientSecret": "**********", "clientId": "us", "tokenUrl": "https://x"}
    read(
        Resource(at(Kind.IDENTITY_PROVIDER, "google"), {"provider": "oidc", "config": config}),
        Resource(at(Kind.CLIENT, "shop"), {"protocol": "cas", "name": "Shop"}),
    )

    adopt(actor=MIRA, tenant="old", everything=True)

    fields = dict(Declaration.objects.values_list("address", "fields"))
    assert fields["identity-provider:google"]["config"] == {"clientId": "us", "tokenUrl": "https://x"}
    assert fields["client:shop"] == {"name": "Shop"}


def test_of_what_is_managed_only_the_managed_fields_become_theirs(old: Tenant) -> None:
    read(Resource(at(Kind.CLIENT, "shop"), {"name": "Shop", "attributes": {"a": "1"}}))
    take(at(Kind.CLIENT, "shop"))
    row = Declaration.objects.get()
    kept = sealed(old.realm.scope, row.at, {"secret": "very-secret"})
    Declaration.objects.update(fields={"name": "Shop", "attributes": {"a": "1"}}, secrets=kept)
    version = {VERSION_KEY: kept["secret"]["version"]}

    theirs = {"name": "Store", "description": "x", "attributes": {"a": "2", "b": "3"} | version}
    read(Resource(at(Kind.CLIENT, "shop"), theirs))
    take(at(Kind.CLIENT, "shop"))
    row.refresh_from_db()
    assert row.fields == {"name": "Store", "attributes": {"a": "2"}}
    assert row.secrets == kept

    read(Resource(at(Kind.CLIENT, "shop"), theirs | {"attributes": {"a": "2"}}))
    take(at(Kind.CLIENT, "shop"))
    row.refresh_from_db()
    assert row.secrets == {}  # it was replaced there: ours would come back with the next change


def test_what_is_gone_there_is_given_up_with_all_that_hangs_on_it(old: Tenant) -> None:
    read(
        Resource(at(Kind.ROLE, "reader")),
        person("ann"),
        Resource(at(Kind.GROUP, "data")),
        Resource(at(Kind.GROUP, "data/eng")),
        Resource(at(Kind.MEMBERSHIP, "ann", "data/eng")),
        Resource(at(Kind.CLIENT, "shop")),
        Resource(at(Kind.SERVICE_ROLE, "shop", "reader")),
    )
    adopt(actor=MIRA, tenant="old", everything=True)
    read(person("ann"), Resource(at(Kind.CLIENT, "shop")))

    with pytest.raises(Refused, match="Groups stand below data here"):
        take(at(Kind.GROUP, "data"))
    take(at(Kind.ROLE, "reader"), at(Kind.GROUP, "data/eng"), at(Kind.GROUP, "data"))

    assert not Role.objects.exists()
    assert not Group.objects.exists()
    assert not Membership.objects.exists()
    assert list(Declaration.objects.values_list("address", flat=True)) == ["client:shop"]


def test_of_a_share_only_its_own_declared_things_are_taken(old: Tenant) -> None:
    Scope.objects.update(mode=Scope.Mode.MANAGED)
    share = create_with_share(actor=MIRA, slug="birch", name="Birch", realm=old.realm_id)
    mine = tenant_admin("birch")
    roles.create(actor=MIRA, tenant="birch", name="birch:reader")
    roles.create(actor=MIRA, tenant="old", name="others")
    read(
        Resource(at(Kind.ROLE, "birch:reader"), {"description": "Theirs"}),
        Resource(at(Kind.ROLE, "birch:new")),
        Resource(at(Kind.ROLE, "others"), {"description": "Theirs"}),
        person("stranger"),
    )

    take(at(Kind.ROLE, "birch:reader"), actor=mine, tenant="birch")
    assert Role.objects.get(name="birch:reader").description == "Theirs"

    for foreign in (at(Kind.ROLE, "others"), at(Kind.ROLE, "birch:new"), at(Kind.PERSON, "stranger")):
        with pytest.raises(Refused, match="for the realm's administrators"):
            take(foreign, actor=mine, tenant="birch")
        with pytest.raises(Refused, match="for the realm's administrators"):
            take(foreign, tenant="birch")
    with pytest.raises(Refused, match="for the realm's administrators"):
        adopt(actor=MIRA, tenant="birch", everything=True)
    with pytest.raises(Forbidden):
        take(at(Kind.CLIENT, "shop"), actor=mine, tenant="birch")
    with pytest.raises(Gone):
        take(at(Kind.ROLE, "others"), actor=mine, tenant="old")
    assert Role.objects.get(name="others").description == ""
    assert share.is_share


def test_every_thing_taken_is_recorded_once(old: Tenant) -> None:
    read(Resource(at(Kind.ROLE, "reader")), person("ann"), Resource(at(Kind.CLIENT, "shop")))

    adopt(actor=MIRA, tenant="old", everything=True)

    rows = AuditEvent.objects.filter(tenant="old", kind="access:adoption:create")
    assert sorted(rows.values_list("address", flat=True)) == ["client:shop", "person:ann", "role:reader"]


def test_settings_are_not_edited_before_they_are_taken_over(old: Tenant) -> None:
    Scope.objects.update(mode=Scope.Mode.MANAGED)
    with pytest.raises(Refused, match="Adopt the realm's settings first"):
        edit_realm(actor=MIRA, tenant="old", revision=1, values={"enabled": False})

    read(Resource(at(Kind.REALM), {"access_token_lifespan": 9000, "sso_session_max": 60}))
    with pytest.raises(Refused, match="tokens live longer"):
        take(at(Kind.REALM))

    read(Resource(at(Kind.REALM), {"access_token_lifespan": 90, "ssl_required": "all"}))
    take(at(Kind.REALM))
    realm = Realm.objects.get()
    assert (realm.is_declared, realm.access_token_lifespan, realm.more) == (True, 90, {"ssl_required": "all"})
    assert not LedgerEntry.objects.exists()
