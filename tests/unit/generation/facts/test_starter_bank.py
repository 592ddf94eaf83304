import hashlib
import math
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from importlib import import_module
from itertools import islice
from random import Random

import msgspec
import pytest

from trivia.generation.facts import FactQuestion, generate, starter_bank, subjects, topics
from trivia.generation.facts.core import JUNIOR, Draft, Subject, finish, spread
from trivia.generation.providers.facts import YOUNGEST
from trivia.questions.bank.identity import content_identity

Bank = tuple[FactQuestion, ...]


def by_topic(bank: Bank) -> dict[str, list[FactQuestion]]:
    groups = defaultdict(list)
    for question in bank:
        groups[question.topic].append(question)
    return groups


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).lower())


CALCULATED = (
    "Geography", "World Cultures", "Languages", "Mathematics", "Logic and Puzzles", "Chemistry", "Astronomy", "Music", "Computing", "Calendar and Time",
    "Measures and Money", "Codes and Symbols", "Colours", "Words and Pictures",
)  # fmt: skip
"""Topics whose questions are calculated, or come from tables of libraries."""


def calculated_subjects() -> list[Subject]:
    names = "geography cultures languages mathematics logic chemistry astronomy music computing calendars measures codes colours words"
    found = [import_module(f"trivia.generation.facts.{name}").SUBJECT for name in names.split()]
    assert tuple(subject.topic for subject in found) == CALCULATED
    return found


def test_a_fresh_install_has_thousands_of_questions_in_well_balanced_topics(bank: Bank) -> None:
    sizes = {topic: len(questions) for topic, questions in by_topic(bank).items()}
    assert 18_000 <= len(bank) <= 40_000
    assert len(sizes) >= 10
    assert min(sizes.values()) >= 120
    assert max(sizes.values()) <= len(bank) / 4
    assert set(sizes) == set(topics())


def test_calculated_questions_are_a_small_part_of_a_large_bank_and_no_template_makes_many() -> None:
    # A fifth of a bank of 18,000, and one in fifty.
    assert sum(t.starter for subject in calculated_subjects() for t in subject.templates) <= 3_600
    assert max(t.starter for subject in subjects() for t in subject.templates) <= 360


@pytest.mark.parametrize("subject", calculated_subjects(), ids=lambda subject: subject.topic)
def test_every_template_makes_as_many_questions_as_the_bank_takes_of_it(subject: Subject) -> None:
    for template in subject.templates:
        drafts = islice(template.make(Random(f"{subject.topic}/{template.make.__name__}")), 5_000)
        fair = (question for draft in drafts if (question := finish(subject.topic, draft)))
        assert len(list(islice(fair, template.starter))) == template.starter, template.make.__name__


def test_every_difficulty_has_a_good_share_in_the_bank_and_some_in_each_topic(bank: Bank) -> None:
    shares = Counter(q.difficulty for q in bank)
    assert all(shares[d] >= len(bank) / 6 for d in ("easy", "medium", "hard"))
    for topic, questions in by_topic(bank).items():
        counted = Counter(q.difficulty for q in questions)
        assert all(counted[d] >= len(questions) / 12 for d in ("easy", "medium", "hard")), (topic, counted)


@pytest.mark.parametrize(
    ("age", "least"), [(5, 280), (6, 500), (8, 1_100), (10, 2_200), (12, 2_200), (15, 2_800), (40, 2_800), (90, 2_800)]
)
def test_there_is_plenty_for_every_age_from_five_on(bank: Bank, age: int, least: int) -> None:
    fitting = [q for q in bank if q.min_age <= age <= q.max_age]
    assert len(fitting) >= least
    assert len({q.topic for q in fitting}) >= 5


def test_every_question_has_four_different_options_one_of_which_is_the_answer(bank: Bank) -> None:
    for q in bank:
        assert len(q.options) == 4
        assert len({squeezed(o) for o in q.options}) == 4, q
        assert q.answer in q.options
        assert all(o == o.strip() and o for o in q.options)


def test_no_prompt_contains_its_answer(bank: Bank) -> None:
    for q in bank:
        if not any(c.isalnum() for c in q.answer):
            continue  # a picture in a row of pictures
        assert not re.search(rf"(?<!\w){re.escape(q.answer.lower())}(?!\w)", q.prompt.lower()), q
        assert len(q.answer) < 4 or q.answer.lower() not in q.prompt.lower(), q


