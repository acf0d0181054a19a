"""`fleet apply`: files of Rancher Fleet, the real command line, the real control API, a real Redis."""

from pathlib import Path

import pytest

from store import limits, repo_secrets, repos
from store.connect import SyncStore
from store.repos import open_spec
from store.sealing import Sealer
from tests.command_line import Fleet
from tests.git_polls import FIRST, found
from tests.owner_door import RING

GIT_REPO = """\
kind: GitRepo
apiVersion: fleet.cattle.io/v1alpha1
metadata:
  name: simple
  namespace: fleet-local
spec:
  repo: https://github.com/rancher/fleet-examples
  branch: master
  paths:
  - simple
  targets:
  - clusterSelector: {}
"""
HOOK = """\
apiVersion: v1
kind: Secret
metadata:
  name: gitjob-webhook
  namespace: cattle-fleet-system
stringData:
  github: canary-of-a-secret
"""
BARE = "{kind: GitRepo, apiVersion: fleet.cattle.io/v1alpha1, metadata: {name: %s}, spec: {repo: '%s'%s}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "repos"
    folder.mkdir()
    return folder


def repo(name: str, url: str = "https://github.com/o/r", more: str = "") -> str:
    return BARE % (name, url, more)


def test_the_files_of_rancher_fleet_are_taken_unchanged(fleet: Fleet, folder: Path) -> None:
    # The repo stands before the Secret that vouches for it.
    (folder / "a.yaml").write_text(GIT_REPO)
    (folder / "b.yaml").write_text(HOOK)
    done = fleet("apply", "-f", str(folder))
    assert (done.code, done.err) == (0, "")
    [url] = [each["url"] for each in fleet("webhooks", "list", "--json").json["webhooks"]]
    assert done.out == (
        "Secret cattle-fleet-system/gitjob-webhook: created.\n"
        "GitRepo fleet-local/simple: created. Ignored, as it means nothing here: spec.targets.\n"
        "\n"
        "Polled every 15s: fleet-local/simple. 'fleet repos list' shows what is found.\n"
        "\n"
        "To hear of pushes at once, register this URL at your Git host, as a webhook:\n"
        "\n"
        f"  {url}\n"
        "\n"
        "No subscription listens to these repos yet: the commits at which they stand now are told to nobody."
        " To be told these as well: subscribe, delete the repos with 'fleet repos delete', apply them"
        " again. Next:\n"
        "\n"
        "  fleet subscriptions add commits --webhook git\n"
    )


def test_what_it_says_to_do_next_works_and_is_not_said_again(fleet: Fleet, folder: Path) -> None:
    file = folder / "a.yaml"
    file.write_text(GIT_REPO)
    command = fleet("apply", "-f", str(file)).out.splitlines()[-1].split()
    assert fleet(*command[1:]).code == 0
    again = fleet("apply", "-f", str(file)).out
    assert again == (
        "GitRepo fleet-local/simple: unchanged. Ignored, as it means nothing here: spec.targets.\n"
    )


def test_who_was_late_is_told_where_the_repos_stand_by_what_it_says(
    fleet: Fleet, folder: Path, redis_url: str
) -> None:
    (folder / "a.yaml").write_text(repo("one"))
    fleet("apply", "-f", str(folder))
    found(redis_url, fleet("repos", "show", "one", "--json").json["id"], FIRST)
    fleet("subscriptions", "add", "commits", "--webhook", "git")
    fleet("repos", "delete", "one", "--yes")
    fleet("apply", "-f", str(folder))
    found(redis_url, fleet("repos", "show", "one", "--json").json["id"], FIRST)
    [webhook] = fleet("webhooks", "list", "--json").json["webhooks"]
    assert webhook["events"] == 2


