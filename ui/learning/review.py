"""`officehours review`: cards one after the other, at a terminal or line by line through a pipe."""

from __future__ import annotations

import sys
from collections import deque
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Literal, cast, get_args

from ...agent.runtime import Runtime
from ...agent.tutor.reviewing import CardReview
from ...agent.tutor.sitting import Sitting
from ...memory.learner.values import Card, Rating
from ..cards.keeping import document
from ..runtime import open_for_command
from ..terminal.columns import wrapped
from ..terminal.door import put
from ..terminal.say import echo, localized, many, print_json

Said = Rating | Literal["stop", "pause"]

WORDS: dict[Said, tuple[str, ...]] = {
    1: ("1", "again", "no", "wrong", "다시", "몰라요", "모름", "틀림", "틀렸어요"),
    2: ("2", "hard", "어려움", "어려워요", "어렵게", "가물가물"),
    3: ("3", "good", "ok", "yes", "알맞음", "좋음", "맞음", "알아요", "맞았어요"),
    4: ("4", "easy", "쉬움", "쉬워요", "쉽게"),
    "stop": ("q", "quit", "stop", "exit", "그만", "끝", "종료"),
    "pause": ("s", "suspend", "skip", "보류", "쉬기"),
}
"""What may be typed for a rating, to stop, and to ask a card no more for now."""

NAMES = {1: ("again", "다시"), 2: ("hard", "어려움"), 3: ("good", "알맞음"), 4: ("easy", "쉬움")}


def review(topic: str | None, student: str | None, *, as_json: bool) -> None:
    """Ask ten minutes' worth of due cards, or print them as a list."""
    with open_for_command(student) as runtime:
        desk = CardReview(runtime.memories.cards, runtime.memories.reviews, runtime.clock)
        sitting = desk.sitting(topic)
        if as_json:
            print_json(_document(sitting))
        elif not sitting.cards:
            echo(_nothing_due(runtime))
        else:
            _Asking(runtime, desk, sitting).run()


class _Asking:
    """One sitting; every rating is committed when it is given, so a sitting can end anywhere."""

    def __init__(self, runtime: Runtime, desk: CardReview, sitting: Sitting) -> None:
        self._runtime, self._desk, self._sitting = runtime, desk, sitting
        self._live = sys.stdin.isatty()
        self._done: dict[int, Card] = {}
        self._reviews = 0

    def run(self) -> None:
        """Ask until all is asked or the person stops, and say what comes next."""
        sitting = self._sitting
        echo(_opening(sitting))
        queue = deque(sitting.cards)
        while queue and self._ask(queue.popleft()):
            if not queue and self._reviews < 2 * len(sitting.cards):
                queue.extend(
                    card for card in self._done.values() if card.schedule.due <= self._runtime.clock()
                )
        self._close()

    def _ask(self, card: Card) -> bool:
        """Ask one card; False where the person stops."""
        echo(f"\n[{card.name}] {card.topic}".rstrip())
        show_text(card.front)
        shown = monotonic()
        line = read_line(localized("Enter shows the back: ", "Enter를 누르면 뒷면을 봅니다: "))
        if line is None or _meant(line) == "stop":
            return False
        show_text(card.back)
        rating = self._rating(card)
        if rating == "stop":
            return False
        if rating == "pause":
            self._runtime.memories.cards.suspend(card.id)
            self._done.pop(card.id, None)
            echo(localized(f"{card.name} is not asked for now.", f"{card.name} 카드는 당분간 묻지 않습니다."))
            return True
        duration = round(1000 * (monotonic() - shown)) if self._live else None
        moved, _ = self._desk.rate(card.id, rating, duration)
        self._done[card.id] = moved
        self._reviews += 1
        return True

    def _rating(self, card: Card) -> Said:
        now = self._runtime.clock()
        choices = [
            f"{rating} {localized(*NAMES[rating])} ({in_words(self._desk.preview(card, rating) - now)})"
            for rating in cast("tuple[Rating, ...]", get_args(Rating))
        ]
        hint = localized("s pauses the card, q stops", "s 이 카드 쉬기, q 그만")
        asked = f"{' · '.join(choices)}  [{hint}]: "
        while (line := read_line(asked)) is not None:
            if (said := _meant(line)) is not None:
                return said
            asked = localized(
                "1 again, 2 hard, 3 good, 4 easy, or q: ", "1 다시, 2 어려움, 3 알맞음, 4 쉬움, 또는 q: "
            )
        return "stop"

    def _close(self) -> None:
        left = self._runtime.memories.cards.count_due()
        echo()
        echo(
            localized(
                f"{many(self._reviews, 'review')} done. {many(left, 'card')} waiting.",
                f"{self._reviews}번 복습했습니다. 기다리는 카드는 {left}장입니다.",
            )
        )
        if fitted := self._desk.fit_if_due():
            echo(
                localized(
                    "The intervals now follow your own forgetting (log loss on your last reviews"
                    f" {fitted.log_loss:.3f}, {fitted.default_log_loss:.3f} before).",
                    "이제 복습 간격을 학생의 기록에 맞춥니다(최근 복습의 log loss"
                    f" {fitted.log_loss:.3f}, 전에는 {fitted.default_log_loss:.3f}).",
                )
            )


def in_words(length: timedelta) -> str:
    """Say a length of time in its largest unit: "10 min", "3일"."""
    seconds = max(0.0, length.total_seconds())
    for least, size, en, ko in (
        (86_400 * 365, 86_400 * 365, "y", "년"),
        (86_400 * 60, 86_400 * 30, "mo", "개월"),
    ):
        if seconds >= least:
            return localized(f"{seconds / size:.1f} {en}", f"{seconds / size:.1f}{ko}")
    for size, en, ko in ((86_400, "d", "일"), (3_600, "h", "시간")):
        if seconds >= size:
            return localized(f"{round(seconds / size)} {en}", f"{round(seconds / size)}{ko}")
    minutes = max(1, round(seconds / 60))
    return localized(f"{minutes} min", f"{minutes}분")


def _opening(sitting: Sitting) -> str:
    cards = len(sitting.cards)
    begin = localized(
        f"{many(cards, 'card')}, about {sitting.minutes} min.",
        f"카드 {cards}장, 약 {sitting.minutes}분입니다.",
    )
    if not sitting.waiting:
        return begin
    more = localized(f"{sitting.waiting} more waiting", f"{sitting.waiting}장이 더 기다립니다")
    spread = localized(
        f"{more}; at ten minutes a day all of them have been asked in {sitting.days} days.",
        f"{more}. 하루 10분씩이면 {sitting.days}일 안에 모두 봅니다.",
    )
    return f"{begin} {spread}"


def _nothing_due(runtime: Runtime) -> str:
    coming = [card.schedule.due for card in runtime.memories.cards.all() if not card.suspended]
    now: datetime = runtime.clock()
    later = [due for due in coming if due > now]
    if later:
        wait = in_words(min(later) - now)
        return localized(
            f"Nothing to review. The next card is due in {wait}.",
            f"지금 복습할 카드가 없습니다. 다음 카드는 {wait} 뒤입니다.",
        )
    return localized(
        "Nothing to review. officehours cards make makes cards of the course.",
        "지금 복습할 카드가 없습니다. officehours cards make 로 강의 자료에서 카드를 만들 수 있습니다.",
    )


def _meant(line: str) -> Said | None:
    word = line.strip(" .!").casefold()
    return next((said for said, words in WORDS.items() if word in words), None)


def read_line(prompt: str) -> str | None:
    """Read a line, which a pipe gives as well; None at the end of the input."""
    put(sys.stderr, prompt if sys.stdin.isatty() else f"{prompt}\n")
    line = sys.stdin.readline()
    return line.strip() if line else None


def show_text(side: str) -> None:
    """Print a text of a card or a question, broken between words and set in."""
    for line in side.split("\n"):
        for piece in wrapped(line, indent=2):
            echo(piece)


def _document(sitting: Sitting) -> dict[str, Any]:
    return {
        "due": [document(card) for card in sitting.cards],
        "waiting": sitting.waiting,
        "minutes": sitting.minutes,
        "days": sitting.days,
    }
