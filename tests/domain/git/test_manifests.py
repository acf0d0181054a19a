"""Rancher Fleet's own YAML: what it says of repos and Secrets, what is passed over, and what is refused."""

from base64 import b64encode
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.git.fields import MAX_ITEMS, MAX_TEXT_CHARS
from domain.git.manifest import (
    MAX_BUNDLE_CHARS,
    MAX_PATHS_BYTES,
    MAX_URL_CHARS,
    RepoManifest,
    foreign_kind,
    manifest_of,
    parts,
    read_manifest,
)
from domain.git.names import MAX_NAME_CHARS, MAX_NAMESPACE_CHARS, MAX_REF_CHARS
from domain.git.repo import RepoSpec
from domain.git.schema import READ, likely
from domain.git.secret_manifest import MAX_DATA_BYTES, MAX_KEYS, SecretManifest
from tests.certificates import Authority
from tests.documents import codes, first_codes, table

PEM = Authority().issue("git.example").certificate.public_bytes(Encoding.PEM).decode()
URL = "https://github.com/rancher/fleet-examples"

Document = dict[str, Any]


def repo_document(**spec: object) -> Document:
    return {
        "apiVersion": "fleet.cattle.io/v1alpha1",
        "kind": "GitRepo",
        "metadata": {"name": "app", "namespace": "infra"},
        "spec": {"repo": URL, **spec},
    }


def secret_document(**fields: object) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "hook", "namespace": "infra"},
        **fields,
    }


def spec_of(**spec: object) -> RepoSpec:
    read = read_manifest(repo_document(**spec))
    assert isinstance(read, RepoManifest)
    return read.spec


def secret_of(**fields: object) -> SecretManifest:
    read = read_manifest(secret_document(**fields))
    assert isinstance(read, SecretManifest)
    return read


def refusal(document: object) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read_manifest(document)
    return caught.value


FULL = f"""
kind: GitRepo
apiVersion: fleet.cattle.io/v1alpha1
metadata:
  name: my-repo
  namespace: fleet-local
  labels:
    created-by: fleet
  annotations: {{a: b}}
  creationTimestamp: null
spec:
  repo: git@github.com:rancher/fleet-examples.git
  branch: release/v1.2
  revision: v0.3.0
  targetNamespace: app1
  clientSecretName: my-ssh-key
  helmSecretName: my-helm-secret
  helmRepoURLRegex: https://charts.rancher.io/*
  helmSecretNameForPaths: multi-helm-secret
  caBundle: |
    {b64encode(PEM.encode()).decode()[:64]}
    {b64encode(PEM.encode()).decode()[64:]}
  insecureSkipTLSVerify: true
  paths:
  - simple
  - multiple-paths/*
  pollingInterval: 1h30m
  disablePolling: true
  webhookSecret: webhook-secret-name
  paused: false
  forceSyncGeneration: 0
  imageScanInterval: 5m
  imageScanCommit: {{authorName: foo, authorEmail: foo@bar.com, messageTemplate: "update image"}}
  keepResources: true
  deleteNamespace: false
  correctDrift:
    enabled: false
    force: false
    keepFailHistory: false
  serviceAccount: moreSecureAccountThanClusterAdmin
  ociRegistry: {{reference: "oci://registry.example"}}
  targets:
  - name: prod
    clusterSelector: {{matchLabels: {{env: prod}}}}
  allowUnauthenticated: true
status:
  commit: abc
"""


