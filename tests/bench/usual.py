"""The same work as administrators write it: with python-keycloak, each thing looked up by its name.

`tests/bench/script.py` is the quickest that one connection can do: it lists what it can and knows the API
by heart. This one uses the library's own calls, one after the other, as its documentation shows them.
"""

from collections.abc import Iterable
from typing import Any

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakGetError

from console.keycloak.connection import Connection
from tests.bench.work import Somebody, Work

Json = dict[str, Any]


class UsualScript:
    """Speaks with one realm."""

    def __init__(self, connection: Connection, realm: str) -> None:
        self._admin = KeycloakAdmin(
            server_url=connection.url,
            realm_name=realm,
            user_realm_name="master",
            client_id=connection.client_id,
            client_secret_key=connection.client_secret.reveal(),
        )
        self._roles: dict[str, Json] = {}

    def bring(self, work: Work) -> int:
        """Bring the realm to the work, and return how many writes that took."""
        writes = sum(self._role(name, description) for name, description in work.roles.items())
        self._roles = {name: self._admin.get_realm_role(name) for name in work.roles}
        writes += sum(self._composite(name, included) for name, included in work.composites.items())
        writes += sum(self._client(name, redirect) for name, redirect in work.clients.items())
        writes += sum(self._group(path, role) for path, role in work.groups.items())
        ids = {path: self._admin.get_group_by_path(f"/{path}")["id"] for path in work.groups}
        return writes + sum(self._person(one, ids) for one in work.people)

    def _role(self, name: str, description: str) -> int:
        try:
            found = self._admin.get_realm_role(name)
        except KeycloakGetError:
            self._admin.create_realm_role({"name": name, "description": description})
            return 1
        if found.get("description") == description:
            return 0
        self._admin.update_realm_role(name, found | {"description": description})
        return 1

    def _composite(self, name: str, included: Iterable[str]) -> int:
        has = {one["name"] for one in self._admin.get_composite_realm_roles_of_role(name)}
        more, less = self._named(set(included) - has), self._named(has - set(included))
        if more:
            self._admin.add_composite_realm_roles_to_role(name, more)
        if less:
            self._admin.remove_composite_realm_roles_to_role(name, less)
        return bool(more) + bool(less)

    def _client(self, name: str, redirect: str) -> int:
        wanted = {"clientId": name, "name": name, "publicClient": True, "redirectUris": [redirect]}
        id = self._admin.get_client_id(name)
        if id is None:
            self._admin.create_client(wanted)
            return 1
        found = self._admin.get_client(id)
        if found["redirectUris"] == [redirect]:
            return 0
        self._admin.update_client(id, found | wanted)
        return 1

    def _group(self, path: str, role: str) -> int:
        writes = 0
        try:
            id = self._admin.get_group_by_path(f"/{path}")["id"]
        except KeycloakGetError:
            above, _, name = path.rpartition("/")
            parent = self._admin.get_group_by_path(f"/{above}")["id"] if above else None
            id, writes = self._admin.create_group({"name": name}, parent=parent), 1
        has = {one["name"] for one in self._admin.get_group_realm_roles(id)}
        if role not in has:
            self._admin.assign_group_realm_roles(id, self._named({role}))
            writes += 1
        return writes

    def _person(self, one: Somebody, groups: dict[str, str]) -> int:
        fields = {"email": one.email, "firstName": one.first_name, "lastName": one.last_name, "enabled": True}
        id, writes = self._admin.get_user_id(one.username), 0
        if id is None:
            id, writes = self._admin.create_user({"username": one.username} | fields), 1
        else:
            found = self._admin.get_user(id)
            if any(found.get(name) != value for name, value in fields.items()):
                self._admin.update_user(id, found | fields)
                writes = 1
        return writes + self._memberships(id, one, groups) + self._assignments(id, one)

    def _memberships(self, id: str, one: Somebody, groups: dict[str, str]) -> int:
        has = {found["path"][1:] for found in self._admin.get_user_groups(id)}
        for path in set(one.groups) - has:
            self._admin.group_user_add(id, groups[path])
        for path in has - set(one.groups):
            self._admin.group_user_remove(id, groups[path])
        return len(has ^ set(one.groups))

    def _assignments(self, id: str, one: Somebody) -> int:
        found = (role["name"] for role in self._admin.get_realm_roles_of_user(id))
        has = {name for name in found if not name.startswith("default-roles-")}
        more, less = self._named(set(one.roles) - has), self._named(has - set(one.roles))
        if more:
            self._admin.assign_realm_roles(id, more)
        if less:
            self._admin.delete_realm_roles_of_user(id, less)
        return bool(more) + bool(less)

    def _named(self, names: set[str]) -> list[Json]:
        return [self._roles[one] for one in sorted(names)]
