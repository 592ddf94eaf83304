"""The choice of server by measurement: the service and a bare route behind uvicorn and behind Granian."""

from contextlib import ExitStack

from bench.databases import Databases
from bench.draw import CONNECTIONS, PATH, SECONDS, Service, bare_route
from bench.report import Comparison, Result, interleave
from bench.serving import Server, granian, put_load, serve, uvicorn

ROUNDS = 5
APPLICATION = "trivia.cli.serving.serve:worker_app"


def run(databases: Databases) -> list[Result]:
    """Measure on both databases, and without any."""
    results: list[Result] = []
    for kind in ("sqlite", "postgres"):
        with ExitStack() as stack:
            services = [Service(databases, kind) for _ in range(2)]
            commands = [uvicorn(APPLICATION), granian(APPLICATION)]
            servers = [
                stack.enter_context(serve(command, service.directory, service.environment))
                for command, service in zip(commands, services, strict=True)
            ]
            values = _rates(servers, services)
            results.append(Comparison(f"{kind}: draws behind uvicorn", "/s", values[0], values[1], "behind Granian"))
            if kind == "sqlite":
                body = servers[0].get(PATH, services[0].first_token())
                bare = [
                    stack.enter_context(bare_route(service, body, command))
                    for service, command in zip(services, (uvicorn, granian), strict=True)
                ]
                values = _rates(bare, services)
                results.append(Comparison("a bare route behind uvicorn", "/s", values[0], values[1], "behind Granian"))
    return results


def _rates(servers: list[Server], services: list[Service]) -> list[list[float]]:
    def rate(place: int) -> float:
        load = put_load(servers[place], services[place].tokens, seconds=SECONDS, connections=CONNECTIONS)
        servers[place].settle()
        return load.rate

    # Once without counting, so that users are at hand and statements are prepared everywhere.
    interleave(1, lambda: rate(0), lambda: rate(1))
    return interleave(ROUNDS, lambda: rate(0), lambda: rate(1))
