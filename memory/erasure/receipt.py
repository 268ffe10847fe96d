"""What a forgetting did and how it was proven, as values and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ERROR_LOG, OfficeHoursError

MOST_NAMED = 10
"""Places that a line names; the document has them all."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was removed and what a scan of every file found afterwards.

    Attributes:
        what: The id that was forgotten, or the handle of the student who was erased.
        ids: All that went: `m12`, `a7`.
        rows: Deleted rows by table.
        changed: Rows by table from which the words were taken.
        log_lines: Lines that were taken out of the program's own log.
        elsewhere: The student's other messages and memories that hold some of the words; they stay.
        phrases: Pieces of text and stretches of vectors that were looked for.
        shared: Those of them that other students' rows hold too, which a scan cannot tell from traces.
        files, bytes: What was scanned.
        found: Files that still hold something, by how many of the phrases.
        unread: Files that could not be read.
        warnings: What cannot be proven from here, and what to do about it.
    """

    what: str
    ids: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict[str, int])
    changed: Mapping[str, int] = field(default_factory=dict[str, int])
    log_lines: int = 0
    elsewhere: tuple[str, ...] = ()
    phrases: int = 0
    shared: int = 0
    files: int = 0
    bytes: int = 0
    found: Mapping[str, int] = field(default_factory=dict[str, int])
    unread: tuple[str, ...] = ()
    warnings: tuple[OfficeHoursError, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether every file was read and none holds anything of it, and nothing lies out of reach."""
        return not (self.found or self.unread or self.warnings)

    def document(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "what": self.what,
            "ids": list(self.ids),
            "rows": dict(self.rows),
            "changed": dict(self.changed),
            "log_lines": self.log_lines,
            "elsewhere": list(self.elsewhere),
            "scan": {
                "phrases": self.phrases,
                "shared": self.shared,
                "files": self.files,
                "bytes": self.bytes,
                "found": dict(self.found),
                "unread": list(self.unread),
            },
            "proven": self.proven,
            "remarks": [{"en": warning.en, "ko": warning.ko} for warning in self.warnings],
        }

    def lines(self, language: str) -> Iterator[str]:
        """Give it line by line, in "ko" or English."""
        korean = language == "ko"
        listed = ", ".join(self.ids) or self.what
        yield f"지웠습니다: {listed}" if korean else f"Forgotten: {listed}"
        if self.rows:
            counts = ", ".join(f"{name} {count}" for name, count in self.rows.items())
            yield f"  지운 행: {counts}" if korean else f"  rows deleted: {counts}"
        if self.changed:
            counts = ", ".join(f"{name} {count}" for name, count in self.changed.items())
            yield (
                f"  그 말을 들어낸 행: {counts}" if korean else f"  rows the words were taken from: {counts}"
            )
        if self.log_lines:
            yield (
                f"  {ERROR_LOG}에서 지운 줄: {self.log_lines}"
                if korean
                else f"  lines taken out of {ERROR_LOG}: {self.log_lines}"
            )
        size = f"{self.bytes / 1e6:.1f} MB"
        yield (
            f"  확인: 파일 {self.files}개({size})에서 조각 {self.phrases}개를 찾아보았고, 남은 것은 {sum(self.found.values())}개입니다."
            if korean
            else f"  checked: looked for {self.phrases} pieces in {self.files} files ({size}),"
            f" found {sum(self.found.values())}."
        )
        if self.shared:
            yield (
                f"  그중 {self.shared}개는 다른 학생의 기록에도 있는 말이라 확인에서 뺐습니다."
                if korean
                else f"  {self.shared} more stand in other students' memories too and were left out of the check."
            )
        if self.elsewhere:
            where = ", ".join(self.elsewhere[:MOST_NAMED])
            if more := len(self.elsewhere[MOST_NAMED:]):
                where += f" 외 {more}곳" if korean else f" and {more} more"
            yield (
                f"  같은 말이 아직 있는 곳: {where} (이것도 지우려면 memory forget 으로 지워 주세요)"
                if korean
                else f"  the same words are still in: {where} (memory forget removes those too)"
            )
        for name, count in self.found.items():
            yield f"  ! {name}: {count}개가 남아 있습니다" if korean else f"  ! {name}: {count} still there"
        for name in self.unread:
            yield f"  ! {name}: 읽을 수 없습니다" if korean else f"  ! {name}: cannot be read"
        for warning in self.warnings:
            yield f"  {warning.say(language)}"
