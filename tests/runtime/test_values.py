"""`console.runtime.values`: what is generated once and kept."""

import stat
import subprocess
from pathlib import Path

from console.runtime.values import Values, password


def test_a_value_is_made_once_and_found_again_by_the_next_run(tmp_path: Path) -> None:
    first = Values(tmp_path / "env").ensure("SECRET", password)

    again = Values(tmp_path / "env").ensure("SECRET", password)

    assert again == first
    assert len(first) >= 43


def test_the_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    Values(tmp_path / "env").put({"SECRET": "text"})

    assert stat.S_IMODE((tmp_path / "env").stat().st_mode) == 0o600


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    Values(tmp_path / "env").put({"NAME": "text"})
    before = (tmp_path / "env").stat()

    Values(tmp_path / "env").put({"NAME": "text"})

    after = (tmp_path / "env").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_shell_reads_the_same_value_as_we_do(tmp_path: Path) -> None:
    text = "postgresql://a:b@host/db?sslmode=require&x='$HOME'"
    Values(tmp_path / "env").put({"ADDRESS": text})

    command = f'set -a; . {tmp_path / "env"}; printf %s "$ADDRESS"'
    shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout

    assert shown == text
    assert Values(tmp_path / "env")["ADDRESS"] == text


def test_a_dropped_value_is_gone_from_the_file(tmp_path: Path) -> None:
    values = Values(tmp_path / "env")
    values.put({"KEPT": "one", "GONE": "two"})

    values.drop("GONE")

    assert (tmp_path / "env").read_text() == "KEPT=one\n"
