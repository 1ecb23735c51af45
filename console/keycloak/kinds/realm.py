"""The realm itself. A PUT leaves out what stays: absent keys are kept, and masked secrets never sent back."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from console.engine.operation import Operation
from console.engine.state import Address, Fields, Kind, Resource
from console.keycloak.errors import Conflict, Permanent
from console.keycloak.kinds.handler import ObjectHandler, present, resource, text, unchanged
from console.keycloak.realm import Json, Realm
from console.transport import LONG

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#RealmRepresentation
NAMES: Mapping[str, str] = {
    "display_name": "displayName",
    "enabled": "enabled",
    "access_token_lifespan": "accessTokenLifespan",
    "sso_session_idle": "ssoSessionIdleTimeout",
    "sso_session_max": "ssoSessionMaxLifespan",
    "login_with_email": "loginWithEmailAllowed",
    "registration_allowed": "registrationAllowed",
    "brute_force_protected": "bruteForceProtected",
}


class RealmHandler(ObjectHandler):
    """Reads and writes the eight managed settings of a realm."""

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
        named = {"realm": realm.name, "id": id_of_our_realm(realm)}
        await realm.create_itself(named | _representation(operation.after or {}))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Send what changed. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        before, after = operation.before or {}, operation.after or {}
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        unchanged(operation, _resource(await _same_realm(realm, operation)))
        await realm.put(json={"realm": realm.name} | _representation(changed))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete all. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
        if realm.name == "master":
            raise Permanent("The realm “master” is never deleted.")
        await _same_realm(realm, operation)
        await realm.delete(patience=LONG)


def id_of_our_realm(realm: Realm) -> str:
    """Return the id that a realm gets when we create it."""
    return str(uuid5(NAMESPACE_URL, f"gatehouse:realm:{realm.name}"))


async def _same_realm(realm: Realm, operation: Operation) -> Json:
    """Return the realm as it is now. Raises Conflict if it was made anew by somebody else."""
    found = present(await realm.again().representation(), what="The realm")
    if operation.id and found["id"] != operation.id:
        raise Conflict("Keycloak has another realm of this name now. Nothing was changed.", status=409)
    return found


def _representation(fields: Fields) -> Json:
    return {NAMES[key]: value for key, value in fields.items()}


def _resource(found: Json) -> Resource:
    fields = {key: found.get(name) for key, name in NAMES.items()}
    named = {"display_name": text(found.get("displayName"))}
    return resource(Kind.REALM, fields=fields | named, id=found["id"])
