"""Sport: stars, teams, words, venues and trophies."""

from collections.abc import Iterator
from random import Random

from trivia.generation.facts.asking.common import WRITTEN, choose, difficulty, from_age, known_first, sample, template
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Draft, Subject
from trivia.generation.facts.tables import listed, read

STARS = Groups("written/sport_stars", "{m} became known in {g}", "Others: {s}.", WRITTEN)
PLAYERS = Groups("written/players_country", "{m} has played football for {g}", "Others: {s}.", WRITTEN)
TEAMS = Groups("written/teams", "the name {m} stands for {g}", "Others: {s}.", WRITTEN, late=False)
TERMS = Groups("written/sport_terms", "the term “{m}” belongs to {g}", "Others: {s}.", WRITTEN)
VENUES = Groups("written/venues", "{m} is known from {g}", "Others: {s}.", WRITTEN)
LEAGUE = "nba-api 1.12.0"


def champion_of_a_year(rng: Random) -> Iterator[Draft]:
    """Which basketball team won the championship of a year."""
    rows = read("derived/champions")
    won = [(int(year), team) for team, _, _, years in rows for year in listed(years)]
    for year, team in known_first(rng, won, lambda each: 1 if each[0] >= 1990 else 3):
        wrong = sorted({t for y, t in won if abs(y - year) <= 12 and (year, t) not in won} - {team})
        prompt = choose(
            ("Which team won the NBA championship in {y}?", "Who were the NBA champions of {y}?"), f"{year}"
        )
        yield Draft(
            prompt.format(y=year), team, sample(rng, wrong), from_age(12), difficulty(2 if year >= 2000 else 3),
            f"The {team} won the NBA championship in {year}.", LEAGUE, f"nba:{year}",
        )  # fmt: skip


SUBJECT = Subject(
    "Sport",
    (
        group_of(
            STARS, "sport_of_a_star", 210,
            ("In which sport did {m} become famous?", "For which sport is {m} known?", "{m} is a great name in which sport?", "Which sport made {m} famous?"),
        ),
        member_of(STARS, "star_of_a_sport", 170, ("Which of these people is known for {g}?", "Whose sport is {g}?", "Who became famous in {g}?")),
        odd_one_out(
            STARS, "star_of_another_sport", 60,
            ("Three of these became famous in {g}. Which one did not?", "Only one of these is not known for {g}. Which?"),
            "{m} is known for {o}; the other three for {g}.",
        ),
        group_of(PLAYERS, "country_of_a_player", 100, ("For which country did {m} play football?", "The footballer {m} played for which national team?")),
        member_of(PLAYERS, "player_of_a_country", 75, ("Which of these footballers has played for {g}?", "Who played football for {g}?")),
        group_of(TEAMS, "sport_of_a_team", 70, ("The name {m} stands for which sport?", "{m} is a famous name in which sport?")),
        group_of(
            TERMS, "sport_of_a_term", 125,
            ("In which sport or game would you come across the term “{m}”?", "“{m}” is a term from which sport or game?", "Which sport or game has the term “{m}”?"),
        ),
        member_of(TERMS, "term_of_a_sport", 95, ("Which of these terms belongs to {g}?", "Which of these would you hear in {g}?")),
        group_of(VENUES, "sport_of_a_venue", 70, ("Which sport is {m} famous for?", "For which sport is {m} known?")),
        member_of(VENUES, "venue_of_a_sport", 70, ("Which of these is famous in {g}?", "Which of these stands for {g}?")),
        template("champion_of_a_year", 25, champion_of_a_year),
    ),
)  # fmt: skip
