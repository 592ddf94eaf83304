"""Literature: books and who wrote them, characters and the books they are from."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

BOOKS = Groups("written/books", "“{m}” was written by {g}", "Other works: {s}.", WRITTEN)
CHARACTERS = Groups("written/book_characters", "{m} is a character in {g}", "Others: {s}.", WRITTEN)
PLACES = Groups("written/fictional_places", "{m} is a place in {g}", "Others: {s}.", WRITTEN, late=False)
NAMES = Groups("written/pen_names", "{m} is the real name of {g}", "", WRITTEN, beside="{m} became known as {g}.")

SUBJECT = Subject(
    "Literature",
    (
        group_of(
            BOOKS, "author_of_a_book", 205,
            ("Who wrote “{m}”?", "Which author wrote “{m}”?", "“{m}” is a work by which writer?", "Whose work is “{m}”?", "Which writer gave the world “{m}”?"),
        ),
        member_of(
            BOOKS, "book_by_an_author", 205,
            ("Which of these was written by {g}?", "Which of these is a work by {g}?", "{g} wrote which of these?", "Which title here belongs to {g}?"),
        ),
        same_group(
            BOOKS, "author_of_two_books", 125,
            ("Who wrote both “{m}” and “{s}”?", "“{m}” and “{s}” are by the same author. Who is it?", "Which author is behind “{m}” as well as “{s}”?"),
        ),
        odd_one_out(
            BOOKS, "book_by_another_author", 95,
            ("Three of these were written by {g}. Which one was not?", "Only one of these is not by {g}. Which?"),
            "“{m}” is by {o}; {g} wrote the other three.",
        ),
        group_of(
            CHARACTERS, "book_of_a_character", 160,
            ("In which book do we meet {m}?", "{m} appears in which of these?", "Which book has a character called {m}?", "Where in literature is {m} at home?"),
        ),
        member_of(
            CHARACTERS, "character_of_a_book", 150,
            ("Which of these is a character in “{g}”?", "Who appears in “{g}”?", "Which of these would you meet while reading “{g}”?"),
        ),
        group_of(
            PLACES, "story_of_a_place", 65,
            ("{m} is a place in which story?", "In which story is {m} found?", "Which story takes its readers or viewers to {m}?"),
        ),
        group_of(
            NAMES, "known_by_another_name", 65,
            ("By what name is {m} better known?", "Under which name did {m} become famous?", "{m} is the real name of whom?"),
        ),
    ),
)  # fmt: skip
