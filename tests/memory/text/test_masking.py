from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hostile import EVERYTHING, unfit
from officehours.memory import students
from officehours.memory.archival import ArchivalMemory
from officehours.memory.core import CoreMemory
from officehours.memory.errors import OfficeHoursError
from officehours.memory.learner.questions import OpenQuestions
from officehours.memory.recall import Sessions
from officehours.memory.store import Database
from officehours.memory.store.schema import metadata
from officehours.memory.transfer.load_export import load_export
from officehours.memory.types import Message, ToolCall


class NoSearch:
    def search(self, *_query, **_filters):
        return []


SECRETS = {
    "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv": "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv",
    "비밀번호는 hunter2!xyz 입니다": "hunter2!xyz",
    "주민번호 991231-1234567 이에요": "991231-1234567",
    "my password is Tr0ub4dor&3": "Tr0ub4dor&3",
    "카드 4111 1111 1111 1111": "4111 1111 1111 1111",
}


class Writers:
    """Every way in which words come to be stored."""

    def __init__(self, db: Database, clock) -> None:
        self.db = db
        self.student = students.find_or_create(db, "s", language="ko", zone="UTC", now=clock())
        self.sessions = Sessions(db, self.student.id, clock)
        self.core = CoreMemory(db, self.student.id, clock)
        self.archival = ArchivalMemory(db, self.student.id, clock, NoSearch())
        self.questions = OpenQuestions(db, self.student.id, clock)
        self.session = self.sessions.create("kim")
        self.turn, self.asked = self.sessions.begin_turn(self.session, "안녕하세요", "UTC")
        self.kept = self.archival.insert("무언가")

    def say(self, text: str) -> None:
        self.sessions.begin_turn(self.session, text, "UTC", context_note=text)

    def reply(self, text: str) -> None:
        call = ToolCall("c", "t", json.dumps({"content": [text]}, ensure_ascii=False))
        self.sessions.append(self.session, self.turn, Message("assistant", text, (call,)))

    def broken_call(self, text: str) -> None:
        self.sessions.append(
            self.session, self.turn, Message("assistant", "", (ToolCall("c", "t", f"{{{text}"),))
        )

    def tool(self, text: str) -> None:
        self.sessions.append(self.session, self.turn, Message("tool", text, tool_call_id="c"))

    def view(self, text: str) -> None:
        self.sessions.open_view(self.session, "start", system=text, tools=[], brief=text, summary=text)

    def restored(self, text: str) -> None:
        other = students.find_or_create(self.db, "t", language="ko", zone="UTC", now=self.kept_time())
        rows = {t.name: [] for t in metadata.sorted_tables if "student_id" in t.c}
        block = {"id": 9, "label": "student", "version": 1, "value": text, "size_limit": 9, "description": ""}
        rows["core_blocks"] = [block | {"created_at": "2026-11-21T00:00:00+00:00"}]
        load_export(self.db, other, {"student": {"name": text}, **rows})

    def kept_time(self):
        return self.archival.details(self.kept.id).time


WRITERS = {
    "say": Writers.say,
    "reply": Writers.reply,
    "broken call": Writers.broken_call,
    "tool": Writers.tool,
    "view": Writers.view,
    "restored": Writers.restored,
    "error": lambda w, text: w.sessions.finish_turn(w.turn, "failed", text),
    "beside": lambda w, text: w.sessions.attach_note(w.asked, text),
    "core append": lambda w, text: w.core.append("student", text),
    "core set": lambda w, text: w.core.set("progress", text),
    "insert": lambda w, text: w.archival.insert(
        text, source=text, locator=text, name=text, tags=[text], subject=text
    ),
    "update": lambda w, text: w.archival.update(w.kept.id, text),
    "question": lambda w, text: w.questions.ask(w.asked.id, text),
    "name": lambda w, text: students.update(w.db, w.student, name=text),
}


@given(
    secret=st.sampled_from(sorted(SECRETS)),
    writer=st.sampled_from(sorted(WRITERS)),
    before=st.sampled_from(["", "제 ", "참고로 ", "By the way, ", "\n"]),
    after=st.sampled_from(["", ".", " 그런데 ReLU가 뭐예요?", "\nthanks"]),
)
@settings(max_examples=60)
def test_no_writer_lets_a_secret_through(tmp_path_factory, secret: str, writer: str, before: str, after: str):
    from datetime import UTC, datetime

    path: Path = tmp_path_factory.mktemp("m") / "s.db"
    with Database.open(path) as db:
        writers = Writers(db, lambda: datetime(2026, 11, 21, 3, tzinfo=UTC))
        with suppress(OfficeHoursError):
            WRITERS[writer](writers, f"{before}{secret}{after}")
        with db.read() as connection:
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)):
                    assert SECRETS[secret].casefold() not in repr(tuple(row)).casefold(), (table.name, writer)


@pytest.mark.parametrize("writer", sorted(WRITERS))
def test_no_writer_stores_what_steers_a_screen(database, clock, writer: str):
    """Read as the file holds it: what the columns clean on the way out is no proof of what went in."""
    writers = Writers(database, clock)
    with suppress(OfficeHoursError):
        WRITERS[writer](writers, f"before {EVERYTHING} after")
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}"):
                for value in row:
                    shown = value if isinstance(value, str) else ""
                    assert (
                        unfit(
                            json.dumps(json.loads(shown), ensure_ascii=False)
                            if shown[:1] in {"[", "{"}
                            else shown
                        )
                        == []
                    )


def test_what_a_model_said_stays_byte_for_byte_where_nothing_is_secret(database, student, clock):
    sessions = Sessions(database, student.id, clock)
    session = sessions.create("kim")
    turn, _ = sessions.begin_turn(session, "안녕", "UTC")
    arguments = '{ "content" : "\\uc548\\ub155",   "n": 1.0 }'
    text = "e\u0301  <b>안녕</b>\n\t끝 "
    stored = sessions.append(session, turn, Message("assistant", text, (ToolCall("c", "t", arguments),)))
    assert stored.message.content == text
    assert stored.message.tool_calls[0].arguments == arguments


def test_masked_arguments_are_still_json(database, student, clock):
    sessions = Sessions(database, student.id, clock)
    session = sessions.create("kim")
    turn, _ = sessions.begin_turn(session, "안녕", "UTC")
    arguments = json.dumps(
        {"content": 'my password is "hunter2!x"', "quote": ["비밀번호는 hunter2!x 입니다"]}
    )
    stored = sessions.append(session, turn, Message("assistant", "", (ToolCall("c", "t", arguments),)))
    kept = stored.message.tool_calls[0].arguments
    assert "hunter2" not in kept
    assert set(json.loads(kept)) == {"content", "quote"}
