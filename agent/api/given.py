"""What a program says when it opens a professor or a memory, and the settings do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...memory import students
from ...memory.embedding import Embedder
from ...memory.errors import UsageError
from ...memory.values import Unfit, known_zone, one_of
from ..runtime import Runtime, open_runtime
from ..settings import Settings, load

_READERS: dict[str, Callable[[Any], str]] = {"language": one_of("ko", "en"), "zone": known_zone}


def open_as_told(
    settings: Settings | None,
    student: str | None,
    *,
    embedder: Embedder | str | None,
    language: str | None,
    zone: str | None,
    create: bool = True,
) -> Runtime:
    """Open one student's memory; language and zone are the student's from now on.

    Raises:
        UsageError: There is no such language or zone.
        NotFound: The student is not known, and `create` is false.
        StoreError, ConfigError: As their names say.
    """
    about = {
        name: _read(name, value) for name, value in {"language": language, "zone": zone}.items() if value
    }
    given: dict[str, Any] = about if embedder is None else {**about, "embedder": embedder}
    runtime = open_runtime(replace(settings or load(), **given), student, create=create)
    try:
        known = runtime.student
        if any(getattr(known, name) != value for name, value in about.items()):
            changed = students.update(runtime.db, known, **about)
            runtime.memories = replace(runtime.memories, student=changed)
    except BaseException:
        runtime.close()
        raise
    return runtime


def _read(name: str, value: str) -> str:
    try:
        return _READERS[name](value)
    except Unfit as reason:
        raise UsageError(
            f"{name}={value!r} cannot be: {reason.en}.",
            f"{name}={value!r}은(는) 쓸 수 없습니다: {reason.ko}.",
        ) from reason
