"""`tests/conftest.py`: a run in which a test was left out has failed."""

import subprocess
import sys
from pathlib import Path

import pytest

from console.runtime.layout import PROJECT


def outcome(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    """What pytest says of a file with this text, under our conftest."""
    (folder / "test_file.py").write_text(f"import pytest\n\n{text}\n")
    options = ["-p", "no:django", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *options,
        "-c",
        "/dev/null",
        f"--rootdir={folder}",
        str(folder),
    ]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False)


def test_a_run_of_passing_tests_passes(tmp_path: Path) -> None:
    assert outcome(tmp_path, "def test_one(): pass").returncode == 0


LEFT_OUT = """
def test_passes(): pass
def test_skips(): pytest.skip("later")
@pytest.mark.skip
def test_is_skipped(): pass
@pytest.mark.xfail
def test_may_fail(): assert False
@pytest.mark.xfail
def test_may_fail_and_passes(): pass
"""


def test_skips_and_expected_failures_fail_the_run_and_are_named(tmp_path: Path) -> None:
    done = outcome(tmp_path, LEFT_OUT)

    assert done.returncode == 1
    named = done.stdout.rpartition("A skipped or expected failure fails the run: ")[2].splitlines()[0]
    names = [name.rpartition("::")[2] for name in named.split(", ")]
    assert names == ["test_skips", "test_is_skipped", "test_may_fail", "test_may_fail_and_passes"]


def test_a_file_that_skips_itself_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_passes.py").write_text("def test_passes(): pass\n")

    done = outcome(tmp_path, "pytest.importorskip('no_such_module')\ndef test_one(): pass")

    assert done.returncode == 1
    assert "fails the run: test_file.py" in done.stdout


def test_a_run_without_tests_fails(tmp_path: Path) -> None:
    assert outcome(tmp_path, "").returncode == pytest.ExitCode.NO_TESTS_COLLECTED
