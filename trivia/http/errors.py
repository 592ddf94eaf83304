"""Errors become problem documents."""

from typing import Any, Final

import structlog
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
)

from events.log import CommandReused, LogUnavailable, StreamMoved
from events.registry import UnknownEvent
from trivia.http.methods import allow
from trivia.http.problems import (
    BadInput,
    Conflicting,
    MethodNotAllowed,
    NotFound,
    Problem,
    ProblemDocument,
    TooLarge,
    Unavailable,
)

MEDIA_TYPE: Final = "application/problem+json"
REQUEST_ID: Final = "trivia.request_id"
"""Key of the request's id in the ASGI scope."""

_TOO_LARGE = 413

_log = structlog.get_logger("trivia.http.errors")


def as_problem(error: Exception) -> Problem:  # noqa: PLR0911 - a table
    """The problem with which an error is answered."""
    match error:
        case Problem():
            return error
        case LogUnavailable():
            return Unavailable("The database cannot be reached or cannot be written to.")
        case UnknownEvent():
            return Unavailable(
                "The log holds what a newer version of the service wrote; this one cannot read it.", retry_after=60
            )
        case CommandReused():
            return Conflicting("This Idempotency-Key was used before for another request.")
        case StreamMoved():
            return Unavailable("Too many requests change the same thing at once; try again.")
        case NotFoundException():
            return NotFound("There is nothing at this path.")
        case MethodNotAllowedException():
            methods = (error.headers or {}).get("allow", "").split(", ")
            return MethodNotAllowed("This path does not take this method.", allow=allow(methods))
        case ClientException() if error.status_code == _TOO_LARGE:
            return TooLarge("The body is over the limit.")
        case HTTPException() if error.status_code < 500:  # noqa: PLR2004 - the border between the client's fault and ours
            return BadInput(error.detail)
        case _:
            return Problem("An unforeseen error; the log has it under this request's id.")


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemDocument]:
    """Litestar's response for an error; an unforeseen one is logged with its trace."""
    problem, request_id = as_problem(error), str(request.scope.get(REQUEST_ID, ""))
    if type(problem) is Problem:
        _log.error("unforeseen_error", request_id=request_id, exc_info=error)
    elif isinstance(problem, Unavailable):
        _log.warning("service_unavailable", request_id=request_id, reason=str(error))
    return Response(
        problem.document(request_id), status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )
