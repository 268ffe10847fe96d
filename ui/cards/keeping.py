"""`officehours cards list|add|make|edit|suspend|delete`: seeing, making and changing cards."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ...agent.runtime import Runtime
from ...memory.learner.values import Card, NewCard
from ..runtime import day, open_for_command
from ..sessions import clipped
from ..terminal.columns import fitted, screen
from ..terminal.say import echo, localized, many, print_json

SIDE = 40
"""Characters of a side in a list."""

SHOWN = 10
"""How many new cards are shown one by one; --json has all."""


def show_list(topic: str | None, student: str | None, *, as_json: bool) -> None:
    """Print the cards, the oldest first."""
    with open_for_command(student) as runtime:
        found = runtime.memories.cards.all(topic)
        if as_json:
            print_json({"cards": [document(card) for card in found]})
            return
        for card in found:
            echo(fitted(_line(runtime, card), screen()))
        if not found:
            echo(
                localized(
                    "No cards yet. officehours cards make makes some of the course.",
                    "아직 카드가 없습니다. officehours cards make 로 강의 자료에서 만들 수 있습니다.",
                )
            )


def add(front: str, back: str, topic: str, student: str | None, *, as_json: bool) -> None:
    """Keep a card of the student's own."""
    with open_for_command(student, create=True) as runtime:
        kept = runtime.memories.cards.add(NewCard(front, back, topic))
    name = kept.card.name
    if as_json:
        print_json(document(kept.card) | {"status": kept.status})
    elif kept.status == "known":
        echo(localized(f"{name} is that card already.", f"이미 있는 카드입니다: {name}"))
    else:
        echo(localized(f"Made {name}.", f"카드를 만들었습니다: {name}"))


def make(topic: str | None, student: str | None, *, as_json: bool) -> None:
    """Make cards of what the course sets against each other."""
    from ...memory.transfer.cards.from_course import course_cards

    with open_for_command(student) as runtime:
        passages = runtime.memories.archival.list("passage")
        kept = runtime.memories.cards.add_all(course_cards(passages, topic))
    counts = Counter(one.status for one in kept)
    made = [one.card for one in kept if one.status == "made"]
    if as_json:
        print_json({"cards": [document(card) for card in made], **_counted(counts)})
        return
    for card in made[:SHOWN]:
        echo(f"{card.name}  {clipped(card.front, SIDE)} → {clipped(card.back, 2 * SIDE)}")
    if len(made) > SHOWN:
        echo(localized(f"… and {len(made) - SHOWN} more", f"… 외 {len(made) - SHOWN}장"))
    if kept:
        echo(
            localized(
                f"{many(counts['made'], 'card')} made, {counts['changed']} changed with the course, {counts['known']} there already.",
                f"새 카드 {counts['made']}장, 자료와 함께 바뀐 카드 {counts['changed']}장, 이미 있던 카드 {counts['known']}장.",
            )
        )
    elif passages:
        echo(
            localized(
                "Nothing in the course stands as a question with its answer or a term with its meaning there."
                " officehours cards add makes a card by hand.",
                "그 자료에는 질문과 답, 용어와 뜻으로 적힌 것이 없습니다. officehours cards add 로 직접 만들 수 있습니다.",
            )
        )
    else:
        echo(
            localized(
                "There is no course yet: officehours ingest FOLDER takes it in.",
                "아직 강의 자료가 없습니다. officehours ingest 폴더 로 넣어 주세요.",
            )
        )


def edit(identity: str, front: str, back: str, student: str | None) -> None:
    """Give a card other words."""
    with open_for_command(student) as runtime:
        card = runtime.memories.cards.edit(identity, front, back)
    echo(localized(f"{card.name} has these words now.", f"{card.name} 카드를 고쳤습니다."))


def suspend(identity: str, student: str | None, *, suspended: bool) -> None:
    """Ask a card no more, or again."""
    with open_for_command(student) as runtime:
        card = runtime.memories.cards.suspend(identity, suspended=suspended)
    echo(
        localized(f"{card.name} is not asked for now.", f"{card.name} 카드는 당분간 묻지 않습니다.")
        if suspended
        else localized(f"{card.name} is asked again.", f"{card.name} 카드를 다시 묻습니다.")
    )


def delete(identity: str, student: str | None) -> None:
    """Take a card away."""
    with open_for_command(student) as runtime:
        card = runtime.memories.cards.delete(identity)
    echo(
        localized(
            f"{card.name} is gone; the log keeps its reviews. officehours memory forget {card.name} removes both for good.",
            f"{card.name} 카드를 지웠습니다. 복습 기록은 남아 있습니다. officehours memory forget {card.name} 로 모두 완전히"
            " 지울 수 있습니다.",
        )
    )


def document(card: Card) -> dict[str, Any]:
    """Give a card as JSON values."""
    known = card.schedule
    return {
        "id": card.name,
        "front": card.front,
        "back": card.back,
        "topic": card.topic,
        "tags": list(card.tags),
        "origin": card.origin,
        "source": card.source,
        "due": known.due.isoformat(),
        "last_review": known.last_review and known.last_review.isoformat(),
        "state": {1: "learning", 2: "review", 3: "relearning"}[known.state],
        "stability": known.stability,
        "difficulty": known.difficulty,
        "suspended": card.suspended,
    }


def _counted(counts: Counter[str]) -> dict[str, int]:
    return {status: counts[status] for status in ("made", "changed", "known")}


def _line(runtime: Runtime, card: Card) -> str:
    when = localized("paused", "쉬는 중") if card.suspended else day(runtime, card.schedule.due)
    topic = f"  ({card.topic})" if card.topic else ""
    return f"{card.name:<5} {when:<16}  {clipped(card.front, SIDE)} → {clipped(card.back, SIDE)}{topic}"
