"""Looking over an installation: what works, what does not, and how to mend it."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..memory.embedding import PACKAGED, packaged_embedder
from ..memory.errors import NotFound, OfficeHoursError, ServerUnreachable
from .models.chat_completions.client import OpenAIModel
from .models.chat_completions.discovery import resolve_model, served_models
from .models.chat_completions.profiles import PROVIDERS
from .runtime import Runtime, open_runtime
from .settings import Settings, load

Status = Literal["ok", "warn", "fail"]

LOW_DISK = 500_000_000
"""Bytes below which a student should know that the disk is filling."""

NO_DISK = 1_000_000
"""Bytes below which nothing more can be stored."""

EMBEDDER_SECONDS = 60.0
"""How long an embedder may take to load here; the first download of a model is longer and no fault."""

WEB = ("html.duckduckgo.com", 443)
"""Where the web search goes."""

WEB_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one part.

    Attributes:
        name: "settings", "home", "disk", "database", "index", "embedder", "model", "tools", "personas", "terminal"
            or "network".
        en, ko: What was found, and what to do where it is not ok.
        details: The same as values, for programs.
    """

    name: str
    status: Status
    en: str
    ko: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def say(self, language: str) -> str:
        """Give the text in `language`."""
        return self.ko if language == "ko" else self.en


def examine(student: str | None = None, stdout_encoding: str | None = None) -> Iterator[Check]:
    """Look at one part after the other; a part that fails does not keep the others from being looked at.

    Args:
        student: Whose memory is looked at; none is made.
        stdout_encoding: How the terminal's output is encoded.
    """
    yield _python()
    yield _terminal(stdout_encoding or "")
    try:
        settings = load()
    except OfficeHoursError as error:
        yield _failed("settings", error)
        return
    yield Check("settings", "ok", *_both(f"{settings.config_path}"), {"path": str(settings.config_path)})
    yield _home(settings.home)
    yield _disk(settings.home)
    yield from _memory(settings, student)
    yield _guarded("model", lambda: _model(settings))
    yield _guarded("personas", lambda: _personas(settings))
    yield _guarded("tools", lambda: _tools(settings))
    yield _network()


def _python() -> Check:
    from .. import __version__

    version = platform.python_version()
    text = f"officehours {__version__}, Python {version}, {platform.system()} {platform.machine()}"
    return Check("program", "ok", text, text, {"version": __version__, "python": version})


def _terminal(encoding: str) -> Check:
    name = (encoding or locale.getpreferredencoding(do_setlocale=False)).lower()
    details = {"encoding": name, "locale": os.environ.get("LC_ALL") or os.environ.get("LANG") or ""}
    if name.replace("-", "").replace("_", "") == "utf8":
        return Check("terminal", "ok", *_both("UTF-8"), details)
    return Check(
        "terminal",
        "warn",
        f"Output is encoded as {name}: letters that it lacks are replaced. Set PYTHONUTF8=1, or a UTF-8 locale such as "
        "LANG=ko_KR.UTF-8.",
        f"출력 인코딩이 {name}라서 표시하지 못하는 글자는 바뀌어 나옵니다. PYTHONUTF8=1 이나 LANG=ko_KR.UTF-8 처럼 "
        "UTF-8 로캘을 설정해 주세요.",
        details,
    )


def _home(home: Path) -> Check:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return Check(
            "home",
            "fail",
            f"{home} cannot be written ({error.strerror}). Change its permissions, or name another folder in "
            "OFFICEHOURS_HOME.",
            f"{home} 폴더에 쓸 수 없습니다({error.strerror}). 권한을 고치거나 OFFICEHOURS_HOME에 다른 폴더를 "
            "지정해 주세요.",
            {"path": str(home)},
        )
    return Check("home", "ok", *_both(str(home)), {"path": str(home)})


def _disk(home: Path) -> Check:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    used = sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) if home.exists() else 0
    details = {"free_bytes": free, "used_bytes": used}
    en, ko = f"{_size(free)} free, {_size(used)} used", f"남은 공간 {_size(free)}, 사용 {_size(used)}"
    if free >= LOW_DISK:
        return Check("disk", "ok", en, ko, details)
    status = "warn" if free >= NO_DISK else "fail"
    return Check("disk", status, f"{en}. Make room soon.", f"{ko}. 공간을 비워 주세요.", details)


