from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import Call, ChatServer, Reply, calls, refuse, say
from histories import histories
from officehours.agent.model import CallReady, Finished, ModelProfile, Request, TextDelta
from officehours.agent.models.chat_completions.client import OpenAIModel
from officehours.agent.models.chat_completions.dialect import Dialect, Dialects, origin
from officehours.agent.models.chat_completions.lessons import MOST_TRIES, id_forms
from officehours.memory.errors import BadReply, ProviderError
from officehours.memory.types import Message
from officehours.tools.base import ToolSpec
from strict_server import ALWAYS, MORE_WORDS, RULES, VAGUE, Rule, Strict

SEARCH = ToolSpec(
    "web_search",
    "Search the web.",
    {
        "type": "object",
        "properties": {"query": {"type": "string"}, "k": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        "required": ["query"],
        "additionalProperties": False,
    },
)
PROFILE = ModelProfile("test-model", "test", parallel_tools=False)
FRESH = "server/v1 test-model"


class Server(ChatServer):
    """A strict server, and one client for all examples: making one takes longer than a conversation."""

    def __init__(self) -> None:
        super().__init__(lambda _: say("네."))
        self.model = OpenAIModel(PROFILE, base_url=self.url, sleep=lambda _: None)

    def fresh(self, dialects: Dialects | None = None) -> OpenAIModel:
        """The model as another process has it."""
        self.model._dialect, self.model._dialects = Dialect(), None
        if dialects is not None:
            self.model.keep_dialect(dialects)
        return self.model


def asked(server: Server, messages: list[Message], dialects: Dialects | None = None) -> OpenAIModel:
    model = server.fresh(dialects)
    assert any(isinstance(c, Finished) for c in model.stream(Request(tuple(messages), (SEARCH,))))
    return model


LEARNED = {
    "options": "usage_option",
    "parallel": "parallel_option",
    "limit": "limit_field",
    "content": "call_content",
    "ids": "ids",
    "turns": "alternating",
    "system": "system_role",
    "tools": "native_tools",
    "schemas": "plain_schemas",
    "names": "result_names",
    "thoughts": "thoughts",
    "stream": "streamed",
    "output": "most_output",
}
"""Which property of a dialect each group of rules is about."""

GROUPS = sorted({rule.group for rule in RULES})


@st.composite
def strict_dialects(draw: st.DrawFn, vague: bool = False) -> list[tuple[Rule, str]]:
    """What nobody need teach, and up to four things that must be taught, each in its words or in such as say nothing."""
    chosen: list[tuple[Rule, str]] = [(rule, draw(st.sampled_from(VAGUE))) for rule in ALWAYS]
    for group in draw(st.lists(st.sampled_from(GROUPS), max_size=4, unique=True)):
        rule = draw(st.sampled_from([r for r in RULES if r.group == group]))
        chosen.append((rule, draw(st.sampled_from(VAGUE if vague else rule.words))))
    return chosen


@pytest.fixture(scope="module")
def strict() -> Any:
    with Server() as server:
        yield server


@settings(max_examples=150)
@given(histories(), strict_dialects(), st.data())
def test_every_history_gets_through_to_every_strict_server(
    strict: Server, tmp_path: Path, history: list[Message], rules: Any, data: st.DataObject
) -> None:
    """No conversation is ever stuck: a random history, a random dialect, and the turn after it; 150 of both."""
    here = origin(strict.url, "test-model")
    history = [replace(m, extras=m.extras.replace("here/v1 test-model", here)) for m in history]
    file = tmp_path / f"{data.draw(st.uuids())}.json"
    strict.script = server = Strict(rules)

    asked(strict, history, Dialects(file))

    assert server.refused <= MOST_TRIES
    learned = server.refused
    asked(strict, history, Dialects(file))
    assert server.refused == learned, "another process made the failing request again"
    following = [*history, Message("assistant", "네."), Message("user", "그다음은요?")]
    asked(strict, following, Dialects(file))
    assert server.refused <= learned + MOST_TRIES


@settings(max_examples=50)
@given(histories(), strict_dialects(vague=True))
def test_a_server_that_does_not_say_what_is_wrong_gets_through_as_well(
    strict: Server, history: list[Message], rules: Any
) -> None:
    # Nobody guesses a limit or a whole answer, nor thoughts beside plain words, without making things worse elsewhere.
    needs_words = {"no-limit", "max-completion-tokens", "limit-of-2048", "whole", "thoughts-everywhere"}
    guessed = [(r, words) for r, words in rules if r.name not in needs_words and r.status != 500]
    strict.script = server = Strict(guessed)

    asked(strict, history)

    assert server.refused <= 8


@pytest.mark.parametrize(
    ("rule", "words"),
    [(rule, words) for rule in RULES for words in (*rule.words, *MORE_WORDS.get(rule.name, ()))],
    ids=lambda value: value.name if isinstance(value, Rule) else value[:40],
)
def test_one_refusal_teaches_one_thing_and_leaves_the_rest_as_it_was(
    rule: Rule, words: str, strict: Server
) -> None:
    call = calls(Call("web_search", '{"query": "x"}', id="call_0001"), reasoning="생각")
    history = [Message("system", "You teach."), Message("user", "하나")]
    strict.script = Strict([], call)
    model = strict.fresh()
    chunks = list(model.stream(Request(tuple(history), (SEARCH,))))
    (found,) = [c.call for c in chunks if isinstance(c, CallReady)]
    (end,) = [c for c in chunks if isinstance(c, Finished)]
    foreign = Message("assistant", "", (replace(found, id="x" * 50 + "|" + "y"),))
    history += [
        Message("assistant", "", (found,), extras=end.extras),
        Message("tool", "1", tool_call_id=found.id),
    ]
    history += [
        Message("assistant", "하나예요."),
        Message("user", "둘"),
        foreign,
        Message("user", "셋"),
        Message("user", "넷"),
    ]
    strict.script = server = Strict([(rule, words)])

    learned = asked(strict, history)

    assert 1 <= server.refused <= 4
    changed = {
        name for name in Dialect.__slots__ if getattr(learned._dialect, name) != getattr(Dialect(), name)
    }
    assert changed - {"thought_field"} == {LEARNED[rule.group]}


def test_what_made_no_difference_is_not_learned(tmp_path: Path, strict: Server) -> None:
    dialects = Dialects(tmp_path / "dialects.json")
    strict.script = lambda _: refuse(
        400, "The prompt was filtered by our content policy; tools and roles are fine."
    )
    model = strict.fresh(dialects)

    with pytest.raises(ProviderError):
        list(model.stream(Request((Message("system", "x"), Message("user", "y")), (SEARCH,))))

    assert model._dialect == Dialect()
    assert dialects.get(origin(strict.url, "test-model")) is None


def test_a_server_in_trouble_teaches_nothing(strict: Server) -> None:
    asked_for: list[Any] = []

    def trouble(body: Any) -> Reply:
        asked_for.append(body)
        return refuse(500, "Internal error")

    strict.script = trouble
    with pytest.raises(BadReply):
        asked(strict, [Message("user", "y")])

    assert len({str(body) for body in asked_for}) == 1


def test_a_dialect_is_read_again_until_it_is_old(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    file = tmp_path / "home" / "dialects.json"
    learned = Dialect(call_content="empty", ids="#########", window=8_192, thoughts="filled")
    Dialects(file, lambda: now).put(FRESH, learned)
    Dialects(file, lambda: now).put("other", Dialect(alternating=True))

    assert Dialects(file, lambda: now).get(FRESH) == learned
    assert Dialects(file, lambda: now).get("unknown") is None
    assert Dialects(file, lambda: now + timedelta(days=31)).get(FRESH) is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"server/v1 test-model": 3}', '{"server/v1 test-model": {"learned": "now"}}', "\ufeff{}"]
    + [
        f'{{"server/v1 test-model": {{"learned": "2026-11-21T00:00:00+00:00", {field}}}}}'
        for field in (
            '"ids": 3',
            '"window": "x"',
            '"call_content": "evil"',
            '"thoughts": null',
            '"window": -1',
        )
    ],
)
def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path, text: str) -> None:
    file = tmp_path / "dialects.json"
    file.write_text(text, encoding="utf-8")

    assert Dialects(file, lambda: datetime(2026, 11, 21, tzinfo=UTC)).get(FRESH) is None


