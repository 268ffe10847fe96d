"""Who has a memory here."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from .errors import NotFound, UsageError
from .store import AnyRow, Database, insert_ignoring
from .store.schema import messages, students, turns
from .text import language, sanitize_user
from .types import Student

MAX_HANDLE = 64

LANGUAGES = ("ko", "en")
"""What a student can be spoken to in."""

_COLUMNS = (
    students.c.id,
    students.c.handle,
    students.c.name,
    students.c.language,
    students.c.zone,
    students.c.collection,
    students.c.trust,
)
_BY_HANDLE = select(*_COLUMNS).where(students.c.handle == bindparam("handle"))
_FIRST_WORDS = (
    select(messages.c.content)
    .join(turns, turns.c.id == messages.c.turn_id)
    .where(messages.c.student_id == bindparam("student"), messages.c.role == "user")
    .order_by(messages.c.time)
    .limit(5)
)
_ALL = select(*_COLUMNS).order_by(students.c.id)


def find_or_create(db: Database, handle: str, *, language: str, zone: str, now: datetime) -> Student:
    """Give the student of that handle, made with this language ("ko" or "en") and zone if there is none yet.

    Raises:
        UsageError: The handle is empty, too long or holds control characters.
    """
    handle = checked_handle(handle)
    with db.read() as connection:
        row = connection.execute(_BY_HANDLE, {"handle": handle}).first()
    if row is not None:
        return _student(row)
    values = {
        "handle": handle,
        "name": "",
        "language": language,
        "zone": zone,
        "collection": f"s{secrets.token_hex(16)}",
        "created_at": now,
    }
    with db.begin() as connection:
        connection.execute(insert_ignoring(connection, students), values)
        return _student(connection.execute(_BY_HANDLE, {"handle": handle}).one())


def get(db: Database, handle: str) -> Student:
    """Give the student of that handle.

    Raises:
        NotFound: There is none.
    """
    with db.read() as connection:
        row = connection.execute(_BY_HANDLE, {"handle": unicodedata.normalize("NFC", handle.strip())}).first()
    if row is None:
        raise NotFound(
            f"There is no student {handle!r} here yet. The first chat makes one: officehours chat --student {handle}",
            f"{handle!r} 학생이 아직 없습니다. 첫 대화에서 만들어집니다: officehours chat --student {handle}",
        )
    return _student(row)


def update(
    db: Database,
    student: Student,
    *,
    name: str | None = None,
    language: str | None = None,
    zone: str | None = None,
) -> Student:
    """Change what is given and hand back the student as it is now."""
    values = {
        key: value
        for key, value in {
            "name": name and sanitize_user(name)[0],
            "language": language,
            "zone": zone,
        }.items()
        if value is not None
    }
    with db.begin() as connection:
        if values:
            connection.execute(sa.update(students).where(students.c.id == student.id).values(values))
        row = connection.execute(_BY_HANDLE, {"handle": student.handle}).first()
    if row is None:
        raise NotFound(f"The student {student.handle!r} is gone.", f"{student.handle!r} 학생이 없어졌습니다.")
    return _student(row)


def learn_language(db: Database, student: Student, text: str) -> Student:
    """Take a student's language from the first words of theirs that show one, and give the student as it is now.

    Args:
        text: What the student says; what was said in chats before comes first. Imported conversations do not count.
    """
    if language(text) not in LANGUAGES or language(text) == student.language:
        return student
    with db.read() as connection:
        said = [*connection.scalars(_FIRST_WORDS, {"student": student.id}), text]
    spoken = next(name for name in map(language, said) if name in LANGUAGES)
    return student if spoken == student.language else update(db, student, language=spoken)


def all(db: Database) -> list[Student]:  # noqa: A001
    """Give every student, the oldest first."""
    with db.read() as connection:
        return [_student(row) for row in connection.execute(_ALL)]


def checked_handle(handle: str) -> str:
    """Give the handle as it is stored: NFC, without blanks around it."""
    clean = unicodedata.normalize("NFC", handle.strip())
    bad = not clean or len(clean) > MAX_HANDLE or any(unicodedata.category(c)[0] == "C" for c in clean)
    if bad:
        raise UsageError(
            f"A student's name on the command line is 1 to {MAX_HANDLE} visible characters.",
            f"명령줄의 학생 이름은 보이는 글자 1~{MAX_HANDLE}자여야 합니다.",
        )
    return clean


def _student(row: AnyRow) -> Student:
    return Student(row.id, row.handle, row.name, row.language, row.zone, row.collection, row.trust)
