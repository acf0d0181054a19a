"""A change: one branch or tag that a push moved, made or deleted."""

from dataclasses import dataclass
from typing import Final, Literal

BRANCHES: Final = "refs/heads/"
TAGS: Final = "refs/tags/"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one reference.

    Attributes:
        kind: "other" is neither a branch nor a tag (notes, pull requests, ...).
        name: without refs/heads/ or refs/tags/, slashes kept; of others the whole reference.
        commit: where it points now, in small hex; "": it was deleted. Of an annotated tag some hosts name the
            tag object here.
        before: where it pointed before; "": it is new, or the host did not say.
    """

    kind: Literal["branch", "tag", "other"]
    name: str
    commit: str
    before: str


def change_of(ref: str, commit: str, before: str) -> Change:
    """The change of a reference that is written in full, such as refs/heads/main."""
    if ref.startswith(BRANCHES):
        return Change("branch", ref.removeprefix(BRANCHES), commit, before)
    if ref.startswith(TAGS):
        return Change("tag", ref.removeprefix(TAGS), commit, before)
    return Change("other", ref, commit, before)
