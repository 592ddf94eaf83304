"""Music: songs, albums and bands; composers and their works; instruments and dances."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out, same_group
from trivia.generation.facts.core import Subject

SONGS = Groups("written/songs", "“{m}” is a song by {g}", "Other songs: {s}.", WRITTEN)
ALBUMS = Groups("written/albums", "“{m}” is an album by {g}", "Other albums: {s}.", WRITTEN)
BANDS = Groups("written/bands", "{m} was a member of {g}", "Others: {s}.", WRITTEN)
WORKS = Groups("written/composers", "“{m}” was composed by {g}", "Other works: {s}.", WRITTEN)
FILM_MUSIC = Groups("written/film_music", "the music for “{m}” is by {g}", "Others: {s}.", WRITTEN)
INSTRUMENTS = Groups(
    "written/instruments", "the {m} belongs to the {g}", "Others: {s}.", WRITTEN, late=False, hint=False
)
DANCES = Groups("written/dances", "the {m} comes from {g}", "", WRITTEN)

SUBJECT = Subject(
    "Music",
    (
        group_of(
            SONGS, "artist_of_a_song", 210,
            ("Who had a hit with “{m}”?", "Which act recorded “{m}”?", "“{m}” is a song by whom?", "Whose song is “{m}”?", "Which of these acts is known for “{m}”?"),
        ),
        member_of(
            SONGS, "song_by_an_artist", 210,
            ("Which of these songs is by {g}?", "Which song was recorded by {g}?", "{g} had a hit with which of these?", "Which of these belongs on a playlist of {g}?"),
        ),
        same_group(
            SONGS, "artist_of_two_songs", 140,
            ("Which act recorded both “{m}” and “{s}”?", "“{m}” and “{s}” are songs by the same act. Which?", "Who sang “{m}” and also “{s}”?"),
        ),
        odd_one_out(
            SONGS, "song_by_another_artist", 110,
            ("Three of these songs are by {g}. Which one is not?", "Only one of these songs is not by {g}. Which?"),
            "“{m}” is by {o}; the other three are by {g}.",
        ),
        group_of(ALBUMS, "artist_of_an_album", 110, ("Who released the album “{m}”?", "“{m}” is an album by whom?", "Whose album is “{m}”?")),
        member_of(ALBUMS, "album_by_an_artist", 75, ("Which of these albums is by {g}?", "{g} released which of these albums?")),
        group_of(
            BANDS, "band_of_a_musician", 115,
            ("{m} was a member of which group?", "With which group did {m} become famous?", "Which group did {m} play or sing in?"),
        ),
        member_of(BANDS, "musician_of_a_band", 105, ("Who was a member of {g}?", "Which of these people played or sang in {g}?")),
        group_of(
            WORKS, "composer_of_a_work", 170,
            ("Who composed “{m}”?", "Which composer wrote “{m}”?", "“{m}” is a work by which composer?", "Whose music is “{m}”?"),
        ),
        member_of(
            WORKS, "work_by_a_composer", 140,
            ("Which of these was composed by {g}?", "Which of these works is by {g}?", "{g} composed which of these?"),
        ),
        odd_one_out(
            WORKS, "work_by_another_composer", 70,
            ("Three of these are works by {g}. Which one is not?", "Only one of these is not by {g}. Which?"),
            "“{m}” is by {o}; the other three are by {g}.",
        ),
        group_of(FILM_MUSIC, "composer_of_a_film", 45, ("Who composed the music for the film “{m}”?", "The music for the film “{m}” is by which composer?")),
        member_of(FILM_MUSIC, "film_of_a_composer", 45, ("For which of these films did {g} compose the music?", "{g} wrote the music for which of these films?")),
        group_of(INSTRUMENTS, "family_of_an_instrument", 40, ("To which family does the {m} belong?", "The {m} is one of which instruments?")),
        group_of(DANCES, "home_of_a_dance", 50, ("From which country or place does the {m} come?", "Where is the {m} at home?")),
    ),
)  # fmt: skip
