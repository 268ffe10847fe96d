"""Settings: read once, at the composition root, and passed on as values.

Order for each: command-line flag, environment, `config.toml` in the home, default. `OFFICEHOURS_HOME` moves all state.
"""

from __future__ import annotations

import difflib
import locale
import os
import re
import reprlib
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from ..memory.dates import find_zone, zone_of
from ..memory.errors import ConfigError, StoreUnwritable
from ..memory.private import close_home, replace_private
from ..memory.text import remember_secrets
from ..memory.values import (
    Unfit,
    calendar_day,
    http_address,
    known_zone,
    moment,
    one_of,
    plain_text,
    positive,
    price_table,
    table,
    trimmed,
    window_size,
)
from ..persona.modes import MODES, Mode
from ..tools.mcp.servers import Server, read_servers
from ..tools.policy import POLICIES, Policy

if TYPE_CHECKING:  # it brings NumPy along
    from ..memory.embedding import Embedder

Clock = Callable[[], datetime]
"""Gives the aware UTC time that stands for now."""

WORKING_WINDOW = 128_000
"""Tokens of a larger window that are used: every turn pays for what it carries, and older talk is found again."""

DEFAULT_STUDENT = "me"
"""The handle of whoever has not said another."""

LOCALTIME = Path("/etc/localtime")

_BLANKS_AND_QUOTES = re.compile(r"[\s\"']")

SearchMode = Literal["always", "auto", "never"]

