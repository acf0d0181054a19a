"""Every line of the log has a stable name that the documents explain, and no field that must not be in it."""

import pytest

from config.logging import LIBRARY, drop_secrets
from tests.documents import codes, table
from tests.log_calls import UnstableNameError, calls_in, log_calls

PAGE = "docs/logs.md"
HEAD = "| event | level | fields | meaning |"
ORDER = ("debug", "info", "warning", "error")
# Not facts of ours: any number of them, and the traceback of an error.
UNNAMED = {"*", "exc_info"}
MODULE = "import structlog\n_log = structlog.get_logger()\n"


def test_every_line_is_in_the_table_and_no_other() -> None:
    rows = table(PAGE, HEAD)
    told = [codes(row[0])[0] for row in rows]
    assert told == sorted(told)
    logged = {event for call in log_calls() for event in call.events}
    assert len(logged) > 50
    assert set(told) == {*logged, LIBRARY}


def test_levels_and_fields_are_told() -> None:
    for name, level, fields, _ in table(PAGE, HEAD):
        calls = [call for call in log_calls() if codes(name)[0] in call.events]
        if not calls:
            continue  # what libraries say
        levels = {each for call in calls for each in call.levels}
        assert level.split(", ") == [each for each in ORDER if each in levels], name
        assert set(codes(fields)) == {each for call in calls for each in call.fields} - UNNAMED, name


def test_no_field_would_be_dropped_by_its_name() -> None:
    for call in log_calls():
        facts = dict.fromkeys(call.fields, "fact")
        assert drop_secrets(None, "info", dict(facts)) == facts, call.place


def test_a_line_about_a_delivery_names_its_event() -> None:
    for call in log_calls():
        assert "delivery" not in call.fields or "event_id" in call.fields, call.place
        assert not {"event", "id"} & set(call.fields), call.place


@pytest.mark.parametrize("call", ["_log.info(f'seen {1}')", "_log.warning(what)", "_log.error('a' + b)"])
def test_a_name_that_is_made_up_at_run_time_is_found(call: str) -> None:
    with pytest.raises(UnstableNameError, match=r"module.py:3: write the name"):
        list(calls_in(f"{MODULE}{call}\n", "module.py"))


def test_a_call_is_read_with_all_its_names_levels_and_fields() -> None:
    source = f'{MODULE}(_log.error if bad else _log.info)("one" if first else "two", size=1, **more)\n'
    [call] = calls_in(source, "module.py")
    assert (call.events, call.levels, call.fields) == (("one", "two"), ("error", "info"), ("size", "*"))
