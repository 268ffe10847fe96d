"""The one composition root: settings and a student in, an agent out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ..memory.embedding import Embedder
from ..memory.errors import NotFound, OfficeHoursError
from ..memory.recall import Session
from ..memory.usage import UsageLog
from ..persona.modes import Mode
from ..persona.spec import Persona
from ..tools.base import Tool, ToolContext, ToolResult, is_tool, tool
from ..tools.calculator.calculate import calculate
from ..tools.code import run_code
from ..tools.learning import card_tools, misconception_tools, plan_tools, promise_tools, quiz_tools
from ..tools.loading import Loaded, load_tools
from ..tools.memory import memory_tools, question_tools
from ..tools.policy import Policies, Policy
from ..tools.registry import Registry
from ..tools.web import web_tools
from .api.given import open_as_told
from .billing.prices import PriceBook
from .billing.recorder import UsageRecorder
from .consolidate import Consolidator
from .context.budget import Budget, estimate_tools, share
from .context.turn_view import language_of
from .greeting import brief_for, find_persona
from .learner.aims import aim_meant, set_aim
from .learner.rows import Learner
from .loop import Agent
from .model import Model, ModelProfile
from .models.chat_completions.client import OpenAIModel
from .models.chat_completions.dialect import Dialects
from .models.chat_completions.discovery import resolve_model
from .models.checked import check_profile
from .models.study.intent import read
from .models.study.policy import StudyModel
from .runtime import Runtime
from .settings import Settings
from .state import AgentState
from .tool_execution import Approve
from .tutor.lock import AnswerLock
from .tutor.plan_text import plan_lines
from .tutor.policy import say_step

MOST_FOUND = 1_200.0
"""Most tokens of what one search or one page gives, however large the window is."""

MOST_FOUND_AS_VALUES = 4_000.0
"""The same for a model that reads values: it chooses among the finds, and pays for no token."""

DROPS = 0.3
"""How likely a message is one that drops a question, for a call that drops it to need no yes: the list is short and kept."""

DAYS_SHOWN = 7
"""Days of a plan that are shown in the chat."""

SMALL_WINDOW = 8_000
"""Windows below this get the essential tools only."""

ESSENTIAL = frozenset(
    {
        "core_memory_append",
        "archival_memory_insert",
        "archival_memory_search",
        "conversation_search",
        "read_more",
        "calculate",
        "web_search",
    }
)


def open_tutor(
    settings: Settings | None = None,
    student: str | None = None,
    *,
    persona: str | None = None,
    model: Model | str | None = None,
    session: str = "latest",
    mode: Mode | None = None,
    tools: Sequence[Tool | Callable[..., object]] = (),
    deps: object = None,
    embedder: Embedder | str | None = None,
    language: str | None = None,
    zone: str | None = None,
    approve: Approve | None = None,
    policy: Mapping[str, Policy] | None = None,
) -> Agent:
    """Open a professor for a student; close the agent, or use it in a `with` block, to let go of everything.

    Args:
        settings: Read from the environment and the home where they are not given.
        student: Whose memory; the settings' student by default, who is made if not known yet.
        persona: The professor's id; by default the conversation's, then the settings'.
        model: A model, or its name; by default as the settings and the environment say.
        session: "latest" goes on with the last conversation or begins one; "new" begins one; an id resumes that one.
        mode: How the student wants to be taught, kept for that conversation; by default as it was.
        tools: What the model may call besides: tools, or functions that could be such.
        deps: Anything that those tools want; it reaches them as `ToolContext.deps`.
        embedder: Turns texts into vectors where the store has none yet; the setting's by default.
        language: The student's from now on, "ko" or "en"; by default that of the settings or of their first words.
        zone: Where the student is, an IANA name; by default that of the settings or of this machine.
        approve: Says whether a call that must wait may run; None from it, or no such function, leaves that to whoever
            consumes the events, or to later (`Agent.approve`).
        policy: Whether a tool, or every tool of an effect, is called always, asked for first, or never; the student's
            settings go before it.

    Raises:
        OfficeHoursError: Settings, store, persona, session or model cannot be used; the text says what to do.
    """
    given = [entry if is_tool(entry) else tool(entry) for entry in tools]
    if model is not None and not isinstance(model, str):
        check_profile(model)
    runtime = open_as_told(settings, student, embedder=embedder, language=language, zone=zone)
    try:
        policies = Policies(runtime.settings.tool_policy, policy or {})
        agent = _assemble(runtime, persona, model, session, mode, given, deps, policies)
        if approve is not None:
            agent.state.tool_executor.approve = approve
        return agent
    except BaseException:
        runtime.close()
        raise


def _assemble(
    runtime: Runtime,
    persona_id: str | None,
    model: Model | str | None,
    session_id: str,
    mode: Mode | None,
    given: Sequence[Tool],
    deps: object,
    policies: Policies,
) -> Agent:
    settings = runtime.settings
    chosen = _session(runtime, session_id)
    persona = find_persona(settings, persona_id or (chosen.persona if chosen else None))
    chosen = chosen or runtime.memories.sessions.create(persona.id)
    if mode is not None and mode != chosen.mode:
        chosen = runtime.memories.sessions.set_mode(chosen, mode)
    fallback = StudyModel(persona.lines, persona.names)
    speaking = (
        find_model(settings, model, fallback)
        if model is None or isinstance(model, str)
        else _remembering(model, settings)
    )
    recorder = UsageRecorder(
        UsageLog(runtime.db, runtime.student.id, runtime.clock),
        PriceBook(settings.prices, settings.krw_rate, settings.krw_rate_date),
        settings.limits,
        runtime.clock,
        runtime.zone,
    )
    registry, warnings = told_tools(runtime, persona, speaking.profile, policies, given)
    runtime.warnings += warnings
    state = AgentState(
        runtime=runtime,
        registry=registry,
        model=speaking,
        fallback=fallback,
        persona=persona,
        session=chosen,
        recorder=recorder,
        given=given,
        deps=deps,
    )
    runtime.skip_blind_embedder()
    state.reply_checks = [AnswerLock(runtime.locked, state.climb, lambda: state.language)]
    state.brief = lambda: brief_for(runtime, chosen)
    return Agent(state, Consolidator(runtime, speaking, recorder))


def find_model(settings: Settings, name: str | None, study: Model) -> Model:
    """Choose the model: what is named, the settings, a server found on this machine, else the study model."""
    found = resolve_model(
        name or settings.model, base_url=settings.base_url, api_key=settings.api_key, window=settings.window
    )
    return _remembering(found, settings) if found else study


def _remembering(model: Model, settings: Settings) -> Model:
    """Let a model that learns how its server wants to be asked keep that in the home."""
    if isinstance(model, OpenAIModel):
        model.keep_dialect(Dialects(settings.home / "dialects.json", settings.clock()))
    return model


def own_tools(
    runtime: Runtime, budget: Budget | None = None, profile: ModelProfile | None = None
) -> list[Tool]:
    """The built-in tools of a conversation, in the order in which a model is told of them.

    Args:
        budget: How the model's window is shared out: what a search or a page gives is shown whole in it.
        profile: Whether the model reads values.
    """
    memories = runtime.memories
    most = MOST_FOUND_AS_VALUES if profile and profile.reads_values else MOST_FOUND
    shown = min(most, 0.8 * budget.tool_result) if budget else most
    return [
        *memory_tools(memories.core, memories.archival, memories.recall, shown),
        *question_tools(memories.questions, asks_to_drop),
        *card_tools(memories.cards),
        *misconception_tools(memories.misconceptions),
        *promise_tools(memories.promises),
        *plan_tools(partial(plan_in_words, runtime)),
        *quiz_tools(partial(ask_question, runtime)),
        calculate,
        *([run_code] if runtime.settings.code == "ask" and not (profile and profile.reads_values) else []),
        *web_tools(),
    ]


def plan_in_words(
    runtime: Runtime, minutes: int | None, topics: Sequence[str] | None, done: str, context: ToolContext
) -> str:
    """The study plan and the next step, in the language of the turn.

    Args:
        topics: Only these from now on; no name at all is the whole course.
        done: An exam or goal that is over.

    Raises:
        NotFound: There is no such goal.
        UsageError: No day has so many minutes for it, or a name fits no topic.
    """
    today = context.local_time.date()
    mine = (runtime.db, runtime.student.id, runtime.clock, context.message_id)
    if done:
        aim = aim_meant(Learner(*mine), today, done)
        runtime.memories.goals.close(aim.exam.subject if aim.exam else "", "done")
    if topics is not None:
        learner = Learner(*mine)
        set_aim(learner, aim_meant(learner, today, ""), minutes, topics)
    learner = Learner(*mine)
    plan, exam = learner.plan(today, minutes, keep=True)
    language = language_of(context.text, "ko" if context.language == "ko" else "en")
    step = learner.next_step(context.local_time, plan)
    offer = [say_step(step, language)] if step.action != "ask_goal" else []
    return "\n".join([*plan_lines(plan, exam, today, language, DAYS_SHOWN), *offer])


def ask_question(runtime: Runtime, topic: str, kind: str, context: ToolContext) -> ToolResult:
    """Ask the question of a quiz that is open, or the next; what grades is loaded now."""
    from .quiz_turn import begin

    return begin(runtime, topic, kind, context)


def asks_to_drop(said: str) -> bool:
    """Whether a student's message is read, by its letters, as taking a question off the list."""
    return read(said).share("dismiss") >= DROPS


