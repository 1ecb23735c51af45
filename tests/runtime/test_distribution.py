"""`console.runtime.distribution`: Keycloak comes through Maven and is compared with its checksum."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from console.runtime import distribution
from console.runtime.layout import Layout
from console.runtime.problem import Stopped


def test_a_file_with_another_checksum_is_deleted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "keycloak.zip"
    path.write_bytes(b"cut short")

    with pytest.raises(Stopped) as stopped:
        distribution.check(path, expected=distribution.SHA256)

    assert not path.exists()
    found = hashlib.sha256(b"cut short").hexdigest()
    text = "The checksum of keycloak.zip differs. The file was deleted; nothing else was changed."
    assert stopped.value.problems[0].what == text
    assert distribution.SHA256 in str(stopped.value)
    assert found in str(stopped.value)


def test_a_cut_archive_in_the_cache_is_found_and_the_next_run_fetches_the_real_one(tmp_path: Path) -> None:
    layout = Layout(root=tmp_path, cache=tmp_path / "cache")
    layout.make()
    distribution.archive(layout).write_bytes(b"cut short")

    with pytest.raises(Stopped, match="make run"):
        distribution.fetch(layout)
    fetched = distribution.fetch(layout)

    assert fetched.stat().st_size > 100_000_000
    assert [path.name for path in layout.cache.iterdir()] == [fetched.name]


def test_what_maven_says_is_told_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(root=tmp_path, cache=tmp_path / "cache")
    layout.make()
    monkeypatch.setattr(distribution, "ARTIFACT", "org.keycloak:keycloak-quarkus-dist:0.0.0:zip")

    with pytest.raises(Stopped, match="Maven could not fetch Keycloak") as stopped:
        distribution.fetch(layout)

    assert "keycloak-quarkus-dist" in stopped.value.problems[0].why
    assert not distribution.archive(layout).exists()


def test_the_built_server_is_the_pinned_one_for_postgresql_with_health(layout: Layout) -> None:
    home = distribution.install(layout)

    command = ["sh", str(home / "bin" / "kc.sh"), "show-config"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert f"kc.version =  {distribution.VERSION} " in shown
    assert "kc.db =  postgres (Persisted)" in shown
    assert "kc.health-enabled =  true (Persisted)" in shown
