"""The study model: the professor's embedded clerk, with no language model, no key, no download and no network.

It reads the request's values, decides what is wanted, asks for the tools that a language model would, and answers by
quoting the course and the record. What is wanted is decided by evidence, in this order: the tutor's state (a quiz is
open), what parses (a calculation, a date), a classifier over meaning and letters, and what the search finds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from ....memory.embedding import packaged_embedder
from ....memory.text import sentences, summary
from ....memory.types import ToolCall
from ....persona.lines import Lines
from ....tools.text import quote
from ....tools.word_problems import expression_in
from ....tools.word_problems.clock import clock_answer
from ...context.budget import estimate_usage
from ...context.turn_view import view_of_request
from ...model import CallReady, Chunk, Finished, ModelProfile, Request, TextDelta, TurnView
from ...tutor.spoken_mode import spoken_mode
from . import course, quiz, student
from .course import Reply
from .facets import facets
from .history import own_history
from .intent import POSSIBLY, SURE, SURELY, Reading, cues, instruction, named_in, read, says, speaks_of
from .phrases import paragraphs, persona_line, say
from .sections import PURPOSES, purpose_of

PROFILE: Final = ModelProfile(
    name="study",
    provider="study",
    window=65_536,
    max_output=2_048,
    local=True,
    summarizes=False,
    obeys_text=False,
    reads_values=True,
)

UNANSWERED: Final = "unanswered"
"""The `Finished.reason` of a reply that had to say that nothing was found: the question stays open."""

POSSIBLY_OF_TWO: Final = 0.25
"""The probability of a reading that only who is meant speaks for."""

_PIECE: Final = re.compile(r"\S+\s*|\s+")
_TALK: Final = {"greeting": "greeting", "thanks": "thanks", "goodbye": "farewell"}
_SAID = {"feeling", "good_news", "insult", "secret", "chitchat", "identity", "ability", "accept", "decline"}
_TELLS: Final = frozenset({"statement", "confused", "understood", "rename"})
_ASKS_OF_SELF: Final = frozenset({"own_fact", "own_confusion", "own_history", "course", "plan"})
_FOLLOWS: Final = frozenset({"example", "code", "table", "shorter", "simpler", "more", "reason", "compare"})
_ON_A_TEXT: Final = frozenset({"text_task", "shorter", "simpler", "course", "confirm", "reason"})
"""What a line that stands above a text may seem to want."""


@dataclass(eq=False)
class StudyModel:
    """Answers without a language model.

    Args:
        persona_lines: The professor's set phrases, by occasion and language; plain ones stand in for what is missing.
        names: The professor's name by language.
        profile: Another window may be tried with it; everything else is as it is.
    """

    persona_lines: Lines = field(default_factory=dict[str, Any])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    profile: ModelProfile = PROFILE

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the reply piece by piece; the same request gives the same reply."""
        view = request.turn or view_of_request(request)
        reply = Clerk(view, self.persona_lines, self.names).reply()
        yield from map(TextDelta, _PIECE.findall(reply.text))
        calls: list[ToolCall] = []
        for number, (name, arguments) in enumerate(reply.calls, 1):
            place = f"study-{len(request.messages)}-{number}"
            calls.append(ToolCall(place, name, json.dumps(arguments, ensure_ascii=False)))
        yield from map(CallReady, calls)
        reason = "tool_calls" if calls and not reply.text else "stop"
        yield Finished(reason if reply.answered else UNANSWERED, estimate_usage(request, reply.text, calls))


