"""Space: moons, stars and spacecraft; they join the subject of astronomy."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

STARS = Groups("written/constellations", "{m} is part of the constellation {g}", "Others: {s}.", WRITTEN)
CRAFT = Groups("written/spacecraft", "{m} went to {g}", "Others: {s}.", WRITTEN)
MOONS = Groups("written/moons", "{m} is a moon of {g}", "Others: {s}.", WRITTEN)
CLUES = Clues("written/space_clues", WRITTEN)

SUBJECT = Subject(
    "Astronomy",
    (
        thing(CLUES, "thing_in_space", 75, ("Which {k} {c}?", "Name the {k} {w} {c}.", "Which {k} is meant: one {w} {c}?")),
        meaning(CLUES, "clue_in_space", 75, ("Which of these describes {m}?", "Which of these is true of {m}?")),
        group_of(STARS, "constellation_of_a_star", 38, ("In which constellation is {m}?", "{m} is part of which constellation?")),
        member_of(STARS, "star_of_a_constellation", 34, ("Which of these is part of the constellation {g}?", "What can be found in the constellation {g}?")),
        group_of(CRAFT, "target_of_a_spacecraft", 34, ("What did {m} explore?", "To what in space was {m} sent?")),
        member_of(CRAFT, "spacecraft_of_a_target", 30, ("Which of these was sent to {g}?", "Which of these explored {g}?")),
        group_of(MOONS, "planet_of_a_moon", 34, ("{m} is a moon of which planet or dwarf planet?", "Around which of these does the moon {m} go?")),
        member_of(MOONS, "moon_of_a_planet", 30, ("Which of these is a moon of {g}?", "{g} has a moon with which name?")),
        odd_one_out(MOONS, "moon_of_another_planet", 15, ("Three of these are moons of {g}. Which one is not?",), "{m} belongs to {o}; the other three to {g}."),
    ),
)  # fmt: skip
