"""A second set of services, so that two processes share all tests and do not meet.

One Keycloak for both would not do: it answers 500 now and then to whoever makes a realm while another is
deleted, and it sends browsers back to one address.
"""

import io
import os

from console.runtime import processes
from console.runtime.given import Given
from console.runtime.layout import Layout
from console.runtime.services import Services
from console.runtime.steps import Steps

ENV_FILES = "TEST_LANES"
"""The variable that tells each process of pytest where its settings stand; see `tests/lanes.py`."""

# Whole files in the order of the collection, the longest first. A process that died is not replaced.
OPTIONS = ("-n2", "--dist=loadfile", "--no-loadscope-reorder", "--max-worker-restart=0")


class Lane:
    """The services of the second process."""

    def __init__(self, first: Layout) -> None:
        self._first = first
        self._own = Layout(root=first.root.with_name(f"{first.root.name}-2"))

    def start(self) -> dict[str, str]:
        """Start them after those of the first, and return what pytest is told. Raises Stopped."""
        services = Services(self._own, given=Given(), for_tests=True, lasts=False)
        services.start(Steps(total=5, out=io.StringIO()))
        files = (self._first.env_file, self._own.env_file)
        return {"PYTEST_PLUGINS": "tests.lanes", ENV_FILES: os.pathsep.join(map(str, files))}

    def stop(self) -> None:
        """Stop what runs of them."""
        processes.stop_all(self._own)
