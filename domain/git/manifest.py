"""Manifests: Rancher Fleet's own YAML, as far as it says what to watch.

A GitRepo is read as its controller reads it (github.com/rancher/fleet, pkg/apis/fleet.cattle.io/v1alpha1,
gitrepo_types.go). What speaks of clusters is passed over and told.
"""

import binascii
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, cast

from cryptography.x509 import load_pem_x509_certificates

from domain.errors import InvalidInputError
from domain.git.address import read_address, shown
from domain.git.duration import duration_ms, no_duration, written
from domain.git.fields import MAX_TEXT_CHARS, Fields, mapping, unfit
from domain.git.names import checked_name, checked_namespace, checked_ref
from domain.git.polling import MIN_INTERVAL_MS
from domain.git.repo import RepoSpec
from domain.git.secret_manifest import SecretManifest, secret_of

REPO_API: Final = "fleet.cattle.io/v1alpha1"
SECRET_API: Final = "v1"  # noqa: S105 - a version
DEFAULT_NAMESPACE: Final = "default"

MAX_URL_CHARS: Final = 2048
MAX_BUNDLE_CHARS: Final = 64 * 1024
"""Of a caBundle, in base64: some thirty certificates. A gateway may have many repos, each kept whole."""

MAX_PATHS_BYTES: Final = 16 * 1024
"""All paths of one repo together."""

_APIS: Final = {"GitRepo": REPO_API, "Secret": SECRET_API}
_LISTS: Final = {"List": "", "GitRepoList": "GitRepo", "SecretList": "Secret"}

