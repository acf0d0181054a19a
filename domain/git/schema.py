"""The fields of manifests: those that we read, and those that only Kubernetes needs."""

import difflib
from typing import Final

READ: Final = (
    "data",
    "metadata.name",
    "metadata.namespace",
    "spec",
    "spec.allowUnauthenticated",
    "spec.branch",
    "spec.caBundle",
    "spec.clientSecretName",
    "spec.disablePolling",
    "spec.insecureSkipTLSVerify",
    "spec.paths",
    "spec.pollingInterval",
    "spec.repo",
    "spec.revision",
    "spec.webhookSecret",
    "stringData",
    "type",
)
"""What we read, without what every manifest has to have."""

OF_KUBERNETES: Final = frozenset(
    {
        "spec.bundles",
        "spec.correctDrift",
        "spec.deleteNamespace",
        "spec.forceSyncGeneration",
        "spec.helmRepoURLRegex",
        "spec.helmSecretName",
        "spec.helmSecretNameForPaths",
        "spec.imageScanCommit",
        "spec.imageScanInterval",
        "spec.keepResources",
        "spec.ociRegistry",
        "spec.ociRegistrySecret",
        "spec.paused",
        "spec.serviceAccount",
        "spec.targetNamespace",
        "spec.targets",
    }
)
"""What else Rancher Fleet's GitRepoSpec has; in the rest of a manifest nothing looks like a field of ours."""

_BY_NAME: Final = {field.rpartition(".")[2].lower(): field for field in READ}
_LIKENESS: Final = 0.8


def likely(ignored: str) -> str | None:
    """The field that was probably meant by one that was ignored; None when nothing speaks for a mistake.

    Args:
        ignored: its dotted name.
    """
    if ignored in OF_KUBERNETES:
        return None
    close = difflib.get_close_matches(ignored.rpartition(".")[2].lower(), _BY_NAME, n=1, cutoff=_LIKENESS)
    found = _BY_NAME[close[0]] if close else ignored
    return None if found == ignored else found
