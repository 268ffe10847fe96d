from __future__ import annotations

import json
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from chat_server import ChatServer, Reply, refuse, say
from program import officehours

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
if sys.platform != "win32":
    from terminal import BACKSPACE, CTRL_C, CTRL_D, ENTER, PASTE_BEGINS, PASTE_ENDS, UP, Terminal


def said(home: Path) -> list[tuple[str, str, str]]:
    messages: list[dict[str, Any]] = officehours("sessions", "show", "s1", "--json", home=home).json[
        "messages"
    ]
    return [(m["role"], m["content"], m["state"]) for m in messages]


def known(home: Path, language: str = "ko") -> None:
    """Make the home one where nothing is asked any more."""
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f'language = "{language}"\n', encoding="utf-8")
    officehours("memory", "add", "x", home=home)


def test_first_run_asks_language_and_name_once(own_home: Path) -> None:
    with Terminal(own_home) as terminal:
        terminal.expect("한국어")
        terminal.prompt()
        terminal.type("1" + ENTER)
        terminal.expect("이름을 알려 주세요")
        terminal.prompt()
        terminal.type("민수" + ENTER)
        terminal.expect("/help")
        terminal.prompt()
        terminal.type(CTRL_D)
        terminal.expect("수고하셨습니다")
        assert terminal.ends() == 0
    student = officehours("memory", "show", "--json", home=own_home).json
    assert (student["student"]["name"], student["student"]["language"]) == ("민수", "ko")
    assert "민수" in student["core"][1]["value"]
    with Terminal(own_home) as terminal:
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
        assert "이름을 알려" not in terminal.seen


def test_whoever_came_by_a_pipe_or_only_took_course_material_in_is_asked_too(own_home: Path) -> None:
    officehours("memory", "add", "x", home=own_home)
    with Terminal(own_home) as terminal:
        terminal.expect("한국어")
        terminal.prompt()
        terminal.type("2" + ENTER)
        terminal.expect("What shall I call you?")
        terminal.prompt()
        terminal.type("Mina" + ENTER)
        terminal.expect("/help")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    student = officehours("memory", "show", "--json", home=own_home).json["student"]
    assert (student["name"], student["language"]) == ("Mina", "en")


def test_hangul_and_backspace_are_stored_as_they_stand_on_the_screen(own_home: Path) -> None:
    known(own_home)
    with (
        ChatServer([say("네.")]) as server,
        Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m") as terminal,
    ):
        terminal.prompt()
        terminal.type("역전파가 뭐예욥")
        terminal.expect("욥")
        terminal.type(BACKSPACE + "요?" + ENTER)
        terminal.expect("네.")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    assert said(own_home)[0][:2] == ("user", "역전파가 뭐예요?")


def test_a_paste_of_several_lines_is_one_message(own_home: Path) -> None:
    known(own_home)
    with (
        ChatServer([say("네.")]) as server,
        Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m") as terminal,
    ):
        terminal.prompt()
        terminal.type(f"{PASTE_BEGINS}첫 줄\r둘째 줄{PASTE_ENDS}")
        terminal.expect("둘째 줄")
        terminal.type(ENTER)
        terminal.expect("네.")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    assert said(own_home)[0][1] == "첫 줄\n둘째 줄"


def test_ctrl_c_stops_the_reply_keeps_it_and_stays(own_home: Path) -> None:
    known(own_home)
    script = [say("처음 문단입니다.\n\n둘째 문단입니다.\n\n셋째", stall=6, piece=8), say("다시 왔습니다.")]
    with (
        ChatServer(script) as server,
        Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m") as terminal,
    ):
        terminal.prompt()
        terminal.type("길게 설명해 주세요" + ENTER)
        terminal.expect("처음 문단입니다.")
        terminal.type(CTRL_C)
        terminal.expect("멈췄습니다")
        terminal.prompt()
        terminal.type("이어서요" + ENTER)
        terminal.expect("다시 왔습니다.")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    log = said(own_home)
    assert log[1][0] == "assistant"
    assert log[1][1].startswith("처음 문단입니다.")
    assert log[1][2] == "partial"
    assert log[3][1:] == ("다시 왔습니다.", "whole")


def test_ctrl_c_on_an_empty_line_hints_and_with_words_clears_them(own_home: Path) -> None:
    known(own_home)
    with Terminal(own_home) as terminal:
        terminal.prompt()
        terminal.type("지울 말")
        terminal.expect("지울 말")
        terminal.type(CTRL_C)
        terminal.type(CTRL_C)
        terminal.expect("Ctrl-D")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    assert officehours("sessions", "list", "--json", home=own_home).json == {"sessions": []}


def test_a_failed_turn_is_tried_again_with_enter(own_home: Path) -> None:
    known(own_home)
    script = [refuse(401, "Incorrect API key provided"), say("이제 답합니다.")]
    with (
        ChatServer(script) as server,
        Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m", OPENAI_API_KEY="k") as terminal,
    ):
        terminal.prompt()
        terminal.type("왜 그런가요?" + ENTER)
        terminal.expect("Enter를 누르면")
        terminal.prompt()
        terminal.type(ENTER)
        terminal.expect("이제 답합니다.")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    assert [role for role, _, _ in said(own_home)] == ["user", "assistant"]


