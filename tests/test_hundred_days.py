"""The standing acceptance test: a student of a hundred sessions, with gaps of up to three months and deaths between commits.

The student is made up from a seed and forgets by a curve of their own. Everything is done through what the program itself
calls: turns of an agent with the study model, reviews and quizzes through the functions behind `officehours review` and
`officehours quiz`, and a clock that is set.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fsrs import Card as FsrsCard
from fsrs import Rating as FsrsRating
from fsrs import Scheduler
from sqlalchemy import select, update

from kills import KilledError, Kills
from officehours.agent.context.brief import TOKENS
from officehours.agent.context.budget import estimate_tools
from officehours.agent.greeting import brief_for
from officehours.agent.learner.rows import Learner
from officehours.agent.loop import Agent
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.tutor.grading import Grade, grade
from officehours.agent.tutor.plan import Plan
from officehours.agent.tutor.quizzing import takes_reading
from officehours.agent.tutor.reviewing import CardReview
from officehours.memory.learner.misconceptions import SPACED_DAYS, Event
from officehours.memory.learner.values import Rating
from officehours.memory.store import Database
from officehours.memory.store.schema import messages, open_questions
from officehours.memory.store.schema import sessions as talks
from officehours.memory.transfer.cards.from_course import course_cards
from officehours.tools.text import estimate_tokens
from talks import COURSE, PROFESSOR, read_in
from tutors import MovableClock, answer, say, scripted, tutor

pytestmark = [
    pytest.mark.slow,
    # The threads of the dead die of their next commit, as they should.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

SESSIONS, SEED = 100, 11
BEGIN = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
FILES = ("02-token-limits.md", "06-relu-variants.md", "07-backprop-overfitting.md", "08-lora-dora.md")
MINUTES = 30
WINDOW = 8_192
ASKED = ("LoRA가 뭐예요?", "ReLU가 뭐예요?", "토큰이 뭐예요?", "과적합이 뭐예요?", "역전파가 뭐예요?")
UNKNOWN = tuple(f"{name}가 뭐예요?" for name in ("양자 컴퓨터", "블록체인 구조", "칸트 미학", "광합성 회로"))
HARD = ("역전파", "과적합", "LoRA", "ReLU")


def gaps(chance: Random) -> list[int]:
    """Days between the sessions: mostly a few, some weeks, once two months and once three."""
    days = chance.choices([1, 2, 3, 5, 8, 14], [40, 20, 12, 8, 4, 2], k=SESSIONS - 3)
    days[chance.randrange(20, 40)], days[chance.randrange(60, 80)] = 61, 92
    return [*days, 1, 1]


class Student:
    """Somebody who forgets: what was learnt n times is remembered with probability 2 ** (-days / half-life)."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._known: dict[object, tuple[float, datetime]] = {}

    def recalls(self, thing: object, now: datetime) -> bool:
        """Whether it comes to mind; either way it was seen once more now."""
        half_life, last = self._known.get(thing, (0.0, now))
        days = (now - last).total_seconds() / 86_400
        recalled = half_life > 0 and self.chance.random() < 2 ** (-days / half_life)
        self._known[thing] = (half_life * 2.2 if recalled else max(1.5, half_life / 2), now)
        return recalled


