"""A student's memory for a program, without a conversation: finding in it, adding to it, filling it from files.

`officehours memory` and `officehours ingest` stand on the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Literal, cast, get_args

from ...memory.archival import InsertResult
from ...memory.archival.records import Kind
from ...memory.dates import days_meant, zone_of
from ...memory.embedding import Embedder
from ...memory.errors import OfficeHoursError, UsageError
from ...memory.index import count_pending, embed_everything
from ...memory.transfer import Importer, ImportReport, Ingester, IngestReport
from ...memory.types import Hit, Progress, Student
from ..runtime import Runtime
from ..settings import Settings, local_time
from .given import open_as_told

Where = Literal["recall", "archival", "all"]
"""What was said, what was kept, or both."""

LOADING_SECONDS = 20.0
EMBEDDING_SECONDS = 1.0
"""How long a search waits for what was committed and not yet embedded; words find it in any case."""

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]


def open_memory(
    settings: Settings | None = None,
    student: str | None = None,
    *,
    create: bool = True,
    embedder: Embedder | str | None = None,
    language: str | None = None,
    zone: str | None = None,
) -> Memory:
    """Open a student's memory; close it, or use it in a `with` block, to let go of everything.

    Args:
        settings: Read from the environment and the home where they are not given.
        student: Whose memory; the settings' student by default.
        create: Whether a student who is not known yet is made.
        embedder: Turns texts into vectors where the store has none yet; the setting's by default.
        language: The student's from now on, "ko" or "en"; as it was, or as the settings say, by default.
        zone: Where the student is, an IANA name; likewise.

    Raises:
        NotFound: The student is not known, and `create` is false.
        UsageError: There is no such language or zone.
        ConfigError, StoreError: Settings or store cannot be used; the text says what to do.
    """
    return Memory(
        open_as_told(settings, student, embedder=embedder, language=language, zone=zone, create=create)
    )


class Memory:
    """What a professor remembers of one student.

    Args:
        runtime: The student's memory, open.
        check_open: Raises once an agent whose memory this is is closed; a memory of its own closes by itself.
    """

    def __init__(self, runtime: Runtime, check_open: Callable[[], None] | None = None) -> None:
        self._opened, self._of_agent = runtime, check_open
        self._closed = False

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store and the index; again does nothing. An agent's memory closes with the agent."""
        if self._of_agent is None and not self._closed:
            self._closed = True
            self._opened.close()

    @property
    def student(self) -> Student:
        """Whose memory it is."""
        return self._runtime.student

    @property
    def warnings(self) -> list[OfficeHoursError]:
        """What the index and the embedder have to say to a person."""
        return list(self._opened.warnings)

    @property
    def waiting(self) -> int:
        """How many texts are found by their words only, as their vectors are not made yet."""
        return count_pending(self._runtime.db, self._runtime.student.id)

    def search(
        self, query: str, k: int = 10, *, where: Where = "all", as_of: str | date | None = None
    ) -> list[Hit]:
        """Find the best `k`, best first; fewer where nothing speaks for more.

        Args:
            query: A question or words, Korean or English.
            k: How many at most.
            where: "recall" (what was said), "archival" (what was kept) or "all".
            as_of: What held at the end of that day (a date, or words such as "last week"), or at that time (aware).

        Raises:
            UsageError: There is no such memory, or no such day.
            StoreError: The store or the index cannot be read.
        """
        runtime = self._runtime
        get_ready(runtime)
        return find(runtime, query, where_of(where), k, end_of(as_of, runtime))

    def get(self, identity: str) -> Hit:
        """Give one memory by its id: `a7` is something kept, `m12` a message.

        Raises:
            NotFound: This student has nothing of that id.
        """
        return self._runtime.memories.get(identity)

    def add(self, text: str, *, kind: str = "note", tags: Iterable[str] = ()) -> InsertResult:
        """Put something away; the result has its id and says whether it was known already or took another's place.

        Args:
            text: What to keep. Secrets in it are masked.
            kind: "note", "fact" or "passage".
            tags: Words to group it by.

        Raises:
            UsageError: The text is empty, or there is no such kind.
            StoreError: It could not be stored.
        """
        if kind not in get_args(Kind):
            allowed = ", ".join(get_args(Kind))
            raise UsageError(f"The kind is one of {allowed}.", f"종류(kind)는 {allowed} 중 하나입니다.")
        if not text.strip():
            raise UsageError("There is nothing to keep: the text is empty.", "저장할 내용이 비어 있습니다.")
        return self._runtime.memories.archival.insert(text, kind=cast("Kind", kind), tags=list(tags))

    def import_files(self, files: Paths, progress: Progress | None = None) -> ImportReport:
        """Take in conversation and notes: JSON Lines, a ChatGPT export, a Letta agent file, or an export of our own.

        Everything is found by its words when this returns. The same file again brings in nothing twice.

        Args:
            files: One path or several.
            progress: Told how many records of a file are stored, of how many.

        Raises:
            NotFound, BadImport: Nothing of any can be used; what else cannot is in the report.
            StoreError: It could not be stored; again goes on from there.
        """
        runtime = self._runtime
        importer = Importer(runtime.db, runtime.student, runtime.memories.archival, runtime.clock)
        return importer.import_files(_paths(files), progress)

    def ingest(self, paths: Paths, progress: Progress | None = None, *, prune: bool = False) -> IngestReport:
        """Take in course material: Markdown and text, files and folders. Again takes in what changed.

        Args:
            paths: One path or several.
            progress: Told how many files are taken in, of how many.
            prune: Forget the passages of files that are gone from the folders.

        Raises:
            NotFound, UsageError: There is no course material in any of them.
            StoreError: It could not be stored; files that were taken in before stay.
        """
        runtime = self._runtime
        ingester = Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock)
        return ingester.ingest(_paths(paths), progress, prune=prune)

    def embed(self, progress: Progress | None = None) -> None:
        """Make the vectors of everything that waits for them, so that it is found by its meaning too.

        Args:
            progress: Told how many texts are done, of how many.

        Raises:
            OfficeHoursError: What the embedder says. What was stored stays, and waits on.
        """
        runtime = self._runtime
        embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index, progress)

    @property
    def _runtime(self) -> Runtime:
        if self._of_agent is not None:
            self._of_agent()
        elif self._closed:
            raise UsageError(
                "This memory is closed. Open it again with open_memory.",
                "이 기억은 이미 닫혔습니다. open_memory로 다시 열어 주세요.",
            )
        return self._opened


