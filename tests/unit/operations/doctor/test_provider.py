"""The provider of new questions is asked, not only looked up."""

import msgspec
import pytest

from tests.support.model_endpoint import fails
from trivia.operations.doctor.provider import check_provider
from trivia.settings import Settings

KEY = "sk-test-0123456789"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, ["made from facts"]),
        ({"generation_provider": "facts", "openai_api_key": KEY}, ["made from facts"]),
    ],
)
async def test_facts_are_always_well(changed, words):
    (finding,) = await check_provider(msgspec.structs.replace(Settings(), **changed))

    assert finding.verdict == "ok"
    assert all(word in finding.message for word in words)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"generation_provider": "openai"}, "TRIVIA_OPENAI_API_KEY"),
        ({"generation_provider": "mine"}, "there is no provider 'mine'"),
        ({"openai_api_key": KEY, "openai_daily_cost": 1.0}, "TRIVIA_OPENAI_DAILY_COST"),
    ],
)
async def test_what_no_provider_can_be_made_of_is_wrong(changed, words):
    (finding,) = await check_provider(msgspec.structs.replace(Settings(), **changed))

    assert finding.verdict == "wrong"
    assert words in finding.message


async def test_a_model_that_answers_is_told_with_where_it_is_and_how_long_it_took(endpoint):
    settings = Settings(openai_base_url=endpoint.url, openai_api_key=KEY, openai_model="small", openai_daily_tokens=0)

    (finding,) = await check_provider(settings)

    assert finding.verdict == "ok"
    assert f"made by small at {endpoint.url}, which answered in " in finding.message
    assert endpoint.asked_for_models == 1


@pytest.mark.parametrize(("provider", "verdict"), [("auto", "note"), ("openai", "wrong")])
async def test_a_model_that_refuses_is_worth_knowing_and_wrong_where_nothing_stands_in(endpoint, provider, verdict):
    endpoint.models = fails(401, message=f"wrong key {KEY}")
    settings = Settings(openai_base_url=endpoint.url, openai_api_key=KEY, generation_provider=provider)

    (finding,) = await check_provider(settings)

    assert finding.verdict == verdict
    assert "the endpoint answered 401" in finding.message
    assert KEY not in finding.message
