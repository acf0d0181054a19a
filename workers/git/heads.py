"""Heads: where a repo stands at its server. The one question that polling asks."""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from dulwich.errors import HangupException
from dulwich.refs import Ref, check_ref_format

from domain.git.address import Address
from domain.git.repo import RepoSpec
from workers.git.breaking import BROKEN, broken
from workers.git.credentials import Credentials, of_url
from workers.git.failure import AbandonedError, PollFailedError
from workers.git.http import HttpConversation
from workers.git.lines import Lines
from workers.git.listing import CannotServeError, Listing, NotGitError, list_refs
from workers.git.local import list_local_refs
from workers.git.ssh import SshConversation
from workers.git.way import GitWay

TIMEOUT_S: Final = 30.0
_COMMIT: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_HEAD: Final = b"HEAD"
_BRANCH: Final = "refs/heads/"
_MOST_BRANCH_BYTES: Final = 1024
_TAG: Final = "refs/tags/"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a repo stands.

    Attributes:
        commit: in hexadecimal.
        branch: the one that was looked at; None: a tag or commit was, or the server has no default branch.
        tag: the object of the annotated tag that was looked at; "": none was.
        moved_to: where its server says that the repository is now; "": it says nothing of the kind.
    """

    commit: str
    branch: str | None
    tag: str = ""
    moved_to: str = ""


def resolve(
    address: Address,
    spec: RepoSpec,
    credentials: Credentials | None,
    way: GitWay,
    timeout_s: float = TIMEOUT_S,
) -> Head:
    """Where a repo stands now.

    A revision of 40 or 64 hexadecimal digits is a commit and stands for itself; nobody is asked. Any other is
    the name of a tag, and resolves to the commit behind it. Else it is the head of the branch, or of the
    server's default branch.

    Args:
        address: of the repository.
        spec: which of its refs is meant, and whom to trust.
        credentials: those of its Secret; None: what the URL says, if anything.
        way: how to get there.
        timeout_s: seconds for everything, from looking up the name to the end of the answer.

    Raises:
        PollFailedError: it is not known; the text says why.
        AbandonedError: this process is about to stop.
    """
    if is_commit(spec.revision):
        return Head(spec.revision.lower(), None)
    wanted = _wanted(spec)
    if address.scheme == "file":
        return _head(list_local_refs(address, wanted, way.targets), spec)
    way.check(address)
    with way.cutter.lines(timeout_s) as lines:
        try:
            listing = _listing(address, spec, credentials or of_url(address), way, lines, wanted)
        except PollFailedError:
            # Half an answer can look like a wrong one.
            if lines.is_over:
                raise _late(address, lines) from None
            raise
        except BROKEN as error:
            raise (_late(address, lines) if lines.is_over else broken(address.host, error)) from None
    return replace(_head(listing, spec), moved_to=listing.moved_to)


def is_commit(revision: str) -> bool:
    """Whether a revision is a commit itself, and so not a tag."""
    return _COMMIT.fullmatch(revision.lower()) is not None


def _listing(
    address: Address,
    spec: RepoSpec,
    credentials: Credentials | None,
    way: GitWay,
    lines: Lines,
    wanted: Sequence[bytes],
) -> Listing:
    conversation = (
        SshConversation(address, credentials, way, lines)
        if address.scheme == "ssh"
        else HttpConversation(address, spec, credentials, way, lines)
    )
    with closing(conversation):
        try:
            listing = list_refs(conversation, wanted)
        except HangupException:
            raise _without_words(conversation) from None
        except CannotServeError as error:
            # Over http it may be what we have said ourselves, credentials and all.
            raise CannotServeError(str(error) if isinstance(conversation, SshConversation) else "") from None
        conversation.finish()
        if isinstance(conversation, HttpConversation):
            return replace(listing, moved_to=conversation.moved_to)
        return listing


def _without_words(conversation: HttpConversation | SshConversation) -> Exception:
    """What it means that a server has ended where it should have begun."""
    if isinstance(conversation, HttpConversation):
        return NotGitError()
    # So servers say no, and why they say besides.
    words = conversation.words()
    return CannotServeError(words) if words else EOFError()


def _late(address: Address, lines: Lines) -> Exception:
    if lines.is_abandoned:
        return AbandonedError()
    return PollFailedError(
        f"{address.host} did not answer within {lines.timeout_s:g} seconds.", is_host_fault=True
    )


def _wanted(spec: RepoSpec) -> list[bytes]:
    """The refs that tell where the repo stands, the one that counts first."""
    if not spec.revision:
        return [_checked(_BRANCH, spec.branch)] if spec.branch else [_HEAD]
    name = spec.revision.removeprefix(_TAG)
    # The branch of that name only tells an owner who meant it.
    return [_checked(_TAG, name), _checked(_BRANCH, name)]


def _checked(prefix: str, name: str) -> bytes:
    ref = Ref(f"{prefix}{name}".encode(errors="replace"))
    if not check_ref_format(ref):
        raise PollFailedError(f"{name!r} can be the name of no branch and of no tag in Git; correct it.")
    return ref


def _head(listing: Listing, spec: RepoSpec) -> Head:
    counts, *others = _wanted(spec)
    commit = listing.peeled.get(counts) or listing.refs.get(counts)
    if spec.revision:
        if commit is None:
            raise PollFailedError(_no_tag(spec.revision, is_branch=others[0] in listing.refs))
        return Head(commit, None, listing.refs.get(counts, "") if counts in listing.peeled else "")
    if spec.branch:
        if commit is None:
            raise PollFailedError(f"The repository has no branch {spec.branch!r}; check `branch`.")
        return Head(commit, spec.branch)
    branch = _default_branch(listing.symrefs.get(_HEAD, b""))
    if commit is None:
        what = f"has no commit yet on its default branch {branch!r}" if branch else "has no default branch"
        raise PollFailedError(f"The repository {what}; push one, or write another branch into `branch`.")
    return Head(commit, branch)


def _default_branch(ref: bytes) -> str | None:
    """The branch that a server names as its default one, if it can be one: owners get to see it."""
    if len(ref) > _MOST_BRANCH_BYTES or not check_ref_format(Ref(ref)):
        return None
    name = ref.decode(errors="replace")
    return name.removeprefix(_BRANCH) if name.startswith(_BRANCH) and name.isprintable() else None


def _no_tag(revision: str, *, is_branch: bool) -> str:
    hint = (
        "that is a branch, so write it into `branch`"
        if is_branch
        else "`revision` is a tag, or a commit in full (40 or 64 hexadecimal digits)"
    )
    return f"The repository has no tag {revision!r}; {hint}."
