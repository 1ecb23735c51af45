"""What a run may do without an approval, and what with one."""

from dataclasses import replace

import pytest

from console.engine.guard import Limits, guard, stops_of
from console.engine.state import State
from console.engine.stops import Rule, Stop, beyond, joined
from tests.engine.world import World, at, resource, state, world

LIMITS = Limits(ledger_size=100, realm="acme")


def words(
    made: World,
    approved: frozenset[str] | None,
    limits: Limits = LIMITS,
    accepted: tuple[Stop, ...] = (),
    more: tuple[Stop, ...] = (),
) -> str:
    stops = (*stops_of(made.plan(), limits=limits), *more)
    found = guard(made.plan(), approved=approved, stops=stops, accepted=accepted)
    return " ".join(one.sentence for one in found)


def stop(about: str = "", *subjects: str, is_forbidden: bool = False) -> Stop:
    return Stop(
        rule=Rule.ADMIN_RIGHT,
        address=at("person:ann"),
        sentence="Ann gets it.",
        consequence="She can do everything.",
        about=about,
        subjects=frozenset(subjects),
        name="acme",
        is_forbidden=is_forbidden,
    )


def crowd(count: int) -> World:
    keys = [f"role:r{number}" for number in range(count)]
    return world(desired=State(), there=state(*keys), ours=keys)


def test_what_was_not_approved_is_refused_by_name() -> None:
    made = world(desired=state("role:approved"))
    approved = made.plan().fingerprints
    made.desired = state("role:approved", "role:another")

    refused = guard(made.plan(), approved=approved, stops=())

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


def test_many_deletions_at_once_need_a_reason_even_when_approved() -> None:
    made = crowd(15)
    limits = Limits(ledger_size=15, realm="acme")
    approved = made.plan().fingerprints

    assert "15 of 15" in words(made, None, limits)
    assert "15 of 15" in words(made, approved, limits)
    assert words(made, approved, limits, accepted=stops_of(made.plan(), limits=limits)) == ""


@pytest.mark.parametrize(
    ("deletions", "ledger_size", "is_stopped"),
    [(10, 10, False), (11, 11, True), (11, 54, True), (11, 55, False), (20, 100, False), (21, 100, True)],
)
def test_the_brake_needs_both_figures(deletions: int, ledger_size: int, is_stopped: bool) -> None:
    """More than ten, and more than a fifth."""
    limits = Limits(ledger_size=ledger_size, realm="acme")

    assert bool(stops_of(crowd(deletions).plan(), limits=limits)) is is_stopped


def test_both_figures_of_the_brake_can_be_set() -> None:
    limits = Limits(ledger_size=100, realm="acme", share=0.02, deletions=2)

    assert stops_of(crowd(2).plan(), limits=limits) == ()
    assert [one.rule for one in stops_of(crowd(3).plan(), limits=limits)] == [Rule.DELETIONS]


def test_what_goes_along_counts_as_deleted() -> None:
    keys = ["group:a", *(f"group:a/g{number}" for number in range(14))]
    made = world(desired=State(), there=state(*keys), ours=keys)

    assert "15 of 15" in words(made, None, Limits(ledger_size=15, realm="acme"))


def test_a_realm_is_deleted_only_when_somebody_typed_its_name_and_why() -> None:
    made = world(desired=State(), there=state("realm:"), ours=["realm:"])
    approved = made.plan().fingerprints
    (found,) = stops_of(made.plan(), limits=LIMITS)

    assert "The realm acme is deleted." in words(made, None)
    assert "The realm acme is deleted." in words(made, approved)
    assert found.name == "acme"
    assert words(made, approved, accepted=(found,)) == ""


def test_the_realm_master_is_never_changed() -> None:
    made = world(desired=State(), there=state("realm:"), ours=["realm:"])
    master = Limits(100, "master")

    refused = words(made, made.plan().fingerprints, master, accepted=stops_of(made.plan(), limits=master))

    assert "the realm master is never changed" in refused


def test_a_masked_value_is_never_written_even_when_approved() -> None:
    """T15 of the threats: a masked secret written back becomes the secret."""
    made = world(desired=state("client-scope:sc", resource("mapper:sc|m", config={"secret": "**********"})))

    assert "asterisks" in words(made, made.plan().fingerprints)


def test_a_masked_value_that_only_goes_away_is_no_hindrance() -> None:
    keys = ["client-scope:sc", "mapper:sc|m"]
    there = state("client-scope:sc", resource("mapper:sc|m", config={"secret": "***"}))
    made = world(desired=state("client-scope:sc"), there=there, ours=keys)

    assert words(made, None) == ""


def test_a_stop_that_nobody_confirmed_holds_the_run() -> None:
    made = world(desired=state("role:r"))
    approved = made.plan().fingerprints

    assert words(made, approved, more=(stop("a"),)) == "Ann gets it. She can do everything."
    assert words(made, approved, more=(stop("a"),), accepted=(stop("b"),)) != ""
    assert words(made, approved, more=(stop("a"),), accepted=(stop("a"),)) == ""


def test_a_confirmation_holds_for_those_whom_it_named_and_for_no_other() -> None:
    seen = stop("a", "ann", "bob")

    assert seen.covers(stop("a", "bob"))
    assert seen.covers(stop("a"))
    assert not seen.covers(stop("a", "bob", "mallory"))
    assert not seen.covers(replace(stop("a", "bob"), rule=Rule.LAST_ADMINISTRATOR))


def test_what_is_forbidden_no_confirmation_lifts() -> None:
    never = stop("a", is_forbidden=True)

    assert not never.covers(never)
    assert not stop("a").covers(never)


def test_confirmations_of_several_plans_hold_together() -> None:
    (both,) = joined([stop("a", "ann"), stop("a", "bob")])

    assert both.subjects == {"ann", "bob"}
    assert len(joined([stop("a"), stop("b")])) == 2


def test_what_others_bring_along_is_left_out() -> None:
    mine, shared, more = stop("mine"), stop("shared", "ann"), stop("shared", "ann", "bob")

    assert beyond([mine, shared], [shared]) == (mine,)
    assert beyond([more], [shared]) == (more,)


def test_a_stop_is_kept_as_plain_json() -> None:
    kept = stop("a", "bob", "ann", is_forbidden=True)

    assert kept.as_json()["subjects"] == ["ann", "bob"]
    assert Stop.from_json(kept.as_json()) == kept
