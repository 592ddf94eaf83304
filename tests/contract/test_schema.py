"""A client that has read the API's documentation and takes it at its word: with data that fits it, and with data that does not."""

from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.support.problems import check_headers, check_problem
from tests.contract.support.users import Callers
from tests.support.live import LiveServer
from trivia.app import create_app
from trivia.http.openapi import encode
from trivia.settings import Settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What is made here not to fit does in these now and then fit after all, such as a text that is trimmed, or a value that is right once it is
# written into a query; test_bad_requests names what they refuse.
SOMETIMES_FITTING = {"GET /questions", "GET /questions/availability", "POST /questions/import"}
BAD = 400
DOCUMENT: dict[str, Any] = msgspec.json.decode(encode(create_app(Settings()).app))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
# One that has no end would be read for ever; the tests of its subject send it what does not fit.
OPERATIONS = [
    found.ok() for found in SCHEMA.get_all_operations() if found.ok().definition.raw["operationId"] != "followEvents"
]
VARIED = [
    operation
    for operation in OPERATIONS
    if operation.body or operation.query or operation.path_parameters or operation.headers
]

repeatably = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def label(operation: APIOperation) -> str:
    return str(operation.label)


def test_the_document_is_valid() -> None:
    SCHEMA.validate()


@pytest.mark.parametrize("operation", OPERATIONS, ids=label)
def test_what_fits_the_document_is_answered_as_it_says(
    operation: APIOperation, server: LiveServer, callers: Callers
) -> None:
    @repeatably
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def send(case: Case) -> None:
        exchange(case, server, callers)

    send()


@pytest.mark.parametrize("operation", VARIED, ids=label)
def test_what_does_not_fit_the_document_is_refused_as_it_says(
    operation: APIOperation, server: LiveServer, callers: Callers
) -> None:
    @repeatably
    @given(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def send(case: Case) -> None:
        exchange(case, server, callers)

    send()


def exchange(case: Case, server: LiveServer, callers: Callers) -> None:
    access = case.operation.definition.raw["x-access"]
    role = access if access in {"host", "admin"} else "player"
    if case.method.upper() == "DELETE":
        callers.replace(role)
    response = case.call(base_url=server.url, headers=callers.headers(role))
    strict = [] if label(case.operation) in SOMETIMES_FITTING else [negative_data_rejection]
    case.validate_response(response, checks=CHECKS + strict)
    plain = httpx.Response(
        response.status_code,
        headers=[(name, value) for name, values in response.headers.items() for value in values],
        content=response.content,
    )
    check_headers(plain)
    if plain.status_code >= BAD:
        check_problem(plain, plain.status_code)
