"""The contract of a route: what its signature does not say, in one typed place.

A route has it in its `opt`, as in `@get("/topics", opt=Contract(tag="Questions",
access=Access.PLAYER).opt)`. The guard, read-your-writes, OPTIONS and the API's documentation read
it from there. A wrong name fails when the module is imported, a missing contract when the
application is made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from litestar import Litestar

from trivia.http.access import Access
from trivia.http.headers import REQUEST_HEADERS, RESPONSE_HEADERS
from trivia.http.problems import Problem
from trivia.http.read_your_writes import MEMORY

_KEY: Final = "contract"

Tag = Literal["Accounts", "Audit", "Generation", "Monitoring", "Pages", "Projections", "Questions"]
"""The groups of the API's documentation."""


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a route.

    Raises ValueError for headers that trivia.http.headers does not know.
    """

    tag: Tag
    """The group under which the documentation lists it."""
    access: Access
    """Who may use it."""
    guards_itself: bool = False
    """The handler checks `access` itself, since it takes other tokens than users' as well."""
    body: type[msgspec.Struct] | None = None
    """Its JSON body."""
    consumes: Mapping[str, Any] = {}
    """Its body by media type, where JSON is not all that it takes."""
    query: type[msgspec.Struct] | None = None
    """Its query string."""
    request_headers: Sequence[str] = ()
    """The headers it reads, of REQUEST_HEADERS."""
    reads: Sequence[str] | None = None
    """State that may lag behind the log: MEMORY, or projections by name.

    Unless None, X-Min-Position is honoured.
    """
    returns: Any = None
    """The type of its answer, where the annotation does not say it."""
    produces: Mapping[str, Any] = {}
    """The type of its answer by media type, where it is not JSON alone."""
    response_headers: Sequence[str] = ()
    """The headers that its answer may have, of RESPONSE_HEADERS."""
    problems: Sequence[type[Problem]] = ()
    """What it may be refused with, beyond what follows from the above."""
    endless: bool = False
    """The answer goes on until somebody ends it."""
    method: str | None = None
    """Of a raw ASGI handler: the one method that it answers."""
    operation_id: str | None = None
    """Of a raw ASGI handler: its name in the documentation."""
    safe: bool = True
    """Of a raw ASGI handler: whether its GET changes nothing, so that HEAD is answered as well."""

    def __post_init__(self) -> None:
        unknown = {*self.request_headers} - {*REQUEST_HEADERS} | {*self.response_headers} - {*RESPONSE_HEADERS}
        if unknown:
            raise ValueError(f"trivia.http.headers does not know {', '.join(sorted(unknown))}")
        if isinstance(self.reads, str):
            raise ValueError("`reads` is a list of names")  # noqa: TRY004 - as for everything that is wrong here
        if (self.method is None) != (self.operation_id is None):
            raise ValueError("a raw ASGI handler has both `method` and `operation_id`, and no other has either")
        if self.method is None and not self.safe:
            raise ValueError("only a raw ASGI handler may say that its GET is not safe")

    @property
    def opt(self) -> dict[str, "Contract"]:
        """The route's `opt`."""
        return {_KEY: self}


def contract_of(handler: Any) -> Contract:
    """The contract of a route handler of Litestar. Raises ValueError where it has none."""
    contract = handler.opt.get(_KEY)
    if not isinstance(contract, Contract):
        raise ValueError(f"{handler} has no contract")  # noqa: TRY004 - it is the route that is wrong
    return contract


def require_contracts(app: Litestar, projections: Iterable[str]) -> None:
    """Raise ValueError unless every route has a contract, and reads only what there is."""
    readable = {MEMORY, *projections}
    faults = [f"{path}: {fault}" for path, handler in _handlers(app) for fault in _faults(handler, readable)]
    if faults:
        raise ValueError(f"these routes are not as they must be: {'; '.join(sorted(faults))}")


def _handlers(app: Litestar) -> Iterator[tuple[str, Any]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [getattr(route, "route_handler", None)]:
            if handler is not None:
                yield route.path, handler


def _faults(handler: Any, readable: set[str]) -> Iterator[str]:
    if unknown := set(handler.opt) - {_KEY}:
        yield f"`opt` has {', '.join(sorted(unknown))}"
    try:
        contract = contract_of(handler)
    except ValueError as error:
        yield str(error)
        return
    if unreadable := set(contract.reads or ()) - readable:
        yield f"there is no {', '.join(sorted(unreadable))} to read"
