"""The study model: the professor's embedded clerk, with no language model, no key, no download and no network.

It reads the request's values, decides what is wanted, asks for the tools that a language model would, and answers by
quoting the course and the record. What is wanted is decided by evidence, in this order: the tutor's state (a quiz is
open), what parses (a calculation, a date), a classifier over meaning and letters, and what the search finds. What it
does not find it says so; it never pretends to be a language model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ....memory.embedding import packaged_embedder
from ....memory.text import mentions, phrases_of
from ....memory.text.words import Phrase
from ....memory.types import ToolCall
from ....persona.lines import PLAIN, Lines
from ....tools.text import estimate_tokens
from ....tools.word_problems import expression_in
from ....tools.word_problems.clock import clock_answer
from ...context.budget import estimate_message, estimate_tools
from ...context.turn_view import in_short, language_of
from ...model import CallReady, Chunk, Finished, Language, ModelProfile, Request, TextDelta, TurnView, Usage
from . import course, quiz, student
from .course import Reply
from .history import own_history
from .intent import SURE, Embed, Intents, Matrix, Reading, framing
from .phrases import persona_line, phrase
from .sections import purpose_of
from .tasks import has_text, instruction, task

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

_PIECE: Final = re.compile(r"\S+\s*|\s+")

_TALK: Final = {"greeting": "greeting", "thanks": "thanks", "goodbye": "farewell"}
_SAID: Final = frozenset({"feeling", "good_news", "insult", "secret", "chitchat", "identity", "ability"})
_TELLS: Final = frozenset({"statement", "confused", "understood", "rename"})
_ASKS_OF_SELF: Final = frozenset({"own_fact", "own_confusion", "own_history", "course", "plan"})
_FOLLOWS: Final = frozenset({"example", "code", "table", "shorter", "simpler", "more", "reason", "compare"})
_ON_A_TEXT: Final = frozenset({"text_task", "shorter", "simpler", "course", "confirm", "reason"})
"""What a line that stands above a text may seem to want."""

SURELY: Final = 0.8
"""The probability from which a reading needs no further evidence."""

POSSIBLY, POSSIBLY_OF_TWO = 0.05, 0.25
"""The probability of a reading that something else speaks for: words that were said before, or only who is meant."""

_FIRST_PERSON: Final = frozenset({
    "나", "난", "나는", "나도", "내", "내가", "저", "전", "저는", "저도", "제", "제가", "우리", "저희",
    "i", "i'm", "im", "i've", "my", "me", "mine", "we", "our",
})  # fmt: skip
_NAMELESS: Final = frozenset({
    "chitchat", "confirm", "feeling", "insult", "greeting", "thanks", "ability", "identity", "clock", "hint", "give_up",
    "end_quiz", "overview",
})  # fmt: skip
"""What names no thing of a course: where a turn does and the reading is unsure, it is a question on that thing."""


class StudyModel:
    """Answers without a language model.

    Args:
        persona_lines: The professor's set phrases, by occasion and language; plain ones stand in for what is missing.
        names: The professor's name by language.
        profile: Another window may be tried with it; everything else is as it is.
    """

    def __init__(
        self,
        persona_lines: Lines | None = None,
        names: Mapping[str, str] | None = None,
        profile: ModelProfile = PROFILE,
    ) -> None:
        self._lines: Lines = {**PLAIN, **(persona_lines or {})}
        self._names = names or {}
        self._profile = profile

    @property
    def profile(self) -> ModelProfile:
        """Facts about the model."""
        return self._profile

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the reply piece by piece; the same request gives the same reply."""
        view = request.turn or _only_words(request)
        reply = Clerk(view, self._lines, self._names, _embed()).reply()
        yield from map(TextDelta, _PIECE.findall(reply.text))
        place = f"study-{len(request.messages)}"
        calls = [
            ToolCall(f"{place}-{number}", name, json.dumps(arguments, ensure_ascii=False))
            for number, (name, arguments) in enumerate(reply.calls, 1)
        ]
        for call in calls:
            yield CallReady(call)
        reason = "tool_calls" if calls and not reply.text else "stop"
        yield Finished(reason if reply.answered else UNANSWERED, _usage(request, reply, calls))


