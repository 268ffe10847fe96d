"""Where a network cuts an answer, and a model its words, changes nothing of what is read."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from officehours.agent.models.chat_completions.reading.sse import server_events
from officehours.agent.models.chat_completions.reading.thoughts import Speech, Taken

LINES = st.sampled_from([
    'data: {"a": 1}', 'data:{"b": [1, "x\u2028y"]}', "data: {", 'data: "c": 2}', "data:", "", ": hi", "event: error",
    '{"d": 3}', "{", '  "e": 4', "}", "words", "data: words", "data: [DONE]", "retry: 3", "data: 안녕", "[1, 2]",
])  # fmt: skip
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(st.lists(LINES, max_size=12), ENDS, st.lists(st.integers(0, 200), max_size=8))
def test_events_are_the_same_wherever_the_bytes_are_cut(lines: list[str], end: str, cuts: list[int]) -> None:
    body = (end.join(lines) + end).encode()
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    parts = [body[a:b] for a, b in itertools.pairwise(places)]

    def read(chunks: list[bytes]) -> list[tuple[str, str]]:
        return [(event.name, event.data) for event in server_events(chunks) if event and event.data.strip()]

    assert read(parts) == read([bytes([byte]) for byte in body]) == read([body])


PIECES = st.sampled_from([
    "<think>", "</think>", "[THINK]", "[/THINK]", "◁think▷", "◁/think▷", "<|channel|>analysis<|message|>", "<|end|>",
    "<|start|>assistant", "<|channel|>final<|message|>", "I think about it for a while.", "Hello.", "안녕", " ", "\n", "`", "```\n",
    "<", "[", "a", "analysis", "assistantfinal", "The", "</", "<|im_end|>", "(", '"',
])  # fmt: skip


def spoken(parts: list[str], *, opened: bool) -> str:
    speech, said = Speech(opened=opened), ""
    for piece in [*(p for part in parts for p in speech.feed(part)), *speech.close()]:
        said = "" if isinstance(piece, Taken) else said + piece
    return said


@given(st.lists(PIECES, max_size=12), st.lists(st.integers(1, 150), max_size=8), st.booleans())
def test_speech_is_the_same_wherever_the_text_is_cut(
    pieces: list[str], cuts: list[int], opened: bool
) -> None:
    text = "".join(pieces)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    parts = [text[a:b] for a, b in itertools.pairwise(places)]

    assert spoken(parts, opened=opened) == spoken(list(text), opened=opened) == spoken([text], opened=opened)


@given(st.text(alphabet=st.characters(exclude_characters="<[◁"), max_size=80), st.integers(1, 9))
def test_text_without_any_mark_comes_whole(text: str, size: int) -> None:
    text = f"A{text}"

    assert spoken([text[i : i + size] for i in range(0, len(text), size)], opened=False) == text
