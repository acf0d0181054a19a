"""Which URL of a payload names which repo: the table of the specification, and URLs made to name too many."""

import time

import pytest

from domain.git.address import payload_key, repo_key

GITHUB = "https://github.com/o/r"
AZURE = "https://dev.azure.com/org/proj/_git/repo"
SERVER = "https://bb.local/scp/p/r.git"
SERVER_SSH = "ssh://git@bb.local:7999/p/r.git"

SAME = [
    (GITHUB, GITHUB),
    (GITHUB, "https://github.com/o/r.git"),
    (GITHUB, "https://github.com/o/r/"),
    (GITHUB, "https://github.com/o/r.git/"),
    (GITHUB, "http://github.com/O/R"),
    (GITHUB, "HTTPS://GitHub.Com/O/R.GIT"),
    (GITHUB, "git@github.com:o/r.git"),
    (GITHUB, "git@github.com:/o/r.git"),
    (GITHUB, "ssh://git@github.com:22/o/r.git"),
    (GITHUB, "ssh://github.com/o/r"),
    (GITHUB, "https://user:tok@github.com/o/r.git"),
    (GITHUB, "https://tok@github.com/o/r.git"),
    (GITHUB, "https://a%2Fb:c%40d@github.com/o/r"),
    (GITHUB, "git@ssh.github.com:o/r.git"),
    (GITHUB, "ssh://git@ssh.github.com:443/o/r.git"),
    (GITHUB, "https://github.com:8443/o/r"),
    (GITHUB, "https://github.com:/o/r"),
    (GITHUB, "https://github.com/%6F/r%2Egit"),
    ("https://github.com:8443/o/r?tab=readme#top", GITHUB),
    ("git@github.com:o/r.git", GITHUB),
    ("https://gitlab.com/group/sub/r", "ssh://git@altssh.gitlab.com:443/group/sub/r.git"),
    ("https://bitbucket.org/team/r", "ssh://git@altssh.bitbucket.org:443/team/r.git"),
    (AZURE, AZURE),
    (AZURE, "git@ssh.dev.azure.com:v3/org/proj/repo"),
    (AZURE, "ssh://git@ssh.dev.azure.com:22/v3/org/proj/repo"),
    (AZURE, "git@ssh.dev.azure.com:org/proj/repo"),
    (AZURE, "https://org@dev.azure.com/org/proj/_git/repo"),
    (AZURE, "https://dev.azure.com/org/proj/repo"),
    (AZURE, "https://org.visualstudio.com/proj/_git/repo"),
    (AZURE, "https://org.visualstudio.com/DefaultCollection/proj/_git/repo"),
    (AZURE, "org@vs-ssh.visualstudio.com:v3/org/proj/repo"),
    ("https://org.visualstudio.com/proj/_git/repo", AZURE),
    ("https://dev.azure.com/org/_git/repo", "git@ssh.dev.azure.com:v3/org/repo/repo"),
    ("https://org.visualstudio.com/DefaultCollection/_git/repo", "https://dev.azure.com/org/repo/_git/repo"),
    ("https://tfs.local/tfs/Main/proj/_git/r", "https://tfs.local/tfs/Main/proj/_git/r"),
    ("https://tfs.local/tfs/Main/proj/_git/r", "https://tfs.local:8080/tfs/main/proj/r"),
    (SERVER, SERVER),
    (SERVER, "https://bb.local/scp/p/r"),
    (SERVER_SSH, SERVER_SSH),
    (SERVER_SSH, "ssh://git@bb.local:22/p/r.git"),
    (SERVER_SSH, "ssh://git@bb.local/p/r.git"),
    (SERVER_SSH, "git@bb.local:p/r.git"),
    ("ssh://git@bb.local:7999/~me/r.git", "ssh://git@bb.local:7999/%7Eme/r.git"),
    (
        "https://dev.azure.com/org/My%20Project/_git/My%20Repo",
        "https://dev.azure.com/org/My Project/_git/My Repo",
    ),
    (
        "https://dev.azure.com/org/My Project/_git/My Repo",
        "git@ssh.dev.azure.com:v3/org/my%20project/my%20repo",
    ),
    ("https://dev.azure.com/org/%C3%9Cber/_git/r", "https://dev.azure.com/org/über/_git/r"),
    ("https://[fd00:0:0::1]:3000/o/r", "ssh://git@[FD00::1]/o/r.git"),
    ("https://git_host.local/o/r", "https://git_host.local/o/r"),
    ("https://xn--bcher-kva.example/o/r", "https://XN--bcher-kva.example/o/r"),
]

