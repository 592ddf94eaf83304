"""Animals: what they are, where they live, what their young and their herds are called."""

from trivia.generation.facts.asking.clues import Clues, meaning, thing
from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

CLUES = Clues("written/animal_clues", WRITTEN)
CLASSES = Groups(
    "written/animal_classes", "the {m} belongs to the {g}", "Others: {s}.", WRITTEN, late=False, hint=False
)
ORDERS = Groups("written/animal_orders", "the {m} belongs to the {g}", "Others: {s}.", WRITTEN, late=False)
BIRDS = Groups("written/bird_orders", "the {m} belongs to the {g}", "Others: {s}.", WRITTEN, late=False)
BREEDS = Groups("written/breeds", "{m} is a breed of {g}", "Others: {s}.", WRITTEN)
HOMES = Groups("written/animal_homes", "the {m} lives wild in {g}", "Others: {s}.", WRITTEN, late=False)
YOUNG = Groups("written/young_animals", "the young of {m} is called a {g}", "", WRITTEN, beside="That of {m} is a {g}.")
HERDS = Groups(
    "written/group_nouns",
    "“{m}” is the traditional word for a group of {g}",
    "",
    WRITTEN,
    beside="For {g} it is “{m}”.",
)
ADJECTIVES = Groups(
    "written/adjectives", "what has to do with {m} is called {g}", "", WRITTEN, beside="For {m} the word is {g}."
)

SUBJECT = Subject(
    "Animals",
    (
        thing(CLUES, "animal_of_a_clue", 145, ("Which {k} {c}?", "Name the {k} {w} {c}.", "What is it: {a} {k} {w} {c}?")),
        meaning(CLUES, "clue_of_an_animal", 140, ("Which of these describes {m}?", "What is special about {m}?", "Which of these is true of {m}?")),
        group_of(CLASSES, "class_of_an_animal", 70, ("To which group of animals does the {m} belong?", "The {m} belongs to which of these groups?", "In a book about animals, where would you look for the {m}?")),
        member_of(CLASSES, "animal_of_a_class", 65, ("Which of these animals belongs to the {g}?", "Which of these is counted among the {g}?", "Find the one that belongs to the {g}.")),
        odd_one_out(CLASSES, "animal_of_another_class", 27, ("Three of these are {g}. Which one is not?",), "The {m} belongs to the {o}; the other three are {g}."),
        group_of(ORDERS, "order_of_an_animal", 70, ("To which of these does the {m} belong?", "Among which animals is the {m} counted?")),
        member_of(ORDERS, "animal_of_an_order", 65, ("Which of these animals belongs to the {g}?", "Which of these is counted among the {g}?")),
        odd_one_out(ORDERS, "animal_of_another_order", 33, ("Three of these belong to the {g}. Which one does not?",), "The {m} belongs to the {o}; the other three to the {g}."),
        group_of(BIRDS, "order_of_a_bird", 55, ("To which group of birds does the {m} belong?", "Among which birds is the {m} counted?")),
        member_of(BIRDS, "bird_of_an_order", 55, ("Which of these birds belongs to the {g}?", "Which of these is counted among the {g}?")),
        group_of(BREEDS, "animal_of_a_breed", 75, ("{m} is the name of a breed of which animal?", "A breed of which animal is called {m}?")),
        member_of(BREEDS, "breed_of_an_animal", 70, ("Which of these is a breed of {g}?", "Looking for a breed of {g}: which name fits?")),
        group_of(HOMES, "home_of_an_animal", 65, ("Where does the {m} live in the wild?", "In which part of the world is the {m} at home?")),
        member_of(HOMES, "animal_of_a_home", 70, ("Which of these animals lives wild in {g}?", "Which of these would you meet in the wild in {g}?")),
        group_of(YOUNG, "word_for_the_young", 36, ("What is the young of {m} called?", "Which word is used for the young of {m}?")),
        member_of(YOUNG, "animal_of_the_young", 36, ("“{g}” is the word for the young of which animal?", "The young of which animal is called “{g}”?")),
        member_of(HERDS, "word_for_a_herd", 48, ("What is the traditional word for a group of {g}?", "How does an old word call a group of {g}?")),
        group_of(HERDS, "animals_of_a_herd", 48, ("Of which animals can one say “{m}”, meaning a group?", "An old word for a group of which animals is “{m}”?")),
        group_of(ADJECTIVES, "adjective_of_an_animal", 30, ("Which adjective has to do with {m}?", "Which word means “having to do with {m}”?")),
        member_of(ADJECTIVES, "animal_of_an_adjective", 30, ("The word “{g}” has to do with which animals?", "If somebody is called “{g}”, which animals are meant?")),
    ),
)  # fmt: skip
