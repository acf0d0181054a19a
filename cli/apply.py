"""`fleet apply`: GitRepos and Secrets from files, as Rancher Fleet has them, over the control API."""

import os
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, cast

import typer

from cli import apply_words as words
from cli.answers import complain, say, say_json
from cli.client import ApiError, ControlApi, Json, control_api
from cli.manifests import Resource, read
from cli.options import AsJson, Insecure, examples
from cli.paging import every
from config.settings import load
from domain.git.address import repo_key
from domain.git.manifest import DEFAULT_NAMESPACE, RepoManifest, manifest_of
from domain.git.schema import likely
from domain.git.secret_manifest import SecretManifest

EPILOG: Final = examples(
    "fleet apply -f gitrepo.yaml",
    "fleet apply -f secrets.yaml -f repos/ -n infra",
    "fleet apply -f repos/ --dry-run",
)


def apply(
    files: Annotated[
        list[str],
        typer.Option(
            "--file",
            "-f",
            metavar="FILE|FOLDER",
            help="Where the resources are, in YAML or JSON; - is standard input. Repeat it for more.",
        ),
    ],
    *,
    namespace: Annotated[
        str,
        typer.Option("--namespace", "-n", metavar="NAMESPACE", help="Where what names none belongs."),
    ] = DEFAULT_NAMESPACE,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done. The relay checks it all.")
    ] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Have Git repositories watched: takes GitRepos and Secrets in Rancher Fleet's own YAML, unchanged.

    What is new is made and what differs is changed, Secrets first; nothing is ever deleted. Fields that only
    Kubernetes understands are ignored, and told. If one resource is refused, the others are applied all the
    same, and the exit code is 1. If a file cannot be read, nothing is applied.
    """
    api = control_api(load(os.environ), insecure=insecure)
    reading = read(files, namespace)
    # A relay that is away is one mistake, not one for each resource.
    api.ask("GET", "gateway")
    told = _all_applied(api, reading.resources, dry_run=dry_run, as_json=as_json)
    repos = [each for each in told if each["kind"] == words.REPO and "error" not in each]
    steps: Json = _next_steps(api, repos) if repos and not dry_run else {"receiver": None, "run": []}
    if as_json:
        say_json({"resources": told, "passed_over": list(reading.passed_over), **steps})
    else:
        say(*words.passed_over(reading.passed_over))
        if repos and not dry_run:
            is_new = any(each.get("change") != "unchanged" for each in told)
            say(*words.next_steps(repos, steps, is_new=is_new))
        say(*words.slips(told))
    if any("error" in each for each in told):
        raise typer.Exit(1)


def _all_applied(
    api: ControlApi, resources: Sequence[Resource], *, dry_run: bool, as_json: bool
) -> list[Json]:
    """What became of each resource, once that was said; the same reason is said once."""
    told, made, reasons = list[Json](), Counter[str](), set[str]()
    for each in resources:
        outcome = _applied(api, each, made, dry_run=dry_run)
        made[outcome["kind"]] += outcome.get("change") == "created"
        told.append(outcome)
        if "error" not in outcome:
            say(*([] if as_json else [words.line(outcome)]))
        elif outcome["error"] not in reasons:
            reasons.add(outcome["error"])
            complain(words.refused(outcome))
    complain(*words.refused_likewise([each for each in told if "error" in each]))
    return told


def _applied(api: ControlApi, resource: Resource, made: Counter[str], *, dry_run: bool) -> Json:
    """What became of one resource, after so many of each kind were made."""
    manifest = resource.manifest
    namespace, _, name = manifest.name.partition("/")
    is_repo = isinstance(manifest, RepoManifest)
    facts: Json = {
        "kind": words.REPO if is_repo else words.SECRET,
        "name": manifest.name,
        "place": resource.place,
        "slips": {each: meant for each in manifest.ignored if (meant := likely(each))},
    }
    things, body = ("repos", _spec(manifest)) if is_repo else ("secrets", _values(manifest))
    query = {"dry_run": str(dry_run).lower()}
    if dry_run:
        # The relay has not made them, and has to be told how many there would be.
        query["after"] = str(made[facts["kind"]])
    try:
        answer = api.ask("PUT", things, namespace, name, body=body, query=query)
    except ApiError as error:
        return {**facts, "error": str(error)}
    watched = _watched(manifest, answer) if is_repo and not dry_run else {}
    outcome = {"change": answer["change"], "ignored": list(manifest.ignored), "dry_run": dry_run}
    return {**facts, **outcome, **watched}


def _watched(manifest: RepoManifest, answer: Json) -> Json:
    """How its commits are found: by polls, and by pushes if a payload can name the repo at all."""
    return {
        "polled": None if manifest.spec.disable_polling else answer["status"]["interval"],
        "can_be_named": repo_key(manifest.spec.repo) is not None,
        **{each: answer[each] for each in ("pushes", "secrets", "receiver")},
    }


def _spec(manifest: RepoManifest) -> Json:
    spec = cast("Json", manifest_of(manifest.name, manifest.spec)["spec"])
    # What is shown of a URL lacks its password.
    return {"spec": {**spec, "repo": manifest.spec.repo}}


def _values(manifest: SecretManifest) -> Json:
    data = {key: b64encode(value).decode() for key, value in manifest.data.items()}
    return {"type": manifest.type, "data": data}


def _next_steps(api: ControlApi, repos: list[Json]) -> Json:
    """What the owner has to do before a commit reaches a program."""
    receiver = repos[-1]["receiver"]
    if receiver is None:
        return {"receiver": None, "run": ["fleet webhooks create git --sender git"]}
    listening = every(api, "subscriptions")
    is_heard = any(receiver["name"] in each["webhooks"] for each in listening)
    run = [] if is_heard else [f"fleet subscriptions add commits --webhook {receiver['name']}"]
    return {"receiver": receiver, "run": run}
