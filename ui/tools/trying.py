"""`officehours tools test`: what is checked of every tool, and then its author's own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...agent.settings import load
from ...memory.errors import NotFound
from ...tools.base import Tool
from ...tools.conformance import Finding, examine
from ...tools.loading import Problem, tools_of
from ...tools.user_files.finding import TESTS, ToolFile, find, read_tool_file
from ..runtime import open_for_command
from ..terminal.say import echo, localized, prefs, print_json, say
from ..terminal.stdout import keep_stdout
from .listing import Toolbox, unknown


@dataclass
class Tried:
    """What came of trying one file, or a tool that is in none."""

    name: str
    problem: str = ""
    tools: dict[str, list[Finding]] = field(default_factory=dict[str, list[Finding]])
    tests: str = ""
    ok: bool = True


def try_out(name: str | None, *, call: bool, as_json: bool) -> int:
    """Try tool files, or one tool; gives the exit code: 1 where something is wrong.

    Args:
        name: A file of the tools folder by its name, any file by its path, or a tool; None is the whole folder.
        call: Whether tools that do more than read are called too.

    Raises:
        NotFound: Nothing is called so.
    """
    keep_stdout()
    folder = load().home / "tools"
    files = _files(folder, name)
    tried = [_of_file(where, file, call=call) for where, file in files] or [_of_tool(folder, name, call=call)]
    if as_json:
        print_json({"ok": all(one.ok for one in tried), "tried": [_document(one) for one in tried]})
    else:
        for one in tried:
            _print(one)
    return 0 if all(one.ok for one in tried) else 1


def _files(folder: Path, name: str | None) -> list[tuple[Path, ToolFile]]:
    if name is not None and (name.endswith(".py") or "/" in name or os.sep in name):
        path = Path(name).absolute()
        entry = path / "__init__.py" if path.is_dir() else path
        if not entry.is_file():
            raise NotFound(f"There is no file {name}.", f"{name} 파일이 없습니다.")
        above = path.parent
        return [(above, read_tool_file(above, entry))]
    return [(folder, file) for file in find(folder).files if name in {None, file.name}]


def _of_file(folder: Path, file: ToolFile, *, call: bool) -> Tried:
    """Try a file; that its name was typed is the yes to run it."""
    tried = Tried(file.name)
    tools = tools_of(folder, file, typed=True)
    if isinstance(tools, Problem):
        tried.problem, tried.ok = tools.say(prefs.language), False
        return tried
    _examine(tried, tools, call=call)
    run_tests(tried, folder)
    return tried


def _of_tool(folder: Path, name: str | None, *, call: bool) -> Tried:
    if name is None:
        raise NotFound(
            f"There is no tool in {folder}. officehours tools new NAME begins one.",
            f"{folder} 폴더에 도구가 없습니다. officehours tools new 이름 명령으로 만들 수 있습니다.",
        )
    with open_for_command(None, create=True) as runtime:
        box = Toolbox.of(runtime)
        found = [tool for tool in box.tools if tool.name == name and tool.source]
        if not found:
            raise unknown(name, box)
        tried = Tried(name)
        _examine(tried, found, call=call)
    return tried


def _examine(tried: Tried, tools: tuple[Tool, ...] | list[Tool], *, call: bool) -> None:
    for tool in tools:
        findings = examine(tool, call=call or None)
        tried.tools[tool.name] = findings
        tried.ok = tried.ok and all(finding.ok is not False for finding in findings)


def run_tests(tried: Tried, folder: Path) -> None:
    """Run the author's tests of a file with pytest, where there are any and it is installed."""
    name = f"test_{tried.name}.py"
    tests = next((path for path in (folder / TESTS / name, folder / name) if path.is_file()), None)
    if tests is None:
        tried.tests = localized(f"none (they belong into {TESTS}/{name})", f"없음({TESTS}/{name}에 둡니다)")
        return
    if find_spec("pytest") is None:
        tried.tests = localized(
            "not run, as pytest is not installed: python -m pip install pytest",
            "pytest가 없어 실행하지 않았습니다: python -m pip install pytest",
        )
        return
    options = [
        "-q",
        "--no-header",
        "--color=no",
        "--tb=short",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ]
    options += ["-c", os.devnull, "--rootdir", str(folder), "-o", f"pythonpath={folder}"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tests)],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    tried.ok = tried.ok and ran.returncode == 0
    said = ran.stdout.strip()
    tried.tests = said.splitlines()[-1] if ran.returncode == 0 and said else f"{said}\n{ran.stderr}".strip()


def _document(tried: Tried) -> dict[str, Any]:
    return {
        "name": tried.name,
        "ok": tried.ok,
        "problem": tried.problem or None,
        "tools": [
            {
                "name": name,
                "checks": [{"check": f.check, "ok": f.ok, "text": f.say(prefs.language)} for f in findings],
            }
            for name, findings in tried.tools.items()
        ],
        "tests": tried.tests or None,
    }


def _print(tried: Tried) -> None:
    echo(
        f"{tried.name}: {localized('fine', '좋습니다') if tried.ok else localized('not yet', '고칠 것이 있습니다')}"
    )
    if tried.problem:
        say(tried.problem)
    for name, findings in tried.tools.items():
        echo(f"  {name}")
        for finding in findings:
            mark = {True: "ok", False: "!!", None: "--"}[finding.ok]
            echo(f"    {mark} {finding.check}: {finding.say(prefs.language)}")
    if tried.tests:
        echo(f"  {localized('your tests', '직접 쓴 테스트')}: {tried.tests}")
