"""Where RQ's own command finds Redis (RQ_CONFIG): read from a file, so that it stands in no argument."""

from pathlib import Path

REDIS_URL = Path("/run/fleet/redis_url").read_text(encoding="utf-8").strip()
