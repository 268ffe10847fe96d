"""What a file to import holds, entry by entry: what is to be kept, what is passed over and why, what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from ..errors import BadImport
from ..text import normalize
from .bounds import LONGEST_CONTENT, digest, fit_id

Kind = Literal["message", "passage", "fact", "note"]

Json = Mapping[str, Any]

Reason = Literal[
    "blank",
    "branch",
    "hidden",
    "no conversation",
    "not said",
    "persona",
    "repeated",
    "tool",
    "unknown content",
]
"""Why an entry is passed over: it has no words; another version of it was shown; it was never shown to the person; a file
beside the conversations; neither person nor assistant said it; it is the assistant's own description; it stands in the
file before; it was said to or by a tool; its content is of a kind that holds no speech."""


class Place(NamedTuple):
    """Where something stands, in both languages."""

    en: str
    ko: str

    def below(self, name: str) -> Place:
        """Give the place in a file of that name."""
        return Place(f"{name}: {self.en}", f"{name} {self.ko}")


@dataclass(frozen=True, slots=True)
class Record:
    """One thing to import.

    Attributes:
        external_id: Unique for a student: it says what has been imported already; "" where the file names none.
        time: None where the file does not say.
        session: What keeps conversations of one file apart; "" where there is only one.
        title: Of the conversation.
    """

    place: Place
    kind: Kind
    role: str
    content: str
    external_id: str = ""
    time: datetime | None = None
    name: str | None = None
    session: str = ""
    title: str = ""
    subject: str | None = None
    source: str | None = None
    locator: str | None = None
    tags: tuple[str, ...] = ()


class PassedOver(NamedTuple):
    """An entry that is left out on purpose."""

    place: Place
    reason: Reason


class Unreadable(NamedTuple):
    """An entry that cannot be taken in; the others can."""

    place: Place
    error: BadImport


Entry = Record | PassedOver | Unreadable


def bad(place: Place, en: str, ko: str) -> Unreadable:
    """Say why an entry cannot be taken in."""
    return Unreadable(
        place,
        BadImport(
            f"{place.en[:1].upper()}{place.en[1:]} cannot be imported: {en}. Mend it and import the file again; what is"
            " there already is not taken twice.",
            f"{place.ko} 부분을 가져올 수 없습니다: {ko}. 고친 뒤 다시 가져와 주세요. 이미 있는 것은 두 번 들어가지 않습니다.",
        ),
    )


def told_apart(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give every record an id of its own, and pass over what stands there twice."""
    first: dict[str, Record] = {}
    for entry in entries:
        if not isinstance(entry, Record):
            yield entry
        elif not normalize(entry.content).strip():
            yield PassedOver(entry.place, "blank")
        elif len(entry.content) > LONGEST_CONTENT:
            most = f"{LONGEST_CONTENT:,}"
            yield bad(entry.place, f"it is longer than {most} characters", f"글자 수가 {most}자보다 많습니다")
        else:
            record = replace(entry, external_id=_id_of(entry, first))
            before = first.setdefault(record.external_id, record)
            if before is record:
                yield record
            elif (before.kind, before.role, before.content) == (record.kind, record.role, record.content):
                yield PassedOver(record.place, "repeated")
            else:
                yield bad(
                    record.place,
                    f"id {record.external_id!r} is that of {before.place.en} already",
                    f"id {record.external_id!r}은(는) {before.place.ko}에 이미 있습니다",
                )


def _id_of(record: Record, taken: Mapping[str, Record]) -> str:
    if record.external_id:
        return fit_id(record.external_id)
    made = digest(record.kind, record.role, record.name, record.time, record.session, record.content)
    while made in taken:  # the same words at the same time, twice
        made = digest(made)
    return made


def parts_text(content: object) -> str:
    """Read content that is a text, a list of texts, or a list of `{"type": "text", "text": …}`."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part if isinstance(part, str) else at(part, "text") for part in cast("list[Any]", content)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)


def at(value: Any, *keys: str) -> Any:
    """Give what stands in nested objects under some keys, None where it is not there."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = cast("Json", value).get(key)
    return value
