"""Declared configuration brought to the real Keycloak: secrets are written, and seen nowhere."""

import json
from typing import Any

import pytest

from console.audit.models import AuditEvent
from console.engine.state import Kind
from console.sync.commands import Refused
from console.sync.models import Plan, Step
from tenants.models import Declaration
from tenants.secrets import VERSION_KEY, sealed
from tests.factories import Platform, at

CLIENT = at(Kind.CLIENT, "shop")


def put(platform: Platform, secret: str = "", revision: int | None = None, **fields: Any) -> Plan:
    typed = {"secret": secret} if secret else {}
    one = {
        "address": CLIENT.key,
        "fields": fields,
        "revision": revision,
        "secrets": sealed(platform.scope, CLIENT, typed),
    }
    return platform.do("tenants:declaration:put", declarations=[one])


def kept_secret(platform: Platform) -> str:
    (found,) = platform.keycloak.get("clients", clientId="shop")
    return str(platform.keycloak.get("clients", found["id"], "client-secret")["value"])


def test_a_client_with_a_secret_comes_to_keycloak_and_a_new_secret_too(platform: Platform) -> None:
    put(platform, secret="first-secret", name="Shop", redirect_uris=["https://shop.example/back"])
    assert kept_secret(platform) == "first-secret"

    plan = put(platform, secret="second-secret", revision=1, name="Shop")
    assert kept_secret(platform) == "second-secret"
    assert [one["action"] for one in plan.operations] == ["update"]

    put(platform, revision=2, name="Store")
    assert kept_secret(platform) == "second-secret"
    (found,) = platform.keycloak.get("clients", clientId="shop")
    assert (found["name"], found["redirectUris"]) == ("Store", ["https://shop.example/back"])
    assert found["attributes"][VERSION_KEY]

    stored = [
        list(Plan.objects.filter(tenant=platform.tenant).values()),
        list(Declaration.objects.values()),
        list(Step.objects.values()),
        list(AuditEvent.objects.filter(tenant=platform.tenant).values("old", "new", "reason", "subject")),
        list(platform.scope.observed.values("fields")),
        list(platform.scope.ledger.values("fields")),
    ]
    told = json.dumps(stored, default=str)
    assert "first-secret" not in told
    assert "second-secret" not in told


def test_what_is_no_longer_managed_stays_in_keycloak(platform: Platform) -> None:
    one = {"address": "client:kept", "fields": {"name": "Kept"}}
    platform.do("tenants:declaration:put", declarations=[one])

    plan = platform.preview("tenants:declaration:release", addresses=["client:kept"])
    assert plan.operations == []
    platform.apply(plan)

    assert platform.ledger(at(Kind.CLIENT, "kept")) is None
    assert not Declaration.objects.filter(address="client:kept").exists()
    assert platform.keycloak.get("clients", clientId="kept")[0]["name"] == "Kept"


def test_what_is_dropped_goes_with_what_hangs_on_it(platform: Platform) -> None:
    wanted = ["client:gone", "client-role:gone|buyer"]
    platform.do("tenants:declaration:put", declarations=[{"address": one} for one in wanted])
    assert platform.keycloak.get("clients", clientId="gone")

    platform.do("tenants:declaration:drop", address="client:gone")

    assert platform.keycloak.get("clients", clientId="gone") == []
    assert platform.ledger(at(Kind.CLIENT_ROLE, "gone", "buyer")) is None


def test_a_new_name_keeps_the_id_and_the_secret(platform: Platform) -> None:
    address = at(Kind.CLIENT, "old-name")
    kept = sealed(platform.scope, address, {"secret": "very-secret"})
    one = {"address": address.key, "secrets": kept}
    platform.do("tenants:declaration:put", declarations=[one])
    (before,) = platform.keycloak.get("clients", clientId="old-name")

    platform.do("tenants:declaration:rename", address=address.key, revision=1, name="new-name")

    (after,) = platform.keycloak.get("clients", clientId="new-name")
    assert after["id"] == before["id"]
    assert platform.keycloak.get("clients", after["id"], "client-secret")["value"] == "very-secret"


PARTNER = at(Kind.IDENTITY_PROVIDER, "partner")
DIRECTORY = at(Kind.DIRECTORY, "corporate")
LDAP = {
    "authType": "simple",
    "bindDn": "cn=reader",
    "connectionUrl": "ldap://127.0.0.1:9",
    "editMode": "READ_ONLY",
    "rdnLDAPAttribute": "uid",
    "userObjectClasses": "person",
    "usernameLDAPAttribute": "uid",
    "usersDn": "ou=people,dc=example,dc=org",
    "uuidLDAPAttribute": "entryUUID",
    "vendor": "other",
}


def test_a_replaced_secret_of_a_provider_is_a_change_and_then_there_is_none(platform: Platform) -> None:
    fields = {"provider": "oidc", "config": {"clientId": "us", "tokenUrl": "https://p.example/token"}}
    for revision, secret in ((None, "first-secret"), (1, "second-secret")):
        kept = sealed(platform.scope, PARTNER, {"client_secret": secret})
        one = {"address": PARTNER.key, "fields": fields, "revision": revision, "secrets": kept}
        plan = platform.do("tenants:declaration:put", declarations=[one])
        assert len(plan.operations) == 1

    again = {"address": PARTNER.key, "fields": fields, "revision": 2}
    plan = platform.preview("tenants:declaration:put", declarations=[again])
    assert plan.operations == []
    assert plan.findings == []


def test_a_password_of_a_directory_goes_with_another_change_or_is_refused(platform: Platform) -> None:
    def change(secret: str, revision: int | None, **config: str) -> Plan:
        kept = sealed(platform.scope, DIRECTORY, {"bind_credential": secret})
        fields = {"provider": "ldap", "config": LDAP | config}
        one = {"address": DIRECTORY.key, "fields": fields, "revision": revision, "secrets": kept}
        return platform.do("tenants:declaration:put", declarations=[one])

    change("first-secret", None)
    with pytest.raises(Refused, match="would never be written") as caught:
        change("second-secret", 1)
    assert caught.value.field == "secret_bind_credential"

    plan = change("second-secret", 1, bindDn="cn=other")
    assert len(plan.operations) == 1


def test_what_keycloak_brings_into_a_realm_of_ours_is_changed_without_adoption(platform: Platform) -> None:
    """In a realm that was adopted, somebody else may have set it: there it must be adopted first."""
    address = at(Kind.REQUIRED_ACTION, "UPDATE_PASSWORD")
    (before,) = (one for one in _actions(platform) if one["alias"] == "UPDATE_PASSWORD")
    one = {"address": address.key, "fields": {"enabled": False}}
    platform.scope.ledger.filter(address="realm:").update(is_made=False)
    refused = platform.preview("tenants:declaration:put", declarations=[one])
    platform.scope.ledger.filter(address="realm:").update(is_made=True)

    plan = platform.do("tenants:declaration:put", declarations=[one])

    assert before["enabled"]
    assert refused.operations == []
    assert "is not ours: it differs in enabled" in refused.findings[0]["sentence"]
    assert [one["action"] for one in plan.operations] == ["update"]
    (after,) = (one for one in _actions(platform) if one["alias"] == "UPDATE_PASSWORD")
    assert after == before | {"enabled": False}


def test_the_ledger_knows_what_was_made_here(platform: Platform) -> None:
    assert platform.scope.ledger.get(address="realm:").is_made


def _actions(platform: Platform) -> list[dict[str, Any]]:
    return list(platform.keycloak.get("authentication", "required-actions"))
