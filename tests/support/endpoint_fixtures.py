"""Fixtures of the stand-in for a language model's endpoint: one server a module, as new for each test."""

from collections.abc import Iterator

import pytest

from tests.support.model_endpoint import ModelEndpoint, model_endpoint


@pytest.fixture(scope="module")
def shared_endpoint() -> Iterator[ModelEndpoint]:
    with model_endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(shared_endpoint: ModelEndpoint) -> ModelEndpoint:
    shared_endpoint.reset()
    return shared_endpoint
