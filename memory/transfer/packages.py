"""What a file, zip or folder to import consists of: its texts, one after the other, and what lies beside them.

ChatGPT's export comes as a zip with `conversations.json`, or with `conversations-000.json` and so on; some hold it all
in a folder, and people unpack it. Nothing is unpacked to the disk here, so where a zip wants its files does not matter.
"""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from ..errors import BadImport, NotFound, OfficeHoursError
from .bounds import LARGEST_DIRECTORY, LARGEST_FILE, LARGEST_PACKAGE, fit_id, refuse_size
from .files import decoded, opened, read_bytes, read_text, shown

_END = struct.Struct("<4s8xI6x")
_END_64 = struct.Struct("<4s36xQ8x")
"""The records at the end of a zip that say how long its list of files is."""

_NO_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, LookupError, OSError, RuntimeError, ValueError,
)  # fmt: skip
"""What comes of a zip that is broken, locked, or packed in a way that Python does not know."""


class Part(NamedTuple):
    """A file of a package.

    Attributes:
        name: "" for a file that was named itself.
        found: Its text, or why it cannot be read; None for one that holds no conversations.
    """

    name: str
    found: str | OfficeHoursError | None


def read_parts(path: Path) -> Iterator[Part]:
    """Give what is in a file, zip or folder.

    Raises:
        NotFound, BadImport: It cannot be read at all, or is a package without conversations.
    """
    if os.path.isdir(path):  # noqa: PTH112  Path.is_dir raises where a name is too long
        yield from _of_folder(path)
        return
    with opened(path) as stream:
        if not stream.peek(4).startswith(b"PK\x03\x04"):
            yield Part("", decoded(read_bytes(stream, shown(path), LARGEST_FILE), shown(path)))
        elif stream.seekable():
            yield from _of_zip(stream, shown(path))
        else:
            yield from _of_zip(BytesIO(read_bytes(stream, shown(path), LARGEST_FILE)), shown(path))


def _holds_conversations(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return path.name.startswith("conversations") and path.suffix == ".json" and "__macosx" not in path.parts


# A folder


def _of_folder(folder: Path) -> Iterator[Part]:
    files = _listed(folder)
    inner = [path for path in files if os.path.isdir(path)]  # noqa: PTH112
    if not any(map(_holds_conversations, (path.name for path in files))) and len(inner) == 1:
        files = _listed(inner[0])  # a zip with one folder inside, unpacked
    chosen = [path for path in files if _holds_conversations(path.name)]
    if not chosen:
        raise NotFound(
            f"{shown(folder)} is a folder without a conversations.json; name the file to import. Nothing was imported.",
            f"{shown(folder)} 폴더에는 conversations.json이 없습니다. 가져올 파일을 지정해 주세요. 아무것도 가져오지 않았습니다.",
        )
    refuse_size(shown(folder), sum(map(_size_of, chosen)), LARGEST_PACKAGE)
    for path in files:
        name = shown(path.relative_to(folder))
        yield Part(name, _text_in(folder, path, name) if _holds_conversations(path.name) else None)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise BadImport(
            f"{shown(folder)} cannot be read ({error.strerror}).",
            f"{shown(folder)} 폴더를 읽을 수 없습니다 ({error.strerror}).",
        ) from error


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # whoever reads it says so


def _text_in(folder: Path, path: Path, name: str) -> str | OfficeHoursError:
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        return BadImport(
            f"{name} is a link that leads out of the folder, so it was not followed.",
            f"{name}은(는) 폴더 밖을 가리키는 링크라 따라가지 않았습니다.",
        )
    try:
        return read_text(path)
    except (NotFound, BadImport) as error:
        return error


# A zip


def _of_zip(stream: IO[bytes], name: str) -> Iterator[Part]:
    _refuse_large_directory(stream, name)
    try:
        archive = zipfile.ZipFile(stream)
    except _NO_ZIP as error:
        raise _no_conversations(name) from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        chosen = [entry for entry in entries if _holds_conversations(entry.filename)]
        if not chosen:
            raise _no_conversations(name)
        refuse_size(name, sum(entry.file_size for entry in chosen), LARGEST_PACKAGE)
        for entry, part in zip(entries, _told_apart([entry.filename for entry in entries]), strict=True):
            yield Part(
                part, _unpacked(archive, entry, part) if _holds_conversations(entry.filename) else None
            )


def _told_apart(names: Sequence[str]) -> list[str]:
    """Give names as they are shown; a zip may hold several files of one name."""
    taken: dict[str, None] = {}
    for number, name in enumerate(map(fit_id, names), 1):
        shown_as = name if name not in taken else f"{name} (number {number} of the zip)"
        while shown_as in taken:
            shown_as += "'"
        taken[shown_as] = None
    return list(taken)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> str | OfficeHoursError:
    try:
        refuse_size(name, entry.file_size, LARGEST_FILE)
        with archive.open(entry) as stream:
            raw = stream.read(LARGEST_FILE + 1)
        refuse_size(name, len(raw), LARGEST_FILE)
        return decoded(raw, name)
    except BadImport as error:
        return error
    except _NO_ZIP as error:
        reason = str(error) or type(error).__name__
        return BadImport(
            f"{name} in the zip file cannot be unpacked ({reason}). Download the export again, or unpack it and name the "
            "file in it.",
            f"압축 파일 안의 {name}을(를) 풀 수 없습니다 ({reason}). 내보내기를 다시 내려받거나, 압축을 풀어 그 안의 파일을 지정해 "
            "주세요.",
        )


def _refuse_large_directory(stream: IO[bytes], name: str) -> None:
    """Look up how large the zip's list of files is, at its very end: to open it is to read that list whole."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 65_536 - 2 * 76))
    tail = stream.read()
    place = len(tail) - 22 if tail[-22:-18] == b"PK\x05\x06" else tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        return  # no zip: opening it says so
    _, listed = _END.unpack_from(tail, place)
    if place >= 76 and tail[place - 20 : place - 16] == b"PK\x06\x07":
        _, listed = _END_64.unpack_from(tail, place - 76)
    refuse_size(name, listed, LARGEST_DIRECTORY)


def _no_conversations(name: str) -> BadImport:
    return BadImport(
        f"{name} is a zip file without a conversations.json that can be read. Download the export again, or unpack "
        "it and name the file in it. Nothing was imported.",
        f"{name} 압축 파일에서 conversations.json을 읽을 수 없습니다. 내보내기를 다시 내려받거나, 압축을 풀어 그 안의 "
        "파일을 지정해 주세요. 아무것도 가져오지 않았습니다.",
    )