class Clerk:
    """Decides what to say or do next in one turn."""

    def __init__(self, view: TurnView, lines: Lines, names: Mapping[str, str]) -> None:
        embedder = packaged_embedder()  # with which the classifier was fitted
        self._embed = partial(embedder.embed, kind="query") if embedder else None
        self._view, self._lines, self._names = view, lines, names
        self._named = named_in(view.said)

    def reply(self) -> Reply:
        """Say or do what comes next."""
        if mode := spoken_mode(self._view.said):
            return Reply(say(self._view, f"mode_{mode}"))
        reading = read(self._view.said, self._embed)
        if (wish := self._view.offer) and quiz.accepts(self._view, reading):
            return Clerk(replace(self._view, said=wish, offer=""), self._lines, self._names).reply()
        return self._in_quiz(reading) or self._parsed(reading) or self._meant(self._with_evidence(reading))

    def _in_quiz(self, reading: Reading) -> Reply | None:
        """What a turn did to the question that was open; None where it has nothing to do with a quiz."""
        view = self._view
        if reply := quiz.happened(view) or quiz.offered(view, reading):
            return reply
        is_open = view.quiz is not None and view.quiz.question
        ends = reading.intent in {"hint", "give_up", "end_quiz"} and reading.probability >= SURE
        return Reply(say(view, "quiz_not_open")) if ends and not is_open and not self._named else None

    def _parsed(self, reading: Reading) -> Reply | None:
        """What can be read whole as a calculation or as a question on the calendar."""
        view = self._view
        if reading.intent != "text_task" and (expression := expression_in(view.said)):
            return self._calculated(expression)
        text = student.own_dates(view)
        if not text and reading.share("statement", "own_fact", "own_history") < SURE:
            text = clock_answer(view.said, view.now, view.language)
        text = text or student.dates_just_told(view)
        return Reply(text) if text else None

    def _calculated(self, expression: str) -> Reply:
        view = self._view
        if view.can("calculate"):
            return Reply(calls=(("calculate", {"expression": expression}),))
        result = "".join(done.text.strip() for done in view.done("calculate")[-1:])
        found = "=" in result or ":" in result
        return Reply(f"{say(view, 'calculated')} `{result}`" if found else say(view, "not_calculated"))

    def _with_evidence(self, reading: Reading) -> Reading:
        """Pass over readings that the turn itself speaks against."""
        if (head := instruction(self._view.said)) and read(head, self._embed).intent in _ON_A_TEXT:
            return Reading("text_task", 1.0)
        while reading.others and self._speaks_against(reading):
            reading = reading.next_best()
        if self._view.stated:
            return reading
        intent = "course" if self._on_course(reading) else "own_fact" if self._on_self(reading) else ""
        return Reading(intent, reading.share(intent)) if intent else reading

    def _speaks_against(self, reading: Reading) -> bool:
        """Whether the turn rules a reading out: who asks tells nothing, a task on a text takes one or leaves no doubt."""
        said, stated = self._view.said, self._view.stated
        asks = said.endswith(("?", "？")) and not stated
        brings_text = len(said.split()) > 25 or says(said, "a_text")
        vague = reading.probability < SURELY and not brings_text
        unlike = {"text_task": True, "rename": not stated, "own_fact": said.endswith((".", "!"))}
        return (asks and reading.intent in _TELLS) or (vague and unlike.get(reading.intent, False))

    def _on_course(self, reading: Reading) -> bool:
        """Whether a turn that names something is a question or a claim on it, whatever it seems to be."""
        places = [" ".join(place).replace("-", " ") for place in self._view.course]
        of_course = any(speaks_of(place, self._named) for place in places)
        if reading.intent in _TELLS - {"rename"}:
            return of_course and reading.probability < SURELY and not self._of_self()
        if reading.intent not in cues()["nameless"] or not places or not self._named:
            return False
        asks_why = reading.intent == "chitchat" and purpose_of(self._view.said) in {"why", "how"}
        return of_course or asks_why or reading.probability < SURE

    def _on_self(self, reading: Reading) -> bool:
        """Whether a turn that may ask for what the student said names what they did say."""
        if reading.intent in _TELLS:
            return False
        told, share = "\n".join(item.words for item in self._view.kept), reading.share("own_fact")
        if reading.intent == "identity" and self._of_self() and share >= POSSIBLY_OF_TWO:
            return True
        return share >= POSSIBLY and speaks_of(told, self._named)

    def _of_self(self) -> bool:
        """Whether the student speaks of themself."""
        return not set(cues()["first_person"]).isdisjoint(re.findall(r"[\w']+", self._view.said.casefold()))

    def _meant(self, reading: Reading) -> Reply:
        view, intent = self._view, reading.intent
        if view.stated and intent not in _TELLS | _ASKS_OF_SELF:
            intent = "statement"
        if intent in _TALK:
            return Reply(persona_line(self._lines, _TALK[intent], view.language, view.turn, name=view.name))
        if intent in _SAID:
            said = say(view, intent, name=self._names.get(view.language, ""))
            return Reply(paragraphs(said, course.add_model(view) if intent == "ability" else ""))
        if intent in _TELLS:
            return student.tell(view, intent)
        if view.deep and (whole := facets(_wished(view))):
            return whole
        if intent in _FOLLOWS:
            return self._follow(intent)
        if intent == "maths" and not self._named:
            return Reply(say(view, "not_calculated"))
        if intent == "own_fact":
            return student.own_fact(view, self._embed)
        if intent in _ANSWERS:
            return _ANSWERS[intent](view)
        compares = reading.share("compare") >= POSSIBLY and len(self._named) > 1
        return course.ask(_wished(view), self._lines, "compare" if compares else None)

    def _follow(self, intent: str) -> Reply:
        """A follow-up goes on with the topic; one that names another thing is a question on that."""
        view, topic = _wished(self._view), course.topic_of(self._view).phrases
        named, compares = named_in(view.said), intent == "compare"
        goes_on = topic if compares and len(named) == 1 else set(named) & set(topic)
        if named and not goes_on:
            return course.ask(view, self._lines, "compare" if compares else None)
        return course.follow(view, intent, self._lines)


