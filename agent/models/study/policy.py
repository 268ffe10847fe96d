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

from ....memory.facts.values import StatedFact
from ....memory.types import ToolCall
from ....persona.lines import PLAIN, Lines
from ....tools.text import estimate_tokens
from ...context.budget import estimate_message, estimate_tools
from ...context.smalltalk import is_question
from ...model import CallReady, Chunk, Finished, ModelProfile, Request, TextDelta, Usage
from . import quiz
from .course import about_course
from .history import last_time, said_before
from .intent import GLAD, Ask, Intent, read_ask
from .noted import keeping, noted
from .phrases import persona_line, phrase
from .request import Exchange, Scene, read_scene
from .showing import add_model
from .statements import ASKS_TO_KEEP
from .student import about_student, forgetting
from .terms import mentions, terms_of
from .told import kept_for_me, of_own_life, remembered, storing
from .topic import CONTENT, Move, Topic, topic_at_hand, topics, understood

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
        move = decide(read_scene(request), self._lines)
        pieces = _PIECE.findall(move.text)
        for start in range(0, len(pieces), _PIECES_AT_ONCE):
            yield TextDelta("".join(pieces[start : start + _PIECES_AT_ONCE]))
        calls = _calls(move, len(request.messages))
        for call in calls:
            yield CallReady(call)
        reason = "tool_calls" if calls and not move.text else "stop"
        yield Finished(reason if move.answered else UNANSWERED, _usage(request, move, calls))


def _calls(move: Move, place: int) -> list[ToolCall]:
    return [
        ToolCall(f"study-{place}-{number}", name, json.dumps(arguments, ensure_ascii=False))
        for number, (name, arguments) in enumerate(move.calls, 1)
    ]


def _usage(request: Request, move: Move, calls: list[ToolCall]) -> Usage:
    prompt = sum(map(estimate_message, request.messages)) + estimate_tools(request.tools)
    reply = estimate_tokens(move.text) + sum(estimate_tokens(call.name + call.arguments) for call in calls)
    return Usage(input_tokens=round(prompt), output_tokens=round(reply), estimated=True)


def decide(scene: Scene, lines: Lines) -> Move:
    """Say what to do next in a turn."""
    if scene.spoken:  # a write that went with the answer failed
        return Move(phrase("not_kept", scene.language))
    move = _answer(scene, lines)
    tried = any(result.name.startswith("core_memory") for result in scene.results)
    keep = (*(() if tried else keeping(scene)), *storing(scene))
    return Move(move.text, (*move.calls, *keep), move.answered) if keep else move


def _answer(scene: Scene, lines: Lines) -> Move:
    if ASKS_TO_KEEP.search(scene.said) and not is_question(scene.said):
        return remembered(scene, lines)
    asking = question_part(scene.said, scene.stated)
    if scene.stated and not asking:
        return Move(noted(scene, lines))
    last = scene.earlier[-1].said if scene.earlier else ""
    ask = read_ask(asking or scene.said, pending=last.rstrip().endswith("?"))
    if ask.intent in _TALK:
        return Move(persona_line(lines, ask.intent, scene.language, scene.turn, name=scene.name))
    pair = quiz.pending_question(scene)
    if pair is None and (again := quiz.look_again(scene)):
        return again
    if pair is not None and ask.intent == "hint":
        return quiz.hint(scene, pair)
    if pair is not None and ask.intent != "yes" and quiz.is_attempt(scene, ask):
        return quiz.attempted(scene, pair)
    ask = _of_another(ask, scene)
    topic = topic_at_hand(scene, _understood)
    return _on_ask(scene, _meant(ask, scene), topic, lines)


