"""The user profile and its declared attributes. A PUT replaces the whole profile, so all is sent back."""

from collections.abc import Sequence

from console.engine.kinds import is_given
from console.engine.operation import Action, Operation
from console.engine.state import Address, Fields, Kind, Resource
from console.keycloak.errors import Conflict, Permanent
from console.keycloak.kinds.handler import Handler, Owner, present, resource, text, unchanged
from console.keycloak.realm import Json, Realm, is_clear

ENTITLEMENTS = "entitlements"  # the attribute of people and groups that carries what they are entitled to
EVERYBODY = ["admin", "user"]


class UserProfileHandler(Handler):
    """Says what holds for attributes that nobody declared; attributes and their groups stay."""

    kind = Kind.USER_PROFILE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the profile: every realm has one."""
        return await self.read_all(realm)

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the profile: every realm has one."""
        return [_resource(await _profile(realm))]

    def owner(self, operation: Operation) -> Owner:
        """Return the profile: it is one object."""
        return _PROFILE

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write the policy. It is made with the realm, so a creation finds it there.

        https://www.keycloak.org/docs/latest/server_admin/index.html#_understanding-unmanaged-attributes
        """
        whole = await _profile(realm.again())
        for operation in operations:
            if operation.action is Action.DELETE:
                raise Permanent("The user profile belongs to the realm and is never taken away.")
            unchanged(operation, _resource(whole))
            policy = (operation.after or {}).get("unmanaged_attributes", "")
            whole["unmanagedAttributePolicy"] = policy or None
        await realm.put("users", "profile", json=whole)


class ProfileAttributeHandler(Handler):
    """Declares attributes, and leaves those of others and the policy for undeclared ones alone."""

    kind = Kind.PROFILE_ATTRIBUTE

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return one declared attribute."""
        found = _named(await _profile(realm), address.path[0])
        return [_attribute(found)] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all declared attributes, Keycloak's own among them."""
        return [
            _attribute(one) for one in (await _profile(realm)).get("attributes", []) if is_clear(one["name"])
        ]

    def owner(self, operation: Operation) -> Owner:
        """Return the profile: it is one object."""
        return _PROFILE

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write the profile with all operations in it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users (`users/profile`), and
        https://www.keycloak.org/docs/latest/server_admin/index.html#user-profile
        """
        whole = await _profile(realm.again())
        for operation in operations:
            _apply(whole, operation)
        await realm.put("users", "profile", json=whole)


_PROFILE = (Kind.PROFILE_ATTRIBUTE,)


async def _profile(realm: Realm) -> Json:
    found: Json = await realm.once("profile", lambda: realm.get("users", "profile"))
    return found


def _apply(whole: Json, operation: Operation) -> None:
    """Change the profile in hand; annotations and whatever else a changed attribute has stay."""
    name, attributes = operation.address.path[0], whole.setdefault("attributes", [])
    found, after = _named(whole, name), operation.after or {}
    if operation.action is Action.DELETE:
        whole["attributes"] = [one for one in attributes if one is not found]
    elif operation.action is Action.CREATE and found is None:
        attributes.append(_merged({"name": name}, after))
    elif operation.action is Action.CREATE and not is_given(operation.address):
        raise Conflict(f"The attribute “{name}” is declared already.", status=409)
    else:
        there = present(found, what=f"The attribute “{name}”")
        unchanged(operation, _attribute(there))
        attributes[attributes.index(there)] = _merged(there, after)


def _named(whole: Json, name: str) -> Json | None:
    return next((one for one in whole.get("attributes", []) if one["name"] == name), None)


def _merged(there: Json, fields: Fields) -> Json:
    """Return an attribute with these fields. Empty is left out: Keycloak looks for a group ""."""
    plain = {"displayName": "display_name", "group": "group", "validations": "validations"}
    changed: Json = {key: fields[name] or None for key, name in plain.items() if name in fields}
    if "multivalued" in fields:
        changed["multivalued"] = fields["multivalued"]
    if {"view", "edit"} & fields.keys():
        wanted = {key: sorted(fields[key]) for key in ("view", "edit") if key in fields}
        changed["permissions"] = (there.get("permissions") or {}) | wanted
    if "required" in fields:
        changed["required"] = _required(there, fields["required"])
    return {key: value for key, value in (there | changed).items() if value is not None}


def _required(there: Json, roles: Sequence[str]) -> Json | None:
    """Return for whom it is required. An object without roles would mean everybody; scopes of others stay."""
    return (there.get("required") or {}) | {"roles": sorted(roles)} if roles else None


def _attribute(found: Json) -> Resource:
    permissions, required = found.get("permissions") or {}, found.get("required")
    fields = {
        "multivalued": bool(found.get("multivalued")),
        "view": sorted(permissions.get("view", [])),
        "edit": sorted(permissions.get("edit", [])),
        "display_name": text(found.get("displayName")),
        "required": [] if required is None else sorted(required.get("roles") or EVERYBODY),
        "validations": found.get("validations") or {},
        "group": text(found.get("group")),
    }
    return resource(Kind.PROFILE_ATTRIBUTE, found["name"], fields=fields)


def _resource(found: Json) -> Resource:
    return resource(
        Kind.USER_PROFILE, fields={"unmanaged_attributes": text(found.get("unmanagedAttributePolicy"))}
    )
