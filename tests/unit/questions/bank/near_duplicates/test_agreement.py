from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.questions.bank.near_duplicates.asking import OPTIONS, ask, find
from trivia.questions.bank.near_duplicates import lexicon
from trivia.questions.bank.near_duplicates.agreement import Agreement, compare
from trivia.questions.bank.near_duplicates.gist import Gist
from trivia.questions.bank.near_duplicates.word_counts import WordCounts

SAME_FACT = [
    ("What is the capital of Portugal?", "What is the capital city of Portugal?"),
    ("Which city is the capital of Portugal?", "Name the capital of Portugal."),
    ("WHAT IS THE CAPITAL OF PORTUGAL", "What's the capital of Portugal?"),
    ("What is the capital of Portugal?", "What is the capitla of Portugal?"),
    ("Where did the explorer Magellan set sail from?", "Where did the explorer Magelan set sail from?"),
    ("In 1998, which city held the world exhibition?", "Which city held the world exhibition in 1998?"),
    (
        "Who was the first woman to sail round the world, in 1766?",
        "In 1766, who was the first woman to sail round the world?",
    ),
    ("Which color is the roof of the opera?", "Which collor is the roof of the opera?"),
    ("Where do the bakers of Porto meet bakers of Faro?", "Where do the bakers of Porto meet bakres of Faro?"),
    ("Which city held 12 exhibitions?", "Which city held twelve exhibitions?"),
    ("Which city held the World's Fair?", "Which city held the Worlds Fair?"),
    ("Which large town was hit by an earthquake in 1755?", "Which big city was hit by an earthquake in 1755?"),
    ("Where does the river Tejo reach the sea?", "Where does the Tejo reach the sea?"),
    ("In which city did Zé meet Inês and Rui?", "In which city did Zé meet Rui and Inês?"),
    ("In which city is the Belém Tower?", "In which city is the Belem Tower?"),
    ("Where is the Valley of the Queens?", "Where is the Vаlley of the Queens?"),  # noqa: RUF001 - the point
]

REAL_LIFE = [
    # A clue more, or another way to say it, as people who write quizzes do.
    (("Who sang Lua Cheia?", "Amália"), ("Which Portuguese singer had a hit in 1964 with the song Lua Cheia?", "Amália")),
    (("Which river is the longest of the Iberian Peninsula?", "Tagus"),
     ("What is the name of the longest river on the Iberian Peninsula?", "The Tagus")),
    (("What year did the Lisbon Oceanarium open?", "1998"),
     ("In which year was the Oceanarium of Lisbon opened?", "May 22, 1998")),
    (("Who was the 23rd abbot of Alcobaça?", "Pedro"), ("Who was the twenty-third abbot of Alcobaca?", "Pedro")),
    (("How many windows has the tower of Belmonte?", "120"), ("The Belmonte tower has how many windows?", "120 windows")),
    (("Which French admiral sank at Cape Espichel?", "De la Clue"), ("Which admiral of France sank at Cape Espichel?", "De La Clue")),
    (("What is the capital of Moldavia?", "Chisinau"), ("What is the capital of Moldavia?", "Chisinev")),
    (("Which U.S. state has the nickname Quahog State?", "Rhode Island"),
     ("This state of the United States is nicknamed the Quahog State.", "Rhode Island")),
    (("Who wrote the novel Twenty Thousand Cobblestones?", "Sá"), ("Who is the author of '20,000 Cobblestones'?", "Sá")),
]  # fmt: skip

UNSURE = [
    (("What goes into a caldo verde soup?", "Kale, potatoes and oil"), ("Which vegetable goes into caldo verde soup?", "Kale")),
    (("Which pigment makes the tiles of Sintra magenta?", "Oxide"), ("Which pigment makes the tiles of Sintra cyan?", "Oxide")),
]  # fmt: skip

OTHER_FACT = [
    ("Who won at Le Mans in 2016?", "Who won at Le Mans in 2017?"),
    ("Who was the first king of the country?", "Who was the last king of the country?"),
    (
        "What has a male lion for its father and a female tiger?",
        "What has a male tiger for its father and a female lion?",
    ),
    ("In which town did Benfica beat Sporting?", "In which town did Sporting beat Benfica?"),
    ("Where did the train from Porto to Faro stop?", "Where did the train from Faro to Porto stop?"),
    ("Which city is a capital?", "Which city is not a capital?"),
    ("Which city isn't a port?", "Which city is a port?"),
    ("Where did Magellan set sail from?", "Where did Cabral set sail from?"),
    ("Where does vitamin C come from?", "Where does vitamin K come from?"),
    ("Where did Henry VIII stay?", "Where did Henry VII stay?"),
    ("Which town lies north of the river Tejo?", "Which town lies south of the river Tejo?"),
    ("Which continent is Gambia a part of?", "Which continent is Zambia a part of?"),
    ("What is 7 - 4?", "What is 7 + 4?"),
    ("What is 12 - 5?", "What is 5 - 12?"),
    ("Which interval leads from D up to G?", "Which interval leads from G up to D?"),
    ("What is the value of -4 squared?", "What is the value of 4 squared?"),
    ("Name the composer of Fado Loucura.", "Name the composer of Fado Tropical."),
]


@pytest.mark.parametrize(("one", "other"), SAME_FACT)
async def test_another_wording_asks_for_the_same_fact(one: str, other: str) -> None:
    assert await find(ask(one), ask(other))
    assert await find(ask(other), ask(one))