def find(runtime: Runtime, query: str, where: Where, k: int, as_of: datetime | None = None) -> list[Hit]:
    """Find the best `k` in one memory or in both, best first: what holds, or held and had been said at `as_of`."""
    recall = partial(runtime.memories.recall.search, query, k, end=as_of)
    archival = partial(runtime.memories.archival.search, query, k, as_of=as_of)
    match where:
        case "recall":
            return recall()
        case "archival":
            return archival()
        case "all":
            # Scores compare within one memory only; relevance is on one scale for both. What is known stands before
            # what was said where both fit as well as far as anybody is shown.
            both = [*recall(), *archival()]
            both.sort(key=lambda hit: (-round(hit.relevance, 2), hit.kind not in {"fact", "note"}))
            return both[:k]


def get_ready(runtime: Runtime) -> None:
    """Let what was committed of late and not yet embedded be found by its meaning too, if that takes a moment only."""
    runtime.warm()
    if count_pending(runtime.db, runtime.student.id):
        with suppress(OfficeHoursError):  # the search says that the embedder fails
            runtime.embedder.wait(LOADING_SECONDS)
            runtime.embed_worker.flush(EMBEDDING_SECONDS)


def where_of(name: str) -> Where:
    """Read the name of a memory.

    Raises:
        UsageError: There is none of it.
    """
    if name not in get_args(Where):
        allowed = ", ".join(get_args(Where))
        raise UsageError(f"Where to search is one of {allowed}.", f"찾을 곳은 {allowed} 중 하나입니다.")
    return cast("Where", name)


def end_of(day: str | date | None, runtime: Runtime) -> datetime | None:
    """Give the last moment of a day that is named, counted from the student's own today; a time is itself.

    Raises:
        UsageError: It is no date.
    """
    if day is None or isinstance(day, datetime):
        return day
    if isinstance(day, date):
        return datetime.combine(day, time.max, zone_of(runtime.zone))
    days = days_meant(day, local_time(runtime.clock(), runtime.zone))
    if days is None:
        raise UsageError(
            f"{day!r} is no date; write 2026-11-03, yesterday or last week.",
            f"{day!r}을(를) 날짜로 읽을 수 없습니다. 2026-11-03, 어제, 지난주처럼 써 주세요.",
        )
    return days[1] - timedelta(microseconds=1)


def _paths(given: Paths) -> Sequence[Path]:
    return [Path(given)] if isinstance(given, str | PathLike) else [Path(path) for path in given]
