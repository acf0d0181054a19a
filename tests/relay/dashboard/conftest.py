"""A dashboard on a real socket, and the owner of a gateway who is signed in there."""

from collections.abc import Iterator

import pytest

from tests.dashboard_visitor import DashboardVisitor, dashboard, signed_in
from tests.owner_door import Owner, new_gateway


@pytest.fixture(scope="module")
def address(redis_server: str) -> Iterator[str]:
    with dashboard(redis_server) as address:
        yield address


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    """The owner of a gateway, at the control API."""
    return Owner(address, new_gateway(redis_url, "home")[1])


@pytest.fixture
def visitor(owner: Owner) -> DashboardVisitor:
    """The same owner, signed in."""
    assert owner.token is not None
    return signed_in(owner.address, owner.token)
