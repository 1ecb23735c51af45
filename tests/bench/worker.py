"""One run in a process of its own, as a worker does it: prints its seconds, its state and its peak of memory.

python -m tests.bench.worker SCOPE
"""

import json
import resource
import sys
import time

import django


def main() -> int:
    """Bring one scope to what is declared."""
    django.setup()
    from console.sync import runs

    start = time.perf_counter()
    run = runs.sync(int(sys.argv[1]))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {
        "seconds": seconds,
        "megabytes": peak,
        "state": run and run.state,
        "sentence": run and run.sentence,
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
