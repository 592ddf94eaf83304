"""A row for each assignment: the usual design, in the usual libraries.

FastAPI with ordinary (synchronous) handlers and SQLAlchemy: the user is looked up by their token, a subquery of what they were
given is excluded with NOT IN, each question given becomes a row, and every request commits. `DATABASE_URL` says where;
`python -m bench.peers.row_per_assignment QUESTIONS.jsonl USERS` makes the tables and fills them.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import ForeignKey, Index, create_engine, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

URL = os.environ["DATABASE_URL"]
CONNECT_ARGS: dict[str, Any] = {"check_same_thread": False, "timeout": 30} if URL.startswith("sqlite") else {}
engine = create_engine(URL, connect_args=CONNECT_ARGS, pool_size=20, max_overflow=20)


class Base(DeclarativeBase):
    """Tables."""


class User(Base):
    """Someone who asks."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)


class Question(Base):
    """One question."""

    __tablename__ = "questions"
    id: Mapped[int] = mapped_column(primary_key=True)
    prompt: Mapped[str]
    options: Mapped[str]
    answer: Mapped[str]
    topic: Mapped[str]
    min_age: Mapped[int]
    max_age: Mapped[int]
    difficulty: Mapped[str | None]


class Assignment(Base):
    """One question given to one user."""

    __tablename__ = "assignments"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    __table_args__ = (Index("assignments_of_user", "user_id", "question_id", unique=True),)


app = FastAPI()


def session() -> Iterator[Session]:
    """A session for one request."""
    with Session(engine) as opened:
        yield opened


@app.get("/questions")
def questions(
    db: Annotated[Session, Depends(session)],
    authorization: Annotated[str, Header()],
    limit: int = 10,
    age: int | None = None,
    topic: str | None = None,
) -> list[dict[str, Any]]:
    """Give the user questions that they have not had."""
    user = db.scalar(select(User).where(User.token == authorization.removeprefix("Bearer ")))
    if user is None:
        raise HTTPException(401)
    given = select(Assignment.question_id).where(Assignment.user_id == user.id)
    wanted = select(Question).where(Question.id.not_in(given))
    if age is not None:
        wanted = wanted.where(Question.min_age <= age, Question.max_age >= age)
    if topic is not None:
        wanted = wanted.where(func.lower(Question.topic) == topic.lower())
    rows = db.scalars(wanted.limit(limit)).all()
    db.add_all([Assignment(user_id=user.id, question_id=row.id) for row in rows])
    answer = [
        {"id": row.id, "prompt": row.prompt, "options": json.loads(row.options), "answer": row.answer, "topic": row.topic,
         "min_age": row.min_age, "max_age": row.max_age, "difficulty": row.difficulty}
        for row in rows
    ]  # fmt: skip
    db.commit()
    return answer


def fill(rows: list[dict[str, Any]], users: int) -> None:
    """Make the tables; the token of user n is `u<n>`."""
    Base.metadata.create_all(engine)
    fit_for_all = {"min_age": 0, "max_age": 120}
    with engine.begin() as connection:
        connection.execute(
            insert(Question), [{**fit_for_all, **row, "options": json.dumps(row["options"])} for row in rows]
        )
        connection.execute(insert(User), [{"token": f"u{number}"} for number in range(users)])


if __name__ == "__main__":
    fill([json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()], int(sys.argv[2]))
