"""What is kept of a student, as text and as JSON: everything, or one memory with what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...agent.runtime import House
from ...memory.archival.provenance import TRUSTS, Words, why
from ...memory.archival.records import Kept
from ...memory.types import message_id
from ..runtime import day, house_of
from ..terminal.say import many, out, person, pick, print_json


def show(identity: str | None, student: str | None, *, as_json: bool) -> None:
    """Print what the professor knows, or one memory."""
    with house_of(student) as house:
        if as_json:
            print_json(document(house) if identity is None else item_document(house, identity))
            return
        for line in overview(house) if identity is None else item_lines(house, identity):
            out(line)


def document(house: House) -> dict[str, Any]:
    """Give what is known of the student as JSON values."""
    memories, student = house.memories, house.student
    kept = memories.archival.list()
    return {
        "student": {
            "handle": student.handle,
            "name": student.name,
            "language": student.language,
            "zone": student.zone,
        },
        "core": [
            {"label": b.label, "value": b.value, "limit": b.limit, "version": b.version}
            for b in memories.core.blocks().values()
        ],
        "facts": [_kept(k) for k in kept if k.kind == "fact"],
        "notes": [_kept(k) for k in kept if k.kind == "note"],
        "passages": dict(_sources(kept)),
        "open_questions": [
            {"message": message_id(q.message_id), "text": q.text, "asked_at": q.asked_at.isoformat()}
            for q in memories.learner.open_questions()
        ],
        "conversations": len(memories.sessions.list()),
    }


def overview(house: House) -> Iterator[str]:
    """Give what is known of the student, line by line."""
    memories, student = house.memories, house.student
    name = f" ({student.name})" if student.name else ""
    yield f"{student.handle}{name} · {student.language} · {student.zone}"
    for block in memories.core.blocks().values():
        if block.value:
            yield f"\n# {block.label} ({len(block.value)}/{block.limit})"
            yield block.value
    kept = memories.archival.list()
    for kind, title in (("fact", pick("Facts", "사실")), ("note", pick("Notes", "노트"))):
        found = [k for k in kept if k.kind == kind]
        if found:
            yield f"\n# {title}"
            yield from (f"[{k.id}] {day(house, k.time)[:10]}  {k.text}" for k in found)
    sources = _sources(kept)
    if sources:
        yield f"\n# {pick('Course material', '강의 자료')}"
        yield from (f"{s}: " + pick(many(n, "passage"), f"문단 {n}개") for s, n in sources.items())
    questions = memories.learner.open_questions()
    if questions:
        yield f"\n# {pick('Questions without an answer', '답을 기다리는 질문')}"
        yield from (
            f"[{message_id(q.message_id)}] {day(house, q.asked_at)[:10]}  {q.text}" for q in questions
        )
    talks = memories.sessions.list()
    yield "\n" + pick(many(len(talks), "conversation"), f"대화 {len(talks)}개")


def item_document(house: House, identity: str) -> dict[str, Any]:
    """Give one memory and on what it rests as JSON values."""
    return why(identity, house.memories.archival, house.memories.recall).document()


def item_lines(house: House, identity: str) -> Iterator[str]:
    """Give one memory line by line: its words, and on what they rest."""
    found = why(identity, house.memories.archival, house.memories.recall)
    if found.kind == "message":
        for near in sorted((*found.rests_on, *found.around), key=lambda words: int(words.message[1:])):
            mark = "→" if near.message == found.id else " "
            yield f"{mark} {_said(house, near)}"
        return
    yield f"[{found.id}] {kind_name(found.kind)}: {found.text}"
    source = " · ".join(part for part in (TRUSTS[found.trust][person.language == "ko"], found.origin) if part)
    yield f"{pick('source', '출처')}: {source}"
    yield from (f"  {_said(house, words)}" for words in found.rests_on)
    if found.superseded_by:
        yield pick(f"holds no more; now {found.superseded_by}", f"지금은 {found.superseded_by}입니다")
    if len(found.history) > 1:
        yield pick("history:", "바뀐 과정:")
        for version in found.history:
            until = day(house, version.valid_to)[:10] if version.valid_to else pick("now", "지금")
            since = day(house, version.valid_from or version.time)[:10]
            yield f"  [{version.id}] {since} – {until}  {version.text}"


def kind_name(kind: str) -> str:
    """Name a kind of memory for a person."""
    names = {"fact": "사실", "note": "노트", "passage": "강의 자료"}
    return pick(kind, names.get(kind, kind))


def _said(house: House, words: Words) -> str:
    who = pick("you", "학생") if words.role == "user" else pick("professor", "교수")
    return f"[{words.message}] {day(house, words.time)}  {who}: {words.text}"


def _sources(kept: list[Kept]) -> Counter[str]:
    unnamed = pick("(no source)", "(출처 없음)")
    return Counter(k.origin or unnamed for k in kept if k.kind == "passage")


def _kept(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "kind": kept.kind,
        "text": kept.text,
        "subject": kept.subject,
        "quote": kept.quote,
        "message": None if kept.message_id is None else message_id(kept.message_id),
        "trust": kept.trust,
        "origin": kept.origin,
        "locator": kept.locator,
        "tags": list(kept.tags),
        "external_id": kept.external_id,
        "time": kept.time.isoformat(),
        "valid_from": kept.valid_from.isoformat() if kept.valid_from else None,
        "valid_to": kept.valid_to.isoformat() if kept.valid_to else None,
        "superseded_by": kept.superseded_by,
    }
