"""A repository in a folder of this machine, where the operator allows it: for one who tries things out."""

from pathlib import Path

from dulwich.errors import NotGitRepository
from dulwich.refs import Ref
from dulwich.repo import Repo

from domain.git.address import Address
from workers.git.failure import PollFailedError
from workers.git.listing import Listing
from workers.git.targets import Target


def list_local_refs(address: Address, wanted: list[bytes], targets: frozenset[Target]) -> Listing:
    """Where refs of a repository on this machine stand.

    Raises:
        PollFailedError: that is not allowed, or there is none.
    """
    if Target.FILE not in targets:
        raise PollFailedError(
            "This gateway does not read repositories of its own machine; its operator would have to allow "
            "`file` in FLEET_GIT_TARGETS."
        )
    try:
        with Repo(str(Path(address.path))) as repo:
            refs, symrefs = repo.refs.as_dict(), repo.refs.get_symrefs()
            found = {name: refs[name] for name in map(Ref, wanted) if name in refs}
            peeled = {name: repo.get_peeled(name) for name in found}
    except (NotGitRepository, OSError, KeyError, ValueError):
        raise PollFailedError("There is no Git repository at that path of the gateway's machine.") from None
    return Listing(
        {name: commit.decode() for name, commit in found.items()},
        {name: commit.decode() for name, commit in peeled.items() if commit != found[name]},
        {**symrefs},
    )
