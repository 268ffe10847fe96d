"""The servers that `mcpServers` in the settings names, written as other MCP clients write them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from ...memory.errors import ToolError
from ...memory.text import remember_secrets
from ...memory.values import Unfit, http_address, plain_text, table

Kind = Literal["stdio", "http", "sse"]

SECONDS = 60.0
"""How long a call may take where the server's `timeout` says nothing else."""

MOST_SECONDS = 3_600.0
"""A `timeout` above it is in milliseconds, as some clients write it."""

LONGEST_NAME = 40
"""Characters of a server's name: it may stand before a tool's."""

NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{LONGEST_NAME - 1}}}")
_VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^}]*))?\}")
_TELLING = re.compile(r"key|token|secret|password|authorization|cookie", re.IGNORECASE)
_TYPES: dict[object, Kind] = {
    "stdio": "stdio",
    "http": "http",
    "streamable-http": "http",
    "streamableHttp": "http",
    "sse": "sse",
}
_KNOWN = frozenset(
    {
        "args",
        "command",
        "cwd",
        "disabled",
        "enabled",
        "env",
        "excludeTools",
        "headers",
        "httpUrl",
        "includeTools",
        "timeout",
        "type",
        "url",
    }
)


@dataclass(frozen=True, slots=True)
class Server:
    """One server as the settings name it.

    Attributes:
        kind: How it is spoken to: a program that is started here, streamable HTTP, or the old HTTP that is not spoken.
        command, args, env, cwd: Of a program. It gets `env` and what any program needs, not this one's environment.
        url, headers: Of the others.
        timeout: Seconds that a call may take.
        disabled: It is named, and not used.
        include, exclude: Its tools that are wanted, all where it is None, and those that are not.
        ignored: What else the settings say of it, which other clients may read.
    """

    name: str
    kind: Kind
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cwd: str | None = None
    url: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeout: float = SECONDS
    disabled: bool = False
    include: frozenset[str] | None = None
    exclude: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where its tools are from, as a person is told."""
        return f"mcp {self.name}"

    @property
    def place(self) -> str:
        """Where it is, or what starts it."""
        return self.url or " ".join([self.command, *self.args])

    @property
    def fingerprint(self) -> str:
        """What tells this server from another one of the same name; no secret's value goes in."""
        parts = [self.kind, self.command, self.args, self.cwd, self.url]
        names = [sorted(name for name, _ in pairs) for pairs in (self.env, self.headers)]
        return hashlib.sha256(json.dumps([parts, names]).encode()).hexdigest()[:32]

    def wants(self, tool: str) -> bool:
        """Whether a tool of it, by its own name, is wanted."""
        return (self.include is None or tool in self.include) and tool not in self.exclude

    def expanded(self, environ: Mapping[str, str] = os.environ) -> Server:
        """Give the server with `${NAME}` and `${NAME:-default}` replaced by what the environment holds.

        Raises:
            ToolError: A variable is not set; the text names it.
        """

        def value(text: str) -> str:
            return _VARIABLE.sub(lambda found: _looked_up(found[1], found[2], self.name, environ), text)

        ready = replace(
            self,
            command=value(self.command),
            args=tuple(map(value, self.args)),
            env=tuple((name, value(text)) for name, text in self.env),
            cwd=value(self.cwd) if self.cwd else None,
            url=value(self.url),
            headers=tuple((name, value(text)) for name, text in self.headers),
        )
        for name, text in (*ready.env, *ready.headers):
            if _TELLING.search(name):
                remember_secrets({"api_key": text.rpartition(" ")[2]}, {})
        return ready


def _looked_up(name: str, default: str | None, server: str, environ: Mapping[str, str]) -> str:
    found = environ.get(name) or default
    if found is None:
        raise ToolError(
            f"The MCP server {server} needs the environment variable {name}, which is not set.",
            f"MCP 서버 {server}에 필요한 환경 변수 {name}이(가) 없습니다.",
            ours=True,
        )
    return found


def read_servers(value: Any) -> dict[str, Server]:
    """Read the table `mcpServers`.

    Raises:
        Unfit: It is none, or says something of a server that cannot be.
    """
    return {name: _server(name, given) for name, given in table(value).items()}


def _server(name: str, value: Any) -> Server:
    if not NAME.fullmatch(name):
        raise Unfit(
            f"a server's name is letters, digits, _ . and -, at most {LONGEST_NAME}",
            f"서버 이름은 영문자, 숫자, _ . -로 {LONGEST_NAME}자까지입니다",
        )
    given = table(value)
    url = given.get("url") or given.get("httpUrl") or ""
    command = given.get("command") or ""
    kind = _TYPES.get(given.get("type", "http" if url else "stdio"))
    if kind is None or bool(url) == bool(command) or (kind == "stdio") == bool(url):
        raise Unfit(
            f'{name} has either a command (type "stdio") or a url (type "http")',
            f'{name}에는 command(type "stdio")나 url(type "http") 가운데 하나가 있어야 합니다',
        )
    return Server(
        name,
        kind,
        command=plain_text(command),
        args=_texts(name, "args", given.get("args", [])),
        env=_pairs(name, "env", given.get("env", {})),
        cwd=plain_text(given["cwd"]) if given.get("cwd") else None,
        url=_address(url) if url else "",
        headers=_pairs(name, "headers", given.get("headers", {})),
        timeout=_seconds(name, given.get("timeout", SECONDS)),
        disabled=given.get("disabled", False) is True or given.get("enabled", True) is False,
        include=frozenset(_texts(name, "includeTools", given["includeTools"]))
        if "includeTools" in given
        else None,
        exclude=frozenset(_texts(name, "excludeTools", given.get("excludeTools", []))),
        ignored=tuple(sorted(set(given) - _KNOWN)),
    )


def _address(value: Any) -> str:
    """Read an address that stays as it is written; what a variable holds is seen only when it is used."""
    text = plain_text(value)
    if "${" not in text:
        http_address(text.partition("?")[0])
    return text


def _texts(server: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in cast("list[Any]", value)):
        raise Unfit(f"{key} of {server} is a list of texts", f"{server}의 {key}은(는) 글의 목록이어야 합니다")
    return tuple(cast("list[str]", value))


def _pairs(server: str, key: str, value: Any) -> tuple[tuple[str, str], ...]:
    entries = cast("dict[str, Any]", value) if isinstance(value, dict) else {"": None}
    pairs = {name: str(text) if isinstance(text, int | float) else text for name, text in entries.items()}
    if not all(isinstance(text, str) and text.isprintable() for text in pairs.values()):
        raise Unfit(
            f"{key} of {server} is a table of texts", f"{server}의 {key}은(는) 이름과 글의 표여야 합니다"
        )
    return tuple(cast("dict[str, str]", pairs).items())


def _seconds(server: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise Unfit(
            f"timeout of {server} is a number of seconds", f"{server}의 timeout은 초를 나타내는 수여야 합니다"
        )
    return value / 1000 if value > MOST_SECONDS else float(value)
