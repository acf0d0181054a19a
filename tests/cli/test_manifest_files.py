"""What `fleet apply -f` reads: files, folders and standard input, all of it or nothing."""

import errno
import io
import json
import os
import sys
from pathlib import Path

import pytest

from cli import manifests
from cli.manifests import MAX_BYTES, MAX_FILES, MAX_RESOURCES, ManifestError, Reading, read
from domain.git.manifest import RepoManifest
from tests.documents import read as documented

REPO = """
kind: GitRepo
apiVersion: fleet.cattle.io/v1alpha1
metadata: {{name: {name}}}
spec: {{repo: "https://github.com/o/{name}", targets: []}}
"""
SECRET = """
kind: Secret
apiVersion: v1
metadata: {{name: {name}, namespace: infra}}
stringData: {{github: S3cret}}
"""


def repo(name: str) -> str:
    return REPO.format(name=name)


def secret(name: str) -> str:
    return SECRET.format(name=name)


def written(folder: Path, **texts: str) -> str:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return str(folder)


def names(reading: Reading) -> list[str]:
    return [each.manifest.name for each in reading.resources]


def refusal(*paths: str | Path) -> str:
    with pytest.raises(ManifestError) as caught:
        read(map(str, paths), "default")
    return str(caught.value)


def test_a_file_with_several_documents(tmp_path: Path) -> None:
    folder = written(tmp_path, all=f"{repo('a')}---\n---{secret('hook')}---{repo('b')}")
    reading = read([f"{folder}/all.yaml"], "team")
    assert names(reading) == ["infra/hook", "team/a", "team/b"]
    assert [each.place for each in reading.resources] == [
        f"{folder}/all.yaml, document 2 (line 7)",
        f"{folder}/all.yaml, document 1 (line 2)",
        f"{folder}/all.yaml, document 3 (line 12)",
    ]
    assert reading.resources[1].manifest.ignored == ("spec.targets",)
    assert "S3cret" not in repr(reading)


def test_a_folder_is_read_to_its_bottom(tmp_path: Path) -> None:
    (tmp_path / "sub" / "deeper").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    written(tmp_path, b=repo("b"), a=repo("a"))
    written(tmp_path / "sub" / "deeper", d=repo("d"))
    (tmp_path / "sub" / "c.yml").write_text(repo("c"))
    # None of these is a manifest.
    written(tmp_path / ".git", hidden=": no : yaml :")
    (tmp_path / ".hidden.yaml").write_text(": no : yaml :")
    (tmp_path / "README.md").write_text(": no : yaml :")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    assert names(read([str(tmp_path)], "default")) == ["default/a", "default/b", "default/c", "default/d"]


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    written(tmp_path / "..2026", a=repo("a"))
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    assert names(read([str(tmp_path)], "default")) == ["default/a"]


def test_several_files_and_json(tmp_path: Path) -> None:
    written(tmp_path, a=repo("a"))
    listed = {
        "kind": "List",
        "apiVersion": "v1",
        "items": [
            {
                "apiVersion": "fleet.cattle.io/v1alpha1",
                "kind": "GitRepo",
                "metadata": {"name": name},
                "spec": {"repo": f"https://github.com/o/{name}"},
            }
            for name in ("b", "c")
        ],
    }
    # Tabs: JSON that is no YAML.
    (tmp_path / "list.json").write_text(json.dumps(listed, indent="\t"))
    reading = read([f"{tmp_path}/list.json", f"{tmp_path}/a.yaml"], "default")
    assert names(reading) == ["default/b", "default/c", "default/a"]
    assert reading.resources[1].place == f"{tmp_path}/list.json, items[1]"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + repo("a").encode())))
    reading = read(["-"], "default")
    assert (names(reading), reading.resources[0].place) == (["default/a"], "standard input")


def test_a_pipe_that_is_named_is_read() -> None:
    ends = os.pipe()
    os.write(ends[1], repo("a").encode())
    os.close(ends[1])
    try:
        assert names(read([f"/dev/fd/{ends[0]}"], "default")) == ["default/a"]
    finally:
        os.close(ends[0])


def test_other_kinds_are_passed_over_and_told(tmp_path: Path) -> None:
    other = "apiVersion: v1\nkind: Namespace\nmetadata: {name: infra}\n"
    folder = written(tmp_path, all=f"{other}---{repo('a')}")
    reading = read([folder], "default")
    assert names(reading) == ["default/a"]
    assert reading.passed_over == (f"{folder}/all.yaml, document 1 (line 1): Namespace",)


def test_in_folders_what_claims_to_be_no_resource_is_passed_over(tmp_path: Path) -> None:
    # What stands beside a GitRepo in folders of Rancher Fleet, Kustomize and Helm.
    files = {
        "a": repo("a"),
        "fleet": "defaultNamespace: infra\nhelm: {values: {replicas: 3}}\n",
        "kustomization": "resources: [deployment.yaml]\n",
        "values": "- 1\n",
        "Chart": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    }
    folder = written(tmp_path, **files)
    reading = read([folder], "default")
    assert names(reading) == ["default/a"]
    assert reading.passed_over == tuple(
        f"{folder}/{name}.yaml: no kind" for name in ("Chart", "fleet", "kustomization", "values")
    )


