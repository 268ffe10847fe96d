"""What a topic is called: one name for the passages, the cards and the answers of the same part of the course.

A card of the course keeps the heading it was read under, and says the place it is from; an answer on it names the card.
By that place all of them come under the topic that the plan has: a file, or where there are few files a chapter. What
is not of the course keeps its own topic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ...memory.archival.records import places_of
from ...memory.learner.quiz_values import Attempt
from ...memory.learner.values import Card
from ...memory.store import Database
from ...memory.text import mentions
from ...memory.text.translations import translations

WHOLE_FILES = 3
"""From so many files on a topic is a file; of fewer it is a chapter."""


@dataclass(frozen=True, slots=True)
class CourseTopics:
    """The topics of a course, in its order.

    Attributes:
        places: Where the passages of each topic stand, (file, locator), and their ids.
    """

    places: Mapping[str, tuple[tuple[str, str, str], ...]]
    _by_place: Mapping[str, str] = field(init=False, repr=False)
    _by_id: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_place = {
            " · ".join(filter(None, place[:2])): topic
            for topic, places in self.places.items()
            for place in places
        }
        by_id = {item: topic for topic, places in self.places.items() for _, _, item in places}
        object.__setattr__(self, "_by_place", by_place)
        object.__setattr__(self, "_by_id", by_id)

    @classmethod
    def of(cls, db: Database, student_id: int) -> CourseTopics:
        """Read one student's."""
        places = places_of(db, student_id)
        whole = len({file for file, _, _ in places}) >= WHOLE_FILES
        found: dict[str, list[tuple[str, str, str]]] = {}
        for file, locator, item in places:
            chapter = "" if whole else locator.partition("/")[0]
            topic = " · ".join(filter(None, (PurePosixPath(file).name, chapter)))
            found.setdefault(topic, []).append((file, locator, item))
        return cls({topic: tuple(places) for topic, places in found.items()})

    def folder_of(self, exam: str) -> str:
        """The folder of the course that an exam is named by, in either language, with its slash; "" for none.

        "선형대수 기말" is about `linear-algebra/`: of two courses only that one is planned for it.
        """
        spoken = [exam, *(name for term in translations(exam) for name in term.names)]
        folders = {
            file.partition("/")[0] for places in self.places.values() for file, _, _ in places if "/" in file
        }
        named = (f for f in sorted(folders) if any(mentions(text, _words(f)) for text in spoken))
        return next((f"{folder}/" for folder in named), "")

    def of_passage(self, item: str) -> str:
        """The topic of a passage by its id (`a12`); "" where it is not in the course any more."""
        return self._by_id.get(item, "")

    def of_card(self, card: Card) -> str:
        """The topic of a card: where it stands in the course, else what it says itself."""
        return self._by_place.get(card.source or "", card.topic)

    def named(
        self, cards: Iterable[Card], attempts: Iterable[Attempt], passages: Mapping[int, str]
    ) -> tuple[list[Card], list[Attempt]]:
        """Give cards, and answers on them or on what was made of the course, under these topics.

        Args:
            passages: What questions were made of, by their rows (`Quizzes.passages`).
        """
        known = [replace(card, topic=self.of_card(card)) for card in cards]
        of = {card.id: card.topic for card in known}
        return known, [
            replace(
                a,
                topic=of.get(a.card_id or 0) or self.of_passage(passages.get(a.item_id or 0, "")) or a.topic,
            )
            for a in attempts
        ]


def _words(folder: str) -> tuple[str, ...]:
    return tuple(folder.replace("-", " ").replace("_", " ").split())
