"""The command line: parse, call, print, exit code. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from officehours.ui import edge
from officehours.ui.say import Form, person

app = typer.Typer(
    name="officehours",
    help="The professor who remembers you. 당신을 기억하는 교수님.\n\nWithout a command: chat. 명령 없이 쓰면 대화를 시작합니다.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich would take longer to load than all the rest of --help
)


def group(name: str, about: str) -> typer.Typer:
    """Make a group of commands."""
    made = typer.Typer(help=about, rich_markup_mode=None, no_args_is_help=True)
    app.add_typer(made, name=name)
    return made


memory = group("memory", "What the professor remembers of a student. 교수님의 기억.")
sessions = group("sessions", "Conversations. 지난 대화.")
personas = group("persona", "Who speaks. 어떤 교수님이 말씀하시는지.")
tools = group("tools", "What the model may call. 모델이 쓰는 도구.")
keys = group("keys", "Keys of model providers. 모델 제공자의 키.")
config = group("config", "Settings. 설정.")
db = group("db", "The store as a whole. 저장소 전체.")


def _wants_json(value: bool) -> bool:
    if value:
        person.form = "json"
    return value


def _wants_ndjson(value: bool) -> bool:
    if value:
        person.form = "ndjson"
    return value


# Read before all other options, so that what is wrong with those is told in the form that was asked for.
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout.", callback=_wants_json, is_eager=True)
]
NdjsonOption = Annotated[
    bool,
    typer.Option("--ndjson", help="One JSON document a line.", callback=_wants_ndjson, is_eager=True),
]
StudentOption = Annotated[str | None, typer.Option("--student", help="Whose memory. 누구의 기억인지.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="Which model speaks. 어떤 모델을 쓸지.")]
PersonaOption = Annotated[str | None, typer.Option("--persona", help="Which professor. 어느 교수님인지.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask back. 묻지 않고 합니다.")]


def _version(value: bool) -> None:
    if value:
        from officehours import __version__

        print(f"officehours {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def begin(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - the callback does it
        bool, typer.Option("--version", help="Say the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        chat()


@app.command()
def chat(
    student: StudentOption = None,
    persona: PersonaOption = None,
    model: ModelOption = None,
    new: Annotated[bool, typer.Option("--new", help="Begin a new conversation. 새 대화.")] = False,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="ID", help="Go on with that conversation. 이어서.")
    ] = None,
) -> None:
    """Talk with the professor; a pipe is read line by line · 교수님과 대화합니다."""
    from officehours.ui import repl

    raise typer.Exit(repl.chat(student, persona=persona, model=model, new=new, resume=resume))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question, or - to read it from stdin.")],
    student: StudentOption = None,
    model: ModelOption = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="always|auto|never", help="Whether to search the web.")
    ] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Take the question apart first.")] = False,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Ask one question · 한 가지를 묻습니다."""
    from officehours.ui import ask as asking

    form: Form = "ndjson" if ndjson else "json" if json else "text"
    code = asking.ask(text, student=student, model=model, search=search, deep=deep, form=form)
    raise typer.Exit(code)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Markdown and text; folders too.")],
    student: StudentOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Forget what came from files that are no longer there.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Take in course material · 강의 자료를 넣습니다."""
    from officehours.ui import course

    course.ingest(paths, student, prune=prune, as_json=json)


@memory.command("import")
def memory_import(
    file: Annotated[Path, typer.Argument(help="JSON Lines, a ChatGPT export, or Letta's agent file.")],
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Take in conversation or notes from a file · 대화나 노트를 파일에서 가져옵니다."""
    from officehours.ui import memories

    memories.import_file(file, student, as_json=json)


@memory.command("search")
def memory_search(
    query: Annotated[str, typer.Argument()] = "",
    student: StudentOption = None,
    where: Annotated[
        str,
        typer.Option("--in", metavar="recall|archival|all", help="What was said, what was kept, or both."),
    ] = "all",
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many.")] = 10,
    queries: Annotated[
        Path | None, typer.Option("--queries", help='A file of {"id", "query"} lines; prints NDJSON.')
    ] = None,
    json: JsonOption = False,
    ndjson: NdjsonOption = False,
) -> None:
    """Search what is remembered · 기억에서 찾습니다."""
    from officehours.ui import memories

    if queries is not None:
        memories.search_each(queries, student, where, k)
    else:
        memories.search_one(query, student, where, k, as_json=json or ndjson)


