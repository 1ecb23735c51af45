"""The parts that `make run` and the tests start: PostgreSQL, Keycloak, web and worker.

Until `.venv` exists only the standard library is imported: `machine`, and what it uses.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (said here, before an older Python fails on its own words)
    sys.exit(
        "Python 3.11 or newer not found, this is %s.\n" % sys.version.split()[0]  # noqa: UP031
        + "  Why   Gatehouse is written for it.\n"
        + "  Next  make run PYTHON=/path/to/python3.11"
    )
