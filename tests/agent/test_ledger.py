"""No question is ever lost: sessions made up by a seed, with failures, undoing, and kills between any two commits."""

from __future__ import annotations

import random
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from kills import KilledError, Kills
from officehours.agent.loop import Agent
from officehours.agent.model import Chunk, Finished, Request, TextDelta
from officehours.agent.session_actions import undo
from officehours.memory.errors import NotFound, ServerUnreachable
from officehours.memory.store import Database
from officehours.memory.store.schema import messages, open_questions, turns
from officehours.memory.store.schema import sessions as talks
from tutors import PROFILE, MovableClock, say, tutor

CLOSED = {"answered", "parked", "dismissed", "withdrawn"}


class Moody:
    """A model that answers, fails, or says that it cannot answer, as it is told."""

    profile = PROFILE
    mood = "answers"

    def stream(self, request: Request) -> Generator[Chunk]:  # noqa: ARG002
        if self.mood == "fails":
            raise ServerUnreachable("There is no server.", "서버가 없습니다.")
        yield TextDelta("답입니다." if self.mood == "answers" else "자료에 없습니다.")
        yield Finished("stop" if self.mood == "answers" else "unanswered")


def live(professor: Agent, model: Moody, chance: random.Random, number: int) -> None:
    """Do what a student may do in one session."""
    asked = [f"{number}-{n}번 개념이 뭐예요?" for n in range(3)]
    for _ in range(chance.randint(1, 4)):
        model.mood = chance.choices(["answers", "fails", "shrugs"], [6, 2, 2])[0]
        match chance.choices(["ask", "tell", "undo", "dismiss", "leave"], [6, 1, 1, 1, 1])[0]:
            case "ask":
                say(professor, chance.choice(asked))
            case "tell":
                say(professor, "저는 부산에 살아요.")
            case "undo":
                with suppress(NotFound):
                    undo(professor)
            case "dismiss":
                ledger = professor.state.memories.questions
                if waiting := ledger.open_questions():
                    ledger.dismiss(chance.choice(waiting).message_id)
            case _:
                events = professor.turn(chance.choice(asked))
                for _ in range(chance.randint(1, 3)):
                    next(events, None)
                events.close()


def ledger_of(database: Database) -> list[Any]:
    """Every question with its message's and turn's fate."""
    with database.read() as connection:
        rows = connection.execute(
            select(
                messages.c.id, messages.c.session_id, messages.c.undone, messages.c.content, turns.c.state.label("turn"),
                open_questions.c.state, open_questions.c.answer_id,
            )
            .join(turns, turns.c.id == messages.c.turn_id)
            .outerjoin(open_questions, open_questions.c.message_id == messages.c.id)
            .where(messages.c.role == "user", messages.c.content.contains("뭐예요"))
        )  # fmt: skip
        return list(rows)


# The threads of the dead die of their next commit, as they should.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    "sessions",
    [range(50), *(pytest.param(range(n, n + 125), marks=pytest.mark.slow) for n in range(0, 1_000, 125))],
    ids=str,
)
def test_every_question_ends_answered_parked_dismissed_or_withdrawn(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, sessions: range
) -> None:
    kills, clock, killed = Kills(monkeypatch), MovableClock(), 0
    for number in sessions:
        chance, model = random.Random(number), Moody()
        clock.forward(hours=chance.choice([1, 9, 30]))
        kills.after(None)
        professor = tutor(
            own_home / str(number // 25),
            model,
            session=chance.choice(["latest", "new"]),
            clock=clock,
            language="ko",
        )
        kills.after(chance.choice([None, *range(1, 12)]), before=chance.random() < 0.5)
        try:
            live(professor, model, chance, number)
        except KilledError:
            killed += 1
        kills.after(None)
        with (
            professor.state.db.begin() as connection
        ):  # a lease runs out with time, of which a test takes none
            connection.execute(update(talks).values(lease_owner=None, lease_until=None))
        rows = ledger_of(professor.state.db)
        professor.close()
        assert all(row.state is not None for row in rows)
        running = [row for row in rows if row.state == "open"]
        assert all(row.turn == "open" for row in running)
        assert all(row.answer_id for row in rows if row.state == "answered")
        assert not [row for row in rows if row.undone and row.state in {"open", "parked"}]
        if number % 25 == 24 or number == sessions[-1]:
            settle(own_home / str(number // 25), {row.session_id for row in running}, clock)
    assert killed > len(sessions) / 10


def settle(home: Path, left: set[int], clock: MovableClock) -> None:
    """Come back to each conversation in which the process died, and go on to something else."""
    for session in left:
        clock.forward(hours=1)
        with tutor(home, Moody(), session=f"s{session}", clock=clock, language="ko") as professor:
            say(professor, "안녕하세요")
    with Database.open(home / "officehours.db") as database:
        assert {row.state for row in ledger_of(database)} <= CLOSED
