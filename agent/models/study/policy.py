"""The study model: the professor's embedded stand-in, with no language model, no key, no download and no network.

A small deterministic policy behind the `Model` protocol. It reads the request, decides by rule what the student wants,
asks for the same tools a language model would, and answers by quoting the course and the record with their sources.
What it does not find it says so, and how to add a real model; it never pretends to be one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ....memory.facts import StatedFact
from ....memory.types import ToolCall
from ....persona.lines import PLAIN, Lines
from ....tools.text import estimate_tokens
from ...context.budget import estimate_message, estimate_tools
from ...context.smalltalk import is_question
from ...model import CallReady, Chunk, Finished, ModelProfile, Request, TextDelta, Usage
from . import quiz
from .course import about_course
from .history import last_time, said_before
from .intent import GLAD, Intent, ParsedQuestion, parse_question
from .noted import keeping, noted
from .phrases import persona_line, phrase
from .request import Exchange, TurnView, read_turn
from .showing import add_model
from .statements import ASKS_TO_KEEP
from .student import about_student, forgetting
from .terms import mentions, terms_of
from .told import kept_for_me, of_own_life, remembered, storing
from .topic import CONTENT, Reply, Topic, topic_at_hand, topics, understood

PROFILE: Final = ModelProfile(
    name="study",
    provider="study",
    window=65_536,
    max_output=2_048,
    tools="native",
    parallel_tools=True,
    local=True,
    summarizes=False,
    obeys_text=False,
    reads_values=True,
)

UNANSWERED: Final = "unanswered"
"""The `Finished.reason` of a reply that had to say that nothing was found: the question stays open."""

_PIECE = re.compile(r"\S+\s*|\s+")
_PIECES_AT_ONCE = 3
_TALK = frozenset({"greeting", "thanks", "farewell", "acknowledgement"})
_SELF = frozenset({"name", "exam", "deadline", "confusion", "about_me"})
_TOLD = frozenset({"told", "remember", "kept", "own"})
_JOINTS = re.compile(
    r"(?<=데)[,\s]+|(?<=[고만])[,\s]+(?=\S)|[,;]\s+|(?<=[.!?])\s+|\s+(?:and|but|so)\s+", re.IGNORECASE
)


class StudyModel:
    """Answers without a language model.

    Args:
        persona_lines: The professor's set phrases, by occasion and language; plain ones stand in for what is missing.
        profile: Another window may be tried with it; everything else is as it is.
    """

    def __init__(self, persona_lines: Lines | None = None, profile: ModelProfile = PROFILE) -> None:
        self._lines: Lines = {**PLAIN, **(persona_lines or {})}
        self._profile = profile

    @property
    def profile(self) -> ModelProfile:
        """Facts about the model."""
        return self._profile

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the reply piece by piece; the same request gives the same reply."""
        move = decide(read_turn(request), self._lines)
        pieces = _PIECE.findall(move.text)
        for start in range(0, len(pieces), _PIECES_AT_ONCE):
            yield TextDelta("".join(pieces[start : start + _PIECES_AT_ONCE]))
        calls = _calls(move, len(request.messages))
        for call in calls:
            yield CallReady(call)
        reason = "tool_calls" if calls and not move.text else "stop"
        yield Finished(reason if move.answered else UNANSWERED, _usage(request, move, calls))


def _calls(move: Reply, place: int) -> list[ToolCall]:
    return [
        ToolCall(f"study-{place}-{number}", name, json.dumps(arguments, ensure_ascii=False))
        for number, (name, arguments) in enumerate(move.calls, 1)
    ]


def _usage(request: Request, move: Reply, calls: list[ToolCall]) -> Usage:
    prompt = sum(map(estimate_message, request.messages)) + estimate_tools(request.tools)
    reply = estimate_tokens(move.text) + sum(estimate_tokens(call.name + call.arguments) for call in calls)
    return Usage(input_tokens=round(prompt), output_tokens=round(reply), estimated=True)


def decide(view: TurnView, lines: Lines) -> Reply:
    """Say what to do next in a turn."""
    if view.spoken:  # a write that went with the answer failed
        return Reply(phrase("not_kept", view.language))
    move = _answer(view, lines)
    tried = any(result.name.startswith("core_memory") for result in view.results)
    keep = (*(() if tried else keeping(view)), *storing(view))
    return Reply(move.text, (*move.calls, *keep), move.answered) if keep else move


def _answer(view: TurnView, lines: Lines) -> Reply:
    if ASKS_TO_KEEP.search(view.said) and not is_question(view.said):
        return remembered(view, lines)
    asking = question_part(view.said, view.stated)
    if view.stated and not asking:
        return Reply(noted(view, lines))
    last = view.earlier[-1].said if view.earlier else ""
    ask = parse_question(asking or view.said, pending=last.rstrip().endswith("?"))
    if ask.intent in _TALK:
        return Reply(persona_line(lines, ask.intent, view.language, view.turn, name=view.name))
    pair = quiz.pending_question(view)
    if pair is None and (again := quiz.look_again(view)):
        return again
    if pair is not None and ask.intent == "hint":
        return quiz.hint(view, pair)
    if pair is not None and ask.intent != "yes" and quiz.is_attempt(view, ask):
        return quiz.attempted(view, pair)
    ask = _of_another(ask, view)
    topic = topic_at_hand(view, _understood)
    return _on_ask(view, _meant(ask, view), topic, lines)