def test_markdown_is_rendered_beside_hangul_and_printed_once(own_home: Path) -> None:
    known(own_home)
    answer = "**고유값(eigenvalue)**은 `det`로 구합니다.\n\n- 하나\n- 둘\n"
    with (
        ChatServer([say(answer, piece=3)]) as server,
        Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m") as terminal,
    ):
        terminal.prompt()
        terminal.type("고유값?" + ENTER)
        terminal.expect("고유값(eigenvalue)은")
        terminal.expect("둘")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
        assert "**" not in terminal.seen
        assert terminal.seen.count("고유값(eigenvalue)") == 1


def test_slash_commands_list_themselves_and_name_the_nearest(own_home: Path) -> None:
    known(own_home, "en")
    with Terminal(own_home) as terminal:
        terminal.prompt()
        terminal.type("/help" + ENTER)
        terminal.expect("/export")
        terminal.prompt()
        terminal.type("/memmory" + ENTER)
        terminal.expect("Did you mean /memory?")
        terminal.prompt()
        terminal.type("/quit" + ENTER)
        assert terminal.ends() == 0


def test_undo_retry_fork_and_export_work_from_the_chat(own_home: Path) -> None:
    known(own_home, "en")
    file = own_home.parent / "notes.json"
    script = [say("First."), say("Second."), say("Third.")]
    with (
        ChatServer(script) as server,
        Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m") as terminal,
    ):
        for line, answer in (
            ("What is one?", "First."),
            ("/retry", "Second."),
            ("/undo", "Taken back: What is one?"),
            ("What is two?", "Third."),
            ("/fork", "the original stays"),
            (f"/export {file}", "Written"),
            ("/resume s1", "s1"),
        ):
            terminal.prompt()
            terminal.type(line + ENTER)
            terminal.expect(answer)
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    exported = json.loads(file.read_text(encoding="utf-8"))
    assert exported["forked_from"] == "s1"
    assert [m["content"] for m in exported["messages"] if not m["undone"]] == ["What is two?", "Third."]


def test_what_a_crash_left_unanswered_is_offered_again(own_home: Path) -> None:
    known(own_home)
    asked = Event()
    replies = iter([say("네", stall=0), say("이제 답합니다.")])

    def script(_body: dict[str, Any]) -> Reply:
        asked.set()
        return next(replies)

    with ChatServer(script) as server:
        env = {"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "m"}
        with Terminal(own_home, **env) as terminal:
            terminal.prompt()
            terminal.type("ReLU가 뭐예요?" + ENTER)
            terminal.expect("생각하는 중")
            assert asked.wait(60)
            terminal.kill()
        with Terminal(own_home, **env) as terminal:
            terminal.expect("아직 답을 드리지 못했습니다")
            terminal.prompt()
            terminal.type(ENTER)
            terminal.expect("이제 답합니다.")
            terminal.prompt()
            terminal.type(CTRL_D)
            assert terminal.ends() == 0
    assert [(role, words) for role, words, _ in said(own_home)] == [
        ("user", "ReLU가 뭐예요?"),
        ("assistant", "이제 답합니다."),
    ]


def test_another_professor_model_and_language_can_be_chosen_in_the_chat(own_home: Path) -> None:
    known(own_home)
    with ChatServer([say("Hello from the server.")]) as server:
        with Terminal(own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="study") as terminal:
            for line, answer in (
                ("/persona harriet-ashdown", "해리엇"),
                ("/persona", "*  harriet-ashdown"),
                ("/lang en", "From now on in English."),
                ("/model m", "m ("),
                ("Hello there, professor?", "Hello from the server."),
                ("/context", "persona"),
                ("/usage", "in all"),
            ):
                terminal.prompt()
                terminal.type(line + ENTER)
                terminal.expect(answer)
            terminal.prompt()
            terminal.type(CTRL_D)
            assert terminal.ends() == 0
        (request,) = [r for r in server.requests if r.method == "POST"]
    assert "Harriet Ashdown" in request.body["messages"][0]["content"]
    assert (
        officehours("config", "show", "--json", home=own_home).json["settings"]["language"]["value"] == "en"
    )


def test_a_mode_is_chosen_in_the_chat_stands_before_the_prompt_and_is_kept(own_home: Path) -> None:
    known(own_home)
    with Terminal(own_home) as terminal:
        for line, answer in (
            ("/mode", "문답"),
            ("/mode lazy", "그런 방식은 없습니다"),
            ("/mode exam", "시험>"),
            ("/mode 직답", "직답>"),
        ):
            terminal.prompt()
            terminal.type(line + ENTER)
            terminal.expect(answer)
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    with Terminal(own_home, "chat", "--mode", "socratic") as terminal:
        terminal.expect("문답>")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0


def test_the_arrow_brings_back_what_was_said_and_no_file_holds_it(own_home: Path) -> None:
    known(own_home)
    officehours("chat", home=own_home, stdin="사원수가 뭐예요?\n")
    with Terminal(own_home) as terminal:
        terminal.expect("/help")
        terminal.prompt()
        # The history is read beside the prompt: the first key may come too early.
        for _ in range(200):
            terminal.type(UP)
            if terminal.shows("사원수가 뭐예요?", 0.3):
                break
        terminal.expect("사원수가 뭐예요?")
        terminal.type(CTRL_C + CTRL_D)
        assert terminal.ends() == 0
    words = "사원수가".encode()
    holding = [file.name for file in own_home.rglob("*") if file.is_file() and words in file.read_bytes()]
    assert all(name.startswith("officehours.db") for name in holding), holding
    assert holding
