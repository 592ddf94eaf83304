"""Banks of plain questions, put into the log as an import would."""

import hashlib
from collections.abc import Sequence

from events.log import NO_STREAM, EventLog, StreamWrite
from events.vocabulary.questions import QuestionAdded

TOPICS = ("Geography", "Science", "History", "Sports", "Art")


def question(
    number: int, *, org: str = "public", topic: str | None = None, ages: tuple[int, int] = (0, 120)
) -> QuestionAdded:
    prompt = f"What is {number} times {number}?"
    return QuestionAdded(
        content=hashlib.sha256(prompt.encode()).hexdigest(),
        org=org,
        prompt=prompt,
        options=(str(number * number), str(number * number + 1), str(number * number + 2), "none of these"),
        answer=str(number * number),
        topic=topic or TOPICS[number % len(TOPICS)],
        min_age=ages[0],
        max_age=ages[1],
        difficulty=("easy", "medium", "hard")[number % 3],
        explanation=f"{number} times {number} is {number * number}.",
    )


async def add_questions(log: EventLog, questions: Sequence[QuestionAdded]) -> int:
    """Append the questions; the position of the last."""
    position = 0
    for start in range(0, len(questions), 1_000):
        writes = [
            StreamWrite(f"question-{'' if q.org == 'public' else f'{q.org}-'}{q.content}", NO_STREAM, [q])
            for q in questions[start : start + 1_000]
        ]
        position = (await log.append(writes)).last
    return position
