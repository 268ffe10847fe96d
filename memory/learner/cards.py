"""Review cards: made once, changed with their source, due when the scheduler says so, forgotten with what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from ..errors import NotFound, UsageError
from ..store import AnyRow, Database, row_id
from ..store.schema import cards, messages, reviews
from ..text import sanitize_user
from .reviews import REVIEW
from .values import Card, NewCard, Rating, Review, Schedule, card_id

LONGEST = 20_000
"""The most characters of one side: more is a text to read, not a card."""

NextSchedule = Callable[[Schedule, Rating, datetime], Schedule]
"""What a scheduler makes of a card that is rated now: pure. `agent/tutor/schedule.py` has it."""

_SPOKEN = (
    select(messages.c.id)
    .where(
        messages.c.student_id == cards.c.student_id,
        messages.c.id == cards.c.message_id,
        messages.c.undone.is_(False),
    )
    .exists()
)
# What was made in a turn that was undone is not there, as the turn is not.
_THERE = and_(cards.c.deleted_at.is_(None), or_(cards.c.message_id.is_(None), _SPOKEN))

_SCHEDULE = ("due", "state", "step", "stability", "difficulty", "last_review")


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a card that was to be kept.

    Attributes:
        status: "made"; "known", one with these two sides is there; "changed", the one of the same origin and front has
            this back now, and its schedule stays.
    """

    card: Card
    status: Literal["made", "known", "changed"]


class Cards:
    """One student's cards.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        clock: Gives now, aware, in UTC.
    """

    def __init__(self, db: Database, student_id: int, clock: Callable[[], datetime]) -> None:
        self._db, self._student, self._clock = db, student_id, clock

    # Keeping

    def add(self, card: NewCard) -> Kept:
        """Keep a card, due at once.

        Raises:
            UsageError: A side is empty or longer than `LONGEST`.
            NotFound: This student has no message of the number that it names.
        """
        return self.add_all([card])[0]

    def add_all(self, new: Iterable[NewCard], schedules: Sequence[Schedule] = ()) -> list[Kept]:
        """Keep several cards in one transaction, in their order.

        Args:
            schedules: When each is due, where another program knows; all are due now where none are given.

        Raises:
            UsageError, NotFound: As `add` says. None of them is kept then.
        """
        clean = [_clean(card) for card in new]
        with self._db.begin() as connection:
            self._check_messages(connection, clean)
            there = [_card(row) for row in connection.execute(self._select(_THERE))]
            known = _Known(there)
            now = self._clock()
            done: list[Kept] = []
            for place, card in enumerate(clean):
                schedule = schedules[place] if schedules else Schedule(now)
                done.append(self._keep(connection, card, schedule, known, now))
            return done

    def _keep(
        self, connection: Connection, card: NewCard, schedule: Schedule, known: _Known, now: datetime
    ) -> Kept:
        if (same := known.same(card)) is not None:
            return Kept(same, "known")
        if (old := known.older(card)) is not None:
            new = {"front": card.front, "back": card.back, "source": card.source}
            new |= {"archival_id": card.archival_id, "trust": card.trust}
            connection.execute(update(cards).where(self._mine, cards.c.id == old.id).values(new))
            changed = replace(old, **new)
            known.put(changed)
            return Kept(changed, "changed")
        row = asdict(card) | {name: getattr(schedule, name) for name in _SCHEDULE}
        row |= {"student_id": self._student, "created_at": now, "tags": list(card.tags)}
        if card.external_id is not None:  # one that was deleted lets go of its name
            taken = (self._mine, cards.c.external_id == card.external_id)
            connection.execute(update(cards).where(*taken).values(external_id=None))
        made = connection.execute(insert(cards).values(row).returning(*cards.c)).one()
        known.put(_card(made))
        return Kept(_card(made), "made")

    def _check_messages(self, connection: Connection, new: Sequence[NewCard]) -> None:
        named = {card.message_id for card in new if card.message_id is not None}
        mine = (messages.c.student_id == self._student, messages.c.id.in_(named))
        if missing := named - set(connection.scalars(select(messages.c.id).where(*mine))):
            raise NotFound(
                f"There is no message m{min(missing)} of this student.",
                f"이 학생에게는 m{min(missing)} 메시지가 없습니다.",
            )

    # Reading

    def get(self, item: int | str) -> Card:
        """Give one card.

        Raises:
            NotFound: This student has no such card, or it was deleted.
        """
        with self._db.read() as connection:
            return self._get(connection, item)

    def all(self, topic: str | None = None) -> list[Card]:
        """Give all cards that were not deleted, the oldest first.

        Args:
            topic: Only those whose topic or source holds these words, however they are written.
        """
        return self._read(_THERE, *_about(topic))

    def due(self, topic: str | None = None) -> list[Card]:
        """Give the cards that are due now, the longest due first; suspended ones wait for nobody."""
        return self._read(*self._due(), *_about(topic), order=(cards.c.due, cards.c.id))

    def count_due(self) -> int:
        """How many cards are due now."""
        with self._db.read() as connection:
            return connection.scalar(select(func.count()).where(self._mine, *self._due())) or 0

    def _due(self) -> tuple[ColumnElement[bool], ...]:
        return _THERE, cards.c.suspended.is_(False), cards.c.due <= self._clock()

    # Changing

    def edit(self, item: int | str, front: str, back: str) -> Card:
        """Give a card other words; its schedule stays.

        Raises:
            NotFound: As `get` says.
            UsageError: As `add` says.
        """
        clean = _clean(NewCard(front, back))
        return self._change(item, front=clean.front, back=clean.back)

    def suspend(self, item: int | str, *, suspended: bool = True) -> Card:
        """Ask a card no more until it is asked for again; nothing is lost.

        Raises:
            NotFound: As `get` says.
        """
        return self._change(item, suspended=suspended)

    def delete(self, item: int | str) -> Card:
        """Take a card away; the log keeps its reviews, which tell how well this student remembers.

        Raises:
            NotFound: As `get` says.
        """
        return self._change(item, deleted_at=self._clock())

    def review(
        self, item: int | str, rating: Rating, scheduler: NextSchedule, duration: int | None = None
    ) -> tuple[Card, Review]:
        """Enter a review in the log and move the card on, in one transaction; two programs at once review in turn.

        Args:
            scheduler: Asked for the card's next schedule, from what it is when nobody else can change it.
            duration: Milliseconds from the question to the rating.

        Raises:
            NotFound: As `get` says.
        """
        with self._db.begin() as connection:
            card = self._get(connection, item, lock=True)
            now, before = self._clock(), card.schedule
            after = scheduler(before, rating, now)
            last = before.last_review
            row: dict[str, Any] = {
                "student_id": self._student,
                "card_id": card.id,
                "at": now,
                "rating": rating,
                "duration": duration,
                "scheduled_days": _days(last, before.due),
                "elapsed_days": _days(last, now),
            }
            row |= {name: getattr(before, name) for name in ("state", "step", "stability", "difficulty")}
            entered = connection.execute(insert(reviews).values(row).returning(*REVIEW)).one()
            moved = {name: getattr(after, name) for name in _SCHEDULE}
            connection.execute(update(cards).where(self._mine, cards.c.id == card.id).values(moved))
        return replace(card, schedule=after), Review(*entered)

    def _change(self, item: int | str, **values: Any) -> Card:
        with self._db.begin() as connection:
            card = self._get(connection, item, lock=True)
            connection.execute(update(cards).where(self._mine, cards.c.id == card.id).values(values))
        return replace(card, **{name: value for name, value in values.items() if name != "deleted_at"})

    # Statements

    @property
    def _mine(self) -> ColumnElement[bool]:
        return cards.c.student_id == self._student

    def _select(self, *wanted: ColumnElement[bool], order: Sequence[Any] = (cards.c.id,)) -> Any:
        return select(cards).where(self._mine, *wanted).order_by(*order)

    def _read(self, *wanted: ColumnElement[bool], order: Sequence[Any] = (cards.c.id,)) -> list[Card]:
        with self._db.read() as connection:
            return [_card(row) for row in connection.execute(self._select(*wanted, order=order))]

    def _get(self, connection: Connection, item: int | str, *, lock: bool = False) -> Card:
        wanted = self._select(cards.c.id == row_id(item, "k"), _THERE)
        row = connection.execute(wanted.with_for_update() if lock else wanted).first()
        if row is None:
            name = card_id(row_id(item, "k"))
            raise NotFound(
                f"There is no card {name} of this student. officehours cards list shows what there is.",
                f"이 학생에게는 {name} 카드가 없습니다. officehours cards list 로 볼 수 있습니다.",
            )
        return _card(row)


