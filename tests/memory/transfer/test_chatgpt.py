from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from officehours.memory.transfer.bounds import epoch
from officehours.memory.transfer.chatgpt import read_chatgpt, unmarked
from officehours.memory.transfer.records import Entry, PassedOver, Record, Unreadable, told_apart

Node = dict[str, Any]


def message(words: object = "말", role: object = "user", **more: Any) -> Node:
    content = {"content_type": "text", "parts": [words]}
    return {"author": {"role": role}, "content": content, "recipient": "all", **more}


def talk(*messages: object, **more: Any) -> dict[str, Any]:
    """Give a conversation in which one message follows the other; they are called n1, n2 and so on."""
    mapping: dict[str, Any] = {}
    for number, said in enumerate(messages, 1):
        parent = f"n{number - 1}" if number > 1 else None
        children = [f"n{number + 1}"] if number < len(messages) else []
        mapping[f"n{number}"] = {"id": f"n{number}", "parent": parent, "children": children, "message": said}
    return {"id": "c", "title": "DoRA", "mapping": mapping, "current_node": f"n{len(messages)}", **more}


def read(*talks: object) -> list[Entry]:
    return list(told_apart(read_chatgpt(talks)))


def said(*talks: object) -> list[str]:
    return [entry.content for entry in read(*talks) if isinstance(entry, Record)]


def content(kind: object, *parts: object, **more: Any) -> Node:
    return message(content={"content_type": kind, "parts": list(parts), **more})