def all_tools(
    runtime: Runtime,
    budget: Budget | None = None,
    profile: ModelProfile | None = None,
    given: Sequence[Tool] = (),
) -> tuple[list[Tool], Loaded]:
    """The built-in tools, those `given` in code, the student's own and MCP servers', with what could not be loaded."""
    own = [*own_tools(runtime, budget, profile), *given]
    loaded = load_tools(runtime.settings.home / "tools", taken=[entry.name for entry in own])
    tools, settings = [*own, *loaded.tools], runtime.settings
    if settings.mcp_servers:
        from ..tools.mcp.lists import KeptLists
        from ..tools.mcp.offered import mcp_tools

        lists = KeptLists(settings.home, runtime.clock)
        served = mcp_tools(settings.mcp_servers, lists, [entry.name for entry in tools])
        tools += served.tools
        loaded = replace(
            loaded,
            tools=(*loaded.tools, *served.tools),
            problems=(*loaded.problems, *served.problems),
        )
    return tools, loaded


def told_tools(
    runtime: Runtime, persona: Persona, profile: ModelProfile, policies: Policies, given: Sequence[Tool]
) -> tuple[Registry, list[OfficeHoursError]]:
    """Those tools that a model's window holds and the professor uses, and what is to be said of the others.

    Those `given` in code are used by every professor.
    """
    tools, loaded = all_tools(runtime, share(profile, runtime.settings.working_window), profile, given)
    warnings = [*policies.unknown(entry.name for entry in tools)]
    warnings += [OfficeHoursError(problem.en, problem.ko) for problem in loaded.problems]
    registry = for_window(Registry(tools, policies), profile.window)
    if persona.tools is not None:
        registry = registry.only([*persona.tools, *(entry.name for entry in given)])
    return registry, warnings


def for_window(registry: Registry, window: int) -> Registry:
    """Leave out of a small window's tools what it can do without, the same for the whole session.

    Kept are the ways to remember and to find, arithmetic and the web search; correcting a memory waits for a larger
    model, and so does reading pages. The student's own tools come as far as a sixth of the window holds them all.
    """
    if window >= SMALL_WINDOW:
        return registry
    left = window / 6 - estimate_tools(entry.spec for entry in registry if entry.name in ESSENTIAL)
    names = set(ESSENTIAL)
    for entry in registry:
        size = estimate_tools([entry.spec])
        if entry.source and size <= left:
            left -= size
            names.add(entry.name)
    return registry.only(names)


def _session(runtime: Runtime, session_id: str) -> Session | None:
    sessions = runtime.memories.sessions
    match session_id:
        case "new":
            return None
        case "latest":
            return sessions.latest()
        case _:
            found = sessions.get(session_id)
            if found.origin != "chat":
                raise NotFound(
                    f"{session_id} was imported and can be read, not continued.",
                    f"{session_id} 대화는 가져온 기록이라 읽을 수만 있습니다.",
                )
            return found