def test_a_file_of_rancher_fleet_goes_through_unchanged() -> None:
    assert read_manifest(yaml.safe_load(FULL)) == RepoManifest(
        "fleet-local/my-repo",
        RepoSpec(
            repo="git@github.com:rancher/fleet-examples.git",
            branch="release/v1.2",
            revision="v0.3.0",
            polling_interval_ms=5_400_000,
            disable_polling=True,
            webhook_secret="webhook-secret-name",
            client_secret="my-ssh-key",
            paths=("simple", "multiple-paths/*"),
            allow_unauthenticated=True,
            ca_bundle=PEM,
            insecure_skip_tls=True,
        ),
        ignored=(
            "metadata.labels",
            "metadata.annotations",
            "spec.targetNamespace",
            "spec.helmSecretName",
            "spec.helmRepoURLRegex",
            "spec.helmSecretNameForPaths",
            "spec.paused",
            "spec.forceSyncGeneration",
            "spec.imageScanInterval",
            "spec.imageScanCommit",
            "spec.keepResources",
            "spec.deleteNamespace",
            "spec.correctDrift",
            "spec.serviceAccount",
            "spec.ociRegistry",
            "spec.targets",
            "status",
        ),
    )


def test_nothing_that_rancher_fleet_knows_is_taken_for_a_mistake() -> None:
    read = read_manifest(yaml.safe_load(FULL))
    assert [name for name in read.ignored if likely(name)] == []


def test_every_field_is_explained() -> None:
    told = first_codes(table("docs/git-manifests.md", "| field of `spec` | meaning |"))
    assert {f"spec.{field}" for field in told} == {field for field in READ if field.startswith("spec.")}
    full = read_manifest(yaml.safe_load(FULL))
    assert set(manifest_of(full.name, full.spec)["spec"]) == set(told)


def test_the_limits_of_a_repo_are_told() -> None:
    rows = table("docs/git-manifests.md", "| of a GitRepo | at most |")
    kib = MAX_PATHS_BYTES // 1024, MAX_BUNDLE_CHARS // 1024
    assert {", ".join(codes(row[0])): row[1] for row in rows} == {
        "repo": f"{MAX_URL_CHARS} characters",
        "branch, revision": f"{MAX_REF_CHARS} characters",
        "paths": f"{MAX_ITEMS} entries of {MAX_TEXT_CHARS} characters, {kib[0]} KiB together",
        "caBundle": f"{kib[1]} KiB in base64, some thirty certificates",
        "": f"{MAX_NAME_CHARS} characters, of its namespace {MAX_NAMESPACE_CHARS}",
    }


def test_the_smallest_repo() -> None:
    document = repo_document()
    del document["metadata"]["namespace"]
    assert read_manifest(document) == RepoManifest("default/app", RepoSpec(URL))
    assert read_manifest(document, "infra").name == "infra/app"


def test_null_is_absent() -> None:
    fields = [field.removeprefix("spec.") for field in READ if field.startswith("spec.")]
    document = repo_document(**dict.fromkeys((*fields, "targets")) | {"repo": URL})
    document["metadata"] |= {"namespace": None, "labels": None}
    document["status"] = None
    assert read_manifest(document) == RepoManifest("default/app", RepoSpec(URL))


@pytest.mark.parametrize(("text", "ms"), [("15s", 15_000), ("1s", 1000), ("0s", None), ("0", None)])
def test_an_interval_of_zero_is_none(text: str, ms: int | None) -> None:
    assert spec_of(pollingInterval=text).polling_interval_ms == ms


