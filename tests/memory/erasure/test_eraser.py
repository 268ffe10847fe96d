from __future__ import annotations

import errno
import json
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from officehours.agent.runtime import Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.memory.erasure import Eraser, eraser, plan
from officehours.memory.erasure.scan import ByteScanner, fragments, text_pattern, vector_patterns
from officehours.memory.errors import NotFound, UsageError
from officehours.memory.store import Database
from officehours.memory.store.schema import metadata, sessions, students, vectors, views
from officehours.memory.types import Message, ShownHit, ToolCall
from officehours.tools.hits import hit_lines, show_hits

SECRET = "제 비밀 별명은 바나나우유 대마왕이에요"
ENGLISH = "My secret nickname is the grand duke of banana milk"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", embedder="hashing", student="minji", language="ko", zone="Asia/Seoul"
    )


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with open_runtime(settings) as opened:
        yield opened


def forgetter(runtime: Runtime) -> Eraser:
    return Eraser(runtime.db, runtime.student, runtime.settings.home, runtime.index)


def say(
    runtime: Runtime,
    session,
    text: str,
    *replies: Message,
    context_note: str = "",
    hits: Sequence[ShownHit] = (),
    answer: str = "네.",
):
    turn, asked = runtime.memories.sessions.begin_turn(
        session, text, "Asia/Seoul", context_note=context_note, hits=hits
    )
    for reply in replies:
        shown = hits if reply.role == "tool" else ()
        runtime.memories.sessions.append(session, turn, reply, hits=shown)
    answered = runtime.memories.sessions.append(session, turn, Message("assistant", answer))
    runtime.memories.sessions.finish_turn(turn, "done")
    return asked, answered


