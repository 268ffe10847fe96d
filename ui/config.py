"""`officehours config` and `officehours keys`: what is set, where it comes from, and setting it."""

from __future__ import annotations

import dataclasses
import getpass
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ..agent.settings import ENVIRONMENT, Settings, checked, find_home, load, write_values
from ..memory.errors import StoreUnwritable, UsageError
from ..memory.text import redact
from ..memory.values import trimmed
from .terminal.columns import columns
from .terminal.say import echo, localized, print_json, warn

SECRET = frozenset({"api_key"})
TABLES = frozenset({"prices", "limits", "mcpServers", "mcp_servers", "tool_policy"})
SET_HERE = frozenset({"tool_policy"})
"""Those of them whose keys are set one by one: `tool_policy.web_search`."""


_KEY = re.compile(r"[\w-]{1,64}", re.ASCII)


def show(*, as_json: bool) -> None:
    """Print every setting with where it comes from; keys are masked."""
    settings = load()
    found = {name: (_shown(settings, name), _source(settings, name)) for name in _names()}
    if as_json:
        print_json(
            {
                "path": str(settings.config_path),
                "settings": {name: {"value": value, "from": where} for name, (value, where) in found.items()},
            }
        )
        return
    echo(str(settings.config_path))
    rows = [(name, _text(value), where) for name, (value, where) in found.items()]
    for line in columns(rows):
        echo(line)


def path() -> None:
    """Print where the configuration file is, also where it cannot be read."""
    echo(str(find_home() / "config.toml"))


def put(name: str, value: str) -> None:
    """Write one setting into the configuration file.

    Raises:
        UsageError: It is a table that is edited in the file, or where state lives.
        ConfigError: There is no such setting, or it cannot have that value.
    """
    settings = load()
    table, _, key = name.partition(".")
    if name in TABLES or name == "home" or ("." in name and not (table in SET_HERE and _KEY.fullmatch(key))):
        raise UsageError(
            f"{name} is not set here. Edit {settings.config_path}; OFFICEHOURS_HOME says where state lives.",
            f"{name}: 여기서 바꾸지 않는 설정입니다. {settings.config_path} 파일을 고쳐 주세요. 저장 위치는 "
            "OFFICEHOURS_HOME으로 정합니다.",
        )
    value = trimmed(value)
    checked(table, {key: value} if key else value, settings.config_path)
    _write(settings.config_path, {name: value})
    variable = next((v for v, n in ENVIRONMENT.items() if n == name and os.environ.get(v)), None)
    if variable:
        warn(f"{variable} is set and goes before it.", f"{variable} 환경 변수가 있어 그 값이 먼저 쓰입니다.")
    shown = masked(value) if name in SECRET else redact(value)
    echo(f"{name} = {shown}")


def show_keys(*, as_json: bool) -> None:
    """Print which keys there are, masked, and where each comes from."""
    from ..agent.models.chat_completions.profiles import PROVIDERS

    settings = load()
    rows: list[tuple[str, str, str | None, str]] = []
    for provider in PROVIDERS.values():
        if provider.key is None:
            continue
        value = settings.api_key if provider.name == "openai" else os.environ.get(provider.key)
        where = _source(settings, "api_key") if provider.name == "openai" else provider.key
        rows.append((provider.name, provider.key, masked(value) if value else None, where if value else ""))
    if as_json:
        print_json(
            {"keys": [dict(zip(("provider", "variable", "key", "from"), row, strict=True)) for row in rows]}
        )
        return
    for line in columns([(name, variable, key or "-", where) for name, variable, key, where in rows]):
        echo(line)


def set_key(provider: str) -> None:
    """Ask for a key, unseen, and keep it where only this user can read it.

    Raises:
        UsageError: That provider's key is read from its own variable.
    """
    from ..agent.models.chat_completions.profiles import PROVIDERS

    if provider != "openai":
        known = PROVIDERS.get(provider)
        variable = known.key if known and known.key else f"{provider.upper()}_API_KEY"
        raise UsageError(
            f"The key of {provider} is read from {variable}. Set it in your shell: export {variable}=…",
            f"{provider} 키는 {variable} 환경 변수에서 읽습니다. 셸에서 설정해 주세요: export {variable}=…",
        )
    settings = load()
    question = localized("Key (it is not shown): ", "키(화면에 보이지 않습니다): ")
    key = trimmed(getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline())
    if not key:
        raise UsageError("No key was given; nothing was changed.", "키가 없어 아무것도 바꾸지 않았습니다.")
    checked("api_key", key, settings.config_path)
    _write(settings.config_path, {"api_key": key})
    echo(
        localized(
            f"{masked(key)} is kept in {settings.config_path}, readable by you alone.",
            f"{masked(key)} 키를 {settings.config_path} 에 저장했습니다. 본인만 읽을 수 있습니다.",
        )
    )


def masked(secret: str) -> str:
    """Give a key so that it can be recognised and not used."""
    return f"{secret[:3]}…{secret[-4:]}" if len(secret) >= 12 else "…"


def _names() -> list[str]:
    return [field.name for field in dataclasses.fields(Settings)]


def _shown(settings: Settings, name: str) -> Any:
    value = getattr(settings, name)
    if value is None:
        return None
    if name in SECRET:
        return masked(value)
    if name == "limits":
        return {f.name: _number(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if name == "mcp_servers":  # what its env and headers hold may be keys
        return {server: redact(given.place) for server, given in value.items()}
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    return value if isinstance(value, int) else redact(str(value))


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value).items()
        return ", ".join(f"{name}={part}" for name, part in parts if part is not None) or "-"
    return "-" if value is None else str(value)


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else float(value)


def _source(settings: Settings, name: str) -> str:
    if name == "home":
        return "OFFICEHOURS_HOME" if os.environ.get("OFFICEHOURS_HOME") else "default"
    variable = next((v for v, n in ENVIRONMENT.items() if n == name and os.environ.get(v)), None)
    if variable:
        return variable
    default = next(f for f in dataclasses.fields(Settings) if f.name == name)
    made = default.default_factory() if callable(default.default_factory) else default.default
    return "default" if getattr(settings, name) == made else "config.toml"


def _write(file: Path, values: dict[str, str]) -> None:
    try:
        write_values(file, values)
    except OSError as error:
        raise StoreUnwritable(
            f"{file} cannot be written ({error.strerror}). Check the permissions of its folder.",
            f"{file} 파일을 쓸 수 없습니다({error.strerror}). 폴더 권한을 확인해 주세요.",
        ) from error
