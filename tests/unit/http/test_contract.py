"""A route whose contract is wrong or missing does not get as far as serving."""

from typing import Any

import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency

from trivia.http.access import Access
from trivia.http.contract import Contract, contract_of, require_contracts
from trivia.http.injection import Injector
from trivia.http.methods import options_of


def application(*handlers: Any, **more: Any) -> Litestar:
    return Litestar([*options_of(handlers), *handlers], openapi_config=None, logging_config=None, **more)


def route(opt: dict[str, Any]) -> Any:
    @get("/somewhere", opt=opt, sync_to_thread=False)
    def somewhere() -> None:
        """Nothing."""

    return somewhere


@pytest.mark.parametrize(
    "fields",
    [
        {"tag": "Questions"},
        {"access": Access.PLAYER},
        {"tag": "Questions", "acces": Access.PLAYER},
        {"tag": "Questions", "access": Access.PLAYER, "endles": True},
    ],
)
def test_a_contract_with_a_name_too_many_or_too_few_cannot_be_made(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Contract(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"request_headers": ["X-Min-Positon"]},
        {"response_headers": ["X-Event-Positon"]},
        {"reads": "memory"},
        {"method": "GET"},
        {"operation_id": "somewhere"},
        {"safe": False},
    ],
)
def test_a_contract_that_cannot_hold_cannot_be_made(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"headers|`reads`|raw ASGI"):
        Contract(tag="Questions", access=Access.PLAYER, **fields)


@pytest.mark.parametrize(
    ("opt", "fault"),
    [
        ({}, "has no contract"),
        ({"contract": {"access": Access.PLAYER}}, "has no contract"),
        ({"contarct": Contract(tag="Questions", access=Access.PLAYER)}, "contarct"),
        (Contract(tag="Questions", access=Access.PLAYER).opt | {"endless": True}, "endless"),
        (Contract(tag="Questions", access=Access.PLAYER, reads=["memory", "qestions"]).opt, "qestions"),
    ],
)
def test_an_application_with_a_route_that_is_not_as_it_must_be_is_not_made(opt: dict[str, Any], fault: str) -> None:
    app = Litestar([route(opt)], openapi_config=None, logging_config=None)
    with pytest.raises(ValueError, match=f"/somewhere.*{fault}"):
        require_contracts(app, ["questions"])


def test_an_application_whose_routes_have_contracts_is_made() -> None:
    contract = Contract(tag="Questions", access=Access.PLAYER, reads=["memory", "questions"])
    app = application(route(contract.opt))
    require_contracts(app, ["questions"])
    assert contract_of(app.routes[0].route_handlers[0]).access in set(Access)  # type: ignore[union-attr] # it is one of HTTP


class Service:
    """Something that a handler uses."""


class Other:
    """Something else."""


class Services:
    service: Service


def test_a_handler_that_names_a_service_by_another_type_is_found_before_it_is_called() -> None:
    @get("/right", opt=Contract(tag="Questions", access=Access.ANYONE).opt, sync_to_thread=False)
    def right(service: NamedDependency[Service]) -> None:
        """Nothing."""

    @get("/wrong", opt=Contract(tag="Questions", access=Access.ANYONE).opt, sync_to_thread=False)
    def wrong(service: NamedDependency[Other]) -> None:
        """Nothing."""

    injector = Injector(Services)
    injector.attach(application(right, dependencies=injector.dependencies))
    with pytest.raises(ValueError, match="wrong: service"):
        injector.attach(application(right, wrong, dependencies=injector.dependencies))
