"""The source of the console as syntax trees."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("console", "tenants", "access")


@dataclass(frozen=True)
class Module:
    """One file: `name` is its path below the root, as `console/change.py`."""

    name: str
    tree: ast.Module

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def imported(self) -> Iterator[str]:
        """Yield every dotted name that is imported, as `console.audit.models.AuditEvent`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{one.name}" for one in node.names)
            elif isinstance(node, ast.Import):
                yield from (one.name for one in node.names)


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the product, without migrations."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(
        Module(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text()))
        for path in found
        if "migrations" not in path.parts
    )


def dotted(node: ast.AST) -> str:
    """Return `AuditEvent.objects.create` for that expression, "" for what is no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return ""
