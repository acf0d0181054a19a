"""The RQ worker: one queue each, jobs from an allow-list, JSON, no long waits for a Redis that is back."""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from redis import Redis
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker.base import DequeueStrategy

from store.rq_names import JOB_FUNCTIONS, QUEUE_PREFIX, QUEUES
from workers.jobs import DeliveryDeadError, DeliveryGoneError
from workers.meters import Meters

_WORKER_TTL_S = 30
_MAINTENANCE_S = 10
_PATIENCE_S = 5
_RECONNECT_S = 1.0
_NAME_CHARS = 12  # random, so that whoever is started again is somebody else
_log = structlog.get_logger()


class ForeignJobError(Exception):
    """A job names a function that is none of ours."""


class FleetJob(Job):
    """A job that runs one of our functions and nothing else, whatever somebody wrote into Redis."""

    # Nor a callback: RQ would import and call whatever is named there.
    success_callback = failure_callback = stopped_callback = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def perform(self) -> object:
        """Run the job's function.

        Raises:
            ForeignJobError: it is not on the list.
        """
        if self.func_name not in JOB_FUNCTIONS or self.instance is not None or self.kwargs:
            raise ForeignJobError(f"Job {self.id} names no function of ours; it is not run.")
        return super().perform()


class FleetWorker(SimpleWorker):
    """Runs jobs in this process: a batch is worth hundreds of events, a fork is worth none."""

    job_class = FleetJob
    max_connection_wait_time = _RECONNECT_S
    log_result_lifespan = False
    stopping: Callable[[], None] | None = None
    meters: Meters = Meters()
    patience_s: int = _PATIENCE_S

    @property
    def dequeue_timeout(self) -> int:
        """Seconds for which an idle worker waits for a job before it looks round.

        RQ's own 15 s are longer than most supervisors wait for the end of who was asked to stop.
        """
        return self.patience_s

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Whether it is time to clean up after others. Asked before each wait, never with a job in the hand.

        Raises:
            StopRequested: it is time to end. RQ says so to an idle worker by an exception and does not look
                again; raised inside code that catches all of them, logging for example, that one is lost.
        """
        if self._stop_requested:
            raise StopRequested
        return super().should_run_maintenance_tasks

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Run a job, and tell how long that took."""
        began_s = time.perf_counter()
        is_done = super().perform_job(job, queue)
        self.meters.ended(time.perf_counter() - began_s, is_done=is_done)
        return is_done

    def handle_exception(self, job: Job, *exc_info: object) -> None:
        """Say nothing more of a delivery that died: its job fails as it is meant to, and has said so."""
        if not isinstance(exc_info[1], (DeliveryDeadError, DeliveryGoneError)):
            super().handle_exception(job, *exc_info)  # pyright: ignore[reportUnknownMemberType]

    def run_maintenance_tasks(self) -> None:
        """Clean up after others, as RQ does; end if they have cleaned up after this one.

        It is run before a job is taken, never with one in the hand.

        Raises:
            StopRequested: nobody knows this worker any more.
        """
        if self._is_forgotten():
            _log.warning("worker_forgotten", worker=self.name, then="it ends; a new one is to be started")
            raise StopRequested
        super().run_maintenance_tasks()

    def _is_forgotten(self) -> bool:
        """Whether RQ took it for dead: it stood still for longer than its key lives, as under a laptop's lid.

        RQ never registers twice: a later sign of life makes a key without a birth, which is in no list.
        """
        with self.connection.pipeline() as asked:  # pyright: ignore[reportUnknownMemberType]
            asked.hexists(self.key, "birth")
            asked.sismember(self.redis_workers_keys, self.key)
            return not all(asked.execute())

    def handle_warm_shutdown_request(self) -> None:
        """Tell those who make the jobs, in the middle of whatever they do; end after the present one."""
        if self.stopping is not None:
            self.stopping()
        # RQ stops an idle worker by an exception, which may hit code of its own that catches all of them.
        self._stop_requested = True
        super().handle_warm_shutdown_request()


def work(
    url: str,
    queue: str,
    meters: Meters | None = None,
    *,
    burst: bool = False,
    stopping: Callable[[], None] | None = None,
) -> None:
    """Run the jobs of one queue until a signal asks to stop. With one queue RQ moves jobs, never drops them.

    Args:
        url: of Redis.
        queue: "events", "deliveries" or "git".
        meters: is told of each job.
        burst: return when the queue is empty.
        stopping: called by the handler of the signal that asks to stop, so it must not wait for anything.
    """
    connection = Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]
    # RQ's tools show a queue, and who works on it, from its first job on; we want to see it before that.
    connection.sadd(QUEUES, f"{QUEUE_PREFIX}{queue}")  # pyright: ignore[reportUnknownMemberType]
    worker = FleetWorker(
        [Queue(queue, connection=connection, serializer=JSONSerializer, job_class=FleetJob)],
        name=f"{queue}-{uuid4().hex[:_NAME_CHARS]}",
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=_WORKER_TTL_S,
        maintenance_interval=_MAINTENANCE_S,
        log_job_description=False,
    )
    worker.stopping = stopping
    worker.meters = meters or worker.meters
    _log.info("worker_started", queue=str(queue), worker=worker.name)
    worker.work(burst=burst, logging_level="WARNING", dequeue_strategy=DequeueStrategy.DEFAULT)
    connection.close()
