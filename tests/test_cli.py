from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from chat_server import ChatServer, call, calls, refuse, say
from own_tools import say_yes
from program import COMMAND, environment, officehours, started_anew


def lines(*rows: Mapping[str, object]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_ask_json_is_one_document_with_the_contracts_keys(own_home: Path) -> None:
    course = own_home.parent / "course"
    course.mkdir()
    (course / "lora.md").write_text(
        "# LoRA\n\nLoRA(Low-Rank Adaptation)는 가중치를 얼리고 낮은 랭크의 두 행렬만 학습하는 방법이다.\n",
        encoding="utf-8",
    )
    assert officehours("ingest", course, home=own_home).code == 0
    done = officehours("ask", "LoRA가 뭐예요?", "--search", "never", "--json", home=own_home)
    assert done.code == 0
    assert list(done.json) == ["answer", "session", "turn", "tool_calls", "citations", "usage"]
    assert set(done.json["usage"]) == {
        "requests", "input_tokens", "cached_tokens", "output_tokens", "usd", "krw", "seconds", "overhead_ms"
    }  # fmt: skip
    (citation, *_) = done.json["citations"]
    assert set(citation) == {"n", "id", "source", "locator", "quote"}
    shown = officehours("memory", "show", citation["id"], "--json", home=own_home).json
    assert citation["quote"] in shown["text"]
    assert done.json["usage"]["usd"] == 0


def test_ingest_takes_what_it_can_and_says_what_it_could_not(own_home: Path) -> None:
    course = own_home.parent / "강의"
    course.mkdir()
    (course / "과적합.md").write_text("# 과적합\n\n외운다.\n", encoding="utf-8")
    (course / "bad.md").write_bytes("정규화".encode("cp949"))
    Path(os.fsdecode(os.fsencode(course) + b"/caf\xe9.md")).write_text("# Crema\n\nfoam\n", encoding="utf-8")
    done = started_anew("ingest", course, "--json", home=own_home, LC_ALL="C", PYTHONUTF8="0")
    assert (done.code, done.json["files"], done.json["new"]) == (1, 2, 2)
    assert [failed["file"] for failed in done.json["failed"]] == [str(course / "bad.md")]
    again = officehours("ingest", course, home=own_home)
    assert again.code == 1
    assert "2 unchanged" in again.out
    assert "bad.md" in again.err


@pytest.mark.parametrize("language", ["en", "ko"])
def test_ingest_says_of_everything_in_a_folder_what_became_of_it(own_home: Path, language: str) -> None:
    officehours("config", "set", "language", language, home=own_home)
    course = own_home.parent / "course"
    course.mkdir()
    for name, text in {"a.md": "# A\n\nx", "b.md": "", "c.png": "", ".git": "", "README.md": "x"}.items():
        (course / name).write_text(text, encoding="utf-8")
    (course / "again.md").symlink_to("a.md")
    os.mkfifo(course / "pipe.md")
    done = officehours("ingest", course, home=own_home)
    said = {
        "en": (
            "no words",
            "neither Markdown",
            "begin with a dot: 1",
            "describes",
            "link to what is",
            "a pipe",
        ),
        "ko": ("내용이 없어", "아니라", "점으로 시작하는 이름 1개", "폴더를 설명하는", "링크라", "파이프"),
    }[language]
    assert done.code == 0
    assert all(words in done.err for words in said)
    document = officehours("ingest", course, "--json", home=own_home).json
    assert (document["found"], document["files"], len(document["passed_over"])) == (7, 1, 6)


def test_ask_prints_the_answer_on_stdout_and_the_bill_on_stderr(own_home: Path) -> None:
    with ChatServer([say("The rank is **low**.")]) as server:
        done = officehours(
            "ask",
            "Why?",
            home=own_home,
            OPENAI_BASE_URL=server.url,
            OFFICEHOURS_MODEL="m",
            OPENAI_API_KEY="k",
        )
    assert done.out == "The rank is **low**.\n"
    assert "requests 1" in done.err


def test_ask_ndjson_prints_every_event_with_its_type(own_home: Path) -> None:
    with ChatServer([call("calculate", expression="2+2"), say("Four.")]) as server:
        done = officehours(
            *("ask", "What is 2+2?", "--ndjson"),
            home=own_home,
            OPENAI_BASE_URL=server.url,
            OFFICEHOURS_MODEL="m",
        )
    types = [event["type"] for event in done.lines]
    assert types[0] == "turn_started"
    assert types[-1] == "turn_finished"
    assert {"tool_started", "tool_finished", "text_delta"} <= set(types)


def test_unknown_price_is_null(own_home: Path) -> None:
    with ChatServer([say("Yes.")]) as server:
        done = officehours(
            "ask", "Is it?", "--json", home=own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m"
        )
    assert done.json["usage"]["usd"] in (None, 0)


def test_ask_reads_the_question_from_stdin(own_home: Path) -> None:
    done = officehours("ask", "-", "--json", home=own_home, stdin="안녕하세요\n")
    assert done.code == 0
    assert done.json["answer"]


def test_memory_import_and_search_keep_the_contract(own_home: Path) -> None:
    file = own_home.parent / "talk.jsonl"
    file.write_text(
        lines(
            {"id": "t1", "role": "user", "content": "역전파가 헷갈려요", "time": "2026-11-02T10:00:00+09:00"},
            {
                "id": "t2",
                "role": "assistant",
                "content": "연쇄 법칙부터 볼까요?",
                "time": "2026-11-02T10:01:00+09:00",
            },
            {"id": "p1", "kind": "passage", "content": "ReLU는 max(0, x)이다.", "source": "relu.md"},
        ),
        encoding="utf-8",
    )
    first = officehours("memory", "import", file, "--student", "mina", "--json", home=own_home)
    again = officehours("memory", "import", file, "--student", "mina", "--json", home=own_home)
    assert (first.json["messages"], first.json["kept"], first.json["known"]) == (2, 1, 0)
    assert (again.json["messages"], again.json["kept"], again.json["known"]) == (0, 0, 3)
    found = officehours(
        "memory", "search", "역전파", "--student", "mina", "--in", "recall", "--json", home=own_home
    )
    assert list(found.json) == ["query", "ms", "hits"]
    assert list(found.json["hits"][0]) == ["id", "external_id", "source", "score", "time", "role", "text"]
    assert found.json["hits"][0]["external_id"] == "t1"
    queries = own_home.parent / "queries.jsonl"
    queries.write_text(
        lines({"id": "q1", "query": "ReLU"}, {"id": "q2", "query": "연쇄 법칙"}), encoding="utf-8"
    )
    each = officehours(
        *("memory", "search", "--queries", queries, "--student", "mina", "--in", "all", "--ndjson"),
        home=own_home,
    )
    assert [(row["query_id"], row["hits"][0]["external_id"]) for row in each.lines] == [
        ("q1", "p1"),
        ("q2", "t2"),
    ]


def test_memory_is_searched_as_of_a_day(own_home: Path) -> None:
    officehours(
        "chat", home=own_home, stdin="시험은 12월 3일이에요", OFFICEHOURS_NOW="2026-11-03T14:00:00+09:00"
    )
    officehours(
        "chat",
        home=own_home,
        stdin="시험이 12월 8일로 바뀌었어요",
        OFFICEHOURS_NOW="2026-11-10T14:00:00+09:00",
    )

    def found(*options: str) -> str:
        hits = officehours(
            "memory",
            "search",
            "시험이 언제지?",
            "--json",
            *options,
            home=own_home,
            OFFICEHOURS_NOW="2026-11-11",
        ).json["hits"]
        return "\n".join(hit["text"] for hit in hits)

    assert "12월 8일" in found()
    assert "12월 8일" not in found("--as-of", "2026-11-05")
    assert "12월 3일" in found("--as-of", "6일 전", "--in", "archival")
    wrong = officehours("memory", "search", "시험", "--as-of", "언젠가", home=own_home)
    assert wrong.code == 2
    assert "언젠가" in wrong.err


def test_memory_can_be_added_shown_corrected_explained_and_forgotten(own_home: Path) -> None:
    added = officehours(
        "memory", "add", "시험은 12월 3일", "--kind", "fact", "--tag", "exam", "--json", home=own_home
    )
    assert added.json["status"] == "stored"
    assert officehours("memory", "edit", added.json["id"], "시험은 12월 5일", home=own_home).code == 0
    shown = officehours("memory", "show", "--json", home=own_home).json
    assert [fact["text"] for fact in shown["facts"]] == ["시험은 12월 5일"]
    why = officehours("memory", "why", shown["facts"][0]["id"], "--json", home=own_home).json
    assert [old["text"] for old in why["history"]] == ["시험은 12월 3일", "시험은 12월 5일"]
    assert officehours("memory", "forget", shown["facts"][0]["id"], home=own_home).code == 0
    assert officehours("memory", "show", "--json", home=own_home).json["facts"] == []


def test_sessions_are_listed_shown_exported_and_deleted(own_home: Path) -> None:
    officehours("chat", home=own_home, stdin="Hello, professor\n")
    (listed,) = officehours("sessions", "list", "--json", home=own_home).json["sessions"]
    assert (listed["id"], listed["title"], listed["messages"]) == ("s1", "Hello, professor", 2)
    assert "Hello, professor" in officehours("sessions", "show", "s1", home=own_home).out
    file = own_home.parent / "talk.json"
    assert officehours("sessions", "export", "s1", file, home=own_home).code == 0
    assert json.loads(file.read_text(encoding="utf-8"))["messages"][0]["content"] == "Hello, professor"
    kept = officehours("sessions", "delete", "s1", home=own_home)
    assert (kept.code, "--yes" in kept.err) == (2, True)
    assert officehours("sessions", "delete", "s1", "--yes", home=own_home).code == 0
    assert officehours("sessions", "show", "s1", home=own_home).code == 2


def test_a_pipe_is_a_conversation_of_one_turn_a_line(own_home: Path) -> None:
    with ChatServer([say("One."), say("Two.")]) as server:
        done = officehours(
            home=own_home, stdin="first\n\n  second  \n", OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m"
        )
    assert done.out == "One.\nTwo.\n"
    asked = [r.body["messages"][-1]["content"].split("\n")[0] for r in server.requests if r.method == "POST"]
    assert asked == ["first", "second"]


def test_a_pipe_after_a_silence_begins_with_the_brief_beside_the_answers(own_home: Path) -> None:
    first = officehours(
        "chat", home=own_home, stdin="시험은 12월 3일이에요", OFFICEHOURS_NOW="2026-11-03T14:00:00+09:00"
    )
    soon = officehours("chat", home=own_home, stdin="안녕하세요", OFFICEHOURS_NOW="2026-11-03T15:00:00+09:00")
    later = officehours(
        "chat", home=own_home, stdin="안녕하세요", OFFICEHOURS_NOW="2026-11-11T10:00:00+09:00"
    )
    assert (first.code, soon.code, later.code) == (0, 0, 0)
    assert "22일 남았습니다(12월 3일)" in later.err
    assert "12월 3일" not in later.out + first.err + soon.err


def test_why_shows_a_message_among_those_around_it(own_home: Path) -> None:
    officehours("chat", home=own_home, stdin="안녕하세요")
    lines = officehours("memory", "why", "m1", home=own_home).out.splitlines()
    assert [line[:6] for line in lines] == ["→ [m1]", "  [m2]"]


def test_a_line_that_is_not_utf8_is_named_and_the_others_answered(own_home: Path) -> None:
    with ChatServer([say("One."), say("Three.")]) as server:
        done = officehours(
            home=own_home,
            stdin="하나\n".encode() + "둘\n".encode("cp949") + "셋\n".encode(),
            OPENAI_BASE_URL=server.url,
            OFFICEHOURS_MODEL="m",
        )
    assert done.out == "One.\nThree.\n"
    assert "2번째 줄" in done.err
    assert done.code == 2


def test_decomposed_hangul_is_stored_composed(own_home: Path) -> None:
    officehours(home=own_home, stdin="안녕하세요".encode() + b"\n")
    decomposed = "\u1112\u1161\u11ab\u1100\u1173\u11af"
    officehours(home=own_home, stdin=f"{decomposed}\n")
    log = officehours("sessions", "show", "s1", "--json", home=own_home).json["messages"]
    assert "한글" in [message["content"] for message in log]


def test_the_first_words_choose_the_language_of_a_newcomer(own_home: Path) -> None:
    officehours("ask", "안녕하세요", "--student", "a", home=own_home)
    officehours("ask", "Good morning", "--student", "b", home=own_home, LANG="ko_KR.UTF-8")
    languages = [
        officehours("memory", "show", "--student", who, "--json", home=own_home).json["student"]["language"]
        for who in ("a", "b")
    ]
    assert languages == ["ko", "en"]


def failing(home: Path, *script: object, arguments: tuple[str, ...] = ("ask", "왜 그런가요?"), **env: str):
    with ChatServer(list(script)) as server:  # pyright: ignore[reportArgumentType]
        return officehours(
            *arguments,
            home=home,
            **{"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "m", "OPENAI_API_KEY": "k", **env},
        )


def test_a_wrong_key_ends_with_3_and_keeps_the_question(own_home: Path) -> None:
    done = failing(own_home, *[refuse(401, "Incorrect API key provided")] * 5)
    assert (done.code, done.out) == (3, "")
    assert "키" in done.err
    assert "왜 그런가요?" in officehours("sessions", "show", "s1", home=own_home).out


def test_a_server_that_is_down_ends_with_4_and_says_which(own_home: Path) -> None:
    done = officehours(
        *("ask", "Why?", "--json"),
        home=own_home,
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
        OFFICEHOURS_MODEL="m",
    )
    assert done.code == 4
    assert (done.json["answer"], done.json["error"]["exit_code"]) == ("", 4)
    assert "127.0.0.1:9" in done.err


@pytest.mark.parametrize("broken", [b'language = "ko', b"\xff\xfe\x00", b'langauge = "ko"\n'])
def test_a_broken_configuration_ends_with_3_and_names_the_file(own_home: Path, broken: bytes) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_bytes(broken)
    done = officehours("ask", "hello", "--json", home=own_home)
    assert done.code == 3
    assert "config.toml" in done.json["error"]["en"]
    assert "Traceback" not in done.err


def test_a_persona_with_an_unknown_rule_ends_with_3_and_names_the_check(own_home: Path) -> None:
    assert officehours("persona", "new", "han", home=own_home).code == 0
    file = own_home / "personas" / "han.md"
    file.write_text(
        file.read_text(encoding="utf-8").replace("check: polite_korean", "check: polite_koraen"),
        encoding="utf-8",
    )
    done = officehours("persona", "lint", "han", home=own_home)
    assert done.code == 3
    assert "polite_koraen" in done.err
    assert "polite_korean" in done.err
    assert officehours("chat", "--persona", "han", home=own_home, stdin="hi\n").code == 3


TALK = [f"Week {at}: gradient descent follows the slope." for at in range(40)]


def talk_file(folder: Path) -> Path:
    file = folder / "talk.jsonl"
    file.write_text(
        lines(*({"id": str(at), "content": said} for at, said in enumerate(TALK))), encoding="utf-8"
    )
    return file


WAITING = {
    "en": "40 texts can be found by words now and by meaning later: the embedding goes on while you talk.",
    "ko": "글 40개는 지금은 낱말로만 찾습니다. 뜻으로도 찾도록 대화하는 동안 임베딩을 이어 갑니다.",
}
AT_ONCE = {
    "en": "The same command with --wait does it at once.",
    "ko": "같은 명령에 --wait를 붙이면 바로 끝냅니다.",
}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_import_ends_when_words_are_found_and_says_what_waits(own_home: Path, language: str) -> None:
    officehours("config", "set", "language", language, home=own_home)
    file = talk_file(own_home.parent)
    done = officehours("memory", "import", file, home=own_home)
    assert (done.code, done.out.splitlines()[-1]) == (0, f"{WAITING[language]} {AT_ONCE[language]}")
    assert officehours("context", home=own_home).out.splitlines()[-1] == WAITING[language]
    checks = officehours("doctor", "--json", home=own_home).json["checks"]
    assert "40" in next(check["text"] for check in checks if check["name"] == "index")
    waited = officehours("memory", "import", file, "--wait", home=own_home)
    assert (waited.code, len(waited.out.splitlines())) == (0, 1)
    assert WAITING[language] not in officehours("context", home=own_home).out


def test_what_waits_is_in_the_documents_and_nothing_waits_after_wait(own_home: Path) -> None:
    file = talk_file(own_home.parent)
    first = officehours("memory", "import", file, "--json", home=own_home).json
    assert first == {
        "read": 40, "messages": 40, "kept": 0, "known": 0, "empty": 0, "passed_over": {}, "failed": [], "masked": [],
        "waiting": 40,
    }  # fmt: skip
    assert officehours("context", "--json", home=own_home).json["waiting"] == 40
    assert officehours("memory", "import", file, "--wait", "--json", home=own_home).json["waiting"] == 0
    spaces = officehours("memory", "verify", "--json", home=own_home).json["spaces"]
    assert [(space["items"], space["waiting"], space["behind"]) for space in spaces] == [
        (40, 0, 0),
        (0, 0, 0),
    ]
    (own_home.parent / "relu.md").write_text("# ReLU\n\nIt gives 0 below 0.\n", encoding="utf-8")
    ingest = ("ingest", own_home.parent / "relu.md", "--json")
    assert officehours(*ingest, home=own_home).json["waiting"] == 1
    assert officehours(*ingest, "--wait", home=own_home).json["waiting"] == 0


@pytest.mark.parametrize("command", [("memory", "search", "slope"), ("ask", "slope?", "--search", "never")])
def test_each_question_takes_some_of_what_waits_along(own_home: Path, command: tuple[str, ...]) -> None:
    officehours("memory", "import", talk_file(own_home.parent), home=own_home)
    for _ in range(9):
        assert officehours(*command, home=own_home).code == 0
        if officehours("context", "--json", home=own_home).json["waiting"] == 0:
            return
    raise AssertionError("something still waits")


def test_an_embedder_that_fails_leaves_everything_stored_and_waiting(own_home: Path) -> None:
    file, gone = talk_file(own_home.parent), own_home.parent
    done = officehours("memory", "import", file, "--wait", home=own_home, OFFICEHOURS_EMBEDDER=str(gone))
    assert done.code == 3
    assert "40 messages" in done.out
    assert officehours("memory", "import", file, "--wait", "--json", home=own_home).json == {
        "read": 40, "messages": 0, "kept": 0, "known": 40, "empty": 0, "passed_over": {}, "failed": [], "masked": [],
        "waiting": 0,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_broken_import_line_is_named_and_the_others_are_taken(own_home: Path, language: str) -> None:
    officehours("config", "set", "language", language, home=own_home)
    file = own_home.parent / "talk.jsonl"
    lines = ['{"id":"1","content":"fine"}', '{"id":"2","content":', '{"id":"3","content":" "}']
    file.write_text("\n".join(lines), encoding="utf-8")
    done = officehours("memory", "import", file, home=own_home)
    assert done.code == 1
    assert {"en": "Line 2", "ko": "2번째 줄"}[language] in done.err
    assert {"en": "1 passed over: without words 1, 1 could not be read", "ko": "읽지 못한 것 1개"}[
        language
    ] in done.out
    document = officehours("memory", "import", file, "--json", home=own_home).json
    assert (document["read"], document["known"], document["passed_over"]) == (3, 1, {"line 3": "blank"})
    assert [failed["place"] for failed in document["failed"]] == ["line 2"]
    file.write_text(lines[1], encoding="utf-8")
    assert officehours("memory", "import", file, home=own_home).code == 2


def test_names_and_words_are_read_where_the_system_knows_no_hangul(own_home: Path) -> None:
    file = own_home.parent / "대화" / "conversations-000.json"
    file.parent.mkdir()
    said = {"author": {"role": "user"}, "content": {"parts": ["역전파가 뭐예요?"]}}
    talk = {"title": "역전파", "mapping": {"가": {"message": said}}}
    file.write_text(json.dumps([talk, 3], ensure_ascii=False), encoding="utf-8")
    done = started_anew(
        "memory",
        "import",
        file.parent,
        "--json",
        home=own_home,
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )
    assert (done.code, done.json["messages"]) == (1, 1)
    assert [failed["place"] for failed in done.json["failed"]] == ["conversations-000.json: conversation 2"]


def test_several_files_are_imported_at_once_and_one_that_is_not_there_is_named(own_home: Path) -> None:
    files = [own_home.parent / f"{name}.jsonl" for name in ("one", "gone", "two")]
    for file in (files[0], files[2]):
        file.write_text(f'{{"content":"{file.stem}"}}\n', encoding="utf-8")
    done = officehours("memory", "import", *files, "--json", home=own_home)
    assert (done.code, done.json["messages"]) == (1, 2)
    assert [failed["place"] for failed in done.json["failed"]] == [str(files[1])]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is where not even root may make a folder")
def test_a_home_that_cannot_be_written_ends_with_5(own_home: Path) -> None:
    done = officehours("ask", "hello", home=Path("/proc/nothing/home"))
    assert (done.code, done.out) == (5, "")
    assert "/proc/nothing/home" in done.err


def test_a_home_whose_place_is_taken_by_a_file_ends_with_5(own_home: Path) -> None:
    own_home.write_text("not a folder", encoding="utf-8")
    done = officehours("ask", "hello", home=own_home)
    assert done.code == 5
    assert f"{own_home} is a file" in done.err


def test_a_newer_database_is_refused_with_5_and_left_alone(own_home: Path) -> None:
    officehours("memory", "add", "something", home=own_home)
    with sqlite3.connect(own_home / "officehours.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (own_home / "officehours.db").read_bytes()
    done = officehours("ask", "hello", home=own_home)
    assert done.code == 5
    assert "9999" in done.err
    assert (own_home / "officehours.db").read_bytes() == before


def test_a_message_larger_than_the_window_is_answered_and_stored_whole(own_home: Path) -> None:
    text = "ReLU가 뭐예요? " + "가나다라 마바사 " * 4_000
    done = officehours(
        "ask", "-", "--search", "never", "--json", home=own_home, stdin=text, OFFICEHOURS_WINDOW="4096"
    )
    assert done.code == 0
    assert done.json["answer"]
    log = officehours("sessions", "show", "s1", "--json", home=own_home).json["messages"]
    assert log[0]["content"].strip() == text.strip()


def test_an_empty_message_ends_with_2(own_home: Path) -> None:
    done = officehours("ask", "  ", home=own_home)
    assert (done.code, done.out) == (2, "")


def test_a_question_that_is_not_utf8_ends_with_2_and_names_the_line(own_home: Path) -> None:
    done = officehours("ask", "-", home=own_home, stdin=b"first\n" + "둘".encode("cp949"))
    assert done.code == 2
    assert "Line 2" in done.err


def test_usage_errors_end_with_2_and_are_json_where_json_is_wanted(own_home: Path) -> None:
    done = officehours("memory", "search", "x", "--in", "nowhere", "--json", home=own_home)
    assert (done.code, done.json["error"]["kind"]) == (2, "UsageError")
    unknown = officehours("ask", "x", "--frobnicate", "--json", home=own_home)
    assert (unknown.code, unknown.json["error"]["exit_code"]) == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("memroy", "show"), "그런 명령은 없습니다: memroy. 혹시 memory인가요?"),
        (("ask",), "빠진 것이 있습니다: text"),
        (("ask", "a", "b", "c"), "더 쓴 것이 있습니다: b c."),
        (("ask", "--modle", "x"), "그런 옵션은 없습니다: --modle. 혹시 이것인가요? --model, --deep"),
        (("memory", "search", "x", "-k", "ten"), "-k에 쓸 수 없는 값입니다."),
        (("ask", "hi", "--model"), "--model 뒤에 값이 있어야 합니다."),
        (("memory", "add", ""), "비어 있습니다"),
        (("--student", "mina"), "쓰는 법: officehours chat --help"),
    ],
)
def test_a_mistaken_line_is_told_in_korean(own_home: Path, arguments: tuple[str, ...], says: str) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_text('language = "ko"\n', encoding="utf-8")
    done = officehours(*arguments, home=own_home)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_errors_speak_the_language_of_the_settings(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "config.toml").write_text('language = "ko"\n', encoding="utf-8")
    assert "학생이 아직 없습니다" in officehours("memory", "show", "--student", "nobody", home=own_home).err


def test_a_configuration_that_cannot_be_read_is_spoken_of_in_its_language_and_its_place_told(
    own_home: Path,
) -> None:
    own_home.mkdir()
    file = own_home / "config.toml"
    file.write_text('language = "ko"\nstudent = "mi', encoding="utf-8")
    assert "문법" in officehours("ask", "hello", home=own_home).err
    assert officehours("config", "path", home=own_home).out == f"{file}\n"


def test_a_reader_that_goes_away_is_no_error(own_home: Path) -> None:

    officehours("memory", "add", "something", home=own_home)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "memory", "show"],
            stdout=writing,
            stderr=subprocess.PIPE,
            env=environment(own_home),
            timeout=300,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_that_lacks_letters_stops_nothing(own_home: Path) -> None:
    with ChatServer([say("값은 ✓ 그리고 𝑥")]) as server:
        env = environment(
            own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m", PYTHONIOENCODING="cp949"
        )
        done = subprocess.run(
            [*COMMAND, "ask", "hello"],
            capture_output=True,
            env=env | {"PYTHONUTF8": "0"},
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert b"?" in done.stdout


def test_a_bug_is_written_down_and_said_in_a_sentence(own_home: Path) -> None:

    program = (
        "from officehours import cli\n"
        "from officehours.ui import sessions\n"
        "def broken(*a, **k): raise RuntimeError('kaputt')\n"
        "sessions.show_list = broken\n"
        "import sys; sys.argv = ['officehours', 'sessions', 'list', '--json']\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env=environment(own_home),
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]["kind"] == "Bug"
    log = (own_home / "logs" / "error.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "kaputt" in log


def test_keys_are_kept_where_only_the_user_reads_and_shown_masked(own_home: Path) -> None:
    secret = "sk-test-0123456789abcdef"
    assert officehours("keys", "set", home=own_home, stdin=f"{secret}\n").code == 0
    config = own_home / "config.toml"
    assert secret in config.read_text(encoding="utf-8")
    if os.name != "nt":
        assert config.stat().st_mode & 0o077 == 0
    shown = officehours("keys", "show", home=own_home)
    assert "sk-…cdef" in shown.out
    everything = shown.out + shown.err + officehours("config", "show", "--json", home=own_home).out
    assert secret not in everything


def test_settings_are_set_checked_and_say_where_they_come_from(own_home: Path) -> None:
    assert officehours("config", "set", "window", "8192", home=own_home).code == 0
    shown = officehours("config", "show", "--json", home=own_home).json["settings"]
    assert shown["window"] == {"value": 8192, "from": "config.toml"}
    assert shown["embedder"] == {"value": "hashing", "from": "OFFICEHOURS_EMBEDDER"}
    refused = officehours("config", "set", "window", "seven", home=own_home)
    assert refused.code == 3
    assert officehours("config", "show", "--json", home=own_home).json["settings"] == shown


def test_doctor_looks_at_every_part_and_says_how_to_mend(own_home: Path) -> None:
    officehours("memory", "add", "something", home=own_home)
    done = officehours("doctor", "--json", home=own_home, OFFICEHOURS_MODEL="ollama:nothing-there")
    checks = {check["name"]: check for check in done.json["checks"]}
    assert {
        "terminal",
        "settings",
        "home",
        "disk",
        "database",
        "index",
        "embedder",
        "model",
        "network",
    } <= set(checks)
    assert checks["database"]["details"]["integrity"] == ["ok"]
    assert checks["model"]["status"] == "fail"
    assert "study" in checks["model"]["text"]
    assert (done.code, done.json["ok"]) == (1, False)


def test_what_a_deleted_conversation_cost_is_named(own_home: Path) -> None:
    officehours("chat", home=own_home, stdin="Hello\n")
    officehours("sessions", "delete", "s1", "--yes", home=own_home)
    officehours("chat", home=own_home, stdin="Hello\n")
    assert any(line.startswith("deleted ") for line in officehours("usage", home=own_home).out.splitlines())


def test_usage_adds_up_what_was_spent(own_home: Path) -> None:
    with ChatServer([say("One."), say("Two.")]) as server:
        officehours(home=own_home, stdin="a?\nb?\n", OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m")
    found = officehours("usage", "--json", home=own_home).json
    assert found["total"]["requests"] == 2
    assert list(found["by_model"]) == ["m"]
    assert list(found["by_session"]) == ["s1"]


def test_tools_list_shows_the_students_own_beside_ours(own_home: Path) -> None:
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "mine.py").write_text(
        "from officehours import tool\n\n@tool\ndef double(n: int) -> int:\n"
        '    """Double a number.\n\n    Args:\n        n: The number.\n    """\n    return 2 * n\n',
        encoding="utf-8",
    )
    (own_home / "tools" / "broken.py").write_text("def (:\n", encoding="utf-8")
    say_yes(own_home / "tools")
    done = officehours("tools", "list", "--json", home=own_home)
    sources = {entry["name"]: entry["source"] for entry in done.json["tools"]}
    assert sources["conversation_search"] == "built in"
    assert sources["double"].endswith("mine.py")
    assert "broken.py" in done.json["problems"][0]


NOISY = """
import atexit, logging, os, subprocess, sys
from officehours import tool

log = logging.getLogger("noisy")
log.addHandler(logging.StreamHandler(sys.stdout))

print("noise of the file")
atexit.register(print, "noise at the end")

@tool
async def double(n: int) -> int:
    \"\"\"Double a number.

    Args:
        n: The number.
    \"\"\"
    log.warning("noise of a log")
    os.write(1, b"noise of a file's number\\n")
    print("noise of the tool")
    sys.stdout.write("noise without a line's end")
    subprocess.run([sys.executable, "-c", "print('noise of a program')"])
    return 2 * n
"""


@pytest.mark.parametrize("form", ["--json", "--ndjson", "text"])
def test_nothing_but_the_answer_goes_to_stdout(own_home: Path, form: str) -> None:
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "noisy.py").write_text(NOISY, encoding="utf-8")
    say_yes(own_home / "tools")
    both = calls(call("double", n=1).calls[0], call("double", n=2).calls[0])
    with ChatServer([both, say("Two and four.")]) as server:
        done = officehours(
            *("ask", "Double 1 and 2."),
            *([form] if form != "text" else []),
            home=own_home,
            OPENAI_BASE_URL=server.url,
            OFFICEHOURS_MODEL="m",
        )
    assert done.code == 0
    assert "noise" not in done.out
    said = {"--json": lambda: done.json["answer"], "--ndjson": lambda: done.lines[-1]["answer"]}
    assert said.get(form, done.out.strip)() == "Two and four."
    for noise in (
        *("of the file", "of the tool", "without a line's end", "of a program", "at the end"),
        *("of a log", "of a file's number"),
    ):
        assert f"noise {noise}" in done.err
    if form == "--json":
        assert officehours("tools", "list", "--json", home=own_home).json["tools"]
        assert "checks" in officehours("doctor", "--json", home=own_home).json


def test_a_tool_that_exits_has_failed_and_one_that_cannot_be_asked_is_left_out(own_home: Path) -> None:
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "parse.py").write_text(
        "import argparse\n\nfrom officehours import tool\n\n@tool\ndef parse() -> str:\n"
        '    """Parse."""\n    argparse.ArgumentParser().parse_args(["--nothing"])\n    return ""\n\n'
        '@tool(unavailable=lambda: 1 / 0)\ndef odd() -> str:\n    """Odd."""\n    return ""\n',
        encoding="utf-8",
    )
    say_yes(own_home / "tools")
    with ChatServer([call("parse"), say("It did not work.")]) as server:
        done = officehours(
            "ask", "Parse.", "--json", home=own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m"
        )
    assert (done.code, done.json["answer"]) == (0, "It did not work.")
    assert [entry["ok"] for entry in done.json["tool_calls"]] == [False]
    assert "parse.py: `odd`" in done.err
    assert "ZeroDivisionError" in done.err


