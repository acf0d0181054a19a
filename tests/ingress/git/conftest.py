"""A Git receiver with an empty Redis behind it."""

import pytest

from tests.git_receiver import Place, place_in
from tests.public_door import PublicDoor


@pytest.fixture
def place(door: PublicDoor) -> Place:
    return place_in(door)
