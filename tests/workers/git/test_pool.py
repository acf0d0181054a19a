"""The pool: so many at a time, and an end that does not wait for ever."""

import socket
import threading

import pytest

from workers.git.failure import AbandonedError
from workers.git.lines import Cutter
from workers.git.pool import Pool


def test_so_many_run_at_once_and_no_more() -> None:
    pool, free, begun = Pool(3), threading.Event(), threading.Semaphore(0)

    def task() -> None:
        begun.release()
        free.wait(20)

    assert [pool.submit(task, 10) for _ in range(3)] == [True] * 3
    for _ in range(3):
        assert begun.acquire(timeout=10)
    assert pool.submit(task, 0.01) is False
    free.set()
    assert pool.submit(task, 10) is True
    assert pool.close(10) is True


def test_one_who_waits_for_a_thread_hears_that_it_is_over() -> None:
    pool, free, answers = Pool(1), threading.Event(), []
    assert pool.submit(lambda: free.wait(20) and None, 10)
    waiting = threading.Thread(target=lambda: answers.append(pool.submit(print, 30)))
    waiting.start()
    pool.stop()
    waiting.join(10)
    assert answers == [False]
    assert pool.submit(print, 10) is False
    assert pool.close(0.01) is False
    free.set()
    assert pool.close(10) is True


def test_a_task_that_crashes_costs_no_thread() -> None:
    pool, done = Pool(1), threading.Event()

    def crash() -> None:
        raise ValueError("no")

    for _ in range(3):
        assert pool.submit(crash, 10)
    assert pool.submit(done.set, 10)
    assert done.wait(10)
    assert pool.close(10)


def test_what_is_under_way_is_done_before_the_end() -> None:
    pool, done = Pool(2), []
    for number in range(20):
        assert pool.submit(lambda number=number: done.append(number), 10)
    assert pool.close(10)
    assert sorted(done) == list(range(20))


def test_a_cutter_that_is_closed_abandons_what_is_open_and_takes_nothing_new() -> None:
    cutter = Cutter()
    with cutter.lines(60) as lines:
        assert not lines.is_over
        assert 59 < lines.left_s() <= 60
        cutter.close()
        assert lines.is_over
        assert lines.is_abandoned
        with pytest.raises(TimeoutError):
            lines.left_s()
    with pytest.raises(AbandonedError), cutter.lines(60):
        pass


def test_a_short_time_that_begins_later_ends_first() -> None:
    cutter, (near, far) = Cutter(), socket.socketpair()
    with near, far, cutter.lines(60) as long, cutter.lines(0.05) as short:
        short.add(near)
        near.settimeout(10)
        assert near.recv(1) == b""
        assert short.is_over
        assert not short.is_abandoned
        assert not long.is_over
        with pytest.raises(TimeoutError):
            short.add(far)
    cutter.close()
