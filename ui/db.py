"""`officehours db` and `memory reindex`: the store as a whole."""

from __future__ import annotations

from pathlib import Path

from ..agent.settings import load
from ..memory.store import Database
from ..memory.store.backup import backup, restore
from ..memory.store.copy import count_rows
from ..memory.store.migrations import HEAD
from ..memory.store.move import move
from ..memory.text import redact
from .runtime import open_for_command
from .terminal.columns import columns
from .terminal.progress import counting
from .terminal.say import echo, localized, many, print_json


def status(*, as_json: bool) -> None:
    """Print where the store is, which version it has, and how many rows."""
    settings = load()
    with Database.open(settings.database) as db:
        with db.read() as connection:
            rows = {name: count for name, count in count_rows(connection).items() if count}
        where = str(db.path) if db.path else redact(str(settings.database))
        size = db.path.stat().st_size if db.path else None
        dialect = db.dialect
    if as_json:
        print_json({"where": where, "dialect": dialect, "revision": HEAD, "bytes": size, "rows": rows})
        return
    echo(f"{where} ({dialect}, {HEAD})" + ("" if size is None else f" · {size / 1e6:.1f} MB"))
    for line in columns([(f"  {name}", f"{count:,}") for name, count in rows.items()], right={1}):
        echo(line)


def back_up(file: Path) -> None:
    """Copy the store to one file while it is in use."""
    settings = load()
    with Database.open(settings.database) as db, counting("copying", "복사하는 중") as progress:
        made = backup(db, file, progress)
    echo(
        localized(
            f"{made.file}: {many(made.students, 'student')}, {many(made.messages, 'message')}, {made.size / 1e6:.1f} MB.",
            f"{made.file}: 학생 {made.students}명, 메시지 {made.messages}개, {made.size / 1e6:.1f} MB.",
        )
    )


def put_back(file: Path) -> None:
    """Put a backup in the place of the store; what is there is moved aside."""
    settings = load()
    with counting("copying", "복사하는 중") as progress:
        done = restore(file, settings.database, now=settings.clock()(), progress=progress)
    echo(
        localized(
            f"The store holds {many(done.students, 'student')} and {many(done.messages, 'message')} now.",
            f"이제 저장소에 학생 {done.students}명, 메시지 {done.messages}개가 있습니다.",
        )
    )
    if done.aside is not None:
        echo(localized(f"What was there is in {done.aside}.", f"전에 있던 것은 {done.aside} 에 있습니다."))


def move_to(url: str) -> None:
    """Copy the store to an empty database and compare them row by row."""
    settings = load()
    with counting("moving", "옮기는 중") as progress:
        done = move(settings.database, url, progress)
    shown = redact(url)
    echo(
        localized(
            f"{done.total:,} rows are in {shown}, compared one by one; the old store is as it was. To use the new one, "
            "set OFFICEHOURS_DATABASE_URL to its address.",
            f"{done.total:,}행을 {shown} 에 옮기고 하나씩 맞춰 보았습니다. 원래 저장소는 그대로입니다. 새 저장소를 쓰려면 "
            "OFFICEHOURS_DATABASE_URL에 그 주소를 넣어 주세요.",
        )
    )


def reindex(embedder: str | None, student: str | None) -> None:
    """Embed everything anew with an embedder, or what is missing with the store's own."""
    from ..memory.index.reindex import reindex as embed_anew

    with open_for_command(student) as runtime:
        setting = embedder or runtime.settings.embedder
        with counting("embedding", "임베딩하는 중") as progress:
            done = embed_anew(
                runtime.db,
                setting,
                runtime.chroma,
                api_key=runtime.settings.api_key,
                warn=runtime.warnings.append,
                progress=progress,
            )
    echo(
        localized(
            f"The memory is embedded with {done.embedder}: {many(done.items, 'item')} anew.",
            f"임베더 {done.embedder}: 다시 임베딩했습니다. 새로 만든 것 {done.items}개.",
        )
    )
    if embedder and embedder != "auto" and load().embedder not in {embedder, "auto"}:
        echo(
            localized(
                f"The setting still says {load().embedder}: officehours config set embedder {embedder}",
                f"설정은 아직 {load().embedder} 입니다: officehours config set embedder {embedder}",
            )
        )