@pytest.mark.parametrize(
    ("spec", "field", "words"),
    [
        ({"pollingInterval": "999ms"}, "spec.pollingInterval", "at least 1s"),
        ({"pollingInterval": 15}, "spec.pollingInterval", "with a unit: 15s, 1h30m"),
        ({"pollingInterval": "15"}, "spec.pollingInterval", "15s, 1h30m"),
        ({"pollingInterval": ""}, "spec.pollingInterval", "15s, 1h30m"),
        ({"branch": 1.2}, "spec.branch", "not a number; put it in quotes"),
        ({"branch": True}, "spec.branch", "not true or false; put it in quotes"),
        ({"branch": "\ud800"}, "spec.branch", "half of a character"),
        ({"paths": ["\udfff"]}, "spec.paths[0]", "half of a character"),
        ({"branch": ["main"]}, "spec.branch", "not a list"),
        ({"branch": "a b"}, "spec.branch", "check-ref-format"),
        ({"branch": "main\n0000"}, "spec.branch", "check-ref-format"),
        ({"branch": "../main"}, "spec.branch", "check-ref-format"),
        ({"branch": "m" * 256}, "spec.branch", "check-ref-format"),
        ({"revision": "v1^{}"}, "spec.revision", "check-ref-format"),
        ({"disablePolling": "true"}, "spec.disablePolling", "true or false, not a text"),
        ({"disablePolling": 1}, "spec.disablePolling", "true or false, not a number"),
        ({"paths": "simple"}, "spec.paths", "a list, not a text"),
        ({"paths": ["a", 1]}, "spec.paths[1]", "a text, not a number"),
        ({"paths": ["a"] * 201}, "spec.paths", "more than 200"),
        ({"paths": ["a" * 1024] * 16 + ["b"]}, "spec.paths", "more than 16 KiB"),
        ({"paths": ["\u00fc" * 1000] * 9}, "spec.paths", "more than 16 KiB"),
        ({"paths": ["a\x00"]}, "spec.paths", "control character"),
        ({"paths": ["a" * 1025]}, "spec.paths[0]", "more than 1024"),
        ({"webhookSecret": "Hook"}, "spec.webhookSecret", "cannot be a name"),
        ({"webhookSecret": "other/hook"}, "spec.webhookSecret", "cannot be a name"),
        ({"clientSecretName": "a" * 254}, "spec.clientSecretName", "cannot be a name"),
        ({"clientSecretName": {"name": "x"}}, "spec.clientSecretName", "not a mapping"),
        ({"caBundle": PEM}, "spec.caBundle", "base64"),
        ({"caBundle": b64encode(b"no certificate").decode()}, "spec.caBundle", "PEM"),
        ({"caBundle": "\u00e4"}, "spec.caBundle", "base64"),
        ({"caBundle": b64encode(f"#\x01\n{PEM}".encode()).decode()}, "spec.caBundle", "PEM"),
        ({"caBundle": "A" * (64 * 1024 + 1)}, "spec.caBundle", "more than 65536"),
        ({"repo": None}, "spec.repo", "missing"),
        ({"repo": ""}, "spec.repo", "missing"),
        ({"repo": "github.com/o/r"}, "spec.repo", "https://host/path"),
        ({"repo": "https://github.com/o/r?x=1"}, "spec.repo", "query"),
        ({"repo": "https://github.com/o/r#main"}, "spec.repo", "query or a fragment"),
        ({"repo": "https://github.com/" + "r" * 2048}, "spec.repo", "2048"),
        ({"repo": URL + "\n"}, "spec.repo", "control"),
    ],
)
def test_a_wrong_field_is_named(spec: Document, field: str, words: str) -> None:
    error = refusal(repo_document(**spec))
    assert error.field == field
    assert words in str(error)
    assert field in str(error)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metadata": {"name": "App"}}, "metadata.name"),
        ({"metadata": {"name": "app_1"}}, "metadata.name"),
        ({"metadata": {"name": "-app"}}, "metadata.name"),
        ({"metadata": {"name": "a..b"}}, "metadata.name"),
        ({"metadata": {"name": "a/b"}}, "metadata.name"),
        ({"metadata": {"name": "a\n"}}, "metadata.name"),
        ({"metadata": {"name": 1}}, "metadata.name"),
        ({"metadata": {"generateName": "app-"}}, "metadata.name"),
        ({"metadata": {"name": "app", "namespace": "a.b"}}, "metadata.namespace"),
        ({"metadata": {"name": "app", "namespace": "n" * 64}}, "metadata.namespace"),
        ({"metadata": []}, "metadata"),
        ({"metadata": None}, "metadata.name"),
        ({"spec": "x"}, "spec"),
        ({"spec": []}, "spec"),
        ({"spec": None}, "spec.repo"),
        ({"spec": {1: "x"}}, "spec"),
        ({"kind": "Gitrepo"}, "kind"),
        ({"kind": "Deployment"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": "List"}, "kind"),
        ({"apiVersion": "v1"}, "apiVersion"),
        ({"apiVersion": "fleet.cattle.io/v1"}, "apiVersion"),
        ({"kind": "Secret"}, "apiVersion"),
    ],
)
def test_a_wrong_frame_is_named(changes: Document, field: str) -> None:
    assert refusal(repo_document() | changes).field == field


