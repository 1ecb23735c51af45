"""The work of a bulk change in a process of its own, as a worker does it, piece by piece.

python -m tests.bench.bulk_worker JOB SCOPE [PROFILES]

Each line on its standard input names a piece; a line of JSON answers with its seconds and the peak of memory.
"""

import cProfile
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def main() -> int:
    """Do what is asked for until the input ends."""
    django.setup()
    pieces = _pieces(*sys.argv[1:3])
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    for line in sys.stdin:
        name = line.strip()
        start = time.perf_counter()
        told = _profiled(pieces[name], name, folder)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF)
        used = {"seconds": seconds, "megabytes": peak.ru_maxrss / 1024, "processor": time.process_time()}
        print(json.dumps({**used, **told}), flush=True)
    return 0


def _profiled(do: Callable[[], dict[str, Any]], name: str, folder: Path | None) -> dict[str, Any]:
    if folder is None:
        return do()
    profile = cProfile.Profile()
    try:
        return profile.runcall(do)
    finally:
        profile.dump_stats(folder / f"{name}.prof")


def _pieces(job: str, scope: str) -> dict[str, Callable[[], dict[str, Any]]]:
    from console.bulk import working
    from console.bulk.models import BulkJob
    from console.sync import runs
    from console.sync.drift.check import check
    from console.sync.drift.models import DriftItem

    def ordered(do: Callable[[str], None]) -> dict[str, Any]:
        row = BulkJob.objects.get(pk=job)
        do(f"{row.pk}:{row.order}")
        row.refresh_from_db()
        return {"state": row.state, "sentence": row.sentence}

    def run() -> dict[str, Any]:
        done = runs.sync(int(scope))
        return {"state": done and done.state, "sentence": done and done.sentence}

    def compare() -> dict[str, Any]:
        watch = check(int(scope))
        differences = DriftItem.objects.filter(scope=scope, closed_at=None).count()
        return {"looked_at": watch and watch.looked_at, "differences": differences}

    return {
        "check": lambda: ordered(working.check),
        "apply": lambda: ordered(working.apply),
        "run": run,
        "compare": compare,
    }


if __name__ == "__main__":
    sys.exit(main())
