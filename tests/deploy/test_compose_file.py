"""docker-compose.yml passes on every setting that can be chosen there, and no other."""

import re

from config.reference import sections
from tests.deploy.compose import ROOT

# Decided by the image and the file itself, or meant for other machines.
DECIDED = {
    "FLEET_STATE_DIR",
    "FLEET_SECRETS_DIR",
    "FLEET_REDIS_URL",
    "FLEET_INGRESS_HOST",
    "FLEET_INGRESS_PORT",
    "FLEET_INGRESS_TLS_CERT",
    "FLEET_INGRESS_TLS_KEY",
    "FLEET_RELAY_HOST",
    "FLEET_RELAY_PORT",
    "FLEET_RELAY_TLS_CERT",
    "FLEET_RELAY_TLS_KEY",
    "FLEET_API_URL",
    "FLEET_CA_FILE",
    "FLEET_TOKEN",
    "FLEET_VAULT",
    "FLEET_VAULT_FILE",
    "FLEET_VAULT_KEY_FILE",
    "FLEET_VAULT_PASSPHRASE_FILE",
    "FLEET_METRICS_HOST",
    "FLEET_METRICS_PORT",
    "FLEET_APPENDFSYNC",
    "FLEET_REDIS_MAXMEMORY_MIB",
}


def test_every_setting_is_passed_on_or_decided() -> None:
    content = (ROOT / "docker-compose.yml").read_text()
    block = content.partition("x-settings:")[2].partition("\n\n")[0]
    passed = set(re.findall(r"^  (FLEET_\w+):", block, re.MULTILINE))
    known = {setting.name for section in sections() for setting in section.settings}
    assert passed == known - DECIDED
    assert known >= DECIDED


def test_the_files_own_variables_are_told() -> None:
    content = (ROOT / "docker-compose.yml").read_text()
    own = {name for name in re.findall(r"\$\{(\w+)[:}]", content) if not name.startswith("FLEET_")}
    page = (ROOT / "docs/docker.md").read_text().partition("| variable | meaning | default |")[2]
    told = set(re.findall(r"`([A-Z_]+)`", page.partition("\n\n")[0]))
    assert told == own
