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
    """Report the status of every projection.

    `state` is `new` (no event applied yet), `booting` (catching up for the first time, or
    rebuilding for this version of the software), `active`, `paused` (by an operator), `detached`
    (no process runs it) or `error`, with the reason in `error` and the position of the event that
    caused it, if one did. Events that a read model could not apply are dead letters, with the later
    ones of their key: `trivia projections park` lists and retries them. For admins of `public`
    only.
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
    """Rebuild a read model from the log.

    The rebuild runs in the background; the old rows are served until the new ones replace them, and
    GET /projections reports its progress. An interrupted rebuild resumes. One at a time (409). For
    admins of `public` only.
    """
    require_operator(request.user)
    return await projection_operations.rebuild(name)


HANDLERS: Sequence[BaseRouteHandler] = [list_projections, rebuild_projection]
