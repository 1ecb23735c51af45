"""How figures are printed: each with what it was measured on. Nothing here judges them."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from console.runtime.layout import PROJECT


@dataclass
class Watch:
    """Seconds between the beginning and the end of a block."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Watch]:
    """Time a block."""
    watch, start = Watch(), time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - start


def head(title: str) -> None:
    """Print what the next lines are about."""
    print(f"\n{title}", flush=True)


def line(label: str, text: str) -> None:
    """Print one figure."""
    print(f"  {label:<34} {text}", flush=True)


def spread(seconds: Sequence[float]) -> str:
    """Return the least, the middle and the most of some times, in milliseconds."""
    low, middle, high = (1000 * one for one in (min(seconds), median(seconds), max(seconds)))
    return f"min {low:6.0f}   median {middle:6.0f}   max {high:6.0f} ms   ({len(seconds)} times)"


def machine() -> str:
    """Return on what was measured: when, which commit, how many cores, and how busy they were."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.strip()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return f"{when}, commit {commit}, {os.cpu_count()} cores, load {load} (1, 5 and 15 minutes)"
