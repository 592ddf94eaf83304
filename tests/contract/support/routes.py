"""Every route there is, and something to send to it."""

from typing import Any, NamedTuple

import httpx

from trivia.app import create_app
from trivia.http.access import Access
from trivia.http.contract import Contract, contract_of
from trivia.http.openapi import PREFIX
from trivia.settings import Settings

_FILLED = {"int": "1", "path": "site.css", "str": "bad-input"}


class Sendable(NamedTuple):
    """One method of one path, with its parameters filled in."""

    method: str
    path: str
    template: str
    contract: Contract
    handler: Any
    path_parameters_are_numbers: bool

    @property
    def access(self) -> Access:
        return self.contract.access

    @property
    def is_twin(self) -> bool:
        return self.template.startswith(f"{PREFIX}/")

    def send(self, client: httpx.Client, headers: dict[str, str], **more: Any) -> httpx.Response:
        """The answer; of one that has no end, how it begins."""
        if not self.contract.endless:
            return client.request(self.method, self.path, headers=headers, **more)
        with client.stream(self.method, self.path, headers=headers, **more) as response:
            if response.is_error:
                response.read()
                return response
            return httpx.Response(response.status_code, headers=response.headers, content=next(response.iter_raw()))

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def every_route() -> list[Sendable]:
    found = []
    for route in create_app(Settings()).app.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:
            contract = contract_of(handler)
            methods = getattr(handler, "http_methods", None) or {contract.method}
            path = route.path_format
            for name, parameter in route.path_parameters.items():
                path = path.replace(f"{{{name}}}", _FILLED[parameter.full.partition(":")[2]])
            found += [
                Sendable(str(method), path, route.path_format, contract, handler, _has_numbers(route))
                for method in methods - {"OPTIONS"}
            ]
    return sorted(found, key=str)


def _has_numbers(route: Any) -> bool:
    return any(parameter.type is int for parameter in route.path_parameters.values())


ROUTES = every_route()
API = [
    route for route in ROUTES if not route.is_twin and getattr(route.handler, "include_in_schema", None) is not False
]
