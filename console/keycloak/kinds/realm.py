"""The realm itself. A PUT leaves out what stays: absent keys are kept, and masked secrets never sent back.

Measured on Keycloak 26.7.5: of the maps in a realm, a PUT merges the security headers, and replaces
attributes and the mail server. A mail server that is sent without its password loses it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from console.engine.operation import Operation
from console.engine.state import Address, Fields, Kind, Resource
from console.keycloak.errors import Conflict, Permanent
from console.keycloak.kinds.handler import ObjectHandler, present, resource, unchanged
from console.keycloak.realm import Json, Realm
from console.keycloak.representing import (
    filled,
    lost_if_written,
    masked_keys,
    read_fields,
    refuse_secret_keys,
    shown,
    written,
)
from console.keycloak.secrets import Secret, unsaid
from console.transport import LONG

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#RealmRepresentation
FLOWS: Mapping[str, str] = {
    "browser_flow": "browserFlow",
    "direct_grant_flow": "directGrantFlow",
    "registration_flow": "registrationFlow",
    "reset_credentials_flow": "resetCredentialsFlow",
    "client_authentication_flow": "clientAuthenticationFlow",
    "first_broker_login_flow": "firstBrokerLoginFlow",
}
NAMES: Mapping[str, str] = {
    "display_name": "displayName",
    "enabled": "enabled",
    "login_with_email": "loginWithEmailAllowed",
    "registration_allowed": "registrationAllowed",
    "registration_email_as_username": "registrationEmailAsUsername",
    "edit_username_allowed": "editUsernameAllowed",
    "reset_password_allowed": "resetPasswordAllowed",
    "remember_me": "rememberMe",
    "verify_email": "verifyEmail",
    "duplicate_emails_allowed": "duplicateEmailsAllowed",
    "user_managed_access": "userManagedAccessAllowed",
    "organizations_enabled": "organizationsEnabled",
    "ssl_required": "sslRequired",
    "password_policy": "passwordPolicy",
    "default_signature_algorithm": "defaultSignatureAlgorithm",
    "access_token_lifespan": "accessTokenLifespan",
    "access_token_lifespan_implicit": "accessTokenLifespanForImplicitFlow",
    "sso_session_idle": "ssoSessionIdleTimeout",
    "sso_session_max": "ssoSessionMaxLifespan",
    "sso_session_idle_remember_me": "ssoSessionIdleTimeoutRememberMe",
    "sso_session_max_remember_me": "ssoSessionMaxLifespanRememberMe",
    "client_session_idle": "clientSessionIdleTimeout",
    "client_session_max": "clientSessionMaxLifespan",
    "offline_session_idle": "offlineSessionIdleTimeout",
    "offline_session_max_enabled": "offlineSessionMaxLifespanEnabled",
    "offline_session_max": "offlineSessionMaxLifespan",
    "access_code_lifespan": "accessCodeLifespan",
    "access_code_lifespan_login": "accessCodeLifespanLogin",
    "access_code_lifespan_user_action": "accessCodeLifespanUserAction",
    "action_token_admin": "actionTokenGeneratedByAdminLifespan",
    "action_token_user": "actionTokenGeneratedByUserLifespan",
    "revoke_refresh_token": "revokeRefreshToken",
    "refresh_token_max_reuse": "refreshTokenMaxReuse",
    "brute_force_protected": "bruteForceProtected",
    "permanent_lockout": "permanentLockout",
    "failure_factor": "failureFactor",
    "wait_increment": "waitIncrementSeconds",
    "max_failure_wait": "maxFailureWaitSeconds",
    "max_delta_time": "maxDeltaTimeSeconds",
    "quick_login_check": "quickLoginCheckMilliSeconds",
    "minimum_quick_login_wait": "minimumQuickLoginWaitSeconds",
    "events_enabled": "eventsEnabled",
    "events_expiration": "eventsExpiration",
    "admin_events_enabled": "adminEventsEnabled",
    "admin_events_details": "adminEventsDetailsEnabled",
    "event_listeners": "eventsListeners",
    "login_theme": "loginTheme",
    "account_theme": "accountTheme",
    "admin_theme": "adminTheme",
    "email_theme": "emailTheme",
    "internationalization": "internationalizationEnabled",
    "supported_locales": "supportedLocales",
    "default_locale": "defaultLocale",
    **FLOWS,
}
_SETTINGS = frozenset(NAMES.values())
MAIL_SECRETS = frozenset({"password", "authTokenClientSecret"})


class RealmHandler(ObjectHandler):
    """Reads and writes the settings of a realm. Of its maps, keys that are not declared stay."""

    kind = Kind.REALM

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the realm, if it is there and ours to see."""
        return await self.read_all(realm)

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the realm, if it is there and ours to see."""
        found = await realm.representation()
        return [] if found is None else [_resource(found)]

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin.

        The id is ours, so a realm that we made and whose reply was lost is told from a stranger's.
        """
        secret = await realm.secret(operation.address, "smtp_password")
        named = {"realm": realm.name, "id": id_of_our_realm(realm)}
        with unsaid(secret):
            await realm.create_itself(named | _representation(operation.after or {}, {}, secret))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Send what changed. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        before, after = operation.before or {}, operation.after or {}
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        whole = await _same_realm(realm, operation)
        unchanged(operation, _resource(whole))
        await refuse_missing_flows(realm, {name: changed[name] for name in FLOWS if name in changed})
        secret = await realm.secret(operation.address, "smtp_password")
        with unsaid(secret):
            await realm.put(json={"realm": realm.name} | _representation(changed, whole, secret))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete all. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        if realm.name == "master":
            raise Permanent("The realm “master” is never deleted.")
        await _same_realm(realm, operation)
        await realm.delete(patience=LONG)


