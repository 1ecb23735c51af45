"""The structure of a realm in one reply: roles with what they include, groups in their tree, role limits.

Keycloak's partial export only reads, although it is a POST: it leaves no admin event. It asks for the right
to manage the realm; who may only view it gets the same by lists, with a call for each group, role and client.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin
"""

from collections.abc import Mapping
from dataclasses import dataclass

from console.keycloak.errors import KeycloakError, understood
from console.keycloak.realm import Json, Realm

Path = tuple[str, ...]
Held = tuple[Path, Path]  # the paths of holder and role
REALM_CLIENT = ""  # what stands for the realm itself where roles are told by client


@dataclass(frozen=True)
class Exported:
    """What one export told. Roles are told by name, the same that a list of them tells by id."""

    groups: list[Json]
    roles: list[Json]
    client_roles: Mapping[str, list[Json]]
    limits: Mapping[str, list[Json]]  # by the client of the roles

    def client_roles_by_path(self) -> dict[Path, Json]:
        """Return the roles of clients by client and name."""
        return {(client, one["name"]): one for client, some in self.client_roles.items() for one in some}

    def included(self, *, in_clients: bool, of_clients: bool) -> list[Held]:
        """Return what composite roles of the realm, or of clients, include of the realm, or of clients."""
        of_realm = {(one["name"],): one for one in self.roles}
        holders = self.client_roles_by_path() if in_clients else of_realm
        return [
            (path, role)
            for path, one in holders.items()
            for role in _named(one.get("composites") or {}, of_clients)
        ]

    def limited(self, holder: str, *, of_clients: bool) -> list[Held]:
        """Return the roles that `client`s, or `clientScope`s, are limited to."""
        return [
            ((one[holder],), (name,) if client == REALM_CLIENT else (client, name))
            for client, some in self.limits.items()
            for one in some
            if holder in one and (client != REALM_CLIENT) == of_clients
            for name in one["roles"]
        ]


def _named(composites: Json, of_clients: bool) -> list[Path]:
    if not of_clients:
        return [(name,) for name in composites.get("realm") or ()]
    return [(client, name) for client, some in (composites.get("client") or {}).items() for name in some]


async def exported(realm: Realm) -> Exported | None:
    """Return the structure, or None where it must be read by lists: these say why if they cannot be, too."""
    return await realm.once("export", lambda: _exported(realm))


async def _exported(realm: Realm) -> Exported | None:
    try:
        with understood():
            return _read(await realm.export())
    except KeycloakError:
        return None


def _read(whole: Json) -> Exported:
    limits = {REALM_CLIENT: whole.get("scopeMappings") or []} | (whole.get("clientScopeMappings") or {})
    return Exported(
        groups=whole["groups"],
        roles=whole["roles"]["realm"],
        client_roles=whole["roles"]["client"],
        limits=limits,
    )
