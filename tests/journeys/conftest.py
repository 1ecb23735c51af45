"""The real console for a browser: web server, worker and Keycloak."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process on the database of this test."""
    settings = connections["default"].settings_dict
    user, password, host, port, name = (settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME"))
    environment = dict(os.environ) | {"DATABASE_URL": f"postgresql://{user}:{password}@{host}:{port}/{name}"}
    log = (tmp_path / "worker.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--concurrency", "2"],
        cwd=PROJECT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
