"""GET /metrics."""

import hmac
from typing import Final

import msgspec
from litestar import Response, get

from trivia.http.access import Access, Identity, authorise
from trivia.http.requests import AnyRequest
from trivia.operations.exposition import FORMATS, OPENMETRICS, TEXT, expose
from trivia.operations.metrics import Metrics, count

_JSON: Final = "application/json"


@get(
    "/metrics",
    operation_id="metrics",
    opt={"tag": "Monitoring", "access": Access.PLAYER, "produces": {_JSON: Metrics, TEXT: str, OPENMETRICS: str}},
)
async def metrics(request: AnyRequest) -> Response[Metrics | bytes]:
    """What the service has done, counted from the log, so that a restart changes nothing.

    JSON, or for `Accept: text/plain` and OpenMetrics what Prometheus scrapes. A scraper may send
    the setting `metrics_token` as its bearer token instead of a user's. The numbers are the whole
    installation's; what providers cost is shown to its admins and to scrapers. They are at most a
    second or two behind the log, and `position` says where they stand.
    """
    scraper = _is_scraper(request)
    identity: Identity | None = None if scraper else authorise(request.scope, Access.PLAYER)
    counted = await count(request.app.state.core)
    if identity is not None and not identity.is_operator:
        counted = msgspec.structs.replace(counted, spending=None)
    wanted = request.accept.best_match([_JSON, TEXT, OPENMETRICS]) or _JSON
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if wanted in FORMATS:
        body, content_type = expose(counted, wanted)
        return Response(body, media_type=content_type, headers=headers)
    return Response(counted, headers=headers)


def _is_scraper(request: AnyRequest) -> bool:
    """Whether the bearer token is the one that is set for scrapers."""
    token: str | None = request.app.state.core.settings.metrics_token
    sent = request.headers.get("authorization", "").encode("latin-1")
    scheme, _, credentials = sent.partition(b" ")
    return token is not None and scheme.lower() == b"bearer" and hmac.compare_digest(credentials, token.encode())
