"""Steps 1 and 2 of every run: is this machine ready, and are the packages there?"""

from console.runtime import checks, install
from console.runtime.checks import Finding
from console.runtime.given import Given
from console.runtime.layout import Layout
from console.runtime.problem import Stopped
from console.runtime.steps import Step, Steps


def prepare(
    layout: Layout, *, given: Given, steps: Steps, requirements: str, needs_browser: bool = False
) -> None:
    """Check the machine, install what it misses where we may, and fill `.venv`. Raises Stopped."""
    layout.make()
    with steps.step("Checking this machine") as step:
        findings = _machine(layout, given=given, needs_browser=needs_browser, step=step)
        findings += checks.ports(given=given)
        problems = checks.problems(findings)
        if problems:
            raise Stopped(*problems)
        step.says(checks.summary(findings))
    with steps.step("Installing") as step:
        install.python_packages(requirements, layout=layout, step=step)


def _machine(layout: Layout, *, given: Given, needs_browser: bool, step: Step) -> list[Finding]:
    """The findings, looked at again if something was installed for them."""
    findings = checks.machine(layout, given=given, needs_browser=needs_browser)
    if install.debian_packages(findings, layout=layout, step=step):
        return checks.machine(layout, given=given, needs_browser=needs_browser)
    return findings
