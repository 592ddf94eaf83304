"""GET /metrics."""

import hmac
from typing import Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from trivia.http.access import Access, Authenticator
from trivia.http.contract import Contract
from trivia.http.requests import AnyRequest, preferred_media_type
from trivia.operations.exposition import FORMATS, OPENMETRICS, TEXT, expose
from trivia.operations.metrics import Counting, Metrics
from trivia.settings import Settings

_JSON: Final = "application/json"


@get(
    "/metrics",
    operation_id="metrics",
    opt=Contract(
        tag="Monitoring",
        access=Access.PLAYER,
        guards_itself=True,
        produces={_JSON: Metrics, TEXT: str, OPENMETRICS: str},
    ).opt,
)
async def metrics(
    request: AnyRequest,
    counting: NamedDependency[Counting],
    authenticator: NamedDependency[Authenticator],
    settings: NamedDependency[Settings],
) -> Response[Metrics | bytes]:
    """What the service has done, counted from the log, so that a restart changes nothing.

    JSON, or for `Accept: text/plain` and OpenMetrics what Prometheus scrapes. A scraper may send
    the setting `metrics_token` as its bearer token instead of a user's. The numbers are the whole
    installation's; what providers cost is shown to its admins and to scrapers. They are at most a
    second or two behind the log, and `position` says where they stand.
    """
    scraper = _is_scraper(request, settings.metrics_token)
    identity = None if scraper else await authenticator.authorise(request.scope, Access.PLAYER)
    counted = await counting.count()
    if identity is not None and not identity.is_operator:
        counted = msgspec.structs.replace(counted, spending=None)
    wanted = preferred_media_type(request, [_JSON, TEXT, OPENMETRICS])
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if wanted in FORMATS:
        body, content_type = expose(counted, wanted)
        return Response(body, media_type=content_type, headers=headers)
    return Response(counted, headers=headers)


def _is_scraper(request: AnyRequest, token: str | None) -> bool:
    """Whether the bearer token is `token`, the one that is set for scrapers."""
    sent = request.headers.get("authorization", "").encode("latin-1")
    scheme, _, credentials = sent.partition(b" ")
    return token is not None and scheme.lower() == b"bearer" and hmac.compare_digest(credentials, token.encode())
