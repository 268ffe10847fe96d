"""The command line: parse, call, print, exit code. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from officehours.ui import main as edge
from officehours.ui.approvals import approvals
from officehours.ui.cards import TopicArgument, cards
from officehours.ui.goals import goals
from officehours.ui.mcp import mcp
from officehours.ui.memory import memory
from officehours.ui.options import (
    JsonOption,
    ModelOption,
    NdjsonOption,
    PersonaOption,
    StudentOption,
    WaitOption,
    YesOption,
    group,
)
from officehours.ui.terminal.say import Form
from officehours.ui.tools import tools

app = typer.Typer(
    name="officehours",
    help="The professor who remembers you. 당신을 기억하는 교수님.\n\nWithout a command: chat. 명령 없이 쓰면 대화를 시작합니다.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich would take longer to load than all the rest of --help
)


sessions = group("Conversations · 지난 대화")
personas = group("Who speaks · 어떤 교수님이 말씀하시는지")
keys = group("Keys of model providers · 모델 제공자의 키")
config = group("Settings · 설정")
db = group("The store as a whole · 저장소 전체")
for _name, _group in {
    "memory": memory,
    "cards": cards,
    "goals": goals,
    "approvals": approvals,
    "sessions": sessions,
    "persona": personas,
    "tools": tools,
    "mcp": mcp,
    "keys": keys,
    "config": config,
    "db": db,
}.items():
    app.add_typer(_group, name=_name)


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
    mode: Annotated[
        str | None,
        typer.Option("--mode", metavar="socratic|direct|exam", help="How to teach. 문답, 직답, 시험."),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin a new conversation. 새 대화.")] = False,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="ID", help="Go on with that conversation. 이어서.")
    ] = None,
) -> None:
    """Talk with the professor; a pipe is read line by line · 교수님과 대화합니다."""
    from officehours.ui.chat import repl

    raise typer.Exit(repl.chat(student, persona=persona, model=model, mode=mode, new=new, resume=resume))


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
    wait: WaitOption = False,
    json: JsonOption = False,
) -> None:
    """Take in course material · 강의 자료를 넣습니다."""
    from officehours.ui import ingest as course

    raise typer.Exit(course.ingest(paths, student, prune=prune, wait=wait, as_json=json))


@app.command()
def review(topic: TopicArgument = None, student: StudentOption = None, json: JsonOption = False) -> None:
    """Review the cards that are due, ten minutes at most · 복습할 카드를 봅니다."""
    from officehours.ui.learning import review as reviewing

    reviewing.review(topic, student, as_json=json)


@app.command()
def quiz(
    topic: TopicArgument = None,
    count: Annotated[int, typer.Option("-n", min=1, max=100, help="How many questions. 문제 수.")] = 5,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="short|choice|ox|explain", help="What kind. 문제 형식.")
    ] = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Ask questions and grade the answers; goes on where it stopped · 문제를 풀고 채점합니다."""
    from officehours.ui.learning import quiz as asking

    asking.quiz(topic, count, asking.kind_named(kind), student, as_json=json)


@app.command()
def grade(ndjson: NdjsonOption = False) -> None:  # noqa: ARG001 - a line in, a line out is its only form
    """Grade answers from stdin, one JSON document a line · 답을 채점합니다."""
    from officehours.ui.learning import grade as grading

    raise typer.Exit(grading.grade_lines())


@sessions.command("list")
def sessions_list(student: StudentOption = None, json: JsonOption = False) -> None:
    """List conversations, the last spoken in first · 대화 목록."""
    from officehours.ui import sessions

    sessions.show_list(student, as_json_document=json)


@sessions.command("show")
def sessions_show(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Show a conversation · 대화 하나를 봅니다."""
    from officehours.ui import sessions

    sessions.show(identity, student, as_json_document=json)


@sessions.command("export")
def sessions_export(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    file: Annotated[Path | None, typer.Argument(help="Where to; stdout by default.")] = None,
    form: Annotated[str | None, typer.Option("--format", metavar="md|json")] = None,
    student: StudentOption = None,
) -> None:
    """Write a conversation as Markdown or JSON · 대화를 파일로 내보냅니다."""
    from officehours.ui import sessions

    sessions.export(identity, file, form, student)


@sessions.command("delete")
def sessions_delete(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    student: StudentOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Delete a conversation for good · 대화를 완전히 지웁니다."""
    from officehours.ui import sessions

    sessions.delete(identity, student, yes=yes, as_json_document=json)


@personas.command("list")
def persona_list(json: JsonOption = False) -> None:
    """List the professors · 교수님 목록."""
    from officehours.ui import personas as professors

    professors.show_list(as_json=json)


@personas.command("show")
def persona_show(
    identity: Annotated[str, typer.Argument(metavar="ID|FILE")], json: JsonOption = False
) -> None:
    """Show a professor · 교수님 한 분을 봅니다."""
    from officehours.ui import personas as professors

    professors.show(identity, as_json=json)


@personas.command("lint")
def persona_lint(
    identity: Annotated[str | None, typer.Argument(metavar="[ID|FILE]")] = None, json: JsonOption = False
) -> None:
    """Look persona files over · 페르소나 파일을 검사합니다."""
    from officehours.ui import personas as professors

    raise typer.Exit(professors.check(identity, as_json=json))


@personas.command("check")
def persona_check(
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="Which conversation. 어느 대화인지.")
    ] = None,
    persona: PersonaOption = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Say which of a professor's rules the answers of a conversation break · 답이 원칙을 지켰는지 봅니다."""
    from officehours.ui import rule_check

    rule_check.check(session, student, persona, as_json=json)


