from __future__ import annotations

import inspect
import json
import os
import py_compile
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import EntryPoint, EntryPoints
from importlib.util import cache_from_source
from pathlib import Path
from textwrap import dedent
from threading import Thread

import pytest

import officehours
from officehours.memory.types import ToolCall
from officehours.tools import loading
from officehours.tools.base import ToolContext
from officehours.tools.loading import Loaded, load_tools, package_key
from officehours.tools.registry import Registry
from officehours.tools.user_files.consent import Consent
from officehours.tools.user_files.finding import LARGEST, find
from own_tools import say_yes

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
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return path


def load(folder: Path, taken: Iterable[str] = ()) -> Loaded:
    say_yes(folder)
    return load_tools(folder, taken)


def test_a_file_in_the_folder_is_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "tools", "voice.py", GOOD)
    loaded = load(tmp_path / "tools")
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
    loaded = load(tmp_path / "tools")
    assert [tool.name for tool in loaded.tools] == ["shout", "whisper"]
    (problem,) = loaded.problems
    assert problem.line == line
    assert problem.en.startswith(f"{broken}:{line}: ")
    assert words in problem.en
    assert problem.say("ko").startswith(f"{broken}:{line}: ")
    assert not [name for name in sys.modules if name.endswith(".a_broken")]


def test_a_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "tools", "latin.py", "")
    path.write_bytes("# 안녕\n".encode("cp949"))
    assert "latin.py" in load(tmp_path / "tools").problems[0].en


def test_a_file_without_a_tool_says_what_to_do_and_one_with_an_underscore_is_left_alone(
    tmp_path: Path,
) -> None:
    write(tmp_path / "tools", "helpers.py", "from officehours.tools.calculator.calculate import calculate\n")
    write(tmp_path / "tools", "_private.py", "raise RuntimeError\n")
    loaded = load(tmp_path / "tools")
    assert loaded.tools == ()
    (problem,) = loaded.problems
    assert "@tool" in problem.en


def test_nobody_takes_a_name_that_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "tools", "voice.py", GOOD)
    write(tmp_path / "tools", "voice2.py", GOOD.replace('"whisper"', '"murmur"'))
    loaded = load(tmp_path / "tools", taken=["whisper"])
    assert [tool.name for tool in loaded.tools] == ["shout", "murmur"]
    assert ["`whisper`" in p.en or "`shout`" in p.en for p in loaded.problems] == [True, True]


@pytest.mark.parametrize("mistake", ["1 / 0", "exit(3)"])
def test_a_tool_that_cannot_say_whether_it_is_available_is_left_out_and_named(
    tmp_path: Path, mistake: str
) -> None:
    text = GOOD.replace('name="whisper"', f'name="whisper", unavailable=lambda: {mistake}')
    path = write(tmp_path / "tools", "voice.py", text)
    loaded = load(tmp_path / "tools")
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
    loaded = load(tmp_path / "tools")
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


# What may be run


def test_a_file_is_not_run_before_the_student_says_yes_to_its_content(tmp_path: Path) -> None:
    folder, ran = tmp_path / "tools", tmp_path / "ran"
    path = write(folder, "voice.py", f"open({str(ran)!r}, 'w', encoding='utf-8').close()\n" + GOOD)
    loaded = load_tools(folder)
    assert (loaded.tools, [file.name for file in loaded.waiting]) == ((), ["voice"])
    assert "officehours tools enable voice" in loaded.problems[0].en
    assert "officehours tools enable voice" in loaded.problems[0].ko
    assert not ran.exists()
    assert load(folder).tools
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    changed = load_tools(folder)
    assert changed.tools == ()
    assert "has changed" in changed.problems[0].en


def test_a_no_is_kept_and_a_yes_takes_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "tools", "voice.py", GOOD)
    (file,) = find(tmp_path / "tools").files
    Consent(tmp_path / "tools").answer(file.parts, "no")
    loaded = load_tools(tmp_path / "tools")
    assert (loaded.tools, loaded.problems, loaded.waiting, loaded.refused) == ((), (), (), (str(path),))
    assert len(load(tmp_path / "tools").tools) == 2