@pytest.mark.parametrize("document", [None, [], "text", 1, True, {1: 2}])
def test_what_is_no_resource_at_all_is_refused(document: object) -> None:
    assert refusal(document).field == ""


def test_a_namespace_that_the_caller_gives_follows_the_rule_too() -> None:
    document = repo_document()
    del document["metadata"]["namespace"]
    with pytest.raises(InvalidInputError, match="namespace"):
        read_manifest(document, "No")


@pytest.mark.parametrize("name", ["a", "0", "a.b-c.d", "a" * 253])
def test_names_of_kubernetes(name: str) -> None:
    document = repo_document() | {"metadata": {"name": name, "namespace": "n" * 63}}
    assert read_manifest(document).name == f"{'n' * 63}/{name}"


@pytest.mark.parametrize(
    "branch",
    ["main", "feature/\u00fcber-alles", "a.b", "dependabot/npm_and_yarn/x-1.0", "@a", "v1@2", "\u4e3b"],
)
def test_branches_of_git(branch: str) -> None:
    assert spec_of(branch=branch).branch == branch


def test_branch_and_revision_may_stand_together() -> None:
    assert spec_of(branch="main", revision="a" * 40) == RepoSpec(URL, branch="main", revision="a" * 40)


@pytest.mark.parametrize(
    ("ignored", "meant"),
    [
        ("spec.pollinginterval", "spec.pollingInterval"),
        ("spec.poolingInterval", "spec.pollingInterval"),
        ("spec.disable_polling", "spec.disablePolling"),
        ("spec.webhookSecretName", "spec.webhookSecret"),
        ("spec.clientSecret", "spec.clientSecretName"),
        ("spec.path", "spec.paths"),
        ("webhookSecret", "spec.webhookSecret"),
        ("metadata.branch", "spec.branch"),
        ("stringdata", "stringData"),
        ("spec.targets", None),
        ("spec.paused", None),
        ("spec.somethingNew", None),
        ("metadata.labels", None),
        ("immutable", None),
        ("type", None),
    ],
)
def test_a_misspelled_field_is_recognised(ignored: str, meant: str | None) -> None:
    assert likely(ignored) == meant


def test_unknown_fields_are_told_and_bounded() -> None:
    document = repo_document(pollinginterval="15s", **{f"x{number}": 1 for number in range(100)})
    document["spec"]["line\nbreak" + "x" * 200] = 1
    told = read_manifest(document).ignored
    assert told[0] == "spec.pollinginterval"
    assert len(told) == 50
    document = repo_document(**{"line\nbreak" + "x" * 200: 1})
    assert read_manifest(document).ignored == (("spec.line?break" + "x" * 200)[:100],)


def test_a_secret_in_base64_and_in_plain_text() -> None:
    read = secret_of(
        data={"github": b64encode(b"one\n").decode(), "gitlab": b64encode(b"two").decode()},
        stringData={"gitlab": "plain", "gogs": "\u00fc", "empty": None},
        immutable=True,
    )
    assert read == SecretManifest(
        "infra/hook",
        "Opaque",
        {"github": b"one\n", "gitlab": b"plain", "gogs": "\u00fc".encode(), "empty": b""},
        ("immutable",),
    )


