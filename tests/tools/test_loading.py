from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from textwrap import dedent

import pytest

import officehours
from officehours.memory.types import ToolCall
from officehours.tools import loading
from officehours.tools.base import ToolContext
from officehours.tools.loading import load_tools
from officehours.tools.registry import Registry

pytestmark = pytest.mark.checkout

GOOD = '''
from officehours import tool

@tool
def shout(text: str) -> str:
    """Say it loudly.

    Args:
        text: What to say.
    """
    return text.upper()

@tool(name="whisper")
def quiet(text: str) -> str:
    """Say it softly.

    Args:
        text: What to say.
    """
    return text.lower()
'''


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return path


def test_a_file_in_the_folder_is_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "tools", "voice.py", GOOD)
    loaded = load_tools(tmp_path / "tools")
    assert [tool.name for tool in loaded.tools] == ["shout", "whisper"]
    assert {tool.source for tool in loaded.tools} == {str(path)}
    assert loaded.problems == ()
    outcome = Registry(loaded.tools).run(ToolCall("1", "shout", '{"text": "hi"}'), ToolContext())
    assert outcome.output == "HI"


def test_no_folder_is_no_tools(tmp_path: Path) -> None:
    assert load_tools(tmp_path / "nowhere").tools == ()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\nraise RuntimeError('no key')\n", 2, "RuntimeError: no key"),
        ("def f(:\n", 1, "SyntaxError"),
        ("import a_module_that_is_not_there\n", 1, "a_module_that_is_not_there"),
        ("import sys\n\nsys.exit(3)\n", 3, "SystemExit"),
        ("import asyncio\nraise asyncio.CancelledError\n", 2, "CancelledError"),
        ("def f():\n    f()\nf()\n", 2, "RecursionError"),
        (
            'from officehours import tool\n\n\n@tool\ndef f(x: int) -> int:\n    """F."""\n    return x\n',
            4,
            "`x` under Args:",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_the_others_load(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    broken = write(tmp_path / "tools", "a_broken.py", text)
    write(tmp_path / "tools", "voice.py", GOOD)
    loaded = load_tools(tmp_path / "tools")
    assert [tool.name for tool in loaded.tools] == ["shout", "whisper"]
    (problem,) = loaded.problems
    assert problem.line == line
    assert problem.en.startswith(f"{broken}:{line}: ")
    assert words in problem.en
    assert problem.say("ko").startswith(f"{broken}:{line}: ")
    assert "officehours_user_tools_a_broken" not in sys.modules


def test_a_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "tools", "latin.py", "")
    path.write_bytes("# 안녕\n".encode("cp949"))
    assert "latin.py" in load_tools(tmp_path / "tools").problems[0].en


def test_a_file_without_a_tool_says_what_to_do_and_one_with_an_underscore_is_left_alone(
    tmp_path: Path,
) -> None:
    write(tmp_path / "tools", "helpers.py", "from officehours.tools.calculator.calculate import calculate\n")
    write(tmp_path / "tools", "_private.py", "raise RuntimeError\n")
    loaded = load_tools(tmp_path / "tools")
    assert loaded.tools == ()
    (problem,) = loaded.problems
    assert "@tool" in problem.en


def test_nobody_takes_a_name_that_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "tools", "voice.py", GOOD)
    write(tmp_path / "tools", "voice2.py", GOOD.replace('"whisper"', '"murmur"'))
    loaded = load_tools(tmp_path / "tools", taken=["whisper"])
    assert [tool.name for tool in loaded.tools] == ["shout", "murmur"]
    assert ["`whisper`" in p.en or "`shout`" in p.en for p in loaded.problems] == [True, True]


@pytest.mark.parametrize("mistake", ["1 / 0", "exit(3)"])
def test_a_tool_that_cannot_say_whether_it_is_available_is_left_out_and_named(
    tmp_path: Path, mistake: str
) -> None:
    text = GOOD.replace('name="whisper"', f'name="whisper", unavailable=lambda: {mistake}')
    path = write(tmp_path / "tools", "voice.py", text)
    loaded = load_tools(tmp_path / "tools")
    assert [tool.name for tool in Registry(loaded.tools)] == ["shout"]
    (problem,) = loaded.problems
    assert problem.en.startswith(f"{path}: `whisper`")


def test_installed_packages_announce_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "announced.py").write_text(
        GOOD + "\ndef both():\n    return [shout, quiet]\n\ndef none():\n    return 3\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    points = EntryPoints(
        EntryPoint(name, f"announced:{attribute}", loading.ENTRY_POINTS)
        for name, attribute in [("one", "both"), ("three", "none"), ("two", "missing")]
    )
    monkeypatch.setattr(loading, "entry_points", lambda group: points.select(group=group))
    loaded = load_tools(tmp_path / "none")
    monkeypatch.delitem(sys.modules, "announced")
    assert [(tool.name, tool.source) for tool in loaded.tools] == [
        ("shout", "one = announced:both"),
        ("whisper", "one = announced:both"),
    ]
    assert len(loaded.problems) == 2


def test_the_documented_example_works(tmp_path: Path) -> None:
    root = Path(officehours.__file__).resolve().parent
    example = (root / "examples" / "tools" / "exam_countdown.py").read_text(encoding="utf-8")
    write(tmp_path / "tools", "exam_countdown.py", example)
    loaded = load_tools(tmp_path / "tools")
    assert loaded.problems == ()
    context = ToolContext(language="ko", now=datetime(2026, 11, 2, 20, 0, tzinfo=UTC), zone="Asia/Seoul")

    def ask(day: str) -> tuple[bool, str, str]:
        call = ToolCall("1", "days_until", json.dumps({"day": day}))
        outcome = Registry(loaded.tools).run(call, context)
        return outcome.retry, outcome.output, outcome.display

    assert ask("2026-12-01") == (
        False,
        "28 days until 2026-12-01 (Tuesday)",
        "28 days until 2026-12-01 (Tuesday)",
    )
    assert ask("2026-11-01") == (
        True,
        "2026-11-01 is 2 days ago; give a date in the future.",
        "2026-11-01은 2일 전입니다. 앞으로 올 날짜를 주세요.",
    )
