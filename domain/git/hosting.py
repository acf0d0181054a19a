"""Hosting: the several addresses at which one host shows the same repository, brought to one.

- GitHub and Azure DevOps serve ssh at `ssh.HOST` too, Bitbucket Cloud and GitLab.com at names of their own,
  for networks that let port 443 through only
  (https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port,
  https://about.gitlab.com/blog/2016/02/18/gitlab-dot-com-now-supports-an-alternate-git-plus-ssh-port/).
- Azure DevOps has an old host name for each organization
  (https://learn.microsoft.com/azure/devops/extend/develop/work-with-urls), writes `/_git/` before a
  repository on the web and `v3/` before the organization over ssh
  (https://learn.microsoft.com/azure/devops/repos/git/use-ssh-keys-to-authenticate), and leaves the project
  out when the repository is called as it is (so the `remoteUrl` of its own example,
  https://learn.microsoft.com/azure/devops/service-hooks/events#git.push).
"""

from typing import Final

_AZURE: Final = "dev.azure.com"
_AZURE_OLD: Final = ".visualstudio.com"
_AZURE_SSH: Final = "v3"
_COLLECTION: Final = "defaultcollection"
_REPOSITORIES: Final = "_git"
_SSH: Final = "ssh."

_SSH_DOORS: Final = {
    "altssh.bitbucket.org": "bitbucket.org",
    "altssh.gitlab.com": "gitlab.com",
    "vs-ssh.visualstudio.com": _AZURE,
}

# What the short form `organization/_git/repository` of Azure DevOps has.
_SHORT: Final = 3


def at_home(host: str, path: list[str], *, is_ssh: bool) -> tuple[str, list[str]]:
    """A host and the parts of a path as the host's own web pages have them.

    Args:
        host: in lower case.
        path: its parts, decoded and in lower case, without `.git` at the end.
        is_ssh: whether they were written for ssh.
    """
    if is_ssh:
        host = _web_host(host)
    if host.endswith(_AZURE_OLD) and host.count(".") == _AZURE_OLD.count("."):
        organization = host.removesuffix(_AZURE_OLD)
        host, path = _AZURE, [organization, *(path[1:] if path[:1] == [_COLLECTION] else path)]
    if is_ssh and host == _AZURE and path[0] == _AZURE_SSH and len(path) > _SHORT:
        path = path[1:]
    return host, _without_marker(host, path)


def _web_host(host: str) -> str:
    bare = host.removeprefix(_SSH)
    # ssh.com is a host of its own, and no door of one that is called com.
    return _SSH_DOORS.get(host, bare if "." in bare else host)


def _without_marker(host: str, path: list[str]) -> list[str]:
    if path[-2:-1] != [_REPOSITORIES]:
        return path
    if host == _AZURE and len(path) == _SHORT:
        return [path[0], path[-1], path[-1]]
    return [*path[:-2], path[-1]]
