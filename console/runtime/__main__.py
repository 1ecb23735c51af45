"""The command line of the runtime: `python -m console.runtime run|services|stop|test|clean|doctor`.

`run`, `services` and `test` begin in any Python that is new enough and go on in the one of `.venv`.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from console.runtime import cleaning, doctor, install, machine, processes
from console.runtime.given import Given, given_for_run
from console.runtime.layout import PROJECT, VAR, Layout
from console.runtime.problem import Problem, Stopped
from console.runtime.steps import Steps

READY = "--installed"  # the machine was checked and the packages are there: go on with step 3
Command = Callable[[argparse.Namespace, Layout], int]


def main() -> int:
    """The exit code. A Stopped is printed as its blocks, never as a trace."""
    arguments = _parser().parse_args()
    try:
        command: Command = arguments.command
        return command(arguments, Layout(root=arguments.root.resolve()))
    except Stopped as stopped:
        print(f"\n{stopped}\n", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m console.runtime")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, command: Command, root: Path, about: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about)
        one.add_argument("--root", type=Path, default=root, help="the folder that everything is kept in")
        one.add_argument(READY, action="store_true", help=argparse.SUPPRESS)
        one.set_defaults(command=command)
        return one

    add("run", _run, VAR, "start everything until Ctrl-C")
    add("services", _services, VAR / "test", "start PostgreSQL and Keycloak and leave them running")
    add("stop", _stop, VAR / "test", "stop the services")
    test = add("test", _test, VAR / "test", "run pytest, or another module, on the real services")
    test.add_argument("--module", default="pytest", help="the module to run")
    test.add_argument("arguments", nargs="*", help="for the module")
    add("clean", lambda *_: cleaning.clean(), VAR, "stop what is left and remove var/")
    add("doctor", _doctor, VAR, "check this machine and the settings").add_argument(
        "--json", action="store_true"
    )
    return parser


def _run(arguments: argparse.Namespace, layout: Layout) -> int:
    if not arguments.installed:
        _refuse_second_run(layout)
        left = processes.stop_all(layout)
        if left:
            print(f" Stopped {', '.join(left)}, left by a run that was killed.")
        given = given_for_run(os.environ)
        return _install_and_go_on(layout, given, total=7, requirements=install.RUN, browser=False)
    from console.runtime import commands

    return commands.run(layout=layout, steps=Steps(total=7, done=2))


def _services(arguments: argparse.Namespace, layout: Layout) -> int:
    if not arguments.installed:
        return _install_and_go_on(layout, Given(), total=6, requirements=install.DEVELOPMENT, browser=False)
    from console.runtime import commands

    return commands.services(layout=layout, steps=Steps(total=6, done=2))


def _test(arguments: argparse.Namespace, layout: Layout) -> int:
    if not arguments.installed:
        return _install_and_go_on(layout, Given(), total=7, requirements=install.DEVELOPMENT, browser=True)
    from console.runtime import commands

    return commands.test(
        layout=layout,
        steps=Steps(total=7, done=2),
        module=arguments.module,
        arguments=arguments.arguments,
    )


def _stop(arguments: argparse.Namespace, layout: Layout) -> int:
    stopped = processes.stop_all(layout)
    print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing of ours runs there.")
    return 0


def _doctor(arguments: argparse.Namespace, layout: Layout) -> int:
    if Path(sys.prefix) != install.ENVIRONMENT and install.python().exists():
        _go_on()
    return doctor.main(layout, as_json=arguments.json)


def _refuse_second_run(layout: Layout) -> None:
    runner = processes.running(layout, "runner")
    if runner is not None:
        why = "A second one on the same var/ would meet it."
        raise Stopped(Problem(f"Gatehouse runs already (pid {runner.pid}).", why, (f"kill {runner.pid}",)))


def _install_and_go_on(layout: Layout, given: Given, *, total: int, requirements: str, browser: bool) -> int:
    """Steps 1 and 2, then the rest in the Python of `.venv`. Returns only by raising Stopped."""
    machine.prepare(
        layout, given=given, steps=Steps(total=total), requirements=requirements, needs_browser=browser
    )
    return _go_on(READY)


def _go_on(*options: str) -> int:
    """Become the Python of `.venv`, with the same command."""
    command = [str(install.python()), "-m", "console.runtime", sys.argv[1], *options, *sys.argv[2:]]
    sys.stdout.flush()
    os.chdir(PROJECT)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
