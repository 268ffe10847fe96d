"""Writes REVISION.sql: a small store of the present revision, to be opened by every later version.

    python tests/memory/store/stores/make.py

Run it once for each revision, before the next is begun; what was written is then kept as it is.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from officehours.memory import students
from officehours.memory.archival import ArchivalMemory
from officehours.memory.core import CoreMemory
from officehours.memory.embedding import choose_embedder
from officehours.memory.facts import StatedFact, render_fact
from officehours.memory.index import embed_pending
from officehours.memory.learner.acronyms import Acronyms
from officehours.memory.learner.cards import Cards
from officehours.memory.learner.goals import StudyGoals
from officehours.memory.learner.misconceptions import Misconceptions
from officehours.memory.learner.problem_sets import Problem
from officehours.memory.learner.promises import Promises
from officehours.memory.learner.questions import OpenQuestions
from officehours.memory.learner.quiz_values import Attempt, NewItem
from officehours.memory.learner.quizzes import Quizzes
from officehours.memory.learner.reviews import Reviews
from officehours.memory.learner.values import NewCard, Schedule
from officehours.memory.recall import Approvals, Sessions
from officehours.memory.store import Database, migrations
from officehours.memory.store.schema import token_calibrations, usage
from officehours.memory.types import Message, ToolCall

HERE = Path(__file__).parent


class Clock:
    """Begins on a day of 2026 and goes on by a minute at each look."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(minutes=1)
        return self._now


class NoSearch:
    """Finds nothing."""

    def search(self, *_query: object, **_filters: object) -> list[object]:
        return []


def fill(database: Database) -> None:
    """Put in something of every table."""
    clock = Clock()
    for handle, language in (("minji", "ko"), ("junho", "en")):
        student = students.find_or_create(database, handle, language=language, zone="Asia/Seoul", now=clock())
        talks = Sessions(database, student.id, clock)
        session = talks.create("kim-yongdam", title="고유값")
        learner = OpenQuestions(database, student.id, clock)
        for n, said in enumerate(("고유값이 뭐예요?", "What is an eigenvector?", "이건 취소할게요")):
            turn, asked = talks.begin_turn(session, said, "Asia/Seoul", context_note="(2026-11-21 Sat 12:00)")
            learner.ask(asked.id, said)
            call = ToolCall(f"call{n}", "calculate", '{"expression": "2*3"}')
            talks.append(session, turn, Message("assistant", "", (call,)))
            talks.append(session, turn, Message("tool", "6", tool_call_id=call.id, name="calculate"))
            reply = talks.append(session, turn, Message("assistant", f"답 {n}: it is the factor."))
            talks.finish_turn(turn, "done")
            if n == 0:
                learner.answered(asked.id, reply.id)
        talks.open_view(session, "start", system="You are a professor.", tools=[{"name": "calculate"}])
        talks.fork(session)
        talks.undo(session)
        first = talks.log(session)[0].id
        Misconceptions(database, student.id, clock).record("seen", "고유값", first, "고유값이 뭐예요?")
        StudyGoals(database, student.id, clock).set("exam date", 40, ["고유값"])
        Promises(database, student.id, clock).make("다음에는 특잇값 분해부터 합니다", first)
        CoreMemory(database, student.id, clock).append("student", "수학과 2학년", first)
        notes = ArchivalMemory(database, student.id, clock, NoSearch())  # pyright: ignore[reportArgumentType]
        fact = notes.insert("시험은 12월 3일이다", kind="fact", subject="exam date", trust="student")
        notes.update(fact.id, "시험은 12월 5일이다")
        name = StatedFact("name", "name", "민지", "", clock(), "Asia/Seoul")
        notes.insert(render_fact(name, language), kind="fact", subject="name", fact=name)
        notes.insert("Lecture 3 covers eigenvalues.", kind="passage", source="notes.md", locator="Lecture 3")
        glossary = Acronyms(database, student.id, clock)
        glossary.add(
            "SVD", "Singular Value Decomposition", trust="web", source="https://a.example", message=first
        )
        gone = notes.insert("forgotten")
        embed_pending(database, student.id, choose_embedder(database, "hashing-8"))
        notes.forget(gone.id)
        turn, _ = talks.begin_turn(session, "아직 답을 못 받은 질문", "Asia/Seoul")
        Approvals(database, student.id).of(turn).ask("call9", "policy")
        learn(database, student.id, clock, first)
    with database.begin() as connection:
        counts = {"input_tokens": 904, "cached_tokens": 0, "output_tokens": 404}
        row = {
            "student_id": 1,
            "session_id": 1,
            "turn_id": 1,
            "model": "m",
            "seconds": 1.5,
            "usd": "0.001058",
        }
        connection.execute(insert(usage), counts | row | {"created_at": clock()})
        sums = {"model": "m", "estimated": 10.0, "counted": 11.0, "updated_at": clock()}
        connection.execute(insert(token_calibrations), sums)


def learn(database: Database, student: int, clock: Clock, message: int) -> None:
    """Leave a reviewed card, a problem and a quiz with an answer."""
    cards, quizzes = Cards(database, student, clock), Quizzes(database, student, clock)
    card = cards.add(NewCard("고유값이란?", "크기만 바꾸는 벡터의 배율", "선형대수", message_id=message)).card
    cards.review(
        card.id, 3, lambda _card, _rating, now: Schedule(now + timedelta(days=2), 2, None, 2.3, 2.1, now)
    )
    Reviews(database, student, clock).keep_parameters([0.2] * 21, 400, 0.32, 0.34)
    quizzes.add_problems(
        [Problem("p1", "1 + 1", ("2",), answer_type="arithmetic", lesson="sums")], "Calculus"
    )
    kept = quizzes.problems()[0]
    quiz = quizzes.start([NewItem("1 + 1", kept.problem.answers, topic="sums", problem_id=kept.id)])
    asked = quizzes.next_item(quiz.id)
    assert asked is not None
    quizzes.record(Attempt("2", 1, "code", "sums", item_id=asked.id, problem_id=kept.id, message_id=message))
    quizzes.close_item(asked.id, "answered")


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with Database.open(path) as database:
            fill(database)
        with closing(sqlite3.connect(path)) as connection:
            dump = "\n".join(connection.iterdump())
    (HERE / f"{migrations.HEAD}.sql").write_text(dump + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
