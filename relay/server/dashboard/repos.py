"""The pages of Git repos: all of them, and one; polled now, deleted. They are described by `fleet apply`."""

from typing import Final

from starlette.responses import Response

from relay.server.dashboard import repo_words
from relay.server.dashboard.page import Visitor

PATH: Final = "/dashboard/repos"

_ON_A_PAGE: Final = "50"


async def listing(visitor: Visitor) -> Response:
    """GET /dashboard/repos: a page of them."""
    cursor = visitor.query.get("cursor", "")
    found = await visitor.api.get("/repos", {"cursor": cursor, "limit": _ON_A_PAGE})
    return await visitor.render(
        "repos.html",
        repos=[repo_words.shown(each) for each in found["repos"]],
        receiver=found["receiver"],
        next=found["next"],
        cursor=cursor,
    )


async def show(visitor: Visitor) -> Response:
    """GET /dashboard/repos/{namespace}/{name}."""
    return await visitor.render("repo.html", repo=repo_words.shown(await visitor.api.get(_resource(visitor))))


async def sync(visitor: Visitor) -> Response:
    """POST /dashboard/repos/{namespace}/{name}/sync."""
    repo = await visitor.api.done("POST", f"{_resource(visitor)}/sync")
    return visitor.redirect(
        f"{PATH}/{repo['name']}", f"{repo['name']} is polled now, whatever its interval is."
    )


async def delete(visitor: Visitor) -> Response:
    """POST /dashboard/repos/{namespace}/{name}/delete."""
    await visitor.api.done("DELETE", _resource(visitor))
    params = visitor.request.path_params
    name = f"{params['namespace']}/{params['name']}"
    return visitor.redirect(PATH, f"{name} is deleted: it is not watched any more. Its Secrets stay.")


def _resource(visitor: Visitor) -> str:
    params = visitor.request.path_params
    return f"/repos/{params['namespace']}/{params['name']}"
