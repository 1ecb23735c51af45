"""A required action. Keycloak brings them; they are changed, or registered again, and never taken away."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.errors import Permanent
from console.keycloak.kinds.handler import ObjectHandler, present, resource, unchanged
from console.keycloak.realm import Json, Realm, is_clear
from console.keycloak.representing import read_fields, written

NAMES = {"name": "name", "enabled": "enabled", "default_action": "defaultAction", "priority": "priority"}
_PLACE = ("authentication", "required-actions")


class RequiredActionHandler(ObjectHandler):
    """Reads and writes whether and when an action is asked; its settings stay.

    Keycloak takes another alias in a PUT, and everybody of whom the action was asked keeps the old one: so
    there is no rename.
    """

    kind = Kind.REQUIRED_ACTION

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the action of that alias, if it is registered."""
        return [one for one in await self.read_all(realm) if one.address == address]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all registered actions."""
        return [_resource(one) for one in await _actions(realm) if is_clear(one["alias"])]

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Register it, unless the realm came with it, and change it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_authentication_management
        """
        alias = operation.address.path[0]
        if await _named(realm.again(), alias) is None:
            name = (operation.after or {}).get("name") or alias
            await realm.post(
                "authentication", "register-required-action", json={"providerId": alias, "name": name}
            )
        await self.update(realm, operation)

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_authentication_management.

        A PUT replaces all, the settings too.
        """
        alias = operation.address.path[0]
        whole = present(await _named(realm.again(), alias), what=f"The required action “{alias}”")
        unchanged(operation, _resource(whole))
        await realm.put(*_PLACE, alias, json=whole | written(NAMES, operation.after or {}))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Raise Permanent: the realm would come back without it."""
        raise Permanent("A required action belongs to Keycloak and is never taken away.")


async def _actions(realm: Realm) -> list[Json]:
    found: list[Json] = await realm.once("required actions", lambda: realm.get(*_PLACE))
    return found


async def _named(realm: Realm, alias: str) -> Json | None:
    return next((one for one in await _actions(realm) if one["alias"] == alias), None)


def _resource(found: Json) -> Resource:
    return resource(
        Kind.REQUIRED_ACTION, found["alias"], fields=read_fields(Kind.REQUIRED_ACTION, NAMES, found)
    )
