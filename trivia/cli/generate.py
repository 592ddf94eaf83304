"""`trivia generate`."""

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import click

from trivia.cli.progress import PositionProgress
from trivia.cli.runtime import json_option, migrated_services, print_json, run

if TYPE_CHECKING:
    from events.log import Context
    from events.vocabulary.questions import Difficulty
    from trivia.generation.active import JobUpdate
    from trivia.generation.decide import Job
    from trivia.services import Services
    from trivia.settings import Settings

USER: Final = "command-line"
OLDEST: Final = 120
LONGEST_TOPIC: Final = 100

GRACE_SECONDS: Final = 1.0
"""How long a service that runs has to take the job up, before this process does."""
LOOK_SECONDS: Final = 1.0


class AgeRange(click.ParamType[tuple[int, int], Any]):
    """`8-15`, or `8` for one age alone."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """See ParamType."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", str(value), re.ASCII)
        if match is None:
            self.fail("say an age, such as 8, or two, such as 8-15", param, ctx)
        low, high = int(match[1]), int(match[2] or match[1])
        if high > OLDEST:
            self.fail(f"ages go up to {OLDEST}", param, ctx)
        if low > high:
            self.fail("the first age is greater than the second", param, ctx)
        return low, high


class Topic(click.ParamType[str, Any]):
    """A topic."""

    name = "topic"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See ParamType."""
        topic = str(value).strip()
        if not topic or len(topic) > LONGEST_TOPIC or not topic.isprintable():
            self.fail(f"a topic has 1 to {LONGEST_TOPIC} characters that can be printed", param, ctx)
        return topic


@click.command
@click.option("--topic", type=Topic(), help="Any, unless given.")
@click.option(
    "--age", "ages", type=AgeRange(), default=(0, OLDEST), metavar="AGE", help="8-15, or 8; any, unless given."
)
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="How many new questions.")
@click.option("--difficulty", type=click.Choice(["easy", "medium", "hard"]), help="Any, unless given.")
@click.option("--org", default="public", show_default=True, help="Whose bank.")
@json_option
@click.pass_context
def generate(
    ctx: click.Context,
    *,
    topic: str | None,
    ages: tuple[int, int],
    count: int,
    difficulty: "Difficulty | None",
    org: str,
    as_json: bool,
) -> None:
    """Make new questions for a bank.

    A service that runs does the work; without one, this command does.

    Ctrl-C stops the job; the questions that it has added by then stay.
    """

    async def work(settings: "Settings") -> bool:
        import msgspec

        from events.vocabulary.generation import GenerationRequested
        from trivia.cli.import_export import _require_org

        asked = GenerationRequested(USER, org, count, "manual", topic, *ages, difficulty)
        # Of all the jobs there are, this command works on its own alone.
        async with migrated_services(msgspec.structs.replace(settings, generation_concurrency=0)) as services:
            await _require_org(services, org)
            async with services.serving():
                job_id, job = await _generate(services, asked)
        _report(job_id, job, as_json=as_json)
        return job.status == "completed"

    if not run(work):
        ctx.exit(1)


async def _generate(services: "Services", asked: Any) -> "tuple[str, Job]":
    from events.log import Context
    from trivia.generation.requesting import Requested

    context = Context(org=asked.org, actor=USER)
    asking = asyncio.ensure_future(services.generation.requesting.request(asked, context))
    try:
        requested = await asyncio.shield(asking)
        # Only what starts by itself has to rest.
        assert isinstance(requested, Requested)  # noqa: S101
        if not requested.started:
            click.echo("A job for this runs already; this is how it does.", err=True)
        with PositionProgress("Making", "questions") as progress:
            return requested.job_id, await _see_through(services, requested.job_id, requested.job, progress)
    except asyncio.CancelledError:
        # It may have been started at the very moment.
        requested = await asking
        if isinstance(requested, Requested) and requested.started:
            await _stop(services, requested.job_id, context)
        raise


async def _see_through(services: "Services", job_id: str, job: "Job", progress: PositionProgress) -> "Job":
    """Watch a job to its end, and work on it where nobody does."""
    from trivia.generation.decide import may_claim
    from trivia.generation.streams import load_job

    generation = services.generation
    moved = asyncio.Event()

    def note(update: "JobUpdate") -> None:
        progress.reached(update.generated_count, update.target_count)
        moved.set()

    progress.reached(job.generated, job.target)
    unlisten = generation.active.listen(job_id, note)
    try:
        patience = GRACE_SECONDS
        while not (job := await load_job(services.log, job_id, job)).ended:
            if patience <= 0 and may_claim(job, generation.runner.clock()):
                await generation.runner.run(job_id)
                continue
            moved.clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await moved.wait()
            except TimeoutError:
                patience -= LOOK_SECONDS
        return job
    finally:
        unlisten()


async def _stop(services: "Services", job_id: str, context: "Context") -> None:
    from events.log import LogError
    from trivia.generation.streams import load_job
    from trivia.http.problems import Problem

    try:
        known = await load_job(services.log, job_id)
        job, _ = await services.generation.requesting.cancel(job_id, USER, context, known)
    except (LogError, Problem) as error:
        click.echo(f"The job could not be stopped: {error}", err=True)
    else:
        click.echo(f"Stopped; {job.generated} of {job.target} questions had been added.", err=True)


def _report(job_id: str, job: "Job", *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "job_id": job_id,
                "status": job.status,
                "target_count": job.target,
                "generated_count": job.generated,
                "duplicates_skipped": job.duplicates,
                "rejected": job.rejected,
                "reason": job.reason,
            }
        )
        return
    if job.status == "completed":
        click.echo(f"Added {job.generated} questions; {job.duplicates} duplicates skipped, {job.rejected} rejected.")
    elif job.status == "failed":
        click.echo(f"Failed: {job.reason}", err=True)
    else:
        click.echo(f"Somebody stopped the job; {job.generated} of {job.target} questions had been added.", err=True)