def test_a_folder_of_tools_cannot_bring_its_own_yes(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    write(folder, "voice.py", GOOD)
    say_yes(folder)
    Consent(folder).file.rename(folder / "approved-tools.json")
    assert load_tools(folder).tools == ()


@pytest.mark.parametrize("spoilt", ["", "[]", "{", '{"x": 1}', "[" * 100_000])
def test_answers_that_cannot_be_read_are_none(tmp_path: Path, spoilt: str) -> None:
    folder = tmp_path / "tools"
    write(folder, "voice.py", GOOD)
    say_yes(folder)
    Consent(folder).file.write_text(spoilt, encoding="utf-8")
    assert load_tools(folder).tools == ()
    assert load(folder).tools


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are POSIX")
def test_the_answers_are_their_owners_alone(tmp_path: Path) -> None:
    write(tmp_path / "tools", "voice.py", GOOD)
    say_yes(tmp_path / "tools")
    assert Consent(tmp_path / "tools").file.stat().st_mode & 0o777 == 0o600


def test_a_planted_bytecode_is_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    path = write(folder, "voice.py", GOOD)
    evil = folder / "evil.py"
    evil.write_text("raise SystemExit\n", encoding="utf-8")
    cached = Path(cache_from_source(str(path)))
    py_compile.compile(
        str(evil), str(cached), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    evil.unlink()
    assert [tool.name for tool in load(folder).tools] == ["shout", "whisper"]


# Helpers and packages

USES = '''
from officehours import tool
{imports}

@tool
def count() -> int:
    """Count."""
    import {late}
    return {value}
'''


@pytest.mark.parametrize(
    ("imports", "value"),
    [
        ("import helper", "helper.LEFT"),
        ("from helper import LEFT", "LEFT"),
        ("from .helper import LEFT", "LEFT"),
        ("from . import helper", "helper.LEFT"),
        ("import parts.deep", "parts.deep.LEFT"),
        ("from parts import deep", "deep.LEFT"),
        ("from parts.deep import LEFT", "LEFT"),
        ("from helper import *", "LEFT"),
    ],
)
def test_helpers_beside_a_file_import_and_nobody_else_sees_them(
    tmp_path: Path, imports: str, value: str
) -> None:
    folder = tmp_path / "tools"
    write(folder, "helper.py", "LEFT = 3\n")
    write(folder / "parts", "__init__.py", "")
    write(folder / "parts", "deep.py", "from ..helper import LEFT\n")
    write(folder, "uses.py", USES.format(imports=imports, late="helper", value=value))
    loaded = load(folder)
    assert [tool.name for tool in loaded.tools] == ["count"]
    assert loaded.tools[0]() == 3
    assert [problem.source for problem in loaded.problems if "uses" in problem.source] == []
    assert str(folder) not in sys.path
    with pytest.raises(ModuleNotFoundError):
        import_module("helper")


def test_a_helper_without_a_tool_is_no_problem_and_its_tools_are_taken_once(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    write(folder, "helper.py", GOOD)
    write(folder, "plain.py", "LEFT = 3\n")
    write(
        folder,
        "uses.py",
        USES.format(imports="from helper import shout\nimport plain", late="plain", value=3),
    )
    loaded = load(folder)
    assert sorted(tool.name for tool in loaded.tools) == ["count", "shout", "whisper"]
    assert loaded.problems == ()


def test_a_helper_that_changed_is_not_run_by_the_files_that_import_it(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    write(folder, "helper.py", "LEFT = 3\n")
    write(folder, "uses.py", USES.format(imports="import helper", late="sys", value="helper.LEFT"))
    assert load(folder).tools[0]() == 3
    write(folder, "helper.py", "LEFT = 4\n")
    assert [file.name for file in load_tools(folder).waiting] == ["helper", "uses"]
    assert load(folder).tools[0]() == 4


def test_a_file_found_at_run_time_only_is_not_run_either(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    late = "from importlib import import_module\nimport_module('.hidden', __package__)\n"
    write(folder, "uses.py", late + GOOD)
    say_yes(folder)
    write(folder, "hidden.py", "raise SystemExit\n")
    loaded = load_tools(folder)
    assert loaded.tools == ()
    assert "hidden.py is new or has changed" in " ".join(problem.en for problem in loaded.problems)


@pytest.mark.parametrize("name", ["json", "officehours", "numpy"])
def test_a_file_called_as_something_that_is_there_takes_its_place_for_nobody(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "tools"
    write(
        folder, f"{name}.py", USES.format(imports=f"import {name}", late=name, value=f"len({name}.__name__)")
    )
    write(folder, "other.py", USES.format(imports="import json", late="json", value="len(json.dumps(3))"))
    before = sys.modules.get(name)
    loaded = load_tools(folder)
    say_yes(folder)
    loaded = load_tools(folder)
    assert loaded.tools[0]() == len(name)
    assert before is None or sys.modules[name] is before


def test_a_folder_that_is_a_package_is_taken_in_and_another_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    write(folder / "voice", "__init__.py", "from .loud import shout\n")
    write(folder / "voice", "loud.py", GOOD)
    write(folder / "loose", "quiet.py", GOOD)
    write(folder / "tests", "test_voice.py", "raise RuntimeError\n")
    (folder / "data").mkdir()
    (folder / "data" / "table.csv").write_text("1", encoding="utf-8")
    (folder / "README.md").write_text("About.", encoding="utf-8")
    loaded = load(folder)
    assert [tool.name for tool in loaded.tools] == ["shout"]
    (problem,) = loaded.problems
    assert "loose is no package" in problem.en
    write(folder / "voice", "loud.py", GOOD + "\n")
    assert [file.name for file in load_tools(folder).waiting] == ["voice"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("my.tool.py", GOOD, "a dot in it"), ("big.py", "#" * (LARGEST + 1), "cannot be read (File too large)")],
    ids=["dotted", "large"],
)
def test_a_file_that_cannot_be_taken_in_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = write(tmp_path / "tools", name, text)
    write(tmp_path / "tools", "my-voice.py", GOOD)
    loaded = load(tmp_path / "tools")
    assert [tool.name for tool in loaded.tools] == ["shout", "whisper"]
    (problem,) = loaded.problems
    assert problem.en.startswith(str(path))
    assert said in problem.en


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with a name and links are POSIX")
def test_what_is_no_file_is_not_waited_for_and_a_link_into_nothing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    write(folder, "voice.py", GOOD)
    os.mkfifo(folder / "pipe.py")
    (folder / "gone.py").symlink_to(tmp_path / "nowhere.py")
    loaded = load(folder)
    assert len(loaded.tools) == 2
    assert ["gone.py" in problem.en for problem in loaded.problems] == [True]


# Once a process


def test_twenty_at_once_run_a_file_once_and_a_changed_one_is_run_anew(tmp_path: Path) -> None:
    folder, runs = tmp_path / "tools", tmp_path / "runs"
    note = f"with open({str(runs)!r}, 'a', encoding='utf-8') as file:\n    file.write('x')\n"
    write(folder, "voice.py", note + GOOD)
    say_yes(folder)
    loaded: list[Loaded] = []
    crowd = [Thread(target=lambda: loaded.append(load_tools(folder))) for _ in range(20)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert runs.read_text(encoding="utf-8") == "x"
    assert {tool.function for one in loaded for tool in one.tools} == {t.function for t in loaded[0].tools}
    write(folder, "voice.py", note + GOOD.replace("whisper", "murmur"))
    assert [tool.name for tool in load(folder).tools] == ["shout", "murmur"]
    assert runs.read_text(encoding="utf-8") == "xx"


def test_two_homes_do_not_meet(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / str(number) / "tools"
        folder.parent.mkdir()
        write(folder, "helper.py", f"LEFT = {number}\n")
        write(folder, "uses.py", USES.format(imports="import helper", late="helper", value="helper.LEFT"))
    both = [load(tmp_path / str(number) / "tools").tools[0] for number in (1, 2)]
    assert [one() for one in both] == [1, 2]


def test_the_source_of_a_tool_can_be_read_and_its_hints_are_found(tmp_path: Path) -> None:
    text = GOOD.replace("text: str", "text: 'Words'").replace("\n@tool\n", "\nWords = str\n\n@tool\n", 1)
    write(tmp_path / "tools", "voice.py", text)
    loaded = load(tmp_path / "tools")
    assert loaded.problems == ()
    assert "def shout" in inspect.getsource(loaded.tools[0].function)
    assert vars(sys.modules[loaded.tools[0].function.__module__])["shout"] is not None


def test_an_installed_package_can_be_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints([EntryPoint("one", "not_there:both", loading.ENTRY_POINTS)])
    monkeypatch.setattr(loading, "entry_points", lambda group: points.select(group=group))
    assert len(load_tools(tmp_path / "tools").problems) == 1
    Consent(tmp_path / "tools").keep({package_key("one"): ("no", "one")})
    loaded = load_tools(tmp_path / "tools")
    assert (loaded.problems, loaded.refused) == ((), ("one = not_there:both",))
