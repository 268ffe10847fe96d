"""Anki packages (.apkg, .colpkg) as cards, read with SQLite: every schema that Anki exports (docs/adr/0082).

In the zip lies a collection: `collection.anki21b` (compressed with zstd, since Anki 23.10), `collection.anki21` or
`collection.anki2`. The newest is the whole one; an older one beside it may only say that Anki is to be updated.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

from ...errors import BadImport
from ...learner.values import NewCard
from ..bounds import LARGEST_PACKAGE, refuse_size
from ..files import opened, shown
from .found import FoundCards
from .sides import only_media, text_of

COLLECTIONS = ("collection.anki21b", "collection.anki21", "collection.anki2")

BLOCK = 1024 * 1024

SUSPENDED = -1
"""Anki's queue of cards that are not asked."""

_CLOZE = re.compile(r"\{\{c(\d+)::(.*?)(?:::(.*?))?\}\}", re.DOTALL)
_SECTION = re.compile(r"\{\{([#^])([^}]+)\}\}((?:(?!\{\{[#^]).)*?)\{\{/\2\}\}", re.DOTALL)
_FIELD = re.compile(r"\{\{([^}#^/]+)\}\}")
_ANSWER = re.compile(r"<hr\s+id=[\"']?answer[\"']?\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _NoteType:
    """How a note's fields become cards: of each template its question and its answer."""

    cloze: bool
    fields: Sequence[str]
    templates: Mapping[int, tuple[str, str]]


def read_package(file: Path) -> FoundCards:
    """Read the cards of an Anki package.

    Raises:
        NotFound: There is no such file.
        BadImport: It is no Anki package, or larger than can be read.
    """
    name = shown(file)
    try:
        with (
            opened(file) as stream,
            zipfile.ZipFile(stream) as package,
            tempfile.TemporaryDirectory() as folder,
        ):
            inside = next((entry for entry in COLLECTIONS if entry in package.namelist()), None)
            if inside is None:
                raise _no_package(name)
            collection = Path(folder) / "collection"
            with package.open(inside) as packed, collection.open("wb") as out:
                _unpack(cast("BinaryIO", packed), out, name, compressed=inside.endswith("b"))
            with closing(sqlite3.connect(f"{collection.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                # Anki orders names by it; nothing is ordered here.
                database.create_collation("unicase", lambda a, b: (a > b) - (a < b))
                database.text_factory = _decoded
                return _cards(database)
    except (
        zipfile.BadZipFile,
        sqlite3.Error,
        EOFError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
    ) as error:
        raise _no_package(name) from error


def _unpack(packed: BinaryIO, out: BinaryIO, name: str, *, compressed: bool) -> None:
    size = 0
    for block in _unzstd(packed) if compressed else iter(lambda: packed.read(BLOCK), b""):
        size += len(block)
        refuse_size(name, size, LARGEST_PACKAGE)
        out.write(block)


def _unzstd(packed: BinaryIO) -> Iterator[bytes]:
    zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    with zstd.ZstdFile(packed) as stream:
        try:
            yield from iter(lambda: stream.read(BLOCK), b"")
        except zstd.ZstdError as error:
            raise ValueError("no zstd") from error


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _cards(database: sqlite3.Connection) -> FoundCards:
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    new = "notetypes" in tables and database.execute("SELECT count(*) FROM notetypes").fetchone()[0]
    types = _note_types(database) if new else _old_note_types(database)
    decks = _decks(database) if new else _old_decks(database)
    rows = database.execute(
        "SELECT c.ord, c.did, c.odid, c.reps, c.queue, n.guid, n.mid, n.tags, n.flds FROM cards c JOIN notes n ON n.id = c.nid"
        " ORDER BY n.id, c.ord"
    )
    found = FoundCards()
    for number, deck, home, reps, queue, guid, kind, tags, held in rows:
        note_type = types[kind]
        fields = dict(zip(note_type.fields, held.split("\x1f"), strict=False))
        front, back = _cloze(fields, number) if note_type.cloze else _sides(note_type, fields, number)
        card = NewCard(
            front,
            back,
            decks.get(home or deck, ""),
            "import",
            "imported",
            tuple(tags.split()),
            external_id=f"anki:{guid}:{number}",
            suspended=queue == SUSPENDED,
        )
        _take(found, card, cloze=note_type.cloze, reviewed=reps > 0)
    return found


def _take(found: FoundCards, card: NewCard, *, cloze: bool, reviewed: bool) -> None:
    """Take a card along whose sides are as Anki has them, or say why not."""
    identity = (card.external_id or "").removeprefix("anki:")
    (asked, first), (answer, second) = text_of(card.front), text_of(card.back)
    if not asked or not answer:
        found.unfit[identity] = ("one side is empty", "한 면이 비어 있습니다")
    elif only_media(asked) or only_media(answer):
        found.unfit[identity] = ("a side is only a picture or sound", "한 면이 그림이나 소리뿐입니다")
    else:
        found.cloze += cloze
        found.media += first or second
        found.reviewed += reviewed
        found.cards.append(replace(card, front=asked, back=answer))


# Sides


def _sides(note_type: _NoteType, fields: Mapping[str, str], number: int) -> tuple[str, str]:
    question, answer = note_type.templates[number]
    front = _rendered(question, fields)
    _, found, after = _ANSWER.sub("\x00", answer).partition("\x00")
    back = _rendered(after if found else answer, {**fields, "FrontSide": ""})
    return front, back


def _cloze(fields: Mapping[str, str], number: int) -> tuple[str, str]:
    """Give a text with one gap, and what stands in it; what the note says besides follows."""
    gap = str(number + 1)
    held = next(
        (name for name, text in fields.items() if any(c[1] == gap for c in _CLOZE.finditer(text))), None
    )
    if held is None:
        return "", ""

    def asked(found: re.Match[str]) -> str:
        return found[2] if found[1] != gap else f"[{found[3] or '…'}]"

    answers = [found[2] for found in _CLOZE.finditer(fields[held]) if found[1] == gap]
    more = [_CLOZE.sub(r"\2", text) for name, text in fields.items() if name != held and text.strip()]
    return _CLOZE.sub(asked, fields[held]), "<br>".join([", ".join(answers), *more])


def _rendered(template: str, fields: Mapping[str, str]) -> str:
    """Fill a template: `{{Field}}` with filters before it, `{{#Field}}…{{/Field}}` where it is filled, `^` where not."""
    before = None
    while before != template:
        before = template
        template = _SECTION.sub(
            lambda s: s[3] if bool(fields.get(s[2].strip(), "").strip()) == (s[1] == "#") else "", template
        )
    return _FIELD.sub(lambda f: fields.get(f[1].rpartition(":")[2].strip(), ""), template)


# Note types and decks, as schema 11 has them (JSON in one row) and as schema 15 and later do (tables)


def _old_note_types(database: sqlite3.Connection) -> dict[int, _NoteType]:
    models = cast("dict[str, Any]", json.loads(database.execute("SELECT models FROM col").fetchone()[0]))
    return {
        int(identity): _NoteType(
            model.get("type") == 1,
            [field["name"] for field in sorted(model["flds"], key=lambda field: field["ord"])],
            {template["ord"]: (template["qfmt"], template["afmt"]) for template in model["tmpls"]},
        )
        for identity, model in models.items()
    }


def _note_types(database: sqlite3.Connection) -> dict[int, _NoteType]:
    types: dict[int, _NoteType] = {}
    for identity, config in database.execute("SELECT id, config FROM notetypes").fetchall():
        fields = database.execute("SELECT name FROM fields WHERE ntid = ? ORDER BY ord", (identity,))
        templates = database.execute("SELECT ord, config FROM templates WHERE ntid = ?", (identity,))
        types[identity] = _NoteType(
            _message(config).get(1) == 1,
            [name for (name,) in fields],
            {ord_: (_string(template, 1), _string(template, 2)) for ord_, template in templates},
        )
    return types


def _old_decks(database: sqlite3.Connection) -> dict[int, str]:
    decks = cast("dict[str, Any]", json.loads(database.execute("SELECT decks FROM col").fetchone()[0]))
    return {int(identity): _topic(deck["name"].split("::")) for identity, deck in decks.items()}


def _decks(database: sqlite3.Connection) -> dict[int, str]:
    rows = database.execute("SELECT id, name FROM decks")
    return {identity: _topic(re.split("\x1f|::", name)) for identity, name in rows}


def _topic(parts: Sequence[str]) -> str:
    """Give a deck as a topic; our own root deck and Anki's "Default" say nothing."""
    said = [part.strip() for part in parts]
    return " > ".join(said[1:] if said[0] in {"Office Hours", "Default"} else said)


# Protocol Buffers: the few fields of a note type's and a template's settings that say how cards are made


def _string(message: bytes, number: int) -> str:
    value = _message(message).get(number, b"")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _message(message: bytes) -> dict[int, int | bytes]:
    """Read a message's fields by number: varints and bytes (protobuf.dev/programming-guides/encoding)."""
    return dict(_fields(message))


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                value, at = _varint(message, at)
                yield tag >> 3, value
            case 2:
                length, at = _varint(message, at)
                yield tag >> 3, message[at : at + length]
                at += length
            case wire:
                at += {1: 8, 5: 4}[wire]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _no_package(name: str) -> BadImport:
    return BadImport(
        f"{name} cannot be read as an Anki package (.apkg). Export it from Anki once more (File > Export), or as text"
        " for a CSV import. Nothing was imported.",
        f"{name}: Anki 패키지(.apkg)로 읽을 수 없습니다. Anki에서 다시 내보내거나(파일 > 내보내기) 텍스트로 내보내 CSV로 가져와"
        " 주세요. 아무것도 가져오지 않았습니다.",
    )
