from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from officehours.agent.runtime import Memories, Runtime, open_runtime
from officehours.agent.settings import Settings
from officehours.agent.tutor.schedule import FsrsSchedule
from officehours.memory import students
from officehours.memory.errors import BadImport, StoreUnwritable, UsageError
from officehours.memory.facts import extract_facts, render_fact
from officehours.memory.learner.problem_sets import Hint, Problem
from officehours.memory.learner.quiz_values import Attempt, NewItem
from officehours.memory.learner.values import NewCard
from officehours.memory.store.schema import metadata
from officehours.memory.transfer import Importer, ImportReport, as_markdown, export_agent_file, export_json
from officehours.memory.transfer.bounds import parse_json
from officehours.memory.transfer.check_export import check_rows, check_student
from officehours.memory.transfer.export import DERIVED, export_document, exported_tables
from officehours.memory.transfer.formats import read_entries
from officehours.memory.transfer.load_export import load_export
from officehours.memory.transfer.records import Record
from officehours.memory.types import Message, ToolCall
from officehours.memory.usage import Spent, UsageLog

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
Open = Callable[..., Runtime]


@pytest.fixture
def open_home(tmp_path: Path) -> Iterator[Open]:
    opened: list[Runtime] = []

    def one(home: str, handle: str = "minji", **settings) -> Runtime:
        chosen = Settings(home=tmp_path / home, embedder="hashing", language="ko", zone="Asia/Seoul", now=NOW)
        opened.append(open_runtime(replace(chosen, **settings), handle))
        return opened[-1]

    yield one
    for runtime in opened:
        runtime.close()


def live(runtime: Runtime) -> None:
    """Leave something in every table that is exported."""
    memories = runtime.memories
    sessions = memories.sessions
    session = sessions.create("kim-yongdam", title="첫 대화 “따옴표” \\ 역사선")
    turn, asked = sessions.begin_turn(
        session, "기말시험은 12월 3일이에요. DoRA가 뭐예요?", "Asia/Seoul", context_note="(시각)"
    )
    call = ToolCall("c1", "archival_memory_insert", '{"content": "기말시험은 12월 3일"}')
    sessions.append(session, turn, Message("assistant", "적어 둘게요.", (call,)))
    sessions.append(
        session, turn, Message("tool", "Stored as a1.", tool_call_id="c1", name="archival_memory_insert")
    )
    answer = sessions.append(session, turn, Message("assistant", "DoRA는 … 입니다 [a1]."))
    sessions.finish_turn(turn, "done")
    old = memories.archival.insert(
        "기말시험은 12월 3일입니다.",
        kind="fact",
        subject="exam:final",
        quote="기말시험은 12월 3일이에요",
        message_id=asked.id,
    )
    memories.archival.update(old.id, "기말시험은 12월 5일입니다.")
    memories.archival.insert(
        "passage\n\nof a course", kind="passage", trust="course", source="c.md", locator="1", tags=["x"]
    )
    memories.core.append("student", "이름: 민지")
    memories.core.replace("student", "민지", "김민지")
    memories.questions.ask(asked.id, "DoRA가 뭐예요?")
    memories.questions.answered(asked.id, answer.id)
    memories.misconceptions.record("seen", "DoRA", asked.id, "DoRA가 뭐예요?")
    memories.goals.set("exam:final", 40, ["c.md"])
    memories.acronyms.add(
        "SVD", "Singular Value Decomposition", trust="web", source="https://s.example", message=asked.id
    )
    memories.promises.make("다음에는 DoRA부터", asked.id)
    sessions.open_view(
        session, "start", system=f"S [{old.id}]", tools=[{"name": "t"}], brief="b", summary=f"[m{asked.id}] s"
    )
    fork = sessions.fork(session)
    undone, _ = sessions.begin_turn(fork, "이건 취소할 말", "Asia/Seoul")
    sessions.finish_turn(undone, "failed", "server down")
    sessions.undo(fork)
    spent = Spent(
        "m",
        "turn",
        10,
        5,
        3,
        0,
        False,
        1.5,
        0.25,
        Decimal("0.0010"),
        False,
        {"input": "0.5"},
        "1400",
        "2026-11-01",
        NOW,
    )
    UsageLog(runtime.db, runtime.student.id, runtime.clock).add(spent)
    learn(memories, asked.id, int(old.id[1:]))


