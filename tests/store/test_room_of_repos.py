"""What one repo takes in Redis: little, so that a gateway may have many."""

from base64 import b64encode

from cryptography.hazmat.primitives.serialization import Encoding

from domain.git.manifest import RepoManifest, read_manifest
from store import repos
from store.sealing import Sealer
from tests.certificates import Authority
from tests.owner_door import RING

KIB = 1024


def test_the_largest_description_takes_no_more_room_than_its_text() -> None:
    pem = Authority().issue("git.example").certificate.public_bytes(Encoding.PEM)
    bundle = pem * (48 * KIB // len(pem))
    spec = {
        "repo": "https://git.example/o/r",
        "branch": "\u00fc" * 255,
        "paths": ["\u00fc" * 512] * 16,
        "caBundle": b64encode(bundle).decode(),
    }
    api, metadata = "fleet.cattle.io/v1alpha1", {"name": "app"}
    found = read_manifest({"kind": "GitRepo", "apiVersion": api, "metadata": metadata, "spec": spec})
    assert isinstance(found, RepoManifest)
    sealer = Sealer(RING, bytes)
    sealed = repos.seal_spec(sealer, "gw_1", "rep_1", found.spec, 0)
    assert 60 * KIB < len(sealed) < 68 * KIB
