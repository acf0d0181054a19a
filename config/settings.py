"""`Settings`: everything that can be set, read once at the start: environment, env file, secret files."""

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Final, Self, cast

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SecretFilesError

from config.mistakes import PREFIX, SettingsError, sentences, unknown_names
from config.sections import (
    Connector,
    EmbeddedRedis,
    Gateways,
    General,
    Git,
    Ingress,
    Relay,
    Vault,
    Watching,
    Workers,
)
from config.values import absolute
from domain.variables import is_variable

__all__ = ["CALLED_AS", "ENV_FILE", "PREFIX", "Settings", "SettingsError", "load"]

ENV_FILE: Final = "FLEET_ENV_FILE"
"""Names a file of `NAME=value` lines; what the environment says wins over it."""
CALLED_AS: Final = "FLEET_CALLED_AS"
"""Says how the program was called; set by what starts it, such as the script `./fleet`. No setting."""
_FREE_PREFIX: Final = "FLEET_TEST_"
_NO_SETTINGS: Final = frozenset({ENV_FILE, CALLED_AS})
_PATHS: Final = (
    "FLEET_STATE_DIR",
    "FLEET_SECRETS_DIR",
    "FLEET_INGRESS_TLS_CERT",
    "FLEET_INGRESS_TLS_KEY",
    "FLEET_RELAY_TLS_CERT",
    "FLEET_RELAY_TLS_KEY",
    "FLEET_CA_FILE",
    "FLEET_GIT_KNOWN_HOSTS",
    "FLEET_VAULT_FILE",
    "FLEET_VAULT_KEY_FILE",
    "FLEET_VAULT_PASSPHRASE_FILE",
)


# The bases stand in reverse: pydantic collects their fields from the last to the first.
class Settings(EmbeddedRedis, Watching, Vault, Connector, Relay, Gateways, Git, Workers, Ingress, General):
    """All settings, checked. See `docs/settings.md` for what each one means."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `load` was given, then secret files: the process environment is an argument, not a source."""
        del settings_cls, env_settings, dotenv_settings
        return init_settings, file_secret_settings

    @model_validator(mode="after")
    def _doors_are_apart(self) -> Self:
        if self.ingress_port == self.relay_port and self.ingress_host == self.relay_host:
            raise ValueError(
                f"FLEET_INGRESS_PORT and FLEET_RELAY_PORT are both {self.relay_port}; "
                "give each door its own port"
            )
        return self

    @model_validator(mode="after")
    def _metrics_have_a_port_of_their_own(self) -> Self:
        for door, port in (("INGRESS", self.ingress_port), ("RELAY", self.relay_port)):
            if port == self.metrics_port:
                raise ValueError(
                    f"FLEET_METRICS_PORT and FLEET_{door}_PORT are both {port}; "
                    "metrics have a port of their own"
                )
        return self

    @model_validator(mode="after")
    def _certificates_have_keys(self) -> Self:
        for door, files in (
            ("INGRESS", (self.ingress_tls_cert, self.ingress_tls_key)),
            ("RELAY", (self.relay_tls_cert, self.relay_tls_key)),
        ):
            if files.count(None) == 1:
                raise ValueError(
                    f"FLEET_{door}_TLS_CERT and FLEET_{door}_TLS_KEY belong together; set both, or neither"
                )
        return self

    @model_validator(mode="after")
    def _lease_outlives_two_heartbeats(self) -> Self:
        if self.heartbeat_s >= self.tunnel_lease_s / 2:
            raise ValueError(
                f"FLEET_HEARTBEAT_S is {self.heartbeat_s:g}; it must be less than half of "
                f"FLEET_TUNNEL_LEASE_S ({self.tunnel_lease_s:g})"
            )
        return self


def load(environ: Mapping[str, str]) -> Settings:
    """Reads and checks all settings; an empty value counts as not given.

    Args:
        environ: the process environment, `os.environ` or what a test says it is.

    Raises:
        SettingsError: with one sentence per mistake. No sentence holds the value of a secret.
    """
    given = _from_env_file(environ) | _ours(environ)
    named = {f"{PREFIX}{field.upper()}": field for field in Settings.model_fields}
    mistakes = unknown_names([name for name in given if name not in named], tuple(named))
    values = {named[name]: text for name, text in given.items() if name in named}
    try:
        settings = _build(_secrets_folder(values), values)
    except ValidationError as error:
        raise SettingsError([*mistakes, *sentences(error, values)]) from None
    except (SecretFilesError, OSError) as error:
        raise SettingsError([*mistakes, _unreadable(error.__cause__ or error)]) from None
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def says(environ: Mapping[str, str], name: str) -> str:
    """Who says a setting: "" when neither the environment nor the env file does.

    Args:
        environ: as in `load`.
        name: of its variable, FLEET_TOKEN for example.

    Returns:
        Words such as "FLEET_TOKEN is set".

    Raises:
        SettingsError: the env file cannot be read.
    """
    if environ.get(name):
        return f"{name} is set"
    return f"{environ[ENV_FILE]} says {name}" if name in _from_env_file(environ) else ""


def _is_free(name: str) -> bool:
    """Whether it is no setting: of the tests, or what a target's program gets, which may call us again."""
    if name.removeprefix(PREFIX).lower() in Settings.model_fields:
        return False  # headers of senders have variables, too: none of them takes a setting away
    return name.startswith(_FREE_PREFIX) or name in _NO_SETTINGS or is_variable(name)


def _unreadable(reason: BaseException) -> str:
    # What a decoder says holds bytes of the secret.
    why = "one is not UTF-8 text" if isinstance(reason, UnicodeError) else str(reason)
    return f"The secret files cannot be read: {why}."


def _build(secrets_folder: Path | None, values: Mapping[str, str]) -> Settings:
    # The texts become numbers, paths, ... inside: the types of the fields say nothing about these arguments.
    construct = cast("Callable[..., Settings]", Settings)
    return construct(_secrets_dir=secrets_folder, _env_prefix="", **values)


def _ours(environ: Mapping[str, str | None]) -> dict[str, str]:
    return {
        name: text
        for name, text in environ.items()
        if name.startswith(PREFIX) and not _is_free(name) and text
    }


def _from_env_file(environ: Mapping[str, str]) -> dict[str, str]:
    """What the env file says; its relative paths are meant from where the file is."""
    if not environ.get(ENV_FILE):
        return {}
    path = Path(environ[ENV_FILE]).absolute()
    try:
        with path.open(encoding="utf-8") as lines:
            given = _ours(_checked(path, lines.read()))
    except (OSError, UnicodeError) as error:
        raise SettingsError([f"{ENV_FILE} is {path}; it cannot be read: {error}."]) from None
    for name in _PATHS:
        if name in given and not given[name].startswith("~"):
            given[name] = str(path.parent / given[name])
    return given


def _checked(path: Path, content: str) -> dict[str, str | None]:
    """The values in an env file.

    Raises:
        SettingsError: a line is no `NAME=value`; a typing error must not mean the default.
    """
    broken = [each.original.line for each in parse_stream(StringIO(content)) if each.error]
    if broken:
        raise SettingsError([f"{path}, line {line}: this is not NAME=value." for line in broken])
    return dotenv_values(stream=StringIO(content), interpolate=False)


def _secrets_folder(values: Mapping[str, str]) -> Path | None:
    """The folder to look for secret files in; it must be known before the settings are."""
    state = values.get("state_dir", str(Settings.model_fields["state_dir"].default))
    try:
        folder = absolute(Path(values.get("secrets_dir", f"{state}/secrets")))
    except ValueError:
        return None  # told by the setting's own check
    return folder if folder.exists() else None
