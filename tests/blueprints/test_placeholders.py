"""Placeholders, conditions, choices and repetitions, one by one."""

from typing import Any

import pytest

from console.blueprints.model import Values
from console.blueprints.placeholders import resolved
from console.blueprints.when import NoCondition, parsed

VALUES: Values = {
    "name": "acme",
    "empty": "",
    "number": 300,
    "yes": True,
    "no": False,
    "some": ("a", "b"),
    "none": (),
}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("plain", "plain"),
        ("${name}", "acme"),
        ("https://${name}.example/${number}", "https://acme.example/300"),
        ("${number}", 300),
        ("${yes}", True),
        ("${yes} and ${no}", "true and false"),
        ("$${name}", "${name}"),
        ("${name is set}", True),
        ("${empty is set and name is acme}", False),
        (["${some}", "c"], ["a", "b", "c"]),
        (["${none}"], []),
        ({"x": "${some}"}, {"x": ["a", "b"]}),
        ({"x": {"choose": [{"when": "no", "value": 1}, {"when": "yes", "value": "${name}"}]}}, {"x": "acme"}),
        ({"x": {"choose": [{"when": "no", "value": 1}]}, "y": 2}, {"y": 2}),
        ([{"choose": [{"value": "x"}]}, {"choose": [{"when": "no", "value": "y"}]}], ["x"]),
        ([{"when": "no", "a": 1}, {"when": "yes", "a": 2}, {"a": 3}], [{"a": 2}, {"a": 3}]),
        ([{"for_each": "some", "a": "${each}-${name}"}], [{"a": "a-acme"}, {"a": "b-acme"}]),
        ([{"for_each": "none", "a": "${each}"}], []),
        ([{"for_each": "some", "when": "each is b", "a": "${each}"}], [{"a": "b"}]),
        (7, 7),
        (None, None),
    ],
)
def test_data_are_filled_in(data: Any, expected: Any) -> None:
    assert resolved({"at": data}, VALUES).data["at"] == expected if data is not None else True


def test_what_comes_to_stand_somewhere_is_known_by_where_it_stood() -> None:
    data = {
        "x": [
            {"when": "no", "a": 1},
            {"for_each": "some", "a": ["${some}", "z"]},
            {"choose": [{"when": "no", "value": 1}, {"value": {"b": 2}}]},
        ]
    }

    found = resolved(data, VALUES)

    assert found.data == {"x": [{"a": ["a", "b", "z"]}, {"a": ["a", "b", "z"]}, {"b": 2}]}
    assert found.origin(("x", 0, "a")) == ("x", 1, "a")
    assert found.origin(("x", 1, "a", 1)) == ("x", 1, "a", 0)
    assert found.origin(("x", 1, "a", 2)) == ("x", 1, "a", 1)
    assert found.origin(("x", 2, "b")) == ("x", 2, "choose", 1, "value", "b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True),
        ("no", False),
        ("not no", True),
        ("name is set", True),
        ("empty is set", False),
        ("empty is not set", True),
        ("none is set", False),
        ("name is acme", True),
        ("name is not acme", False),
        ("name is acm", False),
        ("number is 300", True),
        ("number is above 300", False),
        ("number is above 299", True),
        ("number is below 301", True),
        ("yes is yes", True),
        ("yes is no", False),
        ("some is b", True),
        ("some is c", False),
        ("name is acme and yes and not no", True),
        ("name is acme and no", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert parsed(text).holds(VALUES) is expected


@pytest.mark.parametrize("text", ["", "and", "a b", "A", "name is", "name == 3", "not", "a or b c", "1"])
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(NoCondition, match="is no condition"):
        parsed(text)
