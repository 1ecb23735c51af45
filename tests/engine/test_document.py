"""A document says the same as the state, canonically, and refuses what is none."""

import json

import pytest
from hypothesis import given, settings

from console.engine.document import DocumentError, parsed, written
from console.engine.state import Resource, State
from tests.engine.random_worlds import states
from tests.engine.world import at, state


@settings(max_examples=25, deadline=None)
@given(states())
def test_a_state_written_and_read_is_the_same(found: State) -> None:
    """M3: export and import."""
    again = parsed(written(found))

    assert again.resources == {one.address: Resource(one.address, one.fields) for one in found}
    assert written(State.of(reversed(list(found)))) == written(found)


def test_a_document_has_no_ids_and_no_foreign_fields() -> None:
    found = State.of([Resource(at("role:r"), {"description": "x", "secret": "s3cret"}, "the-id")])

    text = written(found)

    assert "s3cret" not in text
    assert "the-id" not in text


def entry(**extra: object) -> str:
    one = {"kind": "role", "path": ["r"], "fields": {}} | extra
    return json.dumps({"format": "gatehouse-state/1", "resources": [one]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        "{}",
        '{"format": "gatehouse-state/1"}',
        '{"format": "gatehouse-state/1", "format": "gatehouse-state/1", "resources": []}',
        '{"format": "gatehouse-state/1", "resources": [NaN]}',
        '{"format": "gatehouse-state/1", "resources": [1]}',
        '{"format": "gatehouse-state/1", "resources": [' + "9" * 5000 + "]}",
        entry(kind="unheard-of"),
        entry(path=["r", "s"]),
        entry(path=[""]),
        entry(path=[1]),
        entry(fields={"secret": "x"}),
        entry(fields={"description": "*****"}),
        entry(kind="entitlement", path=["realm", "r", "v"]),
    ],
)
def test_what_is_no_document_is_refused_with_a_sentence(text: str) -> None:
    """T16 of the threats: a hostile file."""
    with pytest.raises(DocumentError) as refusal:
        parsed(text)

    assert len(str(refusal.value)) < 300


def test_a_document_that_names_a_thing_twice_is_refused() -> None:
    text = written(state("role:r"))
    line = text.splitlines()[1]

    with pytest.raises(DocumentError, match="twice"):
        parsed(text.replace(line, f"{line},\n{line}"))