def _memory(settings: Settings, student: str | None) -> Iterator[Check]:
    try:
        runtime = open_runtime(settings, student, create=False)
    except NotFound:
        yield _guarded("database", lambda: _empty_database(settings))
        yield Check("index", "ok", "nothing to index yet", "아직 색인할 것이 없습니다")
        return
    except OfficeHoursError as error:
        yield _failed("database", error)
        return
    with runtime:
        yield _guarded("database", lambda: _database(runtime))
        yield _guarded("index", lambda: _index(runtime))
        yield _guarded("embedder", lambda: _embedder(runtime))


def _empty_database(settings: Settings) -> Check:
    from ..memory.store import Database

    with Database.open(settings.database) as db:
        where = str(db.path) if db.path else db.dialect
    return Check(
        "database", "ok", f"{where}, no student yet", f"{where}, 아직 학생이 없습니다", {"where": where}
    )


def _database(runtime: Runtime) -> Check:
    from sqlalchemy import text

    from ..memory.store.migrations import HEAD

    db = runtime.db
    where = str(db.path) if db.path else db.dialect
    details: dict[str, Any] = {"where": where, "dialect": db.dialect, "revision": HEAD}
    if db.dialect == "sqlite":
        with db.read() as connection:
            found = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(5)"))]
        details["integrity"] = found
        if found != ["ok"]:
            return Check(
                "database",
                "fail",
                f"{where} is damaged. Put a backup back: officehours db restore FILE; what is there is moved aside.",
                f"{where} 파일이 손상되었습니다. 백업을 되돌려 주세요: officehours db restore 파일. 지금 것은 옆에 옮겨 둡니다.",
                details,
            )
    return Check("database", "ok", *_both(f"{where} ({db.dialect}, {HEAD})"), details)


def _index(runtime: Runtime) -> Check:
    reports = runtime.index.verify()
    details = {
        report.scope: {"items": report.items, "waiting": report.waiting, "fault": report.fault}
        for report in reports
    }
    items, waiting = sum(r.items for r in reports), sum(r.waiting for r in reports)
    en = f"{items} items" + (f", {waiting} wait to be embedded" if waiting else "")
    ko = f"항목 {items}개" + (f", 임베딩을 기다리는 것 {waiting}개" if waiting else "")
    if any(report.fault == "closed" for report in reports):
        return Check(
            "index",
            "ok",
            f"{en}; another program holds the index just now, and searches go on without it",
            f"{ko}. 지금은 다른 프로그램이 색인을 쓰고 있어 색인 없이 검색합니다",
            details,
        )
    if all(report.sound for report in reports):
        return Check("index", "ok", en, ko, details)
    return Check(
        "index",
        "warn",
        f"{items} items; the index does not match the database. Nothing is lost: officehours memory verify --repair",
        f"항목 {items}개. 색인이 데이터베이스와 다릅니다. 잃어버린 것은 없습니다: officehours memory verify --repair",
        details,
    )


def _embedder(runtime: Runtime) -> Check:
    ready = runtime.embedder.wait(EMBEDDER_SECONDS)
    setting = runtime.settings.embedder
    if not ready:
        return Check(
            "embedder",
            "warn",
            f"{setting} is not loaded after {EMBEDDER_SECONDS:.0f} s (a first download takes longer). Until it is, "
            "words alone are searched.",
            f"{setting} 임베더를 {EMBEDDER_SECONDS:.0f}초 안에 불러오지 못했습니다(처음 내려받을 때는 더 걸립니다). "
            "그동안은 낱말로만 찾습니다.",
            {"setting": setting},
        )
    row = runtime.embedder.row
    details = {"setting": setting, "name": row.name, "dimensions": row.dimensions}
    en = ko = f"{row.name} ({row.dimensions})"
    if row.name == PACKAGED and packaged_embedder() is not None:
        en += "; it knows English only. For Korean too: officehours memory reindex --embedder auto"
        ko += ". 영어만 압니다. 한국어도 뜻으로 찾으려면: officehours memory reindex --embedder auto"
    return Check("embedder", "ok", en, ko, details)


