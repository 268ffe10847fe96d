"""What the student stated about themself in a turn, kept as facts with the words they rest on.

Rules find it (`memory/facts/extract.py`), whatever the model is, so that a name or an exam date is never lost because
a small model forgot to save it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..memory.archival import ArchivalMemory, ArchivalRecord
from ..memory.core import CoreMemory
from ..memory.facts import StatedFact, extract_facts, settle
from ..memory.types import StoredMessage


def stated_in(said: StoredMessage) -> list[StatedFact]:
    """Read a message by rule. It takes milliseconds: outside of any transaction."""
    return extract_facts(said.message.content, said.time, said.zone)


def save_statements(
    said: StoredMessage,
    stated: Sequence[StatedFact],
    archival: ArchivalMemory,
    core: CoreMemory,
    language: str,
) -> tuple[str, ...]:
    """Keep what a message states, give the ids, and let core memory repeat what holds now; again changes nothing.

    Args:
        stated: What `stated_in` read.
        language: Of the sentences, "ko" or "en".
    """
    ids: list[str] = []
    known = facts_before(said.id, archival.facts()) if stated else []
    for loose in stated:
        fact = settle(loose, known)
        if fact.shift:  # nobody can say from which day it is moved
            continue
        known.append(fact)
        done = archival.insert_fact(fact, said.id, language, said.time)
        ids.append(done.id)
        if done.status == "superseded":
            core.put_line(
                [line for old in archival.superseded_by(done.id) for line in old.core_lines],
                archival.details(done.id).core_line,
                said.id,
            )
    return tuple(ids)


def facts_before(message: int, kept: Iterable[ArchivalRecord]) -> list[StatedFact]:
    """Give the facts that were known and held when a message was said, whenever that is asked."""
    rests = {item.id: item.message_id for item in kept}
    found: list[StatedFact] = []
    for item in kept:
        ended_by = rests.get(item.superseded_by or "")
        held = item.valid_to is None or (ended_by is not None and ended_by >= message)
        if item.fact and item.message_id is not None and item.message_id < message and held:
            found.append(item.fact)
    return found
