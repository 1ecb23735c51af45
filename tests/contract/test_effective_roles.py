"""The graph's answer beside Keycloak's own: the effective roles of every person of generated realms.

Keycloak's answer is `GET users/{id}/role-mappings/realm/composite`, asked for each person. The graph is built
from what `KeycloakTarget` reads, so a link that the reading loses shows as a difference here.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pytest

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Selection, State
from console.engine.target import Result
from console.graph.closure import Graph
from console.graph.cut import minimal_cut
from console.graph.edges import Edge, EdgeKind, Node, NodeKind, address_of, edges_of, person, role
from console.graph.paths import paths
from console.keycloak.client import Client, client_for
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.transport import LONG, run
from tests.generators import COMPOSITE_LINKS, GROUP_LEVELS, GeneratedRealm, generated_realm

SEEDS = range(1, 21)
PEOPLE = 50
AT_ONCE = 6

Roles = Mapping[str, frozenset[str]]  # role names by user name
RealmName = Callable[..., str]


@dataclass(frozen=True)
class Statistics:
    """What one realm consists of, as read from Keycloak and not as it was meant."""

    generated: GeneratedRealm
    graph: Graph
    effective: Roles

    @property
    def people(self) -> int:
        return len(self.effective)

    @property
    def groups(self) -> frozenset[str]:
        ends = (node.name for node in self.graph.nodes if node.kind is NodeKind.GROUP)
        return frozenset(ends)

    @property
    def group_depth(self) -> int:
        return max(len(name.split("/")) for name in self.groups)

    @cached_property
    def composites(self) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.graph.edges if edge.kind is EdgeKind.COMPOSITE)

    @property
    def composite_depth(self) -> int:
        """The links of the longest shortest way between two roles."""
        depths = (_farthest(self.composites, edge.source) for edge in self.composites)
        return max(depths, default=0)

    @property
    def cells(self) -> int:
        return sum(map(len, self.effective.values()))

    @property
    def inherited(self) -> int:
        """The cells that nobody assigned to the person directly."""
        assigned = {edge for edge in self.graph.edges if edge.kind is EdgeKind.PERSON_ROLE}
        direct = {(edge.source.name, edge.target.name) for edge in assigned}
        return sum((name, one) not in direct for name, several in self.effective.items() for one in several)

    @property
    def several_paths(self) -> int:
        found = ((name, one) for name, several in self.effective.items() for one in several)
        return sum(paths(self.graph, person(name), role(one), limit=0).total > 1 for name, one in found)

    def line(self) -> str:
        composites = f"{len(self.composites)} composites over {self.composite_depth} links"
        groups = f"{len(self.groups)} groups in {self.group_depth} levels"
        inherited = f"{self.inherited / self.cells:.0%} inherited only"
        return (
            f"seed {self.generated.seed}: {self.people} people, {groups}, {composites}, "
            f"{len(self.graph.edges)} edges, {self.cells / self.people:.1f} effective roles a person, "
            f"{inherited}, {self.several_paths / self.cells:.0%} by several paths"
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_effective_roles_equal_keycloaks_own(
    seed: int, keycloak_connection: Connection, realm_name: RealmName, capsys: pytest.CaptureFixture[str]
) -> None:
    """K3, M5: for every person of a realm, the graph says what Keycloak says."""
    realm, generated = _created(seed, keycloak_connection, realm_name)

    graph = Graph(edges_of(_read(keycloak_connection, realm)))

    effective = run(_effective_roles(client_for(keycloak_connection), realm))
    statistics = Statistics(generated, graph, effective)
    with capsys.disabled():
        print(f"\n{statistics.line()}", end=" ")
    assert {name: _role_names(graph, name) for name in generated.people} == effective
    _assert_as_hard_as_asked(statistics)


@pytest.mark.parametrize("seed", [3, 5])
def test_a_minimal_cut_takes_the_role_in_keycloak_and_no_part_of_it_does(
    seed: int, keycloak_connection: Connection, realm_name: RealmName
) -> None:
    """The links of a cut are removed one by one: the last one, and only it, takes the role away."""
    realm, generated = _created(seed, keycloak_connection, realm_name)
    state = _read(keycloak_connection, realm)
    graph = Graph(edges_of(state))
    subject, right, cut = _largest_cut(graph, generated.people)
    assert len(cut) >= 2

    for number, edge in enumerate(cut, start=1):
        _remove(keycloak_connection, realm, state, edge)
        effective = run(_effective_roles(client_for(keycloak_connection), realm))
        assert (right.name in effective[subject.name]) == (number < len(cut))


def _created(seed: int, connection: Connection, realm_name: RealmName) -> tuple[str, GeneratedRealm]:
    """Make the whole realm of a seed in one call."""
    realm, generated = realm_name(f"effective{seed}"), generated_realm(seed, people=PEOPLE)
    send = client_for(connection).post(
        ("admin", "realms"), json=generated.representation(realm), patience=LONG
    )
    assert run(send).status == 201
    return realm, generated


def _read(connection: Connection, realm: str) -> State:
    state = KeycloakTarget(connection, realm).read(Selection.all())
    assert state.unreadable == {}
    return state


def _role_names(graph: Graph, name: str) -> frozenset[str]:
    return frozenset(right.name for right in graph.rights_of(person(name)) if right.kind is NodeKind.ROLE)


async def _effective_roles(client: Client, realm: str) -> Roles:
    users = await client.get(("admin", "realms", realm, "users"), query={"max": PEOPLE + 1})
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(user: Mapping[str, str]) -> tuple[str, frozenset[str]]:
        path = ("admin", "realms", realm, "users", user["id"], "role-mappings", "realm", "composite")
        async with gate:
            answer = await client.get(path)
        return user["username"], frozenset(one["name"] for one in answer.json)

    return dict(await asyncio.gather(*(ask(user) for user in users.json)))


def _assert_as_hard_as_asked(statistics: Statistics) -> None:
    """Hold the generator to its word, so that equality cannot come from an easy realm."""
    assert statistics.people == PEOPLE
    assert statistics.group_depth == GROUP_LEVELS
    assert statistics.composite_depth >= COMPOSITE_LINKS
    assert statistics.inherited > statistics.cells / 2
    assert statistics.several_paths > 0


def _farthest(edges: Iterable[Edge], start: Node) -> int:
    """Return how many links the farthest node is away."""
    found, border, links = {start}, {start}, -1
    while border:
        border = {edge.target for edge in edges if edge.source in border} - found
        found |= border
        links += 1
    return links


def _largest_cut(graph: Graph, people: Iterable[str]) -> tuple[Node, Node, tuple[Edge, ...]]:
    """Return the cell that needs most removals, the first of them by name."""
    return max(_cuts(graph, people), key=lambda found: len(found[2]))


def _cuts(graph: Graph, people: Iterable[str]) -> Iterator[tuple[Node, Node, tuple[Edge, ...]]]:
    for subject in map(person, people):
        for right in sorted(graph.rights_of(subject)):
            cut = minimal_cut(graph, subject, right)
            assert cut is not None
            yield subject, right, cut


def _remove(connection: Connection, realm: str, state: State, edge: Edge) -> None:
    address = address_of(edge)
    assert address is not None
    ids = {one.address: one.id for one in state if one.id is not None}
    operation = Operation(Action.DELETE, address, Phase.REVOKE, before={}, reason="A link of a minimal cut.")
    (outcome,) = KeycloakTarget(connection, realm, ids=ids).execute([operation])
    assert outcome.result is Result.DONE, outcome.sentence
