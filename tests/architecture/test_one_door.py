"""There is one door: what is declared is written by services, inside `change`."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import Model

from tests.architecture.source import Module, dotted, modules

WRITES = {
    "abulk_create",
    "acreate",
    "adelete",
    "asave",
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update",
    "update_or_create",
}
BELOW_THE_DOOR = (
    "console/sync/",
    "console/bulk/",
    "console/api/kept.py",
    "console/identity/",
    "console/runtime/",
    "console/engine/",
    "console/graph/",
)
"""Runs, previews, rows of bulk changes, sessions of operators, what has no database. All else: the door."""

SERVICES = ("access/services/", "console/api/services/", "tenants/services/")
OBSERVATIONS = {("tenants/services/servers.py", "keep_probe")}
"""What was seen is no change: the result of a connection test."""

CALCULATED = {"access/kept/rows.py": {"KeptClosure", "KeptStamp", "Moved"}}
"""What is worked out from all the rest and can be made anew at any time: these models and no others."""

DECLARED = {
    model.__name__ for label in ("tenants", "access") for model in apps.get_app_config(label).get_models()
}


def _is_write(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in WRITES


def _of_model(call: ast.Call, names: set[str]) -> bool:
    root = dotted(call.func).split(".")[0].removesuffix("()")
    return root in names


def database_writes(module: Module) -> Iterator[ast.Call]:
    """Yield the calls that look like a write of Django: on a manager, a query set, or a row."""
    for call in module.calls():
        if not _is_write(call):
            continue
        name = dotted(call.func)
        is_row = isinstance(call.func, ast.Attribute) and call.func.attr in {"save", "asave"}
        if ".objects" in name or is_row or "._default_manager" in name:
            yield call


MANY_ROWS = "console/sync/rows.py"
JOBS = "console/sync/queue.py"


def test_no_sql_goes_round_the_record() -> None:
    """Plain SQL is used for the clock, for locks, for the many rows of a run in one statement, and for jobs
    that ended: their table is the queue's own, and its models refuse to delete.
    """
    spoken = {
        module.name: node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lstrip()
        .upper()
        .startswith(("INSERT INTO", "UPDATE ", "DELETE FROM", "TRUNCATE", "ALTER"))
        and not module.name.startswith("console/runtime/")
    }

    assert spoken.keys() == {MANY_ROWS, JOBS}
    assert spoken[JOBS].split()[:3] == ["DELETE", "FROM", "procrastinate_jobs"]


def test_many_rows_are_written_by_runs_the_door_and_services_of_many_rows() -> None:
    """The journal, what was observed, what was touched, what is calculated from all of it and kept; and what
    a change of many rows declares.
    """
    users = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and (
            node.module == "console.sync.rows"
            or (node.module == "console.sync" and any(one.name == "rows" for one in node.names))
        )
        and not module.name.startswith("tests/")
    }

    assert users == {
        "access/kept/rows.py",
        "access/services/bulk_links.py",
        "access/services/bulk_people.py",
        "console/sync/journal.py",
        "console/sync/observed.py",
        "console/sync/touched.py",
    }


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_what_is_declared_is_written_by_services_only(module: Module) -> None:
    if module.name.startswith((*SERVICES, *BELOW_THE_DOOR)) or module.name == "console/change.py":
        found = [call for call in module.calls() if _is_write(call) and _of_model(call, DECLARED)]
        assert module.name.startswith(SERVICES) or found == []
        return

    writes = [
        call for call in database_writes(module) if not _of_model(call, CALCULATED.get(module.name, set()))
    ]
    assert [f"line {call.lineno}: {dotted(call.func)}" for call in writes] == []


def _functions(module: Module) -> Iterator[ast.FunctionDef]:
    return (node for node in module.tree.body if isinstance(node, ast.FunctionDef))


def _opens_the_door(function: ast.FunctionDef) -> bool:
    opened = {"change", "door", "creating", "_opened"}
    return any(
        dotted(item.context_expr).removesuffix("()").split(".")[-1] in opened
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
    )


@pytest.mark.parametrize(
    "module", [one for one in modules() if one.name.startswith(SERVICES)], ids=lambda module: module.name
)
def test_every_public_service_that_writes_opens_the_door(module: Module) -> None:
    """A public function of a service module that writes does so inside `change`."""
    unguarded = [
        function.name
        for function in _functions(module)
        if not function.name.startswith("_")
        and (module.name, function.name) not in OBSERVATIONS
        and any(
            _is_write(call) and dotted(call.func) for call in ast.walk(function) if isinstance(call, ast.Call)
        )
        and not _opens_the_door(function)
    ]

    assert unguarded == []


def test_every_declared_model_is_known_here() -> None:
    """The list is read from the apps, so a new model is guarded at once."""
    assert {"Role", "Group", "Person", "Membership", "Entitlement", "Tenant", "Realm"} <= DECLARED
    assert all(issubclass(apps.get_model("access", name), Model) for name in ("Role", "Group"))


def test_only_the_queue_defers_jobs() -> None:
    deferring = {
        module.name
        for module in modules()
        for call in module.calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"defer", "defer_async", "configure_task"}
    }

    assert deferring == {"console/sync/queue.py"}
