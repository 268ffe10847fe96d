from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from officehours.memory import students
from officehours.memory.archival import ArchivalMemory
from officehours.memory.errors import BadImport
from officehours.memory.store.schema import messages
from officehours.memory.transfer import Importer, bounds
from officehours.memory.transfer.formats import read_entries, read_time
from officehours.memory.transfer.records import PassedOver, Record

NO_SEARCH: Any = None
SEOUL = ZoneInfo("Asia/Seoul")
NINE = datetime(2026, 11, 21, 9, tzinfo=SEOUL)


@pytest.fixture
def importer(database, student, clock) -> Importer:
    return Importer(database, student, ArchivalMemory(database, student.id, clock, NO_SEARCH), clock)


def read(text: str) -> list[Any]:
    return list(read_entries(text, "talk", "Asia/Seoul"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T09:00:00+09:00", "2026-11-21T09:00:00.000+09:00", "2026-11-21T00:00:00Z", "2026-11-21t00:00:00z",
        "2026-11-21T00:00:00.123456789Z", "2026-11-21T09:00:00", "2026-11-21T09:00", "2026-11-21 09:00:00",
        "2026-11-21T09", "20261121T090000+0900", "20261121T0900+09", "2026-11-21T09:00:00,000+09:00",
        "2026-11-20T19:00:00−05:00", "2026-W47-6T09:00", "2026W476T0900", "2026-325T09:00", "2026325T0900",
        " 2026-11-21T09:00 ", "2026-11-21T09:00:00+09:00[Asia/Seoul]",
    ],
)  # fmt: skip
def test_a_time_is_read_in_every_form_of_iso_8601(text):
    time = read_time(text, SEOUL)
    assert time is not None
    assert time.replace(microsecond=0) == NINE


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=SEOUL)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=SEOUL)),
        ("2026", datetime(2026, 1, 1, tzinfo=SEOUL)),
        ("2026-325", datetime(2026, 11, 21, tzinfo=SEOUL)),
        ("2026-11-20T24:00", datetime(2026, 11, 21, tzinfo=SEOUL)),
        *((odd, None) for odd in (
            None, 12, True, [], "", "yesterday", "2026-13-01", "2026-02-30", "1e9", "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-12:00", "9999-366", "2026-11-21T25:00", "T", "2026-11-21T09:00:00+99:00",
        )),
    ],
)  # fmt: skip
def test_days_months_and_years_begin_and_what_is_no_time_is_none(text, time):
    assert read_time(text, SEOUL) == time


LINES = ['{"id": "1", "content": "하나"}', "", '{"id": "2", "content": "둘"}', "  "]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_lines_however_they_end_and_are_written(importer, database, tmp_path, encoding, end):
    (tmp_path / "talk.jsonl").write_bytes(end.join(LINES).encode(encoding))
    assert importer.import_file(tmp_path / "talk.jsonl").messages == 2
    with database.read() as connection:
        assert connection.execute(select(messages.c.content)).scalars().all() == ["하나", "둘"]


def test_line_separators_inside_a_text_end_no_line():
    (entry,) = read('{"content": "a\u2028b\u0085c"}')
    assert isinstance(entry, Record)


ODD_IDS = [
    "\ud800",
    "\0",
    "\x1b[31m",
    "x" * 10_000,
    "가" * 300,
    "\ud83d",
    "'; DROP TABLE messages; --",
    "%_",
    "\u202e",
]


