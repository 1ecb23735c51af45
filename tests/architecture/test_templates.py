"""Templates hold nothing that a strict content security policy would have to allow (T10)."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

TEMPLATES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.glob("**/templates/**/*.html")
    if ".venv" not in path.parts and "var" not in path.relative_to(ROOT).parts[:1]
)
TAGS = re.compile(r"{%.*?%}|{#.*?#}|{{.*?}}", re.DOTALL)
EVALUATED = {"hx-on", "hx-vals", "hx-headers"}


class Inline(HTMLParser):
    """Collects inline styles, event handlers, scripts with a body, and script addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script: dict[str, str | None] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"<{tag} {name}>")
            if name in EVALUATED and (value or "").lstrip().startswith(("js:", "javascript:")):
                self.found.append(f"<{tag} {name}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"<{tag} {name}=javascript:>")
        if tag == "style":
            self.found.append("<style>")
        self.script = dict(attrs) if tag == "script" else None

    def handle_data(self, data: str) -> None:
        is_code = self.script is not None and self.script.get("type") not in ("application/json",)
        if is_code and data.strip():
            self.found.append(f"<script> {data.strip()[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self.script = None


def test_there_are_templates_to_look_at() -> None:
    assert "templates/base.html" in TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_inline_style_handler_or_script(name: str) -> None:
    reader = Inline()
    reader.feed(TAGS.sub("x", Path(ROOT, name).read_text()))

    assert reader.found == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_trusts_no_text_and_loads_nothing_from_elsewhere(name: str) -> None:
    text = Path(ROOT, name).read_text()

    assert "|safe" not in text.replace(" ", "")
    assert "autoescape off" not in text
    assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text) == []
