"""Whatever is written: a blueprint or Invalid, and whatever is given: an expansion or WrongParameters."""

import string
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from console.blueprints.expand import expand
from console.blueprints.loader import load
from console.blueprints.model import Blueprint, Fault, Invalid, Parameter, WrongParameters
from console.blueprints.placeholders import has_open_placeholder, placeholders_in, resolved
from console.blueprints.reading import read
from console.blueprints.shipped import shipped
from console.blueprints.when import NoCondition, parsed
from tests.blueprints.texts import SMALL

MANY = settings(max_examples=300, deadline=None)
SOME = settings(max_examples=120, deadline=None)
PLAIN: Any = yaml.safe_load(SMALL)


def is_read(text: str) -> bool:
    faults = faults_of(text)
    assert all(one.line >= 1 and one.column >= 1 and one.reason for one in faults)
    return not faults


def faults_of(text: str) -> tuple[Fault, ...]:
    try:
        load(text)
    except Invalid as error:
        return error.faults or (Fault(0, 0, "", ""),)
    return ()


@MANY
@given(st.text(max_size=200))
def test_any_text_is_read_or_invalid(text: str) -> None:
    is_read(text)


@MANY
@given(st.text(alphabet="&*!|>-?:,[]{}#'\"%@`~ \n\tab1${}<>", max_size=80))
def test_any_text_of_yamls_own_signs_is_read_or_invalid(text: str) -> None:
    is_read(text)


@MANY
@given(st.binary(max_size=120))
def test_any_bytes_as_text_are_read_or_invalid(raw: bytes) -> None:
    is_read(raw.decode("utf-8", "surrogateescape"))


@SOME
@given(st.data())
def test_a_spoilt_text_is_read_or_invalid(data: st.DataObject) -> None:
    """Cut out some, put some in, anywhere."""
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 60)))
    put = data.draw(
        st.sampled_from(["", " ", "\n", "[", "}", ": ", "- ", "${", "${host}", "<x>", "&a", "*a", "..", "|"])
    )
    is_read(SMALL[:start] + put + SMALL[end:])


LEAVES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**12)
    | st.text(alphabet=string.ascii_lowercase + "${}<>/:*. |'", max_size=12)
    | st.sampled_from(
        ["${workspace}", "${more}", "${host is set}", "${password}", "<profile>", "owner", "*", ".."]
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["when", "choose", "for_each", "name", "settings", "value", "roles", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inside for found in places(value, (*path, key)))]


PLACES = places(PLAIN)[1:]


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return the data with another value at one place."""
    if not path:
        return value
    if isinstance(data, dict):
        return {key: changed(one, path[1:], value) if key == path[0] else one for key, one in data.items()}
    return [changed(one, path[1:], value) if key == path[0] else one for key, one in enumerate(data)]


@SOME
@given(st.sampled_from(PLACES), VALUES)
def test_any_value_anywhere_is_read_or_invalid(path: tuple[Any, ...], value: Any) -> None:
    """And what was read expands, or says which parameter is wrong."""
    text = yaml.safe_dump(changed(PLAIN, path, value), allow_unicode=True)
    if is_read(text):
        answer(load(text), {"workspace": "acme"})


def answer(blueprint: Blueprint, values: dict[str, Any]) -> None:
    """An expansion whose parameters can be kept, or a sentence for each parameter that is wrong."""
    try:
        found = expand(blueprint, values)
    except WrongParameters as error:
        wrong = error.errors
    else:
        wrong = {}
        assert found.realm_name
        assert expand(blueprint, found.parameters).state == found.state
    assert all(wrong.values())


ANYTHING = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=3), LEAVES, max_size=2)


@SOME
@given(st.data())
def test_any_values_of_a_shipped_blueprint_expand_or_are_wrong(data: st.DataObject) -> None:
    blueprint = data.draw(st.sampled_from(shipped()))
    given_values = {
        one.name: data.draw(likely(one) | ANYTHING)
        for one in blueprint.parameters
        if data.draw(st.booleans()) or one.required
    }
    answer(blueprint, given_values)


def likely(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values of which many are right."""
    found = [parameter.default, parameter.example, *(choice.value for choice in parameter.choices)]
    return st.sampled_from([one for one in found if one is not None] or [""])


NAMES = {"one": "1", "two": ("a", "b"), "three": True, "four": 4, "none": ""}


@MANY
@given(st.text(alphabet="${}onetwhrfu is4", max_size=30))
def test_a_text_is_filled_in_or_has_a_fault(text: str) -> None:
    """What is no placeholder stays as it is, letter by letter."""
    inside = placeholders_in(text)
    if has_open_placeholder(text) or not all(_is_known(one) for one in inside):
        return

    found = resolved({"x": text}, NAMES).data["x"]  # type: ignore[arg-type]

    if not inside:
        assert found == text.replace("$${", "${")
    elif len(inside) > 1 or text != f"${{{inside[0]}}}":
        assert isinstance(found, str)


def _is_known(inner: str) -> bool:
    if inner in NAMES:
        return True
    try:
        return all(one.name in NAMES for one in parsed(inner).clauses)
    except NoCondition:
        return False


@MANY
@given(VALUES)
def test_plain_data_is_read_as_it_was_written(value: Any) -> None:
    text = yaml.safe_dump({"x": value}, allow_unicode=True)
    assert read(text).data == {"x": value}
