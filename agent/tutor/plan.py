"""A study plan backward from the exam, within the minutes a day that the student has.

The cards that are due come first each day, in sittings as `officehours review` has them: they wait for nobody.

Weakest first: each topic gets a first session as early as there is room, a last review as near the exam as there is
room, and, where it is weak, one between: practice that is spaced is remembered longer than the same time in one piece
(Cepeda et al., 2008, "Spacing effects in learning: a temporal ridgeline of optimal retention"). What does not fit is
left out from the least needed and said, with the minutes that would be enough. A plan is worked out anew from what was
studied so far, so a missed day moves what it held to the days that are left.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Final, Literal

from .sitting import SITTING_SECONDS

Session = Literal["learn", "review", "cards", "check", "question"]
"""A topic for the first time or again; the cards that are due; something held wrongly; a question left open."""

HORIZON: Final = 7
"""Days that are planned where no exam is known."""

WEAK: Final = 0.5
"""The weakness from which a topic gets a second review."""

REVIEW_SHARE: Final = 3
LEAST_MINUTES: Final = 5
"""A review takes a third of a first session, and no session is shorter than five minutes."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something to be studied.

    Attributes:
        topic: As it is shown.
        minutes: Of the first session.
        weakness: 0 to 1.
        kind: What the first session is.
        studied: Days on which it was studied already.
        ids: The rows it comes from ("m12").
    """

    topic: str
    minutes: int
    weakness: float = 1.0
    kind: Session = "learn"
    studied: frozenset[date] = frozenset()
    ids: tuple[str, ...] = ()

    def sessions(self) -> list[tuple[Session, int]]:
        """The sessions that are left, in their order: kind and minutes; what is still weak is reviewed once more."""
        again: Session = "check" if self.kind == "check" else "review"
        review = max(LEAST_MINUTES, ceil(self.minutes / REVIEW_SHARE))
        reviews = 0 if self.kind == "question" else 2 if self.weakness >= WEAK else 1
        whole: list[tuple[Session, int]] = [
            (self.kind, self.minutes),
            *((again, review) for _ in range(reviews)),
        ]
        left = whole[min(len(self.studied), len(whole)) :]
        return left or ([(again, review)] if reviews and self.weakness >= WEAK else [])


@dataclass(frozen=True, slots=True)
class DueCards:
    """The cards that the days to come hold.

    Attributes:
        due: The day each is due on, as far as that is known now, and its id.
        seconds: A card takes.
    """

    due: Sequence[tuple[date, str]] = ()
    seconds: float = SITTING_SECONDS


@dataclass(frozen=True, slots=True)
class Item:
    """One session of a day; that of the cards has no topic."""

    topic: str
    session: Session
    minutes: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan and its figures.

    Attributes:
        days: What each day holds; days without anything are left out.
        exam: The day that it leads up to; None where none is known.
        minutes: A day.
        needed: Minutes of all sessions that are left; `available` those of all days.
        left_out: Topics for which there is no room at all, `thinned` those that get fewer reviews than they need.
        cards_left: Cards that are due before the exam and for which there is no room.
        enough: Minutes a day with which everything would fit; None where no day is left.
        missed: Days since the plan was set on which nothing was studied.
        yesterday: What yesterday would have held, where it was missed.
    """

    days: dict[date, list[Item]]
    exam: date | None
    minutes: int
    needed: int
    available: int
    left_out: tuple[str, ...] = ()
    thinned: tuple[str, ...] = ()
    cards_left: int = 0
    enough: int | None = None
    missed: int = 0
    yesterday: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether everything has its place."""
        return not self.left_out and not self.thinned and not self.cards_left


_NO_CARDS: Final = DueCards()


def make_plan(
    needs: Sequence[Need],
    today: date,
    exam: date | None,
    minutes: int,
    *,
    cards: DueCards = _NO_CARDS,
    since: date | None = None,
    studied_on: Collection[date] = (),
) -> Plan:
    """Plan from today to the day before the exam.

    Args:
        needs: In the order of the course.
        minutes: A day.
        since: When the plan was set first.
        studied_on: Days on which something was done that belongs to no need.
    """
    last = exam or today + timedelta(days=HORIZON)
    days = [today + timedelta(days=n) for n in range(max(0, (last - today).days))]
    to_exam = exam is not None
    timetable, left_out, thinned = _fill(needs, days, minutes, cards, to_exam=to_exam)
    needed = sum(length for need in needs for _, length in need.sessions()) + timetable.card_minutes
    enough = minutes
    if left_out or thinned or timetable.cards_left:
        enough = _enough(needs, days, minutes, cards, to_exam=to_exam)
    studied = {day for need in needs for day in need.studied}.union(studied_on)
    past = (today - since).days if since else 0
    missed = [day for n in range(past) if (day := today - timedelta(days=n + 1)) not in studied]
    before = today - timedelta(days=1)
    held: list[Item] = []
    if before in missed and days:
        held = _fill(needs, [before, *days], minutes, cards, to_exam=to_exam)[0].items[before]
    return Plan(
        {day: items for day, items in timetable.items.items() if items},
        exam,
        minutes,
        needed,
        minutes * len(days),
        tuple(left_out),
        tuple(thinned),
        timetable.cards_left,
        enough if days else None,
        len(missed),
        tuple(dict.fromkeys(item.topic for item in held if item.topic)),
    )


@dataclass(slots=True)
class _Timetable:
    """Sessions by day; the cards have their places from the beginning, what one day cannot hold waits for the next."""

    days: Sequence[date]
    minutes: int
    cards: DueCards
    items: dict[date, list[Item]] = field(default_factory=dict[date, list[Item]])
    cards_left: int = 0

    def __post_init__(self) -> None:
        self.items = {day: [] for day in self.days}
        room = max(1, int(min(SITTING_SECONDS, 60 * self.minutes) // self.cards.seconds))
        last = max(self.days, default=date.min)
        waiting = sorted(entry for entry in self.cards.due if entry[0] <= last)
        for day in self.days:
            ready = [entry for entry in waiting if entry[0] <= day][:room]
            waiting = waiting[len(ready) :]
            if ready:
                ids = tuple(item for _, item in ready)
                self.items[day].append(Item("", "cards", self._minutes_of(len(ready)), ids))
        self.cards_left = len(waiting)

    @property
    def card_minutes(self) -> int:
        """What all cards take that are due on these days, those without room too."""
        placed = sum(
            item.minutes for items in self.items.values() for item in items if item.session == "cards"
        )
        return placed + ceil(self.cards_left * self.cards.seconds / 60)

    def _minutes_of(self, cards: int) -> int:
        return min(self.minutes, ceil(cards * self.cards.seconds / 60))

    def left(self, day: date) -> int:
        return self.minutes - sum(item.minutes for item in self.items[day])

    def earliest(self, length: int) -> date | None:
        return next((day for day in self.days if self.left(day) >= length), None)

    def nearest(self, length: int, to: date, after: date, before: date) -> date | None:
        """The day with room that is nearest to one, between two others."""
        free = [day for day in self.days if after < day < before and self.left(day) >= length]
        return min(free, key=lambda day: abs((day - to).days), default=None)

    def put(self, day: date, need: Need, session: Session, length: int) -> None:
        self.items[day].append(Item(need.topic, session, length, need.ids))

    def put_in_parts(self, need: Need, session: Session, length: int) -> date | None:
        """Put a session on the earliest days with room, in parts where no day holds it; the day it ends on."""
        if (day := self.earliest(length)) is not None:
            self.put(day, need, session, length)
            return day
        parts: list[tuple[date, int]] = []
        for day in self.days:
            part = min(length, self.left(day))
            if part >= min(LEAST_MINUTES, length):
                parts.append((day, part))
                length -= part
            if length == 0:
                for place, minutes in parts:
                    self.put(place, need, session, minutes)
                return day
        return None


def _fill(
    needs: Sequence[Need], days: Sequence[date], minutes: int, cards: DueCards, *, to_exam: bool
) -> tuple[_Timetable, list[str], list[str]]:
    """Place every session, the neediest topic first; give also who got none, and who got too few."""
    timetable = _Timetable(days, minutes, cards)
    left_out: list[str] = []
    thinned: list[str] = []
    beyond = days[-1] + timedelta(days=1) if days else date.max
    for need in sorted(needs, key=_order):
        sessions = need.sessions()
        if not sessions:
            continue
        first = max(need.studied, default=None)
        if not need.studied or need.kind == "question":
            session, length = sessions.pop(0)
            first = timetable.put_in_parts(need, session, length)
            if first is None:
                left_out.append(need.topic)
                continue
        assert first is not None
        if not _review(timetable, need, sessions, first, beyond, to_exam=to_exam):
            thinned.append(need.topic)
    return timetable, left_out, thinned


def _review(
    timetable: _Timetable,
    need: Need,
    sessions: Sequence[tuple[Session, int]],
    first: date,
    beyond: date,
    *,
    to_exam: bool,
) -> bool:
    """Place the reviews of a topic, the last one first, each half-way to the one before; whether all have a place."""
    before = beyond
    for session, length in reversed(sessions):
        if to_exam and before == beyond:
            wanted = beyond - timedelta(days=1)
        else:
            wanted = first + timedelta(days=max(1, (before - first).days // 2))
        day = timetable.nearest(length, wanted, first, before)
        if day is None:
            return False
        timetable.put(day, need, session, length)
        before = day
    return True


def _order(need: Need) -> tuple[int, float]:
    """Open questions first: they are short and somebody waits; then by weakness."""
    return (0 if need.kind == "question" else 1, -need.weakness)


def _enough(
    needs: Sequence[Need], days: Sequence[date], minutes: int, cards: DueCards, *, to_exam: bool
) -> int | None:
    """Find the minutes a day, in steps of five, with which everything fits; None where days are too few."""
    most = sum(length for need in needs for _, length in need.sessions()) + ceil(SITTING_SECONDS / 60)
    for more in range(minutes + 5 - minutes % 5, most + 5, 5):
        timetable, left_out, thinned = _fill(needs, days, more, cards, to_exam=to_exam)
        if not left_out and not thinned and not timetable.cards_left:
            return more
    return None