def test_base64_in_lines_is_read() -> None:
    value = b64encode(b"x" * 100).decode()
    assert secret_of(data={"k": f"{value[:60]}\n{value[60:]}\n"}).data == {"k": b"x" * 100}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"data": {"github": "no base64!"}}, "data.github"),
        ({"data": {"github": "YQ"}}, "data.github"),
        ({"data": {"github": "Y Q=="}}, "data.github"),
        ({"data": {"github": "YQ==YQ=="}}, "data.github"),
        ({"data": {"github": "\u00e4"}}, "data.github"),
        ({"data": {"github": 12345}}, "data.github"),
        ({"stringData": {"github": 12345}}, "stringData.github"),
        ({"stringData": {"github": ["x"]}}, "stringData.github"),
        ({"stringData": {"github": "\ud800"}}, "stringData.github"),
        ({"data": {"github": "\ud800"}}, "data.github"),
        ({"stringData": {"no name": "x"}}, "stringData"),
        ({"stringData": {"": "x"}}, "stringData"),
        ({"stringData": {"k" * 254: "x"}}, "stringData"),
        ({"stringData": {1: "x"}}, "stringData"),
        ({"stringData": ["x"]}, "stringData"),
        ({"data": "x"}, "data"),
        ({"type": 1}, "type"),
        ({"type": "kubernetes.io/basic-auth", "stringData": {"token": "x"}}, "data"),
        ({"type": "kubernetes.io/ssh-auth", "stringData": {"key": "x"}}, "data"),
        ({"stringData": {f"k{number}": "" for number in range(MAX_KEYS + 1)}}, "data"),
        ({"stringData": {"a": "x" * MAX_DATA_BYTES, "b": "x"}}, "data"),
    ],
)
def test_a_wrong_secret_is_refused(fields: Document, field: str) -> None:
    assert refusal(secret_document(**fields)).field == field


def test_a_secret_as_large_as_may_be() -> None:
    values = {f"k{number}": "" for number in range(MAX_KEYS - 1)} | {"big": "x" * MAX_DATA_BYTES}
    assert len(secret_of(stringData=values).data) == MAX_KEYS


@pytest.mark.parametrize(
    ("kind", "key"), [("basic-auth", "username"), ("basic-auth", "password"), ("ssh-auth", "ssh-privatekey")]
)
def test_secrets_that_open_servers(kind: str, key: str) -> None:
    read = secret_of(type=f"kubernetes.io/{kind}", stringData={key: "x", "known_hosts": "y"})
    assert (read.type, read.data) == (f"kubernetes.io/{kind}", {key: b"x", "known_hosts": b"y"})


CANARY = "S3cret-canary"


@pytest.mark.parametrize(
    "document",
    [
        secret_document(stringData={"github": CANARY}),
        secret_document(data={"github": b64encode(CANARY.encode()).decode()}),
        secret_document(data={"github": CANARY}),
        secret_document(data={"github": [CANARY]}),
        secret_document(stringData={f"github {CANARY}": None}),
        secret_document(stringData=CANARY),
        secret_document(stringData={"a": CANARY, "b": "x" * MAX_DATA_BYTES}),
        secret_document(type="kubernetes.io/ssh-auth", stringData={"x": CANARY}),
        repo_document(repo=f"https://user:{CANARY}@github.com/o/r"),
        repo_document(repo=f"https://{CANARY}@github.com/o/r?x"),
        repo_document(repo=f"https://user:{CANARY}@@github.com/o/r"),
        repo_document(branch=f"{CANARY} "),
        repo_document(webhookSecret=f"_{CANARY}"),
        repo_document(caBundle=CANARY),
        repo_document(pollingInterval=CANARY),
        repo_document() | {"kind": CANARY},
        repo_document() | {"metadata": {"name": f"_{CANARY}"}},
    ],
    ids=lambda document: str(document)[-60:],
)
def test_no_value_is_told(document: Document) -> None:
    try:
        read = read_manifest(document)
        told = repr(read)
        if isinstance(read, RepoManifest):
            told += repr(manifest_of(read.name, read.spec))
    except InvalidInputError as error:
        told = f"{error} {error.field}"
    assert CANARY not in told
    assert b64encode(CANARY.encode()).decode() not in told


