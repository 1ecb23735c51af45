"""The numbered lines of a run. Every wait says what it waits for."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from console.runtime.problem import Stopped

TITLE = 26  # columns


class Step:
    """One numbered line: what is waited for while it runs, what came out when it is done."""

    def __init__(self, head: str, out: TextIO) -> None:
        self._head, self._out = head, out
        self._since = time.monotonic()
        self._result = ""

    def waits_for(self, what: str) -> None:
        """Say what the next seconds are spent on."""
        line = f"{self._head}waiting for {what} …"
        self._out.write(f"\r\x1b[K{line}" if self._out.isatty() else f"{line}\n")
        self._out.flush()

    def says(self, result: str) -> None:
        """What this step found or did, shown when it ends."""
        self._result = result

    def end(self) -> None:
        seconds = time.monotonic() - self._since
        time_taken = f"{seconds:4.0f} s" if seconds >= 0.5 else ""
        line = f"{self._head}{self._result or 'done':<62}{time_taken}".rstrip()
        self._out.write(f"\r\x1b[K{line}\n" if self._out.isatty() else f"{line}\n")
        self._out.flush()


class Steps:
    """The lines of one run, numbered `first`/`total`."""

    def __init__(self, *, total: int, done: int = 0, out: TextIO | None = None) -> None:
        self._total, self._done, self._out = total, done, out or sys.stdout

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """One step; its line is ended also when it fails, so that the problem starts on a line of its own."""
        self._done += 1
        step = Step(f" {self._done}/{self._total} {title:<{TITLE}}", self._out)
        try:
            yield step
        except Stopped:
            step.says("failed")
            raise
        except BaseException:
            step.says("interrupted")
            raise
        finally:
            step.end()