@pytest.mark.parametrize("key", ["id", "session", "name", "source", "locator", "subject", "content"])
def test_no_text_of_a_line_is_more_than_a_database_takes(importer, database, tmp_path, key):
    lines = [
        {"id": f"{kind}{number}", "kind": kind, "content": f"x{number}", key: f"x{odd}"}
        for kind in ("message", "note", "fact")
        for number, odd in enumerate(ODD_IDS)
    ]
    if key == "id":  # ids are told apart by what is odd in them
        lines = [line for line in lines if line["kind"] == "message"]
    (tmp_path / "odd.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    report = importer.import_file(tmp_path / "odd.jsonl")
    assert (report.read, report.failed) == (len(lines), {})
    assert importer.import_file(tmp_path / "odd.jsonl").known == report.taken
    with database.read() as connection:
        ids = connection.execute(select(messages.c.external_id)).scalars().all()
    assert all(len(name) <= bounds.LONGEST_ID for name in ids)


def test_deep_json_is_refused_where_it_stands_and_no_deeper_than_the_bound():
    deep = "[" * 98 + "]" * 98
    line = f'{{"content": "x", "more": {deep}}}'
    assert isinstance(read(line)[0], Record)
    for depth in (101, 900, 100_000):
        deep = "[" * depth + "]" * depth
        good, bad_one = read(f'{{"content": "one"}}\n{{"content": "x", "more": {deep}}}')
        assert isinstance(good, Record)
        assert "brackets" in bad_one.error.en
    with pytest.raises(BadImport, match="nested more than 100"):
        read(f'{{\n"agents": [], "more": {deep}}}')


def test_brackets_inside_texts_are_no_depth():
    text = "[" * 500 + '\\"' + "{" * 500
    assert isinstance(read(f'{{"content": "{text}"}}')[0], Record)


def test_a_document_of_more_values_than_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(bounds, "MOST_VALUES", 1_000)
    with pytest.raises(BadImport, match="more than 1,000 values"):
        read('{\n"agents": [' + "[]," * 600 + "[]]}")


def test_numbers_that_json_does_not_have_are_nothing():
    (entry,) = read('{"id": NaN, "time": Infinity, "content": "x"}')
    assert (entry.time, entry.content) == (None, "x")


@pytest.mark.parametrize(
    "text", ['{"foo": 1, "bar": 2}', '{\n "foo": 1\n}', "[1, 2]", '[{"mapping": 1}]', "[]"]
)
def test_json_of_another_build_says_so(text):
    try:
        entries = read(text)
    except BadImport as error:
        assert "JSON Lines" in str(error)  # noqa: PT017  it may be told of the line as well
    else:
        assert "content" in entries[0].error.en


def letta(**more: Any) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": "hello"}], **more}


ODD_LETTA: dict[str, tuple[object, str]] = {
    "a number": (3, "failed"),
    "null": (None, "failed"),
    "no role": ({"content": "x"}, "not said"),
    "a tool": (letta(role="tool"), "tool"),
    "system": (letta(role="system"), "not said"),
    "approval": (letta(role="approval"), "not said"),
    "a heartbeat": (letta(content='{"type": "heartbeat"}'), "not said"),
    "nothing but reasoning": (
        letta(role="assistant", content=[{"type": "reasoning", "reasoning": "x"}]),
        "blank",
    ),
    "a deep packed message": (letta(content='{"type":' + "[" * 50_000), "kept"),
    "odd tool calls": (letta(role="assistant", tool_calls=[3, None, {"function": "x"}]), "kept"),
    "an odd time": (letta(created_at="9999-12-31T23:59:59-12:00"), "kept"),
    "no time": (letta(created_at=12), "kept"),
    "a text beside the content": ({"role": "user", "text": "hello"}, "kept"),
    "odd parts": (letta(content=[None, 3, {"type": "image"}, {"text": 4}, "hello"]), "kept"),
}


@pytest.mark.parametrize("kind", ODD_LETTA)
def test_odd_messages_of_an_agent_file_are_told_apart(kind):
    odd, wanted = ODD_LETTA[kind]
    whole = {
        "agents": [{"name": "prof", "messages": [letta(id="a"), odd, letta(id="b", role="assistant")]}, 3]
    }
    first, middle, last, agent = read(json.dumps(whole))
    assert (first.content, last.content) == ("hello", "hello")
    assert agent.place.en == "agent 2"
    got = "kept" if isinstance(middle, Record) else getattr(middle, "reason", "failed")
    assert got == wanted


def test_the_first_agent_files_held_one_agent():
    whole = {
        "agent_type": "memgpt_agent",
        "name": "prof",
        "core_memory": [
            {"label": "human", "value": "Studies AI."},
            {"label": "persona", "value": "I am prof."},
            3,
        ],
        "messages": [letta(created_at="2025-04-01T00:00:00Z"), letta(role="assistant", content="hi")],
    }
    block, persona, odd, question, answer = read(json.dumps(whole, indent=1))
    assert (block.kind, block.content) == ("note", "Studies AI.")
    assert isinstance(persona, PassedOver)
    assert odd.place.en == "block 3"
    assert (question.content, question.time) == ("hello", datetime(2025, 4, 1, tzinfo=UTC))
    assert answer.content == "hi"


# Whatever is in a file, all of it is accounted for.

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
WORDS = st.sampled_from(["one", "둘", " ", "", "\0", "\ud800", "three\ue200cite\ue202x\ue201"])
LINE = st.fixed_dictionaries(
    {"content": WORDS | JUNK},
    optional={
        "id": st.sampled_from(["a", "b", 1, "\ud800"]) | JUNK,
        "role": st.sampled_from(["user", "assistant", "tool"]) | JUNK,
        "kind": st.sampled_from(["message", "note", "fact", "passage"]) | JUNK,
        "time": st.sampled_from(["2026-11-21", "9999-12-31"]) | JUNK,
        "session": st.sampled_from(["s", ""]) | JUNK,
        "tags": JUNK,
        "subject": WORDS | JUNK,
    },
)
CONTENT = st.fixed_dictionaries(
    {
        "content_type": st.sampled_from(["text", "multimodal_text", "thoughts"]) | JUNK,
        "parts": st.lists(WORDS | JUNK),
    }
)
MESSAGE = st.fixed_dictionaries(
    {
        "author": st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant", "tool", "system"]) | JUNK}
        ),
        "content": CONTENT | JUNK,
    },
    optional={
        "id": st.sampled_from(["m1", "m2"]) | JUNK,
        "recipient": st.sampled_from(["all", "python"]) | JUNK,
        "create_time": st.floats() | JUNK,
        "metadata": JUNK,
    },
)
NAMES = st.sampled_from(["n1", "n2", "n3", "n4"])
NODE = st.fixed_dictionaries(
    {"parent": NAMES | JUNK, "children": st.lists(NAMES | JUNK, max_size=3) | JUNK, "message": MESSAGE | JUNK}
)
TALK = st.fixed_dictionaries(
    {"mapping": st.dictionaries(NAMES, NODE | JUNK), "current_node": NAMES | JUNK, "title": JUNK, "id": JUNK}
)
AGENT_FILE = st.fixed_dictionaries(
    {
        "agents": st.lists(st.fixed_dictionaries({"name": JUNK, "messages": st.lists(MESSAGE | JUNK)})),
        "blocks": st.lists(JUNK | st.fixed_dictionaries({"label": WORDS, "value": WORDS | JUNK})),
    }
)
FILES = st.one_of(
    st.lists(LINE | JUNK, min_size=1, max_size=8).map(lambda lines: ("lines", lines)),
    st.lists(TALK | JUNK, min_size=1, max_size=3).map(lambda talks: ("talks", talks)),
    AGENT_FILE.map(lambda whole: ("agents", whole)),
)