def test_a_file_that_is_named_has_to_have_a_kind(tmp_path: Path) -> None:
    folder = written(tmp_path, a=f"{repo('a')}---\nreplicas: 3\n")
    assert refusal(f"{folder}/a.yaml") == (
        f"{folder}/a.yaml, document 2 (line 6) has no kind; it is neither a GitRepo nor a Secret.\n"
        "Nothing was applied."
    )


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    bad = repo("a").replace("targets", "branch")
    written(
        tmp_path,
        a=f"{repo('x')}---{bad}",
        b="a: b: c",
        c="kind: List\napiVersion: v1\nitems: [1]\n",
        d=repo("x"),
        e=secret("Hook"),
        other="apiVersion: v1\nmetadata: {name: hook}",
    )
    lines = refusal(tmp_path).splitlines()
    assert [line.removeprefix(f"{tmp_path}/").partition(": ")[0] for line in lines] == [
        "a.yaml, document 2 (line 6)",
        "b.yaml",
        "c.yaml",
        "e.yaml",
        "other.yaml",
        "d.yaml",
        "Nothing was applied.",
    ]
    assert "spec.branch has to be a text, not a list" in lines[0]
    assert "line 1: this is no YAML" in lines[1]
    assert "items[0] has to be a mapping, not a number" in lines[2]
    assert "metadata.name" in lines[3]
    assert "kind has to be GitRepo or Secret" in lines[4]
    assert f"default/x stands in {tmp_path}/a.yaml, document 1 (line 2), too" in lines[5]
    assert "S3cret" not in "".join(lines)


def test_not_all_mistakes_of_many_are_told(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text("---\n".join("kind: Secret\n" for _ in range(100)))
    lines = refusal(tmp_path).splitlines()
    assert len(lines) == 22
    assert lines[-2] == "... and 80 more."


def test_a_repo_and_a_secret_may_be_called_the_same(tmp_path: Path) -> None:
    folder = written(tmp_path, all=f"{repo('a')}---{secret('a')}")
    assert names(read([folder], "infra")) == ["infra/a", "infra/a"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.yaml") == f"{tmp_path}/no.yaml cannot be read: No such file or directory."


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, a=repo("a"))
    (tmp_path / "inner").mkdir()
    real = os.scandir

    def scandir(path: str) -> object:
        # Root, who may run the tests, may read every folder.
        if path.endswith("inner"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert refusal(tmp_path) == f"{tmp_path}/inner cannot be read: Permission denied."


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: \xff")
    assert refusal(tmp_path) == f"{tmp_path}/a.yaml is no text in UTF-8."


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "apiVersion: v1\nkind: Namespace\n"])
def test_where_there_is_nothing(tmp_path: Path, text: str) -> None:
    assert refusal(written(tmp_path, a=text)).startswith("There is no GitRepo or Secret")


def test_what_was_passed_over_is_told_where_nothing_else_is(tmp_path: Path) -> None:
    folder = written(tmp_path, z=repo("a").replace("GitRepo", "GitRepp"))
    assert refusal(folder) == (
        f"There is no GitRepo or Secret in what -f names. Passed over: {folder}/z.yaml: GitRepp."
    )


def test_an_empty_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith("There is no GitRepo or Secret")


def test_a_namespace_that_is_none(tmp_path: Path) -> None:
    folder = written(tmp_path, a=repo("a"))
    with pytest.raises(ManifestError, match="namespace cannot be a namespace"):
        read([folder], "No")


def test_size_and_number_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path, a=repo("a"), b=repo("b"))
    size = len(repo("a"))
    with monkeypatch.context() as patch:
        patch.setattr(manifests, "MAX_BYTES", 2 * size)
        assert len(read([folder], "default").resources) == 2
        patch.setattr(manifests, "MAX_BYTES", 2 * size - 1)
        assert "b.yaml: with this there is more than" in refusal(folder)
        patch.setattr(manifests, "MAX_BYTES", 10)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"#" * 11)))
        assert "standard input: with this there is more than" in refusal("-")
    with monkeypatch.context() as patch:
        patch.setattr(manifests, "MAX_FILES", 1)
        assert "more than 1 files" in refusal(folder)
    with monkeypatch.context() as patch:
        patch.setattr(manifests, "MAX_RESOURCES", 1)
        assert "b.yaml: there are more than 1 resources" in refusal(folder)


def test_the_example_in_the_documents_is_one(tmp_path: Path) -> None:
    example = documented("docs/git-manifests.md").split("```yaml\n")[1].split("```")[0]
    reading = read([written(tmp_path, example=example)], "default")
    assert names(reading) == ["infra/hook", "infra/app"]
    assert [each.manifest.ignored for each in reading.resources] == [(), ()]


def test_its_limits_are_told() -> None:
    told = f"{MAX_FILES:,} files, {MAX_BYTES // 1024**2} MiB and {MAX_RESOURCES:,} resources"
    assert told in documented("docs/git-manifests.md")


def test_secrets_come_first_so_that_repos_find_theirs(tmp_path: Path) -> None:
    folder = written(tmp_path, a=repo("a"), b=secret("b"), c=repo("c"), d=secret("d"))
    found = read([folder], "infra").resources
    assert [isinstance(each.manifest, RepoManifest) for each in found] == [False, False, True, True]
    assert [each.manifest.name for each in found] == ["infra/b", "infra/d", "infra/a", "infra/c"]
