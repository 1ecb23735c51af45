"""Random worlds from a small alphabet, so that everything meets everything."""

import random
from dataclasses import replace

from hypothesis import strategies as st

from console.engine.kinds import KINDS, REALM, SWITCH_OF, depth_of, needs, spec_of
from console.engine.memory import Refused
from console.engine.rebase import rebased
from console.engine.renames import Renames
from console.engine.state import Address, Fields, Kind, Resource, Selection, State
from tests.engine.world import FaultyMemory, World, resource, world

GROUPS = ["a", "b", "c", "d", "a/b", "a/c", "b/a", "b/c", "c/d", "a/b/c", "a/b/d", "b/a/c", "d/a"]
ROLES = ["r", "s", "t", "u"]
PEOPLE = ["ann", "bob", "cem"]
CLIENTS = ["shop", "store"]
CLIENT_ROLES = [("shop", "r"), ("shop", "s"), ("store", "r")]
ORGANIZATION_GROUPS = {"acme": ["a", "b", "a/b", "b/c", "a/b/c"], "beta": ["a", "a/b"]}
IN_ORGANIZATIONS = [(alias, path) for alias, paths in ORGANIZATION_GROUPS.items() for path in paths]
VALUES = ["package:one:READ", "package:two:READ"]
OBJECTS = (
    [Address(Kind.GROUP, (path,)) for path in GROUPS]
    + [Address(Kind.ROLE, (name,)) for name in ROLES]
    + [Address(Kind.PERSON, (name,)) for name in PEOPLE]
    + [Address(Kind.CLIENT_SCOPE, ("sc",)), Address(Kind.MAPPER, ("sc", "m"))]
    + [Address(Kind.PROFILE_ATTRIBUTE, ("entitlements",)), Address(Kind.REQUIRED_ACTION, ("TOTP",))]
    + [Address(Kind.CLIENT, (name,)) for name in CLIENTS]
    + [Address(Kind.CLIENT_ROLE, one) for one in CLIENT_ROLES]
    + [Address(Kind.CLIENT_MAPPER, ("shop", "m"))]
    + [Address(Kind.ORGANIZATION, (alias,)) for alias in ORGANIZATION_GROUPS]
    + [Address(Kind.ORGANIZATION_GROUP, place) for place in IN_ORGANIZATIONS]
)
LINKS = (
    [Address(Kind.COMPOSITE, (one, other)) for one in ROLES for other in ROLES if one != other]
    + [Address(Kind.GROUP_ROLE, (group, role)) for group in GROUPS for role in ROLES]
    + [Address(Kind.MEMBERSHIP, (who, group)) for who in PEOPLE for group in GROUPS]
    + [Address(Kind.PERSON_ROLE, (who, role)) for who in PEOPLE for role in ROLES]
    + [Address(Kind.ENTITLEMENT, ("group", group, value)) for group in GROUPS for value in VALUES]
    + [Address(Kind.ENTITLEMENT, ("person", who, value)) for who in PEOPLE for value in VALUES]
    + [Address(Kind.ENTITLEMENT, ("client", client, value)) for client in CLIENTS for value in VALUES]
    + [Address(Kind.SERVICE_MEMBERSHIP, (client, group)) for client in CLIENTS for group in GROUPS]
    + [Address(Kind.DEFAULT_SCOPE, ("sc",))]
    + [Address(Kind.CLIENT_DEFAULT_SCOPE, (client, "sc")) for client in CLIENTS]
    + [Address(Kind.PERSON_CLIENT_ROLE, (who, *one)) for who in PEOPLE for one in CLIENT_ROLES]
    + [Address(Kind.GROUP_CLIENT_ROLE, (group, *one)) for group in GROUPS for one in CLIENT_ROLES]
    + [Address(Kind.COMPOSITE_CLIENT_ROLE, (role, *one)) for role in ROLES for one in CLIENT_ROLES]
    + [Address(Kind.CLIENT_COMPOSITE, (*one, role)) for role in ROLES for one in CLIENT_ROLES]
    + [Address(Kind.CLIENT_COMPOSITE_CLIENT_ROLE, ("shop", "r", "store", "r"))]
    + [Address(Kind.SERVICE_CLIENT_ROLE, ("shop", "store", "r"))]
    + [Address(Kind.ORGANIZATION_GROUP_ROLE, (*place, role)) for place in IN_ORGANIZATIONS for role in "rs"]
    + [Address(Kind.ORGANIZATION_GROUP_CLIENT_ROLE, (*place, "shop", "r")) for place in IN_ORGANIZATIONS]
    + [Address(Kind.ORGANIZATION_MEMBER, (alias, who)) for alias in ORGANIZATION_GROUPS for who in PEOPLE]
    + [Address(Kind.ORGANIZATION_GROUP_MEMBER, (*place, who)) for place in IN_ORGANIZATIONS for who in PEOPLE]
)
VARIED = {
    Kind.ROLE: {"description": ["", "x"]},
    Kind.GROUP: {"description": ["", "x"]},
    Kind.PERSON: {"email": ["", "x@y.example"], "enabled": [True, True, False]},
    Kind.CLIENT: {"enabled": [True, True, False], "redirect_uris": [["a"], ["a", "b"], ["b"]]},
    Kind.CLIENT_ROLE: {"description": ["", "x"]},
    Kind.REQUIRED_ACTION: {"enabled": [True, False]},
    Kind.PROFILE_ATTRIBUTE: {"view": [["admin"], ["admin", "user"], ["user"]]},
    Kind.REALM: {"enabled": [True, True, False], "display_name": ["", "x"], "sso_session_max": [10, 20]}
    | {"organizations_enabled": [True, False]},
}


