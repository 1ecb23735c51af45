"""The example of the documentation is a blueprint, as it stands."""

import re
from pathlib import Path

from console.blueprints.expand import expand
from console.blueprints.loader import load
from console.graph.decisions import Mark
from tests.blueprints.people import cell, somebody

TEXT = (Path(__file__).parents[2] / "docs" / "blueprints.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation_is_read_and_expanded() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)

    found = expand(load(example), {"address": "https://reports.example.org"})

    assert found.realm_name == "reports"
    writer = somebody(found.state, "reports-writer", "report:*:WRITE")
    assert cell(found, writer, "reports:write").mark is Mark.LIMITED
    assert cell(found, writer, "reports:delete").mark is Mark.UNSTATED
