"""The application: every route, at the root and under /api/v1."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.handlers.base import BaseRouteHandler

from trivia.accounts import routes as accounts
from trivia.audit import routes as audit
from trivia.exchange.routes import export_questions, import_questions
from trivia.generation import health as generation_condition
from trivia.generation import routes as generation
from trivia.http.contract import require_contracts
from trivia.http.errors import respond
from trivia.http.injection import Injector
from trivia.http.methods import options_of
from trivia.http.middleware import RequestMiddleware, RouteMiddleware
from trivia.http.openapi import PREFIX
from trivia.operations import projection_routes as projections
from trivia.operations.health_routes import health, ready
from trivia.operations.metrics_routes import metrics
from trivia.questions.bank import routes as search
from trivia.questions.play.draw import draw_questions
from trivia.questions.play.routes import answer, availability, history, reset_seen, statistics, topics
from trivia.questions.review import routes as review
from trivia.services import PROJECTIONS, Services, open_services
from trivia.settings import Settings
from trivia.web import routes as web

HANDLERS: Sequence[BaseRouteHandler] = [
    health,
    ready,
    metrics,
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
"""The ordinary routes of the API."""

RAW_HANDLERS: Sequence[BaseRouteHandler] = [draw_questions]
"""Those of its routes that are raw ASGI handlers."""


def create_app(settings: Settings, *, background: bool = True) -> RequestMiddleware:
    """The ASGI application for a migrated database; see Services.serving for `background`.

    Raises ValueError for a route without a contract, or with parameters that no service fits.
    """
    injector = Injector(Services)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with open_services(settings) as services, services.serving(background=background):
            injector.open(services)
            yield

    api = [*options_of(HANDLERS), *HANDLERS, *RAW_HANDLERS]
    pages = [*options_of(web.HANDLERS), *web.HANDLERS]
    app = Litestar(
        [Router("/", route_handlers=[*api, *pages]), Router(PREFIX, route_handlers=api)],
        middleware=[RouteMiddleware],
        dependencies=injector.dependencies,
        lifespan=[lifespan],
        exception_handlers={Exception: respond},
        openapi_config=None,
        logging_config=None,
        # Bodies are read and bounded by trivia.http.requests, each route with its own limit.
        request_max_body_size=None,
    )
    injector.attach(app)
    require_contracts(app, [projection.name for projection in PROJECTIONS])
    return RequestMiddleware(app, settings.trusted_proxies)