@personas.command("new")
def persona_new(identity: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Begin a persona file of your own · 새 페르소나 파일을 만듭니다."""
    from officehours.ui import personas as professors

    professors.create(identity)


@keys.command("show")
def keys_show(json: JsonOption = False) -> None:
    """Show which keys there are, masked · 어떤 키가 있는지 가려서 봅니다."""
    from officehours.ui import config as setup

    setup.show_keys(as_json=json)


@keys.command("set")
def keys_set(provider: Annotated[str, typer.Argument()] = "openai") -> None:
    """Keep a key; it is asked for, or read from stdin · 키를 저장합니다."""
    from officehours.ui import config as setup

    setup.set_key(provider)


@config.command("show")
def config_show(json: JsonOption = False) -> None:
    """Show every setting and where it comes from · 설정과 그 출처를 봅니다."""
    from officehours.ui import config as setup

    setup.show(as_json=json)


@config.command("path")
def config_path() -> None:
    """Say where the configuration file is · 설정 파일의 위치."""
    from officehours.ui import config as setup

    setup.path()


@config.command("set")
def config_set(name: str, value: str) -> None:
    """Change a setting · 설정을 바꿉니다."""
    from officehours.ui import config as setup

    setup.put(name, value)


@db.command("status")
def db_status(json: JsonOption = False) -> None:
    """Say where the store is and what is in it · 저장소의 위치와 내용."""
    from officehours.ui import db as stores

    stores.status(as_json=json)


@db.command("backup")
def db_backup(file: Path) -> None:
    """Copy the store to a file while it is in use · 저장소를 백업합니다."""
    from officehours.ui import db as stores

    stores.back_up(file)


@db.command("restore")
def db_restore(file: Path) -> None:
    """Put a backup back; what is there is moved aside · 백업을 되돌립니다."""
    from officehours.ui import db as stores

    stores.put_back(file)


@db.command("move")
def db_move(url: Annotated[str, typer.Argument(metavar="URL")]) -> None:
    """Copy the store to an empty database · 저장소를 다른 데이터베이스로 옮깁니다."""
    from officehours.ui import db as stores

    stores.move_to(url)


@app.command()
def plan(
    student: StudentOption = None,
    minutes: Annotated[
        int | None,
        typer.Option("--minutes", metavar="N", help="A day, kept. 하루에 쓸 시간(분), 기억합니다."),
    ] = None,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Also as a calendar file. 달력 파일로도.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Plan your study until the exam · 시험까지의 공부 계획을 짭니다."""
    from officehours.ui.learning import plan as plans

    plans.plan(student, minutes, ics, as_json=json)


@app.command()
def report(
    student: StudentOption = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="2026-11-01, 'two weeks ago'. 그날부터: '2주 전'."),
    ] = None,
    form: Annotated[str | None, typer.Option("--format", metavar="terminal|md|html")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Into a file. 파일로 저장합니다.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Report time, topics, mastery, reviews, questions and cost · 공부한 것을 보고합니다."""
    from officehours.ui.reporting import command as reports

    reports.report(student, since=since, form=form, out=out, as_json=json)


@app.command()
def compare(
    question: Annotated[str, typer.Argument(help="The question, or - to read it from stdin.")],
    models: Annotated[
        str, typer.Option("--models", metavar="A,B[,study]", help="Their names. 비교할 모델 이름.")
    ],
    form: Annotated[str | None, typer.Option("--format", metavar="terminal|md")] = None,
    student: StudentOption = None,
    json: JsonOption = False,
) -> None:
    """Ask several models, each alone and with the professor · 모델을 비교합니다."""
    from officehours.ui import compare as comparing

    raise typer.Exit(comparing.compare_models(question, models, student, form, as_json=json))


@app.command()
def usage(student: StudentOption = None, json: JsonOption = False) -> None:
    """Show what was spent · 쓴 비용을 봅니다."""
    from officehours.ui import usage as spending

    spending.usage(student, as_json=json)


@app.command()
def context(student: StudentOption = None, model: ModelOption = None, json: JsonOption = False) -> None:
    """Show what is in the model's window, and why · 문맥 창에 든 것을 봅니다."""
    from officehours.ui import context as windows

    windows.context(student, model, as_json=json)


@app.command()
def doctor(student: StudentOption = None, json: JsonOption = False) -> None:
    """Look the installation over · 설치 상태를 점검합니다."""
    from officehours.ui import doctor as health

    raise typer.Exit(health.doctor(student, as_json=json))


def main() -> None:
    """Run the program; the exit code says how it went."""
    edge.safe_streams()
    edge.tidy_environment()
    sys.exit(edge.run(run))


def run() -> None:
    """Parse the command line and do what it says."""
    command = typer.main.get_command(app)
    with command.make_context("officehours", sys.argv[1:]) as context:
        command.invoke(context)


if __name__ == "__main__":
    main()
