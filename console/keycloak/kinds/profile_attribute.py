"""A declared attribute of the user profile. A PUT replaces the whole profile, so all of it is sent back."""

from collections.abc import Sequence

from console.engine.operation import Action, Operation
from console.engine.state import Address, Fields, Kind, Resource
from console.keycloak.errors import Conflict
from console.keycloak.kinds.handler import Handler, Owner, present, resource, unchanged
from console.keycloak.realm import Json, Realm

ENTITLEMENTS = "entitlements"  # the attribute of people and groups that carries what they are entitled to


class ProfileAttributeHandler(Handler):
    """Declares attributes, and leaves those of others and the policy for undeclared ones alone."""

    kind = Kind.PROFILE_ATTRIBUTE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return one declared attribute."""
        found = _named(await _profile(realm), address.path[0])
        return [resource(self.kind, *address.path, fields=_fields(found))] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the attribute that is ours to declare; the others belong to the realm."""
        return await self.read(realm, Address(self.kind, (ENTITLEMENTS,)))

    def owner(self, operation: Operation) -> Owner:
        """Return the profile: it is one object."""
        return (self.kind,)

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write the profile with all operations in it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users (`users/profile`), and
        https://www.keycloak.org/docs/latest/server_admin/index.html#user-profile
        """
        whole = await _profile(realm.again())
        for operation in operations:
            _apply(whole, operation)
        await realm.put("users", "profile", json=whole)


async def _profile(realm: Realm) -> Json:
    found: Json = await realm.once("profile", lambda: realm.get("users", "profile"))
    return found


def _apply(whole: Json, operation: Operation) -> None:
    """Change the profile in hand; display name, validations and group of a changed attribute stay."""
    name, attributes = operation.address.path[0], whole.setdefault("attributes", [])
    found = _named(whole, name)
    if operation.action is Action.DELETE:
        whole["attributes"] = [one for one in attributes if one is not found]
    elif operation.action is Action.CREATE:
        if found:
            raise Conflict(f"The attribute “{name}” is declared already.", status=409)
        attributes.append({"name": name} | _representation(operation.after or {}))
    else:
        whole_attribute = present(found, what=f"The attribute “{name}”")
        unchanged(operation, resource(Kind.PROFILE_ATTRIBUTE, name, fields=_fields(whole_attribute)))
        whole_attribute.update(_representation(operation.after or {}))


def _named(whole: Json, name: str) -> Json | None:
    return next((one for one in whole.get("attributes", []) if one["name"] == name), None)


def _representation(fields: Fields) -> Json:
    return {
        "multivalued": fields["multivalued"],
        "permissions": {"view": sorted(fields["view"]), "edit": sorted(fields["edit"])},
    }


def _fields(found: Json) -> Json:
    permissions = found.get("permissions") or {}
    return {
        "multivalued": bool(found.get("multivalued")),
        "view": sorted(permissions.get("view", [])),
        "edit": sorted(permissions.get("edit", [])),
    }
