"""The Python event-sourcing library's own recorder, driven as directly as it allows."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from bench.databases import parts

TOPIC = "events.vocabulary.assignments:QuestionsAssigned"


class Peer:
    """A recorder with a table of its own, and how many threads may use it at once."""

    def __init__(self, recorder: Any, payload: bytes, threads: int) -> None:
        self._recorder = recorder
        self._payload = payload
        self._threads = threads

    def _events(self, stream: UUID, first: int, count: int) -> list[StoredEvent]:
        return [
            StoredEvent(originator_id=stream, originator_version=version, topic=TOPIC, state=self._payload)
            for version in range(first, first + count)
        ]

    def append_singles(self, seconds: float) -> float:
        """Every thread appends one event at a time to a stream of its own; events a second in all."""
        deadline = time.perf_counter() + seconds
        counts = [0] * self._threads

        def work(place: int) -> None:
            stream = uuid4()
            while time.perf_counter() < deadline:
                self._recorder.insert_events(self._events(stream, counts[place] + 1, 1))
                counts[place] += 1

        threads = [threading.Thread(target=work, args=(place,)) for place in range(self._threads)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / (time.perf_counter() - began)

    def append_batches(self, batch: int, total: int) -> float:
        """One appender; events a second."""
        began = time.perf_counter()
        for _ in range(total // batch):
            self._recorder.insert_events(self._events(uuid4(), 1, batch))
        return total / (time.perf_counter() - began)

    def read_all(self, expected: int) -> float:
        """Read the whole log in pages of 1,000; events a second."""
        began, read, last = time.perf_counter(), 0, None
        while page := self._page(last):
            read, last = read + len(page), page[-1].id
        if read != expected:
            raise RuntimeError(f"read {read} events of {expected}")
        return read / (time.perf_counter() - began)

    def _page(self, last: int | None) -> Sequence[Any]:
        page: Sequence[Any] = self._recorder.select_notifications(start=last, limit=1_000, inclusive_of_start=False)
        return page


@contextmanager
def open_peer(url: str, payload: bytes, *, threads: int) -> Iterator[Peer]:
    """A recorder on an empty database, as it comes.

    Its option to insert through functions in the database is left off: it is faster, but takes no lock, so that a reader who follows
    the log can miss events for good, and ours never does.
    """
    datastore: Any
    if url.startswith("sqlite"):
        from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

        datastore = SQLiteDatastore(url.removeprefix("sqlite:///"), pool_size=threads, lock_timeout=60, pool_timeout=60)
        recorder: Any = SQLiteApplicationRecorder(datastore)
    else:
        from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

        server = parts(url)
        datastore = PostgresDatastore(
            dbname=server.name, host=server.host, port="", user=server.user, password="unused",
            pool_size=threads, connect_timeout=60,
        )  # fmt: skip
        recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    recorder.create_table()
    try:
        yield Peer(recorder, payload, threads)
    finally:
        datastore.close()
