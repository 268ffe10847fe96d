"""What the student stated about themself in a turn, kept as facts with the words they rest on.

Rules find it (`memory/facts/extract.py`), whatever the model is, so that a name or an exam date is never lost because
a small model forgot to save it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...memory.archival import ArchivalMemory, ArchivalRecord
from ...memory.core import CoreMemory
from ...memory.facts import StatedFact, extract_facts, render_fact, settle
from ...memory.learner.misconceptions import Misconceptions, stated_before
from ...memory.types import StoredMessage


def stated_in(said: StoredMessage) -> list[StatedFact]:
    """Read a message by rule. It takes milliseconds: outside of any transaction."""
    return extract_facts(said.message.content, said.time, said.zone)


def save_statements(
    said: StoredMessage,
    stated: Sequence[StatedFact],
    archival: ArchivalMemory,
    core: CoreMemory,
    misconceptions: Misconceptions,
    language: str,
    name: str = "",
) -> tuple[str, ...]:
    """Keep what a message states, give the ids, and let core memory repeat what holds now; again changes nothing.

    What confuses the student, or is clear to them now, is no fact about them for good: it goes among the misconceptions.

    Args:
        stated: What `stated_in` read.
        language: Of the sentences, "ko" or "en".
        name: What the student gave at the first run, which core memory repeats without a fact behind it.
    """
    ids: list[str] = []
    known = facts_before(said.id, archival.facts()) if stated else []
    if any(fact.kind == "confusion" for fact in stated):
        known += stated_before(said.id, misconceptions.all())
    for fact in settled(stated, known):
        if fact.kind == "confusion":
            kind = "claimed" if fact.polarity == "understood" else "seen"
            misconceptions.record(kind, fact.value, said.id, fact.quote)
            continue
        done = archival.insert_fact(fact, said.id, language, said.time)
        ids.append(done.id)
        old = [line for kept in archival.superseded_by(done.id) for line in kept.core_lines]
        if fact.kind == "name" and name:
            old += [render_fact(replace(fact, value=name), spoken) for spoken in ("ko", "en")]
        if old and done.status != "known":
            core.put_line(old, archival.details(done.id).core_line, said.id)
    return tuple(ids)


def settled(stated: Iterable[StatedFact], known: Iterable[StatedFact]) -> list[StatedFact]:
    """Give what a message states as it is kept, after what was known: named, dated, and silent where in doubt.

    A move by a length of time that may mean several exams or none is left out, and so is the end of a confusion that
    never began. Who takes another name is called by it, whatever the nickname was.
    """
    kept: list[StatedFact] = []
    known = list(known)
    for loose in stated:
        fact = settle(loose, known)
        begun = any(other.subject == fact.subject for other in known)
        if fact.shift or (fact.polarity == "understood" and not begun):
            continue
        known.append(fact)
        kept.append(fact)
    kinds = {fact.kind for fact in kept}
    nicknamed = any(other.kind == "nickname" for other in known)
    if nicknamed and "nickname" not in kinds:
        kept += [
            replace(f, kind="nickname", subject="nickname") for f in kept if f.kind == "name" and f.change
        ]
    return kept


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
