"""What holds for the tables of facts and for every question that is made from them."""

import re
from collections import Counter
from importlib import import_module
from importlib.resources import files
from itertools import islice
from random import Random

import msgspec
import pytest

from events.vocabulary.questions import QuestionAdded
from trivia.generation.facts import SUBJECTS, FactQuestion, subjects
from trivia.generation.facts.arts import film
from trivia.generation.facts.asking.clues import Clues
from trivia.generation.facts.asking.common import make_fair, youngest
from trivia.generation.facts.asking.groups import Groups
from trivia.generation.facts.asking.times import Times
from trivia.generation.facts.core import Draft, finish, fold
from trivia.generation.facts.tables import clues, entries, events, read
from trivia.generation.pipeline.lint import lint

Bank = tuple[FactQuestion, ...]

DATA = files("trivia.generation.facts") / "data"
MODULES = [import_module(f"trivia.generation.facts.{name}") for name in SUBJECTS if "." in name]
GROUPS = [value for module in MODULES for value in vars(module).values() if isinstance(value, Groups)]
CLUES = [value for module in MODULES for value in vars(module).values() if isinstance(value, Clues)]
TIMES = [value for module in MODULES for value in vars(module).values() if isinstance(value, Times)]

ASKED_FOR_FIRST = (
    "Science", "History", "Animals", "Astronomy", "Sport", "Film", "Music", "Geography", "Literature", "Art", "Food and Drink", "Mythology",
    "Video Games", "Television", "Nature", "Inventions", "People", "Holidays", "Cartoons", "Comics", "Anime and Manga", "Vehicles",
    "Technology", "General Knowledge", "Theatre and Musicals", "Mathematics", "Computing",
)  # fmt: skip


@pytest.mark.parametrize("topic", ASKED_FOR_FIRST)
def test_what_people_ask_for_first_has_questions_of_every_difficulty(bank: Bank, topic: str) -> None:
    counted = Counter(q.difficulty for q in bank if q.topic == topic)
    assert all(counted[each] >= 20 for each in ("easy", "medium", "hard")), counted


def test_no_template_makes_more_than_two_in_a_hundred_of_the_bank(bank: Bank) -> None:
    for subject in subjects():
        for template in subject.templates:
            assert template.starter <= 0.02 * len(bank), (subject.topic, template.make.__name__)


def test_every_template_has_a_name_of_its_own_within_its_topic() -> None:
    # Chance is seeded with it.
    names = Counter((subject.topic, template.make.__name__) for subject in subjects() for template in subject.templates)
    assert max(names.values()) == 1, names.most_common(3)


def test_the_lint_that_holds_for_machines_objects_to_none_of_them(bank: Bank) -> None:
    for q in bank:
        row = msgspec.convert({**msgspec.to_builtins(q), "content": "c", "org": "public"}, QuestionAdded)
        assert not lint(row), (lint(row), q)


def test_every_table_of_the_package_is_asked_about() -> None:
    asked = {table.table for table in (*GROUPS, *CLUES, *TIMES)} | {
        "derived/films", "derived/people", "derived/things", "derived/oscars", "derived/states", "derived/champions", "written/actors",
    }  # fmt: skip
    there = {
        f"{folder}/{file.name.removesuffix('.tsv')}"
        for folder in ("derived", "written")
        for file in (DATA / folder).iterdir()
    }
    assert asked == there


@pytest.mark.parametrize("groups", GROUPS, ids=lambda groups: groups.table)
def test_a_group_stands_once_and_a_member_of_two_groups_is_never_asked_about(groups: Groups) -> None:
    rows = entries(groups.table)
    assert len({row.group for row in rows}) == len(rows)
    kept = Counter(fold(member) for row in groups.rows for member in row.members)
    assert not kept or max(kept.values()) == 1
    for row in rows:
        assert row.fame in (1, 2, 3)
        assert 5 <= row.age <= 17
        assert all(member == member.strip() and member for member in row.members), row


@pytest.mark.parametrize("groups", GROUPS, ids=lambda groups: groups.table)
def test_a_wrong_option_never_belongs_to_the_group_that_is_asked_for(groups: Groups) -> None:
    owner = {fold(member): row.group for row in entries(groups.table) for member in row.members}
    rng = Random(1)
    for row in groups.rows:
        for member, other in groups.strangers(rng, row, 10):
            assert other.group != row.group
            assert owner[fold(member)] != row.group
        assert row.group not in [other.group for other in groups.rivals(row)]