def test_every_question_is_whole_and_fit_for_an_age(bank: Bank) -> None:
    for q in bank:
        assert 5 <= q.min_age <= q.max_age <= 120
        assert q.max_age - q.min_age >= 2
        assert 8 <= len(q.prompt) <= 240, q
        assert max(map(len, q.options)) <= 80, q
        assert 5 <= len(q.explanation) <= 200
        assert q.explanation.endswith((".", "!"))
        assert re.match(r"procedural: \w|Python \w|[a-z][a-z -]* \d", q.source), q.source
        text = " ".join((q.prompt, *q.options, q.explanation))
        assert text == " ".join(text.split()) or "●" in text or "▬" in text
        assert not re.search(
            r"[{}]|\ba [aeioAEIO][a-z]|^A [aeioAEIO][a-z]{3}|\ban [bcdfgjklmnpqrstvwxyz][a-z]|, The\b|\b(?!million)([a-z]+) \1\b",
            q.prompt,
        ), q.prompt


def test_the_provider_knows_from_which_age_on_there_are_questions(bank: Bank) -> None:
    # For younger ones it does not look.
    assert min(q.min_age for q in bank) == YOUNGEST


def test_no_question_is_in_the_bank_twice(bank: Bank) -> None:
    assert len({content_identity(q.prompt, q.options) for q in bank}) == len(bank)
    assert len({(squeezed(q.prompt), squeezed(q.answer)) for q in bank}) == len(bank)


def test_twenty_questions_drawn_from_a_topic_do_not_begin_alike(bank: Bank) -> None:
    for topic, questions in by_topic(bank).items():
        starts = Counter(" ".join(q.prompt.split()[:6]) for q in questions)
        assert starts.most_common(1)[0][1] <= len(questions) / 8, (topic, starts.most_common(1))
        assert len(starts) >= 20, topic


def test_the_answer_stands_in_each_of_the_four_places_equally_often(bank: Bank) -> None:
    groups = {"all": list(bank)} | by_topic(bank)
    for topic, questions in groups.items():
        counted = Counter(q.options.index(q.answer) for q in questions)
        expected = len(questions) / 4
        chi_square = sum((counted[place] - expected) ** 2 / expected for place in range(4))
        assert chi_square < 16.27, (topic, counted)  # exceeded by chance once in a thousand, three degrees of freedom


def test_the_answer_is_not_the_longest_option_more_often_than_chance(bank: Bank) -> None:
    for topic, questions in ({"all": list(bank)} | by_topic(bank)).items():
        longest = sum(all(len(q.answer) > len(o) for o in q.options if o != q.answer) for q in questions)
        bound = len(questions) / 4 + 3 * math.sqrt(len(questions) * 3 / 16)
        assert longest <= bound, (topic, longest)


def test_among_options_of_different_length_the_answer_is_neither_the_longest_nor_the_shortest_too_often(
    bank: Bank,
) -> None:
    uneven = [q for q in bank if len({len(o) for o in q.options}) == 4]
    assert len(uneven) > 500
    for pick in (max, min):
        share = sum(pick(q.options, key=len) == q.answer for q in uneven) / len(uneven)
        assert 0.2 <= share <= 0.28, (pick, share)


def test_among_numbers_the_answer_has_any_rank(bank: Bank) -> None:
    ranks = Counter(
        sorted(int(o.replace(",", "")) for o in q.options).index(int(q.answer.replace(",", "")))
        for q in bank
        if all(re.fullmatch(r"[\d,]+", o) for o in q.options)
    )
    total = ranks.total()
    assert total > 300
    assert all(0.15 <= ranks[r] / total <= 0.35 for r in range(4)), ranks


PROGRAM = """
import hashlib, msgspec
from trivia.generation.facts import starter_bank
digest = hashlib.sha256()
for question in starter_bank():
    digest.update(msgspec.json.encode(question))
print(digest.hexdigest())
"""


@pytest.mark.timeout(240)  # two interpreters make the whole bank, beside whatever else runs
def test_the_bank_is_the_same_to_the_byte_in_every_process(bank: Bank) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "271828")
    ]
    printed = {process.communicate()[0].strip() for process in processes}
    here = hashlib.sha256(b"".join(msgspec.json.encode(q) for q in bank)).hexdigest()
    assert printed == {here}


