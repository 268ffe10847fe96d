"""Tools that come from outside the package: `.py` files and packages in the user's folder, and entry points.

One that is broken is reported with its file and line, and the others load all the same. The student's own files run
once they said yes to what they hold; what is installed was said yes to by installing it (docs/adr/0035).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import cast

from ..memory.errors import OfficeHoursError
from .base import Tool, is_tool
from .user_files.consent import Consent
from .user_files.finding import TESTS, ToolFile, find
from .user_files.importing import run_file

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
    """What could be taken in, in a fixed order, and what could not.

    Attributes:
        waiting: The student's files that were not run, because nobody said yes to what they hold.
        refused: Those, and entry points, to which they said no.
    """

    tools: tuple[Tool, ...] = ()
    problems: tuple[Problem, ...] = ()
    waiting: tuple[ToolFile, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(slots=True)
class _Gathered:
    """What was taken in so far."""

    names: set[str]
    tools: list[Tool] = field(default_factory=list[Tool])
    problems: list[Problem] = field(default_factory=list[Problem])
    waiting: list[ToolFile] = field(default_factory=list[ToolFile])
    refused: list[str] = field(default_factory=list[str])

    def take(self, found: Iterable[Tool] | Problem) -> None:
        """Take in those tools that have a name of their own; one that a file only imports from another is no second."""
        if isinstance(found, Problem):
            self.problems.append(found)
            return
        for tool in found:
            if any(tool.function is known.function for known in self.tools):
                continue
            if tool.name in self.names:
                self.problems.append(_name_taken(tool))
                continue
            self.names.add(tool.name)
            try:
                self.tools.append(_asked(tool))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever a user's function does, it is reported
                self.problems.append(_cannot_say(tool, error))


def load_tools(folder: Path, taken: Iterable[str] = ()) -> Loaded:
    """Load the tools of the user's folder, then those of installed packages; each file is run once a process.

    Args:
        folder: Its `*.py` files and packages are run, in the order of their names, where the student said yes to them;
            those that begin with `_` or `test_` are left alone. It need not exist.
        taken: Names of our own tools, which nobody else may use.
    """
    gathered = _Gathered(set(taken))
    consent = Consent(folder)
    _take_files(gathered, folder, consent)
    for name, source, load in packages():
        if consent.to(package_key(name)) == "no":
            gathered.refused.append(source)
            continue
        gathered.take(_of_package(source, load))
    return Loaded(
        tuple(gathered.tools), tuple(gathered.problems), tuple(gathered.waiting), tuple(gathered.refused)
    )


def package_key(name: str) -> str:
    """What a no to an entry point is kept under."""
    return f"package {name}"


def _take_files(gathered: _Gathered, folder: Path, consent: Consent) -> None:
    found = find(folder)
    gathered.problems += [_stray(path) for path in found.strays]
    gathered.problems += [_unreadable(path, why) for path, why in found.unreadable]
    for file in found.files:
        answer = consent.to_file(file)
        if "." in file.name:
            gathered.problems.append(_dotted(file))
        elif answer == "no":
            gathered.refused.append(str(file.path))
        elif answer is None:
            gathered.waiting.append(file)
            gathered.problems.append(_waits(file, changed=consent.changed(file)))
        else:
            gathered.take(tools_of(folder, file, helps=file.name in found.helpers))


def tools_of(
    folder: Path, file: ToolFile, *, helps: bool = False, typed: bool = False
) -> tuple[Tool, ...] | Problem:
    """Give the tools of a file to which the student said yes, or why there are none.

    Args:
        helps: Another file imports it, so it may hold none.
        typed: The person named it in a command that runs it.
    """
    try:
        module = run_file(folder, file, typed=typed)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a user's file does, it is reported
        return _broken(str(file.path), _line_in(file, error), error)
    tools = _defined(module, str(file.path))
    return tools if tools or helps else _empty(str(file.path))


def _asked(tool: Tool) -> Tool:
    """Ask a tool once whether it is available, here where its mistakes are caught."""
    if tool.unavailable is None:
        return tool
    why = tool.unavailable()
    return replace(tool, unavailable=lambda: why)


def _defined(module: ModuleType, source: str) -> tuple[Tool, ...]:
    """Give the tools that a module defines, in their order, but not those it only imports from us."""
    found = {id(value): value for value in vars(module).values() if is_tool(value) and value.source}
    return tuple(replace(tool, source=source) for tool in found.values())


def packages() -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Give each entry point's name, what it is called as a source, and what loads it."""
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value)):
        yield point.name, f"{point.name} = {point.value}", point.load


def _of_package(source: str, load: Callable[[], object]) -> tuple[Tool, ...] | Problem:
    try:
        given = load()
        if callable(given) and not is_tool(given):
            given = given()
        candidates: list[object] = [given] if is_tool(given) else list(cast("Iterable[object]", given))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a package does, it is reported
        return _broken(source, None, error)
    tools = tuple(replace(tool, source=source) for tool in candidates if is_tool(tool))
    return tools or _empty(source)


def _line_in(file: ToolFile, error: BaseException) -> int | None:
    """Find the last line of the file that led to the error."""
    if isinstance(error, SyntaxError) and error.filename == str(file.path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file.path)), None)


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


def _waits(file: ToolFile, *, changed: bool) -> Problem:
    way = f"officehours tools enable {file.name}"
    en, ko = (
        ("has changed since you said yes to it", "허락하신 뒤에 바뀐") if changed else ("is new", "새로 생긴")
    )
    return Problem(
        str(file.path),
        None,
        f"{file.path} {en}, so it was not run. Look it over, then: {way}",
        f"{file.path}: {ko} 파일이라 실행하지 않았습니다. 내용을 확인하신 뒤 {way} 명령으로 켜 주세요.",
    )


def _dotted(file: ToolFile) -> Problem:
    return Problem(
        str(file.path),
        None,
        f"{file.path} cannot be imported, as its name has a dot in it. Give it another name.",
        f"{file.path}: 이름에 점이 있어 불러올 수 없습니다. 이름을 바꿔 주세요.",
    )


def _stray(path: Path) -> Problem:
    return Problem(
        str(path),
        None,
        f"{path} is no package, so the files in it were not read. Put an __init__.py into it, or the files beside it "
        f"(tests belong into {TESTS}/).",
        f"{path}: 패키지가 아니라서 안에 있는 파일을 읽지 않았습니다. __init__.py를 넣거나 파일을 바로 위 폴더로 옮겨 "
        f"주세요(테스트는 {TESTS}/ 폴더에 둡니다).",
    )


def _unreadable(path: Path, why: str) -> Problem:
    return Problem(
        str(path),
        None,
        f"{path} cannot be read ({why}). Check its permissions.",
        f"{path}: 읽을 수 없습니다({why}). 파일 권한을 확인해 주세요.",
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
