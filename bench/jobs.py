"""What users who draw notice of generation jobs: GET /questions with 100 jobs under way against a slow model, and with none.

Draws are those of `bench/draw.py`, on one server, in turn with jobs and without. Each run with jobs starts 100 anew, each as another user,
and stops what is left of them afterwards.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from typing import Any

from bench.databases import Databases
from bench.draw import CONNECTIONS, PATH, SECONDS, Service, check_answer
from bench.report import Comparison, Figure, Result, interleave
from bench.serving import Load, Server, put_load, serve, uvicorn

ROUNDS = 4
JOBS = 100
TARGET = 100
"""Questions that each job wants: more than it can get while it is measured."""
MODEL_SECONDS = 2.0
DEFAULT = 3
"""The setting's own."""
MANY = 64
TIMES = 1.2


def run(databases: Databases) -> list[Result]:
    """Measure on both databases, with the default concurrency of jobs and with a high one."""
    with ExitStack() as stack:
        environment = {"SLOW_MODEL_SECONDS": str(MODEL_SECONDS)}
        model = stack.enter_context(
            serve(uvicorn("bench.peers.slow_model:slow_model"), databases.directory, environment)
        )
        return [
            result
            for kind in ("sqlite", "postgres")
            for concurrency in (DEFAULT, MANY)
            for result in _on(databases, kind, concurrency, model)
        ]


def _on(databases: Databases, kind: str, concurrency: int, model: Server) -> list[Result]:
    service = Service(databases, kind)
    settings = {
        **service.environment,
        "TRIVIA_OPENAI_BASE_URL": f"{model.url}/v1",
        "TRIVIA_GENERATION_CONCURRENCY": str(concurrency),
    }
    made: list[float] = []
    with serve(["trivia", "serve", "--port", "PORT"], service.directory, settings) as server:

        def quiet() -> Load:
            load = put_load(server, service.tokens, seconds=SECONDS, connections=CONNECTIONS)
            check_answer(server.get(PATH, service.first_token()))
            server.settle()
            return load

        def busy() -> Load:
            jobs = _start_jobs(server, service)
            load = put_load(server, service.tokens, seconds=SECONDS, connections=CONNECTIONS)
            made.append(_stop_jobs(server, jobs, concurrency) / SECONDS)
            server.settle()
            return load

        # Once without counting: users are at hand, the model's library is imported.
        interleave(1, quiet, busy)
        made.clear()
        without, among = interleave(ROUNDS, quiet, busy)
    title = f"{kind}: draws among {JOBS} jobs, {concurrency} at once"
    return [
        *[
            Comparison(
                f"{title}, {name}", "ms", [of(load) for load in among], [of(load) for load in without],
                "without jobs", TIMES if concurrency == DEFAULT else None, lower_is_better=True,
            )
            for name, of in _FIGURES.items()
        ],
        Figure(f"{kind}: questions that {concurrency} jobs at once add meanwhile", "/s", made),
    ]  # fmt: skip


def _start_jobs(server: Server, service: Service) -> dict[str, str]:
    """Ask for the jobs, each as another user; the token of whoever asked, by job. Returns once some are being worked on."""
    asked = {"target_count": TARGET, "topic": "Mathematics", "age_range": [8, 15]}
    with service.tokens.open() as tokens:
        users = [line.strip() for line in islice(tokens, JOBS)]
    jobs = {json.loads(server.post("/generate_questions_async", user, asked))["job_id"]: user for user in users}
    server.wait_for(lambda: any(_status(server, job, user)["status"] == "running" for job, user in jobs.items()))
    return jobs


def _stop_jobs(server: Server, jobs: dict[str, str], concurrency: int) -> int:
    """Stop the jobs; how many questions they had added. Raises RuntimeError unless as many as may be were under way to the end."""
    found = [_status(server, job, user) for job, user in jobs.items()]
    if failed := [status["reason"] for status in found if status["status"] == "failed"]:
        raise RuntimeError(f"{len(failed)} jobs failed: {failed[0]}")
    running = sum(status["status"] == "running" for status in found)
    if running < concurrency:
        raise RuntimeError(f"only {running} jobs were still under way")
    for status in found:
        if status["status"] in {"pending", "running"}:
            server.post(f"/generation_jobs/{status['job_id']}/cancel", jobs[status["job_id"]])
    return sum(status["generated_count"] for status in found)


def _status(server: Server, job: str, token: str) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(server.get(f"/generation_status/{job}", token))
    return status


_FIGURES: dict[str, Callable[[Load], float]] = {
    "median": lambda load: load.p50 / 1000,
    "99th percentile": lambda load: load.p99 / 1000,
}