def raw(home: Path, text: str) -> list[str]:
    """Look for a text in every file the plainest way, without anything of the code under test."""
    forms = {
        form.encode(code)
        for form in (text, unicodedata.normalize("NFD", text), json.dumps(text)[1:-1])
        for code in ("utf-8", "utf-16-le")
    }
    return [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def copied_everywhere(runtime: Runtime, words: str):
    """Say something and let copies of it arise wherever they do."""
    memories = runtime.memories
    session = memories.sessions.create("kim-yongdam", title=words[:40])
    call = ToolCall("c1", "archival_memory_insert", json.dumps({"content": words, "quote": words}))
    asked, _ = say(
        runtime,
        session,
        f"{words}. 그런데 ReLU가 뭐예요?",
        Message("assistant", "", (call,)),
        Message("tool", "Stored as a1.", tool_call_id="c1", name="archival_memory_insert"),
        answer=f"“{words}”라고 하셨군요. ReLU는 max(0, x)입니다.",
    )
    fact = memories.archival.insert(words, kind="fact", subject="nickname", quote=words, message_id=asked.id)
    memories.core.append("student", words)
    memories.core.append("student", "학년: 2학년")
    found = memories.archival.get(fact.id)
    other = replace(found, id="a99", kind="note", text="남는 줄")
    repeated = replace(found, id="a98", kind="note", text=f"첫 줄\n{words}라고 했다")
    hits = show_hits([replace(found, text=f"{words}\n그리고 둘째 줄"), other, repeated], "Asia/Seoul")
    lines = hit_lines(hits, 3)
    say(
        runtime,
        session,
        "다른 질문이 있어요",
        Message("assistant", "", (ToolCall("c2", "archival_memory_search", "{}"),)),
        Message("tool", lines, tool_call_id="c2"),
        context_note=f"<memory>\n{lines}\n</memory>\n(2026-11-21)",
        hits=hits,
    )
    memories.questions.ask(asked.id, f"{words}. 그런데 ReLU가 뭐예요?")
    memories.sessions.open_view(
        session,
        "start",
        system=f"You are 김용담; cite like [a12] or [m34].\n<student>\n{words}\n학년: 2학년\n</student>\nStopped at {words}",
        tools=[],
        brief=f"Stopped at {words}",
        summary=f"[m{asked.id}] nickname\n[m999] 다른 줄",
    )
    logs = runtime.settings.home / "logs"
    logs.mkdir(parents=True)
    (logs / "error.log").write_text(f"first line\n{words}\nlast line\n", encoding="utf-8")
    assert runtime.embed_worker.flush(20)
    return session, asked, fact


@pytest.mark.parametrize("words", [SECRET, ENGLISH])
def test_a_forgotten_fact_is_in_no_file_of_the_home(runtime: Runtime, words: str):
    session, asked, fact = copied_everywhere(runtime, words)
    home = runtime.settings.home
    assert runtime.index.catch_up()
    runtime.db.fold_log()
    assert {"officehours.db", "logs/error.log"} <= set(raw(home, words))

    receipt = forgetter(runtime).forget(fact.id)

    assert receipt.proven, list(receipt.lines("en"))
    assert raw(home, words) == []
    assert receipt.ids == (fact.id,)
    assert receipt.rows["archival"] == 1
    assert {"messages", "core_blocks", "views", "sessions"} <= set(receipt.changed)
    assert runtime.memories.recall.get(asked.id).text == "[…]. 그런데 ReLU가 뭐예요?"
    assert runtime.memories.core.blocks()["student"].value == "학년: 2학년"
    assert (home / "logs/error.log").read_text(encoding="utf-8") == "first line\nlast line\n"
    assert receipt.log_lines == 1
    assert any("logs/error.log" in line for line in receipt.lines("en"))
    log = runtime.memories.sessions.log(session)
    assert any("남는 줄" in m.message.content for m in log)
    assert all(words not in m.message.content + m.context_note for m in log)
    shown = [m for m in log if m.hits]
    assert [[hit.id for hit in m.hits] for m in shown] == [["a99", "a98"]] * 2
    for stored in shown:
        written = stored.context_note or stored.message.content
        assert "둘째 줄" not in written
        assert all(hit.rendered in written and words not in hit.text for hit in stored.hits)
    with pytest.raises(NotFound):
        runtime.memories.archival.details(fact.id)


def test_a_forgotten_message_goes_with_its_turn_and_what_rests_on_it(runtime: Runtime):
    session, asked, fact = copied_everywhere(runtime, SECRET)
    runtime.index.catch_up()
    receipt = forgetter(runtime).forget(f"m{asked.id}")
    assert receipt.proven, list(receipt.lines("ko"))
    assert {f"m{asked.id}", fact.id} <= set(receipt.ids)
    assert raw(runtime.settings.home, SECRET) == []
    assert raw(runtime.settings.home, "max(0, x)입니다") == []
    assert [
        m.message.content for m in runtime.memories.sessions.log(session) if m.message.role == "user"
    ] == ["다른 질문이 있어요"]
    assert runtime.memories.questions.open_questions() == []


def test_who_holds_a_view_reads_the_conversation_anew(runtime: Runtime):
    session, asked, _ = copied_everywhere(runtime, SECRET)
    before = runtime.memories.sessions.view(session)
    forgetter(runtime).forget(f"m{asked.id}")
    view = runtime.memories.sessions.view(session)
    assert view.id != before.id
    assert view.reason == "forget"
    assert view.brief == ""
    assert view.summary == "[m999] 다른 줄"
    assert view.system == "You are 김용담; cite like [a12] or [m34].\n<student>\n학년: 2학년\n</student>\n"


def test_the_index_forgets_vectors_too(runtime: Runtime):
    _, asked, _ = copied_everywhere(runtime, SECRET)
    assert runtime.index.catch_up()
    with runtime.db.read() as connection:
        found = connection.execute(
            select(vectors.c.data, vectors.c.parts).where(vectors.c.item_id == asked.id)
        )
        patterns = [pattern for row in found for pattern in vector_patterns(row.data, row.parts)]
    assert patterns
    runtime.chroma.close()
    files = [p for p in (runtime.settings.home / "index").rglob("*") if p.is_file()]
    assert any(ByteScanner(patterns).in_file(path)[1] for path in files), "the vectors were never written"
    forgetter(runtime).forget(f"m{asked.id}")
    files = [p for p in runtime.settings.home.rglob("*") if p.is_file()]
    assert not any(ByteScanner(patterns).in_file(path)[1] for path in files)


def test_after_forgetting_search_works_and_finds_nothing_of_it(runtime: Runtime):
    session, asked, _ = copied_everywhere(runtime, SECRET)
    runtime.index.catch_up()
    forgetter(runtime).forget(f"m{asked.id}")
    say(runtime, session, "경사하강법은 언제 써요?", answer="최적화할 때 씁니다.")
    assert runtime.embed_worker.flush(20)
    assert runtime.index.catch_up()
    assert all(report.sound for report in runtime.index.verify())
    found = runtime.memories.recall.search("경사하강법", 5)
    assert "경사하강법은 언제 써요?" in {hit.text for hit in found}
    assert all("바나나" not in hit.text for hit in runtime.memories.recall.search("바나나우유 별명", 5))


def test_words_said_again_elsewhere_stay_and_are_named(runtime: Runtime):
    session = runtime.memories.sessions.create("kim")
    first, _ = say(runtime, session, ENGLISH)
    again, _ = say(runtime, session, ENGLISH)
    receipt = forgetter(runtime).forget(f"m{first.id}")
    assert receipt.elsewhere == (f"m{again.id}",)
    assert runtime.memories.recall.get(again.id).text == ENGLISH
    assert receipt.proven
    forgetter(runtime).forget(f"m{again.id}")
    assert raw(runtime.settings.home, ENGLISH) == []


def test_what_the_professor_says_in_every_answer_is_no_copy(runtime: Runtime):
    session = runtime.memories.sessions.create("kim")
    usual = "더 궁금한 점이 있으면 언제든지 편하게 말씀해 주세요."
    first, _ = say(runtime, session, "첫 번째 질문입니다", answer=usual)
    _, answered = say(runtime, session, "두 번째 질문입니다", answer=usual)
    forgetter(runtime).forget(f"m{first.id}")
    assert runtime.memories.recall.get(answered.id).text == usual


def test_what_was_asked_of_a_tool_in_another_conversation_too_is_no_copy(runtime: Runtime):
    call = ToolCall("c1", "archival_memory_search", json.dumps({"query": "ReLU 정의 definition of it"}))
    sessions_ = [runtime.memories.sessions.create("kim-yongdam") for _ in range(2)]
    for session in sessions_:
        found = Message("tool", "없음", tool_call_id="c1", name="archival_memory_search")
        say(runtime, session, f"ReLU {session.id}번째", Message("assistant", "", (call,)), found)
    receipt = forgetter(runtime).forget(sessions_[0].public_id)
    assert receipt.found == {}
    kept = runtime.memories.sessions.log(sessions_[1])
    assert [m.message.tool_calls for m in kept if m.message.tool_calls] == [(call,)]


def test_a_conversation_and_a_core_block_can_be_forgotten(runtime: Runtime):
    session, _, _ = copied_everywhere(runtime, SECRET)
    runtime.memories.core.append("progress", "행렬식이 무엇인지 잘 모르겠다고 했다")
    assert forgetter(runtime).forget("progress").rows == {"core_blocks": 1}
    fork = runtime.memories.sessions.fork(session)
    receipt = forgetter(runtime).forget(session.public_id)
    assert receipt.proven
    assert receipt.rows["sessions"] == 1
    assert receipt.rows["turns"] == 2
    assert raw(runtime.settings.home, SECRET) == []
    assert [kept.id for kept in runtime.memories.sessions.list()] == [fork.id]
    assert runtime.memories.sessions.log(fork) == []
    with pytest.raises(NotFound):
        runtime.memories.sessions.begin_turn(session, "x", "Asia/Seoul")


@pytest.mark.parametrize("rests", [False, True])
def test_what_is_written_while_copies_are_looked_for_goes_too(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch, rests: bool
):
    session, asked, _ = copied_everywhere(runtime, SECRET)
    monkeypatch.setattr(plan, "NEWEST", 0)

    def look(*given):
        held = plan.find_holders(*given)
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(write_meanwhile).result()
        return held

    def write_meanwhile() -> None:
        with open_runtime(settings) as other:  # nobody who writes waits for the search
            say(other, session, "뭐라고 했죠?", answer=f"“{SECRET}”라고 하셨어요.")
            if rests:
                other.memories.archival.insert("별명은 바나나우유 대마왕", kind="note", message_id=asked.id)

    monkeypatch.setattr(eraser, "find_holders", look)
    receipt = forgetter(runtime).forget(f"m{asked.id}")
    assert receipt.proven, list(receipt.lines("en"))
    assert raw(settings.home, SECRET) == []
    assert len([identity for identity in receipt.ids if identity[0] == "a"]) == 1 + rests


def test_what_is_not_there_cannot_be_forgotten(runtime: Runtime):
    for identity in ("m77", "a77", "s77"):
        with pytest.raises(NotFound):
            forgetter(runtime).forget(identity)
    with pytest.raises(UsageError):
        forgetter(runtime).forget("everything")


@pytest.mark.parametrize("erase", [False, True])
def test_files_of_ones_own_are_named_not_changed(runtime: Runtime, erase: bool):
    _, asked, _ = copied_everywhere(runtime, SECRET)
    names = [
        "my-notes.txt",
        "logbook.md",
        "history-course/01.md",
        "cache-export.json",
        "logs/mine.log",
        "history",
    ]
    for name in names:
        file = runtime.settings.home / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"내 메모\n{SECRET}\n", encoding="utf-8")
    receipt = forgetter(runtime).erase() if erase else forgetter(runtime).forget(f"m{asked.id}")
    assert not receipt.proven
    assert set(receipt.found) == set(names)
    for name in names:
        assert (runtime.settings.home / name).read_text(encoding="utf-8") == f"내 메모\n{SECRET}\n"
        assert any(name in line for line in receipt.lines("ko"))


