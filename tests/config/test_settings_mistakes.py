"""A mistake in the settings is one sentence, and holds no secret."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import mistakes
from config.sections import SECTIONS
from config.settings import Settings, SettingsError, load

CANARY = "canary-8c1f"

NUMBERS = {
    name: field
    for section in SECTIONS
    for name, field in section.model_json_schema()["properties"].items()
    if field.get("type") in {"integer", "number"}
}


def told(environ: Mapping[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    assert str(caught.value).splitlines() == list(caught.value.mistakes)
    # Else pydantic's own text, which shows values, would be printed with a traceback.
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return list(caught.value.mistakes)


@given(st.sampled_from(sorted(NUMBERS)), st.integers() | st.floats(allow_nan=True))
def test_a_number_is_taken_within_its_bounds_and_told_outside(name: str, number: float) -> None:
    field, variable = NUMBERS[name], f"FLEET_{name.upper()}"
    whole = field["type"] == "integer"
    inside = field["minimum"] <= number <= field["maximum"] and (not whole or number == int(number))
    # The two rules that span settings are tested below.
    around = {"FLEET_TUNNEL_LEASE_S": "300", "FLEET_HEARTBEAT_S": "0.5", "FLEET_RELAY_HOST": "localhost"}
    if name == "tunnel_lease_s":
        around["FLEET_HEARTBEAT_S"] = "0.5"
    environ = {**around, variable: repr(number)}
    if inside:
        assert getattr(load(environ), name) == number
    else:
        (sentence,) = told(environ)
        assert re.fullmatch(rf"{variable} (is|cannot).*; it must be .*\.", sentence)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("INGRESS_PORT", "99999", "FLEET_INGRESS_PORT is 99999; it must be at most 65535."),
        ("INGRESS_PORT", "0", "FLEET_INGRESS_PORT is 0; it must be at least 1."),
        ("INGRESS_PORT", "http", "FLEET_INGRESS_PORT is http; it must be a whole number."),
        ("HOURLY_LIMIT", "1.5", "FLEET_HOURLY_LIMIT is 1.5; it must be a whole number."),
        ("HEADER_TIMEOUT_S", "61", "FLEET_HEADER_TIMEOUT_S is 61; it must be at most 60."),
        ("SWEEP_INTERVAL_S", "nan", "FLEET_SWEEP_INTERVAL_S is nan; it must be a finite number."),
        ("SWEEP_INTERVAL_S", "often", "FLEET_SWEEP_INTERVAL_S is often; it must be a number."),
        ("LOG_FORMAT", "xml", "FLEET_LOG_FORMAT is xml; it must be 'auto', 'json' or 'console'."),
        (
            "RELAY_HOST",
            "a b",
            "FLEET_RELAY_HOST is a b; it must be a host name or an IP address, without a port.",
        ),
        ("PUBLIC_URL", "ftp://x", "FLEET_PUBLIC_URL is ftp://x; it must begin with http:// or https://."),
        (
            "PUBLIC_URL",
            "http://",
            "FLEET_PUBLIC_URL is http://; it must name a host, and no user, query or fragment.",
        ),
        (
            "API_URL",
            "http://x:port",
            "FLEET_API_URL is http://x:port; it must be a URL such as https://hooks.example.org.",
        ),
        (
            "GIT_GATEWAY",
            "My Home",
            "FLEET_GIT_GATEWAY is My Home; it must be a gateway's name or id; see `fleet gateways list`.",
        ),
        ("RETRY_SCHEDULE_S", "5,soon", "FLEET_RETRY_SCHEDULE_S is 5,soon; entry 2 must be a number."),
        ("RETRY_SCHEDULE_S", "0", "FLEET_RETRY_SCHEDULE_S is 0; entry 1 must be at least 0.05."),
        (
            "RETRY_SCHEDULE_S",
            ",".join("1" * 21),
            f"FLEET_RETRY_SCHEDULE_S is {','.join('1' * 21)}; it must have at most 20 entries.",
        ),
        (
            "HEARTBEAT_S",
            "7.5",
            "FLEET_HEARTBEAT_S is 7.5; it must be less than half of FLEET_TUNNEL_LEASE_S (15).",
        ),
        (
            "RELAY_PORT",
            "8080",
            "FLEET_INGRESS_PORT and FLEET_RELAY_PORT are both 8080; give each door its own port.",
        ),
        (
            "STATE_DIR",
            "~nemo/x",
            "FLEET_STATE_DIR is ~nemo/x; it must be a path; there is no home that ~ could stand for.",
        ),
        (
            "INGRESS_TLS_CERT",
            "/cert.pem",
            "FLEET_INGRESS_TLS_CERT and FLEET_INGRESS_TLS_KEY belong together; set both, or neither.",
        ),
        (
            "RELAY_TLS_KEY",
            "/key.pem",
            "FLEET_RELAY_TLS_CERT and FLEET_RELAY_TLS_KEY belong together; set both, or neither.",
        ),
        ("INGRESS_PORT", "9" * 61, "FLEET_INGRESS_PORT cannot be used; it must be at most 65535."),
        ("INGRESS_PORT", "\x1b[2J", "FLEET_INGRESS_PORT cannot be used; it must be a whole number."),
        ("INGRES_PORT", "1", "FLEET_INGRES_PORT is no setting; perhaps FLEET_INGRESS_PORT is meant."),
        ("XYZ", "1", "FLEET_XYZ is no setting; docs/settings.md lists all of them."),
    ],
)
def test_a_mistake_is_one_sentence(name: str, value: str, sentence: str) -> None:
    assert told({f"FLEET_{name}": value}) == [sentence]


def test_all_mistakes_are_told_at_once() -> None:
    sentences = told({"FLEET_RELAY_PORT": "x", "FLEET_INGRESS_PORT": "-1", "FLEET_LOG_LEVL": "info"})
    assert {sentence.split()[0] for sentence in sentences} == {
        "FLEET_RELAY_PORT",
        "FLEET_INGRESS_PORT",
        "FLEET_LOG_LEVL",
    }
    assert len(sentences) == 3


def test_variables_for_tests_pass() -> None:
    assert load({"FLEET_TEST_ANYTHING": "1"}) == load({})


@pytest.mark.parametrize(
    "environ",
    [
        {"FLEET_REDIS_URL": f"http://:{CANARY}@redis"},
        {"FLEET_TOKEN": f"{CANARY} and more"},
        {"FLEET_PUBLIC_URL": f"http://user:{CANARY}@host"},
        {"FLEET_API_URL": f"ftp://user:{CANARY}@host"},
        {"FLEET_TOKN": CANARY},
        {"FLEET_RELAY_TLS_KEY": f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n"},
        {"FLEET_REDIS_URL": f"redis://:{CANARY}@redis", "FLEET_RELAY_PORT": "x"},
    ],
)
def test_no_sentence_holds_a_secret(environ: dict[str, str]) -> None:
    assert CANARY not in " ".join(told(environ))


def test_every_secret_is_known_to_those_who_tell_mistakes() -> None:
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert secret == mistakes.SECRETS


def test_a_mistake_in_a_secret_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "redis_url").write_text(f"mysql://:{CANARY}@db")
    (sentence,) = told({"FLEET_SECRETS_DIR": str(tmp_path)})
    assert sentence == (
        "FLEET_REDIS_URL (from the secret file redis_url) cannot be used; "
        "it must begin with redis://, rediss:// or unix://."
    )
    (tmp_path / "redis_url").write_bytes(b"\xff\xfe")
    assert told({"FLEET_SECRETS_DIR": str(tmp_path)}) == [
        "The secret files cannot be read: one is not UTF-8 text."
    ]


def test_a_secrets_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secrets").touch()
    (sentence,) = told({"FLEET_STATE_DIR": str(tmp_path)})
    assert sentence.startswith("The secret files cannot be read: ")


def test_mistakes_in_an_env_file_are_told_too(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("FLEET_RELAY_PROT=9001\n")
    assert told({"FLEET_ENV_FILE": str(env_file)}) == [
        "FLEET_RELAY_PROT is no setting; perhaps FLEET_RELAY_PORT is meant."
    ]
    (sentence,) = told({"FLEET_ENV_FILE": str(tmp_path / "missing")})
    assert sentence.startswith(f"FLEET_ENV_FILE is {tmp_path / 'missing'}; it cannot be read: ")