_KIND: Final = re.compile("[A-Z][A-Za-z0-9]{0,62}")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Without tabs and line ends."""


@dataclass(frozen=True, slots=True)
class RepoManifest:
    """A repo as its owner describes it.

    Attributes:
        name: "namespace/name".
        spec: what is to be watched.
        ignored: dotted names of the fields that mean something to Kubernetes only, or nothing to anybody.
    """

    name: str
    spec: RepoSpec
    ignored: tuple[str, ...] = ()


def read_manifest(document: object, namespace: str = DEFAULT_NAMESPACE) -> RepoManifest | SecretManifest:
    """What a GitRepo or Secret says.

    Args:
        document: the resource, as YAML or JSON is read.
        namespace: where it belongs unless it says so itself.

    Raises:
        InvalidInputError: it breaks a rule; `field` is the dotted name of the field. No value is told.
    """
    fields = Fields(document)
    kind = _kind(fields)
    metadata = fields.within("metadata")
    name = _name(metadata, namespace)
    if kind == "Secret":
        secret = secret_of(name, fields)
        return replace(secret, ignored=(*metadata.ignored, *fields.ignored))
    spec = fields.within("spec")
    read = _spec(spec)
    return RepoManifest(name, read, (*metadata.ignored, *spec.ignored, *fields.ignored))


def parts(document: object) -> Iterator[tuple[str, object]]:
    """The resources in a document, each behind its place in it: one at "", or the items of a list.

    Raises:
        InvalidInputError: it is a list whose items cannot be read.
    """
    content = cast("dict[object, object]", document) if isinstance(document, dict) else {}
    kind = content.get("kind")
    if not isinstance(kind, str) or kind not in _LISTS:
        yield "", document
        return
    items = content.get("items")
    if not isinstance(items, list | None):
        raise unfit("items", list, items)
    # The items of a GitRepoList need not say what they are.
    implied = {"kind": _LISTS[kind], "apiVersion": content.get("apiVersion")} if _LISTS[kind] else {}
    for index, item in enumerate(cast("list[object]", items or [])):
        yield f"items[{index}]", {**implied, **mapping(item, f"items[{index}]")}


def foreign_kind(document: object) -> str | None:
    """The kind of a resource that is whole and none of ours, such as Deployment; None: read it.

    Who applies a folder may have such in it, and is told. What merely resembles ours is read, and refused.
    """
    content = cast("dict[object, object]", document) if isinstance(document, dict) else {}
    kind, api = content.get("kind"), content.get("apiVersion")
    if not isinstance(kind, str) or not isinstance(api, str) or _KIND.fullmatch(kind) is None:
        return None
    ours = {name.casefold() for name in (*_APIS, *_LISTS)}
    return None if kind.casefold() in ours else kind


def lacks_kind(document: object) -> bool:
    """Whether a document does not even claim to be a resource of Kubernetes.

    Next to GitRepos often stand fleet.yaml, values.yaml, or a Chart.yaml of Helm, which has an apiVersion.
    What has metadata as well merely forgot its kind.
    """
    content = cast("dict[object, object]", document) if isinstance(document, dict) else {}
    is_resource = content.get("apiVersion") is not None and content.get("metadata") is not None
    return content.get("kind") is None and not is_resource


def manifest_of(name: str, spec: RepoSpec) -> dict[str, object]:
    """The GitRepo that describes a repo, without what is empty. A password in its URL is left out.

    Args:
        name: "namespace/name".
        spec: what is watched.
    """
    interval = spec.polling_interval_ms
    fields: dict[str, object] = {
        "repo": shown(spec.repo),
        "branch": spec.branch,
        "revision": spec.revision,
        "pollingInterval": "" if interval is None else written(interval),
        "disablePolling": spec.disable_polling,
        "webhookSecret": spec.webhook_secret,
        "clientSecretName": spec.client_secret,
        "paths": list(spec.paths),
        "allowUnauthenticated": spec.allow_unauthenticated,
        "caBundle": b64encode(spec.ca_bundle.encode()).decode("ascii"),
        "insecureSkipTLSVerify": spec.insecure_skip_tls,
    }
    namespace, _, own = name.partition("/")
    return {
        "apiVersion": REPO_API,
        "kind": "GitRepo",
        "metadata": {"namespace": namespace, "name": own},
        "spec": {key: value for key, value in fields.items() if value},
    }


def _kind(fields: Fields) -> str:
    kind, api = fields.text("kind"), fields.text("apiVersion")
    if kind in _LISTS:
        raise InvalidInputError("kind", "This is a list; give its items one by one.")
    if kind not in _APIS:
        raise InvalidInputError("kind", "kind has to be GitRepo or Secret.")
    if api != _APIS[kind]:
        raise InvalidInputError("apiVersion", f"apiVersion of a {kind} has to be {_APIS[kind]}.")
    return kind


def _name(metadata: Fields, namespace: str) -> str:
    own = metadata.text("namespace")
    namespace = checked_namespace("metadata.namespace" if own else "namespace", own or namespace)
    return f"{namespace}/{checked_name('metadata.name', _required(metadata, 'name'))}"


def _spec(fields: Fields) -> RepoSpec:
    return RepoSpec(
        repo=_url(fields),
        branch=checked_ref("spec.branch", fields.text("branch")),
        revision=checked_ref("spec.revision", fields.text("revision")),
        polling_interval_ms=_interval_ms(fields),
        disable_polling=fields.flag("disablePolling"),
        webhook_secret=_reference(fields, "webhookSecret"),
        client_secret=_reference(fields, "clientSecretName"),
        paths=_paths(fields),
        allow_unauthenticated=fields.flag("allowUnauthenticated"),
        ca_bundle=_bundle(fields),
        insecure_skip_tls=fields.flag("insecureSkipTLSVerify"),
    )


def _required(fields: Fields, name: str, most: int = MAX_TEXT_CHARS) -> str:
    found = fields.text(name, most=most)
    if not found:
        raise InvalidInputError(fields.dotted(name), f"{fields.dotted(name)} is missing.")
    return found


def _url(fields: Fields) -> str:
    url = _required(fields, "repo", MAX_URL_CHARS)
    try:
        read_address(url)
    except InvalidInputError as error:
        raise InvalidInputError("spec.repo", f"spec.repo: {error}") from None
    return url


def _reference(fields: Fields, name: str) -> str:
    found = fields.text(name)
    return checked_name(fields.dotted(name), found) if found else ""


def _interval_ms(fields: Fields) -> int | None:
    place = fields.dotted("pollingInterval")
    try:
        text = fields.text("pollingInterval", "0s")
    except InvalidInputError:
        # Of a number, quotes alone would not make one.
        raise no_duration(place) from None
    found = duration_ms(place, text)
    if 0 < found < MIN_INTERVAL_MS:
        raise InvalidInputError(place, f"{place} has to be at least {written(MIN_INTERVAL_MS)}.")
    # Zero means Rancher Fleet's default, too.
    return found or None


def _paths(fields: Fields) -> tuple[str, ...]:
    place, found = fields.dotted("paths"), fields.texts("paths")
    if sum(len(path.encode()) for path in found) > MAX_PATHS_BYTES:
        raise InvalidInputError(
            place, f"{place} has more than {MAX_PATHS_BYTES // 1024} KiB; name folders above these."
        )
    if any(map(_CONTROLS.search, found)):
        raise InvalidInputError(place, f"{place} has a control character; write it without.")
    return found


def _bundle(fields: Fields) -> str:
    encoded = fields.text("caBundle", most=MAX_BUNDLE_CHARS)
    if not encoded:
        return ""
    try:
        pem = binascii.a2b_base64(re.sub("[\r\n]", "", encoded), strict_mode=True)
        load_pem_x509_certificates(pem)
        text = str(pem, "utf-8")
    except ValueError:
        text = ""
    if not text or _CONTROLS.search(text):
        place = fields.dotted("caBundle")
        raise InvalidInputError(
            place, f"{place} has to be certificates in PEM, then in base64: base64 -w 0 ca.pem"
        )
    return text
