"""Settings: read once, at the composition root, and passed on as values.

Order for each: command-line flag, environment, `config.toml` in the home, default. `OFFICEHOURS_HOME` moves all state.
"""

from __future__ import annotations

import difflib
import locale
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from time import monotonic
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from ..memory.errors import ConfigError, StoreUnwritable
from ..memory.text import remember_secrets

Clock = Callable[[], datetime]
"""Gives the aware UTC time that stands for now."""

WORKING_WINDOW = 128_000
"""Tokens of a larger window that are used: every turn pays for what it carries, and older talk is found again."""

DEFAULT_STUDENT = "me"
"""The handle of whoever has not said another."""

SearchMode = Literal["always", "auto", "never"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may use at most; checked in one place, `agent/billing/limits.py`.

    Attributes:
        steps: Model calls.
        tokens: Prompt and reply tokens of all its calls together.
        seconds: Wall-clock time; looked at between steps.
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
        embedder: `auto`, a model's name, a path, an /embeddings URL, or `hashing`.
        student, language, persona, zone: Who speaks with whom, and when it is there; None until known.
        search: Whether the web is searched always, when the model wants to, or never.
        prices: Unit prices per model that override the known ones, USD per million tokens.
        krw_rate, krw_rate_date: Won per dollar and the day that held; None is the shipped rate.
        now: An ISO 8601 time that stands for now, in demonstrations and tests.
    """

    home: Path
    database_url: str | None = None
    chroma_url: str | None = None
    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    window: int | None = None
    working_window: int = WORKING_WINDOW
    embedder: str = "auto"
    student: str | None = None
    language: str | None = None
    persona: str | None = None
    zone: str | None = None
    search: SearchMode = "auto"
    prices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    krw_rate: Decimal | None = None
    krw_rate_date: str | None = None
    limits: Limits = field(default_factory=Limits)
    now: datetime | None = None

    @property
    def config_path(self) -> Path:
        """The configuration file."""
        return self.home / "config.toml"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.home / 'officehours.db'}"

    def clock(self) -> Clock:
        """The clock: the real one, or one that starts at `now` and goes on from there."""
        if self.now is None:
            return lambda: datetime.now(UTC)
        start, then = monotonic(), self.now.astimezone(UTC)
        return lambda: datetime.fromtimestamp(then.timestamp() + monotonic() - start, UTC)


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


def default_home() -> Path:
    """Where state lives when `OFFICEHOURS_HOME` is not set: the platform's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("officehours", appauthor=False))


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment and from `config.toml` in the home.

    Raises:
        ConfigError: The file cannot be read, is no TOML, or holds an unknown key or a value of the wrong kind.
        StoreUnwritable: The home is a file.
    """
    home = (
        Path(environ["OFFICEHOURS_HOME"]).expanduser() if environ.get("OFFICEHOURS_HOME") else default_home()
    )
    home = Path(os.path.abspath(home))  # noqa: PTH100 - resolve() would follow links the user made on purpose
    settings = Settings(home=home)
    values = _from_file(settings.config_path)
    for variable, name in ENVIRONMENT.items():
        if environ.get(variable):
            values[name] = environ[variable]
    remember_secrets(values, environ)
    right = {name: checked(name, value, settings.config_path) for name, value in values.items()}
    return replace(settings, **right)


def system_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language of this terminal: "ko" where the locale is Korean, else "en"."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        if environ.get(variable):
            return "ko" if environ[variable].lower().startswith("ko") else "en"
    return "ko" if (locale.getlocale()[0] or "").lower().startswith("ko") else "en"


def system_zone(environ: Mapping[str, str] = os.environ) -> str:
    """The IANA name of this machine's time zone; `Etc/GMT…`, right to the hour, where it has no name."""
    named = environ.get("TZ", "").lstrip(":")
    if named and _zone(named):
        return named
    link = Path("/etc/localtime")
    if link.is_symlink():
        target = str(link.readlink())
        name = target.rpartition("zoneinfo/")[2]
        if name != target and _zone(name):
            return name
    hours = datetime.now().astimezone().strftime("%z")[:3]
    return "UTC" if hours in ("+00", "-00") else f"Etc/GMT{'-' if hours[0] == '+' else '+'}{int(hours[1:])}"


def local_time(when: datetime, zone: str) -> datetime:
    """`when` in `zone`, an IANA name; in UTC where this machine does not know the zone."""
    return when.astimezone(_zone(zone) or UTC)


def write_values(path: Path, values: Mapping[str, str]) -> None:
    """Set top-level string values in the configuration file, keeping every other line of it as it is.

    Written to a temporary file first and moved into place: a crash leaves the old file or the new one.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    head = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    for key, value in values.items():
        text = f'{key} = "{_escape(value)}"'
        place = next((i for i in range(head) if lines[i].split("=")[0].strip() == key), None)
        if place is not None:
            lines[place] = text
            continue
        lines.insert(head, text)
        head += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".toml.new")
    try:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


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
    except tomllib.TOMLDecodeError as error:
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
        return _CONVERTERS.get(name, _text)(value)
    except (ValueError, TypeError, InvalidOperation) as error:
        reason = (
            error if isinstance(error, _Unfit) else _Unfit("that is no such value", "형식이 맞지 않습니다")
        )
        variable = next((v for v, set_by in ENVIRONMENT.items() if set_by == name), None)
        or_en, or_ko = (f" or in {variable}", f" 파일이나 {variable}") if variable else ("", " 파일")
        raise ConfigError(
            f"`{name}` cannot be {value!r}: {reason.en}. Change it in {path}{or_en}.",
            f"`{name}`에 쓸 수 없는 값입니다({value!r}): {reason.ko}. {path}{or_ko}에서 고쳐 주세요.",
        ) from error


class _Unfit(ValueError):
    """What is wrong with a value, as it follows a colon."""

    def __init__(self, en: str, ko: str) -> None:
        super().__init__(en)
        self.en, self.ko = en, ko


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Unfit("this is a text in quotes", "따옴표로 묶은 글이어야 합니다")
    return value


def _url(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise _Unfit(
            "an address begins with http:// or https://, as in http://127.0.0.1:8000/v1",
            "http://127.0.0.1:8000/v1처럼 http://나 https://로 시작하는 주소여야 합니다",
        )
    return value


def _window(value: Any) -> int:
    unfit = _Unfit("a window is 1024 to 10000000 tokens", "1024에서 10000000 사이의 토큰 수여야 합니다")
    try:
        window = int(value)
    except (TypeError, ValueError) as error:
        raise unfit from error
    if not 1_024 <= window <= 10_000_000:
        raise unfit
    return window


def _now(value: Any) -> datetime:
    try:
        now = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise _Unfit(
            "a time is written 2026-11-21T09:00:00+09:00",
            "2026-11-21T09:00:00+09:00처럼 적은 시각이어야 합니다",
        ) from error
    return now if now.tzinfo else now.astimezone()


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise _Unfit("a day is written 2026-11-21", "2026-11-21처럼 적은 날짜여야 합니다") from error


def _known_zone(value: Any) -> str:
    if not isinstance(value, str) or _zone(value) is None:
        raise _Unfit(
            "a zone is an IANA name such as Asia/Seoul", "Asia/Seoul 같은 IANA 시간대 이름이어야 합니다"
        )
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Unfit("this is a table", "표([이름] 아래에 적는 값들)여야 합니다")
    return cast("dict[str, Any]", value)


def _prices(value: Any) -> dict[str, Any]:
    prices = _table(value)
    if not all(isinstance(unit, dict) for unit in prices.values()):
        raise _Unfit(
            "each model has a table of its own: [prices.NAME]", "모델마다 [prices.이름] 표가 있어야 합니다"
        )
    return prices


def _one_of(value: Any, *allowed: str) -> str:
    if value not in allowed:
        listed = ", ".join(allowed)
        raise _Unfit(f"it is one of {listed}", f"{listed} 중 하나여야 합니다")
    return value


def _positive(value: Any) -> Decimal:
    unfit = _Unfit("it is a number above 0", "0보다 큰 수여야 합니다")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise unfit from error
    if not number.is_finite() or number <= 0:
        raise unfit
    return number


def _limits(value: Any) -> Limits:
    table, known = _table(value), {f.name for f in fields(Limits)}
    if unknown := set(table) - known:
        listed = ", ".join(sorted(known))
        raise _Unfit(
            f"unknown limit {min(unknown)!r}; known are {listed}",
            f"{min(unknown)!r} 한도는 없습니다. 쓸 수 있는 것: {listed}",
        )
    numbers = {k: _positive(v) for k, v in table.items()}
    kinds = {"steps": int, "tokens": int, "seconds": float}
    return Limits(**{k: kinds.get(k, Decimal)(v) for k, v in numbers.items()})  # pyright: ignore[reportArgumentType]


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "window": _window,
    "working_window": _window,
    "now": _now,
    "base_url": _url,
    "language": lambda value: _one_of(value, "ko", "en"),
    "search": lambda value: _one_of(value, "always", "auto", "never"),
    "krw_rate": _positive,
    "krw_rate_date": _day,
    "zone": _known_zone,
    "limits": _limits,
    "prices": _prices,
}
