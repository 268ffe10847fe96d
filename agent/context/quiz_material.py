"""What one student can be asked: problems and cards, what waits to be checked, what was never put in own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...memory.archival import ArchivalRecord
from ...memory.dates.naming import Language
from ...memory.learner.cards import Cards
from ...memory.learner.quiz_values import Kind, NewItem
from ...memory.learner.quizzes import Quizzes
from ...memory.learner.studied import day_of
from ...memory.text import mentions, sentences
from ..tutor.quiz_items import choose_items, explain_item
from .learner import Learner

KEY_SENTENCES = 2
"""Of the course, shown beside the student's own explanation."""


def questions_for(
    learner: Learner,
    passages: Iterable[ArchivalRecord],
    topic: str | None,
    count: int,
    kind: Kind | None,
    language: Language,
) -> list[NewItem]:
    """Choose and make at most `count` questions.

    Args:
        passages: The course.
        topic: What they are to be about; None for anything.
        kind: None for each as it is; what waits to be asked about again comes first then.
    """
    mine = (learner.db, learner.student_id, learner.clock)
    quizzes, now = Quizzes(*mine), learner.clock()
    today = day_of(learner.db, learner.student_id)(now)
    checks = [
        item.topic
        for item in learner.hard
        if item.waits(today) and (topic is None or mentions(item.topic, tuple(topic.split())))
    ]
    course = list(passages) if kind == "explain" or (kind is None and checks) else []
    return choose_items(
        quizzes.problems(topic),
        Cards(*mine).all(topic),
        quizzes.attempts(),
        count,
        kind,
        seed=int(now.timestamp()),
        checks=checks,
        explanations=list(_explanations(learner, course, checks, topic, language)),
    )


def _explanations(
    learner: Learner,
    course: Sequence[ArchivalRecord],
    checks: Sequence[str],
    topic: str | None,
    language: Language,
) -> Iterator[NewItem]:
    """What is to be checked, what goes well and was never explained, then the rest of the course; or what is named."""
    named = [topic] if topic and topic not in checks else []
    for name in [*checks, *named]:
        found = ((passage, key) for passage in course if (key := _said_of(name, passage)))
        if (first := next(found, None)) is not None:
            yield explain_item(name, first[1], language, int(first[0].id[1:]))
    if topic is None:
        by_id = {passage.id: passage for passage in course}
        known = [item for item in learner.mastery.values() if not item.explained and item.attempts]
        well = [item.topic for item in sorted(known, key=lambda item: item.weakness)]
        done = {item.topic for item in learner.mastery.values() if item.explained}
        for name in dict.fromkeys([*well, *learner.places]):
            first = next((by_id[at] for _, _, at in learner.places.get(name, ()) if at in by_id), None)
            if first is not None and name not in done and (key := _beginning(first)):
                yield explain_item(name, key, language, int(first.id[1:]))


def _beginning(passage: ArchivalRecord) -> str:
    return " ".join(sentences(_body(passage))[:KEY_SENTENCES])


def _said_of(topic: str, passage: ArchivalRecord) -> str:
    """The first sentence of a passage that names a topic, and the next; "" where none does."""
    told, words = sentences(_body(passage)), tuple(topic.split())
    at = next((n for n, sentence in enumerate(told) if mentions(sentence, words)), None)
    return "" if at is None else " ".join(told[at : at + KEY_SENTENCES])


def _body(passage: ArchivalRecord) -> str:
    """A passage without the headings that it stands under."""
    return passage.text.partition("\n\n")[2] or passage.text