def filled(draw: st.DrawFn, address: Address) -> Resource:
    fields = {name: draw(st.sampled_from(values)) for name, values in VARIED.get(address.kind, {}).items()}
    return resource(address.key, **fields)


@st.composite
def states(draw: st.DrawFn, *, objects: int = 10, links: int = 14) -> State:
    """Return a state in which everything has its ground."""
    chosen = set(draw(st.lists(st.sampled_from(OBJECTS), max_size=objects, unique=True)))
    chosen |= {need for address in chosen for need in deep_needs(address)}
    things = [[need for need in needs(link) if not spec_of(need).is_link] for link in LINKS]
    possible = [link for link, needed in zip(LINKS, things, strict=True) if chosen.issuperset(needed)]
    if possible:
        drawn = draw(st.lists(st.sampled_from(possible), max_size=links, unique=True))
        chosen |= {one for link in drawn for one in {link, *deep_needs(link)}}
    chosen.add(Address(Kind.REALM, ()))
    return switched_on(State.of(filled(draw, address) for address in sorted(chosen)))


def switched_on(found: State, *others: State) -> State:
    """Return a state whose realm has organizations if anything in it, or in one of the others, needs them."""
    realm = found.get(REALM)
    if realm is None or not any(one.address.kind in SWITCH_OF for some in (found, *others) for one in some):
        return found
    on = Resource(REALM, {**realm.fields, "organizations_enabled": True})
    return State({**found.resources, REALM: on})


def deep_needs(address: Address) -> set[Address]:
    return {one for need in needs(address) for one in {need, *deep_needs(need)}}


@st.composite
def worlds(draw: st.DrawFn, *, renaming: bool = True) -> World:
    """Return a world with a history: applied once, changed in Keycloak since, declared anew."""
    there = without_realm(draw(states(objects=4, links=4)))
    made = world(desired=switched_on(draw(states()), there), there=there)
    made.memory = FaultyMemory(things=made.memory.things, links=made.memory.links, made=made.memory.made)
    made.run()
    meddle(draw, made)
    made.desired = nearby(draw, made.desired) if draw(st.booleans()) else draw(states())
    if renaming:
        made.book.renames = dict(draw_renames(draw, made))
    made.memory.seen.clear()
    return made


@st.composite
def moving_worlds(draw: st.DrawFn) -> World:
    """Return a world that was in sync, where groups, roles and people are renamed and moved since."""
    made = world(desired=draw(states(objects=12, links=18)))
    made.memory = FaultyMemory(things=made.memory.things, links=made.memory.links, made=made.memory.made)
    made.run()
    return declared_anew(draw, made)


def declared_anew(draw: st.DrawFn, made: World) -> World:
    """Return the world with renames, moves and small changes declared and not yet applied."""
    renames = draw_moves(draw, made)
    final = Renames(declared=renames).of_ledger
    moved = State.of(replace(one, address=rebased(one.address, final)) for one in made.desired)
    made.desired = nearby(draw, without_leaves(draw, moved))
    made.book.renames = {new: old for old, new in renames.items() if new in made.desired and new != old}
    made.memory.seen.clear()
    return made


ACCESS_KINDS = (Kind.MEMBERSHIP, Kind.GROUP_ROLE, Kind.GROUP_ROLE, Kind.COMPOSITE, Kind.PERSON_ROLE)
ACCESS_KINDS += (Kind.ORGANIZATION_GROUP_MEMBER, Kind.ORGANIZATION_GROUP_ROLE)
TREES = [(Kind.GROUP, ()), (Kind.ORGANIZATION_GROUP, ("acme",)), (Kind.ORGANIZATION_GROUP, ("beta",))]
BUSY = [Address(Kind.ORGANIZATION, (alias,)) for alias in ORGANIZATION_GROUPS]
BUSY += [Address(kind, (*home, path)) for kind, home in TREES[:2] for path in GROUPS]
BUSY += [Address(Kind.ROLE, (f"role{number}",)) for number in range(14)]
BUSY += [Address(Kind.PERSON, (f"person{number}",)) for number in range(5)]


