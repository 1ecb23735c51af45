"""What a declared realm asks of Keycloak: its settings, the carrier of entitlements, and its declarations.

The carrier is a user-profile attribute that only administrators see and set, and a client scope
whose mapper unites a person's values with those of all her groups (docs/platforms/entitlements.md).
"""

from collections.abc import Iterator
from typing import Any

from console.engine.state import Address, Kind, Resource, Selection
from console.sync.desired import provide
from console.sync.models import Scope
from tenants.models import Declaration, Realm
from tenants.secrets import marked

ATTRIBUTE = "entitlements"
CARRIER = "gatehouse-entitlements"

REALM = Address(Kind.REALM, ())
REALM_FIELDS = (
    "display_name",
    "enabled",
    "access_token_lifespan",
    "sso_session_idle",
    "sso_session_max",
    "login_with_email",
    "registration_allowed",
    "brute_force_protected",
)
MAPPER: dict[str, Any] = {
    "type": "oidc-usermodel-attribute-mapper",
    "config": {
        "user.attribute": ATTRIBUTE,
        "claim.name": ATTRIBUTE,
        "jsonType.label": "String",
        "multivalued": "true",
        # Without it a person's own value hides the values of her groups.
        "aggregate.attrs": "true",
        "id.token.claim": "true",
        "access.token.claim": "true",
        "userinfo.token.claim": "true",
        "introspection.token.claim": "true",
    },
}
CARRIERS = (
    Resource(
        Address(Kind.PROFILE_ATTRIBUTE, (ATTRIBUTE,)),
        {"multivalued": True, "view": ["admin"], "edit": ["admin"]},
    ),
    Resource(
        Address(Kind.CLIENT_SCOPE, (CARRIER,)),
        {
            "description": "Entitlements of the person and of all her groups",
            "protocol": "openid-connect",
            "in_token": False,
            "on_consent_screen": False,
        },
    ),
    Resource(Address(Kind.MAPPER, (CARRIER, ATTRIBUTE)), MAPPER),
    Resource(Address(Kind.DEFAULT_SCOPE, (CARRIER,))),
)
FIRST = (REALM, *(one.address for one in CARRIERS))


def register() -> None:
    provide(resources)


def resources(scope: Scope, selection: Selection) -> Iterator[Resource]:
    """Yield what is declared for a realm beside its roles, groups and people: two queries at most."""
    if any(address in selection for address in FIRST):
        realm = Realm.objects.filter(scope=scope).first()
        if realm is not None and realm.is_declared:
            yield Resource(REALM, marked(REALM, fields_of(realm), realm.secrets))
        if realm is not None and realm.has_carrier:
            yield from CARRIERS
    yield from _declared(scope, selection)


def _declared(scope: Scope, selection: Selection) -> Iterator[Resource]:
    rows = Declaration.objects.filter(realm__scope=scope)
    if not selection.everything:
        rows = rows.filter(address__among=[one.key for one in selection.addresses])
    for key, fields, secrets in rows.values_list("address", "fields", "secrets"):
        address = Address.parse(key)
        yield Resource(address, marked(address, fields, secrets))


def fields_of(realm: Realm) -> dict[str, Any]:
    """Return the settings that we manage: those that every realm has here, and the further ones."""
    return {name: getattr(realm, name) for name in REALM_FIELDS} | dict(realm.more)