def _on_ask(scene: Scene, ask: Ask, topic: Topic, lines: Lines) -> Move:
    if ask.intent in _SELF:
        return about_student(scene, ask)
    if ask.intent in CONTENT or ask.intent == "simpler":
        return about_course(scene, ask, topic, lines)
    if ask.intent in _TOLD:
        return _on_told(scene, ask, topic, lines)
    match ask.intent:
        case "quiz":
            return quiz.ask_one(scene, Topic(ask.terms) if ask.terms else topic)
        case "topics":
            return topics(scene)
        case "arithmetic":
            return _calculated(scene, ask)
        case "last_time":
            return last_time(scene, ask)
        case "said_before":
            return said_before(scene, ask)
        case _:
            return _about_itself(scene, ask)


def _on_told(scene: Scene, ask: Ask, topic: Topic, lines: Lines) -> Move:
    """Acknowledge what is told, list what was to be remembered, or answer from what was told before."""
    if ask.intent == "kept":
        return kept_for_me(scene)
    if ask.intent == "own":
        return of_own_life(scene, ask) or about_course(scene, replace(ask, intent="definition"), topic, lines)
    return Move(persona_line(lines, "noted", scene.language, scene.turn, name=scene.name))


def _about_itself(scene: Scene, ask: Ask) -> Move:
    """Say what it is, what it can do and what it cannot."""
    language = scene.language
    match ask.intent:
        case "forget":
            return forgetting(scene, ask)
        case "mood":
            return Move(phrase("glad" if GLAD.search(ask.text) else "mood", language))
        case "hint":
            return Move(phrase("no_quiz", language))
        case "another":
            return Move(phrase("no_topic", language))
        case "really" if scene.earlier and scene.earlier[-1].cited:
            return Move(phrase("as_written", language))
        case "outside":
            return Move(f"{phrase('outside', language)}\n\n{add_model(scene)}")
        case "identity":
            return Move(f"{phrase('identity', language)}\n\n{add_model(scene)}")
        case "help":
            return Move(f"{phrase('help', language)}\n\n{phrase('add_model', language)}")
        case _:
            return Move(phrase("unclear", language))


def _meant(ask: Ask, scene: Scene) -> Ask:
    """What a bare yes agrees to: what the professor's last words offered."""
    if ask.intent != "yes":
        return ask
    last = scene.earlier[-1] if scene.earlier else Exchange("", None, "")
    offer = last.said.rstrip().splitlines()[-1] if last.said.strip() else ""
    for intent, words in _OFFERED:
        if words.search(offer):
            return Ask(intent, (), ask.text)
    return Ask("more", (), ask.text)


def _of_another(ask: Ask, scene: Scene) -> Ask:
    """Read "and linear algebra?" after a question on an exam, and "when is it?" after one was named, as about that."""
    before = _understood(scene.earlier[-1]).intent if scene.earlier else "other"
    known = any(
        fact.kind == before and mentions(fact.value, term) for fact in scene.facts for term in ask.terms
    )
    last = f"{scene.earlier[-1].asked}\n{scene.earlier[-1].said}" if scene.earlier else ""
    dated = [fact for fact in scene.facts if fact.day and fact.value in last]
    if ask.intent == "own" and not ask.terms and dated and _WHEN.search(ask.text):
        return Ask(
            "deadline" if dated[-1].kind == "deadline" else "exam", terms_of(dated[-1].value), ask.text
        )
    short = len(ask.text.split()) <= 4
    return Ask(before, ask.terms, ask.text) if before in {"exam", "deadline"} and short and known else ask


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
def _understood(exchange: Exchange) -> Ask:
    return understood(exchange)


def _calculated(scene: Scene, ask: Ask) -> Move:
    done = scene.done("calculate")
    if not done and "calculate" in scene.tools:
        return Move(calls=(("calculate", {"expression": ask.expression}),))
    if not done:
        return Move(phrase("add_model", scene.language), answered=False)
    result = done[-1].text.strip()
    if "=" not in result and ":" not in result:
        return Move(phrase("not_calculated", scene.language), answered=False)
    return Move(f"{phrase('calculated', scene.language)} `{result}`")
