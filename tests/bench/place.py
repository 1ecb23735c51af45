"""Where the benchmarks work: a folder, a database, ports and settings of their own, removed afterwards.

Keycloak and PostgreSQL are those of the tests. Nothing of Django is imported here: its settings are
made by this module.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from console.env import Environment
from console.runtime import processes
from console.runtime.application import Application
from console.runtime.layout import VAR, Layout
from console.runtime.ports import free_port
from console.runtime.steps import Step
from console.runtime.values import Values

NAME = "bench"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The folder and the settings. `large` is the number of people in the large realm.

    `stays`: the database is not ours and stays, so what takes long to fill may stay in it.
    """

    layout: Layout
    values: Values
    application: Application
    large: int
    stays: bool = False


@contextmanager
def own_place(*, large: int, stays: bool = False) -> Iterator[Place]:
    """Make the place and point Django's settings at it."""
    _clear_what_was_left()
    layout = Layout(root=VAR / f"{NAME}-{os.getpid()}")
    layout.make()
    processes.remember(layout, name=NAME, pid=os.getpid())
    try:
        with nullcontext(os.environ["DATABASE_URL"]) if stays else _own_database() as url:
            place = replace(_place(layout, url, large), stays=stays)
            place.application.begin_preparing()
            place.application.end_preparing(Step("  ", sys.stdout))
            os.environ |= dict(place.values.all()) | {"DJANGO_SETTINGS_MODULE": "console.settings"}
            yield place
    finally:
        processes.stop_all(layout)
        shutil.rmtree(layout.root)


def _place(layout: Layout, database_url: str, large: int) -> Place:
    values = _values(layout, database_url)
    application = Application(layout=layout, values=values)
    return Place(layout=layout, values=values, application=application, large=large)


def _values(layout: Layout, database_url: str) -> Values:
    values = Values(layout.env_file)
    port = free_port()
    names = {name.upper() for name in Environment.model_fields}
    values.put({name: text for name, text in os.environ.items() if name in names})
    values.put(
        {
            "DATABASE_URL": database_url,
            "PORT": str(port),
            "GATEHOUSE_URL": f"http://localhost:{port}",
            "STATIC_ROOT": str(layout.static),
        }
    )
    return values


@contextmanager
def _own_database() -> Iterator[str]:
    """The address of a new database beside the one of the tests."""
    given = os.environ["DATABASE_URL"]
    name = f"{NAME}_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _clear_what_was_left() -> None:
    """Stop and remove what a benchmark that was killed has left."""
    for folder in VAR.glob(f"{NAME}-*"):
        layout = Layout(root=folder)
        if processes.running(layout, NAME) is None:
            processes.stop_all(layout)
            shutil.rmtree(folder)
