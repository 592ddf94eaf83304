"""What the query of GET /questions may say."""

import pytest

from projections.models.question_pool import Filter
from trivia.http.problems import BadInput
from trivia.questions.play.assigning import Draw
from trivia.questions.play.draw import parse_draw


def test_a_query_that_says_nothing_asks_for_ten_of_anything():
    assert parse_draw(b"") == Draw(10, Filter())


@pytest.mark.parametrize("query", [b"difficulty=null", b"age=null", b"age=NULL", b"limit=null"])
def test_the_word_null_is_no_way_to_leave_a_parameter_out(query):
    with pytest.raises(BadInput) as refused:
        parse_draw(query)
    assert [fault.path for fault in refused.value.errors] == [query.partition(b"=")[0].decode()]


def test_a_topic_may_be_called_null():
    assert parse_draw(b"topic=null").wanted == Filter(topic="null")
