"""Where a store is: a file or a server, from what a person wrote."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ..errors import ConfigError


def parse_url(url: str | Path) -> URL:
    """Read the address of a store, a path or a URL.

    Raises:
        ConfigError: It cannot be read or names another kind of database.
    """
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite+pysqlite", database=str(url))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    match parsed.get_backend_name() if parsed else None:
        case "sqlite" if parsed and parsed.database:
            return parsed
        case "postgresql" | "postgres" if parsed:
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            raise _no_address()


def _no_address() -> ConfigError:
    # The address itself may hold a password: it is not repeated.
    return ConfigError(
        "The database address cannot be used. Give a file's path, or"
        " postgresql+psycopg://USER:PASSWORD@HOST/NAME, in OFFICEHOURS_DATABASE_URL.",
        "데이터베이스 주소를 쓸 수 없습니다. OFFICEHOURS_DATABASE_URL에 파일 경로나"
        " postgresql+psycopg://사용자:암호@호스트/이름 을 넣어 주세요.",
    )


def file_of(url: URL) -> Path:
    """Give the file that an SQLite address means.

    Raises:
        ConfigError: It means none: a memory that ends with the program, or the home of somebody unknown.
    """
    name = url.database or ""
    try:
        if name not in {"", ":memory:"} and not name.startswith("file:"):
            return Path(name).expanduser()
    except RuntimeError:  # ~somebody
        pass
    raise _no_address()
