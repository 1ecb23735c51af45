"""YAML read safely: what is refused before a blueprint is even looked at."""

from collections.abc import Iterator

import pytest

from console.blueprints.model import Fault, Invalid
from console.blueprints.reading import read


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as caught:
        read(text)
    return caught.value.faults


def bombs() -> Iterator[str]:
    """Texts of a few lines that say very much."""
    laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 9):
        inner = ", ".join([f"*a{level - 1}"] * 9)
        laughs.append(f"a{level}: &a{level} [{inner}]")
    yield "\n".join(laughs)
    yield "[" * 5_000
    yield "[" * 100 + "]" * 100
    yield "a: &a [1]\n" + "\n".join(f"b{number}: *a" for number in range(300))
    yield "a: &a [*a]"
    yield "x" * 1_000_001
    yield "ä" * 600_000


@pytest.mark.parametrize("text", bombs())
def test_what_says_too_much_is_refused(text: str) -> None:
    (found,) = faults(text)
    assert found.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "The key “a” stands twice."),
        ("a:\n  b: 1\n  b: 2\n", 3, "The key “b” stands twice."),
        ("a: 1\n? [b]\n: 2\n", 2, "A key must be a text."),
        ("a: 1\n2: b\n", 2, "A key must be a text."),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "is not allowed: only plain values are."),
        ("a: !!timestamp 2026-01-01\n", 1, "is not allowed"),
        ("a: !!binary aGk=\n", 1, "is not allowed"),
        ("a: !mine x\n", 1, "is not allowed"),
        ("a: [1, 2\n", 2, "This is no YAML"),
        ("a: *nothing\n", 1, "This is no YAML"),
        ("a:\n\tb: 1\n", 2, "A tab cannot indent here: use spaces."),
        ("a: b: c\n", 1, "This is no YAML"),
        ("a: 1\n---\nb: 2\n", 2, "This is no YAML"),
        ("a: \x00\n", 1, "This is no YAML"),
        ("", 1, "There is nothing in this text."),
        ("# only a comment\n", 1, "There is nothing in this text."),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    (found,) = faults(text)

    assert reason in found.reason
    assert found.line == line


def test_several_faults_of_the_text_come_together() -> None:
    assert [one.line for one in faults("a: 1\na: 2\nb: !mine x\nc: {d: 1, d: 2}\n")] == [2, 3, 4]


def test_plain_values_are_what_they_look_like() -> None:
    """No `on` that is true, no 0o17, no 1:30 that is ninety, no date."""
    text = "a: [yes, on, no, True, true, 12, -3, 012, 1_000, 1:30, 1.5, 2026-01-01, ~, null, '', \"1\", =]\n"

    assert read(text).data["a"] == [
        *("yes", "on", "no", "True", True, 12, -3, "012", "1_000", "1:30", "1.5", "2026-01-01"),
        *(None, None, "", "1", "="),
    ]


def test_aliases_are_taken_where_they_are_few() -> None:
    assert read("a: &a {x: [1]}\nb: *a\n").data == {"a": {"x": [1]}, "b": {"x": [1]}}


def test_a_fault_is_at_the_line_of_the_key_or_of_the_entry() -> None:
    document = read("a:\n  - b: 1\n    c: 2\n  - d\n")

    assert document.fault(("a", 0, "c"), "x") == Fault(3, 5, "a[0].c", "x")
    assert document.fault(("a", 1), "x") == Fault(4, 5, "a[1]", "x")
    assert document.fault(("a", 0, "missing", 3), "x") == Fault(2, 5, "a[0].missing[3]", "x")
