"""What the service says when it will not or cannot do something: RFC 9457 problem documents.

    Problem
    ├── BadInput            400  what was sent is wrong; `errors` names every field at fault
    ├── Unprocessable       422  well formed, but against a rule; `errors` names the fields
    ├── Unauthenticated     401  no token, a bad or an expired one
    ├── Forbidden           403  the role is too low
    ├── NotFound            404  no such thing, or another's
    ├── MethodNotAllowed    405
    ├── RequestTimeout      408  it took too long to come
    ├── Conflicting         409  it collides with what has happened
    ├── OtherEpoch          409  a position of another history of the log
    ├── TooLarge            413
    ├── UriTooLong          414
    ├── UnsupportedMedia    415
    ├── TooManyRequests     429  with Retry-After
    ├── HeadersTooLarge     431
    ├── Unavailable         503  no database, or starting or stopping; with Retry-After
    └── NotYet              504  the position that the request names is not reached; with Retry-After

Each class has a stable `type`, `/problems/<slug>`, on which clients may rely. An unforeseen error is
a 500 with no detail.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fault.

    `path` is where it is, such as `questions[3].answer`; `line` the line of a file, where there is
    one.
    """

    path: str
    message: str
    line: int | None = None


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an error response.

    `instance` is the id of the request, as in the header X-Request-Id and the service's own log.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: Sequence[FieldError] = ()


class Problem(Exception):
    """Base of all that is answered with a problem document."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong here"

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def document(self, instance: str) -> ProblemDocument:
        """The body to send for the request with this id."""
        return ProblemDocument(f"/problems/{self.slug}", self.title, self.status, self.detail, instance, self.errors)


class BadInput(Problem):
    """What was sent is wrong."""

    status = 400
    slug = "bad-input"
    title = "The request is not valid"


class Unprocessable(Problem):
    """Well formed, but against a rule."""

    status = 422
    slug = "unprocessable"
    title = "The request cannot be carried out as it is"


class Unauthenticated(Problem):
    """No token, a bad or an expired one."""

    status = 401
    slug = "unauthenticated"
    title = "Sign in first"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """The role is too low."""

    status = 403
    slug = "forbidden"
    title = "Not allowed"


class NotFound(Problem):
    """No such thing, or another's."""

    status = 404
    slug = "not-found"
    title = "Not found"


class MethodNotAllowed(Problem):
    """The path exists, this method does not."""

    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"

    def __init__(self, detail: str, *, allow: str) -> None:
        super().__init__(detail, headers={"Allow": allow})


class RequestTimeout(Problem):
    """The request took too long to come; the connection is closed."""

    status = 408
    slug = "request-timeout"
    title = "Request timeout"


class Conflicting(Problem):
    """It collides with what has happened."""

    status = 409
    slug = "conflict"
    title = "It conflicts with what has happened already"


class OtherEpoch(Problem):
    """The request names positions of another history of the log, as from before a restore."""

    status = 409
    slug = "other-epoch"
    title = "The position is of another history of the log"


class TooLarge(Problem):
    """The body is over the limit."""

    status = 413
    slug = "too-large"
    title = "The body is too large"


class UriTooLong(Problem):
    """The path and query are over the limit; the connection is closed."""

    status = 414
    slug = "uri-too-long"
    title = "URI too long"


class UnsupportedMedia(Problem):
    """The body is of a kind that is not understood here."""

    status = 415
    slug = "unsupported-media-type"
    title = "The body's media type is not supported"


class TooManyRequests(Problem):
    """Slow down; `retry_after` is in whole seconds."""

    status = 429
    slug = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class HeadersTooLarge(Problem):
    """The headers are over the limit; the connection is closed."""

    status = 431
    slug = "headers-too-large"
    title = "Request header fields too large"


class Unavailable(Problem):
    """The service cannot do it now; `retry_after` is in whole seconds."""

    status = 503
    slug = "unavailable"
    title = "The service is not available"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class NotYet(Problem):
    """What is read here has not taken in the log up to the position that the request names."""

    status = 504
    slug = "not-yet"
    title = "That position is not taken in yet"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


def problem_types() -> list[type[Problem]]:
    """Every class that has a type of its own, by status."""
    return sorted({kind.slug: kind for kind in _own_types(Problem)}.values(), key=lambda kind: (kind.status, kind.slug))


def _own_types(kind: type[Problem]) -> Iterator[type[Problem]]:
    if "slug" in vars(kind):
        yield kind
    for narrower in kind.__subclasses__():
        yield from _own_types(narrower)
