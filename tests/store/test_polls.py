"""The polls of a repo: who may make one, what a head leads to, and when the next one is due."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.git.repo import RepoSpec
from store import polls, repos, webhooks
from store.connect import SyncStore
from store.polls import Begun, PollLimits
from store.webhook_change import Change
from tests.git_world import FIRST, SECOND, THIRD, URL, GitWorld


@pytest.fixture
def world(redis_url: str) -> Iterator[GitWorld]:
    store = SyncStore(redis_url)
    yield GitWorld(store)
    store.close()


def test_a_new_repo_is_polled_at_once_and_its_head_is_announced(world: GitWorld) -> None:
    repo = world.add_repo()
    assert world.poll(repo, FIRST) == "announced"
    status = world.repo().status
    assert (status.commit, status.polling_commit, status.source) == (FIRST, FIRST, "polling")
    [event] = world.announced()
    assert world.field(f"fleet:event:{event}", "webhook") == world.receiver.id
    assert world.field(f"fleet:event:{event}", "note") == f"infra/app {FIRST}"
    assert world.counts() == {"event:accepted": 1, "event:waiting": 1}
    assert world.stored() == (1, len(b"sealed commit"))
    assert world.differences() == []
    [job] = world.queue("events")
    assert world.field(f"rq:job:{job}", "description") == f"verify {event}"


def test_the_next_poll_is_due_an_interval_later_with_jitter(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    assert world.next_in_ms(repo) == 15_750
    other = world.add_repo("infra/slow", polling_interval_ms=60_000)
    world.poll(other, FIRST)
    assert world.next_in_ms(other) == 63_000


def test_what_is_known_is_announced_once(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    for _ in range(3):
        world.pass_on(repo)
        assert world.poll(repo, FIRST) == "seen"
    world.pass_on(repo)
    assert world.poll(repo, SECOND) == "announced"
    assert len(world.announced()) == 2


def test_a_push_is_looked_at_at_once_and_makes_polling_rare(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    assert world.push(repo, SECOND, FIRST) == "triggered"
    assert world.poll(repo, SECOND) == "announced"
    status = world.repo().status
    assert (status.commit, status.webhook_commit, status.source) == (SECOND, SECOND, "webhook")
    assert status.interval_ms == 3_600_000
    assert world.next_in_ms(repo) == 3_780_000


def test_a_push_that_nobody_vouches_for_is_looked_at_and_makes_polling_no_rarer(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    assert world.push(repo, SECOND, FIRST, is_proven=False) == "triggered"
    assert world.poll(repo, SECOND) == "announced"
    assert (world.repo().status.interval_ms, world.next_in_ms(repo)) == (15_000, 15_750)
    # Nor does it take back what a secret has vouched for.
    world.push(repo, THIRD, SECOND)
    world.push(repo, FIRST, is_proven=False)
    assert world.repo().status.interval_ms == 3_600_000


def test_an_interval_that_the_owner_chose_stays_after_a_push(world: GitWorld) -> None:
    repo = world.add_repo(polling_interval_ms=2000)
    world.poll(repo, FIRST)
    world.push(repo, SECOND)
    world.poll(repo, SECOND)
    assert world.next_in_ms(repo) == 2100


def test_a_push_of_what_polling_has_announced_leads_to_nothing(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    assert world.push(repo, FIRST) == "known"
    assert world.jobs() == []
    assert world.push("rep_none", FIRST) == "gone"


def test_a_push_names_no_head_it_only_asks_for_a_look(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, SECOND)
    assert world.poll(repo, THIRD) == "announced"
    assert world.repo().status.commit == THIRD


def test_a_commit_that_is_not_visible_yet_is_looked_for_every_two_seconds(world: GitWorld) -> None:
    repo = world.add_repo(polling_interval_ms=86_400_000)
    world.poll(repo, FIRST)
    world.push(repo, SECOND)
    assert world.poll(repo, FIRST) == "seen"
    assert world.next_in_ms(repo) == 2000
    world.pass_on(repo)
    assert world.poll(repo, SECOND) == "announced"
    assert world.repo().status.source == "webhook"
    assert world.next_in_ms(repo) == 90_720_000


def test_a_commit_that_never_comes_is_given_up_with_a_warning(world: GitWorld) -> None:
    repo = world.add_repo(polling_interval_ms=86_400_000)
    world.poll(repo, FIRST)
    world.push(repo, SECOND)
    looks = 0
    while True:
        assert world.poll(repo, FIRST) == "seen"
        if world.next_in_ms(repo) != 2000:
            break
        looks += 1
        world.pass_on(repo)
    assert looks == 15
    assert world.repo().status.warning == "not_visible"
    world.push(repo, SECOND)
    assert world.repo().status.warning == ""


def test_a_late_push_of_an_old_head_moves_nothing_and_is_not_waited_for(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, THIRD, SECOND)
    assert world.poll(repo, THIRD) == "announced"
    assert world.push(repo, SECOND, FIRST) == "triggered"
    assert world.poll(repo, THIRD) == "seen"
    assert world.next_in_ms(repo) == 3_780_000
    assert world.repo().status.commit == THIRD


def test_a_head_that_moved_without_being_the_wanted_one_is_still_looked_after(world: GitWorld) -> None:
    repo = world.add_repo(polling_interval_ms=86_400_000)
    world.poll(repo, FIRST)
    world.push(repo, THIRD)
    world.now += 10
    assert world.poll(repo, SECOND) == "announced"
    assert world.next_in_ms(repo) == 2000
    world.now += 30_000
    world.sweep()
    assert world.poll(repo, SECOND) == "seen"
    assert world.repo().status.warning == ""


def test_a_push_that_names_the_object_of_a_tag_is_not_waited_for_where_its_commit_is(world: GitWorld) -> None:
    repo = world.add_repo(polling_interval_ms=86_400_000, revision="v1")
    assert world.end(world.begun(repo), FIRST, "", tag=SECOND) == "announced"
    world.push(repo, SECOND)
    assert world.end(world.begun(repo), FIRST, "", tag=SECOND) == "seen"
    assert world.next_in_ms(repo) == 90_720_000
    world.push(repo, THIRD)
    assert world.end(world.begun(repo), FIRST, "", tag=SECOND) == "seen"
    assert world.next_in_ms(repo) == 2000


def test_a_push_during_a_poll_leads_to_another_one(world: GitWorld) -> None:
    repo = world.add_repo()
    poll = world.begun(repo)
    world.push(repo, SECOND)
    assert world.jobs() == []
    assert world.end(poll, FIRST) == "announced"
    assert world.poll(repo, SECOND) == "announced"


def test_polls_of_one_repo_never_overlap_and_only_their_job_may_make_them(world: GitWorld) -> None:
    repo = world.add_repo()
    [job] = world.jobs()
    assert world.begin(repo, "another") == "void"
    assert isinstance(world.begin(repo, job), Begun)
    for _ in range(3):
        world.push(repo, SECOND)
        world.sweep()
    assert world.jobs() == []


def test_what_a_killed_worker_was_polling_is_polled_again_and_its_late_answer_is_void(
    world: GitWorld,
) -> None:
    repo = world.add_repo()
    lost = world.begun(repo)
    world.now += polls.LEASE_MS
    world.sweep()
    assert world.poll(repo, SECOND) == "announced"
    assert world.end(lost, FIRST) == "void"
    assert world.repo().status.commit == SECOND


def test_a_job_that_was_lost_is_replaced_and_void(world: GitWorld) -> None:
    repo = world.add_repo()
    [lost] = world.jobs()
    world.now += polls.LEASE_MS
    world.sweep()
    assert world.begin(repo, lost) == "void"
    assert world.poll(repo, FIRST) == "announced"


def test_a_job_that_waits_is_not_doubled(world: GitWorld) -> None:
    world.add_repo()
    world.now += 60_000
    world.sweep()
    assert len(world.jobs()) == 1


def test_due_polls_share_jobs(world: GitWorld) -> None:
    made = [world.add_repo(f"infra/app{number}") for number in range(45)]
    world.jobs()
    world.now += 60_000
    world.sweep()
    assert len(world.jobs()) == 3
    assert len(made) == 45


def test_no_more_polls_are_under_way_than_may_be(world: GitWorld) -> None:
    world.limits_of_polls = PollLimits(4, 2)
    for number in range(3):
        world.add_repo(f"infra/app{number}")
    jobs = world.jobs()
    ids = [world.repo(f"infra/app{number}").id for number in range(3)]
    assert [isinstance(world.begin(*each), Begun) for each in zip(ids, jobs, strict=True)] == [
        True,
        True,
        False,
    ]
    assert world.next_in_ms(ids[2]) == 750
    neighbour = GitWorld(world.store, "gw_2", world.now + 1)
    neighbour.limits_of_polls = world.limits_of_polls
    repo = neighbour.add_repo()
    [job] = neighbour.jobs()
    assert isinstance(neighbour.begin(repo, job), Begun)
    world.pass_on(ids[2])
    [job] = world.jobs()
    assert world.begin(ids[2], job) == "busy"


def test_who_finds_no_room_again_and_again_asks_less_often_but_for_pushes(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    room = world.limits_of_polls

    def pauses(count: int) -> list[int | None]:
        world.limits_of_polls = PollLimits(0, 0)
        found = []
        for _ in range(count):
            world.pass_on(repo)
            [job] = world.jobs()
            assert world.begin(repo, job) == "busy"
            found.append(world.next_in_ms(repo))
        world.limits_of_polls = room
        return found

    assert pauses(6) == [750, 1500, 3000, 6000, 12_000, 12_000]
    world.pass_on(repo)
    world.poll(repo, FIRST)
    assert pauses(2) == [750, 1500]
    world.push(repo, SECOND)
    assert pauses(2) == [750, 750]


def test_a_failure_keeps_the_commit_and_says_why_and_pauses_grow(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    pauses = []
    for _ in range(8):
        world.pass_on(repo)
        assert world.fail(world.begun(repo)) == "failed"
        pauses.append(world.next_in_ms(repo))
    assert pauses == [31_500, 63_000, 126_000, 252_000, 504_000, 945_000, 945_000, 945_000]
    status = world.repo().status
    assert (status.commit, status.error) == (FIRST, "The server is away.")
    world.pass_on(repo)
    world.poll(repo, FIRST)
    assert (world.repo().status.error, world.next_in_ms(repo)) == ("", 15_750)


def test_a_host_that_fails_is_tried_by_one_repo_and_left_alone_by_the_others(world: GitWorld) -> None:
    ids = [world.add_repo(f"infra/app{number}") for number in range(3)]
    jobs = world.jobs()
    assert isinstance(world.begin(ids[0], jobs[0]), Begun)
    world.fail(polls.Poll(ids[0], jobs[0], 1, "", world.receiver.id), is_host_fault=True)
    assert [world.begin(*each) for each in zip(ids[1:], jobs[1:], strict=True)] == ["waits", "waits"]
    world.now += 60_000
    world.sweep()
    [job] = world.jobs()
    began = [world.begin(repo, job) for repo in ids]
    assert [isinstance(each, Begun) for each in began] == [True, False, False]
    world.end(polls.Poll(ids[0], job, 1, "", world.receiver.id), FIRST)
    world.now += 60_000
    world.sweep()
    [job] = world.jobs()
    assert all(isinstance(world.begin(repo, job), Begun) for repo in ids[1:])


def test_others_try_first_whether_a_host_is_back_that_failed_at_one(world: GitWorld) -> None:
    broken = world.add_repo("infra/broken")
    [job] = world.jobs()
    assert isinstance(world.begin(broken, job), Begun)
    world.fail(polls.Poll(broken, job, 1, "", world.receiver.id), is_host_fault=True)
    well = world.add_repo("infra/well")
    [job] = world.jobs()
    assert world.begin(well, job) == "waits"
    pauses = {name: world.next_in_ms(repo) for name, repo in (("broken", broken), ("well", well))}
    assert pauses["well"] is not None
    assert pauses["broken"] is not None
    assert pauses["well"] < pauses["broken"]


def test_a_secret_that_comes_later_has_those_polled_that_failed_without_it(world: GitWorld) -> None:
    failing = world.add_repo("infra/private", client_secret="token")
    others = [world.add_repo("infra/well", client_secret="token"), world.add_repo("other/private")]
    jobs = world.jobs()
    for repo, job in zip([failing, *others], jobs, strict=True):
        assert isinstance(world.begin(repo, job), Begun)
        poll = polls.Poll(repo, job, 1, "", world.receiver.id)
        assert (world.end(poll, FIRST) if repo == others[0] else world.fail(poll)) in {"announced", "failed"}
    world.put_secret("infra/token")
    assert world.poll(failing, SECOND) == "announced"


def test_who_pushes_is_well(world: GitWorld) -> None:
    repo = world.add_repo()
    other = world.add_repo("infra/other")
    jobs = world.jobs()
    assert isinstance(world.begin(repo, jobs[0]), Begun)
    world.fail(polls.Poll(repo, jobs[0], 1, "", world.receiver.id), is_host_fault=True)
    assert world.begin(other, jobs[1]) == "waits"
    world.push(other, FIRST)
    assert world.poll(other, FIRST) == "announced"


def test_a_changed_spec_is_polled_at_once_and_what_was_found_for_the_old_one_is_dropped(
    world: GitWorld,
) -> None:
    repo = world.add_repo()
    poll = world.begun(repo)
    world.put("infra/app", repo, 1, branch="other")
    assert world.end(poll, FIRST) == "stale"
    assert world.announced() == []
    assert world.poll(repo, SECOND) == "announced"


def test_what_pushes_of_a_former_repository_said_is_forgotten(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, SECOND, THIRD)
    world.jobs()
    world.put("infra/app", repo, 1, url="https://git.example/infra/other")
    status = world.repo().status
    assert (status.webhook_commit, status.webhook_at, status.interval_ms) == ("", None, 15_000)
    # Nothing that the former one's host has named is looked for, or taken for a former head.
    assert [world.field(f"fleet:repo:{repo}", name) for name in ("wanted", "wanted_at", "seen", "heard")] == [
        ""
    ] * 4
    world.now += polls.LEASE_MS
    world.sweep()
    assert world.poll(repo, SECOND) == "announced"
    assert (world.next_in_ms(repo), world.repo().status.source) == (15_750, "polling")


@pytest.mark.parametrize("change", [{"branch": "next"}, {"revision": "v1"}])
def test_a_push_of_a_former_branch_is_not_waited_for(world: GitWorld, change: dict[str, str]) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, SECOND, THIRD)
    world.put("infra/app", repo, 1, **change)
    assert world.poll(repo, FIRST) == "seen"
    status = world.repo().status
    assert (world.next_in_ms(repo), status.warning) == (3_780_000, "")
    # What was a head of that branch may come new on this one.
    world.push(repo, THIRD)
    assert world.poll(repo, FIRST) == "seen"
    assert world.next_in_ms(repo) == 2000


def test_a_poll_for_a_push_of_a_former_branch_is_none_for_the_next(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, SECOND)
    world.put("infra/app", repo, 1, branch="next")
    assert world.poll(repo, THIRD) == "announced"
    assert world.repo().status.source == "polling"


@pytest.mark.parametrize(
    "change", [{"polling_interval_ms": 60_000}, {"url": f"ssh://git@git.example:22{URL[19:]}.git"}]
)
def test_a_push_of_the_same_branch_is_waited_for_whatever_else_is_changed(
    world: GitWorld, change: dict[str, object]
) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, SECOND)
    world.put("infra/app", repo, 1, **change)
    assert world.poll(repo, FIRST) == "seen"
    assert world.next_in_ms(repo) == 2000
    world.pass_on(repo)
    assert world.poll(repo, SECOND) == "announced"
    assert world.repo().status.source == "webhook"


def test_a_repo_that_was_changed_meanwhile_is_not_overwritten(world: GitWorld) -> None:
    repo = world.add_repo()
    world.put("infra/app", repo, 1, branch="other")
    with pytest.raises(repos.RepoChangedError):
        world.put("infra/app", repo, 1, branch="late")
    with pytest.raises(repos.RepoChangedError):
        world.put("infra/app", world.id("rep"), 0)


def test_without_polling_only_changes_commands_and_pushes_are_looked_at(world: GitWorld) -> None:
    repo = world.add_repo(disable_polling=True)
    world.poll(repo, FIRST)
    assert world.next_in_ms(repo) is None
    world.push(repo, SECOND)
    world.poll(repo, SECOND)
    assert world.next_in_ms(repo) is None
    assert world.run(repos.sync(world.gateway, "infra/app", world.id("job"), world.now))
    assert world.poll(repo, THIRD) == "announced"
    assert world.repo().status.source == "polling"


def test_what_a_push_takes_back_during_a_poll_is_looked_at_again(world: GitWorld) -> None:
    repo = world.add_repo()
    world.poll(repo, FIRST)
    world.push(repo, SECOND, FIRST)
    poll = world.begun(repo)
    assert world.push(repo, FIRST, SECOND) == "triggered"
    assert world.end(poll, SECOND) == "announced"
    assert world.poll(repo, FIRST) == "announced"


def test_a_late_end_does_not_put_off_a_poll_that_was_lost_since(world: GitWorld) -> None:
    repo = world.add_repo(polling_interval_ms=86_400_000)
    world.poll(repo, FIRST)
    world.push(repo, SECOND, FIRST)
    late = world.begun(repo)
    world.now += polls.LEASE_MS
    world.sweep()
    assert len(world.jobs()) == 1
    assert world.end(late, SECOND) == "announced"
    world.push(repo, THIRD, SECOND)
    world.pass_on(repo)
    assert world.poll(repo, THIRD) == "announced"


def test_whoever_was_called_has_room_beside_hosts_that_hang(world: GitWorld) -> None:
    world.limits_of_polls = PollLimits(100, 4)
    ids = [world.add_repo(f"infra/app{number}") for number in range(5)]
    began = [world.begin(*each) for each in zip(ids, world.jobs(), strict=True)]
    assert [isinstance(each, Begun) for each in began] == [True, True, True, False, False]
    assert world.push(ids[3], FIRST) == "triggered"
    assert world.poll(ids[3], FIRST) == "announced"


def test_a_deleted_repo_is_polled_no_more(world: GitWorld) -> None:
    repo = world.add_repo()
    poll = world.begun(repo)
    assert world.run(repos.delete(world.gateway, "infra/app"))
    assert not world.run(repos.delete(world.gateway, "infra/app"))
    assert world.end(poll, FIRST) == "void"
    world.now += 60_000
    world.sweep()
    assert (world.jobs(), world.names(), world.announced()) == ([], [], [])
    left = [key for key in world.dump() if b":repo" in key or key == b"fleet:polling:gw_1"]
    assert left == []


@pytest.mark.parametrize("limit", ["stored_events", "stored_mib", "deliveries", "queue_share"])
def test_at_a_limit_the_commit_is_announced_later(world: GitWorld, limit: str) -> None:
    repo = world.add_repo()
    limits = world.limits
    world.limits = replace(limits, gateway=replace(limits.gateway, **{limit: 0}))
    assert world.poll(repo, FIRST) == limit
    assert (world.repo().status.commit, world.repo().status.warning) == ("", limit)
    world.limits = limits
    world.pass_on(repo)
    assert world.poll(repo, FIRST) == "announced"
    assert world.repo().status.warning == ""


def test_without_a_receiver_nothing_is_announced_until_there_is_one(world: GitWorld) -> None:
    repo = world.add_repo()
    assert world.run(webhooks.delete(world.gateway, world.receiver.id, world.now))
    poll = world.begun(repo)
    assert world.end(poll, FIRST) == "no_receiver"
    world.receiver = world.add_receiver()
    world.pass_on(repo)
    assert world.poll(repo, FIRST) == "announced"


def test_while_the_receiver_is_paused_its_commits_wait(world: GitWorld) -> None:
    repo = world.add_repo()
    world.run(webhooks.change(world.receiver, Change(paused=True)))
    assert world.poll(repo, FIRST) == "paused"
    assert (world.repo().status.commit, world.repo().status.warning) == ("", "paused")
    assert world.announced() == []
    assert world.next_in_ms(repo) == 60_000
    [paused] = world.run(webhooks.fetch([world.receiver.id]))
    assert paused is not None
    world.run(webhooks.change(paused.webhook, Change(paused=False)))
    world.pass_on(repo)
    assert world.poll(repo, FIRST) == "announced"
    assert world.repo().status.warning == ""


def test_an_event_is_for_the_receiver_that_there_was_when_the_poll_began(world: GitWorld) -> None:
    repo = world.add_repo()
    poll = world.begun(repo)
    assert world.run(webhooks.delete(world.gateway, world.receiver.id, world.now))
    world.receiver = world.add_receiver()
    # Sealed for the old one, nobody could open it.
    assert world.end(poll, FIRST) == "stale"
    assert world.announced() == []
    assert world.poll(repo, FIRST) == "announced"
    [event] = world.announced()
    assert world.field(f"fleet:event:{event}", "webhook") == world.receiver.id


def test_a_gateway_has_one_receiver(world: GitWorld) -> None:
    with pytest.raises(webhooks.GitReceiverExistsError):
        world.run(
            webhooks.create(
                webhooks.StoredWebhook(replace(world.receiver, id="whk_2", name="git2"), b"", b""), "t"
            )
        )
    found = world.run(webhooks.git_of(world.gateway))
    assert found is not None
    assert found.webhook.id == world.receiver.id
    assert world.run(webhooks.git_of("nobody")) is None


def test_polls_that_are_given_up_are_due_at_once(world: GitWorld) -> None:
    repo = world.add_repo()
    poll = world.begun(repo)
    world.run(polls.give_up([poll], world.now))
    assert world.next_in_ms(repo) == 0
    assert world.command("ZCARD", "fleet:polls") == 0
    world.sweep()
    assert world.end(poll, FIRST) == "void"
    assert world.poll(repo, SECOND) == "announced"


def test_a_gateway_has_no_more_repos_than_it_may(world: GitWorld) -> None:
    wish = repos.Wish(world.gateway, "a/b", "rep_1", 0, RepoSpec(URL), b"sealed")
    with pytest.raises(repos.LimitReachedError, match="may have 0 repos"):
        world.run(repos.put(wish, "mark", "job", world.now, most=0))