def _wished(view: TurnView) -> TurnView:
    """The turn in the language that it asks to be answered in."""
    for language, wish in (("en", "in_english"), ("ko", "in_korean")):
        for word in cues()[wish]:
            if (at := view.said.casefold().find(word)) >= 0:
                said = f"{view.said[:at]} {view.said[at + len(word) :]}"
                return replace(view, said=said, language=language)
    return view


def task(view: TurnView) -> Reply:
    """Summarise by the text's own sentences, or say that the task takes a language model."""
    wanted = instruction(view.said) or view.said
    text = view.said[len(wanted) :].lstrip(":\n ")
    told = sentences(text)
    summarise = any(word in wanted.casefold() for word in PURPOSES["summary"])
    if summarise and len(told) > 1 and "```" not in text:
        number = re.search(r"\d", wanted)
        chosen = summary(told, int(number[0]) if number else 2)
        return Reply(paragraphs(say(view, "summarised"), quote(chosen)))
    kind = next((kind for kind in ("translate", "classify", "code") if says(view.said, kind)), "write")
    needs = say(view, "needs_model", task=say(view, f"task_{kind}"))
    return Reply(paragraphs(needs, course.add_model(view)))


def confirmed(view: TurnView) -> Reply:
    """Say on what the last answer rests."""
    if view.last.said.startswith(say(view, "calculated")):
        return Reply(say(view, "calculated_again", result=view.last.said.split("`")[1]))
    return Reply(say(view, "as_written" if view.last.cited else "as_told"))


_ANSWERS: Final[Mapping[str, Callable[[TurnView], Reply]]] = {
    "own_history": own_history,
    "own_confusion": student.own_confusion,
    "open_question": student.open_questions,
    "dismiss": student.dismiss,
    "plan": student.plan,
    "overview": course.overview,
    **dict.fromkeys(("quiz", "next_question"), quiz.ask_one),
    "text_task": task,
    "confirm": confirmed,
}