def test_a_store_is_backed_up_put_back_and_reindexed(own_home: Path) -> None:
    officehours("memory", "add", "역전파가 헷갈려요", home=own_home)
    file = own_home.parent / "backup.db"
    assert officehours("db", "backup", file, home=own_home).code == 0
    assert officehours("db", "backup", file, home=own_home).code == 2
    officehours("memory", "add", "나중에 적은 것", home=own_home)
    assert officehours("db", "restore", file, home=own_home).code == 0
    notes = officehours("memory", "show", "--json", home=own_home).json["notes"]
    assert [note["text"] for note in notes] == ["역전파가 헷갈려요"]
    assert officehours("db", "status", "--json", home=own_home).json["rows"]["archival"] == 1
    assert officehours("memory", "reindex", "--embedder", "hashing-64", home=own_home).code == 0
    found = officehours("memory", "verify", "--json", home=own_home, OFFICEHOURS_EMBEDDER="auto")
    assert (found.code, found.json["ok"]) == (0, True)


def test_a_memory_is_exported_erased_and_imported_again(own_home: Path) -> None:
    officehours("ask", "역전파가 헷갈려요", home=own_home)
    file = own_home.parent / "memory.json"
    assert officehours("memory", "export", file, home=own_home).code == 0
    assert officehours("memory", "erase", home=own_home).code == 2
    receipt = officehours("memory", "erase", "--yes", "--json", home=own_home)
    assert receipt.json["proven"] is True
    assert officehours("memory", "show", home=own_home).code == 2
    assert officehours("memory", "import", file, home=own_home).code == 0
    again = own_home.parent / "again.json"
    officehours("memory", "export", again, home=own_home)
    assert again.read_bytes() == file.read_bytes()
