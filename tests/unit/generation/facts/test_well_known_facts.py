"""Facts that everybody can look up, written down here by hand and independently of the tables."""

import pytest

from trivia.generation.facts import FactQuestion
from trivia.generation.facts.asking.common import capital
from trivia.generation.facts.tables import clues, entries, events, read

MEMBERS = [
    ("written/books", "Jane Austen", "Pride and Prejudice"),
    ("written/books", "George Orwell", "Animal Farm"),
    ("written/books", "J. R. R. Tolkien", "The Hobbit"),
    ("written/books", "Roald Dahl", "Matilda"),
    ("written/songs", "Queen", "Bohemian Rhapsody"),
    ("written/songs", "ABBA", "Waterloo"),
    ("written/albums", "Pink Floyd", "The Dark Side of the Moon"),
    ("written/bands", "The Beatles", "Ringo Starr"),
    ("written/composers", "Antonio Vivaldi", "The Four Seasons"),
    ("written/composers", "Giuseppe Verdi", "Nabucco"),
    ("written/paintings", "Johannes Vermeer", "Girl with a Pearl Earring"),
    ("written/paintings", "Edvard Munch", "The Scream"),
    ("written/series", "Friends", "Chandler Bing"),
    ("written/cartoons", "SpongeBob SquarePants", "Patrick Star"),
    ("written/film_characters", "Star Wars", "Darth Vader"),
    ("written/games_characters", "The Legend of Zelda", "Ganondorf"),
    ("written/comics", "Marvel", "Spider-Man"),
    ("written/comics", "DC Comics", "Batman"),
    ("written/anime", "Naruto", "Sasuke Uchiha"),
    ("written/plays", "Anton Chekhov", "The Cherry Orchard"),
    ("written/musicals", "The Sound of Music", "Edelweiss"),
    ("written/sport_stars", "tennis", "Steffi Graf"),
    ("written/players_country", "Brazil", "Pelé"),
    ("written/dishes", "Japan", "sushi"),
    ("written/cheeses", "Greece", "feta"),
    ("written/landmarks", "Jordan", "Petra"),
    ("written/landmarks", "Peru", "Machu Picchu"),
    ("written/gods", "Norse", "Thor"),
    ("written/leaders", "Cuba", "Fidel Castro"),
    ("written/wars", "American Civil War", "Gettysburg"),
    ("written/deeds", "Alexander Fleming", "penicillin"),
    ("written/moons", "Mars", "Phobos"),
    ("written/constellations", "Orion", "Betelgeuse"),
    ("written/animal_classes", "mammals", "bat"),
    ("written/animal_orders", "marsupials", "koala"),
    ("written/rivers", "the Danube", "Vienna"),
    ("written/word_origins", "Japanese", "tsunami"),
    ("derived/pokemon", "Fire", "Charmander"),
    ("derived/cars", "Toyota", "Corolla"),
    ("derived/games", "Nintendo 64", "Pokémon Snap"),
]


@pytest.mark.parametrize(("table", "group", "member"), MEMBERS)
def test_what_belongs_together_stands_together(table: str, group: str, member: str) -> None:
    assert {row.group for row in entries(table) if member in row.members} == {group}


@pytest.mark.parametrize(
    ("told", "year"),
    [
        ("The Battle of Hastings was fought", 1066),
        ("Columbus reached the Americas", 1492),
        ("The Bastille was stormed", 1789),
        ("The Titanic sank", 1912),
        ("The Second World War ended", 1945),
        ("People first walked on the Moon", 1969),
        ("The Berlin Wall fell", 1989),
        ("Julius Caesar was killed", -44),
    ],
)
def test_what_happened_has_its_year(told: str, year: int) -> None:
    assert [event.year for event in events("written/events") if event.told == told] == [year]


@pytest.mark.parametrize(
    ("table", "name", "part"),
    [
        ("written/animal_clues", "the giraffe", "longest neck"),
        ("written/myth_clues", "Medusa", "snakes"),
        ("written/science_clues", "an omnivore", "plants and meat"),
        ("written/space_clues", "Saturn", "rings"),
        ("written/holiday_clues", "Diwali", "lights"),
        ("written/nature_clues", "a glacier", "river of ice"),
    ],
)
def test_a_clue_says_what_is_so(table: str, name: str, part: str) -> None:
    assert part in next(row.clue for row in clues(table) if row.name == name)


@pytest.mark.parametrize(
    ("title", "year", "director"),
    [
        ("Jaws", "1975", "Steven Spielberg"),
        ("Casablanca", "1942", "Michael Curtiz"),
        ("Titanic", "1997", "James Cameron"),
        ("Inception", "2010", "Christopher Nolan"),
        ("Pulp Fiction", "1994", "Quentin Tarantino"),
    ],
)
def test_a_film_has_its_year_and_director(title: str, year: str, director: str) -> None:
    assert (year, director) in {(row[1], row[2]) for row in read("derived/films") if row[0] == title}


def test_states_and_champions_and_awards_are_as_known() -> None:
    states = {state: (capital_city, joined) for state, capital_city, joined in read("derived/states")}
    assert len(states) == 50
    assert states["Texas"] == ("Austin", "1845")
    assert states["Hawaii"] == ("Honolulu", "1959")
    assert "2019" in next(row[3] for row in read("derived/champions") if row[0] == "Toronto Raptors").split("|")
    assert ("Russell Crowe", "Best actor", "Gladiator", "2001") in read("derived/oscars")


def test_people_are_as_an_encyclopaedia_has_them() -> None:
    people = {row[0]: row for row in read("derived/people")}
    assert people["Isaac Newton"][1] == "English"
    assert people["Isaac Newton"][6] == "1727"
    assert people["Louis Pasteur"][1] == "French"


def test_a_question_speaks_of_countries_with_their_article(bank: tuple[FactQuestion, ...]) -> None:
    for q in bank:
        if q.source == "trivia tables 1":
            assert " in Netherlands" not in q.prompt
            assert "from United States" not in q.prompt + q.explanation


def test_options_begin_with_a_capital_unless_the_name_has_its_own() -> None:
    assert capital("the Cheshire Cat") == "The Cheshire Cat"
    assert capital("iPhone") == "iPhone"
    assert capital("a-ha") == "a-ha"