class _Known:
    """The cards that are there, by what makes a new one no new one."""

    def __init__(self, there: Iterable[Card]) -> None:
        self._sides: dict[tuple[str, str], Card] = {}
        self._names: dict[tuple[str, str], Card] = {}
        for card in there:
            self.put(card)

    def put(self, card: Card) -> None:
        self._sides[_folded(card.front), _folded(card.back)] = card
        for name in _names(card):
            self._names[name] = card

    def same(self, card: NewCard) -> Card | None:
        return self._sides.get((_folded(card.front), _folded(card.back)))

    def older(self, card: NewCard) -> Card | None:
        """The card that a program or the course changed since: it has the same id, or the same front in the same place."""
        return next((self._names[name] for name in _names(card) if name in self._names), None)


def _names(card: Card | NewCard) -> Iterator[tuple[str, str]]:
    if card.external_id is not None:
        yield "external", card.external_id
    if card.origin == "material" and card.source is not None:
        yield card.source, _folded(card.front)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _clean(card: NewCard) -> NewCard:
    front, back = (sanitize_user(side)[0].strip() for side in (card.front, card.back))
    if not front or not back:
        raise UsageError(
            "A card has a front and a back, and one of them is empty.",
            "카드에는 앞면과 뒷면이 다 있어야 합니다. 한쪽이 비어 있습니다.",
        )
    if max(len(front), len(back)) > LONGEST:
        raise UsageError(
            f"A side of a card has at most {LONGEST:,} characters. Make several cards of it.",
            f"카드 한 면은 {LONGEST:,}자까지입니다. 여러 장으로 나누어 주세요.",
        )
    return replace(card, front=front, back=back, topic=" ".join(card.topic.split()))


def _about(topic: str | None) -> Sequence[ColumnElement[bool]]:
    if topic is None or not topic.strip():
        return ()
    words = topic.split()
    return [
        cards.c.topic.icontains(word, autoescape=True) | cards.c.source.icontains(word, autoescape=True)
        for word in words
    ]


def _days(start: datetime | None, end: datetime) -> float | None:
    return None if start is None else (end - start).total_seconds() / 86_400


def _card(row: AnyRow) -> Card:
    return Card(
        id=row.id,
        front=row.front,
        back=row.back,
        topic=row.topic,
        tags=tuple(row.tags),
        origin=row.origin,
        trust=row.trust,
        message_id=row.message_id,
        archival_id=row.archival_id,
        source=row.source,
        external_id=row.external_id,
        schedule=Schedule(**{name: getattr(row, name) for name in _SCHEDULE}),
        suspended=row.suspended,
        created_at=row.created_at,
    )
