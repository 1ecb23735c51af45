"""`console.runtime.checks`: what is missing is named with the exact command."""

import os
import socket
from pathlib import Path

import pytest

from console.runtime import checks
from console.runtime.given import Given
from console.runtime.layout import Layout


def test_a_taken_port_is_told_with_process_pid_and_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        finding = checks.port(name="PORT", number=number)

    assert finding.problem is not None
    process = Path("/proc/self/comm").read_text().strip()
    assert finding.problem.what == f"Port {number} is in use by {process} (pid {os.getpid()})."
    assert finding.problem.commands == [f"make run PORT={number + 1}"]


def test_a_taken_port_of_keycloak_may_be_a_keycloak_to_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        finding = checks.port(name="KEYCLOAK_PORT", number=number)

    assert finding.problem is not None
    assert finding.problem.commands[0] == f"make run KEYCLOAK_PORT={number + 1}"
    assert f"KEYCLOAK_URL=http://localhost:{number}" in finding.problem.commands[1]


def test_a_port_taken_on_ipv6_alone_counts_as_taken() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        number = listener.getsockname()[1]
        assert checks.port(name="PORT", number=number).problem is not None


def test_a_port_is_free_again_after_its_server_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]

    assert checks.port(name="PORT", number=number).problem is None


def test_missing_java_and_maven_are_named_with_their_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    layout = Layout(root=tmp_path, cache=tmp_path)

    missing = [finding for finding in checks.machine(layout, given=Given(port=1)) if finding.problem]

    assert [finding.packages for finding in missing] == [("default-jdk-headless",), ("maven",)]
    assert "apt-get install default-jdk-headless" in str(missing[0].problem)
    assert "KEYCLOAK_URL=" in str(missing[0].problem)


def test_neither_java_nor_maven_is_needed_for_a_given_keycloak(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    findings = checks.machine(
        Layout(root=tmp_path, cache=tmp_path), given=Given(keycloak_url="https://keycloak.example")
    )

    assert checks.problems(findings) == []


def test_a_java_home_without_java_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    assert checks.java().problem is not None


def test_a_full_disk_is_told_with_both_sizes(tmp_path: Path) -> None:
    finding = checks.disk(tmp_path, needed=10**18)

    assert finding.problem is not None
    assert "1000000000 GB are needed" in finding.problem.why


def test_this_machine_is_ready(layout: Layout) -> None:
    findings = checks.machine(layout, given=Given(), needs_browser=True)

    assert checks.problems(findings) == []
    assert checks.summary(findings).startswith("Python 3.")
