"""A search finds exactly the questions that have the words, whatever is typed, in either database."""

import random
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.log import ANY, StreamWrite
from events.vocabulary.questions import QuestionRetired
from projections.engine.projector import catch_up
from projections.models.question_pool import Filter
from projections.models.question_search import Place, Wanted
from projections.models.questions import QuestionsProjection
from projections.models.search_words import MAX_WORD, fold, words_of
from projections.rebuild.rebuild import rebuild
from projections.rebuild.verify import verify
from projections.storage.backends import models_of
from projections.storage.leadership import leadership_of
from tests.support.banks import add_questions, question
from trivia.platform.storage import Storage, open_storage

VOCABULARY = [
    "river",
    "riverbank",
    "São",
    "sao",
    "Łódź",
    "Tōkyō",
    "東京",
    "C++",
    "AND",
    "not",
    "near",
    "x'y",
    'a"b',
    "1e5",
]


@given(st.text(max_size=80))
def test_folding_is_the_same_for_what_is_folded_already(text):
    assert fold(fold(text)) == fold(text)
    assert all(word.isalnum() and len(word) <= MAX_WORD for word in words_of(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Who wrote “Les Misérables”?", "who wrote les miserables"),
        ("ŁÓDŹ, Malmö & Straße", "lodz malmo strasse"),
        ("e\u0301cole", "ecole"),
        ("snake_case C++ don't", "snake case c don t"),
        ("東京タワー", "東 京 タ ワ ー"),
        ("x" * (MAX_WORD + 3), "x" * MAX_WORD + " xxx"),
        ("!? —", ""),
    ],
)
def test_words_are_in_lower_case_without_accents_and_signs(text, words):
    assert fold(text) == words


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with open_storage(database_url) as opened:
        yield opened


async def fill(storage: Storage, *questions) -> None:
    await add_questions(storage.log, questions)
    await take_in(storage)


async def take_in(storage: Storage) -> None:
    models = models_of(storage.database)
    await catch_up(storage.log, models, QuestionsProjection(), await storage.log.head())


def about(number: int, prompt: str, explanation: str | None = None, **changed):
    return msgspec.structs.replace(question(number), prompt=prompt, explanation=explanation, **changed)


async def find(storage: Storage, text: str, *, org: str = "public", limit: int = 100, **filters) -> list[int]:
    return [number for _, number in await places(storage, text, org=org, limit=limit, **filters)]


async def places(
    storage: Storage, text: str, *, org="public", shared=True, limit=100, after=None, **filters
) -> list[Place]:
    wanted = Wanted(words_of(text), org, shared, Filter(**filters), limit, after)
    return await storage.database.question_search().find(wanted)


async def test_what_is_found_is_what_a_look_at_each_question_finds(storage):
    dice = random.Random(7)
    prompts = [" ".join(dice.choices(VOCABULARY, k=3)) for _ in range(60)]
    await fill(storage, *[about(n, f"{prompt} {n}", dice.choice(VOCABULARY)) for n, prompt in enumerate(prompts, 1)])
    texts = await models_of(storage.database).fetch("SELECT number, prompt, options, explanation FROM questions")

    def expected(words: list[str]) -> list[int]:
        *whole, begun = words
        return sorted(
            number
            for number, *rest in texts
            if (has := set(words_of(" ".join(rest))))
            and has.issuperset(whole)
            and any(w.startswith(begun) for w in has)
        )

    queries = [
        *VOCABULARY,
        *(" ".join(dice.choices(VOCABULARY, k=2)) for _ in range(25)),
        "riv",
        "ri river",
        "river ri",
        "7",
    ]
    for query in queries:
        assert sorted(await find(storage, query)) == expected(words_of(query)), query
    assert await find(storage, "river") != []


@pytest.mark.parametrize(
    "text", ['"', "a AND", "NOT", "NEAR(a b)", "prompt:a", "^a", "-a", "a*", "(a", "a OR b", "'a' & !b", "\\", "a:*"]
)
async def test_nothing_that_is_typed_is_an_operator(storage, text):
    await fill(storage, about(1, f"{text} a b or and not near prompt"))

    assert await find(storage, f"{text} prompt") == [1]
    assert await find(storage, f"{text} zebra") == []


async def test_the_prompt_weighs_more_than_what_stands_around_it(storage):
    await fill(
        storage,
        about(1, "Which is the longest of all?", "The river Nile."),
        about(2, "Which river is the longest?"),
        about(3, "What flows?", "Nothing of the kind."),
    )

    assert await find(storage, "river") == [2, 1]


async def test_pages_hold_together_what_one_page_holds(storage):
    dice = random.Random(3)
    await fill(storage, *[about(n, f"river {' '.join(dice.choices(VOCABULARY, k=n % 4))} {n}") for n in range(1, 60)])
    everything = await places(storage, "river")
    paged: list[Place] = []
    while page := await places(storage, "river", limit=7, after=paged[-1] if paged else None):
        assert len(page) <= 7
        paged += page

    assert paged == everything
    assert sorted(number for _, number in everything) == list(range(1, 60))


async def test_a_search_keeps_to_the_banks_and_filters_that_it_is_told(storage):
    await fill(
        storage,
        about(1, "river one", org="ours", topic="STRASSE", difficulty="easy", min_age=5, max_age=9),
        about(2, "river two", org="theirs"),
        about(3, "river three", topic="Straße", difficulty="hard"),
        about(4, "river four", pending=True),
        about(5, "river five"),
    )
    await storage.log.append([StreamWrite("retiring", ANY, [QuestionRetired(5)])])
    await take_in(storage)

    assert sorted(await find(storage, "river", org="ours")) == [1, 3]
    assert [number for _, number in await places(storage, "river", org="ours", shared=False)] == [1]
    assert await find(storage, "river") == [3]
    assert sorted(await find(storage, "river", org="ours", topic="strasse")) == [1, 3]
    assert await find(storage, "river", org="ours", difficulty="easy") == [1]
    assert sorted(await find(storage, "river", org="ours", age=5)) == [1, 3]
    assert await find(storage, "river", org="ours", age=10) == [3]


async def test_an_index_that_was_damaged_is_noticed_and_built_anew(storage):
    await fill(storage, about(1, "river one"), about(2, "river two"))
    projection, models = QuestionsProjection(), models_of(storage.database)
    lock = leadership_of(storage.database, "rebuild-questions")

    async def differences() -> list[tuple[str, list[object], str]]:
        verdict = await verify(storage.log, models, projection, lock, lambda *_: None)
        return [(found.table, found.key, found.fault) for found in verdict.differences]

    assert await differences() == []
    for sql in (
        "DELETE FROM question_words WHERE rowid = 1",
        "UPDATE question_words SET prompt = 'lake' WHERE rowid = 2",
    ):
        await storage.database.write(lambda connection, sql=sql: connection.execute(sql))
    assert await differences() == [("question_words", [1], "missing"), ("question_words", [2], "changed")]
    assert await find(storage, "river") == []

    await rebuild(storage.log, models, projection, lock, lambda *_: None)

    assert await differences() == []
    assert sorted(await find(storage, "river")) == [1, 2]
    await fill(storage, about(3, "river three"))
    assert sorted(await find(storage, "river")) == [1, 2, 3]