class Life:
    """One student's hundred sessions, and what they are held against."""

    def __init__(self, home: Path, kills: Kills) -> None:
        self.home, self.kills, self.chance = home, kills, Random(SEED)
        self.clock, self.student = MovableClock(BEGIN), Student(self.chance)
        self.gaps = gaps(self.chance)
        self.exam = (BEGIN + timedelta(days=sum(self.gaps) + 8)).date()
        self.prompts: list[int] = []
        self.killed = 0
        self.active: set[date] = set()
        self.plans: list[Plan] = []
        self.parameters: dict[int, tuple[float, ...] | None] = {}
        self.happened: Counter[str] = Counter()

    @property
    def today(self) -> date:
        return self.clock().astimezone(SEOUL).date()

    def hire(self, model: Any = None, session: str = "latest") -> Agent:
        model = model or StudyModel(PROFESSOR.lines, PROFESSOR.names)
        return tutor(self.home, model, session=session, clock=self.clock, language="ko")

    def session(self, number: int) -> None:
        """Live one session; the process may die in it."""
        model = None
        if number % 4 == 3:
            model = scripted(lambda _: "네, 그렇습니다. 다음으로 가 볼까요?", window=WINDOW)
        self.kills.after(None)
        professor = self.hire(model, "new" if self.chance.random() < 0.15 else "latest")
        if number:
            self.look_back(professor)
        if 0 < number < SESSIONS - 1 and self.chance.random() < 0.25:
            self.kills.after(self.chance.randint(1, 25), before=self.chance.random() < 0.5)
        try:
            self.talk(professor, number)
            self.review(professor)
            if number % 2:
                self.quiz(professor)
        except KilledError:
            self.killed += 1
        self.kills.after(None)
        with (
            professor.state.db.begin() as connection
        ):  # a lease runs out with time, of which a test takes none
            connection.execute(update(talks).values(lease_owner=None, lease_until=None))
        if model:
            self.prompts += [size_of(request) for request in model.requests]
        self.look_over(professor)
        professor.close()

    # What is done

    def talk(self, professor: Agent, number: int) -> None:
        if number == 0:
            day = f"{self.exam.year}년 {self.exam.month}월 {self.exam.day}일"
            say(professor, f"저는 김민지예요. 인공지능 기말시험이 {day}이에요.")
            say(professor, "제 사물함 번호는 4821번이에요.")
            say(professor, f"복습 계획 짜줘. 하루 {MINUTES}분 할 수 있어요.")
            memories = professor.state.memories
            memories.cards.add_all(course_cards(memories.archival.list("passage")))
            memories.promises.make("다음에는 DoRA부터 합니다", 1)
            return
        for _ in range(self.chance.randint(1, 2)):
            match self.chance.choices(["ask", "unknown", "hard", "clear", "leave"], [6, 1, 2, 1, 1])[0]:
                case "ask":
                    say(professor, self.chance.choice(ASKED))
                case "unknown":
                    say(professor, self.chance.choice(UNKNOWN))
                case "hard":
                    say(professor, f"{self.chance.choice(HARD)}가 헷갈려요.")
                case "clear":
                    say(professor, f"{self.chance.choice(HARD)} 이제 알겠어요.")
                case _:
                    events = professor.turn(self.chance.choice(ASKED))
                    for _ in range(self.chance.randint(1, 3)):
                        next(events, None)
                    events.close()

    def review(self, professor: Agent) -> None:
        memories = professor.state.memories
        desk = CardReview(memories.cards, memories.reviews, self.clock)
        kept = memories.reviews.parameters()
        before = memories.reviews.count()
        sitting = desk.sitting()
        assert sitting.seconds <= 600
        try:
            for card in sitting.cards:
                recalled = self.student.recalls(card.front, self.clock())
                rating: Rating = self.chance.choice([3, 3, 4, 2]) if recalled else 1
                desk.rate(card.id, rating, duration=self.chance.randint(4_000, 20_000))
                self.clock.forward(seconds=self.chance.randint(5, 25))
            desk.fit_if_due()
        finally:
            for review in memories.reviews.all()[before:]:
                self.parameters[review.id] = kept.parameters if kept else None
                self.active.add(self.today)

    def quiz(self, professor: Agent) -> None:
        memories = professor.state.memories
        quizzing = professor.state.runtime.quizzing
        current = memories.quizzes.current()
        asked = quizzing.next(current) if current else quizzing.begin("", 3, None)
        while asked is not None:
            item = asked.item
            right = self.student.recalls(item.question, self.clock())
            said = item.answers[0] if right else "잘못 안 것"
            given = grade(asked.key, said)
            if takes_reading(asked, given, said):
                given = Grade(float(right), "attempt", "right" if right else "wrong")
            quizzing.keep(quizzing.answer(asked, said, given, by="student"))
            self.active.add(self.today)
            self.happened[item.kind] += 1
            asked = quizzing.next(asked.quiz)

    # What must hold

    def look_back(self, professor: Agent) -> None:
        """The brief is short, and each of its lines rests on rows that are there."""
        state = professor.state
        brief = brief_for(state.runtime, state.conversation.session)
        assert brief.lines
        assert estimate_tokens(brief.for_model) <= TOKENS
        for line in brief.lines:
            assert line.ids, line
            for name in line.ids:
                assert is_there(professor, name), (name, line)
        if (promises := state.memories.promises.open()) and len(brief.lines) < 6:
            assert promises[0].text in brief.for_student

    def look_over(self, professor: Agent) -> None:
        """The states of the table, a plan that follows from the rows, no question lost."""
        memories, now = professor.state.memories, self.clock().astimezone(SEOUL)
        for item in memories.misconceptions.all():
            assert item.state == by_the_table(item.events), item
            self.happened[item.state] += 1
        learner = Learner(professor.state.db, memories.student.id, self.clock)
        plan, exam = learner.plan(self.today)
        assert exam is not None
        assert (exam.day, plan.minutes) == (self.exam, MINUTES)
        assert all(sum(item.minutes for item in items) <= MINUTES for items in plan.days.values())
        assert all(self.today <= day < self.exam for day in plan.days)
        idle = [BEGIN.date() + timedelta(days=n) for n in range((self.today - BEGIN.date()).days)]
        spoken = set(self.days_spoken(professor))
        assert plan.missed >= sum(day not in spoken for day in idle)
        assert plan.missed <= sum(day not in self.active for day in idle)
        assert learner.next_step(now, plan).why
        self.plans.append(plan)
        waiting = memories.questions.open_questions()
        asked = Counter(question.text for question in waiting)
        assert set(asked) <= {*ASKED, *UNKNOWN}, asked

    def left_open(self) -> set[str]:
        with Database.open(self.home / "officehours.db") as database, database.read() as connection:
            open_ones = (
                select(messages.c.session_id)
                .join(open_questions, open_questions.c.message_id == messages.c.id)
                .where(open_questions.c.state == "open")
            )
            return {f"s{session}" for session in connection.scalars(open_ones)}

    def days_spoken(self, professor: Agent) -> Iterator[date]:
        sessions = professor.state.memories.sessions
        for session in sessions.list():
            for stored in sessions.log(session):
                yield stored.time.astimezone(SEOUL).date()


