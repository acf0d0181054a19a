"""Laws of keys: every spelling of a repository has one key, and no two repositories share one."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from domain.git.address import payload_key, read_address, repo_key, shown

LETTERS = "abcXYZ019-_~"
NAMES = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12),
    st.sampled_from(
        ["v3", "r.github.io", "a b", "größe", "日本", "o", "r", "git", ".git-x", "defaultcollection"]
    ),
)
HOSTS = st.sampled_from(
    [
        "github.com",
        "notgithub.com",
        "github.com.evil.example",
        "gitlab.example.com",
        "localhost",
        "10.0.0.7",
        "com",
        "xn--bcher-kva.example",
        "[fd00::1]",
    ]
)
USERS = st.sampled_from(["", "git@", "user:S3CRET@", "a%2Fb:c%40d@", "x:@", "CORP%5Cme:p@"])
PORTS = st.sampled_from(["", ":22", ":443", ":8443", ":7999", ":"])
WEB = ["https", "http", "HTTPS"]


@dataclass(frozen=True)
class Repository:
    """One repository, whatever is written for it."""

    host: str
    path: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, ...]:
        return (self.host, *(part.lower() for part in self.path))


@dataclass(frozen=True)
class AzureRepository(Repository):
    """One of Azure DevOps: organization, project, name."""


plain = st.builds(Repository, HOSTS, st.lists(NAMES, min_size=1, max_size=4).map(tuple))
azure = st.builds(
    AzureRepository,
    st.just("dev.azure.com"),
    st.tuples(
        st.text("abcXYZ019-", min_size=1, max_size=12).filter(lambda name: name.strip("-") == name),
        NAMES,
        NAMES,
    ),
).filter(lambda found: found.path[0].lower() != "v3" and found.path[1].lower() != "defaultcollection")
repositories = st.one_of(plain, plain, azure)


@st.composite
def cased(draw: st.DrawFn, text: str) -> str:
    """A text in any mixture of cases, where that means the same letters."""
    swaps = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    return "".join(
        char.swapcase() if swap and char.isascii() else char for char, swap in zip(text, swaps, strict=True)
    )


@st.composite
def encoded(draw: st.DrawFn, text: str) -> str:
    """A part of a path with some of its characters percent-encoded."""
    hidden = draw(st.sets(st.sampled_from(sorted(set(text)))))
    return "".join(
        "".join(f"%{byte:02x}" for byte in char.encode()) if char in hidden else char for char in text
    )


@st.composite
def spellings(draw: st.DrawFn, repository: Repository) -> str:
    """What somebody might write for a repository."""
    host, path, scp, ssh = draw(forms(repository))
    parts = [draw(encoded(draw(cased(part)))) for part in path]
    end = draw(st.sampled_from(["", ".git", ".GIT", "/", ".git/"]))
    written = "/".join(parts) + end
    host = draw(cased(host))
    if scp:
        return f"git@{host}:{draw(st.sampled_from(['', '/']))}{written}"
    scheme = "ssh" if ssh else draw(st.sampled_from(WEB))
    return f"{scheme}://{draw(USERS)}{host}{draw(PORTS)}/{written}"


@st.composite
def forms(draw: st.DrawFn, repository: Repository) -> tuple[str, tuple[str, ...], bool, bool]:
    """Host, path, whether in the scp form, whether for ssh."""
    scp, ssh = draw(st.sampled_from([(False, False), (False, True), (True, True)]))
    if isinstance(repository, AzureRepository):
        return *draw(azure_forms(repository, ssh=ssh)), scp, ssh
    doors = ["", "ssh."] if ssh and "." in repository.host and repository.host[0] != "[" else [""]
    return draw(st.sampled_from(doors)) + repository.host, repository.path, scp, ssh


@st.composite
def azure_forms(draw: st.DrawFn, repository: AzureRepository, *, ssh: bool) -> tuple[str, tuple[str, ...]]:
    organization, project, name = repository.path
    if ssh:
        host = draw(st.sampled_from(["ssh.dev.azure.com", "vs-ssh.visualstudio.com"]))
        return host, ("v3", organization, project, name)
    middle = draw(st.sampled_from([(project, "_git", name), (project, name)]))
    if project.lower() == name.lower():
        middle = draw(st.sampled_from([middle, ("_git", name)]))
    collection = draw(st.sampled_from([(), ("DefaultCollection",)]))
    old = (f"{organization}.visualstudio.com", (*collection, *middle))
    return draw(st.sampled_from([old, ("dev.azure.com", (organization, *middle))]))


@given(st.data(), repositories)
def test_every_spelling_of_a_repository_has_its_key(data: st.DataObject, repository: Repository) -> None:
    payload, repo = data.draw(spellings(repository)), data.draw(spellings(repository))
    assert payload_key(payload) == repo_key(repo) is not None


@given(st.data(), repositories, repositories)
def test_no_spelling_of_another_repository_has_it(
    data: st.DataObject, one: Repository, two: Repository
) -> None:
    keys = payload_key(data.draw(spellings(one))), repo_key(data.draw(spellings(two)))
    assert (keys[0] == keys[1]) == (one.identity == two.identity)


@st.composite
def neighbours(draw: st.DrawFn, repository: Repository) -> Repository:
    """A repository that differs in as little as an attacker could choose."""
    host, path = repository.host, repository.path
    kind = type(repository)
    last = path[-1]
    if kind is AzureRepository:
        return kind(host, (*path[:2], draw(st.sampled_from([last + "x", "x" + last, last + "-suffix"]))))
    return draw(
        st.sampled_from(
            [
                Repository(host, (*path[:-1], last + "-suffix")),
                Repository(host, (*path[:-1], last + "x")),
                Repository(host, ("x", *path)),
                Repository(host, (*path, "x")),
                Repository(host, ("v3", *path)),
                Repository(host, (*path[:-1], f"x%2F{last}")),
                Repository(host, ("%2F".join(path), "x")),
                Repository("evil.example", (f"x@{host.strip('[]')}", *path)),
                Repository("evil.example", (host.strip("[]"), *path)),
            ]
        )
    )


@given(st.data(), repositories)
def test_nor_has_any_neighbour(data: st.DataObject, repository: Repository) -> None:
    key = repo_key(data.draw(spellings(repository)))
    assert payload_key(data.draw(spellings(data.draw(neighbours(repository))))) != key


@given(st.data(), repositories)
def test_what_matches_can_be_called_and_shown(data: st.DataObject, repository: Repository) -> None:
    written = data.draw(spellings(repository))
    address = read_address(written)
    assert address.host.removeprefix("ssh.") not in {"", "evil.example"}
    assert address.path.isascii() or address.scheme == "ssh"
    assert "S3CRET" not in shown(written)
    assert repo_key(shown(written)) == repo_key(written)


FRAGMENTS = st.sampled_from(
    [
        *("https://", "http://", "ssh://", "file://", "//", "/", ":", "@", "git@", "?", "#", "\\", ".", ".."),
        *(
            "github.com",
            "evil.example",
            "o",
            "r",
            "o/r",
            ".git",
            "%2F",
            "%2f",
            "%252F",
            "%40",
            "%00",
            "%",
            "%5C",
        ),
        *(
            "\x00",
            "\n",
            "\t",
            " ",
            "[",
            "]",
            "::1",
            ":22",
            "*",
            ".*",
            "\u212a",
            "\u2028",
            "é",
            "_git",
            "v3",
            "~",
        ),
    ]
)


@given(st.one_of(st.lists(FRAGMENTS, max_size=12).map("".join), st.text(max_size=60)))
def test_no_text_at_all_breaks_it_or_has_a_host_that_others_do_not_see(text: str) -> None:
    key = payload_key(text)
    assert repo_key(text) in {key, None}
    shown(text)
    if key is None:
        return
    host = urlsplit(text).hostname if "://" in text else text.partition("@")[2].partition(":")[0].lower()
    assert key.startswith(f"{(host or '').removeprefix('ssh.')}/")
    assert "/../" not in f"{key}/"
    assert quote(key, safe="").count("%2F") == key.count("/")
