"""All of a realm, by plain calls, as one text: what nobody touched must be in it byte for byte as before."""

import json
from typing import Any

from console.keycloak.client import client_for
from console.transport import LONG, run
from tests.keycloak.world import World, in_order

LISTS = ("default-groups", "default-default-client-scopes", "default-optional-client-scopes")


def everything(world: World) -> str:
    """Return settings, roles, groups, clients, scopes, components, providers, people and what each has."""
    export = run(
        client_for(world.connection).post(
            world.path("partial-export"),
            query={"exportClients": True, "exportGroupsAndRoles": True},
            patience=LONG,
        )
    ).json
    found = [export, [_person(world, one) for one in world.get("users", briefRepresentation=False, max=1000)]]
    found += [world.get(one) for one in LISTS]
    found += [_group(world, one) for one in world.get("groups", briefRepresentation=False)]
    found += [world.get("users", "profile"), [_organization(world, one) for one in _organizations(world)]]
    return json.dumps(in_order(found), sort_keys=True, indent=1)


def _person(world: World, person: dict[str, Any]) -> Any:
    id = person["id"]
    return [person, world.get("users", id, "role-mappings"), world.get("users", id, "groups")]


def _group(world: World, group: dict[str, Any]) -> Any:
    return [group["path"], world.get("groups", group["id"], "children", briefRepresentation=False)]


def _organizations(world: World) -> list[dict[str, Any]]:
    if not world.get()["organizationsEnabled"]:
        return []
    return list(world.get("organizations", briefRepresentation=False, max=1000))


def _organization(world: World, organization: dict[str, Any]) -> Any:
    place = ("organizations", organization["id"])
    inside = [world.get(*place, one) for one in ("members", "identity-providers")]
    groups = world.get(*place, "groups", search="*", briefRepresentation=False)
    members = [world.get(*place, "groups", one["id"], "members") for one in groups]
    return [world.get(*place), *inside, groups, members]
