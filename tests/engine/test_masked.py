"""A masked secret is refused wherever it stands, for every kind of the registry (T15)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.engine.guard import Limits, guard, stops_of
from console.engine.kinds import KINDS
from console.engine.masked import has_mask
from console.engine.operation import Action, Operation, Phase
from console.engine.plan import Plan
from console.engine.state import Address, Kind
from console.engine.stops import Rule

LIMITS = Limits(ledger_size=100, realm="acme")
masks = st.integers(2, 40).map(lambda count: "*" * count)
plain = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="*"), max_size=5)
FIELDS = [(kind, name) for kind, spec in KINDS.items() for name in spec.fields]


def holding(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return values that hold `inner` somewhere: in a list, under a name, as a name."""
    others = st.lists(plain, max_size=2)
    return (
        st.tuples(others, inner, others).map(lambda parts: [*parts[0], parts[1], *parts[2]])
        | st.dictionaries(st.sampled_from("abc"), plain, max_size=2).flatmap(
            lambda rest: inner.map(lambda one: {**rest, "x": one})
        )
        | masks.map(lambda name: {"a": 1, name: "x"})
    )


masked = st.recursive(masks, holding, max_leaves=4)
unmasked = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


def planned(action: Action, kind: Kind, name: str, value: Any) -> Plan:
    path = tuple("person" if index == 0 else "x" for index in range(max(1, len(KINDS[kind].parts))))
    before = {name: ""} if action is not Action.CREATE else None
    after = {name: value} if action is not Action.DELETE else None
    return Plan(operations=(Operation(action, Address(kind, path), Phase.BUILD, before, after),))


@given(st.sampled_from(FIELDS), st.sampled_from([Action.CREATE, Action.UPDATE, Action.ADOPT]), masked)
def test_wherever_it_stands_it_is_never_written(at: tuple[Kind, str], action: Action, value: Any) -> None:
    made = planned(action, *at, value)
    stops = stops_of(made, limits=LIMITS)

    (stop,) = [one for one in stops if one.rule is Rule.MASKED]

    assert stop.is_forbidden
    assert "only asterisks" in stop.sentence
    assert guard(made, approved=made.fingerprints, stops=stops, accepted=stops) != ()


@given(st.sampled_from(FIELDS), unmasked)
def test_other_values_are_no_masks(at: tuple[Kind, str], value: Any) -> None:
    assert not has_mask(value)
    assert not any(
        one.rule is Rule.MASKED for one in stops_of(planned(Action.UPDATE, *at, value), limits=LIMITS)
    )


@pytest.mark.parametrize("text", ["", "*", "a*", "*a", "**a**", "* *", "https://a.example/*"])
def test_a_text_with_asterisks_in_it_is_no_mask(text: str) -> None:
    assert not has_mask(text)


def test_no_kind_is_left_out() -> None:
    assert {kind for kind, _ in FIELDS} == {kind for kind in Kind if KINDS[kind].fields}
