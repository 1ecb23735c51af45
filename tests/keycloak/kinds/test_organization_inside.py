"""What is inside an organization, on a real Keycloak: groups, members, identity providers and roles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from console.engine.state import Address, Kind, Selection
from console.engine.target import Result
from console.graph.closure import Graph
from console.graph.edges import NodeKind, edges_of, person
from tests.keycloak.brokered import make_managed_member
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates
from tests.tokens import claims, login


@dataclass(frozen=True)
class Organization:
    """One organization with a member, a group and a neighbour of each."""

    alias: str
    id: str
    ann: str
    ann_id: str
    bob: str
    bob_id: str

    def group(self, path: str) -> Address:
        return at(Kind.ORGANIZATION_GROUP, self.alias, path)

    def groups(self, world: World) -> dict[str, Any]:
        found = world.get("organizations", self.id, "groups", search="*", briefRepresentation=False)
        return {one["path"].removeprefix("/"): one for one in found}

    def make_group(self, world: World, name: str, **more: Any) -> str:
        return str(world.post("organizations", self.id, "groups", json={"name": name, **more}).json["id"])

    def make_below(self, world: World, parent: str, name: str) -> str:
        place = ("organizations", self.id, "groups", parent, "children")
        return str(world.post(*place, json={"name": name}).json["id"])


@pytest.fixture
def acme(world: World) -> Organization:
    """An organization of its own, of which bob is a member and ann is none."""
    world.put(json={"organizationsEnabled": True})
    alias, ann, bob = fresh("acme"), fresh("ann"), fresh("bob")
    ids = [
        world.make("organizations", name=alias, alias=alias),
        world.make_person(ann),
        world.make_person(bob),
    ]
    world.post("organizations", ids[0], "members", json=ids[2])
    return Organization(alias, ids[0], ann, ids[1], bob, ids[2])


# --- groups ---


def test_a_tree_of_groups_goes_round(world: World, acme: Organization) -> None:
    root, child, target = acme.group("eng"), acme.group("eng/build"), world.target

    top = done(world.do(creates(root, description="Engineers")))
    made = done(world.do(creates(child, description="Builders")))
    changed = done(world.do(updates(child, id=made.id, description="Makers")))
    cleared = done(world.do(updates(root, id=top.id, before={"description": "Engineers"}, description="")))
    selected = {one.address: one for one in target.read(Selection(frozenset({root})))}
    everything = world.target.read(Selection.all())
    unread = failed(world.do(deletes(root, id=top.id)))
    done(target.execute([deletes(root, id=top.id)]))

    assert [one.fields["description"] for one in (top, made, changed, cleared)] == [
        "Engineers",
        "Builders",
        "Makers",
        "",
    ]
    assert selected == {one: everything.resources[one] for one in (root, child)}
    assert "nobody has seen" in unread.sentence
    assert acme.groups(world) == {}


def test_a_change_keeps_attributes_roles_members_and_neighbours(world: World, acme: Organization) -> None:
    role = world.make_role(fresh("role"))
    group = acme.make_group(world, "eng", attributes={"cost": ["1", "2"]})
    acme.make_group(world, "other", description="Theirs")
    place = ("organizations", acme.id, "groups", group)
    world.post(*place, "role-mappings", "realm", json=[role])
    world.put(*place, "members", acme.bob_id)
    before = acme.groups(world)

    done(world.do(updates(acme.group("eng"), description="New")))

    assert acme.groups(world) == before | {"eng": before["eng"] | {"description": "New"}}
    assert before["eng"]["realmRoles"] == [role["name"]]
    assert [one["username"] for one in world.get(*place, "members")] == [acme.bob]


def test_groups_of_realm_and_organization_do_not_mix(world: World, acme: Organization) -> None:
    """Keycloak keeps both in one table."""
    name = fresh("eng")
    world.make("groups", name=name)
    group = acme.make_group(world, name)
    acme.make_below(world, group, "build")
    world.put("organizations", acme.id, "groups", group, "members", acme.bob_id)

    everything = world.target.read(Selection.all())
    selected = world.read(at(Kind.GROUP, name), acme.group(name))

    assert [one.address.path for one in everything.of_kind(Kind.GROUP) if name in one.address.path[0]] == [
        (name,)
    ]
    assert {
        one.address
        for one in everything.of_kind(Kind.ORGANIZATION_GROUP)
        if one.address.path[0] == acme.alias
    } == {
        acme.group(name),
        acme.group(f"{name}/build"),
    }
    assert {one.address for one in selected} == {
        at(Kind.GROUP, name),
        acme.group(name),
        acme.group(f"{name}/build"),
    }
    assert not [one for one in everything.of_kind(Kind.MEMBERSHIP) if one.address.path[0] == acme.bob]
    assert world.read(at(Kind.MEMBERSHIP, acme.bob, name)) == []
    assert world.get("groups", "count", search=name)["count"] == 1


def test_a_foreign_twin_and_a_missing_parent_change_nothing(world: World, acme: Organization) -> None:
    acme.make_group(world, "eng", description="Theirs")
    before = acme.groups(world)

    twin = failed(world.do(creates(acme.group("eng"), description="Ours")))
    orphan = failed(world.do(creates(acme.group("nowhere/build"), description="")))
    stranger = failed(world.do(creates(at(Kind.ORGANIZATION_GROUP, "nowhere", "eng"), description="")))
    changed = failed(world.do(updates(acme.group("eng"), before={"description": "Old"}, description="New")))

    assert "not ours" in twin.sentence
    assert "group “nowhere”" in orphan.sentence
    assert "organization “nowhere” does not exist" in stranger.sentence
    assert "changed in Keycloak meanwhile" in changed.sentence
    assert acme.groups(world) == before


def test_a_group_keeps_id_members_roles_and_all_below_under_another_name_and_at_another_place(
    world: World, acme: Organization
) -> None:
    role = world.make_role(fresh("role"))
    group, other = acme.make_group(world, "eng", attributes={"cost": ["1"]}), acme.make_group(world, "other")
    below = acme.make_below(world, group, "build")
    place = ("organizations", acme.id, "groups", group)
    world.post(*place, "role-mappings", "realm", json=[role])
    world.put(*place, "members", acme.bob_id)

    named = done(world.do(renames(acme.group("eng"), acme.group("dev"), id=group)))
    moved = done(world.do(renames(acme.group("dev"), acme.group("other/makers"), id=group)))
    there = acme.groups(world)
    back = done(world.do(renames(acme.group("other/makers"), acme.group("makers"), id=group)))

    assert {one.id for one in (named, moved, back)} == {group}
    assert {path: one["id"] for path, one in there.items()} == {
        "other": other,
        "other/makers": group,
        "other/makers/build": below,
    }
    assert set(acme.groups(world)) == {"other", "makers", "makers/build"}
    found = acme.groups(world)["makers"]
    assert (found["realmRoles"], found["attributes"]) == ([role["name"]], {"cost": ["1"]})
    assert [one["username"] for one in world.get(*place, "members")] == [acme.bob]


def test_a_group_whose_name_is_taken_on_the_way_gets_its_new_one_first(
    world: World, acme: Organization
) -> None:
    group, other = acme.make_group(world, "eng"), acme.make_group(world, "other")
    acme.make_below(world, other, "eng")
    taken = failed(world.do(renames(acme.group("eng"), acme.group("other"), id=group)))
    crowded = failed(world.do(renames(acme.group("eng"), acme.group("other/eng"), id=group)))

    done(world.do(renames(acme.group("eng"), acme.group("other/new"), id=group)))

    assert "conflict" in taken.sentence
    assert "conflict" in crowded.sentence
    assert acme.groups(world)["other/new"]["id"] == group


def test_a_move_that_was_cut_off_half_way_is_ended(
    world: World, spoiled: World, forwarder: Forwarder, acme: Organization
) -> None:
    group = acme.make_group(world, "eng")
    acme.make_group(world, "other")
    forwarder.spoil("PUT", f"/groups/{group}", Fault(forwarded=False, cut_after=0))
    rename = renames(acme.group("eng"), acme.group("other/new"), id=group)

    half = failed(spoiled.do(rename))
    between = set(acme.groups(world))
    done(world.do(rename))

    assert half.retryable
    assert between == {"other", "other/eng"}
    assert acme.groups(world)["other/new"]["id"] == group


def test_a_group_is_not_renamed_where_others_moved_it(world: World, acme: Organization) -> None:
    group = acme.make_group(world, "elsewhere")

    moved = failed(world.do(renames(acme.group("eng"), acme.group("new"), id=group)))
    missing = failed(world.do(renames(acme.group("nowhere"), acme.group("new"))))

    assert "moved or renamed in Keycloak" in moved.sentence
    assert "does not exist" in missing.sentence
    assert set(acme.groups(world)) == {"elsewhere"}


def test_a_group_that_others_moved_or_made_anew_is_left_alone(world: World, acme: Organization) -> None:
    group = acme.make_group(world, "eng")

    missing = failed(world.do(updates(acme.group("old"), id=group, description="New")))
    strange = failed(world.do(deletes(acme.group("eng"), id="11111111-2222-3333-4444-555555555555")))

    assert "does not exist" in missing.sentence
    assert "moved or renamed in Keycloak" in strange.sentence
    assert "description" not in acme.groups(world)["eng"]


@pytest.mark.parametrize("fault", [Fault(cut_after=0), Fault(status=500)])
def test_a_group_whose_reply_was_lost_is_made_once(
    world: World, spoiled: World, forwarder: Forwarder, acme: Organization, fault: Fault
) -> None:
    """A sub group gets its description by a second call: a lost first reply leaves that to the next try."""
    forwarder.spoil("POST", "/groups", fault)
    forwarder.spoil("POST", "/children", fault)

    done(spoiled.do(creates(acme.group("eng"), description="Engineers")))
    half = failed(spoiled.do(creates(acme.group("eng/build"), description="Builders")))
    (found,) = world.read(acme.group("eng/build"))
    done(world.do(updates(found.address, id=found.id, before=found.fields, description="Builders")))

    assert half.retryable
    assert {path: one["description"] for path, one in acme.groups(world).items()} == {
        "eng": "Engineers",
        "eng/build": "Builders",
    }


def test_names_with_a_slash_are_said_and_are_no_paths(world: World, acme: Organization) -> None:
    acme.make_group(world, "x/y")

    state = world.target.read(Selection.all())

    assert acme.group("x/y") not in state
    assert "slash" in state.unreadable[acme.group("x/y")]
    assert world.read(acme.group("x/y")) == []


# --- links ---


def test_links_go_round_and_neighbours_stay(world: World, acme: Organization) -> None:
    role, theirs = world.make_role(fresh("role")), world.make_role(fresh("theirs"))
    client = world.make("clients", clientId=fresh("app"))
    client_id = world.get("clients", client)["clientId"]
    for name in ("reader", "other"):
        world.post("clients", client, "roles", json={"name": name})
    for alias in (provider := fresh("idp"), neighbour := fresh("idp")):
        world.post(
            "identity-provider", "instances", json={"alias": alias, "providerId": "oidc", "config": {}}
        )
    group = acme.make_group(world, "eng")
    place = ("organizations", acme.id, "groups", group)
    world.put(*place, "members", acme.bob_id)
    world.post(*place, "role-mappings", "realm", json=[theirs])
    world.post(
        *place, "role-mappings", "clients", client, json=[world.get("clients", client, "roles", "other")]
    )
    world.post("organizations", acme.id, "identity-providers", json=neighbour)
    before = of(world, acme)
    links = [
        at(Kind.ORGANIZATION_PROVIDER, acme.alias, provider),
        at(Kind.ORGANIZATION_MEMBER, acme.alias, acme.ann),
        at(Kind.ORGANIZATION_GROUP_MEMBER, acme.alias, "eng", acme.ann),
        at(Kind.ORGANIZATION_GROUP_ROLE, acme.alias, "eng", role["name"]),
        at(Kind.ORGANIZATION_GROUP_CLIENT_ROLE, acme.alias, "eng", client_id, "reader"),
    ]

    absent = world.read(*links)
    for link in links:
        done(world.do(creates(link)))
        done(world.do(creates(link)))  # again: it is there already
    there, selected = of(world, acme), {one.address for one in world.read(*links)}
    for link in reversed(links):
        done(world.do(deletes(link)))
        done(world.do(deletes(link)))

    assert absent == []
    assert selected == set(links)
    assert there == before | set(links)
    assert of(world, acme) == before
    assert len(before) == 5


def of(world: World, acme: Organization) -> set[Address]:
    """Return all links of an organization, by a complete read."""
    kinds = {
        Kind.ORGANIZATION_PROVIDER,
        Kind.ORGANIZATION_MEMBER,
        Kind.ORGANIZATION_GROUP_MEMBER,
        Kind.ORGANIZATION_GROUP_ROLE,
        Kind.ORGANIZATION_GROUP_CLIENT_ROLE,
    }
    found = world.target.read(Selection.all())
    assert not kinds & found.unreadable.keys()
    return {one.address for one in found if one.address.kind in kinds and one.address.path[0] == acme.alias}


def test_links_whose_reply_was_lost_are_read_back(
    world: World, spoiled: World, forwarder: Forwarder, acme: Organization
) -> None:
    role, provider = world.make_role(fresh("role")), fresh("idp")
    world.post("identity-provider", "instances", json={"alias": provider, "providerId": "oidc", "config": {}})
    group = acme.make_group(world, "eng")
    cut = Fault(cut_after=0)

    for method, ending, link in [
        ("POST", "/identity-providers", at(Kind.ORGANIZATION_PROVIDER, acme.alias, provider)),
        ("POST", "/members", at(Kind.ORGANIZATION_MEMBER, acme.alias, acme.ann)),
        ("PUT", f"/members/{acme.ann_id}", at(Kind.ORGANIZATION_GROUP_MEMBER, acme.alias, "eng", acme.ann)),
        (
            "POST",
            f"/{group}/role-mappings/realm",
            at(Kind.ORGANIZATION_GROUP_ROLE, acme.alias, "eng", role["name"]),
        ),
    ]:
        forwarder.spoil(method, ending, cut)
        done(spoiled.do(creates(link)))
        assert forwarder.count(method, ending) == 1
        assert [one.address for one in world.read(link)] == [link]


def test_what_is_missing_is_named(world: World, acme: Organization) -> None:
    acme.make_group(world, "eng")
    missing = {
        at(Kind.ORGANIZATION_PROVIDER, acme.alias, "nowhere"): "Identity provider",
        at(Kind.ORGANIZATION_MEMBER, acme.alias, "nobody"): "nobody",
        at(Kind.ORGANIZATION_MEMBER, "nowhere", acme.ann): "organization “nowhere”",
        at(Kind.ORGANIZATION_GROUP_MEMBER, acme.alias, "nowhere", acme.bob): "group “nowhere”",
        at(Kind.ORGANIZATION_GROUP_MEMBER, acme.alias, "eng", acme.ann): "not member of the organization",
        at(Kind.ORGANIZATION_GROUP_ROLE, acme.alias, "eng", "nothing"): "nothing",
        at(Kind.ORGANIZATION_GROUP_CLIENT_ROLE, acme.alias, "eng", "nowhere", "x"): "nowhere",
    }

    assert world.read(*missing) == []
    for address, words in missing.items():
        assert words.lower() in failed(world.do(creates(address))).sentence.lower()


def test_an_identity_provider_of_another_organization_is_not_taken_from_it(
    world: World, acme: Organization
) -> None:
    provider, other = fresh("idp"), fresh("other")
    world.post("identity-provider", "instances", json={"alias": provider, "providerId": "oidc", "config": {}})
    id = world.make("organizations", name=other, alias=other)
    world.post("organizations", id, "identity-providers", json=provider)

    outcome = failed(world.do(creates(at(Kind.ORGANIZATION_PROVIDER, acme.alias, provider))))

    assert "different organization" in outcome.sentence
    assert [one["alias"] for one in world.get("organizations", id, "identity-providers")] == [provider]


def test_a_change_of_an_identity_provider_leaves_it_in_its_organization(
    world: World, acme: Organization
) -> None:
    provider = fresh("idp")
    world.post("identity-provider", "instances", json={"alias": provider, "providerId": "oidc", "config": {}})
    world.post("organizations", acme.id, "identity-providers", json=provider)

    done(world.do(updates(at(Kind.IDENTITY_PROVIDER, provider), display_name="Corp")))

    assert [one["alias"] for one in world.get("organizations", acme.id, "identity-providers")] == [provider]


def test_one_bad_link_does_not_keep_its_neighbours(world: World, acme: Organization) -> None:
    links = [at(Kind.ORGANIZATION_MEMBER, acme.alias, one) for one in (acme.ann, "nobody", acme.bob)]

    outcomes = world.do(*map(creates, links))

    assert [one.result for one in outcomes] == [Result.DONE, Result.FAILED, Result.DONE]


def test_more_members_than_a_page_are_all_read(
    world: World, acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.keycloak import organizations

    group = acme.make_group(world, "eng")
    names = [fresh("many") for _ in range(12)]
    for name in names:
        person = world.make_person(name)
        world.post("organizations", acme.id, "members", json=person)
        world.put("organizations", acme.id, "groups", group, "members", person)
    monkeypatch.setattr(organizations, "LINKS_PAGE", 5)

    found = set(world.target.read(Selection.all()).resources)

    assert {at(Kind.ORGANIZATION_MEMBER, acme.alias, one) for one in names} <= found
    assert {at(Kind.ORGANIZATION_GROUP_MEMBER, acme.alias, "eng", one) for one in names} <= found


# --- people whose account belongs to the organization ---


def test_who_belongs_to_an_organization_altogether_is_not_taken_out(
    world: World, acme: Organization, keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    """Keycloak deletes the account of a managed member that leaves, and with an organization all of them."""
    home, domain = World(keycloak_connection, realm_name("home")), f"{acme.alias}.org"
    home.make_realm()
    full = world.get("organizations", acme.id) | {"domains": [{"name": domain}]}
    world.put("organizations", acme.id, json=full)
    username = make_managed_member(world, home, organization_id=acme.id, domain=domain)
    link = at(Kind.ORGANIZATION_MEMBER, acme.alias, username)

    (found,) = world.read(link)
    left = failed(world.do(deletes(link)))
    deleted = failed(world.do(deletes(at(Kind.ORGANIZATION, acme.alias))))

    assert found.address == link
    assert f"The account of {username} belongs to the organization" in left.sentence
    assert "Accounts of people belong to this organization" in deleted.sentence
    (person,) = world.get("organizations", acme.id, "members", search=username)
    assert person["membershipType"] == "MANAGED"
    world.delete("organizations", acme.id, "members", person["id"])  # what was kept from happening
    assert world.find("users", person["id"]) is None


def test_the_roles_of_an_organizations_group_reach_nobody(world: World, acme: Organization) -> None:
    """Measured on 26.7.5: neither the effective roles of a member nor her tokens have them, nor our graph."""
    role, client = world.make_role(fresh("role")), fresh("app")
    world.make("clients", clientId=client, publicClient=True, directAccessGrantsEnabled=True)
    world.put("users", acme.bob_id, "reset-password", json={"type": "password", "value": "pw"})
    place = ("organizations", acme.id, "groups", acme.make_group(world, "eng"))
    world.put(*place, "members", acme.bob_id)
    world.post(*place, "role-mappings", "realm", json=[role])

    effective = {
        one["name"] for one in world.get("users", acme.bob_id, "role-mappings", "realm", "composite")
    }
    tokens = [token_of(world, client, acme.bob, scope) for scope in ("openid", "openid organization")]
    graph = Graph(edges_of(world.target.read(Selection.all())))
    rights = graph.rights_of(person(acme.bob))

    assert role["name"] in {edge.target.name for edge in graph.edges}
    assert {one.name for one in rights if one.kind is NodeKind.ROLE} == effective
    assert role["name"] not in effective
    assert tokens[1]["organization"] == [acme.alias]
    for token in tokens:
        assert "offline_access" in token["realm_access"]["roles"]
        assert role["name"] not in token["realm_access"]["roles"]


def token_of(world: World, client: str, username: str, scope: str) -> dict[str, Any]:
    """Return the claims of an access token that a login gives."""
    return claims(world.connection, world.name, **login(client, username, password="pw", scope=scope))
