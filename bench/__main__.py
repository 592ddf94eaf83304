"""`python -m bench [PART,...]`: run the parts named, or all of them, and print what they came to. Exit code 1 if a target was missed."""

import importlib
import sys

from rich.console import Console

from bench.databases import temporary_databases
from bench.machine import describe
from bench.report import Result, show

PARTS = {
    "append": "The log beside the eventsourcing library",
    "draw": "GET /questions: 2,000 users, 64 connections, a bank of 10,000",
    "growth": "One assignment, in a large bank that is nearly used up and in a small fresh one",
    "importing": "Bringing 43,003 questions in",
    "rebuild": "Reading the log back: replay, rebuilding every read model, verifying",
    "memory": "What a process with a bank of 100,000 and 10,000 users at hand takes",
    "near_duplicates": "Finding questions that ask for the same fact in other words",
    "generation": "10,000 questions made from facts",
    "jobs": "GET /questions while 100 generation jobs are under way against a slow model",
    "startup": "What a command costs before it does anything",
    "servers": "The same application behind uvicorn and behind Granian",
}


def main(arguments: list[str]) -> int:
    """Run; the exit code."""
    names = [name for argument in arguments for name in argument.split(",") if name] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 150)
    results: list[Result] = []
    with temporary_databases() as databases:
        console.print(*describe(databases.directory, databases.postgres_url()), sep="\n", highlight=False)
        for name in names:
            part = importlib.import_module(f"bench.{name}").run(databases)
            show(PARTS[name], f"make bench ONLY={name}", part, console)
            results += part
    missed = [result.name for result in results if result.met is False]
    console.print(f"{len(results) - len(missed)} figures, {len(missed)} targets missed", highlight=False)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