OTHER = [
    (GITHUB, "https://notgithub.com/o/r"),
    (GITHUB, "https://github.com/o/r-suffix"),
    (GITHUB, "https://github.com/o/r.gits"),
    (GITHUB, "https://github.com/prefix/o/r"),
    (GITHUB, "https://github.com/o"),
    (GITHUB, "https://github.com/o/r/tree"),
    (GITHUB, "https://github.com/o/r?x=1"),
    (GITHUB, "https://github.com/o/r#x"),
    (GITHUB, "git@github.com:o/r?x"),
    (GITHUB, "https://github.com.evil.example/o/r"),
    (GITHUB, "https://www.github.com/o/r"),
    (GITHUB, "https://ssh.github.com/o/r"),
    (GITHUB, "https://githubXcom/o/r"),
    (GITHUB, "github.com/o/r"),
    (GITHUB, "github.com:o/r"),
    (GITHUB, "//github.com/o/r"),
    (GITHUB, "git://github.com/o/r"),
    (GITHUB, "ftp://github.com/o/r"),
    (GITHUB, "file://github.com/o/r"),
    (GITHUB, "https://evil.example/x@github.com/o/r"),
    (GITHUB, "https://evil.example/https://github.com/o/r"),
    (GITHUB, "git@evil.example:git@github.com:o/r"),
    (GITHUB, "git@github.com:22/o/r"),
    (GITHUB, "git@github.com:v3/o/r"),
    ("https://evil.example/x@github.com/o/r", GITHUB),
    ("https://github.com/v3/r", "https://github.com/r"),
    ("https://github.com/o%252Fr/x", "https://github.com/o/r/x"),
    ("https://github.com/o%252Fr/x", "https://github.com/o%2Fr/x"),
    ("https://github.com/o/\u212ait", "https://github.com/o/kit"),
    ("https://ssh.com/o/r", "https://com/o/r"),
    ("git@ssh.com:o/r", "https://com/o/r"),
    (AZURE, "https://dev.azure.com/org/other/_git/repo"),
    (AZURE, "https://dev.azure.com/other/proj/_git/repo"),
    (AZURE, "https://other.visualstudio.com/proj/_git/repo"),
    (AZURE, "https://a.org.visualstudio.com/proj/_git/repo"),
    (AZURE, "https://visualstudio.com/org/proj/_git/repo"),
    (AZURE, "https://dev.azure.com/v3/org/proj/repo"),
    (AZURE, "https://dev.azure.com/org/proj/_git/_git/repo"),
    ("https://dev.azure.com/org/_git/repo", AZURE),
    (SERVER, SERVER_SSH),
    (SERVER, "https://bb.local/p/r.git"),
]

