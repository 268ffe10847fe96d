"""The text of a file that somebody brings, in whatever Unicode it is written."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path, PurePath

from ..errors import BadImport, NotFound
from .bounds import LARGEST_FILE, refuse_size

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

MARKS: Sequence[tuple[bytes, str]] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""How a file that says so is written. One that does not is UTF-8: anything else would be a guess."""


def shown(path: str | PurePath) -> str:
    """Give a path as text that every database and terminal takes: bytes that are no UTF-8 and control characters are
    escaped, as `\\xb0`.
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", _CONTROL.sub(lambda c: f"\\x{ord(c[0]):02x}", text))


@contextmanager
def opened(file: Path) -> Generator[BufferedReader]:
    """Open a file that somebody named, and say in a sentence what keeps it from being read.

    Raises:
        NotFound, BadImport: As the names say.
    """
    name = shown(file)
    try:
        with file.open("rb") as stream:
            yield stream
    except IsADirectoryError as error:
        raise NotFound(
            f"{name} is a folder; name a file in it. Nothing was imported.",
            f"{name} 폴더가 아니라 그 안의 파일을 지정해 주세요. 아무것도 가져오지 않았습니다.",
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {name}.", f"{name} 파일이 없습니다.") from error
    except OSError as error:
        raise BadImport(
            f"{name} cannot be read ({error.strerror or error}).",
            f"{name} 파일을 읽을 수 없습니다 ({error.strerror or error}).",
        ) from error


def read_text(file: Path, limit: int = LARGEST_FILE) -> str:
    """Read a text file.

    Args:
        limit: The most bytes; more are not read.

    Raises:
        NotFound, BadImport: As the names say.
    """
    with opened(file) as stream:
        return decoded(read_bytes(stream, shown(file), limit), shown(file))


def read_bytes(stream: BufferedReader, name: str, limit: int) -> bytes:
    """Read a file that may be a pipe or a device without end.

    Raises:
        BadImport: It is larger than the limit.
    """
    if stream.seekable():
        refuse_size(name, os.fstat(stream.fileno()).st_size, limit)
    raw = stream.read(limit + 1)
    refuse_size(name, len(raw), limit)
    return raw


def decoded(raw: bytes, name: str) -> str:
    """Give the text that some bytes are.

    Raises:
        BadImport: They are none, or it is not Unicode.
    """
    mark, encoding = next(((m, e) for m, e in MARKS if raw.startswith(m)), (b"", "utf-8"))
    if encoding == "utf-8" and b"\0" in raw:
        raise BadImport(
            f"{name} is not text, so it was not taken in.",
            f"{name}은(는) 글 파일이 아니어서 넣지 않았습니다.",
        )
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, len(mark) + error.start) + 1
        wanted, likely = encoding.upper()[:6].rstrip("-"), _likely(raw)
        raise BadImport(
            f"{name}, line {line}: this is not {wanted} text, so it was not taken in. Save the file as UTF-8 "
            f"(iconv -f {likely} -t UTF-8, for instance) and try again.",
            f"{name} {line}번째 줄: {wanted} 글이 아니어서 가져오지 않았습니다. 파일을 UTF-8로 저장한 뒤 "
            f"(예: iconv -f {likely} -t UTF-8) 다시 시도해 주세요.",
        ) from error
    if "\0" in text:
        raise BadImport(
            f"{name} is not text, so it was not taken in.",
            f"{name}은(는) 글 파일이 아니어서 넣지 않았습니다.",
        )
    return text


def _likely(raw: bytes) -> str:
    """Guess what a file is written in that is not Unicode, for advice only."""
    try:
        raw.decode("cp949")
    except UnicodeDecodeError:
        return "LATIN1"
    return "CP949"
