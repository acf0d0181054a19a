"""Numbers as drawings and words, and times as people read them."""

from hypothesis import given
from hypothesis import strategies as st

from relay.server.api.views import moment
from relay.server.dashboard import chart, times
from relay.server.dashboard.filters import of

counts = st.integers(0, 10**6)
points = st.lists(
    st.builds(
        lambda accepted, delivered, failed: {
            "at": moment(0),
            "accepted": accepted,
            "delivered": delivered,
            "failed": failed,
        },
        counts,
        counts,
        counts,
    ),
    max_size=96,
)


@given(points)
def test_everything_is_drawn_within_the_drawing(given_points: list[dict[str, int]]) -> None:
    drawn = chart.of(given_points, "1 minute")
    assert drawn.top % 2 == 0
    for bar in drawn.bars:
        assert bar.failed[0] >= -1e-9
        assert abs(bar.delivered[0] + bar.delivered[1] - chart.HEIGHT) < 1e-6
        assert abs(bar.failed[0] + bar.failed[1] - bar.delivered[0]) < 1e-6
        assert bar.x + chart.SLOT <= drawn.width
    heights = [float(point.split(",")[1]) for point in drawn.line.split()]
    assert all(-1e-3 <= height <= chart.HEIGHT for height in heights)
    assert drawn.totals["accepted"] == sum(each["accepted"] for each in given_points)


def test_the_scale_ends_at_the_next_round_even_number() -> None:
    tops = {
        most: chart.of([{"at": moment(0), "accepted": most, "delivered": 0, "failed": 0}], "").top
        for most in (0, 2, 3, 5, 11, 21, 41, 100, 101)
    }
    assert tops == {0: 2, 2: 2, 3: 4, 5: 10, 11: 20, 21: 40, 41: 100, 100: 100, 101: 200}


def test_a_chart_in_words() -> None:
    found = [{"at": "2026-01-31T12:05:00.000Z", "accepted": 3, "delivered": 2, "failed": 1}]
    drawn = chart.of(found, "1 minute")
    assert drawn.bars[0].title == "12:05 UTC: 3 accepted, 2 delivered, 1 failed"
    assert (
        drawn.summary == "3 accepted, 2 delivered, 1 failed in 1 times 1 minute; at most 3 accepted in one."
    )


def test_times_are_told_from_now() -> None:
    now = 1_800_000_000_000
    told = {
        -90_000: "in 1 min",
        0: "now",
        400: "now",
        59_000: "59 s ago",
        61_000: "1 min ago",
        47 * 3_600_000: "47 h ago",
        72 * 3_600_000: "3 days ago",
    }
    assert {ago: times.relative(moment(now - ago), now) for ago in told} == told
    assert times.exact("2026-01-31T13:00:00.123+01:00") == "2026-01-31 12:00:00.123 UTC"


def test_a_filter_keeps_to_its_names_and_goes_into_links() -> None:
    wanted = of(
        "/x", ("type", "since"), {"type": " a&b ", "since": "2026-01-31T12:00", "evil": "1", "cursor": "c"}
    )
    assert wanted.asked == {"type": "a&b", "since": "2026-01-31T12:00:00Z"}
    assert wanted.link(cursor="n") == "/x?type=a%26b&since=2026-01-31T12%3A00&cursor=n"
    assert wanted.link("/y", type="") == "/y?since=2026-01-31T12%3A00"
    assert of("/x", ("type",), {"type": "x" * 1000}).value("type") == "x" * 200
    assert of("/x", ("type",), {}).is_empty