AnswerLock = Literal["standard", "strict"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may use at most; checked in one place, `agent/billing/limits.py`.

    Attributes:
        steps: Model calls.
        tokens: Prompt and reply tokens of all its calls together.
        seconds: Wall-clock time, of a reply that is being streamed too.
        usd: Cost of the turn; None is no limit.
        daily_usd: Cost of the day; once it is reached the study model answers until midnight.
        daily_krw: The same in won.
    """

    steps: int = 12
    tokens: int = 1_000_000
    seconds: float = 600.0
    usd: Decimal | None = None
    daily_usd: Decimal | None = None
    daily_krw: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set.

    Attributes:
        home: Where all state lives.
        database_url: An SQLAlchemy URL; None is the SQLite file in the home.
        chroma_url: A Chroma server; None is the folder in the home.
        model, base_url, api_key: See `agent/models/chat_completions/discovery.py`.
        window: Overrides the model's context window, in tokens.
        working_window: Of a window larger than this only so many tokens are used.
        embedder: `auto`, a model's name, a path, an /embeddings URL, or `hashing`; in a program also an embedder.
        student, language, persona, zone: Who speaks with whom, and when it is there; None until known.
        teaching_mode: How students are taught where they chose nothing for the conversation; None leaves it to the
            professor.
        search: Whether the web is searched always, when the model wants to, or never.
        code: Whether a model may run programs, each once the student has seen it and said yes, or never.
        tool_policy: Whether a tool, or every tool of an effect, is called always, asked for first, or never called; see
            `tools/policy.py`.
        answer_lock: How tightly answers of problems are locked. No flag and no variable says it: nothing loosens it.
        prices: Unit prices per model that override the known ones, USD per million tokens.
        krw_rate, krw_rate_date: Won per dollar and the day that held; None is the shipped rate.
        now: An ISO 8601 time that stands for now, in demonstrations and tests.
        mcp_servers: MCP servers whose tools a model may call; `mcpServers` in the file, as other clients write it.
    """

    home: Path
    database_url: str | None = None
    chroma_url: str | None = None
    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    window: int | None = None
    working_window: int = WORKING_WINDOW
    embedder: Embedder | str = "auto"
    student: str | None = None
    language: str | None = None
    persona: str | None = None
    zone: str | None = None
    teaching_mode: Mode | None = None
    search: SearchMode = "auto"
    code: Literal["ask", "never"] = "never"
    tool_policy: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    answer_lock: AnswerLock = "standard"
    prices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    krw_rate: Decimal | None = None
    krw_rate_date: str | None = None
    limits: Limits = field(default_factory=Limits)
    now: datetime | None = None
    mcp_servers: Mapping[str, Server] = field(default_factory=dict[str, Server])

    @property
    def config_path(self) -> Path:
        """The configuration file."""
        return self.home / "config.toml"

    @property
    def database(self) -> str | Path:
        """Where the database is: a URL, or a file, whose name may look like the parts of one."""
        return self.database_url or self.home / "officehours.db"

    def clock(self) -> Clock:
        """The clock: the real one, or one that starts at `now` and goes on from there."""
        if self.now is None:
            return lambda: datetime.now(UTC)
        start, then = time.monotonic(), self.now.astimezone(UTC)
        return lambda: datetime.fromtimestamp(then.timestamp() + time.monotonic() - start, UTC)


ENVIRONMENT = {
    "OFFICEHOURS_DATABASE_URL": "database_url",
    "OFFICEHOURS_CHROMA_URL": "chroma_url",
    "OFFICEHOURS_MODEL": "model",
    "OFFICEHOURS_EMBEDDER": "embedder",
    "OFFICEHOURS_WINDOW": "window",
    "OPENAI_API_KEY": "api_key",
    "OPENAI_BASE_URL": "base_url",
    "OFFICEHOURS_NOW": "now",
}
"""Which variable sets what."""

SPELT = {"mcpServers": "mcp_servers"}
"""Settings that the file spells as other programs do."""


def default_home() -> Path:
    """Where state lives when `OFFICEHOURS_HOME` is not set: the platform's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("officehours", appauthor=False))


def find_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Where state lives, an absolute path.

    Raises:
        ConfigError: It is in the folder of a user whom this machine does not know.
    """
    named = environ.get("OFFICEHOURS_HOME", "").strip("\r\n")
    try:
        home = Path(named).expanduser() if named else default_home()
        if home.parts[:1] == ("~",):
            raise RuntimeError
        return Path(os.path.abspath(home))  # noqa: PTH100 - resolve() would follow links the user made on purpose
    except (RuntimeError, OSError) as error:
        raise ConfigError(
            "There is no folder to keep your conversations in: set OFFICEHOURS_HOME to a whole path, such as "
            "/home/me/officehours (HOME may be missing).",
            "대화를 저장할 폴더를 찾을 수 없습니다. OFFICEHOURS_HOME에 /home/me/officehours 같은 전체 경로를 지정해 "
            "주세요(HOME이 없을 수 있습니다).",
        ) from error


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment and from `config.toml` in the home.

    Raises:
        ConfigError: The file cannot be read, is no TOML, or holds an unknown key or a value of the wrong kind.
        StoreUnwritable: The home is a file.
    """
    settings = Settings(home=find_home(environ))
    values = {SPELT.get(name, name): value for name, value in _from_file(settings.config_path).items()}
    values |= {n: text for variable, n in ENVIRONMENT.items() if (text := trimmed(environ.get(variable, "")))}
    remember_secrets(values, environ)
    right = {name: checked(name, value, settings.config_path) for name, value in values.items()}
    return replace(settings, **right)


def system_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of this terminal: "ko" where the locale is Korean, else "en"."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        if environ.get(variable):
            return "ko" if environ[variable].lower().startswith("ko") else "en"
    return "ko" if (locale.getlocale()[0] or "").lower().startswith("ko") else "en"


def system_zone(
    environ: Mapping[str, str] = os.environ, when: datetime | None = None, localtime: Path = LOCALTIME
) -> str:
    """The IANA name of this machine's zone; where it has none, how far its clock is from UTC.

    Args:
        environ: Where `TZ` may be.
        when: The moment that the clock is asked about, aware; now by default.
        localtime: What holds where `TZ` is not set, a link to a zone or a copy of one.
    """
    told = environ.get("TZ")
    named = str(localtime) if told is None or told == "localtime" else told.removeprefix(":")
    if Path(named).is_absolute():
        named = os.path.realpath(named).rpartition("zoneinfo/")[2]
    if not Path(named).is_absolute() and find_zone(named) is not None:
        return named
    ahead = time.localtime(when.timestamp() if when else None).tm_gmtoff // 60
    hours, minutes = divmod(abs(ahead), 60)
    west = f"{hours if ahead < 0 else -hours:+d}"  # the names of these zones count the other way
    if minutes or find_zone(f"Etc/GMT{west}") is None:
        return f"{'-' if ahead < 0 else '+'}{hours:02}:{minutes:02}" if hours < 24 else "UTC"
    return f"Etc/GMT{west}" if hours else "UTC"


def local_time(when: datetime, zone: str) -> datetime:
    """`when` in `zone`, a zone's name; in UTC where this machine does not know the zone."""
    return when.astimezone(zone_of(zone))


def write_values(path: Path, values: Mapping[str, str]) -> None:
    """Set string values in the configuration file, keeping every other line of it as it is.

    Args:
        values: By their keys; `table.key` is a key of a table.

    Raises:
        ConfigError: The file holds the table in a way that takes no further line.
    """
    lines = path.read_text(encoding="utf-8-sig").rstrip("\n").split("\n") if path.exists() else []
    for key, value in values.items():
        _put_line(lines, key, f'"{_escape(value)}"')
    if any("." in key for key in values):
        _still_readable(path, lines)
    write_config(path, "\n".join(lines) + "\n")


def write_config(path: Path, text: str) -> None:
    """Put a text in the place of the configuration file.

    It may hold a key, so it is its owner's alone.
    """
    path = Path(os.path.realpath(path))  # a link that the user made stays one
    replace_private(path, text)
    close_home(path.parent)


def _put_line(lines: list[str], key: str, value: str) -> None:
    """Set a key where it stands, else at the end of its table, else before the first table."""
    heads = [place for place, line in enumerate(lines) if line.lstrip().startswith("[")]
    start, end, name = 0, heads[0] if heads else len(lines), key
    table, _, inner = key.rpartition(".")
    own = next((place for place in heads if lines[place].split("#")[0].strip() == f"[{table}]"), None)
    if table and own is not None:
        start, end, name = own + 1, next((place for place in heads if place > own), len(lines)), inner
    for place in range(start, end):
        if _BLANKS_AND_QUOTES.sub("", lines[place].split("=")[0]) == name:
            lines[place] = f"{name} = {value}"
            return
    while end > start and table and own is not None and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, f"{name} = {value}")


