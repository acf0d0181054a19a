"""Samples in the control API: requests as the sender of a webhook would sign them, for its owner to send.

No answer holds a secret.
"""

from base64 import b64encode
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from domain.event import Request
from domain.senders import Verdict, describe
from relay.server.api import body, opened
from relay.server.api.drawing import Place, draw
from relay.server.api.inputs import NewSample
from relay.server.api.resource import Visit
from relay.server.api.views import View


async def create(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/samples: one request, ready to be sent byte for byte."""
    stored = await opened.wanted(visit)
    drawn = await draw(visit, stored, await body.read(visit.request, NewSample))
    is_at_ingress = stored.webhook.is_checked_at_ingress(drawn.at_ms)
    view = _view(drawn.place, drawn.request, drawn.scheme, drawn.verdict)
    return JSONResponse({**view, "decided_by": "ingress" if is_at_ingress else "workers"}, HTTPStatus.CREATED)


def _view(place: Place, request: Request, scheme: str | None, verdict: Verdict | None) -> View:
    described = describe(place.sender, request)
    rejection = None if verdict is None else verdict.rejection
    is_known = place.sender.dedup and verdict is not None and verdict.ok and described.event_id is not None
    query = f"?{request.query.decode('ascii')}" if request.query else ""
    return {
        "method": request.method,
        "url": place.url + query,
        "headers": [[name.decode("ascii"), value.decode("ascii")] for name, value in request.headers],
        "body": b64encode(request.body).decode("ascii"),
        "event": described.event_type,
        "event_id": described.event_id,
        "signed_by": scheme,
        "expect": "accepted" if rejection is None else "rejected",
        "because": rejection,
        "again": "duplicate" if is_known else "accepted",
    }
