"""A student's report, read from rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePosixPath

from ...memory.learner.cards import Cards
from ...memory.learner.misconceptions import Misconception, Misconceptions
from ...memory.learner.questions import OpenQuestions
from ...memory.learner.quiz_values import Attempt
from ...memory.learner.reviews import Reviews
from ...memory.learner.studied import CitedPassage, cited_passages, spoken
from ...memory.learner.values import card_id
from ...memory.store import Database
from ...memory.types import archival_id, message_id
from ...memory.usage import Spent, UsageLog
from ..billing.report import FAR_AHEAD, LONG_AGO, UsageTotals
from ..settings import local_time
from ..tutor.report import (
    HardTopic,
    ModelCost,
    Moment,
    QuestionOpen,
    StudyReport,
    TopicKnown,
    attempt_id,
    call_id,
    days_studied,
    forgetting_curve,
    review_id,
    reviews_kept,
    topics_studied,
)
from .mastery import Practice
from .topics import CourseTopics


def study_report(
    db: Database, student_id: int, now: datetime, zone: str, since: datetime | None = None
) -> StudyReport:
    """Count what one student did.

    Args:
        db: The store.
        student_id: Whose.
        now: Aware.
        zone: Where the student is; days are theirs.
        since: Only from then on; aware.
    """
    start = since or LONG_AGO
    mine = (db, student_id, lambda: now)
    topics = CourseTopics.of(db, student_id)
    practice = Practice.of(*mine, topics)
    reviews = [review for review in Reviews(*mine).all() if review.at >= start]
    attempts = [attempt for attempt in practice.attempts if attempt.at and attempt.at >= start]

    def day(at: datetime) -> date:
        return local_time(at, zone).date()

    moments = [
        *(Moment(m.at, message_id(m.message_id), f"s{m.session_id}") for m in spoken(db, student_id, start)),
        *(Moment(review.at, review_id(review.id)) for review in reviews),
        *(Moment(attempt.at, attempt_id(attempt.id)) for attempt in attempts if attempt.at),
    ]
    cited = [item for item in cited_passages(db, student_id) if item.at >= start]
    return StudyReport(
        since=day(since) if since else None,
        until=day(now),
        days=tuple(days_studied(Moment(local_time(m.at, zone), m.id, m.session) for m in moments)),
        topics=tuple(topics_studied([*_cited(cited, topics), *_tried(attempts, zone)])),
        known=tuple(
            TopicKnown(item, _rows_of(topic, practice))
            for topic, item in sorted(practice.mastery(now).items())
        ),
        kept=reviews_kept(((r, local_time(r.at, zone)) for r in reviews), (c.id for c in Cards(*mine).due())),
        forgetting=tuple(forgetting_curve(reviews, practice.schedule)),
        questions=tuple(
            QuestionOpen(q.text, day(q.asked_at), (message_id(q.message_id),))
            for q in OpenQuestions(*mine).open_questions()
        ),
        hard=tuple(_hard(item) for item in Misconceptions(*mine).all()),
        cost=tuple(_costs(UsageLog(*mine).between(start, FAR_AHEAD))),
    )


def _cited(cited: Sequence[CitedPassage], topics: CourseTopics) -> Iterator[tuple[str, date, Sequence[str]]]:
    for item in cited:
        passage = archival_id(item.archival_id)
        topic = topics.of_passage(passage) or PurePosixPath(item.file).name
        yield topic, item.day, (passage, message_id(item.message_id))


def _tried(attempts: Sequence[Attempt], zone: str) -> Iterator[tuple[str, date, Sequence[str]]]:
    for attempt in attempts:
        if attempt.topic and attempt.at:
            yield attempt.topic, local_time(attempt.at, zone).date(), (attempt_id(attempt.id),)


def _rows_of(topic: str, practice: Practice) -> tuple[str, ...]:
    reviewed = (c for c in practice.cards if c.topic == topic and c.schedule.last_review is not None)
    return (
        *(attempt_id(a.id) for a in practice.attempts if a.topic == topic),
        *(card_id(card.id) for card in reviewed),
    )


def _hard(item: Misconception) -> HardTopic:
    told = (e.message_id for e in item.events if e.message_id is not None)
    return HardTopic(
        item.topic, item.state, item.events[0].day, tuple(dict.fromkeys(message_id(m) for m in told))
    )


def _costs(calls: Sequence[Spent]) -> Iterator[ModelCost]:
    by_model: dict[str, list[Spent]] = {}
    for call in calls:
        by_model.setdefault(call.model, []).append(call)
    for model, there in by_model.items():
        total = UsageTotals()
        for call in there:
            total = total.plus(call)
        yield ModelCost(model, total, tuple(call_id(call.id) for call in there))
