"""Settings: how a server is kept up."""

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import AppendFsync


class Watching(BaseSettings):
    """Watching: how a gateway finds out whether it is well."""

    canary_interval: int = Field(
        default=0,
        ge=0,
        le=3600,
        description=(
            "Seconds between two events that the canary sends itself through FLEET_PUBLIC_URL and a tunnel;"
            " `fleet up` starts one when it is set. 0: there is none."
        ),
    )


class EmbeddedRedis(BaseSettings):
    """Embedded Redis: the server that `fleet up` starts when FLEET_REDIS_URL is not set."""

    appendfsync: AppendFsync = Field(
        default="always",
        description=(
            "When a write is on disk: `always` before the sender's 202, "
            "`everysec` at most one second later (a power cut may lose that second)."
        ),
    )
    redis_maxmemory_mib: int = Field(
        default=1024,
        ge=64,
        le=1_048_576,
        description="MiB the embedded server may fill; then new events get 503.",
    )