def _still_readable(path: Path, lines: list[str]) -> None:
    try:
        tomllib.loads("\n".join(lines))
    except ValueError as error:
        raise ConfigError(
            f"{path} holds that table in a way that takes no further line. Set it there by hand.",
            f"{path} 파일에 그 표가 한 줄로 적혀 있어 줄을 더할 수 없습니다. 파일에서 직접 고쳐 주세요.",
        ) from error


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except NotADirectoryError as error:
        raise StoreUnwritable(
            f"{path.parent} is a file where a folder should be. Move it away, or name another in OFFICEHOURS_HOME.",
            f"폴더가 있어야 할 {path.parent} 자리에 파일이 있습니다. 옮기거나 OFFICEHOURS_HOME에 다른 폴더를 지정해 주세요.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8 and try again.",
            f"{path} 파일이 UTF-8이 아닙니다({error.start}번째 바이트). UTF-8로 저장한 뒤 다시 시도해 주세요.",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}). Check the file and the permissions of its folder.",
            f"{path} 파일을 읽을 수 없습니다({error.strerror}). 파일과 폴더 권한을 확인해 주세요.",
        ) from error
    try:
        return dict(tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is no TOMLDecodeError
        line = re.search(r"line (\d+)", str(error))
        place = f"{line[1]}번째 줄" if line else "끝"
        raise ConfigError(
            f"{path} is not valid TOML: {error}. Mend that place, or move the file away to start with defaults; "
            "your conversations are not touched.",
            f"{path} 파일 {place}의 TOML 문법이 잘못됐습니다. 그 자리를 고치거나 파일을 옮겨 두면 기본값으로 "
            "시작합니다. 대화 기록은 그대로입니다.",
        ) from error


def checked(name: str, value: Any, path: Path) -> Any:
    """Give a setting's value as `Settings` holds it.

    Args:
        value: As the environment or the file at `path` says it.

    Raises:
        ConfigError: There is no such setting, or it cannot have that value.
    """
    known = {f.name for f in fields(Settings)} - {"home"}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint_en = f" Did you mean `{near[0]}`?" if near else f" Known keys: {', '.join(sorted(known))}."
        hint_ko = f" 혹시 `{near[0]}`인가요?" if near else f" 쓸 수 있는 키: {', '.join(sorted(known))}."
        raise ConfigError(
            f"{path}: unknown key `{name}`.{hint_en}", f"{path}: 모르는 키가 있습니다: `{name}`.{hint_ko}"
        )
    try:
        return _READERS.get(name, plain_text)(value)
    except Unfit as reason:
        variable = next((v for v, set_by in ENVIRONMENT.items() if set_by == name), None)
        # A key and a database's address, which may hold a password, are not repeated.
        shown = "…" if name in {"api_key", "database_url", "mcp_servers"} else reprlib.repr(value)
        or_en, or_ko = (f" or in {variable}", f" 파일이나 {variable}") if variable else ("", " 파일")
        name = next((spelt for spelt, meant in SPELT.items() if meant == name), name)
        raise ConfigError(
            f"`{name}` cannot be {shown}: {reason.en}. Change it in {path}{or_en}.",
            f"`{name}`에 쓸 수 없는 값입니다({shown}): {reason.ko}. {path}{or_ko}에서 고쳐 주세요.",
        ) from reason


def _limits(value: Any) -> Limits:
    given, known = table(value), {f.name for f in fields(Limits)}
    if unknown := set(given) - known:
        listed = ", ".join(sorted(known))
        raise Unfit(
            f"unknown limit {min(unknown)!r}; known are {listed}",
            f"{min(unknown)!r} 한도는 없습니다. 쓸 수 있는 것: {listed}",
        )
    numbers = {k: positive(v) for k, v in given.items()}
    kinds = {"steps": int, "tokens": int, "seconds": float}
    if any(number < 1 for k, number in numbers.items() if kinds.get(k) is int):
        raise Unfit("steps and tokens are at least 1", "steps와 tokens는 1 이상이어야 합니다")
    return Limits(**{k: kinds.get(k, Decimal)(v) for k, v in numbers.items()})  # pyright: ignore[reportArgumentType]


def _tool_policy(value: Any) -> dict[str, Policy]:
    read = one_of(*POLICIES)
    return {name: cast("Policy", read(policy)) for name, policy in table(value).items()}


_READERS: dict[str, Callable[[Any], Any]] = {
    "window": window_size,
    "working_window": window_size,
    "now": moment,
    "base_url": http_address,
    "chroma_url": http_address,
    "language": one_of("ko", "en"),
    "teaching_mode": one_of(*MODES),
    "search": one_of("always", "auto", "never"),
    "code": one_of("ask", "never"),
    "tool_policy": _tool_policy,
    "answer_lock": one_of("standard", "strict"),
    "krw_rate": positive,
    "krw_rate_date": calendar_day,
    "zone": known_zone,
    "limits": _limits,
    "prices": price_table,
    "mcp_servers": read_servers,
}
