from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

import officehours
from officehours.persona.lines import OCCASIONS
from officehours.persona.registry import load
from officehours.persona.rules import CHECKS, options_of
from officehours.tools.base import ToolContext
from officehours.tools.calculator.calculate import calculate
from officehours.tools.memory import memory_tools
from officehours.tools.registry import Registry
from officehours.tools.web import web_tools

pytestmark = pytest.mark.checkout

DOCS = Path(officehours.__file__).resolve().parent / "docs"


def test_every_default_tool_is_documented_with_its_parameters_and_effect() -> None:
    text = (DOCS / "tools.md").read_text(encoding="utf-8")
    nothing: Any = None
    for tool in Registry([*memory_tools(nothing, nothing, nothing), *web_tools(), calculate]):
        names = ", ".join(name for name in tool.parameters["properties"] if name != "request_heartbeat")
        assert f"| `{tool.name}({names})` | {tool.effect} |" in text


def test_every_check_and_occasion_is_documented() -> None:
    text = (DOCS / "personas.md").read_text(encoding="utf-8")
    for check in CHECKS:
        (row,) = re.findall(rf"^\| `{check}` \|.*$", text, re.MULTILINE)
        assert all(f"`{option}`" in row for option in options_of(check))
    for occasion, words in OCCASIONS.items():
        (row,) = re.findall(rf"^\| `{occasion}` \|.*$", text, re.MULTILINE)
        assert all(f"{{{word}}}" in row for word in words)


def test_the_persona_in_the_docs_can_be_loaded(tmp_path: Path) -> None:
    text = (DOCS / "personas.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"```markdown\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "park-ji-woo.md"
    path.write_text(sample, encoding="utf-8")
    assert load(path).line("greeting", "ko", name="민지") == "안녕하세요, 민지 학생."


def test_the_tools_in_the_docs_are_such() -> None:
    text = (DOCS / "tools.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": __name__}
    for sample in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(sample, names)
    assert names["convert"].parameters["properties"]["currency"] == {
        "type": "string",
        "default": "KRW",
        "description": "Three letters.",
    }
    library = names["Library"]({"LoRA"})
    assert names["has_book"]("LoRA", ToolContext(deps=library))


def test_every_field_of_the_context_is_documented() -> None:
    text = (DOCS / "tools.md").read_text(encoding="utf-8")
    _, _, section = text.partition("### What a tool may know")
    told = set(re.findall(r"`(\w+)`", section.partition("### ")[0]))
    inner = {"message_id", "outside", "exclude", "reveals", "hide", "language", "zone"}
    assert {field.name for field in dataclasses.fields(ToolContext)} <= told | inner
