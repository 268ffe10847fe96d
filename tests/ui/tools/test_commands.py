from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chat_server import ChatServer, call, say
from own_tools import say_yes
from program import officehours

if sys.platform != "win32":
    from terminal import CTRL_D, ENTER, Terminal

SHOUT = '''from officehours import tool
from officehours.memory.errors import ToolRetry
from officehours.tools.base import ToolContext, ToolResult


@tool
def shout(text: str, context: ToolContext) -> ToolResult:
    """Say it loudly.

    Args:
        text: What to say.
    """
    if not text.strip():
        raise ToolRetry("There is nothing to shout.", "외칠 말이 없습니다.")
    context.progress("taking a breath")
    return ToolResult(text.upper(), f"for {context.student.name or 'nobody'} in {context.zone}")


@tool(effect="outside")
def send(text: str) -> str:
    """Send it away.

    Args:
        text: What.
    """
    open("sent.txt", "w", encoding="utf-8").close()
    return "sent"
'''


def own(home: Path, name: str = "voice", text: str = SHOUT, *, yes: bool = True) -> Path:
    path = home / "tools" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if yes:
        say_yes(path.parent)
    return path


def tools(*arguments: str, home: Path, **env: str):
    return officehours("tools", *arguments, home=home, **env)


def names(home: Path) -> list[str]:
    return [entry["name"] for entry in tools("list", "--json", home=home).json["tools"]]


# list, show


def test_a_tool_is_shown_as_the_model_is_told_of_it(own_home: Path) -> None:
    path = own(own_home)
    shown = tools("show", "shout", home=own_home)
    assert shown.out.splitlines()[0] == f"shout · reads · runs by itself · {path}"
    assert "Say it loudly." in shown.out
    assert "What to say." in shown.out
    document = tools("show", "shout", "--json", home=own_home).json
    assert (document["effect"], document["policy"], document["source"]) == ("read", "always", str(path))
    assert list(document["parameters"]["properties"]) == ["text"]
    assert tools("show", "send", "--json", home=own_home).json["policy"] == "ask"
    officehours("config", "set", "language", "ko", home=own_home)
    assert "읽기 · 바로 실행" in tools("show", "shout", home=own_home).out


def test_a_tool_that_is_not_there_is_named_with_what_was_meant(own_home: Path) -> None:
    own(own_home)
    for command in ("show", "call", "enable", "disable", "test"):
        done = tools(command, "shuot", home=own_home)
        assert done.code == 2, command
        assert "Did you mean shout?" in done.err


def test_a_file_that_waits_is_shown_whole_and_not_run(own_home: Path) -> None:
    own(own_home, text="raise SystemExit(9)\n", yes=False)
    shown = tools("show", "voice", home=own_home)
    assert "│ raise SystemExit(9)" in shown.out
    listed = tools("list", "--json", home=own_home).json
    assert [entry["name"] for entry in listed["waiting"]] == ["voice"]
    assert "officehours tools enable voice" in listed["problems"][0]


# call


def test_a_tool_is_called_as_this_student(own_home: Path) -> None:
    own(own_home)
    done = tools("call", "shout", '{"text": "안녕 hi"}', home=own_home)
    assert (done.code, done.out) == (0, "안녕 HI\n")
    assert "taking a breath" in done.err
    assert "for nobody in" in done.err
    document = tools("call", "shout", '{"text": "hi"}', "--json", home=own_home).json
    assert (document["ok"], document["output"], document["trust"]) == (True, "HI", "imported")


def test_a_call_that_fails_says_why_and_exits_with_one(own_home: Path) -> None:
    own(own_home)
    for arguments in ('{"text": " "}', "{}", '{"words": "x"}'):
        done = tools("call", "shout", arguments, "--json", home=own_home)
        assert (done.code, done.json["ok"]) == (1, False), arguments
        assert done.err
    assert tools("call", "shout", "not json", home=own_home).code == 2


