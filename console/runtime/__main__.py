"""The command line of the runtime: `python -m console.runtime run|services|stop|test|clean|doctor`."""

import argparse
import os
import sys
from pathlib import Path

from console.runtime.layout import VAR, Layout
from console.runtime.problem import Stopped


def main() -> int:
    """The exit code. A Stopped is printed as its blocks, never as a trace."""
    arguments = _parser().parse_args()
    try:
        return int(arguments.command(arguments))
    except Stopped as stopped:
        print(f"\n{stopped}\n", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m console.runtime", description=__doc__)
    commands = parser.add_subparsers(required=True)
    services = commands.add_parser("services", help="start PostgreSQL and Keycloak and leave them running")
    services.add_argument("--root", type=Path, default=VAR / "test")
    services.set_defaults(command=_services)
    stop = commands.add_parser("stop", help="stop the services below a folder")
    stop.add_argument("--root", type=Path, default=VAR / "test")
    stop.set_defaults(command=_stop)
    return parser


def _services(arguments: argparse.Namespace) -> int:
    from console.runtime.services import Given, Services
    from console.runtime.steps import Steps

    services = Services(Layout(root=arguments.root.resolve()), given=Given(), for_tests=True)
    services.start(Steps(total=4))
    print(f"\nThey keep running. Settings: {os.path.relpath(services.layout.env_file)}")
    return 0


def _stop(arguments: argparse.Namespace) -> int:
    from console.runtime.services import Given, Services

    stopped = Services(Layout(root=arguments.root.resolve()), given=Given(), for_tests=True).stop()
    print(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing of ours runs there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
