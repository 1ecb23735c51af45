"""Graphs that a reader can hold in mind."""

from console.engine.state import Address, Kind, Resource, State
from console.graph.edges import Edge, edges_of


def member(name: str, of: str) -> Address:
    return Address(Kind.MEMBERSHIP, (name, of))


def assigned(name: str, to: str) -> Address:
    return Address(Kind.PERSON_ROLE, (name, to))


def gives(name: str, to: str) -> Address:
    return Address(Kind.GROUP_ROLE, (name, to))


def includes(outer: str, inner: str) -> Address:
    return Address(Kind.COMPOSITE, (outer, inner))


def edges(*addresses: Address) -> tuple[Edge, ...]:
    return edges_of(State.of(Resource(address) for address in addresses))


def workspace(name: str) -> tuple[Edge, ...]:
    """The five roles of a prokube workspace and their holder: two paths lead to `pk:s3:edit`."""
    return edges(
        assigned(name, f"pk:{name}"),
        includes(f"pk:{name}", f"pk:edit:{name}"),
        includes(f"pk:{name}", f"pk:view:{name}"),
        includes(f"pk:{name}", f"pk:s3:edit:{name}"),
        includes(f"pk:edit:{name}", f"pk:s3:edit:{name}"),
        includes(f"pk:view:{name}", f"pk:s3:view:{name}"),
    )


def nested() -> tuple[Edge, ...]:
    """Ann is four groups deep, Bob two; the top group gives a composite, the third an entitlement."""
    return edges(
        member("ann", "a/b/c/d"),
        member("bob", "a/b"),
        gives("a", "top"),
        includes("top", "below-top"),
        Address(Kind.ENTITLEMENT, ("group", "a/b/c", "package:demo:READ")),
    )


def circle() -> tuple[Edge, ...]:
    """Three roles that include each other in a circle; Ann is assigned the first."""
    return edges(assigned("ann", "r1"), includes("r1", "r2"), includes("r2", "r3"), includes("r3", "r1"))


def everything_to_everything(roles: int) -> tuple[Edge, ...]:
    """So many roles that each include all others, and Ann with the first: paths beyond counting."""
    names = [f"r{number:02}" for number in range(roles)]
    pairs = (includes(outer, inner) for outer in names for inner in names if outer != inner)
    return edges(assigned("ann", names[0]), *pairs)


def ladder(rungs: int) -> tuple[Edge, ...]:
    """Pairs of roles, each including both of the next pair: 2 ** rungs paths and no circle."""
    steps = (
        includes(f"{side}{rung}", f"{next_side}{rung + 1}")
        for rung in range(rungs - 1)
        for side in "lr"
        for next_side in "lr"
    )
    ends = (includes(f"{side}{rungs - 1}", "end") for side in "lr")
    return edges(assigned("ann", "l0"), assigned("ann", "r0"), *steps, *ends)
