"""A quiz as it goes on: what is open, what the student's words do to it, and what is kept of that.

The command and the conversation both ask here, so that a quiz begun in one goes on in the other, and an answer counts
the same however it was given. Nothing in it knows a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Final, Literal

from ...memory.archival import ArchivalMemory
from ...memory.learner.cards import Cards
from ...memory.learner.pairs import pairs_in
from ...memory.learner.problem_sets import Problem
from ...memory.learner.quiz_values import Attempt, GradedBy, Kind, NewItem, Quiz, QuizItem, Score
from ...memory.learner.quizzes import Quizzes
from ...memory.text import mentions
from ...memory.text.translations import translations
from ...tools.base import OUTSIDE
from ...tools.calculator.calculate import numbers_in
from .grading import AnswerKey, Grade
from .hints import Ladder, LockPolicy, Step
from .quiz_items import Sides, choose_items

Move = Literal["answer", "hint", "asks", "give_up", "choices", "skip"]
"""What a student's words do to the question that is open; "asks" is for its answer without giving up."""

Material = Callable[[str, Kind | None], tuple[Sequence[str], Sequence[NewItem]]]

NEAR: Final = 0.5
"""Relevance from which a passage that does not name the topic is on it."""

MOST_PASSAGES: Final = 200
"""Of a course that is asked about as a whole, drawn by lot: about a millisecond each."""

PASSAGES, FILES = 24, 2
"""How many passages on a topic are looked through for questions, and how many files as a whole: a file's own questions
stand at its end and need not name it."""


