"""Samples of roles, groups, people, and what entitles them."""

from console.engine.state import Address, Kind
from tests.contract.samples.sample import Sample, each, thing
from tests.keycloak.world import World, at

DECLARED = thing(Kind.PROFILE_ATTRIBUTE, "entitlements", multivalued=True, view=["admin"], edit=["admin"])


def _role(world: World) -> None:
    world.post("roles", json={"name": "tried-role", "description": "A stranger's"})


def _plant_role(world: World) -> None:
    found = world.get("roles", "tried-role")
    world.put("roles-by-id", found["id"], json=found | {"attributes": {"theirs": ["1", "2"]}})
    world.post("roles-by-id", found["id"], "composites", json=[world.get("roles", "offline_access")])


def _group(world: World) -> None:
    world.post("groups", json={"name": "tried-group", "description": "A stranger's"})


def _plant_group(world: World) -> None:
    (found,) = world.get("groups", search="tried-group", exact=True, briefRepresentation=False)
    kept = {"id": found["id"], "name": found["name"], "description": found.get("description", "")}
    world.put("groups", found["id"], json=kept | {"attributes": {"theirs": ["1", "2"]}})
    role = world.get("roles", "offline_access")
    world.post("groups", found["id"], "role-mappings", "realm", json=[role])


def _person(world: World) -> None:
    world.make_person("tried-person", lastName="Stranger")


def _plant_person(world: World) -> None:
    (found,) = world.get("users", username="tried-person", exact=True, briefRepresentation=False)
    world.put(
        "users", found["id"], json=found | {"emailVerified": True, "requiredActions": ["CONFIGURE_TOTP"]}
    )
    role = world.get("roles", "offline_access")
    world.post("users", found["id"], "role-mappings", "realm", json=[role])


SAMPLES = (
    Sample(
        address=at(Kind.ROLE, "tried-role"),
        fields={"description": "Reads"},
        changes=each(description="Reads and writes"),
        renamed=at(Kind.ROLE, "tried-role-anew"),
        stranger=_role,
        plant=_plant_role,
    ),
    Sample(
        address=at(Kind.GROUP, "tried-group"),
        fields={"description": "Engineers"},
        changes=each(description="All engineers"),
        ground=(thing(Kind.GROUP, "tried-above"),),
        renamed=at(Kind.GROUP, "tried-group-anew"),
        moved=at(Kind.GROUP, "tried-above/tried-group"),
        stranger=_group,
        plant=_plant_group,
    ),
    Sample(
        address=at(Kind.PERSON, "tried-person"),
        fields={"email": "tried@example.org", "first_name": "Ann", "last_name": "Lee"},
        changes=each(first_name="Anna", last_name="Lee-Smith", email="anna@example.org", enabled=False),
        renamed=at(Kind.PERSON, "tried-person-anew"),
        stranger=_person,
        plant=_plant_person,
    ),
    Sample(
        address=Address.parse("entitlement:person|entitled|package:demo:READ"),
        ground=(DECLARED, thing(Kind.PERSON, "entitled")),
        beside=(thing(Kind.ENTITLEMENT, "person", "entitled", "package:demo:WRITE"),),
    ),
    Sample(
        address=Address.parse("entitlement:client|entitled-robot|package:demo:READ"),
        ground=(DECLARED, thing(Kind.CLIENT, "entitled-robot", service_accounts=True)),
        beside=(thing(Kind.ENTITLEMENT, "client", "entitled-robot", "package:*:WRITE"),),
    ),
)
