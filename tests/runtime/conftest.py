"""A folder below var/ for each test that starts something, removed afterwards with all that ran in it."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from console.runtime import processes
from console.runtime.account import service_account
from console.runtime.layout import VAR, Layout
from console.runtime.postgres import Postgres
from console.runtime.values import Values


@contextmanager
def own_layout() -> Iterator[Layout]:
    """A folder below var/ for what is started in it; all of that is stopped and removed afterwards."""
    layout = Layout(root=VAR / f"test-{uuid.uuid4().hex[:8]}")
    layout.make()
    try:
        yield layout
    finally:
        processes.stop(layout, "runner")
        processes.stop_all(layout)
        shutil.rmtree(layout.root)


@pytest.fixture
def layout() -> Iterator[Layout]:
    """A layout of its own; the fetched and built Keycloak is shared."""
    with own_layout() as layout:
        yield layout


@pytest.fixture
def second_layout() -> Iterator[Layout]:
    """Another one, for a run beside the first."""
    with own_layout() as layout:
        yield layout


@pytest.fixture
def postgres(layout: Layout) -> Postgres:
    """A PostgreSQL that was not started yet."""
    return Postgres(layout=layout, account=service_account(root=layout.root), values=Values(layout.env_file))
