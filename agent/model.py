"""What a model is to the program: a window, a price and one method that streams."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from ..memory.errors import OfficeHoursError
from ..memory.types import Message, Role, ShownHit, StoredMessage, ToolCall
from ..tools.base import ToolSpec

if TYPE_CHECKING:  # they bring the database along, which no help text waits for
    from ..memory.archival import ArchivalRecord
    from ..memory.facts import StatedFact
    from ..memory.learner.misconceptions import Misconception
    from ..memory.learner.questions import OpenQuestion

Language = Literal["ko", "en"]

NO_TIME = datetime.min.replace(tzinfo=UTC)
"""Of a request that is no part of a conversation."""

_log = logging.getLogger(__name__)

_CITED = re.compile(r"\[([am]\d+)\]")

ToolSupport = Literal["native", "text"]
"""Whether the server takes tool schemas itself, or tools are described in the prompt and calls read from the text."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Facts about a model, as data; nothing anywhere asks which provider it is.

    Attributes:
        name: The name the server knows it by.
        provider: Who serves it ("openai", "ollama", "study", …), for prices and for the person.
        window: Context window in tokens, input and output together.
        max_output: Most tokens of one reply; the window keeps this much free.
        tools: How tool calls reach it.
        parallel_tools: Whether one reply may ask for several tools.
        local: It runs on this machine and costs nothing.
        summarizes: It can write the summary of a folded conversation; the study model cannot, and quotes instead.
        obeys_text: Words in a text it reads may make it call a tool. The study model only quotes what it reads.
        reads_values: It answers from `Request.turn`, which is filled for such a model only.
    """

    name: str
    provider: str
    window: int = 128_000
    max_output: int = 4_096
    tools: ToolSupport = "native"
    parallel_tools: bool = True
    local: bool = False
    summarizes: bool = True
    obeys_text: bool = True
    reads_values: bool = False

    def with_window(self, window: int) -> ModelProfile:
        """The same model in another window; a reply may take a quarter of it at most."""
        return replace(self, window=window, max_output=min(self.max_output, window // 4))


@dataclass(frozen=True, slots=True)
class Result:
    """A tool call of this turn and what came back."""

    name: str
    text: str
    hits: tuple[ShownHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier turn in view: the student's words and when they were said (their time), and the professor's."""

    asked: str
    when: datetime
    said: str

    @property
    def cited(self) -> list[str]:
        """The ids that the reply names."""
        return _CITED.findall(self.said)


@dataclass(frozen=True, slots=True)
class QuizView:
    """A quiz as a turn finds it. A locked key is nowhere in it.

    Attributes:
        id: "q3".
        question: What waits for an answer now, with its `choices`; "" where nothing does.
        place, total: The how manyth of how many it is.
        source: The passage that it was made of ("a12"), "" where it was made of none.
        move: What the student's message did to the question before it: "answer", "hint", "asks" (for the answer),
            "give_up", "choices", "skip", "stop"; "" where it did nothing.
        correct: How an answer was graded, 0, 0.5 or 1, and why (`reason`); None where nobody could.
        step: What helps now, worded in the student's language.
        key: Of the question before, once it may be seen.
        key_source: The passage that one was made of.
        points: Of the questions closed so far.
        over: Every question is closed.
        shows: Whether there is a way to the key but the right answer; there is none in an exam.
    """

    id: str
    question: str = ""
    choices: tuple[str, ...] = ()
    place: int = 0
    total: int = 0
    source: str = ""
    move: str = ""
    correct: float | None = None
    reason: str = ""
    step: str = ""
    key: str = ""
    key_source: str = ""
    points: float = 0.0
    over: bool = False
    shows: bool = True


