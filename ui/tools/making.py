"""`officehours tools new`: a tool that works, for its author to change, with a test that passes."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

from ...agent.settings import load
from ...memory.errors import UsageError
from ...memory.private import open_private
from ...tools.user_files.consent import Consent
from ...tools.user_files.finding import TESTS, find
from ..terminal.say import echo, localized, prefs, print_json

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)

TOOL = '''"""{about}"""

from officehours import tool


@tool  # {told}
def {name}(text: str, longest: int = 3) -> str:
    """Count the words of a text and name the longest ones.

    Args:
        text: The text.
        longest: How many of the longest words to name.
    """
    words = text.split()
    named = sorted(words, key=len, reverse=True)[:longest]
    # {gives}
    return f"{{len(words)}} words; the longest: {{', '.join(named)}}"
'''
REMARKS = {
    "en": {
        "about": "A tool of your own: the professor calls it when it helps with what you ask.",
        "told": "the name, the hints and the docstring below are all that the model is told",
        "gives": "A string, or anything JSON can hold. docs/tools.md says how a tool fails, asks, remembers and shows progress.",
    },
    "ko": {
        "about": "내가 만든 도구: 질문에 도움이 될 때 교수님이 부릅니다.",
        "told": "아래의 이름, 타입 힌트, docstring이 모델이 아는 전부입니다",
        "gives": "문자열이나 JSON으로 쓸 수 있는 값을 돌려줍니다. 실패, 허락, 기억, 진행 표시는 docs/tools.md에 있습니다.",
    },
}
TEST = """from {name} import {name}


def test_words_are_counted_and_the_longest_named():
    assert {name}("gradient of a loss", longest=1) == "4 words; the longest: gradient"
"""


def create(name: str, *, as_json: bool) -> None:
    """Write a tool file and its test into the tools folder; it may be run at once, as its author asked for it.

    Raises:
        UsageError: The name cannot be a tool's, or is taken.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name.startswith("test_") or _is_taken(name):
        raise UsageError(
            f"{name} cannot name a tool file: use small letters, digits and _, beginning with a letter, and no word "
            "that is Python's own.",
            f"도구 파일 이름으로 쓸 수 없습니다: {name}. 영문 소문자로 시작해 소문자, 숫자, _만 쓰고 파이썬에 이미 "
            "있는 이름은 피해 주세요.",
        )
    folder = load().home / "tools"
    tool, test = folder / f"{name}.py", folder / TESTS / f"test_{name}.py"
    if there := next((path for path in (tool, folder / name, test) if path.exists()), None):
        raise UsageError(
            f"{there} is there already. Choose another name.",
            f"{there} 파일이 이미 있습니다. 다른 이름을 골라 주세요.",
        )
    _write(tool, TOOL.format(name=name, **REMARKS[prefs.language]))
    _write(test, TEST.format(name=name))
    for file in find(folder).files:
        if file.path == tool:
            Consent(folder).answer(file.parts, "yes")
    if as_json:
        print_json({"name": name, "tool": str(tool), "test": str(test)})
        return
    echo(
        localized(
            f"Written: {tool}\n         {test}\n"
            f"Try it: officehours tools test {name}\n"
            f"""        officehours tools call {name} '{{"text": "a few words"}}'\n"""
            f"After you have changed it: officehours tools enable {name}",
            f"만들었습니다: {tool}\n              {test}\n"
            f"해 보기: officehours tools test {name}\n"
            f"""         officehours tools call {name} '{{"text": "낱말 몇 개"}}'\n"""
            f"고친 뒤에는: officehours tools enable {name}",
        )
    )


def _is_taken(name: str) -> bool:
    return name in sys.stdlib_module_names or name in {"officehours", "conftest", TESTS}


def _write(path: Path, text: str) -> None:
    with open_private(path, "x") as file:
        file.write(text)