@st.composite
def busy_worlds(draw: st.DrawFn) -> World:
    """Return a world full of rights, in sync, where groups moved and rights and people changed since.

    Drawn from a seed: that gives rich worlds, where drawing each part gives mostly poor ones.
    """
    dice = random.Random(draw(st.integers(0, 10**9)))
    base = [resource("realm:", organizations_enabled=True), *(thrown(dice, address) for address in BUSY)]
    for _ in range(dice.randint(20, 40)):
        link = thrown_link(dice, BUSY)
        base += [Resource(one) for one in (*needs(link), link) if spec_of(one).is_link]
    made = world(desired=State.of(base))
    made.memory = FaultyMemory(things=made.memory.things, links=made.memory.links, made=made.memory.made)
    made.run()
    for path in dice.sample(GROUPS, 2):
        made.memory._create(Address(Kind.GROUP, (f"{path}/theirs",)), {"description": ""}, None)
    moves = thrown_moves(dice, *TREES[0]) | thrown_moves(dice, *TREES[1])
    final = Renames(declared=moves).of_ledger
    moved = {rebased(one.address, final): one.fields for one in made.desired}
    made.desired = stirred(dice, moved)
    made.book.renames = {new: old for old, new in moves.items() if new in made.desired}
    made.memory.seen.clear()
    return made


def thrown(dice: random.Random, address: Address) -> Resource:
    fields = {name: dice.choice(values) for name, values in VARIED.get(address.kind, {}).items()}
    return resource(address.key, **fields)


def thrown_moves(dice: random.Random, kind: Kind, home: tuple[str, ...]) -> dict[Address, Address]:
    spots = {path: (path.rpartition("/")[0], path.rpartition("/")[2]) for path in GROUPS}
    chosen = dice.sample(GROUPS, dice.randint(0, 5))
    for number, path in enumerate(chosen):
        above = dice.choice(["", *GROUPS])
        if path not in lineage(spots, above):
            spots[path] = (above, dice.choice([spots[path][1], f"new{number}"]))
    final = {path: final_path(spots, path) for path in GROUPS}
    if len(set(final.values())) < len(GROUPS):
        return thrown_moves(dice, kind, home)
    return {
        Address(kind, (*home, path)): Address(kind, (*home, final[path]))
        for path in chosen
        if final[path] != path
    }


def stirred(dice: random.Random, before: dict[Address, Fields]) -> State:
    """Return a state with some links fewer, some more, some fields changed, and a thing or two gone."""
    links = sorted(address for address in before if spec_of(address).is_link)
    gone = set(dice.sample(links, dice.randint(0, min(6, len(links)))))
    for kind, _ in TREES[:2]:
        groups = sorted(address for address in before if address.kind is kind)
        gone |= set(dice.sample(groups[1:], dice.randint(0, 3)))
    keep = {a: f for a, f in before.items() if not gone & {a, *deep_needs(a)}}
    people = [address for address in sorted(keep) if address.kind is Kind.PERSON]
    for address in [*dice.sample(sorted(keep), 5), *dice.sample(people, 2)]:
        keep[address] = thrown(dice, address).fields
    for _ in range(dice.randint(0, 8)):
        link = thrown_link(dice, sorted(keep))
        keep |= {one: {} for one in (*needs(link), link) if spec_of(one).is_link}
    return switched_on(State.of(Resource(address, fields) for address, fields in keep.items()))


def thrown_link(dice: random.Random, present: list[Address]) -> Address:
    kind = dice.choice(ACCESS_KINDS)
    ends = (dice.choice([one for one in present if one.kind is part]) for part in KINDS[kind].parts if part)
    return Address(kind, tuple(name for end in ends for name in end.path))


FLAT = (Kind.ROLE, Kind.PERSON, Kind.CLIENT, Kind.CLIENT_ROLE, Kind.CLIENT_SCOPE)


def draw_moves(draw: st.DrawFn, made: World) -> dict[Address, Address]:
    """Return a few renames, old to new, to free names; groups go below any other of their tree."""
    flat = sorted(one.address for one in made.desired if one.address.kind in FLAT)
    chosen = draw(st.lists(st.sampled_from(flat), max_size=3, unique=True)) if flat else []
    renames: dict[Address, Address] = {}
    for old in sorted(chosen, key=depth_of):
        above = rebased(old, Renames(declared=renames).of_ledger).path[:-1]
        renames[old] = Address(old.kind, (*above, f"new-{old.path[-1]}"))
    for kind, home in TREES:
        groups = (one.address.path for one in made.desired.of_kind(kind))
        paths = sorted(path[-1] for path in groups if path[:-1] == home)
        for old, new in draw_group_moves(draw, paths).items():
            renames[Address(kind, (*home, old))] = Address(kind, (*home, new))
    return renames


