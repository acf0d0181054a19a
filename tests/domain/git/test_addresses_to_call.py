"""What is called for the URL that an owner wrote, what is refused, and what of it may be shown."""

import pytest

from domain.errors import InvalidInputError
from domain.git.address import Address, read_address, shown

CALLED = [
    ("https://github.com/O/R.git", ("https", "", "", "github.com", None, "/O/R.git")),
    ("https://GitHub.com/o/r/", ("https", "", "", "github.com", None, "/o/r")),
    ("http://me:p%40ss%3A@git.local:8080/o/r", ("http", "me", "p@ss:", "git.local", 8080, "/o/r")),
    ("https://CORP%5Cme:p@git.local/r", ("https", "CORP\\me", "p", "git.local", None, "/r")),
    ("https://token@github.com/o/r", ("https", "token", "", "github.com", None, "/o/r")),
    (
        "https://h/My Project/größe%20x/100%",
        ("https", "", "", "h", None, "/My%20Project/gr%C3%B6%C3%9Fe%20x/100%25"),
    ),
    ("ssh://git@h:2222/srv/My%20Repo.git", ("ssh", "git", "", "h", 2222, "/srv/My Repo.git")),
    ("ssh://git@h//srv/r.git", ("ssh", "git", "", "h", None, "/srv/r.git")),
    ("ssh://git@h/~me/r.git", ("ssh", "git", "", "h", None, "~me/r.git")),
    ("git@github.com:o/r.git", ("ssh", "git", "", "github.com", None, "o/r.git")),
    ("git@h:/srv/r.git", ("ssh", "git", "", "h", None, "/srv/r.git")),
    (
        "git@ssh.dev.azure.com:v3/org/My%20Project/r",
        ("ssh", "git", "", "ssh.dev.azure.com", None, "v3/org/My%20Project/r"),
    ),
    ("https://[FD00:0::1]:3000/o/r", ("https", "", "", "fd00::1", 3000, "/o/r")),
    ("file:///srv/git/r.git", ("file", "", "", "", None, "/srv/git/r.git")),
    ("file://localhost/srv/a%20b", ("file", "", "", "", None, "/srv/a b")),
]

REFUSED = [
    ("", "write it as https://host/path"),
    ("github.com/o/r", "write it as https://host/path"),
    ("github.com:o/r", "user@host:path"),
    ("/srv/git/r", "file:///path"),
    ("git://github.com/o/r", "write it as https://host/path"),
    ("https://me@corp.example:S3CRET@github.com/o/r", "%40"),
    ("https://github.com", "path is empty"),
    ("https://github.com/o/r?x=S3CRET", "query"),
    ("https://github.com/o/../r", ".."),
    ("https://github.com/o//r", "//"),
    ("https://github.com/o%2Fr", "encoded slash"),
    ("https://github.com/o\\r", "backslash"),
    ("https://github.com/o/r\n", "control character"),
    ("https://me:S3CRET%0A@github.com/o/r", "control character"),
    ("https://me:%FF@github.com/o/r", "UTF-8"),
    ("https://bücher.example/o/r", "xn--"),
    ("https://git hub.com/o/r", "host"),
    ("https://github.com:70000/o/r", "port"),
    ("https://[::g]/o/r", "https://host/path"),
    ("https://[1:::2]/o/r", "IPv6"),
    ("file://server/share/r", "file:///path"),
    ("file:///", "path is empty"),
    ("https://github.com/" + "a" * 2030, "2048 characters"),
]

SHOWN = [
    ("https://github.com/O/R.git", "https://github.com/O/R.git"),
    ("HTTPS://me:S3CRET@GitHub.com:8443/o/r", "HTTPS://GitHub.com:8443/o/r"),
    ("https://S3CRET@github.com/o/r", "https://github.com/o/r"),
    ("https://S3CRET@github.com", "https://github.com"),
    ("ssh://git:S3CRET@h:22/o/r", "ssh://git@h:22/o/r"),
    ("git@github.com:o/r.git", "git@github.com:o/r.git"),
    ("git@github.com:o/r?S3CRET", "git@github.com:o/r"),
    ("https://github.com/o/r?token=S3CRET#S3CRET", "https://github.com/o/r"),
    ("https://evil.example/x@github.com/o/r", "https://evil.example/x@github.com/o/r"),
    ("file:///srv/r", "file:///srv/r"),
    ("https://me@corp.example:S3CRET@github.com/o/r", "https://***@github.com/o/r"),
    ("https://me:S3/CRET@github.com/o/r?S3CRET", "https://***@github.com/o/r"),
    ("https://me:S3#CRET@github.com/o/r", "https://***@github.com/o/r"),
    ("me:S3CRET@github.com/o/r", "***@github.com/o/r"),
    ("https://github.com/o\n/r", "https://github.com/o?/r"),
    ("nonsense", "nonsense"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "parts"), CALLED)
def test_the_address_is_what_the_owner_wrote(
    url: str, parts: tuple[str, str, str, str, int | None, str]
) -> None:
    address = read_address(url)
    found = (address.scheme, address.user, address.password, address.host, address.port, address.path)
    assert found == parts


@pytest.mark.parametrize(("url", "hint"), REFUSED)
def test_what_cannot_be_called_is_refused_with_what_to_do(url: str, hint: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_address(url)
    assert refused.value.field == "repo"
    assert hint in str(refused.value)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize(("url", "expected"), SHOWN)
def test_credentials_are_not_shown(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_what_is_shown_is_bounded() -> None:
    assert len(shown("x" * 100_000)) == 2048


def test_an_address_does_not_tell_its_credentials() -> None:
    address = Address("https", "S3CRET", "S3CRET", "h", None, "/r")
    assert "S3CRET" not in repr(address)
