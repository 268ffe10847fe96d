"""The text of a file that somebody brings: UTF-8, also from the zip that ChatGPT's export comes in."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePath

from ..errors import BadImport, NotFound

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def shown(path: str | PurePath) -> str:
    """Give a path as text that every database and terminal takes: bytes that are no UTF-8 and control characters are
    escaped, as `\\xb0`.
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", _CONTROL.sub(lambda c: f"\\x{ord(c[0]):02x}", text))


def read_import(file: Path) -> str:
    """Read a file to import; of a zip, the conversations in it.

    Raises:
        NotFound, BadImport: As the names say.
    """
    return _from_zip(file) if _is_zip(file) else read_text(file)


def read_text(file: Path) -> str:
    """Read a file that must be UTF-8 (a byte-order mark is fine).

    Raises:
        NotFound, BadImport: As the names say.
    """
    name = shown(file)
    try:
        raw = file.read_bytes()
    except IsADirectoryError as error:
        raise NotFound(
            f"{name} is a folder; name a file in it. Nothing was imported.",
            f"{name} 폴더가 아니라 그 안의 파일을 지정해 주세요. 아무것도 가져오지 않았습니다.",
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {name}.", f"{name} 파일이 없습니다.") from error
    except OSError as error:
        raise BadImport(
            f"{name} cannot be read ({error.strerror}).",
            f"{name} 파일을 읽을 수 없습니다 ({error.strerror}).",
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        likely = "UTF-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "CP949"
        raise BadImport(
            f"{name}, line {line}: this is not UTF-8 text, so it was not taken in. Save the file as UTF-8 "
            f"(iconv -f {likely} -t UTF-8, for instance) and try again.",
            f"{name} {line}번째 줄: UTF-8 글이 아니어서 가져오지 않았습니다. 파일을 UTF-8로 저장한 뒤 "
            f"(예: iconv -f {likely} -t UTF-8) 다시 시도해 주세요.",
        ) from error


def _is_zip(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(4) == b"PK\x03\x04"
    except OSError:
        return False  # whoever reads it says so


def _from_zip(file: Path) -> str:
    """Give the conversations of the zip that ChatGPT's export comes in."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.read("conversations.json").decode("utf-8-sig")
    except (zipfile.BadZipFile, zlib.error, KeyError, UnicodeDecodeError, RuntimeError, OSError) as error:
        raise BadImport(
            f"{file} is a zip file without a conversations.json that can be read. Download the export again, or unpack "
            "it and name the file in it. Nothing was imported.",
            f"{file} 압축 파일에서 conversations.json을 읽을 수 없습니다. 내보내기를 다시 내려받거나, 압축을 풀어 그 안의 "
            "파일을 지정해 주세요. 아무것도 가져오지 않았습니다.",
        ) from error