@pytest.mark.parametrize("erase", [False, True])
def test_a_database_of_ones_own_and_what_links_lead_to_are_not_touched(
    runtime: Runtime, tmp_path: Path, erase: bool
):
    _, asked, _ = copied_everywhere(runtime, SECRET)
    home, outside = runtime.settings.home, tmp_path / "outside"
    outside.mkdir()
    (outside / "diary.md").write_text(SECRET, encoding="utf-8")
    (home / "diary.md").symlink_to(outside / "diary.md")
    (home / "linked").symlink_to(outside, target_is_directory=True)
    with closing(sqlite3.connect(home / "theirs.db")) as theirs:
        theirs.execute("CREATE TABLE messages (student_id, content)")
        theirs.execute("INSERT INTO messages VALUES (1, ?)", (SECRET,))
        theirs.commit()
    (home / "index").mkdir(exist_ok=True)
    (home / "index" / "mine.txt").write_text(SECRET, encoding="utf-8")
    before = (home / "theirs.db").read_bytes()
    receipt = forgetter(runtime).erase() if erase else forgetter(runtime).forget(f"m{asked.id}")
    assert (home / "theirs.db").read_bytes() == before
    assert (outside / "diary.md").read_text(encoding="utf-8") == SECRET
    assert (home / "diary.md").is_symlink()
    assert (home / "linked").is_symlink()
    assert (home / "index" / "mine.txt").read_text(encoding="utf-8") == SECRET
    assert {"theirs.db", "index/mine.txt"} <= set(receipt.found)


