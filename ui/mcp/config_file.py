"""One server's table in the configuration file: put in, or taken out, with every other line as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ...agent.settings import write_config
from ...memory.errors import StoreUnwritable, UsageError

TABLE = "mcpServers"
_HEAD = re.compile(
    r"""\s*\[\s*["']?mcpServers["']?\s*\.\s*(?:"(?P<basic>[^"]+)"|'(?P<literal>[^']+)'|(?P<bare>[\w-]+))\s*[.\]]"""
)


def put_server(file: Path, name: str, entry: Mapping[str, Any] | None) -> None:
    """Write a server's table in place of what is there; None takes it out.

    Raises:
        UsageError: The file says its servers in a way that only a person can change.
        StoreUnwritable: It cannot be written.
    """
    text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    wanted = tomllib.loads(text)
    table = {other: value for other, value in wanted.get(TABLE, {}).items() if other != name}
    wanted[TABLE] = table | ({name: entry} if entry is not None else {})
    lines = [line for line, of in _lines(text) if of != name]
    while lines and not lines[-1].strip():
        lines.pop()
    if entry is not None:
        lines += ["", *_table(name, entry)] if lines else _table(name, entry)
    new = "\n".join(lines) + "\n"
    if not _says(new, wanted):
        raise UsageError(
            f"The servers in {file} are written in a way that cannot be changed from here. Edit the file.",
            f"{file}에 서버가 여기서 바꿀 수 없는 꼴로 적혀 있습니다. 파일을 고쳐 주세요.",
        )
    try:
        write_config(file, new)
    except OSError as error:
        raise StoreUnwritable(
            f"{file} cannot be written ({error.strerror}). Check the permissions of its folder.",
            f"{file} 파일을 쓸 수 없습니다({error.strerror}). 폴더 권한을 확인해 주세요.",
        ) from error


def _lines(text: str) -> list[tuple[str, str | None]]:
    """Give each line with the server in whose table it stands."""
    found: list[tuple[str, str | None]] = []
    of: str | None = None
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            head = _HEAD.match(line)
            of = head["basic"] or head["literal"] or head["bare"] if head else None
        found.append((line, of))
    return found


def _table(name: str, entry: Mapping[str, Any]) -> list[str]:
    lines = [f"[{TABLE}.{_key(name)}]"]
    lines += [f"{key} = {_value(value)}" for key, value in entry.items()]
    return lines


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _value(text)


def _value(value: Any) -> str:
    """Write a text, a list of texts or a table of them as TOML; its basic strings are JSON's."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in pairs) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        found = tomllib.loads(text)
    except ValueError:
        return False
    found.setdefault(TABLE, {})
    return found == wanted
