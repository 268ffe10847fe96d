from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from officehours.memory.archival import ArchivalMemory
from officehours.memory.embedding import choose_embedder
from officehours.memory.errors import BadImport, NotFound
from officehours.memory.index import StudentIndex, count_pending, embed_everything
from officehours.memory.index.postings import look_up
from officehours.memory.store.schema import doc_lengths, embed_queue, messages, sessions, vectors
from officehours.memory.text import terms
from officehours.memory.transfer import Importer
from officehours.memory.transfer import importer as module


class NoSearch:
    def search(self, *_query, **_filters):
        return []


@pytest.fixture
def embedder(database):
    embedder = choose_embedder(database, "hashing-64")
    yield embedder
    embedder.close()


@pytest.fixture
def index(database, student):
    return StudentIndex(database, student, None)


@pytest.fixture
def archival(database, student, clock) -> ArchivalMemory:
    return ArchivalMemory(database, student.id, clock, NoSearch())


@pytest.fixture
def importer(database, student, archival, clock) -> Importer:
    return Importer(database, student, archival, clock)


def write(folder: Path, *lines: object, name: str = "talk.jsonl") -> Path:
    file = folder / name
    text = "\n".join(
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    file.write_text(text + "\n", encoding="utf-8")
    return file


def said(number: int, content: str = "", **more: object) -> dict[str, object]:
    time = f"2026-05-{number % 27 + 1:02}T09:00:00+09:00"
    return {
        "id": f"D{number}",
        "role": "user",
        "content": content or f"message {number}",
        "time": time,
    } | more


def log(database) -> list[tuple[str, str, str | None, str]]:
    with database.read() as connection:
        rows = connection.execute(
            select(messages.c.external_id, messages.c.role, messages.c.name, messages.c.content).order_by(
                messages.c.session_id, messages.c.seq
            )
        )
        return [tuple(row) for row in rows]


def count(database, table) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_messages_go_into_the_log_of_a_session_of_their_own(importer, database, student, tmp_path):
    file = write(
        tmp_path,
        said(1, "안녕하세요", name="Ann"),
        said(2, "네, 안녕하세요.", role="assistant", name="Bob"),
        {"id": 7, "content": "without more"},
    )
    report = importer.import_file(file)
    assert (report.messages, report.kept, report.known) == (3, 0, 0)
    assert log(database) == [
        ("D1", "user", "Ann", "안녕하세요"),
        ("D2", "assistant", "Bob", "네, 안녕하세요."),
        ("7", "user", None, "without more"),
    ]
    with database.read() as connection:
        session = connection.execute(select(sessions)).one()
        first, second, third = connection.execute(select(messages).order_by(messages.c.seq)).all()
    assert (session.origin, session.last_seq, session.last_at) == ("import", 3, second.time)
    assert (first.zone, third.zone) == ("+09:00", "Asia/Seoul")
    assert third.time == second.time  # a line without a time was said when the last one was


def test_its_words_are_found_when_the_import_returns_and_its_meaning_once_it_is_embedded(
    importer, database, student, embedder, index, tmp_path
):
    told: list[tuple[int, int]] = []
    file = write(tmp_path, *(said(at, f"Number {at} is about topic {at * 37}.") for at in range(300)))
    importer.import_file(file, lambda done, total: told.append((done, total)))
    assert told == [(200, 300), (300, 300)]
    assert count_pending(database, student.id) == count(database, doc_lengths) == 300
    assert count(database, vectors) == 0
    with database.read() as connection:
        assert [*look_up(connection, student.id, 0, terms("3700"), 300).counts] == [101]
    embed_everything(database, student.id, embedder, index)
    assert count_pending(database, student.id) == 0
    assert count(database, vectors) == count(database, doc_lengths) == 300
    item = index.query(embedder.embed(["topic 3700"], "query")[0], 1, "recall")[0].item_id
    with database.read() as connection:
        assert (
            connection.execute(select(messages.c.external_id).where(messages.c.id == item)).scalar_one()
            == "D100"
        )


def test_a_second_import_stores_nothing_and_a_longer_file_its_new_lines(importer, database, tmp_path):
    importer.import_file(write(tmp_path, said(1), said(2)))
    assert importer.import_file(write(tmp_path, said(1), said(2))).known == 2
    report = importer.import_file(write(tmp_path, said(1), said(2), said(3)))
    assert (report.messages, report.known) == (1, 2)
    assert [row[0] for row in log(database)] == ["D1", "D2", "D3"]
    assert count(database, sessions) == 1


def test_lines_without_ids_are_known_by_what_they_say(importer, database, tmp_path):
    lines = [{"content": "twice"}, {"content": "twice"}, {"content": "once"}]
    assert importer.import_file(write(tmp_path, *lines)).messages == 3
    assert importer.import_file(write(tmp_path, *lines)).messages == 0


def test_an_import_that_was_killed_goes_on_where_it_was(store_url, database, student, importer, tmp_path):
    file = write(tmp_path, *(said(at) for at in range(500)))
    code = f"""
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from officehours.memory import students
from officehours.memory.transfer import importer
from officehours.memory.archival.memory import ArchivalMemory
from officehours.memory.store.database import Database
importer.BATCH = 50
put = importer._ImportedSessions.add
calls = []
def add(self, connection, records, report):
    put(self, connection, records, report)
    calls.append(1)
    if len(calls) == 4:
        os.kill(os.getpid(), 9)
importer._ImportedSessions.add = add
db = Database.open({store_url!r})
student = students.get(db, "minji")
now = lambda: datetime.now(UTC)
importer.Importer(db, student, ArchivalMemory(db, student.id, now, None), now).import_file(Path({str(file)!r}))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert len(log(database)) == 150  # the fourth batch was not committed
    report = importer.import_file(file)
    assert (report.messages, report.known) == (350, 150)
    assert [row[0] for row in log(database)] == [f"D{at}" for at in range(500)]
    assert count(database, sessions) == 1
    assert count_pending(database, student.id) == 500


BROKEN = {
    "not JSON": ('{"id": "D2", "content"', "not JSON"),
    "no object": ("[1, 2]", "not a JSON object"),
    "no content": ({"id": "D2"}, '"content" must be text'),
    "content of another kind": ({"content": ["a"]}, '"content" must be text'),
    "an unknown kind": ({"kind": "poem", "content": "x"}, "'poem'"),
    "an unknown role": ({"role": "narrator", "content": "x"}, "'narrator'"),
    "no time": ({"content": "x", "time": "yesterday"}, "ISO 8601"),
    "a time of another kind": ({"content": "x", "time": 12}, "ISO 8601"),
    "a name of another kind": ({"content": "x", "name": 1}, '"name" must be text'),
    "tags of another kind": ({"content": "x", "tags": "a"}, '"tags"'),
    "an id of another kind": ({"content": "x", "id": [1]}, '"id"'),
    "an id twice": (said(1, "other words"), "line 1 already"),
    "a number without end": ('{"id": "D2", "content": "x", "n": ' + "9" * 5000 + "}", "too many to read"),
    "brackets without end": ('{"content": ' + "[" * 5000, "too many to read"),
    "a time at the calendar's end": ({"content": "x", "time": "9999-12-31T23:59:59-09:00"}, "1900 and 2200"),
    "a time at the calendar's beginning": ({"content": "x", "time": "0001-01-01"}, "1900 and 2200"),
    "a role without end": ({"kind": "note", "content": "x", "role": "r" * 500}, "role"),
    "content without end": ({"content": "x" * 1_000_001}, "1,000,000"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_is_named_and_the_others_are_taken(importer, database, tmp_path, kind):
    line, words = BROKEN[kind]
    report = importer.import_file(write(tmp_path, said(1), "", line, said(3)))
    assert (report.read, report.messages, list(report.failed)) == (3, 2, ["line 3"])
    failure = report.failed["line 3"]
    assert failure.en.startswith("Line 3 cannot be imported")
    assert words in failure.en
    assert failure.ko.startswith("3번째 줄")
    assert [row[0] for row in log(database)] == ["D1", "D3"]
    (tmp_path / "talk.jsonl").write_text(line if isinstance(line, str) else json.dumps(line), "utf-8")
    if kind != "an id twice":
        with pytest.raises(BadImport, match=r"Line 1 |is JSON"):
            importer.import_file(tmp_path / "talk.jsonl")


def test_an_id_that_stands_for_other_words_is_named_not_passed_over(importer, database, tmp_path):
    importer.import_file(write(tmp_path, said(1), said(2)))
    report = importer.import_file(write(tmp_path, said(1), said(2, "other words"), said(3)))
    assert (report.read, report.known, report.messages, list(report.failed)) == (3, 1, 1, ["line 2"])
    assert "another message under the id 'D2'" in report.failed["line 2"].en
    assert [row[3] for row in log(database)] == ["message 1", "message 2", "message 3"]


def test_a_file_that_is_not_utf8_names_its_line(importer, database, tmp_path):
    file = tmp_path / "cp949.jsonl"
    file.write_bytes(b'{"content": "a"}\n' + '{"content": "안녕"}\n'.encode("cp949"))
    with pytest.raises(BadImport, match="line 2: this is not UTF-8"):
        importer.import_file(file)
    assert log(database) == []


def test_the_zip_of_a_chatgpt_export_is_read_and_another_one_refused(importer, database, tmp_path):
    file = tmp_path / "export.zip"
    said_there = {"author": {"role": "user"}, "content": {"parts": ["제 생일은 3월 5일이에요"]}}
    talk = {"mapping": {"a": {"children": [], "message": said_there}}, "current_node": "a"}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("chat.html", "<html>")
    with pytest.raises(BadImport, match=r"without a conversations\.json"):
        importer.import_file(file)
    file.write_bytes(file.read_bytes()[:30])
    with pytest.raises(BadImport, match=r"without a conversations\.json"):
        importer.import_file(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("conversations.json", json.dumps([talk]))
    assert importer.import_file(file).messages == 1
    assert len(log(database)) == 1


def test_brackets_without_end_and_a_folder_are_refused(importer, tmp_path):
    file = tmp_path / "deep.json"
    file.write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(BadImport, match="Line 1 "):
        importer.import_file(file)
    with pytest.raises(NotFound, match="is a folder"):
        importer.import_file(tmp_path)


def test_files_that_are_not_there_or_hold_nothing_say_so(importer, tmp_path):
    with pytest.raises(NotFound):
        importer.import_file(tmp_path / "gone.jsonl")
    with pytest.raises(NotFound):
        importer.import_file(tmp_path)
    with pytest.raises(BadImport, match="empty"):
        importer.import_file(write(tmp_path, "", "  "))


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(importer, database, tmp_path):
    file = tmp_path / "windows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + b'{"content": "one"}\r\n{"content": "two"}\r\n')
    importer.import_file(file)
    assert [row[3] for row in log(database)] == ["one", "two"]


def test_tool_work_and_system_text_are_kept_and_not_searched(importer, database, tmp_path):
    importer.import_file(write(tmp_path, said(1), said(2, role="tool"), said(3, role="system"), said(4, " ")))
    assert [row[1] for row in log(database)] == ["user", "tool", "system"]
    assert count(database, doc_lengths) == count(database, embed_queue) == 1


def test_secrets_are_masked_before_they_are_written_and_an_import_stays_known(importer, database, tmp_path):
    key = "sk-" + "a1B2c3D4e5F6g7H8i9J0" * 2
    file = write(tmp_path, said(1, f"my key is {key} ok"))
    report = importer.import_file(file)
    assert report.masked
    assert key not in log(database)[0][3]
    assert importer.import_file(file).known == 1


def test_passages_facts_and_notes_go_to_archival_memory(
    importer, database, student, archival, embedder, index, tmp_path
):
    file = write(
        tmp_path,
        {
            "id": "p1",
            "kind": "passage",
            "role": "source",
            "content": "서울은 대한민국의 수도이다.",
            "source": "a",
        },
        {"id": "f1", "kind": "fact", "content": "시험은 12월 3일이다.", "subject": "exam:date"},
        {"id": "n1", "kind": "note", "content": "Likes examples.", "tags": ["style"]},
    )
    report = importer.import_file(file)
    assert (report.messages, report.kept) == (0, 3)
    passage, fact, note = archival.list()
    assert (passage.external_id, passage.kind, passage.trust, passage.origin) == (
        "p1",
        "passage",
        "imported",
        "a",
    )
    assert (fact.kind, fact.subject) == ("fact", "exam:date")
    assert note.tags == ("style",)
    embed_everything(database, student.id, embedder, index)
    found = index.query(embedder.embed(["대한민국의 수도"], "query")[0], 1, "archival")
    assert f"a{found[0].item_id}" == passage.id
    assert importer.import_file(file).known == 3


def test_a_fact_that_changed_in_the_file_takes_the_place_of_the_old(importer, archival, tmp_path):
    importer.import_file(write(tmp_path, {"id": "f1", "kind": "fact", "content": "시험은 3일이다."}))
    importer.import_file(write(tmp_path, {"id": "f1", "kind": "fact", "content": "시험은 5일이다."}))
    assert [kept.text for kept in archival.list()] == ["시험은 5일이다."]


def test_a_store_that_fails_half_way_says_so(importer, database, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    real = module.index_all
    calls = []

    def fail(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise BadImport("the disk is full", "디스크가 가득 찼습니다")
        return real(*arguments)

    monkeypatch.setattr(module, "index_all", fail)
    with pytest.raises(BadImport, match="disk is full"):
        importer.import_file(write(tmp_path, *(said(at) for at in range(6))))
    assert [row[0] for row in log(database)] == ["D0", "D1"]


def test_a_chatgpt_export_comes_as_it_was_last_shown(importer, database, tmp_path):
    def node(name, parent, children, role=None, parts=(), time=None):
        message = None
        if role:
            content = {"content_type": "text", "parts": list(parts)}
            message = {"id": name, "author": {"role": role}, "content": content, "create_time": time}
        return {"id": name, "parent": parent, "children": children, "message": message}

    talk = {
        "title": "DoRA",
        "conversation_id": "c1",
        "create_time": 1_700_000_000.0,
        "current_node": "a2",
        "mapping": {
            "root": node("root", None, ["s"]),
            "s": node("s", "root", ["u"], "system", ["hidden"]),
            "u": node(
                "u", "s", ["a1", "a2"], "user", ["DoRA가 뭐야?", {"content_type": "image"}], 1_700_000_100
            ),
            "a1": node("a1", "u", [], "assistant", ["a bad answer"], 1_700_000_200),
            "a2": node("a2", "u", [], "assistant", ["크기와 방향", "둘로 나눕니다"], None),
        },
    }
    other = {"title": "B", "id": "c2", "mapping": {"x": node("x", None, [], "user", ["hello"], 1)}}
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps([talk, other], indent=1), encoding="utf-8")
    assert importer.import_file(file).messages == 3
    assert log(database) == [
        ("u", "user", None, "DoRA가 뭐야?"),
        ("a2", "assistant", None, "크기와 방향\n둘로 나눕니다"),
        ("x", "user", None, "hello"),
    ]
    with database.read() as connection:
        rows = connection.execute(
            select(sessions.c.title, sessions.c.external_id).order_by(sessions.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [("DoRA", "c1"), ("B", "c2")]
    assert importer.import_file(file).messages == 0


def test_a_letta_agent_file_gives_its_conversation_and_what_it_knew(importer, database, archival, tmp_path):
    def message(number, role, content, **more):
        return {
            "id": f"message-{number}",
            "role": role,
            "content": content,
            "created_at": f"2026-01-0{number}T00:00:00Z",
        } | more

    packed = json.dumps(
        {"type": "user_message", "message": "내 이름은 민지야", "time": "…"}, ensure_ascii=False
    )
    send = {"id": "c", "function": {"name": "send_message", "arguments": '{"message": "반가워요, 민지 씨!"}'}}
    whole = {
        "agents": [
            {
                "id": "agent-0",
                "name": "prof",
                "messages": [
                    message(1, "system", [{"type": "text", "text": "You are …"}]),
                    message(2, "user", [{"type": "text", "text": packed}]),
                    message(3, "assistant", [{"type": "text", "text": "thinking"}], tool_calls=[send]),
                    message(4, "tool", [{"type": "text", "text": "ok"}]),
                    message(5, "user", '{"type": "heartbeat"}'),
                    message(6, "user", "plain"),
                ],
            }
        ],
        "blocks": [
            {"id": "block-0", "label": "human", "value": "Studies AI."},
            {"id": "block-1", "label": "persona", "value": "I am prof."},
        ],
        "groups": [], "files": [], "sources": [], "tools": [], "mcp_servers": [],
    }  # fmt: skip
    file = tmp_path / "prof.af"
    file.write_text(json.dumps(whole), encoding="utf-8")
    report = importer.import_file(file)
    assert (report.messages, report.kept) == (3, 1)
    assert [row[1:] for row in log(database)] == [
        ("user", None, "내 이름은 민지야"),
        ("assistant", None, "반가워요, 민지 씨!"),
        ("user", None, "plain"),
    ]
    assert [(kept.text, kept.tags) for kept in archival.list()] == [("Studies AI.", ("letta", "human"))]
    assert importer.import_file(file).messages == 0


@pytest.mark.parametrize(
    "whole", [{"agents": ["x"]}, [{"mapping": {"a": 1}}], {"mapping": {"a": {"message": 3}}}]
)
def test_an_export_of_another_build_is_refused(importer, database, tmp_path, whole):
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(BadImport, match="built"):
        importer.import_file(file)
    assert log(database) == []
