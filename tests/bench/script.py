"""The same work by a script as people write it: one call after the other, one connection, one token.

It compares what it must, writes what differs, and keeps no record of anything.
"""

import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.transport import run
from tests.bench.work import Somebody, Work

Json = Any
PAGE = 100  # what the API gives unless it is asked for more


class Script:
    """Speaks with one realm. The token is renewed with the console's own client, which costs it nothing."""

    def __init__(self, connection: Connection, realm: str) -> None:
        self._client = client_for(connection)
        parts = urlsplit(connection.url)
        self._http = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=60)
        self._base = f"/admin/realms/{realm}"
        self.calls = 0

    def call(self, method: str, path: str, body: Json = None, **query: Any) -> Json:
        """Return the JSON of one call. Raises RuntimeError for what Keycloak refuses."""
        headers = {
            "Authorization": f"Bearer {run(self._client.token()).reveal()}",
            "Content-Type": "application/json",
        }
        asked = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        self._http.request(method, asked, body=None if body is None else json.dumps(body), headers=headers)
        answer = self._http.getresponse()
        text = answer.read()
        self.calls += 1
        if answer.status >= 300:
            raise RuntimeError(f"{method} {asked}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None

    def bring(self, work: Work) -> int:
        """Bring the realm to the work, and return how many writes that took."""
        writes = self._roles(work, {one["name"]: one for one in self.call("GET", "/roles", max=1000)})
        roles = {one["name"]: one for one in self.call("GET", "/roles", max=1000)}
        writes += self._composites(work, roles) + self._clients(work)
        groups, more = self._groups(work, roles)
        writes += more + self._people(work, roles, groups)
        return writes

    def _roles(self, work: Work, found: dict[str, Json]) -> int:
        writes = 0
        for name, description in work.roles.items():
            if name not in found:
                self.call("POST", "/roles", {"name": name, "description": description})
                writes += 1
            elif found[name].get("description") != description:
                whole = self.call("GET", f"/roles-by-id/{found[name]['id']}")
                self.call("PUT", f"/roles-by-id/{found[name]['id']}", whole | {"description": description})
                writes += 1
        return writes

    def _composites(self, work: Work, roles: dict[str, Json]) -> int:
        writes = 0
        for name, included in work.composites.items():
            path = f"/roles-by-id/{roles[name]['id']}/composites"
            has = {one["name"] for one in self.call("GET", f"{path}/realm")}
            writes += self._put(path, has, set(included), roles)
        return writes

    def _put(self, path: str, has: set[str], wanted: set[str], roles: dict[str, Json]) -> int:
        """Give and take roles at one place, and return how many calls that took."""
        writes = 0
        for method, names in (("POST", wanted - has), ("DELETE", has - wanted)):
            if names:
                self.call(method, path, [{"id": roles[one]["id"], "name": one} for one in sorted(names)])
                writes += 1
        return writes

    def _clients(self, work: Work) -> int:
        found = {one["clientId"]: one for one in self.call("GET", "/clients")}
        writes = 0
        for name, redirect in work.clients.items():
            whole = found.get(name, {})
            wanted = {"clientId": name, "name": name, "publicClient": True, "redirectUris": [redirect]}
            if not whole:
                self.call("POST", "/clients", wanted)
            elif whole["redirectUris"] != [redirect]:
                self.call("PUT", f"/clients/{whole['id']}", whole | wanted)
            writes += not whole or whole["redirectUris"] != [redirect]
        return writes

    def _groups(self, work: Work, roles: dict[str, Json]) -> tuple[dict[str, str], int]:
        ids = {one["name"]: one["id"] for one in self.call("GET", "/groups", max=1000)}
        for name, id in list(ids.items()):
            below = self.call("GET", f"/groups/{id}/children", max=1000)
            ids |= {f"{name}/{one['name']}": one["id"] for one in below}
        writes = 0
        for path, role in work.groups.items():
            if path not in ids:
                above, _, name = path.rpartition("/")
                self.call("POST", f"/groups/{ids[above]}/children" if above else "/groups", {"name": name})
                ids[path] = self.call("GET", f"/group-by-path/{quote(path)}")["id"]
                writes += 1
            where = f"/groups/{ids[path]}/role-mappings/realm"
            has = {one["name"] for one in self.call("GET", where)}
            writes += self._put(where, has, {role}, roles)
        return ids, writes

    def _people(self, work: Work, roles: dict[str, Json], groups: dict[str, str]) -> int:
        found: dict[str, Json] = {}
        while page := self.call("GET", "/users", first=len(found), max=PAGE):
            found |= {one["username"]: one for one in page}
        return sum(self._person(one, found.get(one.username), roles, groups) for one in work.people)

    def _person(self, one: Somebody, whole: Json, roles: dict[str, Json], groups: dict[str, str]) -> int:
        fields = {"email": one.email, "firstName": one.first_name, "lastName": one.last_name, "enabled": True}
        writes = 0
        if whole is None:
            self.call("POST", "/users", {"username": one.username} | fields)
            whole = self.call("GET", "/users", username=one.username, exact="true")[0]
            writes, in_groups, has = 1, set[str](), set[str]()
        else:
            if any(whole.get(name) != value for name, value in fields.items()):
                self.call("PUT", f"/users/{whole['id']}", whole | fields)
                writes = 1
            in_groups = {found["path"][1:] for found in self.call("GET", f"/users/{whole['id']}/groups")}
            mapped = self.call("GET", f"/users/{whole['id']}/role-mappings/realm")
            has = {role["name"] for role in mapped if not role["name"].startswith("default-roles-")}
        for method, paths in (("PUT", set(one.groups) - in_groups), ("DELETE", in_groups - set(one.groups))):
            for path in sorted(paths):
                self.call(method, f"/users/{whole['id']}/groups/{groups[path]}")
                writes += 1
        return writes + self._put(f"/users/{whole['id']}/role-mappings/realm", has, set(one.roles), roles)