@dataclass(frozen=True, slots=True)
class Open:
    """The question that is asked now; the quiz has `total` of them."""

    quiz: Quiz
    item: QuizItem
    ladder: Ladder
    total: int

    @property
    def key(self) -> AnswerKey:
        """What an answer is held against."""
        item = self.item
        return AnswerKey(item.answers, item.answer_type, item.choices, item.question)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the student's words did to a question, not yet kept.

    Attributes:
        after: Where they stand with it now.
        attempt: What is kept of an answer; None where the words were none.
    """

    asked: Open
    move: Move
    after: Ladder
    attempt: Attempt | None = None

    @property
    def step(self) -> Step | None:
        """The step of the ladder that is to be said now."""
        return self.after.said[-1] if self.after.given > self.asked.ladder.given else None

    @property
    def key(self) -> str:
        """The key, once it may be seen; "" while it is locked, and where the policy never shows it."""
        seen = self.after.state == "solved" or (self.after.state == "shown" and self.after.policy.shows)
        return self.asked.item.answers[0] if seen else ""


class Quizzing:
    """One student's quizzes.

    Args:
        quizzes, cards, archival: That student's rows.
        clock: Gives now; it seeds the order of choices.
        policy: When a key may be shown.
        material: Gives, on a topic, what waits to be checked and what can be asked to be put in own words.
    """

    def __init__(
        self,
        quizzes: Quizzes,
        cards: Cards,
        archival: ArchivalMemory,
        clock: Callable[[], datetime],
        policy: LockPolicy,
        material: Material,
    ) -> None:
        self._quizzes, self._cards, self._archival = quizzes, cards, archival
        self._clock, self._policy, self._material = clock, policy, material

    # What is open

    def open(self) -> Open | None:
        """Give the question that was asked and waits for an answer, wherever it was asked."""
        quiz = self._quizzes.current()
        if quiz is None:
            return None
        items = self._quizzes.items(quiz.id)
        item = next((item for item in items if item.state == "asked"), None)
        return None if item is None else Open(quiz, item, self._ladder(item), len(items))

    def locked(self) -> Ladder | None:
        """Give where the student stands with the question that is open; None where none is."""
        now = self.open()
        return now.ladder if now else None

    def climb(self) -> None:
        """Take in that the next step of the ladder was said."""
        if (now := self.open()) is not None:
            self._quizzes.give_hints(now.item.id, now.ladder.climbed().given)

    def _ladder(self, item: QuizItem) -> Ladder:
        """Where the student stands with a question: what was tried and said before counts, wherever it was."""
        tried = self._quizzes.attempts(item=item.id)
        problem = Problem(
            str(item.id), item.question, item.answers, answer_type=item.answer_type, choices=item.choices
        )
        if item.problem_id:
            problem = self._quizzes.problem(item.problem_id).problem
        tries = self._policy.tries
        if item.choices and tries is not None:  # of two choices the one that is left tells the answer
            tries = min(tries, len(item.choices) - 1)
        return Ladder(
            problem,
            replace(self._policy, tries=tries),
            given=max([item.hints, *(attempt.hints_used for attempt in tried)]),
            wrong=sum(attempt.correct == 0 for attempt in tried),
            part=sum(attempt.correct == 0.5 for attempt in tried),
        )

    # Beginning and going on

    def begin(self, topic: str, count: int, kind: Kind | None, session: int | None = None) -> Open | None:
        """Begin a quiz and ask its first question; None where there is nothing to ask.

        Args:
            topic: Words of it; "" for anything.
            session: The conversation it is asked in; None for the command.
        """
        problems, cards = self._quizzes.problems(topic), self._cards.all(topic or None)
        course = [] if len(problems) + len(cards) >= count else self._of_course(topic)
        checks, explanations = self._material(topic, kind)
        items = choose_items(
            problems, cards, self._quizzes.attempts(), count, kind,
            seed=int(self._clock().timestamp()), course=course, asked=self._quizzes.asked(),
            checks=checks, explanations=explanations,
        )  # fmt: skip
        if not items:
            return None
        quiz = self._quizzes.start(items, topic=topic, kind=kind or "mixed", session=session)
        return self.next(quiz)

    def next(self, quiz: Quiz) -> Open | None:
        """Ask the next question, if none waits for an answer; None, and the quiz is over, where all are closed."""
        if self._quizzes.next_item(quiz.id) is None:
            self._quizzes.finish(quiz.id)
            return None
        return self.open()

    def pause(self, asked: Open) -> None:
        """Leave off: the quiz is gone on with another time. Where giving up opens no lock, this does not either."""
        if self._policy.on_giving_up:
            self._quizzes.pause(asked.quiz.id)

    def again(self, quiz: Quiz) -> Open | None:
        """Ask what was not wholly right once more; None where all was."""
        wrong = self._quizzes.wrong_ones_again(quiz.id)
        return self.next(wrong) if wrong else None

    def _of_course(self, topic: str) -> list[Sides]:
        """What the course sets against each other on a topic: its nearest passages and their files, the nearest first."""
        passages = [r for r in self._archival.list("passage") if r.trust not in OUTSIDE]
        names, files, ids = list[tuple[str, ...]](), list[str | None](), set[str]()
        if topic:
            names = [tuple(topic.split())]
            names += [tuple(name.split()) for term in translations(topic) for name in term.names]
            hits = self._archival.search(topic, PASSAGES, kinds={"passage"})
            on_it = [hit for hit in hits if _names_one(f"{hit.origin} {hit.locator}\n{hit.text}", names)]
            on_it = on_it or [hit for hit in hits if hit.relevance >= NEAR]
            files = list(dict.fromkeys(hit.origin for hit in on_it))
            ids = {hit.id for hit in on_it}
            passages = [r for r in passages if r.id in ids or r.origin in files[:FILES]]
        elif len(passages) > MOST_PASSAGES:
            passages = Random(int(self._clock().timestamp())).sample(passages, MOST_PASSAGES)
        rank = {origin: place for place, origin in enumerate(files)}
        found: list[tuple[tuple[bool, int, bool], Sides]] = []
        for r in passages:
            for sides in _sides(r.id, r.text, r.origin or ""):
                unnamed = not _names_one(f"{sides.front} {sides.back}", names)
                found.append(((r.id not in ids, rank.get(r.origin, 0), unnamed), sides))
        return [sides for _, sides in sorted(found, key=lambda ranked: ranked[0])]

    # What the student says

    def take(self, asked: Open, move: Move) -> Taken:
        """Take in words that are no answer."""
        ladder = asked.ladder
        match move:
            case "hint":
                after = ladder.asked_for_hint()
            case "asks":
                after = ladder.climbed()
            case "give_up":
                after = ladder.gave_up() if ladder.policy.on_giving_up else ladder.climbed()
            case _:
                after = ladder
        return Taken(asked, move, after)

    def answer(
        self, asked: Open, words: str, given: Grade, *, by: GradedBy = "code", reason: str = ""
    ) -> Taken:
        """Take in an answer and how it was graded; where nobody could grade it, the key is shown to compare with.

        Args:
            reason: Why it was graded so.
        """
        item, ladder = asked.item, asked.ladder
        compared = by in {"student", "nobody"}  # the key was seen
        after = replace(ladder, state="shown") if compared else ladder.attempted(given)
        attempt = Attempt(
            words, given.correct, by, item.topic, reason, ladder.given, item.id, item.problem_id, item.card_id
        )
        return Taken(asked, "answer", after, attempt)

    def keep(self, taken: Taken, message: int | None = None) -> Score:
        """Keep what the student's words did.

        Args:
            message: The message that they stood in.

        Returns:
            How the quiz stands.
        """
        item, attempt = taken.asked.item, taken.attempt
        if attempt is not None:
            self._quizzes.record(replace(attempt, message_id=message))
        if taken.after.given != item.hints:
            self._quizzes.give_hints(item.id, taken.after.given)
        if not taken.after.locked or taken.move == "skip":
            tried = attempt or self._quizzes.attempts(item=item.id)
            self._quizzes.close_item(item.id, "answered" if tried else "given_up")
        return self._quizzes.score(taken.asked.quiz.id)


def takes_reading(asked: Open, given: Grade, words: str) -> bool:
    """Whether an answer may be right though comparing does not find it so.

    The back of a card and the key of a course were written to be read. Where the key is a number and one was given, or
    a choice was to be made, comparing decides.
    """
    if given.kind != "attempt" or given.correct == 1 or asked.item.choices:
        return False
    if given.correct is None or asked.item.kind == "explain":
        return True
    numeric = any(numbers_in(answer) for answer in asked.item.answers)
    return asked.item.problem_id is None and not (numeric and numbers_in(words))


def _names_one(text: str, names: Sequence[tuple[str, ...]]) -> bool:
    return any(mentions(text, name) for name in names)


def _sides(item: str, text: str, origin: str) -> Sequence[Sides]:
    """The sides that a passage has, with what it is headed by."""
    heading, _, body = text.partition("\n\n")
    topic = heading.partition(" > ")[0] or origin
    return [
        Sides(pair.front, pair.back, topic, archival_id=int(item[1:]), asked=pair.asked)
        for pair in pairs_in(heading, body)
    ]
