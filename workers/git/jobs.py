"""The job that polls repos. It carries ids only; what it needs besides is the context's."""

import time
from functools import partial
from typing import Final

from rq import get_current_job

from workers.git import polling
from workers.git.context import current

_PATIENCE_S: Final = 40.0
"""For how long a job waits for threads, altogether. Less than it may run."""


def poll(*repos: str) -> None:
    """Give the polls of these repos to the pool. What it cannot take goes back, for another worker."""
    context, job = current(), get_current_job()
    if job is None:
        raise RuntimeError("Only RQ calls this.")
    until = time.monotonic() + _PATIENCE_S
    for repo in repos:
        task = partial(polling.poll, context, repo, job.id)
        if not context.pool.submit(task, max(0.0, until - time.monotonic())):
            polling.hand_back(context, repo, job.id)
