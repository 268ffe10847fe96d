from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from histories import ELSEWHERE, HERE, histories
from officehours.agent.models.chat_completions.dialect import Dialect
from officehours.agent.models.chat_completions.history import (
    asking,
    fits,
    identified,
    in_turns,
    legal,
    named,
    one_system,
    paired,
    sendable,
    spoken,
    system_folded,
    told,
)
from officehours.agent.models.chat_completions.wire import message_json
from officehours.memory.types import Message, ToolCall

FORMS = ["", "#########", "call_########################", "########-####-4###-8###-############"]
DIALECTS = st.builds(
    Dialect,
    call_content=st.sampled_from(["null", "empty", "text", "absent"]),
    ids=st.sampled_from(FORMS),
    alternating=st.booleans(),
    system_role=st.booleans(),
    result_names=st.booleans(),
    thoughts=st.sampled_from(["calls", "all", "filled", "none"]),
)


def said_in(messages: list[Message]) -> Counter[str]:
    return Counter(m.content for m in messages if m.content.strip() and m.role != "tool")


@given(histories())
def test_each_call_has_its_one_result_behind_it_and_nothing_said_is_lost(history: list[Message]) -> None:
    shown = paired(history)

    waiting: list[str] = []
    for message in shown:
        if message.role == "tool":
            assert message.tool_call_id == waiting.pop(0)
        else:
            assert waiting == []
            waiting = [call.id for call in message.tool_calls]
    assert waiting == []
    assert said_in(history) <= said_in(shown)
    results = [m.content for m in history if m.role == "tool" and m.content.strip()]
    everything = "\n".join(m.content for m in shown)
    assert all(content in everything for content in results)


@given(histories(), st.sampled_from(FORMS))
def test_ids_have_the_form_and_come_once_and_results_follow_them(history: list[Message], form: str) -> None:
    shown = identified(paired(history), form)

    ids = [call.id for m in shown for call in m.tool_calls]
    assert len(ids) == len(set(ids))
    assert all(fits(identity, form) for identity in ids)
    assert [m.tool_call_id for m in shown if m.role == "tool"] == ids


def test_an_id_that_will_do_is_left_as_it_came() -> None:
    call = ToolCall("functions.web_search:0", "web_search", "{}")

    (first, _, second, _) = identified(
        paired([Message("assistant", "", (call,)), Message("assistant", "", (call,))])
    )

    assert first.tool_calls[0].id == call.id
    assert second.tool_calls[0].id != call.id


@given(histories())
def test_names_are_letters_digits_and_lines(history: list[Message]) -> None:
    names = [c.name for m in named(history) for c in m.tool_calls] + [
        m.name for m in named(history) if m.name
    ]

    assert all(0 < len(name) <= 64 and name.isascii() for name in names)
    assert all(name.replace("_", "").replace("-", "").isalnum() or set(name) <= {"_", "-"} for name in names)


@given(histories())
def test_no_message_is_blank_but_one_with_calls(history: list[Message]) -> None:
    assert all(m.content.strip() or m.tool_calls for m in spoken(history))


@given(histories())
def test_a_system_message_stands_first_only_and_folded_nowhere(history: list[Message]) -> None:
    shown = one_system(history)

    assert all(m.role != "system" for m in shown[1:])
    assert [m.content for m in shown] == [m.content for m in history]
    folded = system_folded(shown)
    assert all(m.role != "system" for m in folded)
    assert folded[0].role == "user"
    assert folded[0].content.startswith(history[0].content)


@given(histories())
def test_users_and_assistants_take_turns(history: list[Message]) -> None:
    shown = [m for m in in_turns(one_system(paired(history))) if m.role != "system"]

    assert not shown or shown[0].role == "user"
    assert all((a.role, b.role) != ("user", "user") for a, b in pairwise(shown))
    assert all((a.role, b.role) != ("assistant", "assistant") for a, b in pairwise(shown))
    assert all((a.role, b.role) != ("tool", "user") for a, b in pairwise(shown))


@given(histories())
def test_a_history_ends_in_a_question_or_a_result(history: list[Message]) -> None:
    assert asking(history)[-1].role in {"user", "tool"}


@given(histories())
def test_calls_of_others_are_told_and_ones_own_stay(history: list[Message]) -> None:
    shown = told(paired(history), HERE)

    assert all(HERE in m.extras for m in shown if m.tool_calls)
    assert sum(m.role == "tool" for m in shown) == sum(len(m.tool_calls) for m in shown)


@given(histories(), DIALECTS)
def test_a_longer_history_extends_what_was_sent(history: list[Message], dialect: Dialect) -> None:
    """Up to where a server was asked: in the middle of a turn only a result or a question can stand last."""
    whole = [message_json(m, dialect, HERE) for m in legal(history, dialect, HERE)]

    for end in range(1, len(history)):
        following = history[end]
        if history[end - 1].role not in {"user", "tool"} or following.role in {"tool", "system"}:
            continue
        part = [message_json(m, dialect, HERE) for m in legal(history[:end], dialect, HERE)]
        assert whole[: len(part)] == part


@given(histories(), DIALECTS)
def test_what_a_reply_brought_goes_back_to_its_own_server_only(
    history: list[Message], dialect: Dialect
) -> None:
    here = json.dumps([message_json(m, dialect, HERE) for m in legal(history, dialect, HERE)])
    nobody = json.dumps([message_json(m, dialect, "nobody") for m in legal(history, dialect, "nobody")])
    signed = [m for m in history if m.tool_calls and "c2lnbmVk" in m.extras and HERE in m.extras]

    assert "c2lnbmVk" not in nobody
    assert ELSEWHERE not in here
    assert here.count("c2lnbmVk") == (0 if dialect.thoughts == "none" else len(signed))


def test_fields_come_back_to_the_letter_with_the_message_and_the_call_they_came_with() -> None:
    details = [{"type": "reasoning.encrypted", "data": "gAAA=", "index": 0}]
    kept = {
        "from": HERE,
        "message": {"reasoning_content": "먼저 찾자.", "reasoning_details": details},
        "calls": [
            {},
            {"extra_content": {"google": {"thought_signature": "c2ln"}}, "function": {"strict": True}},
        ],
    }
    calls = (ToolCall("a", "web_search", "{}"), ToolCall("b", "calculate", "{}"))
    message = Message("assistant", "", calls, extras=json.dumps(kept))

    written = message_json(message, Dialect(), HERE)

    assert written["reasoning_content"] == "먼저 찾자."
    assert written["reasoning_details"] == details
    assert set(written["tool_calls"][0]) == {"id", "type", "function"}
    assert written["tool_calls"][1]["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    assert written["tool_calls"][1]["function"] == {"strict": True, "name": "calculate", "arguments": "{}"}
    assert message_json(message, Dialect(), ELSEWHERE) == message_json(Message("assistant", "", calls))


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_arguments_are_sent_as_json_of_an_object(arguments: str) -> None:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    assert isinstance(json.loads(sendable(arguments), parse_constant=refuse), dict)
