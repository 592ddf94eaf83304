"""Secrets do not get into the log, whatever brings them there."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.commands import ROOT
from trivia.platform.logs import HIDDEN, redact

SECRET = "hunter2-hunter2"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def redacted(**event: Any) -> str:
    return json.dumps(redact(None, "info", event))


@pytest.mark.parametrize(
    "name",
    ["password", "Authorization", "token", "access_token", "refresh_token", "secret", "secret_key", "api_key", "API-Key",
     "openai_api_key", "Cookie", "set-cookie", "new_password"],
)  # fmt: skip
def test_what_is_named_as_a_secret_is_hidden_however_deep(name: str) -> None:
    for event in (
        {name: SECRET},
        {"body": {name: SECRET}},
        {"bodies": [{"inner": ({name: SECRET},)}]},
        {"headers": {name: [SECRET, SECRET]}},
        {name: {"raw": SECRET.encode()}},
    ):
        told = redacted(**event)
        assert SECRET not in told
        if name in event and isinstance(event[name], str):
            assert HIDDEN in told


@pytest.mark.parametrize(
    "text",
    [
        f"GET /ws/general?token={SECRET}&last_position=3",
        f"/ws?ticket={SECRET} [accepted]",
        f"Authorization: Bearer {SECRET}",
        f"cannot connect to postgresql://trivia:{SECRET}@db/trivia",
        f'{{"password": "{SECRET}"}}',
        f"{{'api_key': '{SECRET}'}}",
        f"Login(email='a@b.c', password='{SECRET}')",
        f"Traceback (most recent call last):\n  login(password='{SECRET}')",
        f"got sk-{SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_hidden_in_any_text(text: str) -> None:
    told = redacted(event=text, detail=[text], error=ValueError(text))
    assert SECRET not in told
    assert HIDDEN in told


def test_a_token_is_hidden_wherever_it_stands() -> None:
    assert JWT not in redacted(event=f"who sent {JWT}?", path=f"/x/{JWT}")


def test_what_is_no_secret_stays() -> None:
    event = {"event": "request", "status": 200, "path": "/questions", "tokens_used": 12, "ms": 1.5, "none": None}
    assert redact(None, "info", dict(event)) == event


PROGRAM = """
import logging, structlog
from trivia.platform.logs import configure_logs
from trivia.settings import Settings
early = structlog.get_logger("trivia.early")
configure_logs(Settings(log_level="info", log_format={form!r}))
early.info("ours", password="hunter2-hunter2", count=3)
early.debug("too little")
logging.getLogger("trivia.other").info("of the %s library", "standard")
logging.getLogger("library").info("chatter")
logging.getLogger("library").warning("theirs", extra={{"token": "hunter2-hunter2"}})
try:
    raise ValueError("token=hunter2-hunter2")
except ValueError:
    structlog.get_logger("trivia.late").exception("failed")
    logging.getLogger("library").exception("failed too")
"""


def log(form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(form=form)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert "hunter2" not in done.stderr
    return done.stderr


def test_everything_is_logged_as_json_lines_without_secrets() -> None:
    events = [json.loads(line) for line in log("json").splitlines()]
    assert [(event["event"], event["logger"], event["level"]) for event in events] == [
        ("ours", "trivia.early", "info"),
        ("of the standard library", "trivia.other", "info"),
        ("theirs", "library", "warning"),
        ("failed", "trivia.late", "error"),
        ("failed too", "library", "error"),
    ]
    assert (events[0]["password"], events[0]["count"]) == (HIDDEN, 3)
    assert "ValueError: token=(secret)" in events[3]["exception"]
    assert "ValueError: token=(secret)" in events[4]["exception"]


def test_the_console_says_the_same_in_lines_for_people() -> None:
    told = log("console")
    assert "ours" in told
    assert "ValueError: token=(secret)" in told
