"""`officehours tools list` and `show`: what the model may call, where it is from, and what waits for a yes."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ...agent.assemble import all_tools
from ...agent.runtime import Runtime
from ...memory.errors import NotFound
from ...tools.base import Tool
from ...tools.loading import Loaded
from ...tools.policy import Policies
from ...tools.registry import Registry
from ..runtime import open_for_command
from ..terminal.columns import columns
from ..terminal.say import echo, localized, prefs, print_json, say
from ..terminal.stdout import keep_stdout
from .consenting import show_files


@dataclass(frozen=True)
class Toolbox:
    """The tools of a student: all of them, those that can be called, why the others cannot, and what was not loaded."""

    tools: list[Tool]
    registry: Registry
    loaded: Loaded
    policies: Policies

    @classmethod
    def of(cls, runtime: Runtime) -> Toolbox:
        """Gather them."""
        tools, loaded = all_tools(runtime)
        policies = Policies(runtime.settings.tool_policy)
        return cls(tools, Registry(tools, policies), loaded, policies)

    def document(self, tool: Tool) -> dict[str, Any]:
        """Give what there is to know of a tool, as JSON."""
        return {
            "name": tool.name,
            "description": tool.description,
            "effect": tool.effect,
            "policy": self.policies.of(tool),
            "source": tool.source or "built in",
            "timeout": tool.timeout,
            "parameters": dict(tool.parameters),
        }


def show_list(student: str | None, *, as_json: bool) -> None:
    """List every tool with where it is from; what could not be loaded is said on stderr."""
    keep_stdout()
    with open_for_command(student, create=True) as runtime:
        box = Toolbox.of(runtime)
        loaded = box.loaded
        if as_json:
            print_json(
                {
                    "tools": [box.document(tool) for tool in box.registry],
                    "missing": {name: why.say(prefs.language) for name, why in box.registry.missing.items()},
                    "waiting": [{"name": file.name, "path": str(file.path)} for file in loaded.waiting],
                    "refused": list(loaded.refused),
                    "problems": [problem.en for problem in loaded.problems],
                }
            )
            return
        built_in = localized("built in", "내장")
        rows = [(t.name, t.source or built_in, t.description.split("\n")[0]) for t in box.registry]
        for line in columns(rows):
            echo(line)
        for name, why in box.registry.missing.items():
            say(f"{name}: {why.say(prefs.language)}")
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
        box = Toolbox.of(runtime)
    file = next((file for file in box.loaded.waiting if file.name == name), None)
    tool = next((tool for tool in box.tools if tool.name == name), None)
    if tool is not None and as_json:
        print_json(box.document(tool))
    elif tool is not None:
        _print(tool, box.policies)
    elif file is not None and as_json:
        parts = [{"path": str(part.path), "sha256": part.digest} for part in file.parts]
        print_json({"name": name, "waiting": True, "files": parts})
    elif file is not None:
        show_files(file.parts)
    else:
        raise unknown(name, box)


def unknown(name: str, box: Toolbox) -> NotFound:
    """Say that no tool and no file is called so, and what is; or that the file is switched off."""
    if any(Path(source).stem == name or source.startswith(f"{name} = ") for source in box.loaded.refused):
        return NotFound(
            f"{name} is switched off. officehours tools enable {name} turns it on.",
            f"{name}: 꺼 두었습니다. 켜려면 officehours tools enable {name} 명령을 쓰세요.",
        )
    names = [tool.name for tool in box.tools] + [file.name for file in box.loaded.waiting]
    near = ", ".join(get_close_matches(name, names, n=3, cutoff=0.5))
    hint_en, hint_ko = (f" Did you mean {near}?", f" 혹시 이것인가요? {near}.") if near else ("", "")
    return NotFound(
        f"There is no tool {name}.{hint_en} officehours tools list shows all.",
        f"그런 도구는 없습니다: {name}.{hint_ko} officehours tools list로 모두 볼 수 있습니다.",
    )


POLICIES = {
    "always": ("runs by itself", "바로 실행"),
    "ask": ("asks first", "먼저 물음"),
    "never": ("switched off", "꺼 둠"),
}
EFFECTS = {"read": ("reads", "읽기"), "write": ("writes", "쓰기"), "outside": ("goes outside", "바깥과 통신")}


def _print(tool: Tool, policies: Policies) -> None:
    source = tool.source or localized("built in", "내장")
    kinds = (localized(*EFFECTS[tool.effect]), localized(*POLICIES[policies.of(tool)]))
    echo(" · ".join((tool.name, *kinds, source)))
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
