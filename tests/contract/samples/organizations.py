"""Samples of organizations, and of what is inside them."""

from typing import Any

from console.engine.state import Kind
from tests.contract.samples.sample import Sample, each, thing
from tests.keycloak.world import World, at

GROUND = (
    thing(Kind.ORGANIZATION, "inc", name="Inc"),
    thing(Kind.ORGANIZATION_GROUP, "inc", "eng"),
    thing(Kind.ORGANIZATION_GROUP, "inc", "eng/build"),
    thing(Kind.IDENTITY_PROVIDER, "inc-one", provider="oidc"),
    thing(Kind.IDENTITY_PROVIDER, "inc-two", provider="oidc"),
    thing(Kind.PERSON, "inc-ann"),
    thing(Kind.PERSON, "inc-bob"),
    thing(Kind.ROLE, "inc-reader"),
    thing(Kind.ROLE, "inc-writer"),
    thing(Kind.CLIENT, "inc-shop"),
    thing(Kind.CLIENT_ROLE, "inc-shop", "buyer"),
    thing(Kind.CLIENT_ROLE, "inc-shop", "seller"),
)
MEMBERS = (
    thing(Kind.ORGANIZATION_MEMBER, "inc-members", "inc-ann"),
    thing(Kind.ORGANIZATION_MEMBER, "inc-members", "inc-bob"),
)


def _at(world: World, alias: str) -> dict[str, Any]:
    (found,) = [one for one in world.get("organizations", max=1000) if one["alias"] == alias]
    return dict(world.get("organizations", found["id"]))


def _organization(world: World) -> None:
    world.post("organizations", json={"name": "tried", "alias": "tried", "description": "A stranger's"})


def _plant_organization(world: World) -> None:
    found = _at(world, "tried")
    domains = [{"name": "a.example.org", "verified": True}]
    theirs = {"domains": domains, "attributes": (found.get("attributes") or {}) | {"theirs": ["1", "2"]}}
    world.put("organizations", found["id"], json=found | theirs)
    world.post("organizations", found["id"], "groups", json={"name": "theirs"})


def _group(world: World) -> None:
    place = ("organizations", _at(world, "inc")["id"], "groups")
    world.post(*place, json={"name": "tried", "description": "A stranger's"})


def _plant_group(world: World) -> None:
    place = ("organizations", _at(world, "inc")["id"], "groups")
    (found,) = [one for one in world.get(*place, search="tried") if one["name"] == "tried"]
    kept = {
        "name": "tried",
        "description": found.get("description", ""),
        "attributes": {"theirs": ["1", "2"]},
    }
    world.put(*place, found["id"], json=kept)
    world.post(*place, found["id"], "role-mappings", "realm", json=[world.get("roles", "offline_access")])


SAMPLES = (
    Sample(
        address=at(Kind.ORGANIZATION, "tried"),
        fields={"name": "Tried", "domains": ["a.example.org"]},
        changes=(
            *each(
                name="Tried again",
                enabled=False,
                description="Suppliers",
                redirect_url="https://tried.example.org",
                domains=["a.example.org", "b.example.org"],
                attributes={"cost": "7", "sites": ["Berlin", "Wien"]},
            ),
            {"attributes": {"cost": "", "sites": "Wien"}},
        ),
        stranger=_organization,
        plant=_plant_organization,
    ),
    Sample(
        address=at(Kind.ORGANIZATION_GROUP, "inc", "tried"),
        fields={"description": "Engineers"},
        changes=each(description="All engineers"),
        ground=GROUND,
        renamed=at(Kind.ORGANIZATION_GROUP, "inc", "renamed"),
        moved=at(Kind.ORGANIZATION_GROUP, "inc", "eng/moved"),
        beside=(thing(Kind.ORGANIZATION_GROUP, "inc", "beside", description="Theirs"),),
        stranger=_group,
        plant=_plant_group,
    ),
    Sample(
        address=at(Kind.ORGANIZATION_PROVIDER, "inc", "inc-one"),
        ground=GROUND,
        beside=(thing(Kind.ORGANIZATION_PROVIDER, "inc", "inc-two"),),
    ),
    Sample(
        address=at(Kind.ORGANIZATION_MEMBER, "inc", "inc-ann"),
        ground=GROUND,
        beside=(thing(Kind.ORGANIZATION_MEMBER, "inc", "inc-bob"),),
    ),
    Sample(
        address=at(Kind.ORGANIZATION_GROUP_MEMBER, "inc-members", "eng", "inc-ann"),
        ground=(
            *GROUND,
            thing(Kind.ORGANIZATION, "inc-members", name="Members"),
            thing(Kind.ORGANIZATION_GROUP, "inc-members", "eng"),
            *MEMBERS,
        ),
        beside=(thing(Kind.ORGANIZATION_GROUP_MEMBER, "inc-members", "eng", "inc-bob"),),
    ),
    Sample(
        address=at(Kind.ORGANIZATION_GROUP_ROLE, "inc", "eng/build", "inc-reader"),
        ground=GROUND,
        beside=(
            thing(Kind.ORGANIZATION_GROUP_ROLE, "inc", "eng/build", "inc-writer"),
            thing(Kind.ORGANIZATION_GROUP_CLIENT_ROLE, "inc", "eng/build", "inc-shop", "seller"),
        ),
    ),
    Sample(
        address=at(Kind.ORGANIZATION_GROUP_CLIENT_ROLE, "inc", "eng/build", "inc-shop", "buyer"),
        ground=GROUND,
        beside=(
            thing(Kind.ORGANIZATION_GROUP_CLIENT_ROLE, "inc", "eng/build", "inc-shop", "seller"),
            thing(Kind.ORGANIZATION_GROUP_ROLE, "inc", "eng/build", "inc-writer"),
        ),
    ),
)
