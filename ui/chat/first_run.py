"""The first time: two short questions, asked once and never in a pipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...agent.settings import DEFAULT_STUDENT, Settings, system_language, system_zone, write_values
from ...memory import students
from ...memory.errors import NotFound, StoreUnwritable
from ...memory.facts import name_in
from ...memory.store import Database
from ...memory.types import Student
from ..terminal.say import echo, prefs

Ask = Callable[[str], str]
"""Shows a question and gives the line that is typed."""

_LANGUAGES = {"1": "ko", "ko": "ko", "한국어": "ko", "2": "en", "en": "en", "english": "en"}


def settle_in(settings: Settings, handle: str | None, ask: Ask) -> Settings:
    """Ask a student who is new here for language and name, write both down, and give the settings as they are now.

    Whoever is known only from a pipe or from `ingest` was never asked. Nothing is asked twice, and no language where
    the settings say one.
    """
    name = handle or settings.student or DEFAULT_STUDENT
    with Database.open(settings.database) as db:
        known = _known(db, name)
        if known is not None and (known.name or settings.language):
            return settings
        language = settings.language or _ask_language(ask, known.language if known else system_language())
        prefs.known = language
        called = _ask_name(ask, language)
        now = settings.clock()
        zone = settings.zone or system_zone(when=now())
        student = known or students.find_or_create(db, name, language=language, zone=zone, now=now())
        student = students.update(db, student, language=language, name=called or None)
        if called:
            from ...memory.core import CoreMemory

            line = (
                f"이름은 {student.name}입니다."
                if language == "ko"
                else f"The student's name is {student.name}."
            )
            CoreMemory(db, student.id, now).append("student", line)
    if settings.language is None:
        _write(settings, language)
    return replace(settings, language=language)


def _known(db: Database, handle: str) -> Student | None:
    try:
        return students.get(db, handle)
    except NotFound:
        return None


def _ask_language(ask: Ask, likely: str) -> str:
    default = "1" if likely == "ko" else "2"
    echo("언어를 골라 주세요. Choose your language.")
    echo("  1  한국어")
    echo("  2  English")
    while True:
        typed = ask(f"[{default}] ").strip().lower() or default
        if typed in _LANGUAGES:
            return _LANGUAGES[typed]


def _ask_name(ask: Ask, language: str) -> str:
    korean = language == "ko"
    question = (
        "이름을 알려 주세요 (Enter를 누르면 건너뜁니다): "
        if korean
        else "What shall I call you? (Enter to skip): "
    )
    while typed := ask(question).strip():
        name = name_in(typed)
        if name:
            return name[: students.MAX_HANDLE]
        echo(
            "이름만 적어 주세요. 질문은 바로 다음에 하실 수 있습니다."
            if korean
            else "Just your name, please. Your question comes right after."
        )
    return ""


def _write(settings: Settings, language: str) -> None:
    try:
        write_values(settings.config_path, {"language": language})
    except OSError as error:
        raise StoreUnwritable(
            f"{settings.config_path} cannot be written ({error.strerror}). Make the folder writable, or name another "
            "in OFFICEHOURS_HOME.",
            f"{settings.config_path} 파일을 쓸 수 없습니다({error.strerror}). 폴더 권한을 고치거나 "
            "OFFICEHOURS_HOME에 다른 폴더를 지정해 주세요.",
        ) from error
