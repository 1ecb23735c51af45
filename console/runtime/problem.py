"""What went wrong, as one block: what, why, and the exact next command."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that stands in the way. `commands` are lines to type, any one of which helps."""

    what: str
    why: str
    commands: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [self.what, f"  Why   {self.why}"]
        lines += [
            f"  {'Next' if number == 0 else 'or  '}  {line}" for number, line in enumerate(self.commands)
        ]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The same, for `doctor --json`."""
        return asdict(self) | {"commands": list(self.commands)}


class Stopped(Exception):
    """Raised where a run cannot go on. Holds the problems that the operator has to solve."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n\n".join(str(problem) for problem in problems))
