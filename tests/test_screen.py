"""No command lets through what steers a terminal or hides words, whatever stands in the store, the files and replies."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import typer

from chat_server import ChatServer, call, refuse, say
from hostile import EVERYTHING, HOSTILE, unfit
from officehours.cli import app
from own_tools import say_yes
from program import officehours

if sys.platform != "win32":
    from terminal import CTRL_D, ENTER, Terminal

STORED = EVERYTHING.replace("\x00", "").encode("utf-8", "ignore").decode()
"""As a store could hold it that was written before there was a filter."""

NAMED = {
    "students": ["name"],
    "sessions": ["title", "external_id"],
    "turns": ["error"],
    "messages": ["content", "name", "context_note"],
    "views": ["system", "brief", "summary"],
    "core_blocks": ["value", "description"],
    "archival": ["text", "source", "locator", "quote", "name", "subject", "value"],
    "open_questions": ["text"],
    "misconceptions": ["topic"],
    "misconception_events": ["words"],
    "promises": ["text"],
    "usage": ["model"],
    "acronyms": ["short", "long", "source"],
}
TALK = [
    {
        "id": "h1",
        "role": "user",
        "content": f"h {EVERYTHING}",
        "time": "2026-11-02T10:00:00+09:00",
        "name": EVERYTHING,
    },
    {
        "id": "h2",
        "kind": "passage",
        "content": f"p {EVERYTHING}",
        "source": EVERYTHING,
        "locator": EVERYTHING,
    },
]
FILE_NAME = "".join(c for c in EVERYTHING if c not in "\x00/" and not "\ud800" <= c <= "\udfff")[:60]
TOOL = f'''
from officehours import tool

@tool
def shout(word: str) -> str:
    """Shouts {STORED!r}.

    Args:
        word: {STORED!r}
    """
    print({STORED!r})
    raise ValueError({STORED!r})
'''


def commands() -> Iterator[str]:
    """Name every command that there is."""

    def walk(command: object, path: tuple[str, ...]) -> Iterator[str]:
        below = getattr(command, "commands", None)
        if below is None:
            yield " ".join(path)
        else:
            for name, one in below.items():
                yield from walk(one, (*path, name))

    return walk(typer.main.get_command(app), ())


# What each command is called with: several times where it prints in several ways. `FILE` is a file of its own,
# `TALK` a file to import, `COURSE` a folder of material, `EVIL` a hostile word.
CALLS: dict[str, list[list[str]]] = {
    "chat": [[], ["--persona", "EVIL"], ["--resume", "EVIL"], ["--model", "EVIL"], ["--mode", "EVIL"]],
    "ask": [
        ["EVIL?"],
        ["EVIL?", "--json"],
        ["EVIL?", "--ndjson"],
        ["EVIL?", "--deep"],
        ["x", "--search", "EVIL"],
        ["x", "--model", "EVIL"],
    ],
    "ingest": [["COURSE"], ["COURSE", "--json"], ["EVIL"]],
    "plan": [[], ["--json"], ["--minutes", "30"], ["--student", "EVIL"]],
    "report": [
        [],
        ["--json"],
        ["--format", "md"],
        ["--format", "html"],
        ["--since", "EVIL"],
        ["--out", "FILE.html"],
    ],
    "compare": [
        ["EVIL?", "--models", "study"],
        ["EVIL?", "--models", "study,EVIL", "--json"],
        ["EVIL?", "--models", "study", "--format", "md"],
        ["x", "--models", "EVIL", "--format", "EVIL"],
    ],
    "usage": [[], ["--json"], ["--student", "EVIL"]],
    "context": [[], ["--json"], ["--model", "EVIL"]],
    "doctor": [[], ["--json"]],
    "review": [[], ["EVIL"], ["--json"]],
    "quiz": [[], ["EVIL"], ["--json"], ["--kind", "EVIL"]],
    "grade": [[], ["--ndjson"]],
    "goals list": [[], ["--json"], ["--student", "EVIL"]],
    "goals add": [
        ["EVIL goal", "--day", "2030-12-03"],
        ["EVIL", "--day", "EVIL"],
        ["x", "--day", "2030-01-01", "--topics", "EVIL"],
    ],
    "goals set": [["EVIL", "--minutes", "30"], ["--topics", "EVIL"], ["EVIL"]],
    "goals done": [["EVIL"], ["r1"]],
    "cards list": [[], ["--json"], ["EVIL"]],
    "cards add": [["EVIL front", "EVIL back"], ["EVIL two", "x", "--topic", "EVIL", "--json"]],
    "cards make": [[], ["--json"], ["EVIL"]],
    "cards edit": [["k1", "EVIL", "EVIL again"], ["EVIL", "x", "y"]],
    "cards import": [["COURSE"], ["EVIL"]],
    "cards export": [["FILE.csv"], ["FILE.apkg"], ["EVIL/x.csv"]],
    "cards suspend": [["k1"], ["EVIL"]],
    "cards delete": [["k1"], ["EVIL"]],
    "memory import": [["TALK"], ["TALK", "--json"], ["EVIL"], ["COURSE"]],
    "memory search": [["h"], ["h", "--json"], ["EVIL"], ["h", "--in", "EVIL"], ["h", "--as-of", "EVIL"]],
    "memory add": [["EVIL note"], ["EVIL fact", "--kind", "EVIL"], ["EVIL two", "--tag", "EVIL", "--json"]],
    "memory show": [[], ["--json"], ["a1"], ["a2", "--json"], ["m1"], ["EVIL"]],
    "memory why": [["a1"], ["a1", "--json"], ["m1", "--query", "EVIL"], ["EVIL"]],
    "memory edit": [["a1", "EVIL again"], ["student", "EVIL"], ["EVIL", "x"]],
    "memory forget": [["a3"], ["a4", "--json"], ["EVIL"]],
    "memory erase": [["--student", "EVIL", "--yes"], [], ["--yes"]],
    "memory export": [["FILE.json"], ["FILE.md"], ["FILE.af"], ["FILE", "--format", "EVIL"]],
    "memory verify": [[], ["--json"], ["--repair"]],
    "memory reindex": [[], ["--embedder", "EVIL"]],
    "approvals list": [[], ["--json"], ["--student", "EVIL"]],
    "approvals yes": [["EVIL"], ["callEVIL", "--session", "EVIL", "--json"]],
    "approvals no": [["EVIL"], ["EVIL", "--ndjson"]],
    "sessions list": [[], ["--json"], ["--student", "EVIL"]],
    "sessions show": [["s1"], ["s1", "--json"], ["s2"], ["EVIL"]],
    "sessions export": [["s1"], ["s1", "--format", "json"], ["s1", "--format", "EVIL"], ["s1", "FILE.md"]],
    "sessions delete": [["s1"], ["s1", "--yes"], ["s2", "--yes", "--json"], ["EVIL"]],
    "persona list": [[], ["--json"]],
    "persona show": [["evil"], ["evil", "--json"], ["EVIL"]],
    "persona lint": [[], ["--json"], ["EVIL"]],
    "persona check": [[], ["--json"], ["--session", "s1", "--persona", "evil"], ["--session", "EVIL"]],
    "persona new": [["EVIL"]],
    "tools list": [[], ["--json"]],
    "tools show": [["shout"], ["broken"], ["shout", "--json"], ["waits"], ["EVIL"]],
    "tools call": [
        ["shout", '{"word": "EVIL"}'],
        ["EVIL"],
        ["shout", '{"word": "EVIL"}', "--json"],
        ["shout", "EVIL"],
    ],
    "tools new": [["fresh"], ["EVIL"], ["fresher", "--json"]],
    "tools test": [["shout"], ["EVIL"], ["--json"]],
    "tools enable": [["shout"], ["EVIL"], ["waits", "--json"], ["broken"]],
    "tools disable": [["shout"], ["EVIL"], ["calculate", "--json"]],
    "mcp add": [["x", "--", "EVIL"], ["EVIL", "--", "x"], ["x", "--url", "EVIL"]],
    "mcp accept": [["EVIL"]],
    "mcp list": [[], ["--json"]],
    "mcp remove": [["EVIL"]],
    "keys show": [[], ["--json"]],
    "keys set": [[], ["EVIL"]],
    "config show": [[], ["--json"]],
    "config path": [[]],
    "config set": [["persona", "EVIL"], ["EVIL", "x"], ["language", "EVIL"], ["tool_policy.EVIL", "ask"]],
    "db status": [[], ["--json"]],
    "db backup": [["FILE.backup"], ["EVIL/x"]],
    "db restore": [["COURSE"], ["EVIL"]],
    "db move": [["EVIL"], ["sqlite:///EVIL/x.db"]],
}
WORD = "\x1b]0;owned\x07\u202e\u200b\x9b2J"


def test_every_command_is_called_here() -> None:
    assert sorted(CALLS) == sorted(commands())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which everything that has a name has a hostile one."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    (home / "tools").mkdir(parents=True)
    (home / "personas").mkdir()
    (home / "config.toml").write_text('language = "en"\n', encoding="utf-8")
    (home / "tools" / "shout.py").write_text(TOOL, encoding="utf-8")
    (home / "tools" / "broken.py").write_text(f"raise ValueError({STORED!r})\n", encoding="utf-8")
    say_yes(home / "tools")
    (home / "tools" / "waits.py").write_text(
        f"# {STORED}\n" + TOOL.replace("shout", "whisper"), encoding="utf-8"
    )
    quoted = json.dumps("".join(c for c in STORED if c < "\ud800"))
    (home / "personas" / "evil.md").write_text(
        f"---\nid: evil\nnames: {{ko: {quoted}, en: {quoted}}}\nlanguages: [ko, en]\n"
        f"voice: {quoted}\nrules: []\n---\n\nHello {STORED}\n",
        encoding="utf-8",
    )
    course = home.parent / "course"
    course.mkdir()
    (course / f"{FILE_NAME}.md").write_text(f"# Head {STORED}\n\nwords {STORED}\n", encoding="utf-8")
    (course / f"{FILE_NAME} bad.md").write_bytes(b"\xb0\xa1\xb3\xaa\xff\xfe\xfd")
    talk = home.parent / "talk.jsonl"
    talk.write_text("".join(json.dumps(row) + "\n" for row in TALK), encoding="utf-8")
    officehours("ask", "I am Min. What is LoRA?", home=home)
    for number in range(4):
        officehours("memory", "add", f"note {number}", home=home)
    officehours("ingest", course, home=home)
    officehours("memory", "import", talk, home=home)
    with closing(sqlite3.connect(home / "officehours.db")) as db:
        for table, names in NAMED.items():
            for name in names:
                db.execute(f"UPDATE {table} SET {name} = coalesce({name}, '') || ?", (f" {table} {STORED}",))
        db.commit()
    return home


def called(home: Path, name: str, arguments: list[str]) -> list[str]:
    """Give a command line with its files in their places."""
    places = {
        "COURSE": str(home.parent / "course"),
        "TALK": str(home.parent / "talk.jsonl"),
        "FILE": str(home.parent / f"out{FILE_NAME}"),
    }
    line = [*name.split(), *arguments]
    for word, place in {**places, "EVIL": WORD}.items():
        line = [argument.replace(word, place) for argument in line]
    return line


@pytest.fixture
def home(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the filled home: a command may change it, and write where it is called."""
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "copy" / "home"
    shutil.copytree(filled.parent, copy.parent)
    return copy


