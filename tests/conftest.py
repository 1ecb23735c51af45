"""What all tests share: real Keycloak, PostgreSQL and browser, and a run in which every test counts."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest

# How long an example takes is a matter of the machine.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

HOW = "Start them: `make test` runs everything; for one test `python -m console.runtime services`, " + (
    "then `set -a; . var/test/env; set +a` before pytest."
)
KEYCLOAK_SETTINGS = ("KEYCLOAK_URL", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET")

# Playwright keeps an event loop in the thread of the test, and Django would refuse its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
if "GATEHOUSE_URL" in os.environ:  # Keycloak sends the browser back to this address only
    os.environ.setdefault("DJANGO_LIVE_TEST_SERVER_ADDRESS", urlsplit(os.environ["GATEHOUSE_URL"]).netloc)


class EveryTestCounts:
    """Fails a run in which a test was skipped or expected to fail."""

    def __init__(self) -> None:
        self.left_out: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or hasattr(report, "wasxfail"):
            self.left_out.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.left_out.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.left_out and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.left_out:
            names = ", ".join(self.left_out)
            terminalreporter.line(f"A skipped or expected failure fails the run: {names}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(EveryTestCounts(), "every-test-counts")


@pytest.fixture(scope="session")
def keycloak_connection() -> Any:
    """The `Connection` of the service client on the real Keycloak of the tests."""
    from console.keycloak.connection import Connection
    from console.transport import Secret

    missing = [name for name in KEYCLOAK_SETTINGS if not os.environ.get(name)]
    if missing:
        pytest.fail(f"This test needs a Keycloak, and {', '.join(missing)} is not set. {HOW}")
    url, client_id, secret = (os.environ[name] for name in KEYCLOAK_SETTINGS)
    return Connection(url=url, client_id=client_id, client_secret=Secret(secret))


@pytest.fixture
def realm_name(keycloak_connection: Any) -> Iterator[Callable[..., str]]:
    """A maker of realm names of our own: `realm_name("sync")`. The realms are deleted afterwards."""
    given: list[str] = []

    def make(prefix: str = "test") -> str:
        given.append(f"{prefix}-{uuid.uuid4().hex[:10]}")
        return given[-1]

    yield make
    for name in given:
        _delete_realm(keycloak_connection, name)


def _delete_realm(connection: Any, name: str) -> None:
    from console.keycloak.client import client_for
    from console.keycloak.errors import NotFound
    from console.transport import LONG, run

    try:
        run(client_for(connection).delete(("admin", "realms", name), patience=LONG))
    except NotFound:
        return


@pytest.fixture
def first_administrator(keycloak_connection: Any) -> tuple[str, str]:
    """User name and a fresh temporary password of `mto`: the login asks for a new one."""
    from console.keycloak.client import client_for
    from console.keycloak.provision import FIRST_ADMINISTRATOR, give_temporary_password
    from console.transport import run

    client = client_for(keycloak_connection)
    return FIRST_ADMINISTRATOR, run(give_temporary_password(client, username=FIRST_ADMINISTRATOR))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database of its own for each run, so that two runs on the same PostgreSQL do not meet."""
    from django.db import connections

    settings = connections["default"].settings_dict
    settings["TEST"]["NAME"] = f"test_{settings['NAME']}_{os.getpid()}"
    settings["CONN_MAX_AGE"] = 0  # a live server's threads would keep the database open beyond its end


@pytest.fixture(scope="session", autouse=True)
def static_files(request: pytest.FixtureRequest) -> None:
    """Collect the static files once where pages are shown, so that they are named as in production."""
    shown = {"client", "db", "live_server", "transactional_db"}
    items = request.session.items
    if any(shown & set(getattr(one, "fixturenames", ())) or "django_db" in one.keywords for one in items):
        from django.core.management import call_command

        call_command("collectstatic", "--no-input", "--verbosity=0")


@pytest.fixture(autouse=True)
def static_files_of_the_live_server(request: pytest.FixtureRequest) -> None:
    """Django's live server serves static files by their plain names only."""
    if "live_server" in request.fixturenames:
        settings = request.getfixturevalue("settings")
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of the system. As root it runs without its sandbox, which needs an ordinary user."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("No Chromium was found: `apt-get install chromium`, or `make test` as root.")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": arguments}
