"""The boundaries of docs/architecture.md, on the source as it stands."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from console.runtime.layout import PROJECT

PACKAGES = ("console", "tenants", "access")
WRITERS_OF_AUDIT = {"console/change.py", "console/sync/journal.py"}
WRITING = {"create", "bulk_create", "get_or_create", "update_or_create", "acreate", "abulk_create"}


def test_every_import_contract_is_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]

    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert " 0 broken." in done.stdout


def test_only_the_door_and_the_journal_write_audit_rows() -> None:
    found = {path for path, tree in _sources() for node in ast.walk(tree) if _writes_audit(node)}

    assert found == WRITERS_OF_AUDIT


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in (PROJECT / package).rglob("*.py"):
            yield str(path.relative_to(PROJECT)), ast.parse(path.read_text())


def _writes_audit(node: ast.AST) -> bool:
    """True for `AuditEvent.objects.create(…)` and its relatives, and for `rows.add(AuditEvent, …)`.

    A row that is only made is not written.
    """
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    if called == "rows.add" and node.args and ast.unparse(node.args[0]) == "AuditEvent":
        return True
    return called.startswith("AuditEvent.objects.") and called.rpartition(".")[2] in WRITING
