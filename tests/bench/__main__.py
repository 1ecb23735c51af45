"""`make bench`, or `make bench ARGS="click calls"`: measure on real parts, and print figures with sizes.

Nothing here fails because a figure is high: docs/benchmarks.md says what is aimed at.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from tests.bench import figures, first_run
from tests.bench.place import own_place

IN_THE_CONSOLE = (
    "click",
    "calls",
    "read",
    "hang",
    "realm",
    "bulk",
    "drift",
    "matrix",
    "rights",
    "families",
    "decisions",
)
ALL = (*IN_THE_CONSOLE, "run")


def main() -> int:
    """Measure what was chosen, in a fixed order."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ended by others, it takes away its things too
    chosen = [one for one in ALL if one in (options.which or ALL)]
    figures.head(figures.machine())
    inside = [one for one in chosen if one in IN_THE_CONSOLE]
    if inside:
        _measure(inside, large=options.large, stays=options.stay)
    if "run" in chosen:
        first_run.measure()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "which", nargs="*", choices=[[], *ALL], metavar="|".join(ALL), help="all, if none is named"
    )
    parser.add_argument("--large", type=int, default=10_000, help="people in the large realm (10000)")
    parser.add_argument(
        "--stay",
        action="store_true",
        help="measure in the database of DATABASE_URL, and leave what `decisions` fills in there",
    )
    return parser


def _measure(names: Sequence[str], *, large: int, stays: bool) -> None:
    """Measure in a console of our own. Its modules are imported once its settings are known."""
    with own_place(large=large, stays=stays) as place:
        import_module("console.wsgi")  # this process is set up as one of the web server
        worlds = import_module("tests.bench.world").Worlds()
        try:
            for name in names:
                import_module(f"tests.bench.{name}").measure(place, worlds)
        finally:
            worlds.remove()
            import_module("django.db").connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
