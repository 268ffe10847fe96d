"""Looking at one part of an installation after the other."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...memory.errors import OfficeHoursError, ServerUnreachable
from ..models.chat_completions.client import OpenAIModel
from ..models.chat_completions.discovery import resolve_model, served_models
from ..models.chat_completions.profiles import PROVIDERS
from ..settings import Settings, load
from .check import Check, both, failed, guarded
from .store import look_at_store

LOW_DISK = 500_000_000
"""Bytes below which a student should know that the disk is filling."""

NO_DISK = 1_000_000
"""Bytes below which nothing more can be stored."""

WEB = ("html.duckduckgo.com", 443)
"""Where the web search goes."""

WEB_SECONDS = 3.0


def examine_all(student: str | None = None, stdout_encoding: str | None = None) -> Iterator[Check]:
    """Look at one part after the other; a part that fails does not keep the others from being looked at.

    Args:
        student: Whose memory alone is looked at; everybody's by default. None is made.
        stdout_encoding: How the terminal's output is encoded.
    """
    yield _python()
    yield _terminal(stdout_encoding or "")
    try:
        settings = load()
    except OfficeHoursError as error:
        yield failed("settings", error)
        return
    yield Check("settings", "ok", *both(f"{settings.config_path}"), {"path": str(settings.config_path)})
    yield _home(settings.home)
    yield _disk(settings.home)
    yield from look_at_store(settings, student)
    yield guarded("model", lambda: _model(settings))
    yield guarded("personas", lambda: _personas(settings))
    yield guarded("tools", lambda: _tools(settings))
    yield _network()


def _python() -> Check:
    from ... import __version__

    version = platform.python_version()
    text = f"officehours {__version__}, Python {version}, {platform.system()} {platform.machine()}"
    return Check("program", "ok", text, text, {"version": __version__, "python": version})


def _terminal(encoding: str) -> Check:
    name = (encoding or locale.getpreferredencoding(do_setlocale=False)).lower()
    details = {"encoding": name, "locale": os.environ.get("LC_ALL") or os.environ.get("LANG") or ""}
    if name.replace("-", "").replace("_", "") == "utf8":
        return Check("terminal", "ok", *both("UTF-8"), details)
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
    return Check("home", "ok", *both(str(home)), {"path": str(home)})


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
    from ...persona import registry

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
    return Check("personas", "ok", *both(", ".join(names)), details)


def _tools(settings: Settings) -> Check:
    from ...tools.loading import load_tools

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


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
