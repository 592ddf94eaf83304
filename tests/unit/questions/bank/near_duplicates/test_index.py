from hypothesis import given
from hypothesis import strategies as st

from trivia.questions.bank.near_duplicates.index import CROWD, KEYS, KeyIndex

ENTRIES = st.lists(st.sets(st.integers(1, 2**32 - 1) | st.integers(1, 40), max_size=KEYS), max_size=3 * CROWD)


@given(ENTRIES)
def test_every_entry_is_found_under_each_of_its_keys(entries: list[set[int]]) -> None:
    index = KeyIndex()
    filed: dict[int, list[int]] = {}
    for number, keys in enumerate(entries):
        assert index.add(keys) == number
        for key in keys:
            filed.setdefault(key, []).append(number)
    assert len(index) == len(entries)
    for key, numbers in filed.items():
        assert sorted(index.find([key])) == numbers[:CROWD]


def test_it_grows_without_losing_what_is_in_it() -> None:
    index = KeyIndex()
    for number in range(5000):
        index.add([number * 7919 + 1, number % 1000 * 104_729 + 2])
    assert [index.find([number * 7919 + 1]) for number in range(5000)] == [[number] for number in range(5000)]
    assert sorted(index.find([999 * 104_729 + 2])) == [999, 1999, 2999, 3999, 4999]


def test_an_unknown_key_has_no_entries() -> None:
    assert KeyIndex().find([1, 2**32 - 1]) == []


def test_a_key_under_which_there_is_a_crowd_takes_no_more() -> None:
    index = KeyIndex()
    for number in range(3 * CROWD):
        index.add([7, 1_000 + number])
    assert sorted(index.find([7])) == list(range(CROWD))
    assert index.find([1_000 + 2 * CROWD]) == [2 * CROWD]
