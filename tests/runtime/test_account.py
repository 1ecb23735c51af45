"""`console.runtime.account`: as whom the services run, and how they reach their files."""

import os
import subprocess
from pathlib import Path

import pytest

from console.runtime import account as accounts
from console.runtime.account import service_account
from console.runtime.layout import Layout
from console.runtime.problem import Stopped


def test_services_never_run_as_root(layout: Layout) -> None:
    account = service_account(root=layout.root)

    said = subprocess.run(account.command(["id", "-u"]), capture_output=True, text=True, check=True)

    assert int(said.stdout) == account.uid
    assert account.uid != 0


def test_rights_cannot_be_won_back(layout: Layout) -> None:
    account = service_account(root=layout.root)
    if not account.is_other:  # an ordinary user keeps its own rights, which are few
        assert account.uid == os.geteuid() != 0
        return

    status = subprocess.run(account.command(["cat", "/proc/self/status"]), capture_output=True, text=True)

    lines = dict(line.split(":", 1) for line in status.stdout.splitlines())
    assert lines["NoNewPrivs"].strip() == "1"
    assert int(lines["CapEff"], 16) == 0
    assert lines["Groups"].strip() == ""


def test_files_below_a_folder_that_lets_only_its_owner_pass_are_reached_without_changing_its_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone below /root: PostgreSQL's user cannot pass /root, and /root stays as it is."""
    private = tmp_path / "private"
    project = private / "gatehouse"
    project.mkdir(parents=True)
    (project / "file").write_text("reached")
    private.chmod(0o700)
    monkeypatch.setattr(accounts, "PROJECT", project)

    account = service_account(root=project)

    command = account.command(["cat", account.path(project / "file")])
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "reached"
    assert private.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_shown_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir(mode=0o000)
    (tmp_path / "closed").chmod(0o000)
    monkeypatch.setattr(accounts, "PROJECT", tmp_path)

    if os.geteuid() != 0:
        assert service_account(root=tmp_path / "closed").uid == os.geteuid()
        return
    with pytest.raises(Stopped, match="cannot enter") as stopped:
        service_account(root=tmp_path / "closed")
    assert "make run DATABASE_URL=" in str(stopped.value)
