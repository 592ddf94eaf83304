"""GET /projections and POST /projections/{name}/rebuild."""

from collections.abc import Sequence

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath

from projections.rebuild.status import Overview, ProjectionStatus
from trivia.http.access import Access, require_operator
from trivia.http.contract import Contract
from trivia.http.problems import Conflicting
from trivia.http.requests import AnyRequest
from trivia.operations.projections import ProjectionOperations


@get("/projections", operation_id="listProjections", opt=Contract(tag="Projections", access=Access.ADMIN).opt)
async def list_projections(
    request: AnyRequest, projection_operations: NamedDependency[ProjectionOperations]
) -> Overview:
    """Show how every read model fares.

    `state` is `new` (nothing folded yet), `booting` (on its way to the head of the log for the first time, or being built anew for this
    version of the software), `active`, `paused` (by an operator), `detached` (nobody runs it) or `error`, with the reason in `error` and,
    where an event is to blame, its position. Events that a read model could not take in are parked with the later ones of their key:
    `trivia projections park` shows and retries them. For admins of `public` only.
    """
    require_operator(request.user)
    return await projection_operations.overview()


@post(
    "/projections/{name:str}/rebuild",
    operation_id="rebuildProjection",
    status_code=202,
    opt=Contract(tag="Projections", access=Access.ADMIN, problems=[Conflicting]).opt,
)
async def rebuild_projection(
    request: AnyRequest, name: FromPath[str], projection_operations: NamedDependency[ProjectionOperations]
) -> ProjectionStatus:
    """Build a read model anew from the log.

    It goes on in the background, whoever stays connected; the old rows serve until the new ones take their place, and GET /projections
    shows how far it is. One that was interrupted, as by a restart, goes on where it was. One at a time (409). For admins of `public` only.
    """
    require_operator(request.user)
    return await projection_operations.rebuild(name)


HANDLERS: Sequence[BaseRouteHandler] = [list_projections, rebuild_projection]
