"""A second set of services, so that two processes share all tests and do not meet.

One Keycloak for both would not do: it answers 500 now and then to whoever makes a realm while another is
deleted, and it sends browsers back to one address.
"""

import io
import os
from concurrent.futures import Future, ThreadPoolExecutor

from console.runtime import processes
from console.runtime.given import Given
from console.runtime.layout import Layout
from console.runtime.services import Services
from console.runtime.steps import Steps

ENV_FILES = "TEST_LANES"
"""The variable that tells each process of pytest where its settings stand; see `tests/lanes.py`."""

# Whole files in the order of the collection, the longest first. A process that died is not replaced.
OPTIONS = ("-n2", "--dist=loadgroup", "--no-loadscope-reorder", "--max-worker-restart=0")


class Lane:
    """The services of the second process: begun beside those of the first, and waited for after them."""

    def __init__(self, first: Layout) -> None:
        self._first = first
        self._own = Layout(root=first.root.with_name(f"{first.root.name}-2"))
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._started: Future[None] | None = None

    def begin(self) -> None:
        """Begin to start them. Keycloak must have been fetched and built by then."""
        self._started = self._pool.submit(self._start)

    def end(self) -> dict[str, str]:
        """Wait until they run, and return what pytest is told. Raises Stopped."""
        if self._started is not None:
            self._started.result()
        files = (self._first.env_file, self._own.env_file)
        return {"PYTEST_PLUGINS": "tests.lanes", ENV_FILES: os.pathsep.join(map(str, files))}

    def stop(self) -> None:
        """Stop them, also while they start."""
        processes.stop_all(self._own)
        self._pool.shutdown()
        processes.stop_all(self._own)

    def _start(self) -> None:
        services = Services(self._own, given=Given(), for_tests=True, lasts=False)
        services.start(Steps(total=5, out=io.StringIO()))
