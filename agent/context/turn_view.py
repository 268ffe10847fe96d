"""A turn as values: the student's words, what memory found, what was said and done before.

For a model that runs here and reads no prompt (`ModelProfile.reads_values`). Nothing of it is read from a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ...memory.text import HANGUL
from ...memory.types import ShownHit, StoredMessage, ToolCall
from ..model import Exchange, Language, Request, Result, TurnView
from ..settings import local_time

LONGEST_READ = 3_000
"""Characters of a message that are read; of a longer one its beginning and its end."""


def view_of(
    log: Iterable[StoredMessage], usual: str, whole: Callable[[set[str]], Mapping[str, str]]
) -> TurnView:
    """Read the messages in view; what else is known of the student and the course is for whoever asks to add.

    Args:
        log: As they are stored; those of this turn are the last.
        usual: The student's language.
        whole: Reads the whole texts of hits that were cut for the prompt.
    """
    turns: list[list[StoredMessage]] = []
    for stored in log:
        if stored.message.role == "user":
            turns.append([stored])
        elif turns:
            turns[-1].append(stored)
    texts = whole({hit.id for turn in turns for stored in turn for hit in stored.hits if hit.cut})
    turns = [[replace(m, hits=_whole(m.hits, texts)) if m.hits else m for m in turn] for turn in turns]
    earlier = tuple(_exchange(turn) for turn in turns[:-1])
    language: Language = "ko" if usual == "ko" else "en"
    for exchange in earlier:
        language = language_of(exchange.asked, language)
    if not turns:
        return TurnView("", language)
    asked, *rest = turns[-1]
    said = in_short(asked.message.content)
    return TurnView(
        said,
        language_of(said, language),
        now=local_time(asked.time, asked.zone),
        beside=asked.hits,
        results=_results(rest),
        spoken=_spoken(rest),
        earlier=earlier,
        known={h.id: h for turn in turns for stored in turn for h in stored.hits if h.kind != "acronym"},
        asked_id=asked.id,
        session=asked.session_id,
        turn=len(turns),
    )


def view_of_request(request: Request) -> TurnView:
    """What is known of a request that is no part of a conversation: its last words."""
    said = in_short(next((m.content for m in reversed(request.messages) if m.role == "user"), ""))
    return TurnView(said, language_of(said, "en"), tools=frozenset(spec.name for spec in request.tools))


def file_name(origin: str) -> str:
    """Give the name of a file without its folders; an address stays."""
    return origin if "://" in origin else origin.replace("\\", "/").rpartition("/")[2]


def in_short(text: str) -> str:
    """Give what is read of a message."""
    text = text.strip()
    if len(text) <= LONGEST_READ:
        return text
    end = LONGEST_READ // 3
    return f"{text[: LONGEST_READ - end]}\n…\n{text[-end:]}"


def language_of(text: str, usual: Language) -> Language:
    """The language of a turn: Hangul is Korean, two English words are English, a bare term goes on as before."""
    if HANGUL.search(text) or any("ㄱ" <= letter <= "ㅣ" for letter in text):
        return "ko"
    words = [word for word in text.split() if word.isascii() and any(map(str.isalpha, word))]
    return "en" if len(words) >= 2 else usual


def _exchange(turn: Sequence[StoredMessage]) -> Exchange:
    asked, *rest = turn
    return Exchange(in_short(asked.message.content), local_time(asked.time, asked.zone), _spoken(rest))


def _spoken(turn: Iterable[StoredMessage]) -> str:
    said = (m.message.content for m in turn if m.message.role == "assistant")
    return "\n\n".join(text for text in said if text.strip())


def _results(turn: Sequence[StoredMessage]) -> tuple[Result, ...]:
    calls: dict[str | None, ToolCall] = {call.id: call for m in turn for call in m.message.tool_calls}
    answered = ((calls.get(m.message.tool_call_id), m) for m in turn if m.message.role == "tool")
    return tuple(Result(call.name, m.message.content, m.hits) for call, m in answered if call)


def _whole(hits: Iterable[ShownHit], texts: Mapping[str, str]) -> tuple[ShownHit, ...]:
    return tuple(replace(hit, text=texts[hit.id]) if hit.id in texts else hit for hit in hits)
