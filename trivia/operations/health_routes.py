"""GET /health and /health/ready."""

from litestar import get
from litestar.di import NamedDependency

from trivia.http.access import Access
from trivia.http.contract import Contract
from trivia.http.readiness import Readiness


@get("/health", operation_id="health", opt=Contract(tag="Monitoring", access=Access.ANYONE).opt, sync_to_thread=False)
def health() -> dict[str, str]:
    """Say that the process answers; touches nothing."""
    return {"status": "ok"}


@get("/health/ready", operation_id="ready", opt=Contract(tag="Monitoring", access=Access.ANYONE).opt)
async def ready(readiness: NamedDependency[Readiness]) -> dict[str, str]:
    """Readiness: 503 until migrated and caught up, while draining, and without a database."""
    await readiness.check()
    return {"status": "ready"}
