"""Cards of what the course itself sets against each other; `learner.pairs` reads it, passage by passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...archival import ArchivalRecord
from ...learner.pairs import pairs_in
from ...learner.values import NewCard


def course_cards(passages: Iterable[ArchivalRecord], topic: str | None = None) -> Iterator[NewCard]:
    """Give the cards of course passages, each with where it stands.

    Args:
        topic: Only passages whose file or headings, or cards whose front, hold these words.
    """
    words = (topic or "").casefold().split()
    for passage in passages:
        heading, _, body = passage.text.partition("\n\n")
        place = " · ".join(filter(None, (passage.origin, passage.locator)))
        for pair in pairs_in(heading, body):
            about = f"{place} {heading} {pair.front}".casefold()
            if all(word in about for word in words):
                yield NewCard(
                    pair.front,
                    pair.back,
                    topic=heading.partition(" > ")[0],
                    origin="material",
                    trust=passage.trust,
                    archival_id=int(passage.id[1:]),
                    source=place or None,
                )