def is_there(professor: Agent, name: str) -> bool:
    """Whether a row of the student's has that id."""
    memories, number = professor.state.memories, int(name[1:])
    match name[0]:
        case "k":
            return memories.cards.get(number).name == name
        case "q":
            return memories.quizzes.get(number).id == number
        case "r":
            return name in {promise.name for promise in memories.promises.open()}
        case _:
            return professor.state.look_up(name) is not None


def size_of(request: Any) -> int:
    """About the tokens of a request: its messages, their calls, and the tools."""
    texts = [part for m in request.messages for part in (m.content, *(c.arguments for c in m.tool_calls))]
    return int(sum(map(estimate_tokens, texts)) + estimate_tools(request.tools))


def by_the_table(events: Sequence[Event]) -> str:
    """Where the table of docs/tutor-policy.md leads, event by event."""
    text = (Path(__file__).parents[1] / "docs" / "tutor-policy.md").read_text(encoding="utf-8")
    head, *rows = (row.split(" | ") for row in re.findall(r"^\| (.+) \|$", text.split("A misconception's own")[1], re.MULTILINE))  # fmt: skip
    table = {
        re.findall(r"`(\w+)`", row[0])[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows[:-1]
    }
    state, right = "", set[date]()
    for event in events:
        if not state:
            state = "suspected"
            continue
        state = table[event.kind][state]
        right = set() if event.kind == "seen" else right | ({event.day} if event.kind == "right" else set())
        if len(right) >= SPACED_DAYS:
            state = "resolved"
    return state


def due_by_py_fsrs(life: Life, log: Sequence[Any]) -> dict[int, FsrsCard]:
    """Play the log of reviews in py-fsrs itself."""
    found: dict[int, FsrsCard] = {}
    schedulers: dict[tuple[float, ...] | None, Scheduler] = {}
    for review in log:
        known = life.parameters[review.id]
        if known not in schedulers:
            made = partial(Scheduler, desired_retention=0.9, enable_fuzzing=False)
            schedulers[known] = made() if known is None else made(known)
        card = found.get(review.card_id) or FsrsCard(card_id=review.card_id, due=BEGIN)
        found[review.card_id], _ = schedulers[known].review_card(
            card, FsrsRating(review.rating), review.at.astimezone(UTC)
        )
    return found


def test_a_hundred_sessions(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    course = tmp_path / "course"
    course.mkdir()
    for file in FILES:
        shutil.copy(COURSE / file, course)
    read_in(own_home, course, "hashing")
    life = Life(own_home, Kills(monkeypatch))
    for number in range(SESSIONS):
        life.session(number)
        if number < len(life.gaps):
            life.clock.forward(days=life.gaps[number])

    for conversation in life.left_open():  # what a death left open is parked once its conversation goes on
        with life.hire(session=conversation) as professor:
            say(professor, "안녕하세요")
    with life.hire(session="new") as professor:
        memories = professor.state.memories
        told = [
            answer(say(professor, text))
            for text in ("제 사물함 번호가 뭐예요?", "제 이름이 뭐예요?", "시험까지 며칠 남았나요?")
        ]
        log = memories.reviews.all()
        cards = {card.id: card.schedule for card in memories.cards.all()}
        waiting = {question.text for question in memories.questions.open_questions()}
        rows = questions_of(professor)
    assert "4821" in told[0]
    assert "김민지" in told[1]
    assert str((life.exam - life.today).days) in told[2]

    expected = due_by_py_fsrs(life, log)
    assert {item: card.due for item, card in expected.items()} == {
        item: card.due for item, card in cards.items()
    }
    assert (
        len(set(life.parameters.values())) > 1
    )  # the published ones, then those that were fitted to the log

    assert rows
    assert {state for _, state in rows} <= {"answered", "parked", "dismissed", "withdrawn"}
    assert {text for text, state in rows if state == "parked"} == waiting
    assert set(UNKNOWN) & waiting

    assert 0 < max(life.prompts) <= WINDOW
    assert life.killed >= 8
    assert max(plan.missed for plan in life.plans) > 100
    assert any(plan.yesterday for plan in life.plans)
    assert len({tuple(plan.days) for plan in life.plans}) > 50
    assert {"confirmed", "challenged", "claimed", "resolved", "relapsed"} <= set(life.happened)


def questions_of(professor: Agent) -> list[tuple[str, str]]:
    """Every question of the ledger and its state; each message that asks one has its row."""
    with professor.state.db.read() as connection:
        rows = connection.execute(
            select(messages.c.content, open_questions.c.state)
            .outerjoin(open_questions, open_questions.c.message_id == messages.c.id)
            .where(messages.c.role == "user", messages.c.content.contains("뭐예요"))
        )
        return [(row.content, row.state) for row in rows]
