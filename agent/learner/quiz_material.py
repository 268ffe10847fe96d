"""What one student is to be asked besides problems and cards: what waits to be checked, what was never put in own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ...memory.archival import ArchivalRecord
from ...memory.dates.naming import Language
from ...memory.learner.quiz_values import Kind, NewItem
from ...memory.learner.studied import day_of
from ...memory.text import mentions, sentences
from ..tutor.quiz_items import explain_item
from .rows import Learner

KEY_SENTENCES = 2
"""Of the course, shown beside the student's own explanation."""


def quiz_material(
    learner: Learner,
    passages: Callable[[], Iterable[ArchivalRecord]],
    language: Language,
    topic: str,
    kind: Kind | None,
) -> tuple[list[str], list[NewItem]]:
    """Give what waits to be asked about again, and what can be asked to be put in own words.

    Args:
        passages: Reads the course, where it is needed.
        topic: What they are to be about; "" for anything.
        kind: Of the questions that are wanted; None for each as it is.
    """
    today = day_of(learner.db, learner.student_id)(learner.clock())
    words = tuple(topic.split())
    checks = [item.topic for item in learner.hard if item.waits(today) and mentions(item.topic, words)]
    if kind not in {None, "explain"} or (kind is None and not checks):
        return checks, []
    return checks, list(_explanations(learner, list(passages()), checks, topic, language))


def _explanations(
    learner: Learner,
    course: Sequence[ArchivalRecord],
    checks: Sequence[str],
    topic: str,
    language: Language,
) -> Iterator[NewItem]:
    """What is to be checked, what goes well and was never explained, then the rest of the course; or what is named."""
    named = [topic] if topic and topic not in checks else []
    for name in [*checks, *named]:
        found = ((passage, key) for passage in course if (key := _said_of(name, passage)))
        if (first := next(found, None)) is not None:
            yield explain_item(name, first[1], language, int(first[0].id[1:]))
    if not topic:
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
