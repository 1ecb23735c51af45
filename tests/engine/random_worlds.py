"""Random worlds from a small alphabet, so that everything meets everything."""

from dataclasses import replace

from hypothesis import strategies as st

from console.engine.kinds import needs, spec_of
from console.engine.memory import Refused
from console.engine.state import Address, Kind, Resource, Selection, State
from tests.engine.world import FaultyMemory, World, resource, world

GROUPS = ["a", "b", "c", "d", "a/b", "a/c", "b/a", "b/c", "c/d", "a/b/c", "a/b/d", "b/a/c", "d/a"]
ROLES = ["r", "s", "t", "u"]
PEOPLE = ["ann", "bob", "cem"]
VALUES = ["package:one:READ", "package:two:READ"]
OBJECTS = (
    [Address(Kind.GROUP, (path,)) for path in GROUPS]
    + [Address(Kind.ROLE, (name,)) for name in ROLES]
    + [Address(Kind.PERSON, (name,)) for name in PEOPLE]
    + [Address(Kind.CLIENT_SCOPE, ("sc",)), Address(Kind.MAPPER, ("sc", "m"))]
    + [Address(Kind.PROFILE_ATTRIBUTE, ("entitlements",))]
)
LINKS = (
    [Address(Kind.COMPOSITE, (one, other)) for one in ROLES for other in ROLES if one != other]
    + [Address(Kind.GROUP_ROLE, (group, role)) for group in GROUPS for role in ROLES]
    + [Address(Kind.MEMBERSHIP, (who, group)) for who in PEOPLE for group in GROUPS]
    + [Address(Kind.PERSON_ROLE, (who, role)) for who in PEOPLE for role in ROLES]
    + [Address(Kind.ENTITLEMENT, ("group", group, value)) for group in GROUPS for value in VALUES]
    + [Address(Kind.ENTITLEMENT, ("person", who, value)) for who in PEOPLE for value in VALUES]
    + [Address(Kind.DEFAULT_SCOPE, ("sc",))]
)
VARIED = {
    Kind.ROLE: {"description": ["", "x"]},
    Kind.GROUP: {"description": ["", "x"]},
    Kind.PERSON: {"email": ["", "x@y.example"], "enabled": [True, True, False]},
    Kind.PROFILE_ATTRIBUTE: {"view": [["admin"], ["admin", "user"], ["user"]]},
    Kind.REALM: {"enabled": [True, True, False], "display_name": ["", "x"], "sso_session_max": [10, 20]},
}


def filled(draw: st.DrawFn, address: Address) -> Resource:
    fields = {name: draw(st.sampled_from(values)) for name, values in VARIED.get(address.kind, {}).items()}
    return resource(address.key, **fields)


@st.composite
def states(draw: st.DrawFn, *, objects: int = 10, links: int = 14) -> State:
    """Return a state in which everything has its ground."""
    chosen = set(draw(st.lists(st.sampled_from(OBJECTS), max_size=objects, unique=True)))
    chosen |= {need for address in chosen for need in deep_needs(address)}
    possible = [link for link in LINKS if all(need in chosen for need in needs(link))]
    if possible:
        chosen |= set(draw(st.lists(st.sampled_from(possible), max_size=links, unique=True)))
    chosen.add(Address(Kind.REALM, ()))
    return State.of(filled(draw, address) for address in sorted(chosen))


def deep_needs(address: Address) -> set[Address]:
    return {one for need in needs(address) for one in {need, *deep_needs(need)}}


@st.composite
def worlds(draw: st.DrawFn, *, renaming: bool = True) -> World:
    """Return a world with a history: applied once, changed in Keycloak since, declared anew."""
    made = world(desired=draw(states()), there=without_realm(draw(states(objects=4, links=4))))
    made.memory = FaultyMemory(things=made.memory.things, links=made.memory.links, made=made.memory.made)
    made.run()
    meddle(draw, made)
    made.desired = nearby(draw, made.desired) if draw(st.booleans()) else draw(states())
    if renaming:
        made.book.renames = dict(draw_renames(draw, made))
    made.memory.seen.clear()
    return made


def without_realm(found: State) -> State:
    return State.of(one for one in found if one.address.kind is not Kind.REALM)


def nearby(draw: st.DrawFn, before: State) -> State:
    """Return a state that differs from another one in a few places only."""
    keep = {one.address: one for one in before}
    loose = [address for address in keep if spec_of(address).is_link]
    if loose:
        for address in draw(st.lists(st.sampled_from(sorted(loose)), max_size=3, unique=True)):
            del keep[address]
    for extra in draw(states(objects=2, links=3)):
        keep.setdefault(extra.address, extra)
    return State.of(keep.values())


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
    for kind in (Kind.GROUP, Kind.ROLE, Kind.PERSON):
        new = sorted(one.address for one in made.desired.of_kind(kind))
        old = sorted(address for address in made.book.facts if address.kind is kind)
        count = min(len(new), len(old), draw(st.integers(0, 3)))
        pairs = zip(draw(st.permutations(new))[:count], draw(st.permutations(old))[:count], strict=True)
        renames |= {one: other for one, other in pairs if one != other}
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