SPECS = st.builds(
    RepoSpec,
    repo=st.sampled_from([URL, "git@github.com:o/r.git", "ssh://git@h:22/o/r", "file:///srv/r"]),
    branch=st.sampled_from(["", "main", "a/b"]),
    revision=st.sampled_from(["", "v1", "0" * 40]),
    polling_interval_ms=st.none() | st.integers(1000, 10**12),
    disable_polling=st.booleans(),
    webhook_secret=st.sampled_from(["", "hook"]),
    client_secret=st.sampled_from(["", "key"]),
    paths=st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=9), max_size=3).map(
        tuple
    ),
    allow_unauthenticated=st.booleans(),
    ca_bundle=st.sampled_from(["", PEM, "# \u00fc\n" + PEM]),
    insecure_skip_tls=st.booleans(),
)


@given(SPECS)
def test_what_is_shown_can_be_applied(spec: RepoSpec) -> None:
    document = manifest_of("infra/app", spec)
    assert read_manifest(yaml.safe_load(yaml.safe_dump(document))) == RepoManifest("infra/app", spec)


def test_a_password_is_not_shown() -> None:
    document = manifest_of("infra/app", RepoSpec("https://user:tok@github.com/o/r"))
    assert document["spec"] == {"repo": "https://github.com/o/r"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=12,
)
NAMES = [*repo_document(), *secret_document(data=1, stringData=1), "items", "name", "namespace"]
NAMES += [f"spec.{name}" for name in manifest_of("n/n", RepoSpec(URL))]


@given(
    st.sampled_from([repo_document(paths=["a"], branch="b"), secret_document(data={"a": "YQ=="})]),
    st.lists(st.tuples(st.sampled_from(NAMES), ANYTHING), max_size=3),
)
def test_whatever_stands_there_is_read_or_refused(sound: Document, changes: list[tuple[str, object]]) -> None:
    document = deepcopy(sound)
    for name, value in changes:
        place, _, last = name.rpartition(".")
        inner = document.get(place) if place else document
        if isinstance(inner, dict):
            inner[last] = value
    foreign_kind(document)
    with suppress(InvalidInputError):
        for _, part in parts(document):
            read_manifest(part)


def test_a_list_is_taken_apart() -> None:
    document = {"apiVersion": "v1", "kind": "List", "items": [repo_document(), secret_document()]}
    assert list(parts(document)) == [("items[0]", repo_document()), ("items[1]", secret_document())]
    assert list(parts({"kind": "List", "items": None})) == []
    assert list(parts({"kind": "List"})) == []


def test_the_items_of_a_list_of_repos_need_not_say_what_they_are() -> None:
    bare = {key: value for key, value in repo_document().items() if key in {"metadata", "spec"}}
    document = {"apiVersion": "fleet.cattle.io/v1alpha1", "kind": "GitRepoList", "items": [bare]}
    assert [read_manifest(part).name for _, part in parts(document)] == ["infra/app"]
    secrets = {"apiVersion": "v1", "kind": "SecretList", "items": [{"metadata": {"name": "a"}}]}
    assert [read_manifest(part).name for _, part in parts(secrets)] == ["default/a"]


@pytest.mark.parametrize(("items", "field"), [("x", "items"), ([1], "items[0]"), ([None], "items[0]")])
def test_a_list_of_something_else_is_refused(items: object, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        list(parts({"kind": "List", "items": items}))
    assert caught.value.field == field


@pytest.mark.parametrize("document", [repo_document(), None, [], {"kind": ["List"]}])
def test_what_is_no_list_is_one_part(document: object) -> None:
    assert list(parts(document)) == [("", document)]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, "Deployment"),
        ({"apiVersion": "fleet.cattle.io/v1alpha1", "kind": "ClusterGroup"}, "ClusterGroup"),
        (repo_document(), None),
        (repo_document() | {"kind": "gitrepo"}, None),
        (repo_document() | {"apiVersion": "fleet.cattle.io/v2"}, None),
        (secret_document(), None),
        ({"apiVersion": "v1", "kind": "List"}, None),
        ({"kind": "Deployment"}, None),
        ({"apiVersion": "v1", "kind": "my secret"}, None),
        ({"defaultNamespace": "x"}, None),
        (None, None),
    ],
)
def test_other_kinds_are_told_from_mistakes(document: object, kind: str | None) -> None:
    assert foreign_kind(document) == kind
