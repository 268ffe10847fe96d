"""Tools that come from outside the package: `.py` files in the user's folder, and entry points.

One that is broken is reported with its file and line, and the others load all the same.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import cast

from ..memory.errors import OfficeHoursError
from .base import Tool, is_tool

ENTRY_POINTS = "officehours.tools"
"""The group in which an installed package announces a `Tool`, several of them, or a function that gives them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why tools could not be taken in.

    Attributes:
        source: The file or the entry point.
        line: Where in the file; None where there is no line.
        en: What is wrong, in English; `ko` in Korean. Both name source and line.
    """

    source: str
    line: int | None
    en: str
    ko: str

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be taken in, in a fixed order, and what could not."""

    tools: tuple[Tool, ...]
    problems: tuple[Problem, ...]


def load_tools(folder: Path, taken: Iterable[str] = ()) -> Loaded:
    """Load the tools of the user's folder, then those of installed packages.

    Args:
        folder: Its `*.py` files are run, in the order of their names; those that begin with `_` are left alone. It
            need not exist.
        taken: Names of our own tools, which nobody else may use.
    """
    tools: list[Tool] = []
    problems: list[Problem] = []
    names = set(taken)
    for part in (*_folder(folder), *_packages()):
        problems.extend(part.problems)
        for tool in part.tools:
            if tool.name in names:
                problems.append(_name_taken(tool))
                continue
            try:
                tools.append(_asked(tool))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever a user's function does, it is reported
                problems.append(_cannot_say(tool, error))
            names.add(tool.name)
    return Loaded(tuple(tools), tuple(problems))


def _asked(tool: Tool) -> Tool:
    """Ask a tool once whether it is available, here where its mistakes are caught."""
    if tool.unavailable is None:
        return tool
    why = tool.unavailable()
    return replace(tool, unavailable=lambda: why)


def _folder(folder: Path) -> list[Loaded]:
    files = sorted(folder.glob("*.py")) if folder.is_dir() else []
    return [_file(path) for path in files if not path.name.startswith("_")]


def _file(path: Path) -> Loaded:
    module_name = f"officehours_user_tools_{path.stem}"
    spec = spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses and type hints look their module up there
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a user's file does, it is reported
        del sys.modules[module_name]
        return Loaded((), (_broken(str(path), _line_in(path, error), error),))
    tools = _tools_of(module, str(path))
    return Loaded(tools, () if tools else (_empty(str(path)),))


def _tools_of(module: ModuleType, source: str) -> tuple[Tool, ...]:
    """Give the tools that a module defines, in their order, but not those it only imports from us."""
    found = {id(value): value for value in vars(module).values() if is_tool(value) and value.source}
    return tuple(replace(tool, source=source) for tool in found.values())


def _packages() -> list[Loaded]:
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value))
    return [_package(f"{point.name} = {point.value}", point.load) for point in points]


def _package(source: str, load: Callable[[], object]) -> Loaded:
    try:
        given = load()
        if callable(given) and not is_tool(given):
            given = given()
        candidates: list[object] = [given] if is_tool(given) else list(cast("Iterable[object]", given))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a package does, it is reported
        return Loaded((), (_broken(source, None, error),))
    tools = [replace(tool, source=source) for tool in candidates if is_tool(tool)]
    return Loaded(tuple(tools), () if tools else (_empty(source),))


def _line_in(path: Path, error: BaseException) -> int | None:
    """Find the last line of the file that led to the error."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)


def _broken(source: str, line: int | None, error: BaseException) -> Problem:
    place = f"{source}:{line}" if line else source
    if isinstance(error, OfficeHoursError):
        return Problem(source, line, f"{place}: {error.en}", f"{place}: {error.ko}")
    what = f"{type(error).__name__}: {error}"
    return Problem(
        source,
        line,
        f"{place}: {what}. The tools in it were left out; mend it and start again.",
        f"{place}: {what}. 이 파일의 도구는 빠졌습니다. 고친 뒤 다시 시작하세요.",
    )


def _empty(source: str) -> Problem:
    return Problem(
        source,
        None,
        f"{source}: there is no tool in it. Put @tool over a function (docs/tools.md).",
        f"{source}: 도구가 없습니다. 함수 위에 @tool을 붙이세요(docs/tools.md).",
    )


def _cannot_say(tool: Tool, error: BaseException) -> Problem:
    what = f"{type(error).__name__}: {error}"
    return Problem(
        tool.source,
        None,
        f"{tool.source}: `{tool.name}` cannot say whether it is available ({what}), so it was left out.",
        f"{tool.source}: `{tool.name}`을(를) 쓸 수 있는지 확인하다 오류가 나서({what}) 뺐습니다.",
    )


def _name_taken(tool: Tool) -> Problem:
    return Problem(
        tool.source,
        None,
        f'{tool.source}: there is a tool called `{tool.name}` already. Use @tool(name="…").',
        f'{tool.source}: `{tool.name}`이라는 도구가 이미 있습니다. @tool(name="…")으로 이름을 바꾸세요.',
    )
