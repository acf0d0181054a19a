"""`fleet apply`: GitRepos and Secrets from files, as Rancher Fleet has them, over the control API."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import apply_words as words
from cli.answers import say, say_json
from cli.client import ApiError, ControlApi, Json, control_api
from cli.manifests import Found, Unread, read_files
from cli.options import AsJson, Insecure, examples
from cli.resources import body_of, kind_of
from config.settings import load
from domain.git.manifest import DEFAULT_NAMESPACE
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
            "--file", "-f", metavar="FILE|FOLDER", help="YAML files of resources; repeat it for more."
        ),
    ],
    *,
    namespace: Annotated[
        str,
        typer.Option("--namespace", "-n", metavar="NAMESPACE", help="Where what names no namespace belongs."),
    ] = DEFAULT_NAMESPACE,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; the relay checks it all.")
    ] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Have Git repositories watched: GitRepos and Secrets in Rancher Fleet's own YAML, unchanged.

    What is new is made, what differs is changed; nothing is deleted. Secrets come first. What only Kubernetes
    understands is ignored, and told. Something that is refused does not stop the rest; the exit code is then 1.
    """
    api = control_api(load(os.environ), insecure=insecure)
    found = read_files(files, namespace)
    # A relay that is not there is one mistake, not one for each resource.
    api.ask("GET", "gateway")
    told: list[Json] = []
    for each in sorted(found, key=_turn):
        outcome = _applied(api, each, dry_run=dry_run)
        told.append(outcome)
        if "error" in outcome:
            sys.stderr.write(f"{words.refusal(outcome)}\n")
        elif not as_json:
            say(words.line(outcome, dry_run=dry_run))
    repos = [each for each in told if "pushes" in each]
    ...
