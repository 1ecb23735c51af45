"""From the click on Apply to *in sync*, with web server and worker as `make run` starts them."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.urls import reverse

from access.models import Role
from console.runtime import processes
from console.runtime.steps import Step
from tests.bench import figures
from tests.bench.browser import ConsoleBrowser, apply_path, operators
from tests.bench.place import Place
from tests.bench.world import World, Worlds

SMALL = 10
REPETITIONS = 10
ASK_EVERY = 0.02  # seconds; the page itself asks once a second
PATIENCE = 30  # seconds
ADMINISTRATOR = "ada"


class NotInSync(Exception):
    """A grant did not arrive, so there is no figure."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Seconds of one grant: form to plan page, click to the answer of Apply, from there to *in sync*."""

    preview: float
    apply: float
    run: float

    @property
    def click(self) -> float:
        return self.apply + self.run


def measure(place: Place, worlds: Worlds) -> None:
    """Print what one grant takes, at both sizes."""
    found = [worlds.of(size) for size in (SMALL, place.large)]
    with operators(place.values), _running(place):
        browser = ConsoleBrowser(place.values["GATEHOUSE_URL"])
        browser.sign_in(ADMINISTRATOR)
        for world in found:
            _print(world, [_grant(browser, world, role) for role in world.roles[:REPETITIONS]])


def _print(world: World, grants: Sequence[Grant]) -> None:
    figures.head(f"One role given to one person, {world.words}: click on Apply to in sync")
    figures.line("click to in sync", figures.spread([one.click for one in grants]))
    figures.line("  of it: apply", figures.spread([one.apply for one in grants]))
    figures.line("  of it: run", figures.spread([one.run for one in grants]))
    figures.line("before it: form to plan page", figures.spread([one.preview for one in grants]))


def _grant(browser: ConsoleBrowser, world: World, role: Role) -> Grant:
    keys = {"tenant": world.slug, "pk": world.person.pk}
    path = reverse("access:person-give", kwargs=keys)
    form = browser.page(path)
    with figures.stopwatch() as preview:
        where = browser.send(form, path, roles=str(role.pk))
        plan = browser.page(where)
    with figures.stopwatch() as apply:
        where = browser.send(plan, apply_path(plan), reason="A benchmark.", ticket="")
    with figures.stopwatch() as run:
        _wait_until_in_sync(browser, where)
    return Grant(preview.seconds, apply.seconds, run.seconds)


def _wait_until_in_sync(browser: ConsoleBrowser, path: str) -> None:
    until = time.monotonic() + PATIENCE
    while "In sync" not in (text := browser.part(path).text):
        if time.monotonic() > until:
            raise NotInSync(text)
        time.sleep(ASK_EVERY)


@contextmanager
def _running(place: Place) -> Iterator[None]:
    """The console's web server and worker, each a process of its own."""
    try:
        place.application.start(Step("  ", sys.stdout))
        yield
    finally:
        processes.stop_all(place.layout)
