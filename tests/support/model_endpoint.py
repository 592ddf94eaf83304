"""A stand-in for a language model's endpoint: a real server that speaks chat completions, and fails in whatever way it is told to.

By default it makes new sums, as many as it is asked for, and solves them. `then` says how the next calls are answered instead.
"""

import asyncio
import json
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.response import Stream

from tests.support.waiting import eventually_sync

MODEL = "stand-in-1"
USAGE = {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 300}


class Received(NamedTuple):
    """A call as the endpoint had it."""

    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def told(self) -> str:
        """All that the model was told."""
        return "\n".join(message["content"] for message in self.body["messages"])

    @property
    def data(self) -> dict[str, Any]:
        """What stands between the tags."""
        return json.loads(self.body["messages"][-1]["content"].removeprefix("<request>").removesuffix("</request>"))

    @property
    def format(self) -> str:
        return self.body.get("response_format", {}).get("type", "text")


Behaviour = Callable[[Received], Response[Any] | Stream]


class Reset:
    """Breaks the connection off instead of answering."""


def completion(content: str | None, *, finish: str = "stop", usage: Any = USAGE, **message: Any) -> Response[Any]:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
    body = {"id": "c-1", "object": "chat.completion", "created": 1, "model": MODEL, "choices": [choice], "usage": usage}
    return Response(json.dumps(body), media_type="application/json")


def says(content: str | None, **more: Any) -> Behaviour:
    """The model writes this."""
    return lambda _: completion(content, **more)


def fails(status: int, *, code: str | None = None, message: str = "no", **headers: str) -> Behaviour:
    """A status of failure, with OpenAI's form of error; `retry_after="2"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"error": {"message": message, "type": "error", "param": None, "code": code}})
    return lambda _: Response(body, status_code=status, headers=named, media_type="application/json")


def sends(body: bytes, media_type: str = "application/json", **headers: str) -> Behaviour:
    """Any body at all; with a `content_length` that is too long the answer breaks off."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response(body, headers=named, media_type=media_type)


def drips(_: Received) -> Stream:
    """A byte now and then, for ever: no single wait is long."""

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    return Stream(drops(), media_type="application/json")


def question(number: int, **changed: Any) -> dict[str, Any]:
    """One question as the model writes it."""
    return {
        "prompt": f"What is {number} plus {number + 7}?",
        "answer": str(2 * number + 7),
        "wrong_options": [str(2 * number + wrong) for wrong in (6, 8, 17)],
        "explanation": f"{number} and {number + 7} make {2 * number + 7}.",
        "difficulty": "easy",
        "topic": "Mathematics",
        **changed,
    }


def questions(rows: Sequence[Any]) -> str:
    return json.dumps({"questions": rows})


def keyed_at(place: str, number: int) -> dict[str, Any]:
    """A question in the other common form, with the letter of the right option."""
    made = question(number)
    options = list(made["wrong_options"])
    options.insert("ABCD".index(place), made["answer"])
    return {"question": made["prompt"], "options": dict(zip("ABCD", options, strict=True)), "correct_answer": place}


class ModelEndpoint:
    """A running stand-in. `lacks` holds the kinds of response_format that it does not know."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1"
        self.received: list[Received] = []
        self.lacks: set[str] = set()
        self.models: Behaviour = lambda _: Response(json.dumps({"object": "list", "data": []}))
        self.asked_for_models = 0
        self._next: deque[Behaviour | Reset] = deque()
        self._numbers = count(1)

    def then(self, *behaviours: Behaviour | Reset) -> None:
        """How the next calls are answered, one after another."""
        self._next.extend(behaviours)

    def reset(self) -> None:
        """As new."""
        self.__init__(self.url.removesuffix("/v1"))  # type: ignore[misc] # the same object is held by the server

    def breaks_off(self) -> bool:
        if self._next and isinstance(self._next[0], Reset):
            self._next.popleft()
            return True
        return False

    def answer(self, received: Received) -> Response[Any] | Stream:
        self.received.append(received)
        if received.format in self.lacks:
            return fails(400, message=f"response_format {received.format} is not supported")(received)
        if self._next and not isinstance(behaviour := self._next.popleft(), Reset):
            return behaviour(received)
        return completion(self._write(received))

    def _write(self, received: Received) -> str:
        if wanted := re.search(r"Write (\d+) question", received.told):
            return questions([question(next(self._numbers)) for _ in range(int(wanted[1]))])
        numbers = [int(number) for number in re.findall(r"\d+", received.data["prompt"])]
        return json.dumps({"answer": str(sum(numbers))})


@contextmanager
def model_endpoint() -> Iterator[ModelEndpoint]:
    """Serve a stand-in on a free port, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        endpoint = ModelEndpoint(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(_app(endpoint), log_config=None, log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            eventually_sync(lambda: server.started)
            yield endpoint
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def _app(endpoint: ModelEndpoint) -> Any:
    @post("/v1/chat/completions", status_code=200)
    async def chat(request: Request[Any, Any, Any]) -> Response[Any] | Stream:
        return endpoint.answer(Received(dict(request.headers), await request.json()))

    @get("/v1/models")
    async def models(request: Request[Any, Any, Any]) -> Response[Any] | Stream:
        endpoint.asked_for_models += 1
        return endpoint.models(Received(dict(request.headers), {}))

    app = Litestar([chat, models], openapi_config=None, logging_config=None)

    async def breaking_off(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and endpoint.breaks_off():
            transport = send.__self__.transport
            # Without lingering the kernel sends a reset, as a server does that dies.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
            return
        await app(scope, receive, send)

    return breaking_off
