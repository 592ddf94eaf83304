"""The application: every route, at the root and under /api/v1."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

from litestar import Litestar, Router
from litestar.handlers.base import BaseRouteHandler

from trivia.accounts import routes as accounts
from trivia.audit import routes as audit
from trivia.exchange.routes import export_questions, import_questions
from trivia.generation import health as generation_condition
from trivia.generation import routes as generation
from trivia.http.access import guard
from trivia.http.errors import respond
from trivia.http.middleware import RequestMiddleware, Shortcut
from trivia.http.openapi import PREFIX
from trivia.http.options_method import options_of
from trivia.http.read_your_writes import await_position
from trivia.operations import projection_routes as projections
from trivia.operations.health_routes import health, ready
from trivia.operations.metrics_routes import metrics
from trivia.questions.bank import routes as search
from trivia.questions.play.draw import draw, draw_questions
from trivia.questions.play.routes import answer, availability, history, reset_seen, statistics, topics
from trivia.questions.review import routes as review
from trivia.services import open_services
from trivia.settings import Settings
from trivia.web import routes as web

HANDLERS: Sequence[BaseRouteHandler] = [
    health,
    ready,
    *accounts.HANDLERS,
    import_questions,
    export_questions,
    availability,
    topics,
    answer,
    statistics,
    history,
    reset_seen,
    *review.HANDLERS,
    *search.HANDLERS,
    *generation.HANDLERS,
    *generation_condition.HANDLERS,
    *audit.HANDLERS,
    *projections.HANDLERS,
]
"""The ordinary routes; Litestar calls the guard before each."""

SELF_GUARDED: Sequence[BaseRouteHandler] = [draw_questions, metrics]
"""Those that call `authorise` themselves: raw ASGI handlers, and what has a token of its own."""

SHORTCUTS: Mapping[str, Shortcut] = {"/questions": draw, f"{PREFIX}/questions": draw}
"""What the edge answers before Litestar is asked."""


class _Routes(Router):
    """A router for one application: Litestar's own are copied, with all their handlers, so that others can register them as well."""

    def __deepcopy__(self, _: object) -> Self:
        return self


def create_app(settings: Settings, *, background: bool = True) -> RequestMiddleware:
    """The ASGI application for a migrated database; see Services.serving for `background`.

    Raises ValueError for a route that does not say who may use it.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_services(settings) as services, services.serving(background=background):
            app.state.services = services
            yield

    app = Litestar(
        [
            *(
                router
                for path in ("/", PREFIX)
                for router in (
                    _Routes(
                        path,
                        route_handlers=[*options_of(HANDLERS), *HANDLERS],
                        guards=[guard],
                        before_request=await_position,
                    ),
                    _Routes(path, route_handlers=SELF_GUARDED),
                )
            ),
            _Routes("/", route_handlers=web.HANDLERS, guards=[guard]),
        ],
        lifespan=[lifespan],
        exception_handlers={Exception: respond},
        openapi_config=None,
        logging_config=None,
        # Bodies are read and bounded by trivia.http.requests, each route with its own limit.
        request_max_body_size=None,
    )
    require_access(app)
    return RequestMiddleware(app, SHORTCUTS, settings.trusted_proxies)


def require_access(app: Litestar) -> None:
    """Raise ValueError unless every route says who may use it; Litestar's own answers to OPTIONS tell nothing but methods."""
    silent = {
        f"{handler} at {route.path}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", None) or [getattr(route, "route_handler", None)]
        if handler is not None and "access" not in handler.opt and getattr(handler, "http_methods", ()) != {"OPTIONS"}
    }
    if silent:
        raise ValueError(f"these routes do not say who may use them: {', '.join(sorted(silent))}")
