"""One page of the access matrix and one panel of reasons: the server's time, its queries, what is on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from access.graphs import access_of
from access.matrix.asked import asked_of
from access.matrix.columns import key_of
from access.matrix.page import MatrixPage, matrix_of, matrix_page
from access.models import Person
from console.graph.edges import Node, person
from console.graph.paths import paths
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.world import World, Worlds
from tests.operators import sign_in_as

MEDIUM = 1_000
TIMES = 10


@dataclass
class Asked:
    """The queries of a block, and their seconds as this process waited for them."""

    count: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Any, statement: Any, parameters: Any, many: bool, context: Any) -> Any:
        with figures.stopwatch() as watch:
            found = execute(statement, parameters, many, context)
        self.count += 1
        self.seconds += watch.seconds
        return found


def measure(place: Place, worlds: Worlds) -> None:
    """Print the figures of a page of people and of one panel, at both sizes."""
    found = [worlds.of(size) for size in (MEDIUM, place.large)]
    figures.head("Access matrix, whole request in one process, without the network")
    for world in found:
        browser = _browser(place)
        _page(browser, world)
        _panel(browser, world)


def _browser(place: Place) -> Client:
    browser = Client(headers={"host": urlsplit(place.values["GATEHOUSE_URL"]).netloc})
    sign_in_as(browser, "bench", roles=("gatehouse-admin",))
    return browser


def _page(browser: Client, world: World) -> None:
    page = matrix_page(matrix_of(world.tenant, asked_of({})), number=None)
    seconds, asked, size = _asked_for(browser, _url(world))
    figures.line(f"page, {world.words}", figures.spread(seconds))
    figures.line("", f"{asked}, {size:,} characters; {_grid(page)}")


def _panel(browser: Client, world: World) -> None:
    subject, right, count = _most_paths(world)
    cell = {"row": f"p{subject.pk}", "column": key_of(right)}
    seconds, asked, size = _asked_for(browser, _url(world, cell), HX_REQUEST="true", HX_TARGET="why")
    figures.line(f"why, {world.words}", figures.spread(seconds))
    figures.line("", f"{asked}, {size:,} characters; {count} paths to {right.name}")


def _url(world: World, query: dict[str, str] | None = None) -> str:
    path = reverse("access:matrix", kwargs={"tenant": world.slug})
    return f"{path}?{urlencode(query)}" if query else path


def _asked_for(browser: Client, url: str, **headers: str) -> tuple[list[float], str, int]:
    """Return the seconds of each request but the first, its queries in words, and its length."""
    more = {f"HTTP_{name}": value for name, value in headers.items()}
    seconds = []
    for _ in range(TIMES + 1):  # the first reads templates
        with _queries() as asked, figures.stopwatch() as watch:
            answer = browser.get(url, **more)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        seconds.append(watch.seconds)
    told = f"{asked.count} queries in {1000 * asked.seconds:.0f} ms"
    return seconds[1:], told, len(answer.content)


@contextmanager
def _queries() -> Iterator[Asked]:
    asked = Asked()
    with connection.execute_wrapper(asked):
        yield asked


def _grid(page: MatrixPage) -> str:
    rows, columns = len(page.rows), page.columns_shown
    return (
        f"{rows} people × {columns} of {page.columns_all} columns, page 1 of {page.rows.paginator.num_pages}"
    )


def _most_paths(world: World) -> tuple[Person, Node, int]:
    """Return the right of the first imported person that the most paths lead to."""
    row = Person.objects.filter(realm=world.tenant.realm, username__startswith="user").earliest("pk")
    graph = access_of(world.tenant.realm, people=[row.username]).graph
    start = person(row.username)
    counted = {right: paths(graph, start, right, limit=0).total for right in graph.rights_of(start)}
    right = max(sorted(counted), key=lambda one: counted[one])
    return row, right, counted[right]
