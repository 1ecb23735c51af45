"""Loaded first in each process of a parallel run: leads it to services of its own.

That has to be before Django reads its settings, so it is done when pytest imports this module.
"""

import os
from pathlib import Path

from console.runtime.lane import ENV_FILES
from console.runtime.values import Values

worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1
if worker and ENV_FILES in os.environ:
    file = os.environ[ENV_FILES].split(os.pathsep)[int(worker.removeprefix("gw"))]
    os.environ.update(Values(Path(file)).all())
    os.environ.pop("DJANGO_LIVE_TEST_SERVER_ADDRESS", None)  # the first process's, told to its children
