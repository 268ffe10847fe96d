"""Before the model is called: what memory puts beside the student's message, and reading a message too large at once."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from json import dumps
from typing import TYPE_CHECKING

from ..memory import students
from ..memory.errors import OfficeHoursError, UsageError
from ..memory.learner.acronyms import Sense
from ..memory.text import sanitize_user
from ..memory.text.sanitize import Utterance
from ..memory.types import Hit, ToolCall, message_id
from ..tools.text import clip, estimate_tokens
from .context.acronyms import ask_which, senses_beside
from .context.compaction import bounded
from .context.long_message import part_request, pieces, question_of, worth_reading
from .context.recall_first import PRESSURE, context_note, recollect
from .context.smalltalk import small_talk
from .context.sub_questions import apart_request, deep_note, expanded, sub_questions
from .events import Event, Notice, Recalled
from .model import SideReply, side_request
from .settings import SearchMode
from .state import AgentState
from .turn_run import TurnRun

MEMORY, WEB = "archival_memory_search", "web_search"
"""What a question is looked into with."""
if TYPE_CHECKING:
    from .context.quiz_view import Heard

MOST_TYPED = 1_000_000
"""Characters of one message: a book. What is longer belongs into the course material."""


def read_utterance(text: str) -> Utterance:
    """Make what the student typed fit to be kept, once for the whole turn.

    Raises:
        UsageError: There is nothing in it, or more than anybody types.
    """
    if len(text) > MOST_TYPED:
        raise UsageError(
            f"The message has {len(text):,} characters; at most {MOST_TYPED:,} are taken. Put the text into a file and "
            "take it in: officehours ingest FILE",
            f"메시지가 {len(text):,}자입니다. 한 번에 {MOST_TYPED:,}자까지 받습니다. 글을 파일로 저장해서 넣어 주세요: "
            "officehours ingest 파일",
        )
    said = sanitize_user(text)
    if not said.text.strip():
        raise UsageError(
            "The message is empty. Type a question, or /help for what you can do here.",
            "빈 메시지입니다. 질문을 입력하거나 /help 로 할 수 있는 일을 확인해 주세요.",
        )
    return said


def learn_language(state: AgentState, text: str) -> None:
    """Speak with a student in the language of their first words, unless the settings say which."""
    if state.settings.language is not None:
        return
    student = students.learn_language(state.db, state.memories.student, text)
    if student != state.memories.student:
        state.runtime.memories = replace(state.memories, student=student)
        state.runtime.skip_blind_embedder()


def prepare(state: AgentState, run: TurnRun) -> Iterator[Event]:
    """Put beside the student's message what memory holds and commit it, so that it is sent the same for ever.

    Nothing happens where that was done before a crash.
    """
    state.deep = run.deep
    if run.asked.context_note:
        return
    yield from _recall(state, run)
    parts = yield from _read_parts(state, run)
    heard = _heard(state, run)
    hide = state.runtime.hides_key()
    senses = _senses(state, run)
    if run.deep:
        run.sub_questions = _taken_apart(state, run, senses)
    warns = state.context_window.under_pressure() and not state.context_window.warned()
    with state.db.begin() if heard else nullcontext():
        notes = [*_kept(state, run, heard), *deep_note(run.sub_questions), *ask_which(senses)]
        run.hits = tuple(replace(hit, text=hide(hit.text)) for hit in run.hits)
        spelled = (sense.as_hit() for sense in senses)
        beside = (*parts, *(hit for hit in spelled if hide(hit.text) == hit.text))
        note = context_note(
            run.hits,
            run.asked.time,
            state.zone,
            budget=state.allowance.next(),
            last=run.last.time if run.last else None,
            parts=beside,
            notes=[*notes, PRESSURE] if warns else notes,
        )
        state.store.attach_note(run, note, warns=warns)
    state.allowance.spend(sum(estimate_tokens(hit.rendered) for hit in note.hits[len(parts) :]))
    if run.hits:
        yield Recalled(run.hits)


def look_into(state: AgentState, run: TurnRun, search: SearchMode) -> Iterator[ToolCall]:
    """Give the calls that look into each sub-question, each stored before it is given.

    The web is asked about all of them where searching is set to always, about those the memory knows nothing of where
    it is set to auto, and never where it is off.
    """
    for number, question in enumerate(run.sub_questions, 1):
        found = False
        if state.registry.get(MEMORY):
            yield _saved_call(state, run, f"deep-{run.asked.id}-{number}", MEMORY, question)
            found = bool(state.conversation.log[-1].hits)
        wanted = search == "always" or (search == "auto" and not found)
        if wanted and state.registry.get(WEB):
            yield _saved_call(state, run, f"deep-{run.asked.id}-{number}-web", WEB, question)


def search_first(state: AgentState, run: TurnRun) -> list[ToolCall]:
    """The web search that comes before the model when searching is set to always; none for small talk."""
    question = run.asked.message.content
    begun = state.conversation.log[-1].id != run.asked.id
    if begun or state.registry.get(WEB) is None or small_talk(question):
        return []
    return [_saved_call(state, run, f"first-{run.asked.id}", WEB, question[:200])]


def _saved_call(state: AgentState, run: TurnRun, identity: str, tool: str, query: str) -> ToolCall:
    call = ToolCall(identity, tool, dumps({"query": query}, ensure_ascii=False))
    state.store.save_call(run, call)
    return call


def _taken_apart(state: AgentState, run: TurnRun, senses: Sequence[Sense]) -> tuple[str, ...]:
    """Have the model take the question apart, its acronyms spelled out; nothing of small talk."""
    asked = run.asked.message.content
    if small_talk(asked):
        return ()
    side = SideReply()
    if (
        state.model.profile.summarizes
    ):  # the study model finds the sides of a question in the sections themselves
        request = apart_request(expanded(asked, senses))
        side = run.wait(lambda: side_request(state.model, request, state.meter.text))
    state.store.record_side(side, "part", run)
    return tuple(expanded(question, senses) for question in sub_questions(asked, side.text))


def _heard(state: AgentState, run: TurnRun) -> Heard | None:
    """Read a message as said in a quiz; what grades is loaded once there is one."""
    if state.memories.quizzes.current() is None:
        return None
    from .quiz_turn import consider

    return consider(state, run)


def _kept(state: AgentState, run: TurnRun, heard: Heard | None) -> list[str]:
    """Keep what it did, and give what a model reads of that."""
    if heard is None:
        return []
    from .quiz_turn import keep

    return [keep(state, run, heard)]


def _recall(state: AgentState, run: TurnRun) -> Iterator[Event]:
    text = run.asked.message.content
    last = run.last.message if run.last else None
    pending = last is not None and last.role == "assistant" and last.content.rstrip().endswith("?")
    if small_talk(text, pending):
        return
    memories, in_view = state.memories, state.conversation.ids_in_view() | {message_id(run.asked.id)}
    try:
        run.hits = recollect(question_of(text), memories.recall, memories.archival, in_view)
    except OfficeHoursError as error:
        yield Notice(
            "memory",
            f"Memory could not be searched for this message, so I answer without it. {error.en}",
            f"이번 메시지는 기억을 찾아보지 못한 채 답합니다. {error.ko}",
        )


def _senses(state: AgentState, run: TurnRun) -> list[Sense]:
    """What the acronyms of a message stand for; none of a text that is larger than a message."""
    text, log = run.asked.message.content, state.conversation.log
    if estimate_tokens(text) > state.context_window.budget.user_text:
        return []
    before = [stored for stored in log if stored.seq < run.asked.seq]
    return senses_beside(text, before, run.hits, state.memories.acronyms)


def _read_parts(state: AgentState, run: TurnRun) -> Generator[Event, None, tuple[Hit, ...]]:
    """Have a message that is too large for the window read part by part; gives what each says, as a hit."""
    text, budget, meter = run.asked.message.content, state.context_window.budget, state.meter
    if estimate_tokens(text) <= budget.user_text:
        return ()
    parts = pieces(text, (budget.prompt - 500) * 0.8 / meter.factor)
    question = question_of(text)
    places = worth_reading(parts, question)
    yield _long(len(parts), len(places))
    each = max(40, budget.user_text // 3 // len(places))
    hits: list[Hit] = []
    for place in places:
        side = SideReply()
        if state.model.profile.summarizes:
            request = part_request(parts[place], question, each)
            side = run.wait(lambda asked=request: side_request(state.model, asked, meter.text))
        state.store.record_side(side, "part", run)
        said = clip(side.text, each) if side.text else _telling(parts[place], each)
        hits.append(
            Hit(
                id=message_id(run.asked.id),
                external_id=None,
                source="recall",
                score=0.0,
                relevance=1.0,
                time=run.asked.time,
                role="user",
                trust="model" if side.text else "student",
                text=f"({place + 1}/{len(parts)}) {said}",
            )
        )
    return tuple(hits)


def _telling(part: str, limit: float) -> str:
    """Give the telling lines of a part, without a model."""
    return bounded(part.splitlines(), limit) or clip(part, limit)


def _long(parts: int, read: int) -> Notice:
    which_en = f"{parts} parts" if read == parts else f"the {read} most telling of {parts} parts"
    which_ko = f"{parts}부분" if read == parts else f"{parts}부분 가운데 가장 관련 있는 {read}부분"
    return Notice(
        "long_message",
        f"This message is larger than the model's window. It is stored whole; I read it in {which_en}.",
        f"메시지가 모델의 문맥 창보다 깁니다. 전체를 저장해 두고 {which_ko}으로 나누어 읽습니다.",
    )
