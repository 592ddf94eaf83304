"""Theatre and musicals: plays and who wrote them, characters of Shakespeare, songs from the stage."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

PLAYS = Groups("written/plays", "“{m}” was written by {g}", "Other plays: {s}.", WRITTEN)
ROLES = Groups("written/shakespeare", "{m} is a character in {g}", "Others: {s}.", WRITTEN)
PLACES = Groups("written/shakespeare_places", "{m} is where part of Shakespeare's play is set: {g}", "", WRITTEN)
SONGS = Groups("written/musicals", "“{m}” is a song from {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "Theatre and Musicals",
    (
        group_of(PLAYS, "writer_of_a_play", 85, ("Who wrote the play “{m}”?", "“{m}” is a play by whom?", "Which dramatist wrote “{m}”?")),
        member_of(PLAYS, "play_by_a_writer", 70, ("Which of these plays is by {g}?", "{g} wrote which of these plays?")),
        odd_one_out(
            PLAYS, "play_by_another_writer", 50,
            ("Three of these plays are by {g}. Which one is not?",),
            "“{m}” is by {o}; {g} wrote the other three.",
        ),
        group_of(ROLES, "play_of_a_role", 65, ("In which play by Shakespeare does {m} appear?", "{m} is a character in which play by Shakespeare?")),
        member_of(ROLES, "role_of_a_play", 70, ("Which of these is a character in Shakespeare's “{g}”?", "Who appears in Shakespeare's “{g}”?")),
        group_of(PLACES, "play_of_a_place", 12, ("Which play by Shakespeare takes us to {m}?", "In which of Shakespeare's plays is {m} a setting?")),
        group_of(
            SONGS, "musical_of_a_song", 100,
            ("From which musical or film is the song “{m}”?", "“{m}” is sung in which musical or film?", "In which of these would you hear the song “{m}”?"),
        ),
        member_of(SONGS, "song_of_a_musical", 95, ("Which of these songs is from “{g}”?", "Which song would you hear in “{g}”?")),
        same_group(
            SONGS, "musical_of_two_songs", 65,
            ("“{m}” and “{s}” are songs from which musical or film?", "Which musical or film has both “{m}” and “{s}”?"),
        ),
    ),
)  # fmt: skip