def _on_ask(view: TurnView, ask: ParsedQuestion, topic: Topic, lines: Lines) -> Reply:
    if ask.intent in _SELF:
        return about_student(view, ask)
    if ask.intent in CONTENT or ask.intent == "simpler":
        return about_course(view, ask, topic, lines)
    if ask.intent in _TOLD:
        return _on_told(view, ask, topic, lines)
    match ask.intent:
        case "quiz":
            return quiz.ask_one(view, Topic(ask.terms) if ask.terms else topic)
        case "topics":
            return topics(view)
        case "arithmetic":
            return _calculated(view, ask)
        case "last_time":
            return last_time(view, ask)
        case "said_before":
            return said_before(view, ask)
        case _:
            return _about_itself(view, ask)


def _on_told(view: TurnView, ask: ParsedQuestion, topic: Topic, lines: Lines) -> Reply:
    """Acknowledge what is told, list what was to be remembered, or answer from what was told before."""
    if ask.intent == "kept":
        return kept_for_me(view)
    if ask.intent == "own":
        return of_own_life(view, ask) or about_course(view, replace(ask, intent="definition"), topic, lines)
    return Reply(persona_line(lines, "noted", view.language, view.turn, name=view.name))


def _about_itself(view: TurnView, ask: ParsedQuestion) -> Reply:
    """Say what it is, what it can do and what it cannot."""
    language = view.language
    match ask.intent:
        case "forget":
            return forgetting(view, ask)
        case "mood":
            return Reply(phrase("glad" if GLAD.search(ask.text) else "mood", language))
        case "hint":
            return Reply(phrase("no_quiz", language))
        case "another":
            return Reply(phrase("no_topic", language))
        case "really" if view.earlier and view.earlier[-1].cited:
            return Reply(phrase("as_written", language))
        case "outside":
            return Reply(f"{phrase('outside', language)}\n\n{add_model(view)}")
        case "identity":
            return Reply(f"{phrase('identity', language)}\n\n{add_model(view)}")
        case "help":
            return Reply(f"{phrase('help', language)}\n\n{phrase('add_model', language)}")
        case _:
            return Reply(phrase("unclear", language))


def _meant(ask: ParsedQuestion, view: TurnView) -> ParsedQuestion:
    """What a bare yes agrees to: what the professor's last words offered."""
    if ask.intent != "yes":
        return ask
    last = view.earlier[-1] if view.earlier else Exchange("", None, "")
    offer = last.said.rstrip().splitlines()[-1] if last.said.strip() else ""
    for intent, words in _OFFERED:
        if words.search(offer):
            return ParsedQuestion(intent, (), ask.text)
    return ParsedQuestion("more", (), ask.text)


def _of_another(ask: ParsedQuestion, view: TurnView) -> ParsedQuestion:
    """Read "and linear algebra?" after a question on an exam, and "when is it?" after one was named, as about that."""
    before = _understood(view.earlier[-1]).intent if view.earlier else "other"
    known = any(
        fact.kind == before and mentions(fact.value, term) for fact in view.facts for term in ask.terms
    )
    last = f"{view.earlier[-1].asked}\n{view.earlier[-1].said}" if view.earlier else ""
    dated = [fact for fact in view.facts if fact.day and fact.value in last]
    if ask.intent == "own" and not ask.terms and dated and _WHEN.search(ask.text):
        return ParsedQuestion(
            "deadline" if dated[-1].kind == "deadline" else "exam", terms_of(dated[-1].value), ask.text
        )
    short = len(ask.text.split()) <= 4
    return (
        ParsedQuestion(before, ask.terms, ask.text)
        if before in {"exam", "deadline"} and short and known
        else ask
    )


_WHEN = re.compile(r"언제|며칠|\bwhen\b", re.IGNORECASE)
_OFFERED: Final[tuple[tuple[Intent, re.Pattern[str]], ...]] = (
    ("quiz", re.compile(r"문제|\bquestion\b")),
    ("code", re.compile(r"코드|\bcode\b")),
    ("example", re.compile(r"예시|\bexample\b")),
    ("definition", re.compile(r"함께|다시 볼까요|\blook at\b|\bgo over\b")),
)


def question_part(said: str, stated: tuple[StatedFact, ...]) -> str:
    """What a turn asks besides what it states: "" where it only states."""
    if not stated:
        return said
    quotes = {fact.quote.strip() for fact in stated}
    rest = said
    for quote in sorted(quotes, key=len, reverse=True):
        asked = [piece for piece in _JOINTS.split(quote) if is_question(piece)]
        rest = rest.replace(quote, " ".join(asked))
    rest = rest.strip(" ,.!~")
    return rest if is_question(rest) else ""


@lru_cache(maxsize=512)
def _understood(exchange: Exchange) -> ParsedQuestion:
    return understood(exchange)


def _calculated(view: TurnView, ask: ParsedQuestion) -> Reply:
    done = view.done("calculate")
    if not done and "calculate" in view.tools:
        return Reply(calls=(("calculate", {"expression": ask.expression}),))
    if not done:
        return Reply(phrase("add_model", view.language), answered=False)
    result = done[-1].text.strip()
    if "=" not in result and ":" not in result:
        return Reply(phrase("not_calculated", view.language), answered=False)
    return Reply(f"{phrase('calculated', view.language)} `{result}`")
