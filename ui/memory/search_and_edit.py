"""`officehours memory`: bringing memories in, finding, seeing, correcting and deleting them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from ...agent.api.memory import Memory, Where, end_of, find, get_ready, where_of
from ...agent.runtime import Runtime
from ...memory.errors import UsageError
from ...memory.transfer.bounds import parse_json
from ...memory.transfer.files import read_text
from ...memory.types import Hit
from ..runtime import day, open_for_command
from ..terminal.columns import wrapped
from ..terminal.say import echo, localized, prefs, print_json
from .importing import say_masked
from .show import kind_name

LOOKED_AT = 200
"""How many finds `why --query` looks through."""

SHOWN = 240
"""Characters of a hit that a list shows."""


def search_one(
    query: str, student: str | None, where: str, k: int, *, as_of: str | None = None, as_json: bool = False
) -> None:
    """Search once and print what is found."""
    place = where_of(where)
    if not query.strip():
        raise UsageError(
            "There is nothing to search for. Give a query, or --queries FILE.",
            "찾을 말이 없습니다. 검색어를 쓰거나 --queries 파일을 주세요.",
        )
    with open_for_command(student) as runtime:
        get_ready(runtime)
        milliseconds, hits = _timed(runtime, query, place, k, end_of(as_of, runtime))
        if as_json:
            print_json(_document(query, milliseconds, hits))
            return
        for line in hit_lines(runtime, hits):
            echo(line)


def search_each(file: Path, student: str | None, where: str, k: int) -> None:
    """Search for each `{"id", "query"}` line of a file and print one JSON document a line."""
    place = where_of(where)
    queries = list(_queries(file))
    with open_for_command(student) as runtime:
        get_ready(runtime)
        for identity, query in queries:
            milliseconds, hits = _timed(runtime, query, place, k)
            print_json({"query_id": identity, **_document(query, milliseconds, hits)})


def add(text: str, student: str | None, kind: str, tags: list[str], *, as_json: bool = False) -> None:
    """Put something into archival memory."""
    with open_for_command(student, create=True) as runtime:
        done = Memory(runtime).add(text, kind=kind, tags=tags)
        if as_json:
            print_json({"id": done.id, "status": done.status, "of": done.of, "masked": list(done.masked)})
            return
        match done.status:
            case "known":
                echo(localized(f"{done.id} says that already.", f"이미 있는 기억입니다: {done.id}"))
            case "superseded":
                echo(
                    localized(
                        f"Kept as {done.id}, in place of {done.of}.",
                        f"{done.of} 대신 기억했습니다: {done.id}",
                    )
                )
            case "stored":
                echo(localized(f"Kept as {done.id}.", f"기억했습니다: {done.id}"))
        say_masked(done.masked)


def edit(identity: str, text: str, student: str | None) -> None:
    """Correct one thing: a new text supersedes the old, which stays as what held until then."""
    from ...memory.erasure.correct import correct

    with open_for_command(student) as runtime:
        memories = runtime.memories
        done = correct(runtime.db, runtime.student.id, memories.core, memories.archival, identity, text)
        if done.block is not None:
            block = done.block
            echo(
                localized(
                    f"{identity} holds {len(block.value)} of {block.limit} characters now.",
                    f"{identity} 블록을 고쳤습니다({len(block.value)}/{block.limit}자).",
                )
            )
            say_masked(block.masked)
            return
        put = done.inserted
        assert put is not None
        echo(
            localized(f"{put.of} is now {put.id}.", f"고쳤습니다: {put.of} → {put.id}")
            if put.status != "known"
            else localized(f"{put.id} says that already.", f"이미 그렇게 기억하고 있습니다: {put.id}")
        )
        say_masked(put.masked)


def explain(identity: str, query: str | None, student: str | None, *, as_json: bool = False) -> None:
    """Say on what words a memory rests and when they were said; with a query, also why that finds it."""
    from ...memory.archival import why_found
    from .show import item_document, item_lines

    with open_for_command(student) as runtime:
        found = None
        if query is not None:
            get_ready(runtime)
            found = why_found(identity, find(runtime, query, "all", LOOKED_AT))
        if as_json:
            print_json(item_document(runtime, identity) | ({"found": found.document()} if found else {}))
            return
        for line in item_lines(runtime, identity):
            echo(line)
        for line in found.lines(prefs.language) if found else ():
            echo(line)


def hit_lines(runtime: Runtime, hits: Sequence[Hit]) -> Iterator[str]:
    """Give finds for a person, the best first."""
    for number, hit in enumerate(hits, 1):
        yield f"{number}. {_heading(runtime, hit)}"
        yield from wrapped(_clipped(hit.text), indent=3)
    if not hits:
        yield localized("Nothing found.", "찾은 것이 없습니다.")


def _timed(
    runtime: Runtime, query: str, where: Where, k: int, as_of: datetime | None = None
) -> tuple[float, list[Hit]]:
    started = perf_counter()
    hits = find(runtime, query, where, k, as_of)
    return 1000 * (perf_counter() - started), hits


def _document(query: str, milliseconds: float, hits: list[Hit]) -> dict[str, Any]:
    return {
        "query": query,
        "ms": round(milliseconds, 3),
        "hits": [
            {
                "id": hit.id,
                "external_id": hit.external_id,
                "source": hit.source,
                "score": hit.score,
                "time": hit.time.isoformat(),
                "role": hit.role,
                "text": hit.text,
            }
            for hit in hits
        ],
    }


def _heading(runtime: Runtime, hit: Hit) -> str:
    who = {"user": localized("you", "학생"), "assistant": localized("professor", "교수")}.get(hit.role, "")
    place = " · ".join(part for part in (hit.origin, hit.locator) if part)
    kind = "" if hit.kind == "message" else kind_name(hit.kind)
    parts = (f"[{hit.id}]", day(runtime, hit.time), hit.name or who, kind, place, f"({hit.relevance:.2f})")
    return "  ".join(part for part in parts if part)


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1].rstrip() + "…"


def _queries(file: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(read_text(file).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = parse_json(line)
            yield str(row["id"]), str(row["query"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f'{file}, line {number}: each line is a JSON object with "id" and "query".',
                f'{file} {number}번째 줄: 줄마다 "id"와 "query"가 있는 JSON 객체여야 합니다.',
            ) from error