def _only_words(request: Request) -> TurnView:
    """What is known of a request that is no part of a conversation."""
    said = in_short(next((m.content for m in reversed(request.messages) if m.role == "user"), ""))
    return TurnView(said, language_of(said, "en"), tools=frozenset(spec.name for spec in request.tools))


def _usage(request: Request, reply: Reply, calls: list[ToolCall]) -> Usage:
    prompt = sum(map(estimate_message, request.messages)) + estimate_tools(request.tools)
    output = estimate_tokens(reply.text) + sum(estimate_tokens(call.name + call.arguments) for call in calls)
    return Usage(input_tokens=round(prompt), output_tokens=round(output), estimated=True)


def _embed() -> Embed | None:
    """The embedder that the classifier was fitted with, where this install has it and it is loaded."""
    embedder = packaged_embedder()
    if embedder is None:
        return None

    def embed(texts: Sequence[str]) -> Matrix:
        return embedder.embed(texts, "query")

    return embed


class Clerk:
    """Decides what to say or do next in one turn."""

    def __init__(self, view: TurnView, lines: Lines, names: Mapping[str, str], embed: Embed | None) -> None:
        self._view, self._lines, self._names, self._embed = view, lines, names, embed
        self._intents = Intents(embed)

    def reply(self) -> Reply:
        """Say or do what comes next."""
        reading = self._intents.read(self._view.said)
        return self._in_quiz(reading) or self._parsed(reading) or self._meant(self._with_evidence(reading))

    def _with_evidence(self, reading: Reading) -> Reading:
        """Pass over readings that the turn itself speaks against."""
        said = self._view.said
        if (head := instruction(said)) and self._intents.read(head).intent in _ON_A_TEXT:
            return Reading("text_task", 1.0)
        while reading.others and self._speaks_against(reading):
            reading = reading.next_best()
        named = phrases_of(said, framing())
        if named and self._on_course(reading, named):
            return Reading("course", reading.share("course"))
        return Reading("own_fact", reading.share("own_fact")) if self._on_self(reading, named) else reading

    def _on_course(self, reading: Reading, named: Sequence[Phrase]) -> bool:
        """Whether a turn that names something is a question or a claim on it, whatever it seems to be."""
        places = [" ".join(place).replace("-", " ") for place in self._view.course]
        of_course = any(mentions(place, p) for place in places for p in named)
        if self._view.stated:
            return False
        if reading.intent in {"statement", "confused", "understood"}:
            return of_course and reading.probability < SURELY and not self._of_self()
        if reading.intent not in _NAMELESS or not places:
            return False
        asks_why = reading.intent == "chitchat" and purpose_of(self._view.said) in {"why", "how"}
        return of_course or asks_why or reading.probability < SURE

    def _on_self(self, reading: Reading, named: Sequence[Phrase]) -> bool:
        """Whether a turn that may ask for what the student said names what they did say."""
        told = "\n".join(item.quote or item.text for item in self._view.kept)
        share = reading.share("own_fact")
        if self._view.stated or reading.intent in _TELLS:
            return False
        named_before = share >= POSSIBLY and any(mentions(told, p) for p in named)
        return named_before or (share >= POSSIBLY_OF_TWO and reading.intent == "identity" and self._of_self())

    def _of_self(self) -> bool:
        """Whether the student speaks of themself."""
        return not _FIRST_PERSON.isdisjoint(re.findall(r"[\w']+", self._view.said.casefold()))

    def _speaks_against(self, reading: Reading) -> bool:
        """Whether the turn rules a reading out: who asks tells nothing, a task on a text takes one or leaves no doubt."""
        said = self._view.said
        asks = said.endswith(("?", "？")) and not self._view.stated
        vague = reading.probability < SURELY and not has_text(said)
        unlike = {"text_task": True, "rename": not self._view.stated, "own_fact": said.endswith((".", "!"))}
        return (asks and reading.intent in _TELLS) or (vague and unlike.get(reading.intent, False))

    def _in_quiz(self, reading: Reading) -> Reply | None:
        """What a turn means while a question is open; None where it has nothing to do with it."""
        view, intent, pair = self._view, reading.intent, quiz.pending(self._view)
        if pair is None and (look := quiz.look_again(view)):
            return look
        if pair is None:
            lost = intent in {"hint", "give_up", "end_quiz"} and reading.probability >= SURE
            lost = lost and not phrases_of(view.said, framing())
            return Reply(phrase("quiz_not_open", view.language)) if lost else None
        if intent == "end_quiz":
            return Reply(phrase("quiz_ended", view.language))
        if intent in {"hint", "give_up"}:
            return quiz.hint(view, pair) if intent == "hint" else quiz.given_up(view, pair)
        if intent in {"next_question", "quiz"}:
            return quiz.ask_one(view)
        return quiz.attempted(view, pair) if quiz.is_attempt(reading, view.said) else None

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
        if "=" not in result and ":" not in result:
            return Reply(phrase("not_calculated", view.language))
        return Reply(f"{phrase('calculated', view.language)} `{result}`")

    def _meant(self, reading: Reading) -> Reply:
        view, intent, language = self._view, reading.intent, self._view.language
        if view.stated and intent not in _TELLS | _ASKS_OF_SELF:
            intent = "statement"
        if intent in _TALK:
            return Reply(persona_line(self._lines, _TALK[intent], language, view.turn, name=view.name))
        if intent in _SAID:
            said = phrase(intent, language, name=self._names.get(language, ""))
            return Reply(
                "\n\n".join(filter(None, [said, course.add_model(view) if intent == "ability" else ""]))
            )
        if intent in _TELLS:
            return student.tell(view, intent)
        if intent in _FOLLOWS:
            return self._follow(intent)
        if intent == "maths" and not phrases_of(view.said, framing()):
            return Reply(phrase("not_calculated", language))
        if intent == "own_fact":
            return student.own_fact(view, self._embed)
        if intent == "own_history":
            return own_history(view, self._intents)
        if intent in _ANSWERS:
            return _ANSWERS[intent](view)
        compares = reading.share("compare") >= POSSIBLY and len(phrases_of(view.said, framing())) > 1
        return course.ask(_wished(view), self._lines, "compare" if compares else None)

    def _follow(self, intent: str) -> Reply:
        """A follow-up goes on with the topic; one that names another thing is a question on that."""
        view, topic = _wished(self._view), course.topic_of(self._view)
        named = phrases_of(view.said, framing())
        goes_on = (
            topic.phrases if intent == "compare" and len(named) == 1 else set(named) & set(topic.phrases)
        )
        if named and not goes_on:
            return course.ask(view, self._lines, "compare" if intent == "compare" else None)
        return course.follow(view, intent, self._lines)


