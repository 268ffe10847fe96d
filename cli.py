"""The command line: parse, call, print, exit code. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from officehours.ui import edge

app = typer.Typer(
    name="officehours",
    help="The professor who remembers you. 당신을 기억하는 교수님.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
memory = typer.Typer(help="What the professor remembers. 교수님의 기억.", no_args_is_help=True)
app.add_typer(memory, name="memory")

StudentOption = Annotated[str | None, typer.Option("--student", help="Whose memory. 누구의 기억인지.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="Which model speaks. 어떤 모델을 쓸지.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
NdjsonOption = Annotated[bool, typer.Option("--ndjson", help="One JSON document a line on stdout.")]


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question, or - to read it from stdin.")],
    student: StudentOption = None,
    model: ModelOption = None,
    search: Annotated[str | None, typer.Option("--search", help="always, auto or never.")] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Take the question apart first.")] = False,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Ask one question. 한 가지를 묻습니다."""
    from officehours.agent.assemble import open_tutor
    from officehours.ui import ask as asking

    question = sys.stdin.read() if text == "-" else text
    with open_tutor(student=student, model=model) as agent:
        form = "ndjson" if ndjson else "json" if json else "text"
        events = agent.turn(question, search=asking.search_mode(search), deep=deep)
        code = asking.show(events, form, agent.desk.language)
    raise typer.Exit(code)


@memory.command("import")
def memory_import(
    file: Path,
    student: StudentOption = None,
) -> None:
    """Take in conversation or notes from a file. 대화나 노트를 파일에서 가져옵니다."""
    from officehours.ui import memories

    memories.import_file(file, student)


@memory.command("search")
def memory_search(
    query: Annotated[str | None, typer.Argument()] = None,
    student: StudentOption = None,
    where: Annotated[str, typer.Option("--in", help="recall, archival or all.")] = "all",
    k: Annotated[int, typer.Option("-k", min=1, max=1000)] = 10,
    queries: Annotated[Path | None, typer.Option("--queries", help="A file of {id, query} lines.")] = None,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Search what is remembered. 기억에서 찾습니다."""
    from officehours.ui import memories

    if queries is not None:
        memories.search_each(queries, student, where, k)
    else:
        memories.search_one(query or "", student, where, k, as_json=json or ndjson)


def main() -> None:
    """Run the program; the exit code says how it went."""
    edge.safe_streams()
    sys.exit(edge.run(lambda: app(standalone_mode=False), _language, _logs))


def _language() -> str:
    from officehours.agent import settings

    try:
        return settings.load().language or settings.system_language()
    except Exception:  # the configuration itself may be what is wrong
        return settings.system_language()


def _logs() -> Path:
    from officehours.agent import settings

    try:
        return settings.load().home / "logs"
    except Exception:
        return settings.default_home() / "logs"


if __name__ == "__main__":
    main()
