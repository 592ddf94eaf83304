"""The headers that requests and responses carry, and what the API's documentation says of them."""

from collections.abc import Mapping
from typing import Any, Final

REQUEST_ID: Final = "X-Request-Id"
EVENT_POSITION: Final = "X-Event-Position"
MIN_POSITION: Final = "X-Min-Position"
LOG_EPOCH: Final = "X-Log-Epoch"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
LAST_EVENT_ID: Final = "Last-Event-ID"
UNSEEN_REMAINING: Final = "X-Unseen-Remaining"
GENERATION_JOB: Final = "X-Generation-Job"
RETRY_AFTER: Final = "Retry-After"
WWW_AUTHENTICATE: Final = "WWW-Authenticate"

WAIT_SECONDS: Final = 5.0
"""How long a request waits for the position that it names in X-Min-Position."""

_Object = dict[str, Any]
_COUNT: Final = {"type": "integer", "minimum": 0}
_EPOCH: Final = {"type": "string", "pattern": "^[0-9a-f]{16}$"}

REQUEST_HEADERS: Final[Mapping[str, _Object]] = {
    IDEMPOTENCY_KEY: {
        "description": "Chosen by the client, once for each request it means: when the request is sent again with the same key, "
        "the answer is the first one's and nothing happens twice.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
    MIN_POSITION: {
        "description": "The answer is to know the log up to this position, such as the highest X-Event-Position that the client has had. "
        f"It is waited for, up to {WAIT_SECONDS:.0f} seconds; one beyond the end of the log is refused.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    },
    LOG_EPOCH: {
        "description": "The epoch of the log that the client's positions are of, as it came with them. Where the log has another by now, "
        "as after a restore, its positions are those of other events, and the answer is 409: forget them.",
        "schema": _EPOCH,
    },
    LAST_EVENT_ID: {
        "description": "The last id that the client has had of this stream, which goes on behind it: epoch and position, or a "
        "position alone.",
        "schema": {"type": "string", "pattern": r"^([0-9a-f]{16}:)?[0-9]{1,19}$"},
    },
}
"""What a route may say it reads, by name: parameters of OpenAPI without name and place."""

RESPONSE_HEADERS: Final[Mapping[str, _Object]] = {
    REQUEST_ID: {
        "description": "The id under which the service logs this request.",
        "required": True,
        "schema": {"type": "string"},
    },
    LOG_EPOCH: {"description": "The epoch of the log: which history of it positions are of.", "schema": _EPOCH},
    EVENT_POSITION: {"description": "The position in the log of what this request has stored.", "schema": _COUNT},
    UNSEEN_REMAINING: {
        "description": "How many more such questions this user has not been given; exact below 1000, else `1000+`.",
        "schema": {"type": "string", "pattern": r"^([0-9]{1,3}|1000\+)$"},
    },
    GENERATION_JOB: {
        "description": "The job that makes more such questions, where too few were left.",
        "schema": {"type": "string"},
    },
    RETRY_AFTER: {"description": "Seconds to wait before trying again.", "schema": _COUNT},
    WWW_AUTHENTICATE: {"description": "Always `Bearer`.", "schema": {"type": "string"}},
}
"""What a route may say its answer has, by name: header objects of OpenAPI."""
