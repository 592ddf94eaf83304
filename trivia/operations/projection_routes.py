"""GET /projections and POST /projections/{name}/rebuild."""

from collections.abc import Sequence

from litestar import get, post
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath

from projections.rebuild.rebuild import RebuildRunning
from projections.rebuild.status import Overview, ProjectionStatus, overview
from trivia.http.access import Access, require_operator
from trivia.http.problems import Conflicting, NotFound
from trivia.http.requests import AnyRequest


@get("/projections", operation_id="listProjections", opt={"tag": "Projections", "access": Access.ADMIN})
async def list_projections(request: AnyRequest) -> Overview:
    """Show how every read model fares.

    `state` is `new` (nothing folded yet), `booting` (on its way to the head of the log for the first time, or being built anew for this
    version of the software), `active`, `paused` (by an operator), `detached` (nobody runs it) or `error`, with the reason in `error` and,
    where an event is to blame, its position. Events that a read model could not take in are parked with the later ones of their key:
    `trivia projections park` shows and retries them. For admins of `public` only.
    """
    require_operator(request.user)
    services = request.app.state.services
    return await overview(services.log, services.models, services.projections)


@post(
    "/projections/{name:str}/rebuild",
    operation_id="rebuildProjection",
    status_code=202,
    opt={"tag": "Projections", "access": Access.ADMIN, "problems": [Conflicting]},
)
async def rebuild_projection(request: AnyRequest, name: FromPath[str]) -> ProjectionStatus:
    """Build a read model anew from the log.

    It goes on in the background, whoever stays connected; the old rows serve until the new ones take their place, and GET /projections
    shows how far it is. One that was interrupted, as by a restart, goes on where it was. One at a time (409). For admins of `public` only.
    """
    require_operator(request.user)
    services = request.app.state.services
    projection = next((projection for projection in services.projections if projection.name == name), None)
    if projection is None:
        raise NotFound("There is no read model of this name.")
    try:
        await services.rebuilds.start(projection)
    except RebuildRunning as error:
        raise Conflicting(f"The read model {name} is being rebuilt or verified already.") from error
    (status,) = (await overview(services.log, services.models, [projection])).projections
    return status


HANDLERS: Sequence[BaseRouteHandler] = [list_projections, rebuild_projection]
