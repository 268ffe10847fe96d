"""`officehours memory`: its commands and what they take; everything heavy is imported by the command that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import JsonOption, NdjsonOption, StudentOption, WaitOption, YesOption, group

memory = group("What the professor remembers of a student · 교수님의 기억")


@memory.command("import")
def memory_import(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="JSON Lines, a ChatGPT export (zip, folder or file), or Letta's agent file."
        ),
    ],
    student: StudentOption = None,
    wait: WaitOption = False,
    json: JsonOption = False,
) -> None:
    """Take in conversation or notes from a file · 대화나 노트를 파일에서 가져옵니다."""
    from . import importing

    raise typer.Exit(importing.import_files(files, student, wait=wait, as_json=json))


@memory.command("search")
def memory_search(
    query: Annotated[str, typer.Argument()] = "",
    student: StudentOption = None,
    where: Annotated[
        str,
        typer.Option("--in", metavar="recall|archival|all", help="What was said, what was kept, or both."),
    ] = "all",
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many.")] = 10,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="What held then, and had been said.")
    ] = None,
    queries: Annotated[
        Path | None, typer.Option("--queries", help='A file of {"id", "query"} lines; prints NDJSON.')
    ] = None,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Search what is remembered · 기억에서 찾습니다."""
    from . import search_and_edit as memories

    if queries is not None:
        memories.search_each(queries, student, where, k)
    else:
        memories.search_one(query, student, where, k, as_of=as_of, as_json=json or ndjson)


@memory.command("add")
def memory_add(
    text: str,
    student: StudentOption = None,
    kind: Annotated[str, typer.Option("--kind", metavar="note|fact|passage")] = "note",
    tag: Annotated[list[str] | None, typer.Option("--tag", help="May be given several times.")] = None,
    json: JsonOption = False,
) -> None:
    """Put something away for later · 기억해 둘 것을 적습니다."""
    from . import search_and_edit as memories

    memories.add(text, student, kind, tag or [], as_json=json)


@memory.command("show")
def memory_show(
    identity: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Show what the professor knows, or one memory · 교수님이 아는 것을 봅니다."""
    from . import show as shown

    shown.show(identity, student, as_json=json)


@memory.command("why")
def memory_why(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    query: Annotated[str | None, typer.Option("--query", help="Also say why this query finds it.")] = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Say on what words a memory rests · 그 기억이 어느 말에서 왔는지 봅니다."""
    from . import search_and_edit as memories

    memories.explain(identity, query, student, as_json=json)


@memory.command("edit")
def memory_edit(
    identity: Annotated[str, typer.Argument(metavar="ID", help="a7, or student, progress, persona.")],
    text: str,
    student: StudentOption = None,
) -> None:
    """Correct a memory; the old text stays in its history · 기억을 고칩니다."""
    from . import search_and_edit as memories

    memories.edit(identity, text, student)


@memory.command("forget")
def memory_forget(
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="a7; m12, that message with its turn; s3, a conversation.")
    ],
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Delete a memory and prove that it is gone · 기억을 지우고 확인합니다."""
    from . import forget_export as leaving

    leaving.forget(identity, student, as_json=json)


@memory.command("erase")
def memory_erase(student: StudentOption = None, yes: YesOption = False, json: JsonOption = False) -> None:
    """Erase everything of a student and prove it · 학생의 모든 것을 지우고 확인합니다."""
    from . import forget_export as leaving

    leaving.erase(student, yes=yes, as_json=json)


@memory.command("export")
def memory_export(
    file: Annotated[Path, typer.Argument()],
    form: Annotated[str | None, typer.Option("--format", metavar="json|md|af")] = None,
    student: StudentOption = None,
) -> None:
    """Take everything along: JSON, Markdown, agent file · 기억을 모두 파일로 내보냅니다."""
    from . import forget_export as leaving

    leaving.export(file, form, student)


@memory.command("verify")
def memory_verify(
    student: StudentOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what does not match.")] = False,
    json: JsonOption = False,
) -> None:
    """Compare the index with the database · 색인과 데이터베이스를 맞춰 봅니다."""
    from . import index as upkeep

    raise typer.Exit(upkeep.verify(student, repair=repair, as_json=json))


@memory.command("reindex")
def memory_reindex(
    embedder: Annotated[
        str | None,
        typer.Option("--embedder", help="auto, a model, a folder, URL#MODEL; the setting by default."),
    ] = None,
    student: StudentOption = None,
) -> None:
    """Embed everything anew, resumable · 모두 다시 임베딩합니다."""
    from .. import db as stores

    stores.reindex(embedder, student)
