"""GitHub's own library, which is written in JavaScript: `@octokit/webhooks-methods`, run by Node.js.

The release is the last one that runs on Node.js 18 as well, which is what Debian 12 has.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("node")
TOOLS = ("node", "npm")
INSTALL_S = 90
CALL_S = 30


def missing() -> str:
    """Which of the tools that this needs is not there; "" when all are."""
    return ", ".join(tool for tool in TOOLS if shutil.which(tool) is None)


@dataclass(frozen=True)
class Octokit:
    """The library, installed in a folder."""

    folder: Path

    @classmethod
    def installed(cls, folder: Path) -> "Octokit":
        """Install exactly what the lock says; what npm has fetched before is not fetched again."""
        shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
        options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        _run(["npm", "ci", *options], folder, INSTALL_S)
        return cls(folder)

    def ask(self, call: str, secret: str, body: str, signature: str = "") -> object:
        question = {"call": call, "secret": secret, "body": body, "signature": signature}
        return json.loads(_run(["node", "octokit.mjs"], self.folder, CALL_S, json.dumps(question)))


def _run(command: list[str], folder: Path, timeout_s: float, question: str = "") -> str:
    done = subprocess.run(  # noqa: S603 - node and npm with our own arguments
        command, cwd=folder, input=question, capture_output=True, text=True, check=False, timeout=timeout_s
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