def test_a_log_that_cannot_be_written_is_named(runtime: Runtime, monkeypatch: pytest.MonkeyPatch):
    _, asked, _ = copied_everywhere(runtime, SECRET)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    receipt = forgetter(runtime).forget(f"m{asked.id}")
    assert set(receipt.found) == {"logs/error.log"}
    assert receipt.log_lines == 0
    assert sorted(path.name for path in (runtime.settings.home / "logs").iterdir()) == ["error.log"]


def test_an_erased_student_leaves_nothing_and_the_neighbour_everything(runtime: Runtime, settings: Settings):
    copied_everywhere(runtime, SECRET)
    with open_runtime(settings, "junho") as neighbour:
        theirs = neighbour.memories.sessions.create("kim")
        said, _ = say(neighbour, theirs, ENGLISH, answer="더 궁금한 점이 있으면 말씀해 주세요.")
        neighbour.memories.core.append("student", "이름: 준호")
        neighbour.embed_worker.flush(20)
    runtime.index.catch_up()
    receipt = forgetter(runtime).erase()
    assert receipt.proven, list(receipt.lines("en"))
    assert receipt.rows["students"] == 1
    assert raw(settings.home, SECRET) == []
    assert raw(settings.home, "max(0, x)입니다") == []
    with runtime.db.read() as connection:
        for table in metadata.sorted_tables:
            if "student_id" in table.c:
                owners = connection.scalars(select(table.c.student_id).distinct()).all()
                assert runtime.student.id not in owners, table.name
        assert connection.scalar(select(func.count()).select_from(students)) == 1
    with open_runtime(settings, "junho") as neighbour:
        assert neighbour.memories.recall.get(said.id).text == ENGLISH
        assert neighbour.memories.recall.search("grand duke", 3)[0].id == f"m{said.id}"
        assert all(report.sound for report in neighbour.index.verify())


