"""Loads the console once and starts workers from there, a fork each: `python -m tests.faults.nursery`.

Each line on standard input starts one, with `manage.py worker` and what the line says; its process id is
answered. It ends, with all its workers, when standard input does.
"""

import os
import signal
import sys

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    import console.sync.management.commands.worker  # noqa: F401  loaded once, for all

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    workers = []
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            call_command("worker", *line.split())
            os._exit(0)
        workers.append(child)
        print(child, flush=True)
    for worker in workers:
        _end(worker)


def _end(worker: int) -> None:
    try:
        os.kill(worker, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
