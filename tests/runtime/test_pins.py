"""`console.runtime.pins`: every direct dependency says what it is for."""

import pytest

from console.runtime.layout import PROJECT
from console.runtime.pins import NoPurpose, explained, purposes


def test_a_purpose_stands_above_the_pin_of_its_package_only() -> None:
    known = purposes(["Django>=5,<6  # web framework", "-r other.txt", "", "# a remark"])

    lines = list(explained(["asgiref==3.8 \\", "django==5.2 \\", "    # via django==1"], known))

    assert lines == ["asgiref==3.8 \\", "# web framework", "django==5.2 \\", "    # via django==1"]


def test_names_are_compared_as_package_indexes_do() -> None:
    known = purposes(["Django_Tables2[x]  # tables"])

    assert list(explained(["django-tables2==1"], known)) == ["# tables", "django-tables2==1"]


def test_a_dependency_without_a_purpose_is_refused() -> None:
    with pytest.raises(NoPurpose, match="'aiohttp>=3' has no comment"):
        purposes(["aiohttp>=3"])


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_pin_of_this_project_has_hashes_and_every_direct_one_its_purpose(name: str) -> None:
    known = purposes((PROJECT / f"{name}.in").read_text().splitlines())
    lines = (PROJECT / f"{name}.txt").read_text().splitlines()

    pins = [number for number, line in enumerate(lines) if "==" in line and not line.startswith((" ", "#"))]

    assert len(pins) > 40
    assert all("--hash=sha256:" in lines[number + 1] for number in pins)
    assert {f"# {purpose}" for purpose in known.values()} <= set(lines)