def test_a_secret_that_is_new_shows_the_way_of_its_repos_again(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text(GIT_REPO)
    fleet("apply", "-f", str(folder))
    (folder / "b.yaml").write_text(HOOK)
    assert "register this URL" in fleet("apply", "-f", str(folder)).out


def test_how_repos_are_polled_is_said(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text(
        "---\n".join(
            [
                repo("a"),
                repo("b"),
                repo("c", more=", pollingInterval: 24h"),
                repo("d", more=", disablePolling: true"),
            ]
        )
    )
    assert (
        "\n\nPolled every 15s: default/a, default/b. 'fleet repos list' shows what is found.\n"
        "Polled every 24h: default/c. 'fleet repos list' shows what is found.\n"
        "Polling is off: default/d. A push or 'fleet repos sync' has them looked at.\n\n"
    ) in fleet("apply", "-f", str(folder)).out


def test_where_no_push_can_come_from_none_is_asked_for(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text(repo("a", "file:///srv/r"))
    out = fleet("apply", "-f", str(folder)).out
    assert "No webhook can tell of pushes: default/a. No Git host can name such an address.\n" in out
    assert "Secret" not in out
    assert "register" not in out


def test_one_who_listens_to_something_else_does_not_count(fleet: Fleet, folder: Path) -> None:
    fleet("webhooks", "create", "pushes", "--sender", "git")
    fleet("webhooks", "create", "github", "--sender", "github")
    fleet("subscriptions", "add", "ci", "--webhook", "github")
    (folder / "a.yaml").write_text(GIT_REPO)
    assert "fleet subscriptions add commits --webhook pushes" in fleet("apply", "-f", str(folder)).out


def test_a_change_is_told_and_nothing_is_deleted(fleet: Fleet, folder: Path) -> None:
    file = folder / "a.yaml"
    file.write_text(repo("one") + "---\n" + repo("two"))
    fleet("apply", "-f", str(file))
    file.write_text(repo("one", more=", branch: next"))
    assert fleet("apply", "-f", str(file)).out.startswith("GitRepo default/one: changed.\n")
    shown = fleet("repos", "list", "--json").json["repos"]
    assert [(each["name"], each["spec"].get("branch")) for each in shown] == [
        ("default/one", "next"),
        ("default/two", None),
    ]


def test_several_files_and_standard_input_and_a_namespace(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text(repo("one"))
    (folder / "b.json").write_text(
        '{"kind": "GitRepo", "apiVersion": "fleet.cattle.io/v1alpha1", "metadata": {"name": "two",'
        ' "namespace": "own"}, "spec": {"repo": "https://github.com/o/r"}}'
    )
    files = ("-f", str(folder / "a.yaml"), "-f", str(folder / "b.json"), "-f", "-")
    done = fleet("apply", *files, "-n", "infra", stdin=repo("three").encode())
    assert done.code == 0, done.err
    names = [each["name"] for each in fleet("repos", "list", "--json").json["repos"]]
    assert names == ["infra/one", "infra/three", "own/two"]


def test_passwords_and_values_arrive_and_are_never_printed(
    fleet: Fleet, folder: Path, redis_url: str, home: tuple[str, str]
) -> None:
    url = "https://bot:canary-of-a-password@git.example/o/r"
    binary = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\ndata: {ssh-privatekey: AP8=}\n"
    (folder / "a.yaml").write_text(f"{repo('one', url)}---\n{HOOK}---\n{binary}")
    done = fleet("apply", "-f", str(folder))
    told = done.out + done.err + fleet("apply", "-f", str(folder), "--json").out
    assert done.code == 0
    assert "canary" not in told
    store, sealer = SyncStore(redis_url), Sealer(RING, bytes)
    stored = store.run(repos.find(home[0], "default/one"))
    [sealed] = store.run(repo_secrets.fetch(home[0], ["default/key"]))
    store.close()
    assert stored is not None
    assert sealed is not None
    assert open_spec(sealer, stored).repo == url
    assert dict(repo_secrets.unseal(sealer, home[0], "default/key", sealed).data) == {
        "ssh-privatekey": b"\x00\xff"
    }


def test_a_dry_run_refuses_what_apply_would_refuse(
    fleet: Fleet, folder: Path, redis_url: str, home: tuple[str, str]
) -> None:
    store = SyncStore(redis_url)
    store.run(limits.change("home", {"repos": "2"}))
    for number in range(repo_secrets.MOST_SECRETS - 1):
        store.run(repo_secrets.put(home[0], f"a/s{number}", b"sealed"))
    store.close()
    secrets = "---\n".join(HOOK.replace("gitjob-webhook", name) for name in ("one", "two"))
    (folder / "a.yaml").write_text("---\n".join([*map(repo, ("one", "two", "three")), secrets]))
    files = ("-f", str(folder / "a.yaml"))
    would, done = fleet("apply", *files, "--dry-run"), fleet("apply", *files)
    assert (would.code, done.code) == (1, 1)
    assert would.err == done.err
    for told in ("Secret cattle-fleet-system/two is refused: ", "GitRepo default/three is refused: "):
        assert told in would.err
    assert would.err.count(" is refused: ") == 2
    assert would.out.count("would be created") == done.out.count("created") == 3


def test_a_dry_run_says_what_would_be_done_and_does_nothing(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text(GIT_REPO + "---\n" + HOOK)
    done = fleet("apply", "-f", str(folder), "--dry-run")
    assert (done.code, done.out) == (
        0,
        (
            "Secret cattle-fleet-system/gitjob-webhook: would be created.\n"
            "GitRepo fleet-local/simple: would be created. Ignored, as it means nothing here: spec.targets.\n"
        ),
    )
    for things in ("repos", "secrets", "webhooks"):
        assert fleet(things, "list", "--json").json[things] == []
    fleet("apply", "-f", str(folder))
    assert fleet("apply", "-f", str(folder), "--dry-run").out.count(": unchanged.") == 2


def test_what_is_refused_does_not_stop_the_others(fleet: Fleet, folder: Path, redis_url: str) -> None:
    store = SyncStore(redis_url)
    store.run(limits.change("home", {"repos": "1"}))
    store.close()
    (folder / "a.yaml").write_text(repo("one") + "---\n" + repo("two") + "---\n" + HOOK)
    done = fleet("apply", "-f", str(folder))
    assert done.code == 1
    assert "Secret cattle-fleet-system/gitjob-webhook: created.\nGitRepo default/one: created.\n" in done.out
    assert done.err.startswith(f"{folder}/a.yaml, document 2 (line 2): GitRepo default/two is refused: ")
    assert "may have 1 repos" in done.err
    assert "register this URL" in done.out
    as_json = fleet("apply", "-f", str(folder), "--json")
    assert as_json.code == 1
    assert [each.get("change", "refused") for each in as_json.json["resources"]] == [
        *("unchanged", "unchanged", "refused")
    ]


def test_what_is_refused_for_one_reason_is_told_once(fleet: Fleet, folder: Path, redis_url: str) -> None:
    store = SyncStore(redis_url)
    store.run(limits.change("home", {"repos": "1"}))
    store.close()
    (folder / "a.yaml").write_text("---\n".join(repo(f"r{number:02}") for number in range(32)))
    first, *rest = fleet("apply", "-f", str(folder)).err.splitlines()
    assert "GitRepo default/r01 is refused: " in first
    others = "default/r02, default/r03, default/r04, default/r05, default/r06 and 25 more"
    assert rest == [f"And 30 more are refused for the same reason as default/r01: {others}."]
    refused = [
        each for each in fleet("apply", "-f", str(folder), "--json").json["resources"] if "error" in each
    ]
    assert len(refused) == 31


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (repo("one") + "---\n" + repo("Two"), "a.yaml, document 2 (line 2): metadata.name cannot be a name"),
        ("{kind: GitRepo", "a.yaml: line 2: this is no YAML"),
        (repo("one", "nonsense"), "a.yaml: spec.repo: "),
        (GIT_REPO + GIT_REPO, "for the second time; is a line --- missing?"),
        (
            repo("one", more=", pollingInterval: 15"),
            "is no duration; write it with a unit: 15s, 1h30m or 24h.",
        ),
        ("", "There is no GitRepo or Secret in what -f names."),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place_and_nothing_is_applied(
    fleet: Fleet, folder: Path, content: str, sentence: str
) -> None:
    (folder / "a.yaml").write_text(content)
    done = fleet("apply", "-f", str(folder))
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert fleet("repos", "list", "--json").json["repos"] == []


def test_a_relay_that_is_away_is_told_once(
    fleet: Fleet, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_API_URL", "http://127.0.0.1:1")
    (folder / "a.yaml").write_text(repo("one") + "---\n" + repo("two"))
    done = fleet("apply", "-f", str(folder))
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


def test_without_a_file_it_is_wrong_usage(fleet: Fleet) -> None:
    assert fleet("apply").code == 2


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
def test_a_slip_in_the_name_of_a_field_stands_at_the_end(
    fleet: Fleet, folder: Path, option: tuple[str, ...]
) -> None:
    (folder / "a.yaml").write_text(repo("one", more=", brnach: main, targets: []"))
    first, *_, blank, last = fleet("apply", "-f", str(folder), *option).out.splitlines()
    assert first.endswith("created. Ignored, as it means nothing here: spec.targets.")
    assert blank == ""
    assert last == (
        f"Careful: {folder}/a.yaml: spec.brnach is unknown and was ignored; is spec.branch meant?"
    )
    [resource] = fleet("apply", "-f", str(folder), *option, "--json").json["resources"]
    assert resource["ignored"] == ["spec.brnach", "spec.targets"]
    assert resource["slips"] == {"spec.brnach": "spec.branch"}


def test_other_resources_are_passed_over(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text("{kind: ConfigMap, apiVersion: v1, metadata: {name: x}}\n---\n" + GIT_REPO)
    done = fleet("apply", "-f", str(folder))
    assert done.code == 0
    assert f"Passed over: {folder}/a.yaml, document 1 (line 1): ConfigMap.\n" in done.out


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            repo("a") + "---\n" + repo("b"),
            (
                "For default/a, default/b apply the Secret cattle-fleet-system/gitjob-webhook, too, with the"
                " key github, as entered at the Git host. Until then webhooks for them are answered 401.\n"
            ),
        ),
        (
            repo("a", "https://dev.azure.com/o/p/_git/r", ", webhookSecret: hook"),
            (
                "For default/a apply the Secret default/hook, too, with the keys azure-username"
                " and azure-password, as entered at the Git host. Until then webhooks for them are answered"
                " 500.\n"
            ),
        ),
        (
            repo("a", "https://git.example/o/r"),
            "with the key of your Git host (azure-password, azure-username, bitbucket, ",
        ),
        (
            repo("a", more=", allowUnauthenticated: true"),
            "Pushes of default/a are believed without a check. Apply a Secret",
        ),
        (
            HOOK.replace("github", "other") + "---\n" + repo("a", "https://git.example/o/r"),
            "Pushes of default/a are refused: the Secret cattle-fleet-system/gitjob-webhook lacks a key",
        ),
        (
            "---\n".join(repo(f"r{number}") for number in range(7)),
            "For default/r0, default/r1, default/r2, default/r3, default/r4 and 2 more apply the Secret",
        ),
    ],
)
def test_what_is_missing_for_pushes_is_told(fleet: Fleet, folder: Path, files: str, told: str) -> None:
    (folder / "a.yaml").write_text(files)
    assert told in fleet("apply", "-f", str(folder)).out


def test_when_the_name_of_the_webhook_is_taken_the_way_out_works(fleet: Fleet, folder: Path) -> None:
    fleet("webhooks", "create", "git", "--sender", "github")
    (folder / "a.yaml").write_text(repo("one"))
    refused = fleet("apply", "-f", str(folder))
    assert (refused.code, refused.out) == (1, "")
    assert "'fleet webhooks create NAME --sender git'" in refused.err
    assert fleet("webhooks", "create", "pushes", "--sender", "git").code == 0
    assert fleet("apply", "-f", str(folder)).code == 0


def test_its_json_tells_programs_the_same(fleet: Fleet, folder: Path) -> None:
    (folder / "a.yaml").write_text(GIT_REPO)
    told = fleet("apply", "-f", str(folder), "--json").json
    [webhook] = fleet("webhooks", "list", "--json").json["webhooks"]
    assert told["receiver"] == {"id": webhook["id"], "name": "git", "url": webhook["url"]}
    assert told["run"] == ["fleet subscriptions add commits --webhook git"]
    [resource] = told["resources"]
    assert (resource["kind"], resource["name"], resource["change"]) == (
        *("GitRepo", "fleet-local/simple", "created"),
    )
    assert (resource["ignored"], resource["place"]) == (["spec.targets"], f"{folder}/a.yaml")
    assert resource["secrets"]["webhook"]["missing"] == ["github"]


def test_help_has_sentences_and_examples(fleet: Fleet) -> None:
    done = fleet("apply", "--help")
    assert done.code == 0
    assert "Usage: fleet apply" in done.out
    assert "Examples" in done.out
