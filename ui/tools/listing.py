"""`officehours tools list` and `show`: what the model may call, where it is from, and what waits for a yes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from ...agent.assemble import all_tools
from ...memory.errors import NotFound
from ...tools.base import Tool
from ...tools.loading import Loaded
from ...tools.registry import Registry
from ..runtime import open_for_command
from ..terminal.columns import columns
from ..terminal.say import echo, localized, prefs, print_json, say
from ..terminal.stdout import keep_stdout
from .consenting import show_files


def show_list(student: str | None, *, as_json: bool) -> None:
    """List every tool with where it is from; what could not be loaded is said on stderr."""
    keep_stdout()
    with open_for_command(student, create=True) as runtime:
        tools, loaded = all_tools(runtime)
        registry = Registry(tools)
        if as_json:
            print_json(
                {
                    "tools": [_document(tool) for tool in registry],
                    "missing": dict(registry.missing),
                    "waiting": [{"name": file.name, "path": str(file.path)} for file in loaded.waiting],
                    "refused": list(loaded.refused),
                    "problems": [problem.en for problem in loaded.problems],
                }
            )
            return
        built_in = localized("built in", "내장")
        rows = [(t.name, t.source or built_in, t.spec.description.split("\n")[0]) for t in registry]
        for line in columns(rows):
            echo(line)
        for name, why in registry.missing.items():
            say(f"{name}: {why}")
        for source in loaded.refused:
            say(localized(f"{source} is switched off.", f"{source}: 꺼 두었습니다."))
        for problem in loaded.problems:
            say(problem.say(prefs.language))


def show(name: str, student: str | None, *, as_json: bool) -> None:
    """Print what a model is told of one tool; of a file that waits for a yes, what it holds.

    Raises:
        NotFound: There is neither.
    """
    keep_stdout()
    with open_for_command(student, create=True) as runtime:
        tools, loaded = all_tools(runtime)
    file = next((file for file in loaded.waiting if file.name == name), None)
    tool = next((tool for tool in tools if tool.name == name), None)
    if tool is None and file is not None:
        if as_json:
            parts = [{"path": str(part.path), "sha256": part.digest} for part in file.parts]
            print_json({"name": name, "waiting": True, "files": parts})
        else:
            show_files(file.parts)
        return
    if tool is None:
        raise unknown(name, tools, loaded)
    if as_json:
        print_json(_document(tool))
    else:
        _print(tool)


def unknown(name: str, tools: list[Tool], loaded: Loaded) -> NotFound:
    """Say that no tool and no file is called so, and what is."""
    names = [tool.name for tool in tools] + [file.name for file in loaded.waiting]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    meant, gemeint = (
        (f" Did you mean {', '.join(near)}?", f" 혹시 {', '.join(near)}인가요?") if near else ("", "")
    )
    return NotFound(
        f"There is no tool {name}.{meant} officehours tools list shows all.",
        f"{name}이라는 도구는 없습니다.{gemeint} officehours tools list로 모두 볼 수 있습니다.",
    )


def _document(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.spec.description,
        "effect": tool.effect,
        "source": tool.source or "built in",
        "timeout": tool.timeout,
        "parameters": dict(tool.spec.parameters),
    }


def _print(tool: Tool) -> None:
    effects = {"read": ("reads", "읽기"), "write": ("writes", "쓰기"), "outside": ("goes outside", "외부")}
    source = tool.source or localized("built in", "내장")
    echo(f"{tool.name} · {localized(*effects[tool.effect])} · {source}")
    echo(tool.description)
    properties: dict[str, Any] = dict(tool.parameters.get("properties", {}))
    required = tool.parameters.get("required", ())
    rows: list[tuple[str, str, str]] = []
    for name, schema in properties.items():
        kind = (
            schema.get("type")
            or "|".join(str(one.get("type", "")) for one in schema.get("anyOf", ()))
            or "any"
        )
        needed = "" if name in required else localized(", may be left out", ", 생략 가능")
        rows.append((f"  {name}", f"{kind}{needed}", str(schema.get("description", ""))))
    for line in columns(rows):
        echo(line)
