"""Third-party files are whole, listed with version and licence, and name no other host to fetch from."""

import re
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static/vendor"
FOLDERS = sorted(path.name for path in VENDOR.iterdir() if path.is_dir())
LISTED = dict(
    re.findall(
        r"^\| ([a-z-]+) \| [^|]+ \| (\d+\.\d+\.\d+) \|", (VENDOR / "README.md").read_text(), re.MULTILINE
    )
)


def test_every_folder_is_listed_and_every_listed_one_is_there() -> None:
    assert sorted(LISTED) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_holds_its_licence(name: str) -> None:
    assert len((VENDOR / name / "LICENSE").read_text()) > 500


def test_the_version_of_the_kit_is_the_listed_one() -> None:
    head = (VENDOR / "tabler/tabler.min.css").read_text()[:300]

    assert f"Tabler v{LISTED['tabler']}" in head


@pytest.mark.parametrize("path", sorted(str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*.css")))
def test_style_sheets_fetch_nothing_from_elsewhere(path: str) -> None:
    text = (VENDOR / path).read_text()

    assert "@import" not in text
    assert re.findall(r"url\(\s*[\"']?(?!data:)[a-z]+:", text) == []
