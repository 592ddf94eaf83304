"""When two questions are the same question."""

import itertools
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia.questions.bank.identity import content_identity, fold_all, question_stream

MARKS = string.punctuation
WORDS = st.lists(
    st.one_of(
        st.text(string.ascii_letters + string.digits, min_size=1, max_size=6),
        st.sampled_from(MARKS),
        st.sampled_from(["Ñandú", "Straße", "Κύμα", "Вода", "日本", "ﬁn", "…", "«", "½", "की", "e\u0301"]),
    ),
    min_size=1,
    max_size=8,
)
SPACES = st.sampled_from([" ", "  ", "\t", "\n", " \u00a0 ", "\u2003"])
QUESTIONS = st.tuples(WORDS, st.lists(WORDS, min_size=4, max_size=4))


def fold(text: str) -> str:
    return fold_all([text])[0]


@given(QUESTIONS, st.randoms())
def test_the_order_of_options_does_not_matter(question, dice) -> None:
    prompt, options = " ".join(question[0]), [" ".join(option) for option in question[1]]
    assert content_identity(prompt, dice.sample(options, 4)) == content_identity(prompt, options)


@given(WORDS, st.data())
def test_how_words_are_spaced_does_not_matter(words, data) -> None:
    spaced = "".join(word + data.draw(SPACES) for word in words)
    assert fold(data.draw(SPACES) + spaced) == fold(" ".join(words))


@given(WORDS, st.data())
def test_whether_there_is_a_space_beside_punctuation_does_not_matter(words, data) -> None:
    tight = words[0]
    for before, after in itertools.pairwise(words):
        beside = before in MARKS or after in MARKS
        tight += (data.draw(st.sampled_from(["", " "])) if beside else " ") + after
    assert fold(tight) == fold(" ".join(words))


@given(st.text(string.printable))
def test_capitals_do_not_matter(text) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(st.text())
def test_how_characters_are_composed_does_not_matter(text) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFKC", text)) == fold(text)


@given(st.lists(st.text(string.ascii_lowercase, min_size=1), min_size=2, max_size=6), st.data())
def test_other_words_make_another_question(words, data) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(st.text(string.ascii_lowercase, min_size=1).filter(lambda word: word != words[place]))
    changed = [*words[:place], other, *words[place + 1 :]]
    options = ["a", "b", "c", "d"]
    assert content_identity(" ".join(changed), options) != content_identity(" ".join(words), options)
    assert content_identity("?", [" ".join(changed), "b", "c", "d"]) != content_identity(
        "?", [" ".join(words), "b", "c", "d"]
    )


@given(st.lists(st.text(string.printable), min_size=1, max_size=5), st.lists(st.text(string.printable), max_size=5))
def test_texts_folded_together_are_as_if_folded_alone(texts, more) -> None:
    together = fold_all([*texts, "Köln", *more])
    assert together == [fold(text) for text in [*texts, "Köln", *more]]
    assert fold_all(texts) == [fold(text) for text in texts]


@given(st.text())
def test_a_folded_text_has_no_line_break_and_no_space_at_its_ends(text) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C++", "C#"),
        ("-4", "4"),
        ("cos(x)", "-cos(x)"),
        ("2016 Le Mans", "2017 Le Mans"),
        ("The Valley of the Kings", "Тhe Valley of the Kings"),  # noqa: RUF001 - the point is that they look alike
        ("male lion and female tiger", "female lion and male tiger"),
        ("ab", "a b"),
        ("का ला", "काला"),
    ],
)
def test_what_differs_in_meaning_differs_in_identity(one: str, other: str) -> None:
    assert fold(one) != fold(other)
    assert content_identity("?", [one, "b", "c", "d"]) != content_identity("?", [other, "b", "c", "d"])


def test_questions_that_share_the_prompt_alone_are_two() -> None:
    assert content_identity("Name the composer.", ["Bach", "Liszt", "Verdi", "Weill"]) != content_identity(
        "Name the composer.", ["Bach", "Liszt", "Verdi", "Holst"]
    )


def test_where_the_prompt_ends_and_an_option_begins_matters() -> None:
    assert content_identity("a", ["b\nc", "d"]) != content_identity("a\nb", ["c", "d"])
    assert content_identity("a|b", ["c", "d"]) != content_identity("a", ["b|c", "d"])


def test_the_identity_is_what_was_stored_for_it_in_earlier_versions() -> None:
    # A change here would let every question of every bank enter once more.
    assert content_identity(" What  is 2+2 ?", ["4", "Five", "3", "- 4"]) == (
        "9999672b71dacdb2c6f48c075ab65430301540a69833bc2973bbe05d7aa94f77"
    )
    assert content_identity("¿Dónde está Æbeltoft ?", ["Dänemark", "…", "ﬁn", "½"]) == (
        "22bab7072848ac4e00f1cf9b932a3c5d86b9f4891fcc8927b5dea789a4f34859"
    )


def test_each_organisation_has_its_own_stream_for_a_question() -> None:
    content = content_identity("a", ["b", "c", "d", "e"])
    assert question_stream("public", content) == f"question-{content}"
    assert question_stream("quizzers", content) == f"question-quizzers-{content}"
