"""What every answer has to be, and every refusal."""

import httpx

from trivia.http.problems import problem_types

TITLES = {f"/problems/{kind.slug}": (kind.status, kind.title) for kind in problem_types()}

SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


def check_headers(response: httpx.Response) -> None:
    for name, value in SECURITY.items():
        assert response.headers.get_list(name) == [value], name
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers.get_list("x-request-id")


def check_problem(response: httpx.Response, *statuses: int) -> dict[str, str]:
    """Assert that the response is a problem document with one of these statuses; the messages of its errors by path."""
    assert response.status_code in statuses, response.text
    check_headers(response)
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert set(document) <= {"type", "title", "status", "detail", "instance", "errors"}
    assert TITLES[document["type"]] == (response.status_code, document["title"])
    assert document["status"] == response.status_code
    assert document["detail"]
    assert document["instance"] == response.headers["x-request-id"]
    match response.status_code:
        case 401:
            assert response.headers["www-authenticate"] == "Bearer"
        case 405:
            assert response.headers["allow"]
        case 429 | 503:
            assert int(response.headers["retry-after"]) >= 1
        case _:
            pass
    return {error["path"]: error["message"] for error in document.get("errors", [])}
