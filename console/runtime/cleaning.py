"""Stop what is left of ours, and only that, and remove `var/`."""

import shutil

from console.runtime import processes
from console.runtime.layout import VAR, Layout


def clean() -> int:
    """Stop a run, the services that are left, and remove everything below `var/`. The exit code."""
    stopped = []
    for layout in _layouts():
        stopped += ["runner"] if processes.stop(layout, "runner") else []
        stopped += processes.stop_all(layout)
    if VAR.exists():
        shutil.rmtree(VAR)
    print(f"Stopped {', '.join(stopped) or 'nothing'}. Removed var/.")
    return 0


def _layouts() -> list[Layout]:
    """Every folder below var/ that holds records of processes."""
    return [Layout(root=path.parent) for path in (VAR / "run", *VAR.glob("*/run")) if path.is_dir()]