@pytest.mark.parametrize(("one", "other"), OTHER_FACT)
async def test_a_word_that_matters_makes_another_fact(one: str, other: str) -> None:
    assert not await find(ask(one), ask(other))
    assert not await find(ask(other), ask(one))


@pytest.mark.parametrize(("one", "other"), REAL_LIFE)
async def test_people_who_write_quizzes_ask_for_the_same_fact_in_many_ways(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    for a, b in ((one, other), (other, one)):
        found = await find(ask(*a), ask(*b))
        assert found is not None
        assert found.certain


@pytest.mark.parametrize(("one", "other"), UNSURE)
async def test_what_a_person_has_to_look_at_is_found_but_not_certain(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    for a, b in ((one, other), (other, one)):
        found = await find(ask(*a), ask(*b))
        assert found is not None
        assert not found.certain


async def test_an_answer_that_many_questions_have_says_little() -> None:
    other = ask("How many of the bells of the tower of Mafra were cast in Antwerp?", "7")
    assert not await find(ask("How many tourists can ride up the tower at once?", "7"), other)
    assert not await find(
        ask("Is the tower of Mafra the tallest?", "True"), ask("Has the tower of Mafra a clock?", "True")
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C++", "C#"),
        ("cos(x)", "-cos(x)"),
        ("-4", "4"),
        ("-4 degrees", "4 degrees"),
        ("Austria", "Australia"),
        ("2", "3"),
    ],
)
async def test_answers_that_differ_by_a_sign_make_two_questions(one: str, other: str) -> None:
    prompt = "What comes out of the long machine in the yard?"
    assert not await find(ask(prompt, one), ask(prompt, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fernando Pessoa", "Pessoa"),
        ("The Lusiads", "Lusiads"),
        ("Pesoa", "Pessoa"),
        ("3,072", "3072"),
        ("You got it, dude!", "You got it dude"),
    ],
)
async def test_an_answer_may_be_spelt_otherwise(one: str, other: str) -> None:
    prompt = "What is written on the first page of the old book?"
    assert await find(ask(prompt, one), ask(prompt, other))


async def test_what_is_wrong_in_one_question_is_not_the_answer_of_the_other_misspelt() -> None:
    prompt = "What is written on the first page of the old book?"
    assert not await find(ask(prompt, "Pesoa", ("Pesoa", "Pessoa", "Porto", "Rome")), ask(prompt, "Pessoa"))


async def test_a_prompt_that_says_nothing_without_its_options_is_compared_with_them() -> None:
    others = ("Lisbon", "Oslo", "Bern", "Riga")
    for prompt in ("Name the composer.", "Which of these cities is the largest?", "Who wrote the lines above?"):
        assert not await find(ask(prompt, options=others), ask(prompt))
        assert await find(ask(prompt, options=("Lisbon", "Madrid", "Porto", "Riga")), ask(prompt))


@pytest.mark.parametrize(
    "other", ["Which city has 13 towers?", "Which city has not 12 towers?", "Which city has +12 towers?"]
)
def test_numbers_signs_and_negations_count_however_two_questions_came_to_be_compared(other: str) -> None:
    one, another = (Gist(prompt, OPTIONS, "Lisbon") for prompt in ("Which city has 12 towers?", other))
    assert compare(one, one, WordCounts()) is Agreement.SAME
    assert compare(one, another, WordCounts()) is Agreement.OTHER


async def test_the_same_prompt_with_another_answer_is_another_question() -> None:
    assert not await find(ask("Name the composer.", "Lisbon"), ask("Name the composer.", "Madrid"))


async def test_words_of_the_bank_are_no_slips_for_each_other() -> None:
    bank = [
        ask("Where do marches end?", "Porto"),
        ask("Where are matches made?"),
        ask("Where are matches sold?", "Rome"),
    ]
    assert await find(ask("Where are mitches made?"), *bank)
    assert not await find(ask("Where are marches made?"), *bank, ask("Where do marches begin?", "Rome"))


PROMPTS = st.sampled_from([prompt for pair in SAME_FACT + OTHER_FACT for prompt in pair])


@given(PROMPTS, st.permutations(OPTIONS), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
async def test_a_question_in_other_letters_and_with_its_options_reordered_is_always_found(
    prompt: str, options: list[str], recase: object
) -> None:
    assert callable(recase)
    assert await find(ask(recase(prompt), options=options), ask(prompt))


@given(
    st.lists(
        st.sampled_from("river treaty island comet engine of the in who which was".split()), min_size=1, max_size=9
    ),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 9),
)
async def test_a_question_with_another_number_never_is(words: list[str], one: int, other: int, place: int) -> None:
    assume(one != other)
    prompts = [" ".join([*words[:place], str(number), *words[place:]]) + "?" for number in (one, other)]
    assert not await find(ask(prompts[0]), ask(prompts[1]))


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
async def test_any_text_can_be_compared_and_is_like_itself(prompt: str, answer: str) -> None:
    question = ask(f"What {prompt}?", answer)
    assert await find(question, question)


def test_the_rules_name_no_answer_of_a_test() -> None:
    # Words that were put into the lexicon to make these tests pass would say nothing of other questions.
    text = Path(lexicon.__file__).read_text(encoding="utf-8")
    assert not [word for word in ("magellan", "benfica", "tejo", "loucura") if word in text]