def id_of_our_realm(realm: Realm) -> str:
    """Return the id that a realm gets when we create it."""
    return str(uuid5(NAMESPACE_URL, f"gatehouse:realm:{realm.name}"))


async def refuse_missing_flows(realm: Realm, wanted: Fields) -> None:
    """Raise Permanent, naming it, for a flow that is not there: Keycloak answers with an internal error.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_authentication_management
    """
    if not wanted:
        return
    there = {one["alias"] for one in await realm.get("authentication", "flows")}
    for alias in wanted.values():
        if alias not in there:
            raise Permanent(f"There is no authentication flow “{alias}” in this realm. Nothing was sent.")


async def _same_realm(realm: Realm, operation: Operation) -> Json:
    """Return the realm as it is now. Raises Conflict if it was made anew by somebody else."""
    found = present(await realm.again().representation(), what="The realm")
    if operation.id and found["id"] != operation.id:
        raise Conflict("Keycloak has another realm of this name now. Nothing was changed.", status=409)
    return found


def _representation(fields: Fields, whole: Json, secret: Secret | None) -> Json:
    maps: dict[str, Any] = {}
    if "attributes" in fields:
        maps["attributes"] = _attributes(whole.get("attributes") or {}, fields)
    if "security_headers" in fields:
        maps["browserSecurityHeaders"] = dict(fields["security_headers"])
    if "smtp" in fields or (secret and whole.get("smtpServer")):
        maps["smtpServer"] = _mail(whole.get("smtpServer") or {}, fields.get("smtp", {}), secret)
    return written(NAMES, fields) | maps


def _attributes(there: Json, fields: Fields) -> Json:
    """Return all attributes. Raises Permanent for one that is a setting, too: Keycloak shows some twice."""
    for name, key in NAMES.items():
        if key in fields["attributes"]:
            raise Permanent(f"The attribute “{key}” is managed as “{name}”. Nothing was sent.")
    twice = {key: str(value) for key, value in written(NAMES, fields).items() if key in there}
    return filled(there, fields["attributes"]) | twice


def _mail(there: Json, wanted: Json, secret: Secret | None) -> Json:
    """Return the whole mail server. Raises Permanent where its password would be lost."""
    refuse_secret_keys(wanted, MAIL_SECRETS)
    mail = filled(there, wanted)
    if mail.get("auth") != "true":
        return mail
    if secret:
        key = "authTokenClientSecret" if mail.get("authType") == "token" else "password"
        return mail | {key: secret.reveal()}
    if masked_keys(there):
        raise lost_if_written("the password of the mail server")
    return mail


def _resource(found: Json) -> Resource:
    attributes = found.get("attributes") or {}
    maps = {
        "smtp": shown(found.get("smtpServer")),
        "security_headers": shown(found.get("browserSecurityHeaders")),
        "attributes": shown({key: one for key, one in attributes.items() if key not in _SETTINGS}),
    }
    return resource(Kind.REALM, fields=read_fields(Kind.REALM, NAMES, found) | maps, id=found["id"])
