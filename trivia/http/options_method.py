"""Answers to OPTIONS.

Litestar makes its own, but of several handlers of one path it names only the first one's methods.
"""

from collections.abc import Iterable
from typing import Any

from litestar import HttpMethod, Response
from litestar.handlers import HTTPRouteHandler

from trivia.http.access import Access


def options_of(handlers: Iterable[Any]) -> list[HTTPRouteHandler]:
    """One handler for each path of these, which says in Allow what methods the path takes."""
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        for path in handler.paths:
            methods.setdefault(path, {"OPTIONS"}).update(map(str, handler.http_methods))
    return [_options(path, ", ".join(sorted(taken))) for path, taken in methods.items()]


def _options(path: str, allow: str) -> HTTPRouteHandler:
    def options() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allow})

    return HTTPRouteHandler(
        path,
        http_method=[HttpMethod.OPTIONS],
        include_in_schema=False,
        opt={"access": Access.ANYONE},
        sync_to_thread=False,
    )(options)
