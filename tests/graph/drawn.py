"""Small random states for property tests: people, groups of depth four, roles that include each other."""

from itertools import permutations, product

from hypothesis import strategies as st

from console.engine.state import Address, Kind, Resource, State
from console.graph.edges import Edge, Node, edges_of, entitlement, group, person, role

PEOPLE = ("ann", "bob", "cy")
GROUPS = ("a", "a/b", "a/b/c", "a/b/c/d", "e", "e/f")
ROLES = ("r1", "r2", "r3", "r4", "r5")
VALUES = ("package:demo:READ", "package:demo:WRITE")

SUBJECTS: tuple[Node, ...] = tuple(person(name) for name in PEOPLE)
RIGHTS: tuple[Node, ...] = (*map(role, ROLES), *map(entitlement, VALUES))
NODES: tuple[Node, ...] = (*SUBJECTS, *map(group, GROUPS), *RIGHTS)

_ASSIGNED = tuple(Address(Kind.PERSON_ROLE, pair) for pair in product(PEOPLE, ROLES))
_COMPOSITES = tuple(Address(Kind.COMPOSITE, pair) for pair in permutations(ROLES, 2))
_LINKS = (
    *(Address(Kind.MEMBERSHIP, pair) for pair in product(PEOPLE, GROUPS)),
    *_ASSIGNED,
    *(Address(Kind.GROUP_ROLE, pair) for pair in product(GROUPS, ROLES)),
    *_COMPOSITES,
    *(Address(Kind.ENTITLEMENT, ("person", *pair)) for pair in product(PEOPLE, VALUES)),
    *(Address(Kind.ENTITLEMENT, ("group", *pair)) for pair in product(GROUPS, VALUES)),
)


def states(most: int = 25) -> st.SearchStrategy[State]:
    """Draw states of at most so many links; composites may run in a circle."""
    return st.sets(st.sampled_from(_LINKS), max_size=most).map(state_of)


def tangled() -> st.SearchStrategy[tuple[Edge, ...]]:
    """Draw roles that include each other in many circles, and few people with few of them."""
    composites = st.sets(st.sampled_from(_COMPOSITES), min_size=8, max_size=14)
    holders = st.sets(st.sampled_from(_ASSIGNED), min_size=1, max_size=3)
    return st.builds(set.union, composites, holders).map(state_of).map(edges_of)


def state_of(addresses: set[Address]) -> State:
    return State.of(Resource(address) for address in sorted(addresses))


def graph_edges(most: int = 25) -> st.SearchStrategy[tuple[Edge, ...]]:
    return states(most).map(edges_of)


def subjects() -> st.SearchStrategy[Node]:
    return st.sampled_from(SUBJECTS)


def rights() -> st.SearchStrategy[Node]:
    return st.sampled_from(RIGHTS)
