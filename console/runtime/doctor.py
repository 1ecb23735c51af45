"""The checks of `make run` at any time and in production, and those of the settings and of what they name."""

import json
import os
from pathlib import Path

from console.runtime import checks, processes
from console.runtime.checks import Finding
from console.runtime.given import Given, given_for_run
from console.runtime.layout import Layout
from console.runtime.problem import Problem


def main(layout: Layout, *, as_json: bool = False) -> int:
    """Print every finding. The exit code: 0 if there is no problem."""
    findings = _findings(layout)
    print(_as_json(findings) if as_json else _as_text(findings))
    return 1 if checks.problems(findings) else 0


def _findings(layout: Layout) -> list[Finding]:
    given = given_for_run(os.environ)
    findings = checks.machine(layout, given=given)
    if processes.running(layout, "runner"):
        findings.append(Finding(name="ports", said="Gatehouse runs"))
    else:
        findings += checks.ports(given=given)
    return findings + _settings(layout, given=given)


def _settings(layout: Layout, *, given: Given) -> list[Finding]:
    """Findings about the settings, none before the first run: then there are none yet."""
    if not layout.env_file.exists() and given.is_all_embedded and "SECRET_KEY" not in os.environ:
        return [Finding(name="settings", said="no settings yet: `make run` makes them")]
    try:
        from console.runtime import connections
    except ImportError as error:
        why = f"{error}. The packages are not installed."
        return [
            Finding(name="settings", problem=Problem("The settings could not be read.", why, ("make run",)))
        ]
    return connections.findings(env_file=Path(os.environ.get("GATEHOUSE_ENV_FILE") or layout.env_file))


def _as_text(findings: list[Finding]) -> str:
    lines = [f"  ok  {finding.said}" for finding in findings if finding.said]
    blocks = [str(problem) for problem in checks.problems(findings)]
    end = f"{len(blocks)} to solve." if blocks else "Nothing stands in the way."
    return "\n\n".join(["\n".join(lines), *blocks, end])


def _as_json(findings: list[Finding]) -> str:
    rows = [
        {"check": one.name, "ok": one.problem is None, "said": one.said}
        | ({"problem": one.problem.as_json()} if one.problem else {})
        for one in findings
    ]
    return json.dumps(rows, indent=2)
