"""A report as tables in the reader's language: what every form of it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ...agent.billing.report import UsageTotals
from ...agent.tutor.report import ForgettingPoint, ReviewsKept, StudyReport
from ...memory.text import clean
from ..memory.show import HARD
from ..terminal.say import localized

Plot = Literal["time", "mastery", "forgetting"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, and the ids of the rows of the store that it was counted from."""

    cells: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One part of a report.

    Attributes:
        numbers: Columns, from 0, of numbers and days: they are set to the right, and not broken.
        plot: What is drawn above it, where the form can draw.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    numbers: frozenset[int] = frozenset()
    plot: Plot | None = None


def report_title(found: StudyReport) -> str:
    """Name a report by its days."""
    since = found.since.isoformat() if found.since else localized("the beginning", "처음")
    return localized(
        f"Report, from {since} to {found.until.isoformat()}",
        f"학습 보고서: {since}부터 {found.until.isoformat()}까지",
    )


def ids_note() -> str:
    """Say what the letters of the ids stand for."""
    return localized(
        "Ids: m message, s conversation, a passage, k card, r review, t attempt, u model call.",
        "id: m 메시지, s 대화, a 자료 조각, k 카드, r 복습, t 답한 문제, u 모델 호출.",
    )


def report_tables(found: StudyReport) -> list[Table]:
    """Give every part of a report; one in which nothing was counted has no rows."""
    return [
        _time(found),
        _topics(found),
        _mastery(found),
        _kept(found.kept),
        _forgetting(found.forgetting),
        _questions(found),
        _hard(found),
        _cost(found),
    ]


def _time(found: StudyReport) -> Table:
    sessions = dict.fromkeys(name for day in found.days for name in day.sessions)
    total = Row(
        (
            localized("in all", "모두"),
            f"{found.minutes:.0f}",
            str(len(sessions)),
            str(sum(len(day.ids) for day in found.days)),
        ),
        tuple(sessions),
    )
    rows = [
        _row((day.day.isoformat(), f"{day.minutes:.0f}", str(len(day.sessions)), str(len(day.ids))), day.ids)
        for day in found.days
    ]
    return Table(
        localized("Time", "시간"),
        (
            localized("day", "날짜"),
            localized("minutes", "분"),
            localized("conversations", "대화"),
            localized("entries", "기록"),
        ),
        (*rows, total) if rows else (),
        frozenset({0, 1, 2, 3}),
        "time",
    )


def _topics(found: StudyReport) -> Table:
    rows = [
        _row((item.topic, str(len(item.days)), item.days[-1].isoformat()), item.ids) for item in found.topics
    ]
    head = (localized("topic", "주제"), localized("days", "일수"), localized("last", "마지막"))
    return Table(localized("Topics studied", "공부한 주제"), head, tuple(rows), frozenset({1, 2}))


def _mastery(found: StudyReport) -> Table:
    rows = [
        _row(
            (
                known.topic,
                percent(known.correctness),
                str(known.attempts),
                percent(known.retrievability),
                localized("yes", "예") if known.explained else "–",
            ),
            item.ids,
        )
        for item in found.known
        if (known := item.mastery)
    ]
    head = (
        localized("topic", "주제"),
        localized("right lately", "최근 정답률"),
        localized("attempts", "시도"),
        localized("remembered now (FSRS)", "지금 기억(FSRS)"),
        localized("explained in own words", "자기 말로 설명"),
    )
    return Table(localized("Mastery", "이해도"), head, tuple(rows), frozenset({1, 2, 3}), "mastery")


def _kept(kept: ReviewsKept) -> Table:
    counted: list[tuple[str, Sequence[str]]] = [
        (localized("on the day they were due, or before", "예정한 날까지 한 복습"), kept.in_time),
        (localized("later", "늦게 한 복습"), kept.late),
        (localized("first time asked", "처음 본 카드"), kept.first),
        (localized("due now", "지금 기다리는 카드"), kept.waiting),
    ]
    rows = [_row((name, f"{len(ids):,}"), ids) for name, ids in counted if ids]
    return Table(localized("Reviews", "복습"), ("", localized("count", "개수")), tuple(rows), frozenset({1}))


def _forgetting(points: Sequence[ForgettingPoint]) -> Table:
    rows = [
        _row(
            (span(point), percent(point.remembered), percent(point.expected), str(len(point.ids))), point.ids
        )
        for point in points
    ]
    head = (
        localized("days since the last review", "지난 복습 뒤 일수"),
        localized("remembered", "기억함"),
        localized("foretold by FSRS", "FSRS 예측"),
        localized("reviews", "복습"),
    )
    title = localized("Forgetting curve", "망각 곡선")
    return Table(title, head, tuple(rows), frozenset({1, 2, 3}), "forgetting")


def _questions(found: StudyReport) -> Table:
    rows = [_row((item.text, item.day.isoformat()), item.ids) for item in found.questions]
    head = (localized("question", "질문"), localized("asked", "물은 날"))
    return Table(localized("Open questions", "답하지 못한 질문"), head, tuple(rows), frozenset({1}))


def _hard(found: StudyReport) -> Table:
    rows = [
        _row((item.topic, localized(*HARD[item.state]), item.day.isoformat()), item.ids)
        for item in found.hard
    ]
    head = (localized("topic", "주제"), localized("state", "상태"), localized("first seen", "처음 나타난 날"))
    return Table(localized("What was hard", "어려웠던 것"), head, tuple(rows), frozenset({2}))


def _cost(found: StudyReport) -> Table:
    rows = [_row((item.model, *_money(item.spent)), item.ids) for item in found.cost]
    head = (
        localized("model", "모델"),
        localized("requests", "요청"),
        localized("tokens in", "입력 토큰"),
        localized("tokens out", "출력 토큰"),
        "USD",
        "KRW",
        localized("without a known price", "가격을 모르는 요청"),
    )
    return Table(localized("Cost", "비용"), head, tuple(rows), frozenset({1, 2, 3, 4, 5, 6}))


def _money(spent: UsageTotals) -> tuple[str, ...]:
    counts = (spent.requests, spent.input_tokens, spent.output_tokens)
    return (
        *(f"{count:,}" for count in counts),
        amount(spent.usd, "$", 4),
        amount(spent.krw, "₩", 0),
        str(spent.unpriced) if spent.unpriced else "",
    )


def amount(value: Decimal | None, sign: str, places: int) -> str:
    """Give money for a person: an unknown price is a dash, never nothing."""
    return "–" if value is None else f"{sign}{value:,.{places}f}"


def percent(value: float | None) -> str:
    """Give a share for a person, one that is not known as a dash."""
    return "–" if value is None else f"{100 * value:.0f}%"


def span(point: ForgettingPoint) -> str:
    """Name the days of a point of the forgetting curve: "4–7", "61+"."""
    if point.last_day is None:
        return f"{point.first_day}+"
    return (
        str(point.first_day) if point.first_day == point.last_day else f"{point.first_day}–{point.last_day}"
    )


def few_ids(ids: Sequence[str], shown: int = 3) -> str:
    """Name a few ids, and count the others."""
    more = len(ids) - shown
    rest = [localized(f"+{more}", f"외 {more}개")] if more > 0 else []
    return " ".join([*ids[:shown], *rest])


def _row(cells: Sequence[str], ids: Sequence[str]) -> Row:
    return Row(tuple(clean(cell).replace("\n", " ") for cell in cells), tuple(ids))
