"""A push: what a Git host says happened to a repository. It is a reason to look there, and never more.

Nothing of a payload is called, matched as a pattern, or taken for the truth: its URLs only find repos that
owners wrote, and its commits are looked for at the addresses of those owners.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from domain.errors import InvalidInputError
from domain.event import Request
from domain.git.address import payload_key
from domain.git.change import Change
from domain.git.payloads import SHAPES, Shape
from domain.git.payloads.field import Field
from domain.git.payloads.shape import branch_in
from domain.git.provider import Provider
from domain.senders.content import MAX_FORM_BYTES, Content, parsed_json

__all__ = ["Change", "Push", "read_push"]


@dataclass(frozen=True, slots=True)
class Push:
    """What a payload says.

    Attributes:
        provider: who sent it.
        event: the provider's own label of the event, such as "push" or "Tag Push Hook".
        is_push: whether it is one. All below but the URLs is empty when it is not.
        urls: those of the repository, as they stand there, each once, without those that could name none.
        changes: what was pushed, in the order of the payload. May be empty.
        paths: the files touched, when the payload surely lists all of them; None: unknown.
        default_branch: the branch that the host calls the default; None: it does not say.
    """

    provider: Provider
    event: str
    is_push: bool
    urls: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    paths: frozenset[str] | None = None
    default_branch: str | None = None


def read_push(provider: Provider, request: Request) -> Push:
    """What a request of a provider says. Takes time in proportion to its body.

    Raises:
        InvalidInputError: the body is empty or no JSON, or a push lacks a field that we need or has something
            else there. `field` is its dotted name; the sentence has it too, and quotes nothing of the
            payload.
    """
    shape = SHAPES[provider]
    body = Field("", _document(shape, request))
    event = shape.label(request, body)
    if event not in shape.pushes:
        return Push(provider, event, is_push=False, urls=_urls_if_any(shape, body))
    urls, changes = _urls(shape.urls(body)), tuple(shape.changes(body))
    return Push(
        provider,
        event,
        is_push=True,
        urls=urls,
        changes=changes,
        paths=shape.paths(body, changes),
        default_branch=branch_in(shape.default_branch(body)) if shape.default_branch else None,
    )


def _document(shape: Shape, request: Request) -> dict[str, object]:
    if not request.body.strip():
        raise InvalidInputError("body", "The body is empty; an event of a Git host has its JSON there.")
    content = Content(request)
    document = content.json
    if document is None and shape.sends_forms and content.is_form:
        document = _in_form(content)
    if not isinstance(document, dict):
        raise InvalidInputError("body", "The body is no JSON object, or nested too deep to be read.")
    return cast("dict[str, object]", document)


def _in_form(content: Content) -> object:
    if content.form is None:
        raise InvalidInputError(
            "body",
            f"The body is a form that cannot be read, or larger than {MAX_FORM_BYTES // 1024} KiB;"
            " choose application/json as the content type of the webhook.",
        )
    found = [value for name, value in content.form if name == "payload"]
    if len(found) != 1:
        raise InvalidInputError("payload", "The form does not have its JSON in one field named payload.")
    return parsed_json(found[0].encode())


def _urls(fields: Sequence[Field]) -> tuple[str, ...]:
    # A host without ssh, or without http, says so by an empty text or none; one of them it must have.
    found = [field.text() for field in fields if field.value is not None and field.value != ""]
    if not found:
        raise fields[0].refused("is no text")
    return tuple(dict.fromkeys(url for url in found if payload_key(url) is not None))


def _urls_if_any(shape: Shape, body: Field) -> tuple[str, ...]:
    try:
        return _urls(shape.urls(body))
    except InvalidInputError:
        return ()
