"""The framework on its own: an application for servers that are given one by name."""

import os
from pathlib import Path

from litestar import Litestar, Response, get


def bare_route() -> Litestar:
    """A Litestar application whose only route answers with the bytes in the file BARE_BODY, from memory."""
    body = Path(os.environ["BARE_BODY"]).read_bytes()

    @get("/questions")
    async def questions() -> Response[bytes]:
        return Response(body, media_type="application/json")

    return Litestar([questions], openapi_config=None, logging_config=None)
