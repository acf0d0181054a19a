"""One gateway for all libraries, and the libraries."""

import os
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.senders_sdk.libraries import LIBRARIES, Library, github
from tests.senders_sdk.octokit import Octokit, missing
from tests.system.stack import Stack, gateway

OCTOKIT = "octokit"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no Node.js its tests are skipped, and say so; REQUIRE_NODE=1 makes that a failure."""
    if not missing() or os.environ.get("REQUIRE_NODE") == "1":
        return
    for item in items:
        if item.get_closest_marker("node"):
            item.add_marker(pytest.mark.skip(reason=f"GitHub's library needs what is not here: {missing()}"))


@pytest.fixture(scope="session")
def octokit(tmp_path_factory: pytest.TempPathFactory) -> Octokit:
    assert not missing(), f"REQUIRE_NODE is set, and these are not here: {missing()}"
    return Octokit.installed(tmp_path_factory.mktemp(OCTOKIT))


@pytest.fixture(params=[*LIBRARIES, pytest.param(OCTOKIT, marks=pytest.mark.node)])
def library(request: pytest.FixtureRequest) -> Library:
    if request.param == OCTOKIT:
        return github(request.getfixturevalue(OCTOKIT))
    return LIBRARIES[request.param]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """Everything but who would deliver: what is verified ends with nobody who wants it."""
    async with gateway(tmp_path_factory.mktemp("gateway"), "sweeper") as running:
        yield running