NAMELESS = [
    "",
    "https://",
    "https:///o/r",
    "https://github.com",
    "https://github.com/",
    "https://github.com//",
    "https://github.com/?o/r",
    "https://.*/x",
    "https://.*/example/repo",
    "https://*/o/r",
    "https://*.com/o/r",
    "https://[a-z]+/o/r",
    "https://(github|gitlab).com/o/r",
    "https://github.com|evil.example/o/r",
    "https://github..com/o/r",
    "https://.github.com/o/r",
    "https://github.com./o/r",
    "https://-github.com/o/r",
    "https://" + "a" * 64 + ".com/o/r",
    "https://" + "a." * 127 + "com/o/r",
    "https://git%68ub.com/o/r",
    "https://github.com%2Fo/r",
    "https://github.com:99999/o/r",
    "https://github.com:0/o/r",
    "https://github.com:22x/o/r",
    "https://github.com:\uff12\uff12/o/r",
    "https://user@evil.example@github.com/o/r",
    "https://github.com\\@evil.example/o/r",
    "https:\\\\github.com\\o\\r",
    "https://github.com/o\\r",
    "https://github.com/o%5Cr",
    "https://github.com/o%2Fr",
    "https://github.com/o%2Fr/x",
    "https://github.com/o/r%2F",
    "https://github.com/x/../o/r",
    "https://github.com/./o/r",
    "https://github.com/x/%2e%2E/o/r",
    "https://github.com/o//r",
    "https://github.com/o/r\x00",
    "https://github.com/o/r%00",
    "https://github.com\x00.evil.example/o/r",
    "https://github.com/o/r\n",
    "https://github.com/o/r\r\nHost: evil.example",
    "https://github.com/o\t/r",
    "https://github.com/o/r%0a",
    "https://github.com/o/r\x85",
    "https://github.com/o/r\u2028",
    " https://github.com/o/r",
    "https://github.com/o/r ",
    "https://git hub.com/o/r",
    "https://us er@github.com/o/r",
    "https://github.com/o/%FF",
    "https://github.com/o/%C0%AF",
    "https://github.com/o/%ED%A0%80",
    "https://github.com/o/\ud800",
    "https://g\u0131thub.com/o/r",
    "https://\uff47ithub.com/o/r",
    "https://github。com/o/r",
    "https://bücher.example/o/r",
    "http\u017f://github.com/o/r",
    "git@\u212aube.example:o/r",
    "https://[::1/o/r",
    "https://[::g]/o/r",
    "https://[fe80::1%25eth0]/o/r",
    "https://::1/o/r",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "FILE:///o/r",
    "/srv/git/r.git",
    "C:\\repos\\r",
    "javascript:alert(1)",
    "ext::sh -c touch% /tmp/x",
    "git@github.com",
    "git@github.com:",
    "git@:o/r",
    "@github.com:o/r",
    "-oProxyCommand=x@:o/r",
    "https://github.com/" + "a" * 100_000,
    "https://" + "a" * 100_000 + "/o/r",
    "https://" + "a@" * 50_000 + "github.com/o/r",
    "%" * 100_000,
]


@pytest.mark.parametrize(("payload", "repo"), SAME)
def test_a_payload_names_every_spelling_of_its_repository(payload: str, repo: str) -> None:
    assert payload_key(payload) == repo_key(repo) is not None


@pytest.mark.parametrize(("payload", "repo"), OTHER)
def test_a_payload_names_no_other_repository(payload: str, repo: str) -> None:
    assert payload_key(payload) is not None
    assert payload_key(payload) != repo_key(repo)


@pytest.mark.parametrize("url", NAMELESS, ids=[repr(url[:40]) for url in NAMELESS])
def test_what_can_be_read_in_two_ways_names_nothing(url: str) -> None:
    assert payload_key(url) is None
    assert repo_key(url) is None


@pytest.mark.parametrize(
    "repo", ["https://github.com/o/r", "https://github.com/a/b.git", "git@github.com:o/r"]
)
@pytest.mark.parametrize("path", [".*/.*", ".*", "o/.*", "o/r|x", "%2E%2A/%2E%2A", "o/r$", "o/[r]", "*/*"])
def test_a_pattern_in_a_path_is_only_a_strange_name(path: str, repo: str) -> None:
    assert payload_key(f"https://github.com/{path}") not in {repo_key(repo), None}


def test_hostile_urls_cost_next_to_nothing() -> None:
    hostile = [
        *NAMELESS,
        "https://github.com/" + "%2e" * 600,
        "https://github.com/" + "%41/" * 500 + "x",
        "https://github.com/" + "\u212a" * 2000,
        "https://" + "a" * 2000,
        "https://" + ":" * 2000 + "@github.com/o/r",
        "a" * 1000 + "@" + "b" * 1000,
        "https://" + "[" * 2000,
        "https://github.com" + "/" * 2000,
    ]
    began = time.process_time()
    for _ in range(10):
        for url in hostile:
            payload_key(url)
            repo_key(url)
    assert time.process_time() - began < 2