def test_importing_the_package_loads_no_data_library_and_no_web_framework() -> None:
    program = "import sys, trivia.generation.facts; print(*sorted({'babel', 'countryinfo', 'emoji', 'ephem', 'litestar', 'molmass', 'webcolors'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == ""
    )


def test_making_the_bank_twice_in_one_process_gives_the_same(bank: Bank) -> None:
    assert list(islice(starter_bank(), 300)) == list(bank[:300])


def test_more_questions_of_a_topic_come_without_end_where_they_are_calculated(bank: Bank) -> None:
    known = {content_identity(q.prompt, q.options) for q in bank}
    more = list(
        islice(
            (q for q in generate("mathematics", None, 7) if content_identity(q.prompt, q.options) not in known), 2_000
        )
    )
    assert len(more) == 2_000
    assert {q.topic for q in more} == {"Mathematics"}


@pytest.mark.parametrize("topic", ["Geography", "Chemistry", "Languages", "World Cultures", None])
@pytest.mark.parametrize("age", [6, 9, 14, 40])
def test_generated_questions_fit_the_topic_and_the_age_that_were_asked_for(topic: str | None, age: int) -> None:
    for q in islice(generate(topic, age, 3), 60):
        assert q.min_age <= age <= q.max_age
        assert topic in (None, q.topic)


def test_generated_questions_come_from_all_templates_in_turn() -> None:
    starts = {" ".join(q.prompt.split()[:3]) for q in islice(generate("Geography", None, 5), 40)}
    assert len(starts) >= 12


def test_another_seed_gives_other_questions_and_the_same_seed_the_same() -> None:
    first, again, other = (list(islice(generate("Music", 30, seed), 50)) for seed in (1, 1, 2))
    assert first == again
    assert len({q.prompt for q in first} & {q.prompt for q in other}) < 25


def test_a_topic_that_holds_only_facts_comes_to_an_end_for_an_age() -> None:
    assert 0 < len(list(generate("Chemistry", 8, 1))) < 2_000


def test_an_unknown_topic_and_an_age_without_questions_give_nothing() -> None:
    assert list(generate("Gossip", None, 1)) == []
    assert list(generate("Computing", 2, 1)) == []


def test_wrong_numbers_keep_within_their_bounds_and_the_right_one_has_any_rank_that_these_allow() -> None:
    rng = Random(1)
    for right, step, least, most in ((5, 1, 1, 6), (5, 1, 5, 99), (5, 1, 0, 5), (50, 10, 20, 80), (5, 2, 0, 99)):
        ranks = set()
        for _ in range(200):
            wrong = spread(rng, right, step, least=least, most=most)
            assert len(set(wrong)) == 3
            assert all(least <= n <= most and n != right and (n - right) % step == 0 for n in wrong)
            ranks.add(sum(n < right for n in wrong))
        below, above = (right - least) // step, (most - right) // step
        assert ranks == set(range(max(0, 3 - above), min(3, below) + 1))
    assert len(spread(rng, 2, 1, least=1, most=3)) < 3


def draft(prompt: str, answer: str, wrong: list[str]) -> Draft:
    return Draft(prompt, answer, wrong, JUNIOR, "easy", "Because.", "procedural: test")


@pytest.mark.parametrize(
    ("prompt", "answer", "wrong"),
    [
        ("What is the capital of Mexico, Mexico City?", "Mexico City", ["Lima", "Rome", "Oslo"]),
        ("What is 24 less 20, if not 4?", "4", ["1", "2", "3"]),
        ("Two wrong options are too few.", "a", ["b", "c"]),
        ("Options that only differ in case are the same.", "a", ["b", "B", "c"]),
        ("Options that only differ in spacing are the same.", "a", ["b - c", "b-c", "d"]),
        ("The answer again is no wrong option.", "Answer!", ["ANSWER !", "b", "c"]),
    ],
)
def test_a_draft_that_cannot_make_a_fair_question_is_refused(prompt: str, answer: str, wrong: list[str]) -> None:
    assert finish("Test", draft(prompt, answer, wrong)) is None


def test_a_draft_with_enough_wrong_options_becomes_a_question() -> None:
    question = finish("Test", draft("What comes after 24?", "4", ["1", "2", "3", "2"]))
    assert question is not None
    assert sorted(question.options) == ["1", "2", "3", "4"]
