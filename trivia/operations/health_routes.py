"""GET /health and /health/ready."""

from litestar import get

from trivia.http.access import Access
from trivia.http.requests import AnyRequest


@get("/health", operation_id="health", opt={"tag": "Monitoring", "access": Access.ANYONE}, sync_to_thread=False)
def health() -> dict[str, str]:
    """Say that the process answers; touches nothing."""
    return {"status": "ok"}


@get("/health/ready", operation_id="ready", opt={"tag": "Monitoring", "access": Access.ANYONE})
async def ready(request: AnyRequest) -> dict[str, str]:
    """Readiness: 503 until migrated and caught up, while draining, and without a database."""
    await request.app.state.core.check_ready()
    return {"status": "ready"}
