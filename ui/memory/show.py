"""What is kept of a student, as text and as JSON: everything, or one memory with what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ...agent.runtime import Runtime
from ...memory.archival import ArchivalRecord, why
from ...memory.archival.provenance import TRUSTS, Words
from ...memory.learner.misconceptions import MisconceptionState
from ...memory.types import message_id
from ..runtime import day, open_for_command
from ..terminal.say import echo, localized, many, prefs, print_json

HARD: Mapping[MisconceptionState, tuple[str, str]] = {
    "suspected": ("shown once", "한 번 보임"),
    "confirmed": ("shown again", "다시 보임"),
    "challenged": ("being checked", "확인하는 중"),
    "claimed": ("said to be clear, not checked yet", "알겠다고 하심, 아직 확인 전"),
    "resolved": ("right on two days", "이틀에 걸쳐 맞힘"),
    "relapsed": ("back again", "다시 나타남"),
}


def show(identity: str | None, student: str | None, *, as_json: bool) -> None:
    """Print what the professor knows, or one memory."""
    with open_for_command(student) as runtime:
        if as_json:
            print_json(document(runtime) if identity is None else item_document(runtime, identity))
            return
        for line in overview(runtime) if identity is None else item_lines(runtime, identity):
            echo(line)


def document(runtime: Runtime) -> dict[str, Any]:
    """Give what is known of the student as JSON values."""
    memories, student = runtime.memories, runtime.student
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
            for q in memories.questions.open_questions()
        ],
        "misconceptions": [
            {
                "topic": item.topic,
                "state": item.state,
                "words": item.seen.words,
                "message": message_id(item.seen.message_id) if item.seen.message_id else None,
            }
            for item in memories.misconceptions.all()
        ],
        "conversations": len(memories.sessions.list()),
    }


def overview(runtime: Runtime) -> Iterator[str]:
    """Give what is known of the student, line by line."""
    memories, student = runtime.memories, runtime.student
    name = f" ({student.name})" if student.name else ""
    yield f"{student.handle}{name} · {student.language} · {student.zone}"
    for block in memories.core.blocks().values():
        if block.value:
            yield f"\n# {block.label} ({len(block.value)}/{block.limit})"
            yield block.value
    kept = memories.archival.list()
    for kind, title in (("fact", localized("Facts", "사실")), ("note", localized("Notes", "노트"))):
        found = [k for k in kept if k.kind == kind]
        if found:
            yield f"\n# {title}"
            yield from (f"[{k.id}] {day(runtime, k.time)[:10]}  {k.text}" for k in found)
    sources = _sources(kept)
    if sources:
        yield f"\n# {localized('Course material', '강의 자료')}"
        yield from (f"{s}: " + localized(many(n, "passage"), f"문단 {n}개") for s, n in sources.items())
    questions = memories.questions.open_questions()
    if questions:
        yield f"\n# {localized('Questions without an answer', '답을 기다리는 질문')}"
        yield from (
            f"[{message_id(q.message_id)}] {day(runtime, q.asked_at)[:10]}  {q.text}" for q in questions
        )
    if hard := memories.misconceptions.all():
        yield f"\n# {localized('Found hard, and how it stands', '어려웠던 것과 그 뒤')}"
        yield from (
            f"[{message_id(item.seen.message_id or 0)}] {item.topic}: {HARD[item.state][prefs.language == 'ko']}"
            for item in hard
        )
    sessions = memories.sessions.list()
    yield "\n" + localized(many(len(sessions), "conversation"), f"대화 {len(sessions)}개")


def item_document(runtime: Runtime, identity: str) -> dict[str, Any]:
    """Give one memory and on what it rests as JSON values."""
    return why(identity, runtime.memories.archival, runtime.memories.recall).document()


def item_lines(runtime: Runtime, identity: str) -> Iterator[str]:
    """Give one memory line by line: its words, and on what they rest."""
    found = why(identity, runtime.memories.archival, runtime.memories.recall)
    if found.kind == "message":
        for near in sorted((*found.rests_on, *found.around), key=lambda words: int(words.message[1:])):
            mark = "→" if near.message == found.id else " "
            yield f"{mark} {_said(runtime, near)}"
        return
    yield f"[{found.id}] {kind_name(found.kind)}: {found.text}"
    source = " · ".join(part for part in (TRUSTS[found.trust][prefs.language == "ko"], found.origin) if part)
    yield f"{localized('source', '출처')}: {source}"
    yield from (f"  {_said(runtime, words)}" for words in found.rests_on)
    if found.superseded_by:
        yield localized(f"holds no more; now {found.superseded_by}", f"지금은 {found.superseded_by}입니다")
    if len(found.history) > 1:
        yield localized("history:", "바뀐 과정:")
        for version in found.history:
            until = day(runtime, version.valid_to)[:10] if version.valid_to else localized("now", "지금")
            since = day(runtime, version.valid_from or version.time)[:10]
            yield f"  [{version.id}] {since} – {until}  {version.text}"


def kind_name(kind: str) -> str:
    """Name a kind of memory for a person."""
    names = {"fact": "사실", "note": "노트", "passage": "강의 자료"}
    return localized(kind, names.get(kind, kind))


def _said(runtime: Runtime, words: Words) -> str:
    who = localized("you", "학생") if words.role == "user" else localized("professor", "교수")
    return f"[{words.message}] {day(runtime, words.time)}  {who}: {words.text}"


def _sources(kept: list[ArchivalRecord]) -> Counter[str]:
    unnamed = localized("(no source)", "(출처 없음)")
    return Counter(k.origin or unnamed for k in kept if k.kind == "passage")


def _kept(kept: ArchivalRecord) -> dict[str, Any]:
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
