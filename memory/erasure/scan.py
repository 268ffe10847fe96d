"""Looking for words and vectors in files, byte by byte, in every form in which a program could have written them.

A text is looked for by pieces of a few words, because a database may spread a long one over several pages
and a shortened copy is a copy too. Whoever finds a piece has found a trace.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..index.vectors import LITTLE_HALF

PIECE = 24
"""Columns of a piece: so many Latin letters, half as many Hangul syllables."""

LEAST_BYTES = 12
"""A piece of fewer bytes in UTF-8 says nothing: it stands in other texts by chance."""

LEAST_NAME_BYTES = 8
"""The same for names, which are short and telling."""

KEY = 8
"""Bytes by which a form is found first; shorter forms are not looked for."""

VALUES = 16
"""Numbers of a vector that are looked for."""

CHUNK = 8 << 20

_BREAKS = re.compile(r'[\x00-\x1f"\\]+')
_MIX = np.uint64(0x9E3779B97F4A7C15)
_BITS = 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing to look for: `forms` are the ways in which it may stand in a file."""

    forms: tuple[bytes, ...]


def fragments(text: str, least: int = LEAST_BYTES) -> list[str]:
    """Cut a text into the pieces by which it is known; line ends, quotes and backslashes are never inside one."""
    found: dict[str, None] = {}
    for run in _BREAKS.split(text):
        words = run.strip()
        size = PIECE // 2 if any(letter >= "\u1100" for letter in words) else PIECE
        cuts = range(0, max(1, len(words) - size + 1), size)
        for piece in (*(words[at : at + size] for at in cuts), words[-size:]):
            if len(piece.encode("utf-8", "replace")) >= least:
                found[piece] = None
    return list(found)


def text_pattern(piece: str) -> Pattern:
    """Give a piece in UTF-8 and UTF-16, composed and decomposed, and as JSON escapes it."""
    forms: dict[bytes, None] = {}
    for text in (piece, unicodedata.normalize("NFC", piece), unicodedata.normalize("NFD", piece)):
        escaped = json.dumps(text)[1:-1].encode("ascii")
        upper = re.sub(rb"\\u[0-9a-f]{4}", lambda found: b"\\u" + found[0][2:].upper(), escaped)
        encoded = [text.encode(name, "replace") for name in ("utf-8", "utf-16-le", "utf-16-be")]
        forms.update(dict.fromkeys(form for form in (*encoded, escaped, upper) if len(form) >= KEY))
    return Pattern(tuple(forms))


def vector_patterns(data: bytes, parts: int) -> Iterator[Pattern]:
    """Give what to look for of an item's vectors: a telling stretch of each, as float16 and as float32."""
    rows = np.frombuffer(data, LITTLE_HALF).reshape(parts, -1) if parts else np.empty((0, 0), LITTLE_HALF)
    for row in rows:
        filled = np.convolve(row != 0, np.ones(min(VALUES, len(row)), int), "valid")
        at = int(np.argmax(filled))
        stretch = row[at : at + VALUES]
        if filled[at] >= VALUES // 2:
            yield Pattern((stretch.tobytes(), stretch.astype("<f4").tobytes()))


class ByteScanner:
    """Finds any of many traces in bytes. Memory and time grow with the bytes read, hardly with the traces.

    Args:
        traces: What to look for; they are known by their places in this sequence.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._by_key: dict[int, list[tuple[bytes, int]]] = {}
        self.longest = KEY
        for place, pattern in enumerate(patterns):
            for form in pattern.forms:
                key = int.from_bytes(form[:KEY], "little")
                self._by_key.setdefault(key, []).append((form, place))
                self.longest = max(self.longest, len(form))
        self._keys = np.sort(np.fromiter(self._by_key, np.uint64, len(self._by_key)))
        self._table = np.zeros(1 << _BITS, np.bool_)
        self._table[_mixed(self._keys)] = True

    def find(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Give (offset, place of the trace) of everything found."""
        if not len(self._keys):
            return
        for shift in range(min(KEY, max(0, len(data) - KEY + 1))):
            words = np.frombuffer(data, "<u8", (len(data) - shift) // KEY, shift)
            near = np.flatnonzero(self._table[_mixed(words)])
            for at in near[np.isin(words[near], self._keys)].tolist():
                offset = shift + KEY * at
                for form, place in self._by_key[int(words[at])]:
                    if data.startswith(form, offset):
                        yield offset, place

    def places(self, data: bytes) -> set[int]:
        """Give which traces are in some bytes."""
        return {place for _, place in self.find(data)}

    def in_file(self, file: Path) -> tuple[int, set[int]]:
        """Give a file's size in bytes and which traces are in it.

        Raises:
            OSError: It cannot be read.
        """
        size = 0
        found: set[int] = set()
        rest = b""
        with file.open("rb") as opened:
            while chunk := opened.read(CHUNK):
                size += len(chunk)
                data = rest + chunk
                found |= self.places(data)
                rest = data[-(self.longest - 1) :]
        return size, found

    def in_texts(self, texts: Iterable[str]) -> set[int]:
        """Give which traces are in any of some texts."""
        found: set[int] = set()
        held: list[bytes] = []
        size = 0
        for text in texts:
            held.append(text.encode("utf-8", "replace"))
            size += len(held[-1])
            if size > CHUNK:
                found |= self.places(b"\0".join(held))
                held, size = [], 0
        return found | self.places(b"\0".join(held))


def files_under(*roots: Path) -> Iterator[Path]:
    """Give every regular file at or under some paths, each once; links are not followed."""
    seen: set[Path] = set()
    for root in roots:
        found = [root] if root.is_file() else sorted(root.rglob("*")) if root.is_dir() else []
        for path in found:
            if path not in seen and path.is_file() and not path.is_symlink():
                seen.add(path)
                yield path


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.intp]:
    with np.errstate(over="ignore"):
        return ((words * _MIX) >> np.uint64(64 - _BITS)).astype(np.intp)
