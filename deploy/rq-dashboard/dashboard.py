"""RQ's dashboard with its secrets from files: what stands in the environment, `docker inspect` shows."""

import os
from pathlib import Path

from rq_dashboard.cli import main

SECRETS = Path("/run/fleet")


def secret(name: str) -> str:
    """The content of a secret file."""
    return (SECRETS / name).read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    os.environ |= {
        "RQ_DASHBOARD_REDIS_URL": secret("redis_url"),
        "RQ_DASHBOARD_USERNAME": "fleet",
        "RQ_DASHBOARD_PASSWORD": secret("password"),
        # Our jobs are written as JSON.
        "RQ_DASHBOARD_JSON": "1",
    }
    main()
