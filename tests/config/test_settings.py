"""What can be set, and where from."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from config.settings import load

CANARY = "canary-8c1f"


def test_without_anything_set_everything_has_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load({"PATH": "/bin", "HOME": "/root"})
    assert settings.state_dir == tmp_path / ".fleet"
    assert settings.secrets_dir == tmp_path / ".fleet/secrets"
    assert settings.redis_url is None
    assert settings.token is None
    assert (settings.public_url, settings.api_url) == ("http://127.0.0.1:8080", "http://127.0.0.1:8081")
    assert settings.retry_schedule_s == (5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200)
    assert (settings.heartbeat_s, settings.tunnel_lease_s, settings.hourly_limit) == (5, 15, 1000)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load({}).relay_port = 1


def test_only_what_is_given_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_RELAY_PORT", "9999")
    monkeypatch.setenv("RELAY_PORT", "9999")
    assert load({}).relay_port == 8081


@pytest.mark.parametrize(
    ("environ", "public_url", "api_url"),
    [
        (
            {"FLEET_INGRESS_PORT": "90", "FLEET_RELAY_PORT": "91"},
            "http://127.0.0.1:90",
            "http://127.0.0.1:91",
        ),
        (
            {"FLEET_INGRESS_HOST": "0.0.0.0", "FLEET_RELAY_HOST": "::"},  # noqa: S104 - read, not bound
            "http://127.0.0.1:8080",
            "http://[::1]:8081",
        ),
        (
            {
                "FLEET_INGRESS_TLS_CERT": "/i.pem",
                "FLEET_INGRESS_TLS_KEY": "/i.key",
                "FLEET_RELAY_TLS_CERT": "/r.pem",
                "FLEET_RELAY_TLS_KEY": "/r.key",
            },
            "https://127.0.0.1:8080",
            "https://127.0.0.1:8081",
        ),
        (
            {
                "FLEET_PUBLIC_URL": "https://hooks.example.org/in/",
                "FLEET_API_URL": "https://relay.example.org",
            },
            "https://hooks.example.org/in",
            "https://relay.example.org",
        ),
    ],
)
def test_urls_follow_the_doors_until_they_are_set(
    environ: dict[str, str], public_url: str, api_url: str
) -> None:
    settings = load(environ)
    assert (settings.public_url, settings.api_url) == (public_url, api_url)


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("5", (5,)),
        ("0.05, 2 ,172800", (0.05, 2, 172_800)),
        ("none", ()),
        ("NONE", ()),
        (",".join(["1"] * 20), (1,) * 20),
    ],
)
def test_a_schedule_is_a_list_of_seconds(text: str, schedule: tuple[float, ...]) -> None:
    assert load({"FLEET_RETRY_SCHEDULE_S": text}).retry_schedule_s == schedule


def test_words_may_be_written_large_and_empty_counts_as_not_given() -> None:
    settings = load({"FLEET_LOG_LEVEL": "Debug", "FLEET_APPENDFSYNC": " EVERYSEC ", "FLEET_TOKEN": ""})
    assert (settings.log_level, settings.appendfsync, settings.token) == ("debug", "everysec", None)


def test_no_setting_shows_a_secret() -> None:
    settings = load({"FLEET_REDIS_URL": f"rediss://:{CANARY}@redis", "FLEET_TOKEN": CANARY})
    assert settings.redis_url == SecretStr(f"rediss://:{CANARY}@redis")
    assert settings.token == SecretStr(CANARY)
    assert CANARY not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


def test_secrets_may_be_files(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "token").write_text("fleet_abc\n")
    (folder / "redis_url").write_text("redis://:pw@redis\n")
    for environ in ({"FLEET_STATE_DIR": str(tmp_path)}, {"FLEET_SECRETS_DIR": str(folder)}):
        settings = load(environ)
        assert settings.token == SecretStr("fleet_abc")
        assert settings.redis_url == SecretStr("redis://:pw@redis")
    assert load({"FLEET_STATE_DIR": str(tmp_path), "FLEET_TOKEN": "other"}).token == SecretStr("other")


def test_an_env_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "# FLEET_BATCH_EVENTS=7\n"
        "FLEET_RELAY_PORT=9001\n"
        'export FLEET_TOKEN="abc"\n'
        "PATH=/x\n"
        "FLEET_HOURLY_LIMIT=\n"
    )
    settings = load({"FLEET_ENV_FILE": str(env_file)})
    assert (settings.relay_port, settings.token, settings.batch_events) == (9001, SecretStr("abc"), 200)
    assert load({"FLEET_ENV_FILE": str(env_file), "FLEET_RELAY_PORT": "9002"}).relay_port == 9002


def test_folders_in_an_env_file_are_meant_from_where_it_is(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("FLEET_STATE_DIR=state\nFLEET_SECRETS_DIR=~/secrets\n")
    settings = load({"FLEET_ENV_FILE": str(env_file)})
    assert settings.state_dir == tmp_path / "state"
    assert settings.secrets_dir == Path.home() / "secrets"


def test_files_in_an_env_file_are_meant_from_where_it_is(tmp_path: Path) -> None:
    names = ("ingress_tls_cert", "ingress_tls_key", "relay_tls_cert", "relay_tls_key", "ca_file")
    env_file = tmp_path / ".env"
    env_file.write_text("".join(f"FLEET_{name.upper()}=tls/{name}\n" for name in names))
    settings = load({"FLEET_ENV_FILE": str(env_file)})
    assert [getattr(settings, name) for name in names] == [tmp_path / "tls" / name for name in names]