def learn(memories: Memories, message: int, memory: int) -> None:
    card = memories.cards.add(NewCard("DoRA란?", "LoRA의 하나", message_id=message, archival_id=memory)).card
    memories.cards.review(card.id, 3, FsrsSchedule())
    memories.reviews.keep_parameters([0.2] * 21, 400, 0.32, 0.34)
    memories.quizzes.add_problems(
        [Problem("p1", "1 + 1", ("2",), hints=(Hint("hint", "a", "b"),))], "Calculus"
    )
    problem = memories.quizzes.problems()[0].id
    quiz = memories.quizzes.start([NewItem("1 + 1", ("2",), problem_id=problem, card_id=card.id)])
    item = memories.quizzes.next_item(quiz.id)
    assert item is not None
    memories.quizzes.record(Attempt("2", 1, "code", item_id=item.id, card_id=card.id, message_id=message))
    memories.quizzes.finish(quiz.id)


def export(runtime: Runtime, file: Path) -> bytes:
    export_json(runtime.db, runtime.student, file)
    return file.read_bytes()


def take_in(runtime: Runtime, file: Path) -> ImportReport:
    importer = Importer(runtime.db, runtime.student, runtime.memories.archival, runtime.clock)
    return importer.import_file(file)


def test_every_table_of_a_student_is_exported_or_made_again():
    own = {table for table in metadata.sorted_tables if "student_id" in table.c}
    assert own == set(exported_tables()) | DERIVED


