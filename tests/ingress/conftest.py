"""An ingress with an empty Redis behind it."""

from collections.abc import Iterator

import pytest

from tests.public_door import PublicDoor, public_door


@pytest.fixture
def door(redis_url: str) -> Iterator[PublicDoor]:
    with public_door(redis_url) as open_door:
        yield open_door
