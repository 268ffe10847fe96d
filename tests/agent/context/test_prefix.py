import json
import signal

import pytest

from chat_server import Call, Reply, call, calls, html, refuse
from chat_server import say as reply
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.agent.session_actions import fork, retry, undo
from own_tools import say_yes
from tutors import (
    MovableClock,
    answer,
    extends,
    online,
    say,
    scripted,
    start,
    tutor,
    wait_for,
    wait_for_requests,
)

NOTE = "적어 두었습니다. 그리고 잠깐 말씀드리면, 연쇄 법칙은 안쪽 함수와 바깥쪽 함수의 변화율을 곱합니다. "


def raw_prefix(later, earlier):
    """Whether the raw body of one request repeats another's messages and tools byte for byte."""
    a, b = json.loads(earlier.raw), json.loads(later.raw)
    whole = json.dumps(a["messages"], ensure_ascii=False)[:-1].encode()
    return (
        json.dumps(b["messages"], ensure_ascii=False).encode().startswith(whole)
        and json.dumps(a["tools"]) == json.dumps(b["tools"])
        and later.raw[: later.raw.index(b'"messages"')] == earlier.raw[: earlier.raw.index(b'"messages"')]
        and raw_messages(later).startswith(raw_messages(earlier)[:-1])
    )


def raw_messages(record):
    """The bytes of the messages array as they came."""
    text = record.raw.decode()
    start = text.index('"messages":') + len('"messages":')
    _, end = json.JSONDecoder().raw_decode(text[start:].lstrip())
    return text[start:].lstrip()[:end]


SCRIPT = [
    reply("안녕하세요. 무엇을 볼까요?"),
    calls(Call("core_memory_append", '{"label": "student", "content": "시험은 12월 3일"}'), text=NOTE * 3),
    call("conversation_search", query="시험"),
    reply("시험은 12월 3일입니다."),
    calls(Call("calculate", "{'expression': '2+2',}"), Call("calculate", "not even json"), Call("teleport")),
    reply("4입니다."),
    refuse(500, "busy"),
    html(502),
    reply("다시 이어서 하겠습니다."),
    Reply(),
    reply("빈 답 뒤에도 이어집니다."),
    call("archival_memory_insert", content="학생은 예시를 좋아한다", request_heartbeat=True),
    reply("적어 두었습니다."),
]
SPOKEN = [
    "안녕하세요 교수님",
    "제 시험은 12월 3일이에요",
    "시험이 언제라고 했죠?",
    "2+2는?",
    "계속해 주세요",
    "그리고요?",
    "예시를 좋아해요",
]


def test_within_a_view_every_request_extends_the_last_byte_for_byte(own_home, chat_server):
    server = chat_server(SCRIPT)
    with tutor(own_home, online(server.url, tries=3), language="ko") as professor:
        for text in SPOKEN:
            answer(say(professor, text))
        assert professor.state.conversation.view.reason == "start"
    assert len(server.requests) == len(SCRIPT)
    for earlier, later in zip(server.requests, server.requests[1:], strict=False):
        assert raw_prefix(later, earlier)


def test_a_new_process_goes_on_with_the_same_bytes(own_home, chat_server):
    server = chat_server(SCRIPT[:2], then=reply("네, 이어서 하겠습니다."))
    for text in SPOKEN[:4]:
        with tutor(own_home, online(server.url), language="ko") as professor:
            say(professor, text)
    assert len(server.requests) == 4
    for earlier, later in zip(server.requests, server.requests[1:], strict=False):
        assert raw_prefix(later, earlier)


def test_a_crash_in_the_middle_changes_no_byte(own_home, chat_server):
    write = calls(Call("core_memory_append", '{"label": "student", "content": "tea"}'))
    server = chat_server([reply("Hello."), write, Reply(stall=0)], then=reply("Tea it is."))
    with tutor(own_home, online(server.url)) as professor:
        say(professor, "Hello, I am Mina and I like my tea strong.")
    with start(own_home, server.url, "Remember the tea I like, please?") as process:
        wait_for(process, "turn_started")
        wait_for_requests(server, 3)
        process.send_signal(signal.SIGKILL)
    with tutor(own_home, online(server.url)) as professor:
        list(professor.resume())
        say(professor, "And now something else.")
    assert len(server.requests) == 5
    for earlier, later in zip(server.requests, server.requests[1:], strict=False):
        assert raw_prefix(later, earlier)


def test_core_edits_reach_the_system_text_only_when_a_view_opens(own_home):
    edit = ScriptedCall("core_memory_append", {"label": "student", "content": "likes tea"})
    model = scripted([[edit], "Noted.", "one", "two"])
    clock = MovableClock()
    with tutor(own_home, model, clock=clock) as professor:
        say(professor, "I like tea.")
        say(professor, "Go on.")
        assert extends(model.requests[2], model.requests[1])
        clock.forward(hours=7)
        say(professor, "Back.")
    assert "likes tea" not in model.requests[2].messages[0].content
    assert "likes tea" in model.requests[3].messages[0].content


def test_a_pause_of_a_coffee_opens_no_view(own_home):
    model, clock = scripted(["one", "two"]), MovableClock()
    with tutor(own_home, model, clock=clock) as professor:
        say(professor, "First.")
        clock.forward(hours=2)
        say(professor, "Second.")
    assert extends(model.requests[1], model.requests[0])


def change_nothing(professor, clock):
    pass


def wait_a_day(professor, clock):
    clock.forward(days=1)


def take_back(professor, clock):
    say(professor, "a turn that is taken back")
    undo(professor)


def try_again(professor, clock):
    list(retry(professor))


def branch_off(professor, clock):
    fork(professor)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (change_nothing, "start"),
        (wait_a_day, "return"),
        (take_back, "undo"),
        (try_again, "retry"),
        (branch_off, "fork"),
    ],
)
def test_what_opens_a_view(own_home, happens, reason):
    clock = MovableClock()
    with tutor(own_home, scripted(lambda _: "yes"), clock=clock) as professor:
        say(professor, "First.")
        happens(professor, clock)
        say(professor, "Next.")
        assert professor.state.conversation.view.reason == reason


def test_another_tool_opens_a_view(own_home):
    with tutor(own_home, scripted(["one"])) as professor:
        say(professor, "First.")
    (own_home / "tools").mkdir()
    (own_home / "tools" / "dice.py").write_text(
        'from officehours import tool\n\n@tool\ndef dice() -> int:\n    """Throw a die."""\n    return 4\n',
        encoding="utf-8",
    )
    say_yes(own_home / "tools")
    with tutor(own_home, scripted(["two"])) as professor:
        say(professor, "Second.")
        assert professor.state.conversation.view.reason == "tools"


def test_another_professor_opens_a_view(own_home):
    with tutor(own_home, scripted(["one"])) as professor:
        say(professor, "First.")
    with tutor(own_home, scripted(["two"]), persona="harriet-ashdown") as professor:
        say(professor, "Second.")
        assert professor.state.conversation.view.reason == "persona"
        assert professor.state.conversation.session.persona == "harriet-ashdown"
