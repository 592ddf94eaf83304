"""What goes wrong around a rebuild is said in words, the old rows serve on, and it can be gone on with."""

from collections.abc import AsyncIterator

import pytest

from events.log import LogUnavailable
from projections.engine.projector import catch_up
from projections.models.questions import QuestionsProjection
from projections.rebuild.background import LOCK
from projections.rebuild.rebuild import SUFFIX, SwitchFailed, rebuild
from projections.rebuild.status import Rebuild, overview
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from projections.storage.sqlite_store import SqliteReadModels
from tests.support.banks import add_questions, question
from trivia.platform.storage import Storage, open_storage

PROJECTION = QuestionsProjection()


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        await add_questions(opened.log, [question(n) for n in range(1, 401)])
        await catch_up(opened.log, models_of(opened.database), PROJECTION, await opened.log.head())
        yield opened


async def build(storage: Storage, progress=lambda *_: None) -> int:
    lock = leadership_of(storage.database, LOCK + PROJECTION.name)
    return await rebuild(storage.log, models_of(storage.database), PROJECTION, lock, progress)


async def rows_of(storage: Storage):
    return await models_of(storage.database).fetch("SELECT * FROM questions ORDER BY number")


async def last_rebuild(storage: Storage) -> Rebuild:
    (status,) = (await overview(storage.log, models_of(storage.database), [PROJECTION])).projections
    assert status.rebuild is not None
    return status.rebuild


async def is_right(storage: Storage) -> bool:
    lock = leadership_of(storage.database, LOCK + PROJECTION.name)
    return (await verify(storage.log, models_of(storage.database), PROJECTION, lock, lambda *_: None)).equal


async def fill_the_disk(storage: Storage) -> None:
    """SQLite may not grow any more; PostgreSQL says what it says when it cannot extend a file, on the copy alone."""
    models = models_of(storage.database)
    if isinstance(models, SqliteReadModels):
        ((pages,),) = await models.fetch("PRAGMA page_count")
        await storage.database.write(
            lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        )
        return
    error = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'"
    refuse = f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {error}; END; $$"
    attach = "CREATE TRIGGER full_disk BEFORE INSERT ON questions__rebuild FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
    await models.execute([(refuse, [()]), (attach, [()])])


async def make_room(storage: Storage) -> None:
    models = models_of(storage.database)
    if isinstance(models, SqliteReadModels):
        await storage.database.write(
            lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone()
        )
    else:
        await models.execute([("DROP TRIGGER full_disk ON questions__rebuild", [()])])


class Killed(Exception):
    """Ends a rebuild before it has switched."""


def stop(*_: int) -> None:
    raise Killed


async def test_a_disk_that_is_full_ends_a_rebuild_and_with_room_again_it_goes_on(storage):
    with pytest.raises(Killed):
        await build(storage, stop)
    await add_questions(storage.log, [question(n) for n in range(401, 1_201)])
    before = await rows_of(storage)
    begun_at = (await last_rebuild(storage)).position
    assert begun_at == 400
    await fill_the_disk(storage)

    with pytest.raises(LogUnavailable, match=r"disk is full|No space left on device"):
        await build(storage)

    assert await rows_of(storage) == before
    interrupted = await last_rebuild(storage)
    assert interrupted.state == "failed"
    assert interrupted.position == begun_at
    assert any(words in str(interrupted.error) for words in ("disk is full", "No space left"))

    await make_room(storage)
    assert await build(storage) == 1_200
    assert len(await rows_of(storage)) == 1_200
    assert await is_right(storage)


async def test_a_reader_that_never_lets_go_keeps_the_switch_from_happening_and_the_old_rows_serve(storage, monkeypatch):
    """On SQLite readers keep what they see and are in nobody's way."""
    monkeypatch.setattr("projections.rebuild.rebuild.SWITCHES", 1)
    models, before = models_of(storage.database), await rows_of(storage)
    async with models.snapshot(PROJECTION) as held:
        assert [row async for row in held.rows(PROJECTION.tables[0])] == before
        if isinstance(models, SqliteReadModels):
            await build(storage)
        else:
            with pytest.raises(SwitchFailed, match="questions is rebuilt, but could not be switched to"):
                await build(storage)
            assert (await last_rebuild(storage)).state == "failed"
        assert await rows_of(storage) == before
        assert [row async for row in held.rows(PROJECTION.tables[0])] == before

    assert await build(storage) == 400
    assert (await last_rebuild(storage)).state == "done"
    assert await is_right(storage)


@pytest.mark.parametrize("parts", [0, 1, 3])
async def test_a_copy_stored_in_part_is_not_gone_on_with(storage, monkeypatch, parts):
    before = await rows_of(storage)
    monkeypatch.setattr("projections.storage.sqlite_store.PART", 10)
    monkeypatch.setattr("projections.storage.postgres_store.PART", 10)
    written = 0

    async def die() -> None:
        nonlocal written
        written += 1
        if written > parts:
            raise Killed

    kind = type(models_of(storage.database))
    store_copy = kind.store_copy
    with monkeypatch.context() as dying:
        dying.setattr(kind, "store_copy", lambda self, *given: store_copy(self, *given[:-1], die))
        with pytest.raises(Killed):
            await build(storage)
    assert await models_of(storage.database).copy(SUFFIX).checkpoint(PROJECTION) == 0

    await build(storage)
    assert await rows_of(storage) == before