def entries_in(form: str, whole: Any) -> int:
    match form:
        case "lines":
            return len(whole)
        case "talks":
            mappings = [
                talk["mapping"] if isinstance(talk, dict) and "mapping" in talk else None for talk in whole
            ]
            return sum(len(mapping) if isinstance(mapping, dict) else 1 for mapping in mappings)
        case _:
            return len(whole["blocks"]) + sum(len(agent["messages"]) for agent in whole["agents"])


@pytest.fixture
def anybody(database, clock):
    numbers = count()

    def make() -> Importer:
        name = f"student {next(numbers)}"
        student = students.find_or_create(database, name, language="ko", zone="Asia/Seoul", now=clock())
        return Importer(database, student, ArchivalMemory(database, student.id, clock, NO_SEARCH), clock)

    return make


@settings(max_examples=60)
@given(FILES)
def test_what_was_read_is_kept_known_passed_over_or_named(anybody, tmp_path, made):
    form, whole = made
    text = "\n".join(map(json.dumps, whole)) if form == "lines" else json.dumps(whole)
    (tmp_path / "file").write_text(text, encoding="utf-8")
    importer = anybody()
    try:
        report = importer.import_file(tmp_path / "file")
    except BadImport as error:
        assert error.ko  # noqa: PT017  of some files nothing can be read
        return
    assert report.read == report.taken + len(report.passed_over) + len(report.failed)
    assert report.read == entries_in(form, whole)
    assert all(error.en and error.ko for error in report.failed.values())
    again = importer.import_file(tmp_path / "file") if report.taken else report
    assert (again.read, again.taken, again.failed.keys()) == (report.read, report.taken, report.failed.keys())
    assert not report.taken or again.known == report.taken