def draw_group_moves(draw: st.DrawFn, paths: list[str]) -> dict[str, str]:
    spots = {path: (path.rpartition("/")[0], path.rpartition("/")[2]) for path in paths}
    chosen = draw(st.lists(st.sampled_from(paths), max_size=4, unique=True)) if paths else []
    for path in chosen:
        home = draw(st.sampled_from(["", *paths]))
        if path not in lineage(spots, home):
            spots[path] = (home, draw(st.sampled_from([spots[path][1], f"new-{path.replace('/', '-')}"])))
    final = {path: final_path(spots, path) for path in paths}
    if len(set(final.values())) < len(paths):
        return {}
    return {path: final[path] for path in chosen}


def lineage(spots: dict[str, tuple[str, str]], path: str) -> list[str]:
    return [path, *lineage(spots, spots[path][0])] if path else []


def final_path(spots: dict[str, tuple[str, str]], path: str) -> str:
    return "/".join(spots[one][1] for one in reversed(lineage(spots, path)))


def without_leaves(draw: st.DrawFn, found: State) -> State:
    """Return a state without a few of its things, and without what stood on them."""
    objects = sorted(one.address for one in found if not spec_of(one.address).is_link)
    gone = set(draw(st.lists(st.sampled_from(objects), max_size=2, unique=True))) - {Address(Kind.REALM, ())}
    return switched_on(State.of(one for one in found if not gone & {one.address, *deep_needs(one.address)}))


def without_realm(found: State) -> State:
    return State.of(one for one in found if one.address.kind is not Kind.REALM)


def nearby(draw: st.DrawFn, before: State) -> State:
    """Return a state that differs from another one in a few places only."""
    keep = {one.address: one for one in before}
    loose = [address for address in keep if spec_of(address).is_link]
    if loose:
        gone = set(draw(st.lists(st.sampled_from(sorted(loose)), max_size=3, unique=True)))
        keep = {a: one for a, one in keep.items() if not gone & {a, *deep_needs(a)}}
    varied = sorted(address for address in keep if address.kind in VARIED)
    if varied:
        for address in draw(st.lists(st.sampled_from(varied), max_size=4, unique=True)):
            keep[address] = filled(draw, address)
    for extra in draw(states(objects=2, links=3)):
        keep.setdefault(extra.address, extra)
    return switched_on(State.of(keep.values()))


def meddle(draw: st.DrawFn, made: World) -> None:
    """Change a few things in Keycloak behind our back."""
    foreign = draw(states(objects=3, links=4))
    for one in sorted(foreign, key=lambda r: (spec_of(r.address).rank, r.address.path)):
        try:
            made.memory._create(one.address, dict(one.fields), None)
        except Refused:
            continue
    there = sorted(one.address for one in made.here() if one.address.kind is not Kind.REALM)
    if there:
        for address in draw(st.lists(st.sampled_from(there), max_size=2, unique=True)):
            made.memory.write(deletion(address))


def deletion(address: Address):  # noqa: ANN201
    from console.engine.operation import Action, Operation, Phase

    return Operation(Action.DELETE, address, Phase.REVOKE)


def draw_renames(draw: st.DrawFn, made: World) -> dict[Address, Address]:
    renames: dict[Address, Address] = {}
    for kind in (Kind.GROUP, Kind.ROLE, Kind.PERSON, Kind.CLIENT, Kind.ORGANIZATION_GROUP):
        new = sorted(one.address for one in made.desired.of_kind(kind))
        old = sorted(address for address in made.book.facts if address.kind is kind)
        count = min(len(new), len(old), draw(st.integers(0, 3)))
        pairs = zip(draw(st.permutations(new))[:count], draw(st.permutations(old))[:count], strict=True)
        # Into another organization is no rename: it is deleted there and made here.
        renames |= {one: other for one, other in pairs if one != other and one.path[:-1] == other.path[:-1]}
    return renames


def copied(made: World) -> World:
    """Return a world of its own with the same content."""
    memory = FaultyMemory(
        things={i: replace(thing, fields=dict(thing.fields)) for i, thing in made.memory.things.items()},
        links=set(made.memory.links),
        made=made.memory.made,
    )
    book = type(made.book)(facts=dict(made.book.facts), renames=dict(made.book.renames))
    return World(memory, book, made.desired)


def everything(made: World) -> State:
    return made.memory.read(Selection.all())