def test_an_export_imported_into_an_empty_home_exports_the_same_bytes(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    before = export(first, tmp_path / "out.json")
    rows = json.loads(before)
    assert all(rows[table.name] for table in exported_tables()), "a table was left empty"
    second = open_home("second")
    report = take_in(second, tmp_path / "out.json")
    assert (report.messages, report.kept) == (5, 3)
    assert export(second, tmp_path / "again.json") == before


def test_what_was_imported_works_as_it_did(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    export(first, tmp_path / "out.json")
    second = open_home("second")
    take_in(second, tmp_path / "out.json")
    found = second.memories.archival.search("기말시험", 3)
    assert found[0].text == "기말시험은 12월 5일입니다."
    assert "기말시험은 12월 3일이에요. DoRA가 뭐예요?" in {
        h.text for h in second.memories.recall.search("DoRA", 3)
    }
    assert all("취소할" not in hit.text for hit in second.memories.recall.search("취소할 말", 5))
    assert second.memories.core.blocks()["student"].value == "이름: 김민지"
    session = second.memories.sessions.latest()
    assert session is not None
    turn, message = second.memories.sessions.begin_turn(session, "이어서 질문", "Asia/Seoul")
    assert message.id > 5
    assert turn.number == 2


def test_beside_other_students_ids_are_new_and_citations_follow(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    export(first, tmp_path / "out.json")
    neighbour = open_home("second", "junho")
    live(neighbour)
    theirs = export(neighbour, tmp_path / "theirs.json")
    second = open_home("second", "minji")
    take_in(second, tmp_path / "out.json")
    assert export(neighbour, tmp_path / "theirs-after.json") == theirs
    sessions = second.memories.sessions
    cited = next(s for s in sessions.list() if s.title.startswith("첫"))
    answer = sessions.log(cited)[3].message.content
    (kept,) = [
        k for k in second.memories.archival.list("fact", superseded=True) if k.text.endswith("3일입니다.")
    ]
    assert answer == f"DoRA는 … 입니다 [{kept.id}]."
    assert kept.id != "a1"
    mine = json.loads(export(second, tmp_path / "mine.json"))
    assert [row["system"] for row in mine["views"]] == [f"S [{kept.id}]"]
    assert not {row["id"] for row in mine["messages"]} & {row["id"] for row in json.loads(theirs)["messages"]}


def test_the_same_import_twice_is_known_and_another_is_refused(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    export(first, tmp_path / "out.json")
    second = open_home("second")
    take_in(second, tmp_path / "out.json")
    again = take_in(second, tmp_path / "out.json")
    assert (again.messages, again.kept, again.known) == (0, 0, 8)
    second.memories.core.append("student", "새 줄")
    with pytest.raises(UsageError, match="--student"):
        take_in(second, tmp_path / "out.json")


def as_version_1(document: dict[str, Any]) -> dict[str, Any]:
    """Give an export as the version before wrote it."""
    old: dict[str, Any] = {**document, "version": 1}
    dropped = {
        "messages": ("hits", "trust"),
        "views": ("pressure",),
        "core_blocks": ("message_id",),
        "archival": ("fact_kind", "value", "day", "last_day", "polarity"),
    }
    for name, columns in dropped.items():
        old[name] = [{k: v for k, v in row.items() if k not in columns} for row in document[name]]
    for row in old["messages"]:
        row["beside"] = row.pop("context_note")
    return old


def test_an_export_of_version_1_is_imported_with_what_its_facts_say(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    memories = first.memories
    said = memories.sessions.log(memories.sessions.list()[-1])[0]
    stated = extract_facts("AI 기말시험은 12월 3일이에요. 고유값은 이제 이해했어요.", NOW, "Asia/Seoul")
    assert len(stated) == 2
    for fact in stated:
        memories.archival.insert(
            render_fact(fact, "ko"), kind="fact", subject=fact.subject, fact=fact, message_id=said.id
        )
    now = json.loads(export(first, tmp_path / "out.json"))
    old = as_version_1(now)
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    second = open_home("second")
    assert take_in(second, tmp_path / "old.json").known == 0
    there = json.loads(export(second, tmp_path / "again.json"))
    assert there["archival"] == now["archival"]
    assert [row["context_note"] for row in there["messages"]] == [row["beside"] for row in old["messages"]]
    assert take_in(second, tmp_path / "old.json").known == len(now["messages"]) + len(now["archival"])


def test_core_lines_name_their_facts_by_the_ids_of_the_new_home(open_home: Open, tmp_path: Path):
    first = open_home("first")
    kept = first.memories.archival.insert("이름은 민지입니다.", kind="fact")
    first.memories.core.append("student", f"이름은 민지입니다. [{kept.id}]")
    export(first, tmp_path / "out.json")
    second = open_home("second", "other")
    second.memories.archival.insert("다른 학생의 기억")
    third = open_home("second", "third")
    take_in(third, tmp_path / "out.json")
    assert third.memories.core.blocks()["student"].value == "이름은 민지입니다. [a2]"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["messages"][2].pop("content"),
        lambda d: d["messages"][1].update(session_id=99),
        lambda d: d["archival"][0].update(time="yesterday"),
        lambda d: d["archival"][0].update(time="2026-11-21T10:00:00"),
        lambda d: d["core_blocks"].append(d["core_blocks"][0]),
        lambda d: d["turns"][0].update(number="one"),
        lambda d: d["views"].append("x"),
        lambda d: d.pop("usage"),
        lambda d: d["messages"][1].update(tool_calls=[["only", "two"]]),
        lambda d: d["sessions"][0].update(surprise=1),
        lambda d: d.update(version=99),
        lambda d: d["archival"][0].update(day="soon"),
        lambda d: d["archival"][0].update(fact_kind="horoscope"),
        lambda d: d.update(version=1, archival=[7]),
        lambda d: d["archival"][0].update(superseded_by=d["archival"][0]["id"]),
    ],
)
def test_a_damaged_export_imports_nothing(open_home: Open, tmp_path: Path, spoil):
    first = open_home("first")
    live(first)
    document = json.loads(export(first, tmp_path / "out.json"))
    spoil(document)
    (tmp_path / "bad.json").write_text(json.dumps(document), encoding="utf-8")
    second = open_home("second")
    empty = export(second, tmp_path / "empty.json")
    with pytest.raises(BadImport):
        take_in(second, tmp_path / "bad.json")
    assert export(second, tmp_path / "still.json") == empty


def test_secrets_in_an_export_made_by_hand_are_masked(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    document = json.loads(export(first, tmp_path / "out.json"))
    document["archival"][0]["text"] = "제 비밀번호는 hunter2!x 입니다"
    (tmp_path / "hand.json").write_text(json.dumps(document), encoding="utf-8")
    second = open_home("second")
    assert take_in(second, tmp_path / "hand.json").masked == {"password"}
    assert b"hunter2" not in export(second, tmp_path / "now.json")


def test_an_export_moves_between_sqlite_and_postgresql(open_home: Open, postgres_url: str, tmp_path: Path):
    first = open_home("first")
    live(first)
    before = export(first, tmp_path / "out.json")
    second = open_home("second", database_url=postgres_url)
    take_in(second, tmp_path / "out.json")
    assert export(second, tmp_path / "again.json") == before
    assert second.memories.archival.insert("계속 쓸 수 있다").id == "a4"


def test_an_agent_file_has_what_letta_requires_and_carries_the_rest(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    before = export(first, tmp_path / "out.json")
    count = export_agent_file(
        first.db, first.student, first.memories.core.blocks(), tmp_path / "me.af", persona="I teach."
    )
    document = json.loads((tmp_path / "me.af").read_text(encoding="utf-8"))
    for name in ("agents", "groups", "blocks", "files", "sources", "tools", "mcp_servers"):
        assert isinstance(document[name], list), name
    (agent,) = document["agents"]
    assert {"id", "name", "llm_config"} <= agent.keys()
    assert len(agent["messages"]) == count == 4
    assert all(part["type"] == "text" for message in agent["messages"] for part in message["content"])
    ids = [thing["id"] for kind in ("agents", "blocks", "tools") for thing in document[kind]]
    ids += [message["id"] for message in agent["messages"]]
    assert len(ids) == len(set(ids))
    assert set(agent["in_context_message_ids"]) <= set(ids)
    assert all(tool["source_type"] for tool in document["tools"])
    assert [block["label"] for block in document["blocks"]] == ["persona", "human", "progress"]
    assert agent["messages"][1]["tool_calls"][0]["function"]["name"] == "archival_memory_insert"
    second = open_home("second")
    take_in(second, tmp_path / "me.af")
    assert export(second, tmp_path / "again.json") == before


def test_an_agent_file_without_our_key_is_read_as_lettas(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    export_agent_file(first.db, first.student, first.memories.core.blocks(), tmp_path / "me.af")
    document = json.loads((tmp_path / "me.af").read_text(encoding="utf-8"))
    del document["officehours"]
    (tmp_path / "theirs.af").write_text(json.dumps(document), encoding="utf-8")
    entries = read_entries(json.dumps(document), "theirs.af", "Asia/Seoul")
    records = [entry for entry in entries if isinstance(entry, Record)]
    assert [r.content for r in records if r.role == "user" and r.kind == "message"] == [
        "기말시험은 12월 3일이에요. DoRA가 뭐예요?"
    ]
    second = open_home("second")
    report = take_in(second, tmp_path / "theirs.af")
    assert report.messages == 3
    assert report.kept == 1


def test_the_readable_form_holds_what_is_known_and_said(open_home: Open):
    runtime = open_home("first")
    live(runtime)
    m = runtime.memories
    m.cards.add(NewCard("DoRA는 무엇을 나누나요?", "크기와 방향"))
    m.misconceptions.record("seen", "역전파", "m1", "역전파가 자꾸 헷갈려요")
    text = "\n".join(
        as_markdown(runtime.student, m.core, m.archival, m.questions, m.misconceptions, m.cards, m.sessions)
    )
    for part in (
        "이름: 김민지",
        "기말시험은 12월 5일입니다.",
        "예전에 맞던 것",
        "> 기말시험은 12월 3일이에요 [m1]",
        "DoRA는 … 입니다",
        "DoRA는 무엇을 나누나요? → 크기와 방향",
        "역전파가 자꾸 헷갈려요",
    ):
        assert part in text, part
    assert "취소할" not in text


def test_a_place_that_cannot_be_written_is_said(open_home: Open, tmp_path: Path):
    runtime = open_home("first")
    with pytest.raises(StoreUnwritable):
        export_json(runtime.db, runtime.student, tmp_path / "no" / "where.json")
    assert not (tmp_path / "no").exists()


ODD_VALUES: list[Any] = [
    "", "\0\ud800", "x" * 300, -1, 2**31, 2**63, True, [], {}, [[]], {"x": "\ud800"},
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "Nowhere/City", None, float("nan"), [float("inf")], "deep",
]  # fmt: skip


def test_no_value_of_an_export_ends_in_anything_but_a_sentence(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    document = json.loads(export(first, tmp_path / "out.json"))
    second = open_home("second")
    taken = 0
    for name, rows in [*((t.name, document[t.name]) for t in exported_tables()), ("student", None)]:
        row = document["student"] if rows is None else rows[0]
        for column, old in list(row.items()):
            for number, odd in enumerate(ODD_VALUES):
                row[column] = parse_json("[" * 90 + "]" * 90) if odd == "deep" else odd
                with suppress(UsageError):
                    if rows is None:
                        check_student(document, set())
                    else:
                        check_rows(metadata.tables[name], rows, set())
                    handle = f"{name} {column} {number}"
                    student = students.find_or_create(
                        second.db, handle, language="ko", zone="Asia/Seoul", now=NOW
                    )
                    load_export(second.db, student, document)
                    taken += 1
            row[column] = old
    assert taken


def test_rows_that_contradict_each_other_are_refused_as_such(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    document = json.loads(export(first, tmp_path / "out.json"))
    again = dict(document["turns"][0], id=900)
    document["turns"].append(again)
    (tmp_path / "odd.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadImport, match="turns: its rows contradict each other"):
        take_in(open_home("second"), tmp_path / "odd.json")


def test_an_export_of_version_2_knows_nothing_of_learning_and_is_imported(open_home: Open, tmp_path: Path):
    first = open_home("first")
    live(first)
    document = json.loads(export(first, tmp_path / "out.json"))
    learning = {"cards", "reviews", "fsrs_parameters", "problems", "quizzes", "quiz_items", "attempts"}
    old = {name: rows for name, rows in document.items() if name not in learning} | {"version": 2}
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    second = open_home("second")
    assert take_in(second, tmp_path / "old.json").messages == 5
    assert second.memories.cards.all() == []


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("cards", {"state": 9}),
        ("cards", {"state": 2, "step": None, "stability": None}),
        ("cards", {"step": None}),
        ("cards", {"difficulty": 11}),
        ("reviews", {"rating": 5}),
        ("fsrs_parameters", {"parameters": [0.1] * 20}),
        ("problems", {"answers": [1]}),
        ("problems", {"hints": ["x"]}),
        ("problems", {"answers": []}),
        ("attempts", {"correct": 0.7}),
    ],
)
def test_learning_that_nobody_could_read_is_refused(open_home: Open, table: str, wrong: dict[str, Any]):
    first = open_home("first")
    live(first)
    document = export_document(first.db, first.student)
    document[table][0] |= wrong
    with pytest.raises(BadImport, match=table):
        check_rows(metadata.tables[table], document[table], set())


@pytest.mark.parametrize("zone", ["Nowhere/City", "America", "../etc/localtime", "+9:00", "", "\0"])
def test_a_zone_that_is_not_known_here_becomes_utc(open_home: Open, tmp_path: Path, zone: str):
    first = open_home("first")
    live(first)
    document = json.loads(export(first, tmp_path / "out.json"))
    document["student"]["zone"] = document["messages"][0]["zone"] = zone
    (tmp_path / "odd.json").write_text(json.dumps(document), encoding="utf-8")
    second = open_home("second")
    take_in(second, tmp_path / "odd.json")
    there = json.loads(export(second, tmp_path / "again.json"))
    assert {there["student"]["zone"], there["messages"][0]["zone"]} == {"UTC"}
    assert there["messages"][1]["zone"] == "Asia/Seoul"
