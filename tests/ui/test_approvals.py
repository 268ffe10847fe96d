from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_server import ChatServer, Json, Reply, call, say
from own_tools import say_yes
from program import officehours

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
if sys.platform != "win32":
    from terminal import CTRL_D, ENTER, Terminal

SEND = '''
from pathlib import Path
from officehours import tool


@tool(effect="outside")
def send(text: str) -> str:
    """Send a text away.

    Args:
        text: What.
    """
    with Path(__file__).with_name("sent.txt").open("a", encoding="utf-8") as file:
        file.write(text + "\\n")
    return "sent " + text
'''


@pytest.fixture
def server() -> Iterator[ChatServer]:
    def reply(body: Json) -> Reply:
        return call("send", text="hello") if body["messages"][-1]["role"] == "user" else say("So be it.")

    with ChatServer(reply) as serving:
        yield serving


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest, own_home: Path) -> str:
    return at_home(own_home, request.param)


def at_home(home: Path, language: str) -> str:
    (home / "tools").mkdir(parents=True)
    (home / "tools" / "send.py").write_text(SEND, encoding="utf-8")
    say_yes(home / "tools")
    (home / "config.toml").write_text(f'language = "{language}"\n', encoding="utf-8")
    return language


def sent(home: Path) -> list[str]:
    file = home / "tools" / "sent.txt"
    return file.read_text(encoding="utf-8").split() if file.exists() else []


def run(home: Path, server: ChatServer, *arguments: str, stdin: str = "") -> Any:
    return officehours(
        *arguments, home=home, stdin=stdin, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="test-model"
    )


def test_a_turn_that_waits_is_told_as_json_and_answered_by_another_command(own_home, server) -> None:
    at_home(own_home, "en")
    asked = run(own_home, server, "ask", "Send it.", "--json")
    assert asked.code == 0
    (waiting,) = asked.json["approvals"]
    assert (waiting["name"], json.loads(waiting["arguments"])) == ("send", {"text": "hello"})
    assert (waiting["effect"], waiting["why"]) == ("outside", "policy")
    assert (asked.json["answer"], asked.json["tool_calls"]) == ("", [])

    (listed,) = run(own_home, server, "approvals", "list", "--json").json["approvals"]
    assert {key: listed[key] for key in ("id", "session", "turn", "name", "arguments")} == {
        "id": waiting["id"],
        "session": "s1",
        "turn": 1,
        "name": "send",
        "arguments": waiting["arguments"],
    }
    assert sent(own_home) == []
    answered = run(own_home, server, "approvals", "yes", waiting["id"], "--json")
    assert (answered.code, answered.json["answer"]) == (0, "So be it.")
    assert answered.json["tool_calls"][0]["ok"] is True
    assert "approvals" not in answered.json
    assert sent(own_home) == ["hello"]
    assert run(own_home, server, "approvals", "list", "--json").json == {"approvals": []}
    again = run(own_home, server, "approvals", "yes", waiting["id"], "--json")
    assert (again.code, again.json["error"]["kind"]) == (2, "NotFound")


def test_events_say_what_waits(own_home, server) -> None:
    at_home(own_home, "en")
    asked = run(own_home, server, "ask", "Send it.", "--ndjson")
    assert asked.code == 0
    *_, requested, waiting = asked.lines
    assert requested["type"] == "approval_requested"
    assert waiting["type"] == "turn_waiting"
    assert waiting["approvals"] == [{k: v for k, v in requested.items() if k != "type"}]


def test_whoever_reads_text_is_told_how_to_answer(own_home, server, language) -> None:
    asked = run(own_home, server, "ask", "Send it.")
    assert (asked.code, asked.out.strip()) == (0, "")
    assert {"en": "waits for your yes", "ko": "허락이 필요합니다"}[language] in asked.err
    assert "officehours approvals yes" in asked.err
    identity = run(own_home, server, "approvals", "list").out.split()[0]
    assert identity in asked.err
    refused = run(own_home, server, "approvals", "no", identity)
    assert (refused.code, refused.out.strip()) == (0, "So be it.")
    assert {"en": "not approved", "ko": "허락을 받지 않아"}[language] in refused.err
    assert sent(own_home) == []
    nothing = run(own_home, server, "approvals", "list").out
    assert {"en": "Nothing waits", "ko": "답을 기다리는 일이 없습니다"}[language] in nothing


