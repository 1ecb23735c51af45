"""What is decided once for many is what is decided for each, over shipped platforms and random facts."""

from random import Random

import pytest

from access.kept.held import Held
from access.kept.reading import Part, Read
from access.kept.structure import Structure
from access.matrix.alike import Alike
from access.matrix.answers import Opened, cell_of
from access.matrix.grid import Column
from console.blueprints.expand import expand
from console.blueprints.shipped import shipped_one
from console.graph.catalogue import Catalogue
from console.graph.decisions import Facts, over
from console.graph.edges import Node, NodeKind, entitlement, person, role

PLATFORMS = ("kdb-insights", "prokube", "cdm-provider")


def catalogue_of(key: str) -> Catalogue:
    read = shipped_one(key)
    assert read is not None
    return expand(read, {}).catalogue


def some_facts(catalogue: Catalogue, random: Random) -> Facts:
    """Return rights of which grants speak, some that they do not, entitlements and things owned."""
    granted = [Node(one.kind, one.right.of("ada")) for one in catalogue.grants]
    rights = set(random.sample(granted, min(len(granted), random.randrange(4))))
    rights |= {role(f"other{random.randrange(3)}"), Node(NodeKind.CLIENT_ROLE, "a/b")}
    for kind in catalogue.entitlements:
        for _ in range(random.randrange(3)):
            name = random.choice(["demo", "fx", "*"])
            rights.add(entitlement(f"{kind.name}:{name}:{random.choice(kind.levels)}"))
    owns = frozenset(random.sample(["package:demo", "package:own", "database:x"], random.randrange(3)))
    unread = random.choice([{}, {}, {"membership": "403"}, {"entitlement": "403"}])
    return Facts(subject=person("ann"), rights=frozenset(rights), owns=owns, unread=unread)


@pytest.mark.parametrize("key", PLATFORMS)
def test_a_narrowed_answer_is_the_whole_answer(key: str) -> None:
    catalogue = catalogue_of(key)
    alike, random = Alike(catalogue), Random(key)
    kept: dict[object, object] = {}

    for _ in range(150):
        facts = some_facts(catalogue, random)
        for capability in catalogue.capabilities:
            parts = alike.parts(facts)
            whole = cell_of(capability, over(catalogue, facts, capability.key))
            assert cell_of(capability, over(catalogue, parts.narrowed(capability), capability.key)) == whole
            assert kept.setdefault(parts.key(capability), whole) == whole


def opened(catalogue: Catalogue, facts: Facts, names: list[str]) -> Opened:
    held = Held(Read(), Structure(Part(), was_read=False))
    columns = tuple(Column(f"resource:package:{one}", one, one) for one in names)
    capability = catalogue.by_key["insights:update-entities"]
    return Opened(catalogue, {facts.subject: facts}, held, columns, capability)


@pytest.mark.parametrize(
    ("rights", "count"),
    [
        ({"role": "insights.role.administrator"}, 3),
        ({"role": "insights.role.developer", "on": "package:demo:WRITE"}, 1),
        ({"role": "insights.role.developer", "on": "package:*:WRITE"}, 3),
        ({"role": "insights.role.developer", "on": "package:demo:READ"}, 0),
        ({"role": "insights.role.viewer", "on": "package:demo:WRITE"}, 0),
    ],
)
def test_the_reach_over_resources_is_counted_without_asking_each(rights: dict[str, str], count: int) -> None:
    catalogue = catalogue_of("kdb-insights")
    held = {role(rights["role"])} | ({entitlement(rights["on"])} if "on" in rights else set())
    facts = Facts(subject=person("ann"), rights=frozenset(held))
    answers = opened(catalogue, facts, ["demo", "fx", "billing"])

    assert answers.reach(facts.subject) == count
    cells = answers.cells(facts.subject, answers.columns)
    assert sum(cell.mark.opens for cell in cells) == count
