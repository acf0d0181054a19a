"""Proofs in the control API: how an owner finds out whether the public URL leads to this gateway."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from relay.server.api.resource import Visit
from store.proofs import new_proof


async def create(visit: Visit) -> Response:
    """POST /proofs: a URL to ask with GET, and the proof that our ingress answers there."""
    context = visit.context
    proof = new_proof(context.sealer, context.entropy, context.clock_ms())
    view = {"url": f"{context.public_url}/t/{proof.question}", "proof": proof.answer}
    return JSONResponse(view, HTTPStatus.CREATED)
