"""What every error response has in common."""

from typing import Any

import httpx


def problem(reply: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem document of a reply, after making sure that it is one, of this status and type."""
    assert reply.status_code == status, f"{reply.status_code}: {reply.text[:500]}"
    assert reply.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = reply.json()
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == reply.headers["x-request-id"]
    assert set(document) <= {"type", "title", "status", "detail", "instance", "errors"}
    return document


def paths(document: dict[str, Any]) -> list[str]:
    """The fields at fault, in alphabetical order."""
    return sorted(error["path"] for error in document["errors"])
