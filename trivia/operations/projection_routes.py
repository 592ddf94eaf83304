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
    """Report the status of every projection.

    `state` is `new` (no event applied yet), `booting` (catching up for the first time, or
    rebuilding for this version of the software), `active`, `paused` (by an operator), `detached`
    (no process runs it) or `error`, with the reason in `error` and the position of the event that
    caused it, if one did. Events that a read model could not apply are dead letters, with the later
    ones of their key: `trivia projections park` lists and retries them. For admins of `public`
    only.
    """
    require_operator(request.user)
    core = request.app.state.core
    return await overview(core.log, core.models, core.projections)


@post(
    "/projections/{name:str}/rebuild",
    operation_id="rebuildProjection",
    status_code=202,
    opt={"tag": "Projections", "access": Access.ADMIN, "problems": [Conflicting]},
)
async def rebuild_projection(request: AnyRequest, name: FromPath[str]) -> ProjectionStatus:
    """Rebuild a read model from the log.

    The rebuild runs in the background; the old rows are served until the new ones replace them, and
    GET /projections reports its progress. An interrupted rebuild resumes. One at a time (409). For
    admins of `public` only.
    """
    require_operator(request.user)
    core = request.app.state.core
    projection = next((projection for projection in core.projections if projection.name == name), None)
    if projection is None:
        raise NotFound("There is no read model of this name.")
    try:
        await core.rebuilds.start(projection)
    except RebuildRunning as error:
        raise Conflicting(f"The read model {name} is being rebuilt or verified already.") from error
    (status,) = (await overview(core.log, core.models, [projection])).projections
    return status


HANDLERS: Sequence[BaseRouteHandler] = [list_projections, rebuild_projection]
