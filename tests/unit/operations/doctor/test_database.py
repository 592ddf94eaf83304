"""What is wrong with a database, its log or its read models is said in a sentence; what is well is left as it was."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.ids import uuid7
from events.log import NO_STREAM, StreamWrite
from events.timestamps import now_us
from events.vocabulary.accounts import OrganisationMade
from migrations.runner import available
from projections.engine.projector import catch_up
from projections.models.questions import QuestionsProjection
from projections.models.seen_sets import SeenSetsProjection
from projections.storage.backends import models_of
from tests.support.banks import add_questions, question
from trivia.operations.doctor.database import check_database
from trivia.operations.doctor.findings import Finding
from trivia.platform.sealing import Sealing
from trivia.platform.storage import Storage, open_storage
from trivia.settings import Settings

PROJECTIONS = (QuestionsProjection(), SeenSetsProjection())


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, data_dir=str(tmp_path / "data"))


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[Storage]:
    """A log of three events that every read model has folded."""
    async with open_storage(settings.database_url) as opened:
        await add_questions(opened.log, [question(n) for n in (1, 2, 3)])
        await take_in(opened)
        yield opened


async def take_in(storage: Storage) -> None:
    for projection in PROJECTIONS:
        await catch_up(storage.log, models_of(storage.database), projection, await storage.log.head())


async def change(storage: Storage, sql: str) -> None:
    await storage.database.write(lambda connection: connection.execute(sql))


async def insert_event(storage: Storage, kind: str, schema: int, recorded_at: int) -> None:
    """As a newer version, or a machine with another clock, would have stored it."""
    head = await storage.log.head() + 1
    await change(
        storage,
        "INSERT INTO events (position, stream, version, type, schema, data, metadata, recorded_at) VALUES "
        f"({head}, 'stream-{head}', 1, '{kind}', {schema}, '{{}}', '{{\"event_id\": \"{uuid7()}\"}}', {recorded_at})",
    )
    await change(storage, f"UPDATE log_head SET position = {head}")


def replace_seal_key(settings: Settings) -> None:
    Path(settings.data_dir, "seal_key").write_text("ab" * 32)


async def wrong(settings: Settings) -> list[tuple[str, str]]:
    return [(f.check, f.message) for f in await check(settings) if f.verdict == "wrong"]


async def check(settings: Settings) -> list[Finding]:
    return await check_database(settings, PROJECTIONS)


async def test_a_database_that_is_well_has_nothing_wrong(storage, settings):
    findings = await check(settings)

    assert {finding.verdict for finding in findings} == {"ok"}
    assert [finding.check for finding in findings] == ["database", "integrity", "clock", "log", "projections"]
    assert findings[-1].message == "All 2 read models are up to date."


async def test_an_empty_log_has_nothing_wrong(settings):
    assert await wrong(settings) == []


async def test_a_database_that_is_not_there_is_wrong_and_is_not_made(tmp_path):
    path = tmp_path / "nowhere" / "trivia.db"
    settings = Settings(database_url=f"sqlite:///{path}", data_dir=str(tmp_path))

    assert await wrong(settings) == [
        ("database", f"There is no database at {path}; `trivia migrate` or `trivia serve` makes it.")
    ]
    assert not path.parent.exists()


async def test_a_server_that_does_not_answer_is_wrong(tmp_path):
    settings = Settings(database_url="postgresql://trivia@127.0.0.1:1/trivia", data_dir=str(tmp_path))

    ((check, message),) = await wrong(settings)

    assert check == "database"
    assert message.startswith("The database cannot be used: ")


async def test_a_file_that_is_no_database_is_wrong(tmp_path):
    path = tmp_path / "trivia.db"
    path.write_text("This is a shopping list, and long enough to be looked at twice." * 20)

    ((check, message),) = await wrong(Settings(database_url=f"sqlite:///{path}", data_dir=str(tmp_path)))

    assert check == "database"
    assert "is not a database" in message


async def test_a_schema_that_lacks_something_is_wrong(storage, settings):
    last = available("sqlite")[-1]
    await change(storage, f"DELETE FROM schema_migrations WHERE number = {last.number}")

    assert await wrong(settings) == [
        ("database", f"The schema lacks {last.number:04}_{last.name}; run `trivia migrate`.")
    ]


async def test_a_schema_that_is_newer_than_the_software_is_wrong(storage, settings):
    await change(storage, "INSERT INTO schema_migrations VALUES (9000, 'later', 'x', 'now')")

    assert await wrong(settings) == [
        (
            "database",
            "The schema does not fit this version of the software: 9000_later was applied by a newer version of the software.",
        )
    ]


async def test_a_clock_behind_the_log_is_wrong_and_by_how_much(storage, settings):
    await insert_event(storage, "StarterBankAdded", 1, now_us() + 3_600_000_000)
    await take_in(storage)

    (message,) = [message for check, message in await wrong(settings) if check == "clock"]

    assert message.startswith(("The clock is 3,600 s behind the log", "The clock is 3,59"))


async def test_events_that_a_newer_version_wrote_are_counted_by_type_with_their_first_position(storage, settings):
    now = now_us()
    await insert_event(storage, "QuestionPainted", 1, now)
    await insert_event(storage, "QuestionRetired", 7, now)
    await insert_event(storage, "QuestionPainted", 1, now)

    assert [message for check, message in await wrong(settings) if check == "log"] == [
        "Unknown to this version: 2 events of type QuestionPainted, the first at position 4. Run the version that wrote them.",
        "Too new for this version: 1 event of type QuestionRetired, the first at position 5, of schema 7; it knows 1 at most.",
    ]


async def test_a_read_model_without_its_table_is_wrong(storage, settings):
    await change(storage, "DROP TABLE seen_sets")

    assert await wrong(settings) == [
        ("projections", "The table seen_sets of seen_sets is not there; restore a backup.")
    ]


async def test_a_read_model_that_is_behind_is_worth_a_note_and_one_ahead_of_the_log_is_wrong(storage, settings):
    await storage.log.append([StreamWrite("organisation-x", NO_STREAM, [OrganisationMade("x", "X")])])
    findings = [finding for finding in await check(settings) if finding.check == "projections"]
    assert [(finding.verdict, finding.message) for finding in findings] == [
        ("note", f"{name} is 1 event behind the log; a running service catches up.")
        for name in ("questions", "seen_sets")
    ]

    await change(storage, "UPDATE projection_checkpoints SET position = 9 WHERE name = 'questions'")
    ((check_name, message),) = await wrong(settings)
    assert (check_name, message.partition(" ")[0]) == ("projections", "questions")


async def test_events_that_were_set_aside_are_wrong(storage, settings):
    await change(
        storage,
        "INSERT INTO parked_events (projection, position, key, stream, type, error, parked_at) "
        "VALUES ('questions', 2, '2', 's', 'QuestionAdded', 'no', 0)",
    )

    assert await wrong(settings) == [
        (
            "projections",
            "questions has dead letters: 1 event that it could not apply; `trivia projections park` shows them.",
        )
    ]


async def test_a_seal_key_that_did_not_make_the_seals_is_wrong(storage, settings):
    sealing = Sealing(settings, storage.database)
    await sealing.sealer.seal_all()
    assert await wrong(settings) == []
    replace_seal_key(settings)

    ((check_name, message),) = await wrong(settings)

    assert check_name == "keys"
    assert message.startswith("The last seal was made with another key than this installation's")


async def test_a_log_whose_end_was_cut_off_is_wrong(storage, settings):
    await change(storage, "UPDATE log_head SET position = 4")
    await take_in(storage)

    assert ("integrity", "The log's head is 4, but its last event is at 3; restore a backup.") in await wrong(settings)


async def test_a_log_that_lost_its_triggers_is_wrong(storage, settings, database_url):
    sqlite = database_url.startswith("sqlite")
    await change(storage, "DROP TRIGGER events_refuse_" + ("update" if sqlite else "change ON events"))

    ((check, message),) = await wrong(settings)

    assert check == "integrity"
    assert message.startswith("The log is not protected: events_refuse_")
