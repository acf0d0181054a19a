"""The reference for the way through RQ: what one writes first.

`python -m bench.naive serve REDIS_URL PORT`: Starlette; per request a rate limit, the body as a key of its
own, and a job, in a thread pool. `python -m bench.naive work REDIS_URL`: a SimpleWorker with one job per
event that reads the body, verifies its signature and appends it to a stream. JSON, not pickle; the body is
not in the job. Nothing is sealed, and nothing settles: it does less than we do.
"""

import os
import sys
from typing import Any, Final

import uvicorn
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from redis import Redis
from rq import Queue, SimpleWorker, get_current_job
from rq.serializers import JSONSerializer
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.request import SECRET
from bench.waiting import HOST

STREAM: Final = "naive:stream"
_QUEUE: Final = "naive"
_LIMIT: Final = 10_000_000
_WINDOW_S: Final = 3600
_RETENTION_S: Final = 72 * 3600


def verify(event: str, signature: str) -> None:
    """The job: read, verify, append.

    Raises:
        RuntimeError: RQ did not call this, or the body is gone.
    """
    job = get_current_job()
    if job is None:
        raise RuntimeError("Only RQ calls this.")
    redis: Any = job.connection
    body: bytes | None = redis.get(f"naive:body:{event}")
    if body is None:
        raise RuntimeError(f"The body of {event} is gone.")
    mac = hmac.HMAC(SECRET, hashes.SHA256())
    mac.update(body)
    if constant_time.bytes_eq(b"sha256=" + mac.finalize().hex().encode(), signature.encode()):
        redis.xadd(STREAM, {"event": event})


def application(redis: Any) -> Starlette:  # noqa: ANN401 - redis-py leaves the types of replies open
    """The web part."""
    queue = Queue(_QUEUE, connection=redis, serializer=JSONSerializer)

    def keep(token: str, body: bytes, signature: str) -> tuple[int, str]:
        spent: int = redis.incr(f"naive:rate:{token}")
        if spent == 1:
            redis.expire(f"naive:rate:{token}", _WINDOW_S)
        if spent > _LIMIT:
            return 429, ""
        event = os.urandom(16).hex()
        redis.set(f"naive:body:{event}", body, ex=_RETENTION_S)
        queue.enqueue("bench.naive.verify", event, signature)  # pyright: ignore[reportUnknownMemberType]
        return 202, event

    async def receive(request: Request) -> JSONResponse:
        body = await request.body()
        signature = request.headers.get("x-hub-signature-256", "")
        status, event = await run_in_threadpool(keep, request.path_params["token"], body, signature)
        return JSONResponse({"id": event}, status)

    return Starlette(routes=[Route("/t/{token}", receive, methods=["POST"])])


def _serve(url: str, port: int) -> None:
    redis = Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]
    uvicorn.run(
        application(redis),
        host=HOST,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )


def _work(url: str) -> None:
    redis = Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]
    queue = Queue(_QUEUE, connection=redis, serializer=JSONSerializer)
    worker = SimpleWorker([queue], connection=redis, serializer=JSONSerializer)
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(sys.argv[2], int(sys.argv[3]))
    else:
        _work(sys.argv[2])
