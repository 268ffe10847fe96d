"""How a part of the course is shown: whole, with its source, or only the lines that speak of a thing; and what is said
where there is nothing to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from .passages import Section, english_of, korean_of, quote
from .phrases import persona_line, phrase, source_line
from .request import TurnView
from .serving import Question, introduces
from .terms import Language, mentions
from .topic import Reply


def read_whole(view: TurnView, part: Section) -> Reply | None:
    """Ask for the rest of a part that was cut; None where it is whole or cannot be had."""
    tried = {str(result.arguments.get("id")) for result in view.done("read_more")}
    if not part.cut or part.id in tried or "read_more" not in view.tools:
        return None
    return Reply(calls=(("read_more", {"id": part.id}),))


def shown(part: Section, view: TurnView, keep: Callable[[str], bool] | None = None) -> str:
    """A quotation with its source in front of it, and the full names of what it abbreviates behind it."""
    text = quote(part, view.language, keep)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    code = view.language == "en" and part.section == "code"
    korean = view.language == "en" and 3 * len(re.findall(r"[가-힣]", prose)) > len(
        re.findall(r"[A-Za-z]", prose)
    )
    note = phrase("code_korean" if code else "korean_only", view.language) if korean or code else ""
    head = source_line(part.section, part.file, f"[{part.id}]", view.language)
    names = full_names(hit.text for hit in view.known.values() if not hit.untrusted)
    spelled = names_line(text, (exchange.said for exchange in view.earlier), names, view.language)
    return "\n\n".join(piece for piece in (f"{head} {note}".strip(), text, spelled) if piece)


def on_it(part: Section, here: Question) -> Callable[[str], bool] | None:
    """What chooses the lines of a part that explain a thing in passing, or at least name it; None where none does."""
    terms = here.topic.terms
    text = (english_of(part) if here.view.language == "en" else korean_of(part)) or part.body

    def explains(line: str) -> bool:
        return introduces(replace(part, body=line), terms)

    def names(line: str) -> bool:
        return all(mentions(line, term) for term in terms)

    lines, own = text.splitlines(), list[str]()
    for test in (explains, names):
        own = own or [line for line in lines if test(line)]
    tabled = any(line.startswith("|") for line in own)
    head = [line for line in lines if line.startswith("|")][:2] if tabled else []
    return (lambda line: line in own or line in head) if own and "```" not in text else None


def add_model(view: TurnView) -> str:
    """How to add a real model: in full once, then in a few words."""
    full = phrase("add_model", view.language)
    told = any(full in exchange.said for exchange in view.earlier)
    return phrase("add_model_short", view.language) if told else full


def phrase_unknown(here: Question, topic: str) -> str:
    """The professor's words for what is in no material, and plainly that it is so."""
    plain = (
        f"자료에 없는 주제입니다: {topic}."
        if here.view.language == "ko"
        else f"“{topic}” is not in the material."
    )
    own = persona_line(here.lines, "unknown", here.view.language, here.view.turn, topic=topic)
    named = (
        re.search(r"자료에(?:는)? 없", own)
        if here.view.language == "ko"
        else re.search(r"\b(?:not in|nothing)\b", own, re.IGNORECASE)
    )
    return own if named and topic in own else f"{own} {plain}".strip()


_SHORT = r"[A-Za-z]*[A-Z][A-Za-z]*[A-Z][A-Za-z]*"


_LONG = r"[A-Z][A-Za-z]+(?:[ -][A-Za-z]+){1,6}"


_SHORT_FIRST = re.compile(rf"(?<![A-Za-z])(?P<short>{_SHORT})\s?\((?P<long>{_LONG})\)")


_LONG_FIRST = re.compile(rf"(?P<long>{_LONG})\s?\((?P<short>{_SHORT})\)")


_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


_MOST = 4


def full_names(texts: Iterable[str]) -> dict[str, str]:
    """Collect acronyms with their full names from course texts; the first one wins."""
    names: dict[str, str] = {}
    for text in texts:
        for short, long in _pairs(text):
            names.setdefault(short, long)
    return names


@lru_cache(maxsize=1024)
def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    given = [(match["short"], match["long"]) for match in _SHORT_FIRST.finditer(text)]
    pairs = [(short, long) for short, long in given if _fits(short, re.findall(r"[A-Za-z]+", long))]
    before = ((match["short"], match["long"]) for match in _LONG_FIRST.finditer(text))
    pairs += ((short, fitting) for short, long in before if (fitting := _fitting(short, long)))
    return tuple(pairs)


def _fits(short: str, words: list[str]) -> bool:
    """Whether the capitals of an acronym are initials of some words, in order."""
    initials = iter("".join(word[0] for word in words).lower())
    return len(words) > 1 and all(letter.lower() in initials for letter in short if letter.isupper())


def _fitting(short: str, long: str) -> str:
    """The end of a run of words that an acronym stands for; "" where its initials do not fit."""
    words = re.findall(r"[A-Za-z]+", long)
    for start in range(len(words)):
        if words[start][0].lower() == short[0].lower() and _fits(short, words[start:]):
            return long[long.index(words[start]) :]
    return ""


def names_line(reply: str, before: Iterable[str], names: dict[str, str], language: Language) -> str:
    """Spell out the acronyms that a reply brings up first; "" where there are none to spell out.

    Args:
        before: Earlier replies: what they spelled out is known.
        names: Acronyms with their full names.
    """
    plain = _CODE.sub(" ", reply)
    known = full_names([*before, reply])
    used = [
        short
        for short in names
        if short not in known and re.search(rf"(?<![A-Za-z]){re.escape(short)}(?![A-Za-z])", plain)
    ]
    spelled = ", ".join(f"{short}({names[short]})" for short in used[:_MOST])
    if not spelled:
        return ""
    return f"줄임말: {spelled}" if language == "ko" else f"In full: {spelled}".replace("(", " (")
