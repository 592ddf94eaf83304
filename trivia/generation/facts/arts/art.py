"""Art: paintings, sculptures and buildings and who made them."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

PAINTINGS = Groups("written/paintings", "“{m}” is by {g}", "Other works: {s}.", WRITTEN)
SCULPTURES = Groups("written/sculptures", "{m} is by {g}", "Others: {s}.", WRITTEN)
BUILDINGS = Groups("written/buildings", "{m} was designed by {g}", "Other works: {s}.", WRITTEN)

SUBJECT = Subject(
    "Art",
    (
        group_of(
            PAINTINGS, "painter_of_a_picture", 140,
            ("Who painted “{m}”?", "Which artist made “{m}”?", "“{m}” is a work by which artist?", "Whose work is “{m}”?"),
        ),
        member_of(
            PAINTINGS, "picture_by_a_painter", 140,
            ("Which of these works is by {g}?", "{g} is the artist behind which of these?", "Which of these would you look for in a book about {g}?"),
        ),
        same_group(
            PAINTINGS, "painter_of_two_pictures", 65,
            ("“{m}” and “{s}” are by the same artist. Who is it?", "Which artist made both “{m}” and “{s}”?"),
        ),
        odd_one_out(
            PAINTINGS, "picture_by_another_painter", 65,
            ("Three of these works are by {g}. Which one is not?", "Only one of these works is not by {g}. Which?"),
            "“{m}” is by {o}; the other three are by {g}.",
        ),
        group_of(SCULPTURES, "sculptor_of_a_work", 30, ("Which sculptor made {m}?", "Who is the sculptor of {m}?")),
        group_of(BUILDINGS, "architect_of_a_building", 50, ("Who designed {m}?", "Which architect or engineer is behind {m}?")),
        member_of(BUILDINGS, "building_by_an_architect", 40, ("Which of these did {g} design?", "{g} designed which of these?")),
    ),
)  # fmt: skip
