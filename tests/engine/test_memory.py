"""The memory behaves as Keycloak does."""

import pytest

from console.engine.memory import MemoryTarget
from console.engine.operation import Action, Operation, Phase
from console.engine.state import Selection
from console.engine.target import Outcome, Result, Target
from tests.engine.world import at, resource, state

TREE = ["group:a", "group:a/b", "role:r", "group-role:a/b|r", "person:ann", "membership:ann|a/b"]


def tree() -> MemoryTarget:
    return MemoryTarget.of(state(*TREE))


def do(memory: MemoryTarget, action: Action, key: str, **extra: object) -> Outcome:
    (outcome,) = memory.execute([Operation(action, at(key), Phase.BUILD, **extra)])  # type: ignore[arg-type]
    return outcome


def keys(memory: MemoryTarget) -> set[str]:
    return {one.address.key for one in memory.read(Selection.all())}


def test_a_memory_is_a_target() -> None:
    target: Target = tree()

    assert {one.address.key for one in target.read(Selection.all())} == set(TREE)


def test_a_deleted_group_takes_its_subtree_and_their_links_along() -> None:
    memory = tree()

    do(memory, Action.DELETE, "group:a")

    assert keys(memory) == {"role:r", "person:ann"}


@pytest.mark.parametrize(
    ("key", "link"), [("role:r", "group-role:a/b|r"), ("person:ann", "membership:ann|a/b")]
)
def test_a_deleted_end_takes_the_link_along(key: str, link: str) -> None:
    memory = tree()

    do(memory, Action.DELETE, key)

    assert keys(memory) == set(TREE) - {key, link}


def test_a_rename_keeps_the_id_and_the_links() -> None:
    memory = tree()
    before = memory.find(at("group:a/b"))

    outcome = do(memory, Action.RENAME, "group:c", was=at("group:a/b"), id=before)

    assert outcome.id == before == memory.find(at("group:c"))
    assert {"group-role:c|r", "membership:ann|c"} <= keys(memory)


def test_a_rename_that_was_done_already_is_done() -> None:
    memory = tree()
    operation = Operation(
        Action.RENAME, at("role:s"), Phase.BUILD, was=at("role:r"), id=memory.find(at("role:r"))
    )

    assert [one.result for one in memory.execute([operation, operation])] == [Result.DONE, Result.DONE]


@pytest.mark.parametrize("key", ["membership:ann|nowhere", "group:nowhere/x", "entitlement:person|bob|v"])
def test_nothing_is_made_on_ground_that_is_not_there(key: str) -> None:
    assert do(tree(), Action.CREATE, key, after={}).result is Result.FAILED


def test_a_second_creation_is_done_if_equal_and_fails_if_not() -> None:
    memory = tree()

    assert do(memory, Action.CREATE, "role:r", after={"description": ""}).result is Result.DONE
    assert do(memory, Action.CREATE, "role:r", after={"description": "x"}).result is Result.FAILED


def test_a_taken_name_and_a_group_below_itself_are_refused() -> None:
    memory = MemoryTarget.of(state("group:a", "group:a/b", "group:c"))

    assert do(memory, Action.RENAME, "group:c", was=at("group:a")).result is Result.FAILED
    assert do(memory, Action.RENAME, "group:a/b/a", was=at("group:a")).result is Result.FAILED


def test_an_update_of_what_changed_in_between_fails() -> None:
    """F28 of the faults: changed in Keycloak's console between plan and apply."""
    memory = MemoryTarget.of(state(resource("role:r", description="theirs")))

    outcome = do(memory, Action.UPDATE, "role:r", before={"description": ""}, after={"description": "ours"})

    assert outcome.result is Result.FAILED


def test_a_selection_is_answered_with_former_names_and_what_stands_below() -> None:
    memory = tree()
    selection = Selection(addresses=frozenset([at("group:new")]), renames={at("group:new"): at("group:a")})

    found = {one.address.key for one in memory.read(selection)}

    assert found == {"group:a", "group:a/b", "group-role:a/b|r", "membership:ann|a/b"}
