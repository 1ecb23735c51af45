"""What no template may hold: inline script or style, foreign hosts, icons that are not there."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, engines
from django.test import RequestFactory

from console.web.icons import OUTLINE

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script with a body": re.compile(
        r"<script(?![^>]*\s(src=|type=\"application/json\"))[^>]*>", re.IGNORECASE
    ),
    "an htmx handler": re.compile(r"\shx-on[:-]", re.IGNORECASE),
    "an expression that htmx would evaluate": re.compile(
        r"\shx-(vals|vars|headers)\s*=\s*['\"]js:", re.IGNORECASE
    ),
    "a foreign host": re.compile(r"\s(src|href)\s*=\s*['\"](https?:)?//", re.IGNORECASE),
}
TAG = re.compile(r"{%.*?%}")
ICON = re.compile(r"{%\s*icon\s+\"([^\"]+)\"")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_nothing_that_the_content_security_policy_refuses(name: str) -> None:
    source = TAG.sub("", (FOLDER / name).read_text())

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles_and_names_only_icons_of_the_sprite(name: str) -> None:
    engines["django"].get_template(name)

    used = set(ICON.findall((FOLDER / name).read_text()))
    assert used - OUTLINE == set()


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_the_pages_of_last_resort_need_no_context(name: str) -> None:
    page = engines["django"].get_template(name).template.render(Context())

    assert "<h1" in page
    assert "Gatehouse" in page


def test_the_frame_stands_for_nobody_too() -> None:
    page = engines["django"].get_template("404.html").render({}, RequestFactory().get("/nowhere/"))

    assert '<body class="plain' in page
    assert 'class="rail"' not in page
