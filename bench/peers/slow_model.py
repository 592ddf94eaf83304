"""A language model's endpoint that takes its time: new sums, as many as are asked for, `SLOW_MODEL_SECONDS` after each call."""

import asyncio
import json
import os
import re
from itertools import count
from typing import Any

from litestar import Litestar, Request, Response, post

USAGE = {"prompt_tokens": 200, "completion_tokens": 500, "total_tokens": 700}


def slow_model() -> Litestar:
    """The application; it speaks chat completions."""
    seconds = float(os.environ["SLOW_MODEL_SECONDS"])
    numbers = count(1)

    @post("/v1/chat/completions", status_code=200)
    async def complete(request: Request[Any, Any, Any]) -> Response[bytes]:
        told = "\n".join(message["content"] for message in (await request.json())["messages"])
        wanted = re.search(r"Write (\d+) question", told)
        rows = [_question(next(numbers)) for _ in range(int(wanted[1]) if wanted else 1)]
        await asyncio.sleep(seconds)
        message = {"role": "assistant", "content": json.dumps({"questions": rows})}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        body = {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "slow",
            "choices": [choice],
            "usage": USAGE,
        }
        return Response(json.dumps(body).encode(), media_type="application/json")

    return Litestar([complete], openapi_config=None, logging_config=None)


def _question(number: int) -> dict[str, Any]:
    right = 2 * number + 7
    return {
        "prompt": f"What is {number} plus {number + 7}?",
        "answer": str(right),
        "wrong_options": [str(right + off) for off in (-1, 1, 10)],
        "explanation": f"{number} and {number + 7} make {right}.",
        "difficulty": "easy",
        "topic": "Mathematics",
    }