LEFT_OUT: dict[str, tuple[Mapping[str, Any] | None, str]] = {
    "no message": (None, "blank"),
    "an empty message": ({}, "blank"),
    "no words": (message("  "), "blank"),
    "nothing but control characters": (message("\0\x1b"), "blank"),
    "no parts": (message(content={"content_type": "text", "parts": None}), "blank"),
    "nothing but a picture": (content("multimodal_text", {"content_type": "image_asset_pointer"}), "blank"),
    "nothing but marks": (message("\ue200cite\ue202turn0search1\ue201", "assistant"), "blank"),
    "for the browser": (message('search("DoRA")', "assistant", recipient="web.run"), "tool"),
    "for the interpreter": (message("m = norm(w)", "assistant", recipient="python"), "tool"),
    "for memory": (message("User likes ReLU", "assistant", recipient="bio"), "tool"),
    "for a canvas": (message("{}", "assistant", recipient="canmore.create_textdoc"), "tool"),
    "from a tool": (message("12 results", "tool"), "tool"),
    "hidden": (message("obey", "system", metadata={"is_visually_hidden_from_conversation": True}), "hidden"),
    "hidden and the user's": (
        message("x", metadata={"is_visually_hidden_from_conversation": True}),
        "hidden",
    ),
    "custom instructions": (message("x", metadata={"is_user_system_message": True}), "hidden"),
    "thought aloud": (message("I should …", "assistant", channel="analysis"), "hidden"),
    "system text": (message("You are ChatGPT", "system"), "not said"),
    "an unknown role": (message("x", "narrator"), "not said"),
    "no role": (message("x", None), "not said"),
    "a role of another kind": (message("x", ["user"]), "not said"),
    "no author": (message("x", author="user"), "not said"),
    "instructions about the user": (
        content("user_editable_context", "about me", user_profile="x"),
        "unknown content",
    ),
    "what the model keeps": (content("model_editable_context", "x"), "unknown content"),
    "thoughts": (content("thoughts", "x", thoughts=[{"content": "x"}]), "unknown content"),
    "a recap of thoughts": (content("reasoning_recap", "x", content="Thought for 3 s"), "unknown content"),
    "a page": (content("sonic_webpage", "x", text="x"), "unknown content"),
    "code": (content("code", "x", text="x"), "unknown content"),
    "a kind of another kind": (content(["text"], "x"), "unknown content"),
    "a kind of tomorrow": (content("hologram", "x"), "unknown content"),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_what_was_never_said_is_left_out_and_named(kind):
    odd, reason = LEFT_OUT[kind]
    first, middle, last = read(talk(message("one"), odd, message("three", "assistant")))
    assert [entry.content for entry in (first, last) if isinstance(entry, Record)] == ["one", "three"]
    assert isinstance(middle, PassedOver)
    assert (middle.reason, middle.place.en) == (reason, "conversation 1, message 2")


ODD_NODES: dict[str, object] = {
    "a number": 3,
    "null": None,
    "a list": ["n1"],
    "a message that is a text": {"id": "n2", "parent": "n1", "children": ["n3"], "message": "x"},
}


@pytest.mark.parametrize("kind", ODD_NODES)
def test_a_broken_node_is_named_and_what_was_said_before_it_is_kept(kind):
    conversation = talk(message("one"), message("two"), message("three"))
    conversation["mapping"]["n2"] = ODD_NODES[kind]
    entries = read(conversation)
    assert sorted(entry.content for entry in entries if isinstance(entry, Record)) == ["one", "three"]
    assert [e.place.en for e in entries if isinstance(e, Unreadable)] == ["conversation 1, message 2"]


ODD_TALKS: dict[str, object] = {
    "null": None,
    "a number": 3,
    "no mapping": {"id": "c", "title": "x"},
    "a list for a mapping": {"mapping": []},
    "another program's": {"uuid": "1", "chat_messages": []},
}


@pytest.mark.parametrize("kind", ODD_TALKS)
def test_a_broken_conversation_is_named_and_the_others_are_read(kind):
    good = talk(message("one"))
    entries = read(ODD_TALKS[kind], good)
    assert isinstance(entries[0], Unreadable)
    assert entries[0].place.ko == "1번째 대화"
    assert said(ODD_TALKS[kind], good) == ["one"]


ODD_VALUES = [
    {"title": None},
    {"title": ["x"]},
    {"title": "제목\n\x1b[31m 둘째 줄\ud800" + "x" * 500},
    {"id": None},
    {"id": 3},
    {"conversation_id": "\ud800" * 300},
    {"create_time": "2026-01-05T00:00:00Z"},
    {"create_time": {}},
    {"current_node": None},
    {"current_node": 3},
    {"current_node": "not there"},
]


@pytest.mark.parametrize("odd", ODD_VALUES)
def test_odd_values_of_a_conversation_do_no_harm(odd):
    (entry,) = read(talk(message("one"), **odd))
    assert isinstance(entry, Record)
    for text in (entry.title, entry.session, entry.external_id):
        assert len(text) <= 200
        assert text.isprintable()
        assert text.encode() is not None


def test_the_version_that_was_shown_is_kept_and_the_others_are_named():
    conversation = talk(message("one"), message("bad", "assistant"))
    conversation["mapping"]["n1"]["children"].append("n3")
    conversation["mapping"]["n3"] = {"id": "n3", "parent": "n1", "children": [], "message": message("good")}
    conversation["current_node"] = "n3"
    entries = read(conversation)
    assert [e.content for e in entries if isinstance(e, Record)] == ["one", "good"]
    assert next(e for e in entries if isinstance(e, PassedOver)).reason == "branch"
    del conversation["current_node"]  # the version said last, then
    conversation["mapping"]["n2"]["message"]["create_time"] = 1_700_000_000
    assert said(conversation) == ["one", "bad"]


def test_a_circle_and_missing_links_end():
    conversation = talk(message("one"), message("two"))
    conversation["mapping"]["n1"]["parent"] = "n2"
    assert sorted(said(conversation)) == ["one", "two"]
    for node in conversation["mapping"].values():
        node["parent"] = node["children"] = None
    assert said(conversation) == ["one", "two"]


MARKS = {
    "크기와 방향\ue200cite\ue202turn0search3\ue201.": "크기와 방향.",
    "a\ue200cite\ue202turn0search3\ue202turn1news2\ue201b": "ab",
    "cut \ue200cite\ue202turn0se": "cut ",
    "\ue203said\ue204\ue200filecite\ue202turn0file1\ue202L1-L3\ue201": "said",
    'in \ue200entity\ue202["city","Seoul","Korea"]\ue201 today': "in Seoul today",
    "in \ue200entity\ue202broken\ue201 today": "in  today",
    "see \ue200url\ue202the docs\ue202turn0search1\ue201": "see the docs",
    "\ue200navlist\ue202Title\ue202turn0news1\ue201after": "after",
    "순위가 낮다【12†source】.": "순위가 낮다.",
    "a【4:0†notes.pdf】【5†L1-L9】b": "ab",
    "x :contentReference[oaicite:0]{index=0} y": "x  y",
    "【중요】 외우지 마세요": "【중요】 외우지 마세요",
    "a † b, 【open": "a † b, 【open",
    "plain": "plain",
}


@pytest.mark.parametrize("text", MARKS)
def test_marks_of_citations_are_taken_out_and_words_stay(text):
    assert unmarked(text) == MARKS[text]
    assert said(talk(message(f"x {text}", "assistant"))) == [f"x {MARKS[text]}"]


TIMES: list[tuple[object, datetime | None]] = [
    (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    ("1700000000.0", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    ("2023-11-14T22:13:20Z", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    ("2023-11-15T07:13:20+09:00", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    ("2023-11-14T22:13:20", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    (0, datetime(1970, 1, 1, tzinfo=UTC)),
    *((odd, None) for odd in (
        None, True, "", "yesterday", [], {}, float("nan"), float("inf"), -1e18, 1e18, 10**30, 253402300799,
        -62135596800, "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "nan", "1e400",
    )),
]  # fmt: skip


@pytest.mark.parametrize(("value", "time"), TIMES)
def test_times_are_read_as_they_come_and_odd_ones_are_not_believed(value, time):
    assert epoch(value) == time
    (entry,) = read(talk(message("one", create_time=value), create_time=5))
    assert isinstance(entry, Record)
    assert entry.time == (time or datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC))


def test_a_message_in_two_conversations_is_kept_once():
    again = [
        entry for entry in read(talk(message("one")), talk(message("one"))) if isinstance(entry, PassedOver)
    ]
    assert [(entry.reason, entry.place.en) for entry in again] == [("repeated", "conversation 2, message 1")]


@pytest.mark.parametrize(
    "text", ["【" + "†" * 500_000, "【" * 500_000, "\ue200" * 500_000, "\ue200" + "x " * 500_000]
)
def test_no_text_takes_time_that_grows_with_its_square(text):
    assert len(unmarked(text)) <= len(text)
