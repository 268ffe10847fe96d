"""`officehours tools enable` and `disable`: a file by what it holds, a package or a tool by its name."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ...agent.settings import Settings, load, write_config, write_values
from ...memory.errors import UsageError
from ...tools.loading import Problem, package_key, packages, tools_of
from ...tools.user_files.consent import Consent
from ...tools.user_files.finding import ToolFile, find
from ..runtime import open_for_command
from ..terminal.say import echo, localized, prefs, print_json, say
from ..terminal.stdout import keep_stdout
from .listing import Toolbox, unknown

Kind = Literal["file", "package", "tool"]


def enable(name: str, *, as_json: bool) -> int:
    """Say yes to a file as it is now, or take back that a package or a tool was switched off; gives the exit code.

    Raises:
        NotFound: Nothing is called so.
    """
    keep_stdout()
    settings = load()
    file = _file(settings, name)
    if file is not None:
        return _enable_file(settings, file, as_json=as_json)
    kind = _kind(settings, name)
    if kind == "package":
        Consent(settings.home / "tools").keep({package_key(name): ("yes", name)})
    else:
        _enable_tool(settings, name)
    _told(name, kind, enabled=True, as_json=as_json)
    return 0


def disable(name: str, *, as_json: bool) -> None:
    """Say no to a file as it is now, or switch a package or a tool off.

    Raises:
        NotFound: Nothing is called so.
    """
    keep_stdout()
    settings = load()
    folder = settings.home / "tools"
    file = _file(settings, name)
    kind = "file" if file is not None else _kind(settings, name)
    if file is not None:
        Consent(folder).answer([part for part in file.parts if part.path == file.path], "no")
    elif kind == "package":
        Consent(folder).keep({package_key(name): ("no", name)})
    else:
        write_values(settings.config_path, {f"tool_policy.{name}": "never"})
    _told(name, kind, enabled=False, as_json=as_json)


def _file(settings: Settings, name: str) -> ToolFile | None:
    wanted = Path(name).name.removesuffix(".py")
    return next((file for file in find(settings.home / "tools").files if file.name == wanted), None)


def _kind(settings: Settings, name: str) -> Kind:
    if any(name == known for known, _source, _load in packages()):
        return "package"
    if name in settings.tool_policy:
        return "tool"
    with open_for_command(None, create=True, settings=settings) as runtime:
        box = Toolbox.of(runtime)
    if all(tool.name != name for tool in box.tools):
        raise unknown(name, box)
    return "tool"


def _enable_tool(settings: Settings, name: str) -> None:
    """Take back that a tool was switched off; one that is off with all of its effect asks before each call from now on."""
    if settings.tool_policy.get(name) == "never":
        _forget_policy(settings.config_path, name)
        settings = load()
    with open_for_command(None, create=True, settings=settings) as runtime:
        box = Toolbox.of(runtime)
    if any(tool.name == name and box.policies.of(tool) == "never" for tool in box.tools):
        write_values(settings.config_path, {f"tool_policy.{name}": "ask"})


def _forget_policy(file: Path, name: str) -> None:
    """Take a tool's policy out of the configuration file, every other line as it was.

    Raises:
        UsageError: It is written in a way that only a person can change.
    """
    text = file.read_text(encoding="utf-8-sig")
    wanted = tomllib.loads(text)
    del wanted["tool_policy"][name]
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if name not in line:
            continue
        without = "\n".join([*lines[:place], *lines[place + 1 :], ""])
        with suppress(tomllib.TOMLDecodeError):
            if {"tool_policy": {}, **tomllib.loads(without)} == wanted:
                write_config(file, without)
                return
    raise UsageError(
        f"The policy of {name} is written in {file} in a way that cannot be changed from here. Edit the file.",
        f"{file} 파일의 {name} 정책은 여기서 바꿀 수 없는 모양으로 적혀 있습니다. 파일을 고쳐 주세요.",
    )


def _enable_file(settings: Settings, file: ToolFile, *, as_json: bool) -> int:
    folder = settings.home / "tools"
    Consent(folder).answer(file.parts, "yes")
    tools = tools_of(folder, file, helps=file.name in find(folder).helpers)
    problem = tools if isinstance(tools, Problem) else None
    names = [] if isinstance(tools, Problem) else [tool.name for tool in tools]
    if as_json:
        files = [{"path": str(part.path), "sha256": part.digest} for part in file.parts]
        document = {"name": file.name, "kind": "file", "enabled": True, "files": files, "tools": names}
        print_json({**document, "problem": problem.en if problem else None})
    else:
        paths = ", ".join(str(part.path) for part in file.parts)
        echo(
            localized(
                f"On, as they are now: {paths}\nTools: {', '.join(names) or '-'}",
                f"지금 내용 그대로 켰습니다: {paths}\n도구: {', '.join(names) or '-'}",
            )
        )
    if problem:
        say(problem.say(prefs.language))
    return 1 if problem else 0


def _told(name: str, kind: Kind, *, enabled: bool, as_json: bool) -> None:
    if as_json:
        print_json({"name": name, "kind": kind, "enabled": enabled})
    elif enabled:
        echo(localized(f"{name} is on.", f"{name}: 켰습니다."))
    else:
        echo(
            localized(
                f"{name} is off. officehours tools enable {name} turns it on again.",
                f"{name}: 껐습니다. 다시 켜려면 officehours tools enable {name} 명령을 쓰세요.",
            )
        )
