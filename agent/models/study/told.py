"""What the student tells about their life, or asks to have remembered in so many words: known for what it is, kept,
and found again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ....persona.lines import Lines
from ...context.smalltalk import is_question, small_talk
from .intent import ParsedQuestion
from .noted import noted
from .phrases import day_name, persona_line, phrase
from .request import SeenHit, TurnView
from .statements import ASKS_TO_KEEP, tells_of_self
from .terms import Language, coverage, same_verb, without_particle
from .topic import Call, Reply

MOST_LISTED = 6
"""Most things that are listed."""

LONGEST = 300
"""Letters that are kept in the student's words; what is longer stays in the record of the talk."""

_TAIL = re.compile(
    r"[\s,:.!~-]*(?:(?:이?라는|다는|인|는|한|은)\s*(?:거|것|걸|사실)(?:을|를|도)?|이?라고|다고|는\s*걸|도|좀|꼭|please|and|so)?[\s,:.!~-]*$",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^[\s,:.!~-]*(?:(?:that|this|it|about|of|the\s+following)\b[\s,:]*)*(?:요|이거|이것)?[\s,:.!~-]*",
    re.IGNORECASE,
)
LEAST = 4
"""Letters from which words are something to remember, and no mere "this"."""

_POINTED_AT: Mapping[Language, str] = {"ko": "기억할 것:", "en": "To remember:"}

HALF = 0.5
"""The share of a question's terms that a statement must speak of to answer it."""

Said = tuple[date, str, str]
"""A day, what was said on it, and its id or ""."""

_KEPT_QUERY = "기억해 줘 기억해 주세요 please remember that"


def storing(view: TurnView) -> tuple[Call, ...]:
    """The call that keeps the student's own words in archival memory; none where nothing is to be kept there."""
    if "archival_memory_insert" not in view.tools or view.done("archival_memory_insert"):
        return ()
    words = to_keep(view.said)
    content = words
    if not words and ASKS_TO_KEEP.search(view.said) and (words := _just_said(view)):
        content = f"{_POINTED_AT[view.language]} {words}"
    if not words and not view.stated and tells_of_self(view.said):
        words = content = view.said
    if not words or len(words) > LONGEST:
        return ()
    kept = {"content": content, "kind": "fact", "quote": words, "request_heartbeat": False}
    return (("archival_memory_insert", kept),)


def to_keep(said: str) -> str:
    """What a turn asks to have remembered, in its own words; "" where it asks for nothing or only says "this"."""
    asked = ASKS_TO_KEEP.search(said)
    if asked is None:
        return ""
    before = _TAIL.sub("", said[: asked.start()]).strip()
    after = _HEAD.sub("", said[asked.end() :]).strip()
    words = max(after, before, key=len).rstrip(" .!~")
    return words if len(words) >= LEAST else ""


def _just_said(view: TurnView) -> str:
    """What "remember this" means: what the student said just before."""
    last = view.earlier[-1].asked if view.earlier else ""
    return "" if is_question(last) or small_talk(last) or ASKS_TO_KEEP.search(last) else last


def remembered(view: TurnView, lines: Lines) -> Reply:
    """Say that what was to be remembered is, with the days that were understood of it."""
    if not to_keep(view.said) and not _just_said(view):
        return Reply(phrase("remember_what", view.language))
    if view.stated:
        return Reply(noted(view, lines))
    return Reply(persona_line(lines, "noted", view.language, view.turn, name=view.name))


def kept_for_me(view: TurnView) -> Reply:
    """List what the student asked to have remembered, oldest first."""
    searches = (
        ("conversation_search", {"query": _KEPT_QUERY, "role": "user", "limit": 20}),
        ("archival_memory_search", {"query": " ".join(_POINTED_AT.values())}),
    )
    left = tuple(call for call in searches if call[0] in view.tools and not view.done(call[0]))
    if left:
        return Reply(calls=left)
    said = [entry for entry in _said(view) if to_keep(entry[1])]
    said += [
        entry for entry in _facts(view.known.values()) if entry[1].startswith(tuple(_POINTED_AT.values()))
    ]
    if not said:
        return Reply(phrase("nothing_to_remember", view.language))
    return _listed("asked_to_remember", sorted(said)[-MOST_LISTED:], view)


def of_own_life(view: TurnView, ask: ParsedQuestion) -> Reply | None:
    """Answer a question on the student's own life with what they said of it; None where they said nothing of it."""
    said = [entry for entry in _said(view) if tells_of_self(entry[1]) or ASKS_TO_KEEP.search(entry[1])]
    words = "\n".join(text for _, text, _ in said)
    said += [entry for entry in _facts(view.known.values()) if entry[1] not in words]

    asked = _asked_words(ask.text)

    def worth(text: str) -> float:
        return max(coverage(text, asked), HALF * same_verb(ask.text, text) if not ask.terms else 0.0)

    best = max((worth(text) for _, text, _ in said), default=0.0)
    chosen = [entry for entry in said if best >= HALF and worth(entry[1]) == best]
    chosen = chosen or _facts(view.beside)[:1]
    if chosen:
        return _listed("you_said", chosen[-2:], view)
    left = [call for call in _searches(ask.text) if call[0] in view.tools and not view.done(call[0])]
    return Reply(calls=tuple(left)) if left else None


_SMALL = re.compile(
    r"(?:what|who|where|when|which|whose|how|many|much|is|are|was|were|do|does|did|am|i|my|me|our|we|us|the|an?|of|to|in|on|at|for|s|"
    r"name|called|said|say|tell|told|you|again|제|내|저|나|제가|내가|저는|나는|우리|저희|뭐|뭐야|뭐예요|뭐였\S*|누구\S*|어디\S*|언제\S*|무엇\S*|몇|이름)",
    re.IGNORECASE,
)


def _asked_words(text: str) -> tuple[str, ...]:
    """The words of a question on one's own life that an answer may repeat: all but those that every question has."""
    words = (without_particle(word) for word in re.findall(r"[A-Za-z0-9]+|[가-힣]+", text))
    return tuple(dict.fromkeys(word for word in words if word and not _SMALL.fullmatch(word)))


def _searches(query: str) -> tuple[Call, ...]:
    return (
        ("archival_memory_search", {"query": query}),
        ("conversation_search", {"query": query, "role": "user", "limit": 20}),
    )


def _facts(hits: Iterable[SeenHit]) -> list[Said]:
    return [(hit.date, hit.text, hit.id) for hit in hits if hit.kind == "fact" and not hit.untrusted]


def _said(view: TurnView) -> list[Said]:
    """What the student said before as far as it is in view, questions left out, oldest first."""
    said = [
        (hit.date, f"{hit.time} {int(hit.id[1:]):9}", hit.text, hit.id)
        for hit in view.known.values()
        if hit.kind == "user"
    ]
    said += [
        (exchange.when.date(), f"{exchange.when:%H:%M} {place:9}", exchange.asked, "")
        for place, exchange in enumerate(view.earlier)
        if exchange.when and all(exchange.asked != text for _, _, text, _ in said)
    ]
    return [(day, text, i) for day, _, text, i in sorted(said) if not is_question(text)]


def _listed(head: str, said: Sequence[Said], view: TurnView) -> Reply:
    lines = [
        f"- {day_name(day, view.language)}: “{' '.join(text.split())}”{f' [{i}]' if i else ''}"
        for day, text, i in said
    ]
    return Reply("\n".join([phrase(head, view.language), *lines]))
