"""Ids are UUIDs of version 7, never the same, whichever thread or process makes them."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from uuid import RFC_4122, UUID

import pytest

from events import ids
from events.ids import uuid7, uuid7_run

FIRST_MOMENT = 0x0123_4567_89AB


@pytest.fixture
def clock(monkeypatch):
    """Stands still at the first moment; a list whose item is the time in milliseconds."""
    now = [FIRST_MOMENT]
    monkeypatch.setattr(ids.time, "time_ns", lambda: now[0] * 1_000_000 + 999_999)
    return now


def test_an_id_is_a_uuid_of_version_7_that_begins_with_the_time(clock):
    made = UUID(uuid7())
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == FIRST_MOMENT
    clock[0] += 1
    assert UUID(uuid7()).int >> 80 == FIRST_MOMENT + 1


def test_ids_of_a_process_ascend_however_they_are_made(clock):
    made = [uuid7(), *uuid7_run(3), uuid7()]
    clock[0] += 1
    made += [uuid7(), *uuid7_run(2), uuid7()]
    assert made == sorted(set(made))
    assert len({UUID(one).bytes for one in made}) == 9


def test_threads_never_make_the_same_id():
    with ThreadPoolExecutor(8) as pool:
        singles = pool.map(lambda _: [uuid7() for _ in range(5_000)], range(8))
        runs = pool.map(lambda _: uuid7_run(5_000), range(8))
        made = list(chain.from_iterable(chain(singles, runs)))
    assert len(set(made)) == 80_000


def test_a_forked_process_makes_others(clock):
    uuid7()
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, "\n".join(uuid7_run(50)).encode())
        os._exit(0)
    os.wait()
    os.close(writing)
    with os.fdopen(reading) as lines:
        child = lines.read().split("\n")
    assert len(child) == 50
    assert not set(child) & set(uuid7_run(50))
