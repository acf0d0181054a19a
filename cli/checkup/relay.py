"""The relay: whether it is there, our token opens, and a tunnel is up; and what it says of our gateway."""

from collections.abc import Iterator
from typing import Final

from cli.checkup import ledger
from cli.checkup.machinery import ms
from cli.checkup.row import Row, failed, judged, unchecked, well
from cli.client import ApiError, ControlApi, Json, TokenUnknownError
from cli.durations import ago

_NO_TOKEN: Final = (
    "'fleet login' keeps one; or set FLEET_TOKEN, or have the file token in the secrets folder."  # noqa: S105 - no token
)
_LATE_MS: Final = 60_000


def rows(api: ControlApi | None) -> tuple[list[Row], Json | None]:
    """What can be said of the way to the relay, and its status when it answers.

    Args:
        api: asked with our token; None: there is none.
    """
    if api is None:
        why = "there is no access token"
        return [unchecked("relay", why, _NO_TOKEN)], None
    try:
        status = api.ask("GET", "status")
    except TokenUnknownError as error:
        return [well("relay", "answers"), failed("token", "is not known", str(error))], None
    except ApiError as error:
        return [failed("relay", "does not answer as it should", str(error))], None
    name = status["gateway"]["name"]
    return [well("relay", "answers"), well("token", f"opens gateway {name}"), _tunnel(status)], status


def _tunnel(status: Json) -> Row:
    if found := status["tunnels"]:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return well("tunnel", f"up: {found[0]['name'] or found[0]['id']}{more}")
    if not status["subscriptions"]:
        return well("tunnel", "none, and no subscription needs one yet")
    first = status["subscriptions"][0]["name"]
    advice = f"'fleet connect {first}=http://127.0.0.1:3000/' on the private side opens one."
    left = status["last_tunnel"]
    since = f"none; the last left {ago(left['left_at'], ms(status['now']))}" if left else "there was none yet"
    return failed("tunnel", since, advice)


def of_gateway(status: Json) -> Iterator[Row]:
    """What an owner without Redis can say of what his gateway does.

    Args:
        status: what `GET /status` answers.
    """
    balanced = status["balanced"]
    yield judged("ledger", "balances" if balanced else "does not balance", "" if balanced else ledger.NEXT)
    waiting, oldest = status["events"]["waiting"], status["events"]["oldest_waiting_at"]
    late_ms = max(0, ms(status["now"]) - ms(oldest)) if oldest else 0
    finding = f"{waiting}, the oldest for {late_ms / 1000:.0f} s" if oldest else "none"
    advice = "No worker takes them: tell whoever runs the server, or see 'fleet doctor' there."
    yield judged("events waiting", finding, advice if late_ms > _LATE_MS else "")
    if status["suspended"] and status["server"] is None:
        yield failed(
            "work", "is suspended", "Whoever runs the server did that; 'fleet queues resume' ends it."
        )
