"""What the style asks of every file of the product and a tool can see."""

import ast

import pytest

from tests.architecture.source import Module, modules

VAGUE = {"common", "helpers", "manager", "managers", "misc", "utils"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 50


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_is_named_for_what_it_holds_and_stays_readable(module: Module) -> None:
    parts = set(module.name.removesuffix(".py").split("/"))
    longest = max(
        (
            (node.end_lineno or 0) - node.lineno + 1
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ),
        default=0,
    )

    assert not parts & VAGUE
    assert max((getattr(node, "end_lineno", 0) or 0 for node in module.tree.body), default=0) <= LONGEST_FILE
    assert longest <= LONGEST_FUNCTION


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_signals_and_no_thread_locals(module: Module) -> None:
    imported = set(module.imported())

    assert not {one for one in imported if one.startswith(("django.dispatch", "django.db.models.signals"))}
    assert "threading.local" not in imported
