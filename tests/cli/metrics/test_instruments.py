"""Instruments: what is counted is told, bounded, and as Prometheus reads it."""

import threading

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from cli.metrics.instruments import MOST_SERIES, OTHERS, Book
from cli.metrics.metric import Kind, Metric

COUNTED = Metric("fleet_seen_total", Kind.COUNTER, "things", (), "Things that were seen", ("what",))
LEVEL = Metric("fleet_level", Kind.GAUGE, "m", (), "How high it is")
TOOK = Metric("fleet_took_seconds", Kind.HISTOGRAM, "s", (), "How long it took", ("who",), (0.1, 1.0, 10.0))


@pytest.fixture
def book() -> Book:
    return Book()


def told(book: Book) -> dict[tuple[str, ...], float]:
    """What Prometheus would read: name and labels -> value."""
    registry = CollectorRegistry()
    registry.register(book)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_a_counter_starts_at_nothing_and_counts_each_label_for_itself(book: Book) -> None:
    counter = book.number(COUNTED, ("a",))
    counter.add(2, "b")
    counter.add(1, "b")
    assert told(book) == {("fleet_seen_total", "a"): 0, ("fleet_seen_total", "b"): 3}


def test_a_gauge_goes_up_and_down_and_can_be_put(book: Book) -> None:
    gauge = book.number(LEVEL)
    gauge.add(3)
    gauge.add(-1)
    assert told(book) == {("fleet_level",): 2}
    gauge.put(7)
    assert told(book) == {("fleet_level",): 7}


def test_labels_are_bounded(book: Book) -> None:
    counter = book.number(COUNTED)
    for number in range(MOST_SERIES + 50):
        counter.add(1, f"whk_{number}")
    values = told(book)
    assert len(values) == MOST_SERIES + 1
    assert values["fleet_seen_total", OTHERS] == 50


def test_a_histogram_counts_up_to_each_bound_the_bound_included(book: Book) -> None:
    spread = book.spread(TOOK, ("a",))
    for value in (0.05, 0.1, 0.5, 10, 11):
        spread.note(value, "a")
    values = told(book)
    bounds = ("0.1", "1.0", "10.0", "+Inf")
    assert [values["fleet_took_seconds_bucket", bound, "a"] for bound in bounds] == [2, 3, 4, 5]
    assert values["fleet_took_seconds_count", "a"] == 5
    assert values["fleet_took_seconds_sum", "a"] == pytest.approx(21.65)


def test_threads_lose_nothing(book: Book) -> None:
    counter = book.number(COUNTED)

    def count() -> None:
        for _ in range(5000):
            counter.add(1, "a")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        told(book)
    assert told(book) == {("fleet_seen_total", "a"): 20_000}
