"""Every kind of the registry has its row, and every managed field another value there."""

import pytest

from console.engine.kinds import KINDS
from console.engine.state import Kind
from tests.contract.samples import SAMPLES


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(Kind)


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_managed_field_is_changed(kind: Kind) -> None:
    sample, now, changed = SAMPLES[kind], SAMPLES[kind].whole, set()
    for change in sample.changes:
        changed |= {name for name, value in change.items() if value != now[name]}
        now |= dict(change)

    assert changed | set(sample.fixed) == set(KINDS[kind].fields)
    assert set(now) == set(KINDS[kind].fields)


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_can_be_renamed_is_renamed(kind: Kind) -> None:
    renamed = SAMPLES[kind].renamed
    assert (renamed is not None) == KINDS[kind].has_name
    assert renamed is None or (renamed.kind is kind and renamed != SAMPLES[kind].address)


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_link_has_something_beside_it(kind: Kind) -> None:
    assert SAMPLES[kind].beside or not KINDS[kind].is_link


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_thing_that_is_made_can_be_a_strangers(kind: Kind) -> None:
    spec = KINDS[kind]
    assert SAMPLES[kind].stranger or spec.is_link or spec.is_given or kind is Kind.REALM