def test_one_id_in_two_conversations_is_asked_back_about(own_home) -> None:
    at_home(own_home, "en")

    def reply(body: Json) -> Reply:
        if body["messages"][-1]["role"] != "user":
            return say("So be it.")
        asks = call("send", text="hello")
        return Reply(calls=tuple(type(c)(c.name, c.arguments, "call_0") for c in asks.calls))

    with ChatServer(reply) as server:
        run(own_home, server, "ask", "Send it.")
        officehours("chat", "--new", home=own_home, stdin="hello\n")
        run(own_home, server, "ask", "Send it.")
        listed = run(own_home, server, "approvals", "list", "--json").json["approvals"]
        assert [one["id"] for one in listed] == ["call_0", "call_0"]
        unclear = run(own_home, server, "approvals", "yes", "call_0", "--json")
        assert unclear.code == 2
        assert "--session" in unclear.json["error"]["ko"]
        chosen = run(own_home, server, "approvals", "yes", "call_0", "--session", listed[0]["session"])
        assert chosen.code == 0
    assert sent(own_home) == ["hello"]


def test_a_pipe_that_goes_on_asks_nobody(own_home, server, language) -> None:
    done = run(own_home, server, stdin="Send it.\nSend it again.\n")
    assert (done.code, done.out.count("So be it.")) == (0, 2)
    assert {"en": "not approved", "ko": "허락을 받지 않아"}[language] in done.err
    assert sent(own_home) == []


def test_the_settings_say_what_runs_and_what_is_not_there(own_home, server, language) -> None:
    assert officehours("config", "set", "tool_policy.send", "always", home=own_home).code == 0
    assert run(own_home, server, "ask", "Send it.", "--json").json["answer"] == "So be it."
    assert sent(own_home) == ["hello"]
    shown = officehours("config", "show", "--json", home=own_home).json["settings"]["tool_policy"]
    assert shown == {"value": {"send": "always"}, "from": "config.toml"}

    assert officehours("config", "set", "tool_policy.outside", "never", home=own_home).code == 0
    assert officehours("config", "set", "tool_policy.snd", "ask", home=own_home).code == 0
    asked = run(own_home, server, "ask", "Send it.")
    assert "`snd`" in asked.err
    assert "`send`" in asked.err
    listed = officehours("tools", "list", "--json", home=own_home).json
    assert {t["name"]: t["policy"] for t in listed["tools"]}["send"] == "always"
    assert {"web_search", "read_page"} <= set(listed["missing"])
    assert "never" in officehours("tools", "list", home=own_home).err


@pytest.mark.parametrize(
    ("name", "value", "code", "says"),
    [
        ("tool_policy.send", "sometimes", 3, "always, ask, never"),
        ("tool_policy", "ask", 2, "config.toml"),
        ("tool_policy.", "ask", 2, "config.toml"),
        ("tool_policy.a b", "ask", 2, "config.toml"),
        ("limits.steps", "3", 2, "config.toml"),
    ],
)
def test_what_cannot_be_set_is_named_and_changes_nothing(own_home, name, value, code, says) -> None:
    at_home(own_home, "en")
    refused = officehours("config", "set", name, value, home=own_home)
    assert refused.code == code
    assert says in refused.err
    assert (own_home / "config.toml").read_text(encoding="utf-8") == 'language = "en"\n'


@posix
@pytest.mark.parametrize(("typed", "done"), [("y", ["hello"]), ("", [])])
def test_the_chat_asks_at_once_and_only_a_yes_is_one(own_home, server, language, typed, done) -> None:
    env = {"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "test-model"}
    officehours("memory", "add", "x", home=own_home)
    with Terminal(own_home, **env) as terminal:
        terminal.prompt()
        terminal.type(f"Send it.{ENTER}")
        terminal.expect("send")
        terminal.expect("text: hello")
        terminal.expect({"en": "Let this run? [y/N]", "ko": "실행할까요? [y/N]"}[language])
        terminal.type(f"{typed}{ENTER}")
        terminal.expect("So be it.")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    assert sent(own_home) == done


@posix
def test_a_chat_that_was_killed_at_the_question_asks_again_when_it_comes_back(
    own_home, server, language
) -> None:
    env = {"OPENAI_BASE_URL": server.url, "OFFICEHOURS_MODEL": "test-model"}
    question = {"en": "Let this run? [y/N]", "ko": "실행할까요? [y/N]"}[language]
    officehours("memory", "add", "x", home=own_home)
    with Terminal(own_home, **env) as terminal:
        terminal.prompt()
        terminal.type(f"Send it.{ENTER}")
        terminal.expect(question)
        terminal.kill()
    with Terminal(own_home, **env) as terminal:
        terminal.expect({"en": "it waits for your yes", "ko": "허락이 필요해"}[language])
        terminal.expect(question)
        terminal.type(f"y{ENTER}")
        terminal.expect("So be it.")
        terminal.prompt()
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
    assert sent(own_home) == ["hello"]