@dataclass(frozen=True)
class TurnView:
    """One request as values.

    Attributes:
        said: The student's words in this turn, the message `asked_id` of the conversation `session`.
        now: The student's local time.
        beside: What memory put beside the message, best first, the texts whole.
        results: The tool calls of this turn, in order, and what was `spoken` before them.
        earlier: The turns before this one that are in view, oldest first; `turn` counts with this one.
        known: Every hit in view by its id.
        deep: The question is to be answered from several sides.
        kept: What the student said of themself and is kept, superseded or not, oldest first.
        questions: Questions that wait for an answer, oldest first.
        hard: What is or was hard for the student, the first seen first.
        tools: Names of the tools at hand.
        name: What the student is called, "" while unknown.
        course: Where its passages stand, in their order: (file name, locator).
        vocabulary: Reads the words of the course that are written in Latin letters.
        past: Reads what a role said from one time until another, in any conversation, oldest first.
        quiz: The quiz of this conversation.
        offer: What a student says who takes up what the brief of this turn offers; "" where it offers nothing.
    """

    said: str
    language: Language
    now: datetime = NO_TIME
    beside: tuple[ShownHit, ...] = ()
    results: tuple[Result, ...] = ()
    spoken: str = ""
    earlier: tuple[Exchange, ...] = ()
    known: Mapping[str, ShownHit] = field(default_factory=dict[str, ShownHit])
    kept: tuple[ArchivalRecord, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    hard: tuple[Misconception, ...] = ()
    tools: frozenset[str] = frozenset()
    name: str = ""
    course: tuple[tuple[str, str], ...] = ()
    vocabulary: Callable[[], set[str]] = set
    past: Callable[[datetime | None, datetime | None, Role], Sequence[StoredMessage]] = (
        lambda _start, _end, _role: ()
    )
    deep: bool = False
    offer: str = ""
    quiz: QuizView | None = None
    asked_id: int = 0
    session: int = 0
    turn: int = 0

    @property
    def stated(self) -> list[StatedFact]:
        """What the rules read in this very message; it is kept already."""
        facts = [item.fact for item in self.kept if item.fact and item.message_id == self.asked_id]
        return facts + [fact for item in self.hard if (fact := item.stated_in(self.asked_id))]

    @property
    def held(self) -> list[ArchivalRecord]:
        """What the student said of themself as it holds now, this message's included, oldest first."""
        return [item for item in self.kept if item.valid_to is None]

    @property
    def facts(self) -> list[StatedFact]:
        """What is known of it as values."""
        return [item.fact for item in self.held if item.fact]

    @property
    def last(self) -> Exchange:
        """The turn before this one; one without words where there is none."""
        return self.earlier[-1] if self.earlier else Exchange("", self.now, "")

    def done(self, tool: str) -> list[Result]:
        """The calls of one tool in this turn."""
        return [result for result in self.results if result.name == tool]

    def can(self, tool: str) -> bool:
        """Whether a tool is at hand and was not called in this turn."""
        return tool in self.tools and not self.done(tool)

    def hits(self) -> list[ShownHit]:
        """What was found in this turn, beside the message and by tools, each once."""
        found = (*self.beside, *(hit for result in self.results for hit in result.hits))
        return list({hit.id: hit for hit in found}.values())


@dataclass(frozen=True, slots=True)
class Request:
    """Everything one model call is given.

    Attributes:
        turn: The same as values; None for a model that reads the messages, and where it is no part of a conversation.
        seconds: How long the reply may take; None is no limit.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_output: int | None = None
    turn: TurnView | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them.

    Attributes:
        input_tokens: The whole prompt, the cached part included.
        cached_tokens: The part of it that the provider had cached.
        output_tokens: The reply, reasoning included.
        reasoning_tokens: The hidden part of the reply.
        estimated: The server sent no usage; these are our own counts.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """All text so far was a thought of the model's: it marked the end only. What was said begins after this."""


@dataclass(frozen=True, slots=True)
class CallReady:
    """A tool call, complete, its arguments valid JSON text of an object."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class CallBroken:
    """A tool call that could not be mended: `call.arguments` is what came, `why` what is wrong (for the model)."""

    call: ToolCall
    why: str


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The server failed before anything was said: another attempt follows, or the error is raised.

    Attributes:
        error: What the person would see if it stayed at that.
        wait: Seconds until the next attempt, 0 where nobody need be told; None where it is given up.
        usage: The tokens that the attempt cost, if the server told.
    """

    error: OfficeHoursError
    wait: float | None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a reply; always the last chunk of a stream that was not cut off.

    Attributes:
        reason: "stop", "tool_calls", "length" or what else the server says.
        usage: None where the server sent none.
        extras: What it brought besides, as `Message.extras` keeps it.
    """

    reason: str
    usage: Usage | None = None
    extras: str = ""


Chunk = TextDelta | Retracted | CallReady | CallBroken | AttemptFailed | Finished


class Model(Protocol):
    """Anything that can speak for a professor."""

    @property
    def profile(self) -> ModelProfile:
        """Facts about the model."""
        ...

    def stream(self, request: Request) -> Generator[Chunk]:
        """Give the reply piece by piece, ending in `Finished`.

        A request that fails before its first word may be sent again inside; each failure is told as `AttemptFailed`
        before it is waited. Closing the iterator stops the request.

        Raises:
            KeyRejected, UnknownModel: Settings are wrong.
            ServerUnreachable, RateLimited, BadReply: The server failed, also in the middle of a stream.
            ContextOverflow: The request does not fit the window.
        """
        ...


@runtime_checkable
class Warmable(Protocol):
    """A model that has something to load before its first request."""

    def warm(self) -> object:
        """Begin to load it in the background; returns at once."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """A model whose reply another thread can break off, also one of which nothing has come yet."""

    def interrupt(self) -> None:
        """Make every `stream` that is being read fail now; what is asked afterwards is not touched."""
        ...


@dataclass(frozen=True, slots=True)
class SideReply:
    """What a model wrote for us and not for the student: a summary, a part it read.

    Attributes:
        text: "" where no model was asked, or it failed.
        usages: Of each request that was made for it, the failed ones first.
        seconds: The last request took.
    """

    text: str = ""
    usages: tuple[Usage, ...] = ()
    seconds: float = 0.0


def side_request(model: Model, request: Request, count: Callable[[str], int]) -> SideReply:
    """Have a request answered that is no part of the conversation; without a text where the model fails.

    Args:
        count: Counts a text's tokens, for a server that sends no usage.
    """
    started = monotonic()
    text, usage, whole = "", Usage(estimated=True), False
    failed: list[Usage] = []
    # Nothing of the student's depends on it: whoever asks has a way without a model.
    try:
        with closing(model.stream(request)) as chunks:
            for chunk in chunks:
                match chunk:
                    case TextDelta(piece):
                        text += piece
                    case Retracted():
                        text = ""
                    case Finished(_, counted):
                        usage, whole = counted or usage, True
                    case AttemptFailed(usage=Usage() as spent):
                        failed.append(spent)
                    case _:
                        pass
    except OfficeHoursError:
        pass
    except Exception:  # noqa: BLE001 - a model of the program's own may raise anything
        _log.exception("the model %s failed at a request that is no turn", model.profile.name)
    if not (text or whole):
        return SideReply("", tuple(failed))
    if usage.estimated:
        asked = sum(count(message.content) for message in request.messages)
        usage = Usage(asked, 0, count(text), 0, estimated=True)
    return SideReply(text.strip() if whole else "", (*failed, usage), monotonic() - started)