def test_what_the_person_types_needs_no_other_yes(own_home: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    own(own_home)
    assert tools("call", "send", '{"text": "x"}', home=own_home).code == 0
    assert (tmp_path / "sent.txt").exists()


def test_a_built_in_tool_keeps_what_it_writes(own_home: Path) -> None:
    arguments = '{"label": "student", "content": "Likes trains."}'
    assert tools("call", "core_memory_append", arguments, home=own_home).code == 0
    assert "Likes trains." in officehours("memory", "show", home=own_home).out
    assert tools("call", "calculate", '{"expression": "2^10"}', home=own_home).out.strip().endswith("1024")


# new, test


def test_a_new_tool_comes_with_a_test_that_passes(own_home: Path) -> None:
    made = tools("new", "word_count", home=own_home)
    assert made.code == 0
    assert "officehours tools test word_count" in made.out
    tried = tools("test", "word_count", "--json", home=own_home)
    assert (tried.code, tried.json["ok"]) == (0, True), tried
    (one,) = tried.json["tried"]
    assert "1 passed" in one["tests"]
    assert {check["check"] for check in one["tools"][0]["checks"]} >= {"schema", "documentation", "arguments"}
    called = tools("call", "word_count", '{"text": "one three"}', home=own_home)
    assert called.out == "2 words; the longest: three, one\n"
    assert "word_count" in names(own_home)
    assert tools("list", "--json", home=own_home).json["problems"] == []
    assert not list((own_home / "tools").rglob("__pycache__"))


def test_a_new_tool_is_written_in_korean_for_a_korean(own_home: Path) -> None:
    officehours("ask", "안녕하세요", home=own_home)
    officehours("config", "set", "language", "ko", home=own_home)
    made = tools("new", "word_count", home=own_home)
    assert "만들었습니다" in made.out
    text = (own_home / "tools" / "word_count.py").read_text(encoding="utf-8")
    assert "내가 만든 도구" in text
    assert tools("test", home=own_home).code == 0


@pytest.mark.parametrize(
    "name", ["json", "Loud", "two words", "class", "test_x", "../x", "tests", "_x", "도구"]
)
def test_a_name_that_no_tool_can_have_is_refused(own_home: Path, name: str) -> None:
    done = tools("new", name, home=own_home)
    assert done.code == 2
    assert not (own_home / "tools").exists()


def test_nothing_is_written_over(own_home: Path) -> None:
    path = own(own_home, "word_count")
    assert tools("new", "word_count", home=own_home).code == 2
    assert path.read_text(encoding="utf-8") == SHOUT


def test_what_is_wrong_is_said_and_exits_with_one(own_home: Path) -> None:
    own(own_home, text=SHOUT.replace("    if not text.strip():\n", "    text[0]\n    if not text.strip():\n"))
    done = tools("test", "voice", home=own_home)
    assert done.code == 1
    assert "!! arguments: shout failed: IndexError" in done.out
    assert "-- arguments: not called" in done.out
    (own_home / "tools" / "tests").mkdir()
    (own_home / "tools" / "tests" / "test_voice.py").write_text(
        "def test_it():\n    assert 1 == 2\n", "utf-8"
    )
    assert "assert 1 == 2" in tools("test", "voice", home=own_home).out
    own(own_home, text="def f(:\n")
    broken = tools("test", home=own_home)
    assert (broken.code, "SyntaxError" in broken.err) == (1, True)


def test_a_file_anywhere_can_be_tried_without_a_yes_that_is_kept(own_home: Path, tmp_path: Path) -> None:
    own(own_home, yes=False)
    elsewhere = tmp_path / "work" / "voice.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text(SHOUT, encoding="utf-8")
    assert tools("test", str(elsewhere), home=own_home).code == 0
    assert tools("test", "voice", home=own_home).code == 0
    assert "shout" not in names(own_home)
    assert list(elsewhere.parent.iterdir()) == [elsewhere]
    assert tools("test", str(tmp_path / "nothing.py"), home=own_home).code == 2


def test_where_there_is_no_tool_the_way_to_one_is_said(own_home: Path) -> None:
    done = tools("test", home=own_home)
    assert done.code == 2
    assert "officehours tools new" in done.err


# enable, disable


def test_a_file_is_switched_on_as_it_is_and_off_again(own_home: Path) -> None:
    path = own(own_home, yes=False)
    on = tools("enable", "voice", "--json", home=own_home)
    assert (on.code, on.json["tools"], on.json["kind"]) == (0, ["shout", "send"], "file")
    assert "shout" in names(own_home)
    path.write_text(SHOUT + "\n", encoding="utf-8")
    assert "shout" not in names(own_home)
    assert tools("enable", "voice.py", home=own_home).code == 0
    assert "shout" in names(own_home)
    assert tools("disable", "voice", home=own_home).code == 0
    assert "shout" not in names(own_home)
    assert "is switched off" in tools("list", home=own_home).err
    called = tools("call", "voice", home=own_home)
    assert (called.code, "officehours tools enable voice" in called.err) == (2, True)
    assert tools("enable", "voice", home=own_home).code == 0
    assert "shout" in names(own_home)


def test_a_file_that_breaks_when_it_is_switched_on_says_so(own_home: Path) -> None:
    own(own_home, text="raise RuntimeError('no key')\n", yes=False)
    done = tools("enable", "voice", "--json", home=own_home)
    assert done.code == 1
    assert "no key" in done.json["problem"]


def test_one_tool_is_switched_off_and_on(own_home: Path) -> None:
    own(own_home)
    (own_home / "config.toml").write_text('language = "en"\n\n[limits]\nsteps = 5\n', encoding="utf-8")
    for name in ("shout", "web_search"):
        assert tools("disable", name, home=own_home).code == 0
        listed = tools("list", "--json", home=own_home).json
        assert name not in [entry["name"] for entry in listed["tools"]]
        assert f"officehours tools enable {name}" in listed["missing"][name]
        called = tools("call", name, '{"text": "x"}', home=own_home)
        assert (called.code, "switched off" in called.err) == (2, True)
        assert tools("enable", name, home=own_home).code == 0
        assert name in names(own_home)
    assert "never" not in (own_home / "config.toml").read_text(encoding="utf-8")


def test_a_tool_that_is_off_with_all_of_its_effect_asks_once_it_is_on(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_text(
        'language = "en"\n[tool_policy]\noutside = "never"\n', encoding="utf-8"
    )
    assert "tool_policy.outside is never" in tools("list", home=own_home).err
    assert tools("enable", "web_search", home=own_home).code == 0
    assert tools("show", "web_search", "--json", home=own_home).json["policy"] == "ask"
    assert "read_page" not in names(own_home)


def test_a_policy_that_only_a_person_can_change_is_left_alone(own_home: Path) -> None:
    own_home.mkdir()
    config = own_home / "config.toml"
    config.write_text('tool_policy = { web_search = "never", read_page = "ask" }\n', encoding="utf-8")
    done = tools("enable", "web_search", home=own_home)
    assert (done.code, "Edit the file" in done.err) == (2, True)
    config.write_text('tool_policy.web_search = "never"\nlanguage = "en"\n', encoding="utf-8")
    assert tools("enable", "web_search", home=own_home).code == 0
    assert config.read_text(encoding="utf-8") == 'language = "en"\n'


# The chat


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("language", "typed", "there"), [("en", "y", True), ("ko", "n", False)])
def test_the_chat_asks_once_about_a_file_that_is_new(
    own_home: Path, language: str, typed: str, there: bool
) -> None:
    officehours("ask", "I am Min.", home=own_home)
    officehours("config", "set", "language", language, home=own_home)
    path = own(own_home, yes=False)
    for visit in (1, 2):
        with ChatServer([call("shout", text="hi"), say("Done.")]) as server:
            env = {"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "m"}
            with Terminal(own_home, "chat", **env) as terminal:
                terminal.prompt()
                if visit == 1:
                    terminal.expect(f"{path} (")
                    terminal.expect("def shout")
                    terminal.expect("[y/N]")
                    terminal.type(typed + ENTER)
                    terminal.prompt()
                terminal.type(CTRL_D)
                terminal.ends()
            assert ("[y/N]" in terminal.screen) == (visit == 1)
        assert ("shout" in names(own_home)) == there


def test_through_a_pipe_a_new_file_is_left_out_and_the_way_is_said(own_home: Path) -> None:
    own(own_home, yes=False)
    done = officehours(home=own_home, stdin="Hello\n")
    assert done.code == 0
    assert "officehours tools enable voice" in done.err