def _wished(view: TurnView) -> TurnView:
    """The turn in the language that it asks to be answered in."""
    wishes: Mapping[Language, Sequence[str]] = {
        "en": ("영어로", "in english"), "ko": ("한국어로", "한글로", "in korean"),
    }  # fmt: skip
    for language, words in wishes.items():
        for word in words:
            if (at := view.said.casefold().find(word)) >= 0:
                return replace(
                    view, said=f"{view.said[:at]} {view.said[at + len(word) :]}", language=language
                )
    return view


def confirmed(view: TurnView) -> Reply:
    """Say on what the last answer rests."""
    last = view.earlier[-1] if view.earlier else None
    if last and last.said.startswith(phrase("calculated", view.language)):
        return Reply(phrase("calculated_again", view.language, result=last.said.split("`")[1]))
    return Reply(phrase("as_written" if last and last.cited else "as_told", view.language))


_ANSWERS: Final[Mapping[str, Callable[[TurnView], Reply]]] = {
    "own_confusion": student.own_confusion,
    "open_question": student.open_questions,
    "dismiss": student.dismiss,
    "plan": student.plan,
    "overview": course.overview,
    "quiz": quiz.ask_one,
    "next_question": quiz.ask_one,
    "text_task": task,
    "confirm": confirmed,
}