@pytest.mark.parametrize("table", CLUES, ids=lambda table: table.table)
def test_a_clue_stands_once_and_has_others_of_its_kind(table: Clues) -> None:
    rows = clues(table.table)
    assert len({row.name for row in rows}) == len(rows)
    assert len({fold(row.clue) for row in rows}) == len(rows)
    kinds = Counter(row.kind for row in rows)
    assert min(kinds.values()) >= 4, kinds
    for row in rows:
        assert row.note.endswith((".", "!")), row
        assert not row.clue.endswith("."), row


@pytest.mark.parametrize("times", TIMES, ids=lambda times: times.table)
def test_what_happened_is_told_shortly_and_once(times: Times) -> None:
    rows = events(times.table)
    assert len({row.told for row in rows}) == len(rows)
    assert all(len(row.told) <= 80 and row.note.endswith(".") for row in rows)


def test_no_value_that_was_struck_out_is_still_in_its_table_and_each_has_its_reason() -> None:
    for table, value, reason in read("struck_out"):
        cells = {part for row in read(f"derived/{table}") for cell in row for part in cell.split("|")}
        assert value not in cells
        assert len(reason) >= 10


def test_every_derived_table_says_from_which_package_it_is() -> None:
    for file in (DATA / "derived").iterdir():
        assert re.match(r"# [a-z-]+ [\d.]+\S*, \S", file.read_text(encoding="utf-8")), file.name


def test_no_wrong_director_or_actor_has_to_do_with_the_film(bank: Bank) -> None:
    directors = {f.title: set(f.directors) for f in film.films()}
    cast = {f.title: set(f.actors) for f in film.films()}
    found = 0
    for q in bank:
        title = re.search(r"“(.+?)”", q.prompt)
        if q.topic != "Film" or not title or not re.search(r"\b(19|20)\d\d\b", q.prompt) or "Oscar" in q.prompt:
            continue
        if q.answer in directors.get(title[1], ()):
            found += 1
            assert not directors[title[1]] & {o for o in q.options if o != q.answer}, q
        elif q.answer in cast.get(title[1], ()):
            found += 1
            assert not (cast[title[1]] | directors[title[1]]) & {o for o in q.options if o != q.answer}, q
    assert found > 200


def test_of_films_the_one_that_came_out_first_is_the_oldest(bank: Bank) -> None:
    years = {f.title: f.year for f in film.films()}
    asked = [
        q for q in bank if q.topic == "Film" and re.search(r"came out first|is the oldest|before the others", q.prompt)
    ]
    assert len(asked) > 100
    assert all(q.answer == min(q.options, key=years.__getitem__) for q in asked)


def test_what_is_for_children_shows_no_name_of_what_is_for_grown_ups() -> None:
    for name in ("series", "cartoons", "games_characters"):
        groups = next(groups for groups in GROUPS if groups.table == f"written/{name}")
        for row in groups.rows:
            fit = groups.fit_rivals(row)
            assert len(fit) >= 3
            assert all(other.age <= max(row.age, 13) for other in fit), (
                row.group,
                [o.group for o in fit if o.age > 13],
            )


def draft(prompt: str, answer: str, wrong: list[str]) -> Draft:
    return Draft(prompt, answer, wrong, (6, 120), "easy", "Because.", "trivia tables 1")


def test_a_question_with_a_word_for_older_people_is_for_these_and_such_an_option_is_left_out() -> None:
    assert youngest("A glass of vodka") == 13
    fair = make_fair(draft("Which drink is called vodka in Russia?", "Water", ["Milk", "Tea", "Juice"]))
    assert fair is not None
    assert fair.ages == (13, 120)
    assert make_fair(draft("What do babies drink?", "Milk", ["Vodka", "Tea", "Juice"])) is None


def test_an_answer_that_its_length_would_tell_is_refused() -> None:
    assert make_fair(draft("What is it?", "something of quite unusual length", ["a", "b", "c"])) is None


@pytest.mark.parametrize("topic", ["Film", "Animals", "Music", "History", "Food and Drink"])
def test_a_job_finds_more_than_the_bank_has(bank: Bank, topic: str) -> None:
    known = {(fold(q.prompt), fold(q.answer)) for q in bank}
    new = 0
    for subject in subjects():
        if subject.topic == topic:
            for template in subject.templates:
                for each in islice(template.make(Random(5)), 400):
                    question = finish(topic, each)
                    new += question is not None and (fold(question.prompt), fold(question.answer)) not in known
    assert new > 30
