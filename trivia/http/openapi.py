"""The OpenAPI document, made from the routes and their contracts (trivia.http.contract).

The first sentence of a handler's docstring is the operation's summary, the rest its description.
Routes with `include_in_schema=False` are pages and files for browsers, and are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec
from litestar import Litestar, Response

from trivia.http.access import Access
from trivia.http.contract import Contract, contract_of
from trivia.http.headers import (
    LOG_EPOCH,
    MIN_POSITION,
    REQUEST_HEADERS,
    REQUEST_ID,
    RESPONSE_HEADERS,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
)
from trivia.http.problems import (
    BadInput,
    Forbidden,
    NotFound,
    NotYet,
    OtherEpoch,
    Problem,
    ProblemDocument,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
    problem_types,
)
from trivia.http.schemas import Schemas, parameters_of

PREFIX: Final = "/api/v1"
"""Where every route of the API answers a second time."""

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

_Object = dict[str, Any]

_PROBLEM_HEADERS: Final[Mapping[type[Problem], str]] = {
    Unauthenticated: WWW_AUTHENTICATE,
    Unavailable: RETRY_AFTER,
    NotYet: RETRY_AFTER,
}

_DESCRIPTION: Final = f"""\
A trivia service that gives no user the same question twice.

Most operations need an access token: register or sign in, or join as a guest, and send `Authorization: Bearer` and the token.
Every operation answers at the root and, the same, under `{PREFIX}`. Times are UTC in RFC 3339. What goes wrong is answered with a
problem document (RFC 9457), whose `type` is one of [these](/problems), whose `errors` name every field at fault, and whose
`instance` is the id of the request. Unknown fields and parameters are refused."""


class Operation(NamedTuple):
    """One method of one path of the API."""

    method: str
    path: str
    handler: Any
    parameters: Mapping[str, type]

    @property
    def contract(self) -> Contract:
        """What holds for the route."""
        return contract_of(self.handler)

    @property
    def id(self) -> str:
        """The operation's id, for clients made from the document."""
        return str(getattr(self.handler, "operation_id", None) or self.contract.operation_id)

    @property
    def access(self) -> Access:
        """Who may use it."""
        return self.contract.access


def operations(app: Litestar) -> Iterator[Operation]:
    """Every operation of the API, once: those under PREFIX are the same again."""
    for route in app.routes:
        if route.path.startswith(f"{PREFIX}/"):
            continue
        parameters = {name: definition.type for name, definition in route.path_parameters.items()}
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[union-attr] # the two kinds
            if getattr(handler, "include_in_schema", None) is False:
                continue
            for method in getattr(handler, "http_methods", None) or [contract_of(handler).method]:
                yield Operation(method, route.path_format, handler, parameters)


def document(app: Litestar) -> _Object:
    """The OpenAPI 3.1 document of an application."""
    every = sorted(operations(app), key=lambda operation: (operation.path, operation.method))
    schemas = Schemas([ProblemDocument, *(kind for operation in every for kind in _types(operation))])
    paths: dict[str, _Object] = {}
    for operation in every:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Trivia", "version": version("trivia"), "description": _DESCRIPTION},
        "servers": [{"url": "/"}, {"url": PREFIX}],
        "tags": [{"name": name} for name in dict.fromkeys(_tag(operation) for operation in every)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {kind.__name__: _problem_response(kind, schemas) for kind in problem_types()},
            "headers": dict(RESPONSE_HEADERS),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _types(operation: Operation) -> Iterator[Any]:
    yield from _consumes(operation).values()
    yield from _produces(operation).values()


def _consumes(operation: Operation) -> Mapping[str, Any]:
    contract = operation.contract
    return {**({JSON: contract.body} if contract.body else {}), **contract.consumes}


def _produces(operation: Operation) -> Mapping[str, Any]:
    if operation.contract.produces:
        return operation.contract.produces
    kind = operation.contract.returns or operation.handler.parsed_fn_signature.return_type.annotation
    if get_origin(kind) is Response:
        (kind,) = get_args(kind)
    return {} if kind in {None, type(None)} else {JSON: kind}


def _describe(operation: Operation, schemas: Schemas) -> _Object:
    summary, description = _prose(operation)
    described: _Object = {
        "operationId": operation.id,
        "tags": [_tag(operation)],
        "summary": summary,
        "description": description,
        "x-access": operation.access.name.lower(),
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation, schemas),
        "security": [] if operation.access is Access.ANYONE else [{"bearer": []}],
    }
    if consumes := _consumes(operation):
        content = {media_type: {"schema": schemas.of(kind)} for media_type, kind in consumes.items()}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _prose(operation: Operation) -> tuple[str, str]:
    text = re.sub(r"[ \n]*\n *", lambda gap: "\n\n" if gap[0].count("\n") > 1 else "\n", operation.handler.fn.__doc__)
    summary, _, rest = text.partition("." if "." in text.split("\n\n", 1)[0] else "\n\n")
    needs = "" if operation.access is Access.ANYONE else f"Needs the role {operation.access.name.lower()}."
    summary = " ".join(summary.replace("`", "").split())
    return summary, "\n\n".join(filter(None, [rest.strip(), needs]))


def _tag(operation: Operation) -> str:
    return operation.contract.tag


def _parameters(operation: Operation) -> Iterator[_Object]:
    for name, kind in operation.parameters.items():
        schema = {"type": "integer", "minimum": 1} if kind is int else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if query := operation.contract.query:
        yield from parameters_of(query)
    for name in _request_headers(operation):
        yield {"name": name, "in": "header", **REQUEST_HEADERS[name]}


def _request_headers(operation: Operation) -> Sequence[str]:
    contract = operation.contract
    return [*contract.request_headers, *([] if contract.reads is None else [MIN_POSITION, LOG_EPOCH])]


def _responses(operation: Operation, schemas: Schemas) -> _Object:
    produces = _produces(operation)
    names = [REQUEST_ID, LOG_EPOCH, *operation.contract.response_headers]
    done: _Object = {
        "description": "Done." if produces else "Done; nothing more to say.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if produces:
        done["content"] = {media_type: {"schema": schemas.of(kind)} for media_type, kind in produces.items()}
    responses = {str(getattr(operation.handler, "status_code", None) or 200): done}
    for problem in sorted(problems_of(operation), key=lambda kind: kind.status):
        responses[str(problem.status)] = {"$ref": f"#/components/responses/{problem.__name__}"}
    return responses


def problems_of(operation: Operation) -> set[type[Problem]]:
    """What an operation may answer instead of what was asked for."""
    kinds: set[type[Problem]] = {Unavailable, *operation.contract.problems}
    if operation.access is not Access.ANYONE:
        kinds.add(Unauthenticated)
    if operation.access > Access.PLAYER:
        kinds.add(Forbidden)
    if operation.parameters:
        kinds.add(NotFound)
    if operation.contract.query or _request_headers(operation):
        kinds.add(BadInput)
    if LOG_EPOCH in _request_headers(operation):
        kinds.add(OtherEpoch)
    if operation.contract.reads:
        kinds.add(NotYet)
    if _consumes(operation):
        kinds |= {BadInput, TooLarge, UnsupportedMedia}
    return kinds


def _problem_response(kind: type[Problem], schemas: Schemas) -> _Object:
    names: Sequence[str] = [REQUEST_ID, *filter(None, [_PROBLEM_HEADERS.get(kind)])]
    return {
        "description": f"{kind.title}.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {PROBLEM: {"schema": schemas.of(ProblemDocument)}},
    }


def encode(app: Litestar) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(document(app))
