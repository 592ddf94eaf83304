"""Questions made from facts, through the provider as a job asks it: how fast, how many of them new, and what the event loop feels of it."""

import asyncio
import time
from collections.abc import AsyncIterator

import msgspec

from bench.databases import Databases
from bench.report import Figure, Result
from trivia.generation.facts import starter_bank, topics
from trivia.generation.providers.facts import FactsProvider
from trivia.generation.providers.provider import Wanted
from trivia.questions.bank.identity import content_identity
from trivia.questions.bank.question_row import ImportRow

QUESTIONS = 10_000
A_CALL = 100
ROUNDS = 3
TARGET_SECONDS = 5.0
TICK = 0.005


def run(_: Databases) -> list[Result]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Result]:
    facts = FactsProvider()
    try:
        # The libraries' data is read when questions are first asked for.
        cold = await _time(facts, [Wanted(1, None, 0, 120, None)])
        at_once, calls, delays = [], [], []
        for turn in range(ROUNDS):
            at_once.append(await _time(facts, [Wanted(QUESTIONS, None, 0, 120, None, seed=turn)]))
            seeds = range(turn * QUESTIONS, turn * QUESTIONS + QUESTIONS // A_CALL)
            calls.append(await _time(facts, [Wanted(A_CALL, None, 0, 120, None, seed=seed) for seed in seeds]))
            delays += await _delays(facts, Wanted(QUESTIONS // 10, None, 0, 120, None, seed=turn))
        new = await _share_of_new(facts)
    finally:
        await facts.close()
    delays.sort()
    return [
        Figure(f"{QUESTIONS:,} questions", "s of CPU", [cpu for cpu, _ in at_once], TARGET_SECONDS),
        Figure("the same by the clock, with whatever else the machine does", "s", [wall for _, wall in at_once]),
        Figure(f"{QUESTIONS:,} questions in calls of {A_CALL}", "s of CPU", [cpu for cpu, _ in calls]),
        Figure("the first question in a process", "s of CPU", [cold[0]]),
        Figure("the event loop's delay meanwhile, median", "ms", [delays[len(delays) // 2] * 1e3]),
        Figure("the same, of the slowest in a hundred", "ms", [delays[-1 - len(delays) // 100] * 1e3]),
        Figure("of what calls for one topic give, new to the starter bank", "%", [new * 100]),
    ]


async def _time(facts: FactsProvider, wanted: list[Wanted]) -> tuple[float, float]:
    """Seconds of CPU and of the clock that the calls take, one after another."""
    cpu, wall = time.process_time(), time.perf_counter()
    answers = [await facts.generate(each) for each in wanted]
    taken = time.process_time() - cpu, time.perf_counter() - wall
    if any(len(set(answer.candidates)) != each.count for answer, each in zip(answers, wanted, strict=True)):
        raise RuntimeError("fewer questions came than were wanted")
    return taken


async def _delays(facts: FactsProvider, wanted: Wanted) -> list[float]:
    """How much later than asked for the event loop comes round while questions are made, in seconds."""
    making = asyncio.create_task(facts.generate(wanted))
    delays = []
    while not making.done():
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        delays.append(time.perf_counter() - began - TICK)
    await making
    return delays


async def _share_of_new(facts: FactsProvider) -> float:
    bank = {content_identity(question.prompt, question.options) for question in starter_bank()}
    found = [identity async for identity in _identities(facts)]
    return len(set(found) - bank) / len(found)


async def _identities(facts: FactsProvider) -> AsyncIterator[str]:
    for topic in topics():
        for seed in range(3):
            answer = await facts.generate(Wanted(20, topic, 12, 12, None, seed=seed))
            for candidate in answer.candidates:
                row = msgspec.json.decode(candidate, type=ImportRow)
                yield content_identity(row.prompt, row.options)
