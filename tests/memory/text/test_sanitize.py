from __future__ import annotations

from sqlalchemy import text

from officehours.memory.archival import ArchivalMemory
from officehours.memory.core import CoreMemory
from officehours.memory.recall import Sessions
from officehours.memory.text import mask_secrets, sanitize_user

KEY = "sk-" + "a1B2c3D4e5F6g7H8i9J0"


class NoSearch:
    def search(self, *_query, **_filters):
        return []


def test_what_was_masked_is_said_once_for_each_kind():
    clean, masked = sanitize_user(f"{KEY} 와 {KEY}")
    assert KEY not in clean
    assert masked == ("api-key",)
    assert sanitize_user("비밀번호가 뭐예요?") == ("비밀번호가 뭐예요?", ())


def test_what_a_model_said_is_kept_but_for_what_steers_a_screen():
    assert mask_secrets("e\u0301  가\r\n\t\x07 고 ") == "e\u0301  가\n\t 고 "
    assert mask_secrets("a\0\udc80b") == "a\N{REPLACEMENT CHARACTER}b"


def test_a_secret_reaches_no_table(database, student, clock):
    sessions = Sessions(database, student.id, clock)
    said = f"내 키는 {KEY} 이에요"
    turn, asked = sessions.begin_turn(sessions.create("kim"), said, "UTC")
    core = CoreMemory(database, student.id, clock)
    archival = ArchivalMemory(database, student.id, clock, NoSearch())
    made = archival.insert(said, quote=said, message_id=asked.id)
    kept = archival.update(made.id, f"new: {KEY}")
    blocks = [
        core.append("student", said),
        core.set("progress", said),
        core.replace("progress", "내 키는", KEY),
    ]
    assert turn.masked == made.masked == kept.masked == ("api-key",)
    assert all(block.masked == ("api-key",) for block in blocks)
    with database.read() as connection:
        for table in ("messages", "archival", "core_blocks"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert rows
            assert KEY not in repr(rows)