def test_a_password_in_an_address_is_not_written_down() -> None:
    assert origin("https://me:secret@host.example/v1/", "m") == "host.example/v1 m"


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("must be a-z, A-Z, 0-9, with a length of 9", "#########"),
        ("Expected an ID that begins with 'fc_'", "fc_" + "#" * 24),
        ("id must be a valid UUID", "########-####-4###-8###-############"),
        ("id: String should match pattern '^[a-zA-Z0-9]{12}$'", "############"),
        ("invalid id", "#########"),
    ],
)
def test_the_form_of_ids_is_read_from_the_refusal(said: str, form: str) -> None:
    assert id_forms(said)[0] == form


def test_a_reply_s_thought_and_signatures_are_kept_with_whom_they_came_from(strict: Server) -> None:
    signature = {"google": {"thought_signature": "c2ln"}}
    deltas = [
        {"role": "assistant", "reasoning_content": "먼저 "},
        {
            "reasoning_content": "찾자.",
            "reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "a"}],
        },
        {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "b", "signature": "s"}]},
        {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "web_search", "arguments": "{"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "}"}, "extra_content": signature}]},
    ]
    events: list[Any] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    strict.script = lambda _: Reply(events=(*map(json.dumps, events), "[DONE]"))
    model = strict.fresh()

    chunks = list(model.stream(Request((Message("user", "y"),), (SEARCH,))))

    (end,) = [c for c in chunks if isinstance(c, Finished)]
    assert json.loads(end.extras) == {
        "from": origin(strict.url, "test-model"),
        "message": {
            "reasoning_content": "먼저 찾자.",
            "reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "ab", "signature": "s"}],
        },
        "calls": [{"extra_content": signature}],
    }
    assert not any(isinstance(c, TextDelta) for c in chunks)
