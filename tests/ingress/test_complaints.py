"""What the operator is told of refusals: once in a while, and never without bound."""

from structlog.testing import capture_logs

from ingress.complaints import Complaints


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


def test_refusals_of_one_kind_are_told_once_a_minute_with_their_number() -> None:
    clock = Clock()
    complaints = Complaints(clock)
    with capture_logs() as logs:
        for _ in range(3):
            complaints.not_accepted("gw_1", "whk_1", "stored_mib")
        complaints.not_accepted("gw_1", "whk_1", "queue_share")
        complaints.not_accepted("gw_2", "whk_2", "stored_mib")
        clock.now = 60_000
        complaints.not_accepted("gw_1", "whk_1", "stored_mib")
    assert [(log["gateway"], log["verdict"], log["times"]) for log in logs] == [
        ("gw_1", "stored_mib", 1),
        ("gw_1", "queue_share", 1),
        ("gw_2", "stored_mib", 1),
        ("gw_1", "stored_mib", 3),
    ]


def test_a_redis_that_fails_is_told_once_a_minute_for_each_kind_of_error() -> None:
    clock = Clock()
    complaints = Complaints(clock)
    with capture_logs() as logs:
        for _ in range(1000):
            complaints.accept_failed("ConnectionError")
        complaints.accept_failed("TimeoutError")
        clock.now = 60_000
        complaints.accept_failed("ConnectionError")
    assert [(log["event"], log["error"], log["times"]) for log in logs] == [
        ("accept_failed", "ConnectionError", 1),
        ("accept_failed", "TimeoutError", 1),
        ("accept_failed", "ConnectionError", 1000),
    ]


def test_what_is_told_in_a_minute_is_bounded() -> None:
    complaints = Complaints(Clock())
    with capture_logs() as logs:
        for number in (*range(1500), 1000, 0):
            complaints.not_accepted(f"gw_{number}", "whk_1", "full")
    assert [log["gateway"] for log in logs] == [f"gw_{number}" for number in range(1000)]