@memory.command("add")
def memory_add(
    text: str,
    student: StudentOption = None,
    kind: Annotated[str, typer.Option("--kind", metavar="note|fact|passage")] = "note",
    tag: Annotated[list[str] | None, typer.Option("--tag", help="May be given several times.")] = None,
    json: JsonOption = False,
) -> None:
    """Put something away for later · 기억해 둘 것을 적습니다."""
    from officehours.ui import memories

    memories.add(text, student, kind, tag or [], as_json=json)


@memory.command("show")
def memory_show(
    identity: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Show what the professor knows, or one memory · 교수님이 아는 것을 봅니다."""
    from officehours.ui import shown

    shown.show(identity, student, as_json=json)


@memory.command("why")
def memory_why(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    query: Annotated[str | None, typer.Option("--query", help="Also say why this query finds it.")] = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Say on what words a memory rests · 그 기억이 어느 말에서 왔는지 봅니다."""
    from officehours.ui import memories

    memories.explain(identity, query, student, as_json=json)


@memory.command("edit")
def memory_edit(
    identity: Annotated[str, typer.Argument(metavar="ID", help="a7, or student, progress, persona.")],
    text: str,
    student: StudentOption = None,
) -> None:
    """Correct a memory; the old text stays in its history · 기억을 고칩니다."""
    from officehours.ui import memories

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
    from officehours.ui import leaving

    leaving.forget(identity, student, as_json=json)


@memory.command("erase")
def memory_erase(student: StudentOption = None, yes: YesOption = False, json: JsonOption = False) -> None:
    """Erase everything of a student and prove it · 학생의 모든 것을 지우고 확인합니다."""
    from officehours.ui import leaving

    leaving.erase(student, yes=yes, as_json=json)


@memory.command("export")
def memory_export(
    file: Annotated[Path, typer.Argument()],
    form: Annotated[str | None, typer.Option("--format", metavar="json|md|af")] = None,
    student: StudentOption = None,
) -> None:
    """Take everything along: JSON, Markdown, agent file · 기억을 모두 파일로 내보냅니다."""
    from officehours.ui import leaving

    leaving.export(file, form, student)


@memory.command("verify")
def memory_verify(
    student: StudentOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what does not match.")] = False,
    json: JsonOption = False,
) -> None:
    """Compare the index with the database · 색인과 데이터베이스를 맞춰 봅니다."""
    from officehours.ui import upkeep

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
    from officehours.ui import stores

    stores.reindex(embedder, student)


@sessions.command("list")
def sessions_list(student: StudentOption = None, json: JsonOption = False) -> None:
    """List conversations, the last spoken in first · 대화 목록."""
    from officehours.ui import talks

    talks.show_list(student, as_json_document=json)


@sessions.command("show")
def sessions_show(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Show a conversation · 대화 하나를 봅니다."""
    from officehours.ui import talks

    talks.show(identity, student, as_json_document=json)


@sessions.command("export")
def sessions_export(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    file: Annotated[Path | None, typer.Argument(help="Where to; stdout by default.")] = None,
    form: Annotated[str | None, typer.Option("--format", metavar="md|json")] = None,
    student: StudentOption = None,
) -> None:
    """Write a conversation as Markdown or JSON · 대화를 파일로 내보냅니다."""
    from officehours.ui import talks

    talks.export(identity, file, form, student)


@sessions.command("delete")
def sessions_delete(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    student: StudentOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Delete a conversation for good · 대화를 완전히 지웁니다."""
    from officehours.ui import talks

    talks.delete(identity, student, yes=yes, as_json_document=json)


@personas.command("list")
def persona_list(json: JsonOption = False) -> None:
    """List the professors · 교수님 목록."""
    from officehours.ui import professors

    professors.show_list(as_json=json)


@personas.command("show")
def persona_show(
    identity: Annotated[str, typer.Argument(metavar="ID|FILE")], json: JsonOption = False
) -> None:
    """Show a professor · 교수님 한 분을 봅니다."""
    from officehours.ui import professors

    professors.show(identity, as_json=json)


@personas.command("lint")
def persona_lint(
    identity: Annotated[str | None, typer.Argument(metavar="[ID|FILE]")] = None, json: JsonOption = False
) -> None:
    """Look persona files over · 페르소나 파일을 검사합니다."""
    from officehours.ui import professors

    raise typer.Exit(professors.check(identity, as_json=json))


@personas.command("new")
def persona_new(identity: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Begin a persona file of your own · 새 페르소나 파일을 만듭니다."""
    from officehours.ui import professors

    professors.create(identity)


@tools.command("list")
def tools_list(student: StudentOption = None, json: JsonOption = False) -> None:
    """List the tools and where they are from · 도구 목록."""
    from officehours.ui import toolbox

    toolbox.show_list(student, as_json=json)


@keys.command("show")
def keys_show(json: JsonOption = False) -> None:
    """Show which keys there are, masked · 어떤 키가 있는지 가려서 봅니다."""
    from officehours.ui import setup

    setup.show_keys(as_json=json)


@keys.command("set")
def keys_set(provider: Annotated[str, typer.Argument()] = "openai") -> None:
    """Keep a key; it is asked for, or read from stdin · 키를 저장합니다."""
    from officehours.ui import setup

    setup.set_key(provider)


@config.command("show")
def config_show(json: JsonOption = False) -> None:
    """Show every setting and where it comes from · 설정과 그 출처를 봅니다."""
    from officehours.ui import setup

    setup.show(as_json=json)


@config.command("path")
def config_path() -> None:
    """Say where the configuration file is · 설정 파일의 위치."""
    from officehours.ui import setup

    setup.path()


@config.command("set")
def config_set(name: str, value: str) -> None:
    """Change a setting · 설정을 바꿉니다."""
    from officehours.ui import setup

    setup.put(name, value)


@db.command("status")
def db_status(json: JsonOption = False) -> None:
    """Say where the store is and what is in it · 저장소의 위치와 내용."""
    from officehours.ui import stores

    stores.status(as_json=json)


@db.command("backup")
def db_backup(file: Path) -> None:
    """Copy the store to a file while it is in use · 저장소를 백업합니다."""
    from officehours.ui import stores

    stores.back_up(file)


@db.command("restore")
def db_restore(file: Path) -> None:
    """Put a backup back; what is there is moved aside · 백업을 되돌립니다."""
    from officehours.ui import stores

    stores.put_back(file)


@db.command("move")
def db_move(url: Annotated[str, typer.Argument(metavar="URL")]) -> None:
    """Copy the store to an empty database · 저장소를 다른 데이터베이스로 옮깁니다."""
    from officehours.ui import stores

    stores.move_to(url)


@app.command()
def usage(student: StudentOption = None, json: JsonOption = False) -> None:
    """Show what was spent · 쓴 비용을 봅니다."""
    from officehours.ui import spending

    spending.usage(student, as_json=json)


@app.command()
def context(student: StudentOption = None, model: ModelOption = None, json: JsonOption = False) -> None:
    """Show what is in the model's window, and why · 문맥 창에 든 것을 봅니다."""
    from officehours.ui import windows

    windows.context(student, model, as_json=json)


@app.command()
def doctor(student: StudentOption = None, json: JsonOption = False) -> None:
    """Look the installation over · 설치 상태를 점검합니다."""
    from officehours.ui import health

    raise typer.Exit(health.doctor(student, as_json=json))


def main() -> None:
    """Run the program; the exit code says how it went."""
    edge.safe_streams()
    sys.exit(edge.run(run))


def run() -> None:
    """Parse the command line and do what it says."""
    command = typer.main.get_command(app)
    with command.make_context("officehours", sys.argv[1:]) as context:
        command.invoke(context)


if __name__ == "__main__":
    main()
