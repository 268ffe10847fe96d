"""Cards as a table: CSV with a header, tab-separated lines, Anki's text export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from ...errors import BadImport
from ...learner.values import Card, NewCard
from .found import FoundCards
from .sides import only_media, text_of

COLUMNS = ("front", "back", "topic", "tags")

_NAMES = {
    "front": {"front", "question", "term", "앞", "앞면", "질문", "문제", "용어"},
    "back": {"back", "answer", "definition", "뒤", "뒷면", "답", "정답", "뜻", "정의"},
    "topic": {"topic", "deck", "주제", "단원", "덱"},
    "tags": {"tags", "태그"},
}
_SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}


def read_table(text: str, name: str) -> FoundCards:
    """Read cards from a table: front, back and, where there are more columns, topic and tags.

    Args:
        text: With a header or without; Anki's `#separator:` and `#html:` lines are understood.
        name: The file's, for what is said of it.

    Raises:
        BadImport: There is no table of at least two columns in it.
    """
    settings, lines = _settings(text)
    separator = settings.get("separator", "").casefold()
    delimiter = _SEPARATORS.get(separator, separator) or _delimiter(lines)
    found, places = FoundCards(), list(range(len(COLUMNS)))
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    except csv.Error as error:
        raise _no_table(name) from error
    if not any(len(row) > 1 for row in rows):
        raise _no_table(name)
    header = _header(rows[0])
    for number, row in enumerate(rows[1:] if header else rows, 2 if header else 1):
        if any(cell.strip() for cell in row):
            cells = [row[place] if 0 <= place < len(row) else "" for place in header or places]
            _take(found, cells, f"{name} {number}", html=settings.get("html") == "true")
    return found


def write_table(cards: Iterable[Card]) -> str:
    """Give cards as CSV with a header (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((card.front, card.back, card.topic, " ".join(card.tags)) for card in cards)
    return out.getvalue()


def _take(found: FoundCards, cells: Sequence[str], place: str, *, html: bool) -> None:
    sides = [text_of(cell) if html else (cell.strip(), False) for cell in cells[:2]]
    if not all(side for side, _ in sides):
        found.unfit[place] = ("one side is empty", "한 면이 비어 있습니다")
    elif any(only_media(side) for side, _ in sides):
        found.unfit[place] = ("a side is only a picture or sound", "한 면이 그림이나 소리뿐입니다")
    else:
        found.media += any(media for _, media in sides)
        (front, _), (back, _) = sides
        tags = tuple(cells[3].split())
        found.cards.append(NewCard(front, back, cells[2].strip(), "import", "imported", tags))


def _settings(text: str) -> tuple[dict[str, str], list[str]]:
    lines = text.splitlines()
    settings: dict[str, str] = {}
    while lines and lines[0].startswith("#") and ":" in lines[0]:
        key, _, value = lines.pop(0)[1:].partition(":")
        settings[key.strip().casefold()] = value.strip()
    return settings, lines


def _delimiter(lines: Sequence[str]) -> str:
    """Choose what stands in the most of the first lines."""
    first = lines[:20]
    return max(",\t;", key=lambda mark: sum(mark in line for line in first))


def _header(row: Sequence[str]) -> list[int] | None:
    """Give the place of each of our columns, -1 where there is none; None where the row is no header."""
    named = [cell.strip().casefold() for cell in row]

    def places() -> Iterator[int]:
        for column in COLUMNS:
            yield next((place for place, name in enumerate(named) if name in _NAMES[column]), -1)

    found = list(places())
    return found if found[0] >= 0 and found[1] >= 0 else None


def _no_table(name: str) -> BadImport:
    return BadImport(
        f"{name} holds no table of cards: give a front and a back in two columns, one card a line. Nothing was imported.",
        f"{name}: 카드 표가 없습니다. 한 줄에 한 장씩, 앞면과 뒷면을 두 열로 적어 주세요. 아무것도 가져오지 않았습니다.",
    )
