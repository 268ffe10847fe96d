"""What a type checker sees of a tool: the function's own signature."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import officehours

pytestmark = [pytest.mark.slow, pytest.mark.checkout]

PROGRAM = '''
from dataclasses import dataclass
from officehours.agent.assemble import open_tutor
from officehours.tools.base import Tool, ToolContext, tool


@dataclass
class Library:
    books: list[str]


@tool
def borrow(title: str, context: ToolContext[Library], days: int = 14) -> str:
    """Borrow a book.

    Args:
        title: Its title.
        context: The turn.
        days: For how long.
    """
    context.deps.films  # no such deps
    return context.deps.books[0]


@tool(effect="outside", timeout=5)
async def weather(city: str) -> dict[str, float]:
    """Tell the weather.

    Args:
        city: Where.
    """
    return {city: 1.0}


def hour(context: ToolContext) -> int:
    """Tell the hour.

    Args:
        context: The turn.
    """
    return context.clock().hour


here = ToolContext(deps=Library([]))
title: str = borrow("LoRA", here, days=3)
number: int = borrow("LoRA", here)  # text
borrow(3, here)  # no text
borrow("LoRA", here, weeks=2)  # no such parameter
weather("Seoul").days  # a coroutine
tool(effect="network")(hour)  # no such effect
every: list[Tool] = [borrow, weather, tool(hour)]
open_tutor(tools=[borrow, hour], deps=Library([]))
'''


def test_pyright_sees_the_functions_signature(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(dedent(PROGRAM), encoding="utf-8")
    (tmp_path / "typing").mkdir()
    (tmp_path / "typing" / "officehours").symlink_to(Path(officehours.__file__).resolve().parent)
    settings = {"include": ["program.py"], "extraPaths": ["typing"], "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", "-p", tmp_path],
        capture_output=True,
        check=False,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    lines = dedent(PROGRAM).splitlines()
    wrong = [lines[entry["range"]["start"]["line"]] for entry in found if entry["severity"] == "error"]
    assert wrong == [line for line in lines if "  # " in line]
