"""Settings: the workers."""

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import File, GitTargets, Outbound, Schedule


class Workers(BaseSettings):
    """Workers: the jobs between the doors, and the sweeper."""

    event_log_length: int = Field(
        default=10_000,
        ge=0,
        le=10_000_000,
        description="Events that the event log of a gateway remembers; 0: none.",
    )
    event_log_hours: int = Field(
        default=168,
        ge=1,
        le=8784,
        description="Hours after which the event log forgets an event, if it has not by number.",
    )
    retention_hours: int = Field(
        default=72, ge=1, le=720, description="Hours after which the body of an unfinished event is deleted."
    )
    dedup_window_hours: int = Field(
        default=24,
        ge=0,
        le=168,
        description="Hours in which a sender's redelivery counts as a duplicate; 0: never.",
    )
    outbound: Outbound = Field(
        default="direct",
        description=(
            "How workers call Git hosts, and PayPal, AWS and Microsoft for the certificates and keys that"
            " their webhooks need: straight, through a forwarder that reads the name in the TLS handshake, or"
            " not at all."
        ),
    )
    retry_schedule_s: Schedule = Field(
        default=(5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200),
        description="Seconds before each retry of a delivery, separated by commas; `none`: no retries.",
    )
    batch_events: int = Field(default=200, ge=1, le=1000, description="Events that may share one job.")
    batch_bytes: int = Field(
        default=4_194_304, ge=1024, le=67_108_864, description="Bytes of bodies that may share one job."
    )
    batch_age_s: float = Field(
        default=1.0, ge=0.01, le=10, description="Seconds for which a waiting job takes in more events."
    )
    job_timeout_s: int = Field(default=10, ge=1, le=300, description="Seconds that one job may run.")
    recovery_s: float = Field(
        default=20,
        ge=1,
        le=600,
        description="Seconds after which an event that no job has finished is queued again.",
    )
    sweep_interval_s: float = Field(
        default=0.25, ge=0.05, le=5, description="Seconds between two looks of the sweeper at what is due."
    )


class Git(BaseSettings):
    """Git: how workers of the queue `git` poll the repos of owners."""

    git_threads: int = Field(default=32, ge=1, le=256, description="Polls that one worker makes at a time.")
    git_polls: int = Field(
        default=32,
        ge=1,
        le=10_000,
        description=(
            "Polls that may be under way at a time, over all workers: as many as they have threads, all"
            " together. Half of them for any one gateway."
        ),
    )
    git_timeout_s: float = Field(
        default=30,
        ge=0.1,
        le=40,
        description="Seconds that one poll may take, from looking up the name to the end of the answer.",
    )
    git_targets: GitTargets = Field(
        default=("public", "private"),
        description=(
            "Where repos may be, separated by commas; each address is judged after its name was looked up. "
            "`link-local` includes the places where clouds give credentials to their machines; `file` lets "
            "every owner have repositories of this machine read."
        ),
    )
    git_known_hosts: File | None = Field(
        default=None,
        description=(
            "File of the SSH servers, with their keys, that are known to all repos whose own Secret "
            "has no `known_hosts`."
        ),
        json_schema_extra={"derived": "none: only those of Secrets are"},
    )
