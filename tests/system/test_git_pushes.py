"""From a push to the subscriber: by the hook within a second, by polling within two."""

import pytest

from tests.system.git_stack import GitStack, Owner

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUSHES = 10


async def test_a_hook_tells_of_a_push_within_a_second(git: GitStack, owner: Owner) -> None:
    hosted = git.host()
    first = await owner.watch_first(hosted, branch="main", pollingInterval="24h")
    pauses = []
    for _ in range(PUSHES):
        commit = await hosted.push()
        told = await hosted.hears(commit)
        pauses.append(told.at - hosted.moved_at[commit])
        assert told.body["source"] == "webhook"
    assert [each.commit for each in hosted.told] == [first, *hosted.moved_at]
    print(f"\nhook: {max(pauses):.2f} s at worst")
    assert max(pauses) < 1


async def test_without_a_hook_polling_tells_within_two_seconds(git: GitStack, owner: Owner) -> None:
    hosted = git.host(is_hooked=False)
    first = await owner.watch_first(hosted, branch="main", pollingInterval="1s")
    pauses = []
    for _ in range(PUSHES):
        commit = await hosted.push()
        told = await hosted.hears(commit)
        pauses.append(told.at - hosted.moved_at[commit])
        assert told.body["source"] == "polling"
    assert [each.commit for each in hosted.told] == [first, *hosted.moved_at]
    print(f"\npolling: {max(pauses):.2f} s at worst")
    assert max(pauses) < 2