@pytest.mark.parametrize("name", sorted(CALLS))
def test_no_command_lets_anything_through_a_pipe(home: Path, name: str) -> None:
    for arguments in CALLS[name]:
        done = officehours(*called(home, name, arguments), home=home, stdin=f"{WORD} hello\n")
        assert (unfit(done.out), unfit(done.err)) == ([], []), (arguments, done)
        assert "Traceback" not in done.err
        if "--json" in arguments:
            done.json  # noqa: B018  one document that can be read
        elif "--ndjson" in arguments:
            assert done.lines


ASKS: dict[tuple[str, ...], str] = {
    ("keys set",): "Key",
    ("sessions delete", "s1"): "[y/N]",
    ("memory erase",): "[y/N]",
}
DRAWN = re.compile(r"\x1b\[[0-9;]*[mK]|\r")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("name", sorted(set(CALLS) - {"chat"}))
def test_no_command_lets_anything_through_to_a_terminal(home: Path, name: str) -> None:
    for arguments in CALLS[name][:2]:
        with Terminal(home, *called(home, name, arguments)) as terminal:
            if question := ASKS.get((name, *arguments)):
                terminal.expect(question)
                terminal.type(f"n{ENTER}")
            if name == "grade":  # it reads to the end of its input
                terminal.type(CTRL_D)
            terminal.ends()
            assert unfit(DRAWN.sub("", terminal.screen)) == [], (arguments, terminal.screen)
            assert "Traceback" not in terminal.screen


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("kind", ["reply", "error", "tool", "approval"])
def test_no_server_lets_anything_through_to_the_chat(home: Path, kind: str) -> None:
    steering = [code for code in HOSTILE.values() if code[0] in "\x1b\x9b\x9d\x90" or unfit(code)]
    entity = "&#x202e;&ZeroWidthSpace;&#8238;&#xe0041;&lrm;"
    replies = {
        "reply": [say(f"**Hi** {STORED} `{STORED}` {entity}\n\n- {STORED}\n")],
        "error": [refuse(400, STORED)],
        "tool": [call("shout", word=STORED), call(STORED, word="x"), say("Done.")],
        "approval": [call("shout", word=STORED), say("Done.")],
    }[kind]
    with ChatServer(replies, models=[WORD]) as server:
        env = {"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "m", "OPENAI_API_KEY": "k"}
        with Terminal(home, "chat", "--persona", "evil", **env) as terminal:
            terminal.prompt()  # a tool file that is new is shown before it is run
            terminal.type(f"n{ENTER}")
            terminal.prompt()
            for line in (
                "hello there",
                "/sessions",
                "/memory",
                "/search h",
                "/persona",
                "/model",
                "/context",
                "/usage",
            ):
                terminal.type(line + ENTER)
                terminal.prompt()
            terminal.type(CTRL_D)
            terminal.ends()
            for code in steering:
                assert code not in terminal.screen
            assert "owned\x07" not in terminal.screen
            rest = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[=>78])|[\r\x07\x08]", "", terminal.screen)
            assert unfit(rest) == []
            assert "gpj.exe" in rest
