"""`console.env`: every wrong setting is named at once, and no secret is shown."""

from pathlib import Path

import pytest

from console.env import Environment, WrongSettings, read_environment

RIGHT = {
    "DATABASE_URL": "postgresql://user:p%40ss@db.example:5433/gatehouse",
    "SECRET_KEY": "s" * 40,
    "ENCRYPTION_KEYS": "first:" + "A" * 43 + "=",
    "GATEHOUSE_URL": "https://gatehouse.example/",
    "OIDC_ISSUER": "https://keycloak.example/realms/gatehouse",
    "OIDC_CLIENT_SECRET": "client-secret",
}


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with none of our settings but the right ones."""
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_all_wrong_settings_are_named_in_one_message(setting: pytest.MonkeyPatch) -> None:
    setting.setenv("KEYCLOAK_URL", "keycloak:8080")
    setting.setenv("DEBUG", "perhaps")
    setting.delenv("OIDC_ISSUER")

    with pytest.raises(WrongSettings) as wrong:
        read_environment(env_file=None)

    assert str(wrong.value).splitlines() == [
        "3 settings are wrong:",
        "  DEBUG must be true or false.",
        "  OIDC_ISSUER is missing. It is the issuer, https://keycloak.example/realms/gatehouse.",
        "  KEYCLOAK_URL must start with http:// or https:// (got 'keycloak:8080').",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "mysql://root:hidden@db/gatehouse", "must start with postgresql://"),
        ("DATABASE_URL", "postgresql://root:hidden@db", "names no database"),
        ("SECRET_KEY", "hidden", "has 6 characters; 32 are needed"),
        ("ENCRYPTION_KEYS", "first:aGlkZGVu", "key 'first' has 6 bytes; 32 are needed"),
        ("ENCRYPTION_KEYS", "hidden", "is a list like id:base64key"),
        ("ENCRYPTION_KEYS", "first:hidden!", "key 'first' is not base64"),
        ("ENCRYPTION_KEYS", f"one:{'A' * 43}=,one:{'B' * 43}=", "names the key 'one' twice"),
        ("GATEHOUSE_URL", "https://root:hidden@gatehouse.example", "must hold no user name"),
        ("LOCAL_LOGIN_NETWORKS", "10.0.0.0/99", "is a list of networks"),
        ("ADMINISTRATORS", "realm-management//realm-admin", "is a list like realm-management/realm-admin"),
        ("GUARD_DELETION_SHARE", "20", "cannot be read. It is the share of deletions"),
        ("GUARD_DELETIONS", "-1", "cannot be read. It is the number of deletions"),
    ],
)
def test_a_wrong_setting_says_what_was_expected_and_not_the_secret(
    setting: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    setting.setenv(name, value)

    with pytest.raises(WrongSettings) as wrong:
        read_environment(env_file=None)

    assert f"{name} {sentence}" in str(wrong.value)
    assert "hidden" not in str(wrong.value)
    assert wrong.value.__cause__ is None


def test_right_settings_are_read_and_show_no_secret(setting: pytest.MonkeyPatch) -> None:
    environment = read_environment(env_file=None)

    assert environment.gatehouse_url == "https://gatehouse.example"
    assert environment.database() == {
        "NAME": "gatehouse",
        "USER": "user",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert not any(secret in repr(environment) for secret in ("p%40ss", "s" * 40, "AAAA", "client-secret"))


def test_the_environment_comes_before_the_file(setting: pytest.MonkeyPatch, tmp_path: Path) -> None:
    setting.delenv("OIDC_ISSUER")
    (tmp_path / "env").write_text("OIDC_ISSUER=https://from.file/realms/x\nGATEHOUSE_URL=https://from.file\n")

    environment = read_environment(env_file=tmp_path / "env")

    assert environment.oidc_issuer == "https://from.file/realms/x"
    assert environment.gatehouse_url == "https://gatehouse.example"
