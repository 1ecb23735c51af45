"""What a run may do without an approval, and what with one."""

from console.engine.guard import Limits, guard
from console.engine.state import State
from tests.engine.world import World, at, resource, state, world

LIMITS = Limits(ledger_size=100, realm="acme")


def words(made: World, approved: frozenset[str] | None, limits: Limits = LIMITS) -> str:
    return " ".join(one.sentence for one in guard(made.plan(), approved=approved, limits=limits))


def crowd(count: int) -> World:
    keys = [f"role:r{number}" for number in range(count)]
    return world(desired=State(), there=state(*keys), ours=keys)


def test_what_was_not_approved_is_refused_by_name() -> None:
    made = world(desired=state("role:approved"))
    approved = made.plan().fingerprints
    made.desired = state("role:approved", "role:another")

    refused = guard(made.plan(), approved=approved, limits=LIMITS)

    assert [one.address for one in refused] == [at("role:another")]
    assert "not approved" in refused[0].sentence


def test_an_approval_of_another_value_does_not_count() -> None:
    made = world(desired=state(resource("role:r", description="one")))
    approved = made.plan().fingerprints
    made.desired = state(resource("role:r", description="another"))

    assert "not approved" in words(made, approved)


def test_an_approved_creation_that_landed_may_be_adopted_and_nothing_else_may() -> None:
    made = world(desired=state(resource("role:r", description="one")))
    approved = made.plan().fingerprints
    made.memory.write(made.plan().operations[0])

    assert words(made, approved) == ""
    made.desired = state(resource("role:r", description="one"), "role:theirs")
    made.memory._create(at("role:theirs"), {"description": ""}, None)
    assert words(made, approved) == 'Role "theirs": its adoption was not approved.'


def test_a_small_unapproved_run_may_go() -> None:
    assert words(crowd(10), None, Limits(ledger_size=10, realm="acme")) == ""
    assert words(crowd(15), None, Limits(ledger_size=100, realm="acme")) == ""


def test_many_deletions_at_once_need_an_approval() -> None:
    made = crowd(15)
    limits = Limits(ledger_size=15, realm="acme")

    assert "15 of 15" in words(made, None, limits)
    assert words(made, made.plan().fingerprints, limits) == ""


def test_what_goes_along_counts_as_deleted() -> None:
    keys = ["group:a", *(f"group:a/g{number}" for number in range(14))]
    made = world(desired=State(), there=state(*keys), ours=keys)

    assert "15 of 15" in words(made, None, Limits(ledger_size=15, realm="acme"))


def test_a_realm_is_deleted_only_when_that_was_approved() -> None:
    made = world(desired=State(), there=state("realm:"), ours=["realm:"])

    assert "only when that was approved" in words(made, None)
    assert words(made, made.plan().fingerprints) == ""


def test_the_realm_master_is_never_changed() -> None:
    made = world(desired=State(), there=state("realm:"), ours=["realm:"])

    assert "master" in words(made, made.plan().fingerprints, Limits(100, "master"))


def test_a_masked_value_is_never_written_even_when_approved() -> None:
    """T15 of the threats: a masked secret written back becomes the secret."""
    made = world(desired=state("client-scope:sc", resource("mapper:sc|m", config={"secret": "**********"})))

    assert "asterisks" in words(made, made.plan().fingerprints)


def test_a_masked_value_that_only_goes_away_is_no_hindrance() -> None:
    keys = ["client-scope:sc", "mapper:sc|m"]
    there = state("client-scope:sc", resource("mapper:sc|m", config={"secret": "***"}))
    made = world(desired=state("client-scope:sc"), there=there, ours=keys)

    assert words(made, None) == ""