def test_forgetting_one_students_memory_touches_no_neighbours(runtime: Runtime, settings: Settings):
    with open_runtime(settings, "junho") as neighbour:
        said, _ = say(neighbour, neighbour.memories.sessions.create("kim"), SECRET)
        with pytest.raises(NotFound):
            forgetter(runtime).forget(f"m{said.id}")
        _, asked, _ = copied_everywhere(runtime, SECRET)
        receipt = forgetter(runtime).forget(f"m{asked.id}")
        assert receipt.shared > 0
        assert receipt.elsewhere == ()
        assert neighbour.memories.recall.get(said.id).text == SECRET


@pytest.mark.postgres
def test_a_store_left_behind_by_a_move_is_named(postgres_url: str, settings: Settings):
    with open_runtime(replace(settings, database_url=postgres_url)) as runtime:
        fact = runtime.memories.archival.insert(SECRET, kind="fact")
        settings.home.mkdir(exist_ok=True)
        (settings.home / "officehours.db").write_text(SECRET, encoding="utf-8")
        receipt = forgetter(runtime).forget(fact.id)
    assert list(receipt.found) == ["officehours.db"]
    assert any("are not changed" in warning.en for warning in receipt.warnings)


@pytest.mark.postgres
def test_on_postgresql_rows_go_and_what_cannot_be_proven_is_said(postgres_url: str, settings: Settings):
    with open_runtime(replace(settings, database_url=postgres_url)) as runtime:
        _, _, fact = copied_everywhere(runtime, SECRET)
        receipt = forgetter(runtime).forget(fact.id)
        assert not receipt.proven
        assert "VACUUM" in receipt.warnings[0].en
        assert "VACUUM" in receipt.warnings[0].ko
        with runtime.db.read() as connection:
            assert not connection.scalar(select(func.count()).where(views.c.system.contains("대마왕")))
        erased = forgetter(runtime).erase()
        assert erased.rows["students"] == 1
        with runtime.db.read() as connection:
            assert connection.scalar(select(func.count()).select_from(sessions)) == 0


def test_a_receipt_reads_in_both_languages(runtime: Runtime):
    _, _, fact = copied_everywhere(runtime, SECRET)
    receipt = forgetter(runtime).forget(fact.id)
    english, korean = "\n".join(receipt.lines("en")), "\n".join(receipt.lines("ko"))
    assert "found 0" in english
    assert "남은 것은 0개" in korean
    assert json.loads(json.dumps(receipt.document()))["proven"] is True


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shape", ["NFC", "NFD", "escaped", "ESCAPED"])
def test_words_are_found_in_every_form(tmp_path: Path, form: str, shape: str):
    words = fragments(SECRET)[0]
    if shape.lower() == "escaped":
        text = json.dumps(words)[1:-1]
        text = text.upper().replace("\\U", "\\u") if shape == "ESCAPED" else text
        form = "utf-8"
    else:
        text = unicodedata.normalize("NFD" if shape == "NFD" else "NFC", words)
    file = tmp_path / "file"
    file.write_bytes(b"\0" * 5000 + b"x" + text.encode(form) + b"\0" * 77)
    assert ByteScanner([text_pattern("another phrase of the kind"), text_pattern(words)]).in_file(file)[
        1
    ] == {1}


def test_short_words_are_not_looked_for():
    assert fragments("네, 알겠어요") == ["네, 알겠어요"]
    assert fragments("네.") == []
    assert fragments("ok then") == []


def test_the_log_of_the_store_is_emptied(tmp_path: Path):
    with Database.open(tmp_path / "s.db") as db, db.begin() as connection:
        connection.exec_driver_sql("INSERT INTO settings VALUES ('k', '\"v\"')")
        wal = tmp_path / "s.db-wal"
    with Database.open(tmp_path / "s.db") as db:
        with db.begin() as connection:
            connection.exec_driver_sql("DELETE FROM settings")
        assert wal.stat().st_size > 0
        assert db.fold_log()
        assert wal.stat().st_size == 0
        assert db.fold_log(rewrite=True)