def _model(settings: Settings) -> Check:
    why_en, why_ko = _reason(settings)
    model = resolve_model(
        settings.model, base_url=settings.base_url, api_key=settings.api_key, window=settings.window
    )
    if model is None:
        asked = settings.model == "study"
        return Check(
            "model",
            "ok",
            "the study model, which is no language model"
            + (
                f" ({why_en})"
                if asked
                else " (no model is set and no server answers here). To add one: set "
                "OPENAI_API_KEY, or start Ollama, or: officehours config set model PROVIDER:MODEL"
            ),
            "학습 모델(언어 모델이 아닙니다)"
            + (
                f" ({why_ko})"
                if asked
                else ". 설정된 모델도, 이 컴퓨터에서 찾은 모델 서버도 없습니다. 모델을 쓰려면 "
                "OPENAI_API_KEY를 설정하거나, Ollama를 켜거나, officehours config set model 제공자:모델 을 실행해 주세요"
            ),
            {"name": "study", "provider": "study", "window": None, "reachable": True},
        )
    profile = model.profile
    where = f"{profile.name} · {profile.provider} · {profile.window:,}"
    details: dict[str, Any] = {
        "name": profile.name,
        "provider": profile.provider,
        "window": profile.window,
        "local": profile.local,
    }
    try:
        # The internet may be behind a proxy, with which the model's own client deals.
        served = (
            served_models(model.base_url, _key_for(model, settings)) if profile.local else model.model_names()
        )
    except OfficeHoursError as error:
        return Check(
            "model",
            "fail",
            f"{where} ({why_en}): {error.en}",
            f"{where} ({why_ko}): {error.ko}",
            details | {"reachable": not isinstance(error, ServerUnreachable), "kind": type(error).__name__},
        )
    details["reachable"] = True
    if served and profile.name not in served:
        return Check(
            "model",
            "warn",
            f"{where} ({why_en}); the server does not list it. It has: {', '.join(served[:8])}.",
            f"{where} ({why_ko}). 서버 목록에 없는 모델입니다. 있는 모델: {', '.join(served[:8])}.",
            details,
        )
    return Check("model", "ok", f"{where} ({why_en})", f"{where} ({why_ko})", details)


def _key_for(model: OpenAIModel, settings: Settings) -> str | None:
    provider = next((p for p in PROVIDERS.values() if p.base_url == model.base_url), None)
    if provider is None or provider.name == "openai":
        return settings.api_key
    return os.environ.get(provider.key) if provider.key else None


def _reason(settings: Settings) -> tuple[str, str]:
    if os.environ.get("OFFICEHOURS_MODEL"):
        return "OFFICEHOURS_MODEL names it", "OFFICEHOURS_MODEL이 지정"
    if settings.model:
        return "the configuration names it", "설정 파일이 지정"
    if settings.base_url:
        return "the first one at OPENAI_BASE_URL", "OPENAI_BASE_URL 서버의 첫 모델"
    if settings.api_key:
        return "there is a key and no other choice", "키가 있고 따로 고른 모델이 없음"
    return "a server on this machine has it", "이 컴퓨터의 서버에서 찾음"


def _personas(settings: Settings) -> Check:
    from ..persona import registry

    folder = settings.home / "personas"
    broken = registry.problems(folder)
    names = [persona.id for persona in registry.all(folder)]
    details = {"personas": names, "problems": [error.en for error in broken]}
    if broken:
        return Check(
            "personas",
            "warn",
            " ".join(error.en for error in broken),
            " ".join(error.ko for error in broken),
            details,
        )
    return Check("personas", "ok", *_both(", ".join(names)), details)


def _tools(settings: Settings) -> Check:
    from ..tools.loading import load_tools

    loaded = load_tools(settings.home / "tools")
    details = {
        "own": [tool.name for tool in loaded.tools],
        "problems": [problem.en for problem in loaded.problems],
    }
    if loaded.problems:
        return Check(
            "tools",
            "warn",
            " ".join(problem.en for problem in loaded.problems),
            " ".join(problem.ko for problem in loaded.problems),
            details,
        )
    count = len(loaded.tools)
    return Check("tools", "ok", f"{count} of your own", f"직접 만든 도구 {count}개", details)


def _network() -> Check:
    try:
        socket.create_connection(WEB, timeout=WEB_SECONDS).close()
    except OSError as error:
        return Check(
            "network",
            "warn",
            f"{WEB[0]} cannot be reached. Web search will say so; everything else works without a network.",
            f"{WEB[0]} 에 연결할 수 없습니다. 웹 검색만 되지 않고 나머지는 네트워크 없이 쓸 수 있습니다.",
            {"reachable": False, "reason": str(error)},
        )
    return Check("network", "ok", "the web can be reached", "웹에 연결됩니다", {"reachable": True})


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except OfficeHoursError as error:
        return _failed(name, error)


def _failed(name: str, error: OfficeHoursError) -> Check:
    return Check(name, "fail", error.en, error.ko, {"kind": type(error).__name__})


def _both(text: str) -> tuple[str, str]:
    return text, text


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
