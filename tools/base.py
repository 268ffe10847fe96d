"""A tool is a plain function: its hints and docstring tell the model how to call it.

A call ends in one of three ways: a value, `ToolRetry` (the model can mend its arguments) or `ToolError` (it must
adapt). Both errors live in `memory/errors.py`. Anything else that is raised is a bug, and `Registry.run` decides
whose (docs/adr/0030).
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Literal, Protocol, TypeGuard, overload

from typing_extensions import ParamSpec, TypeVar

from ..memory.dates import zone_of
from ..memory.errors import ConfigError, ToolError
from ..memory.types import Scope, ShownHit, Trust
from .signature.json_schema import TooLarge, tidy
from .signature.options import Effect, refuse_untold, refuse_wrong_options
from .signature.reading import Adapters, only_told, read_signature

# The defaults spare `Tool` and `ToolContext` their brackets; Python itself has them from 3.13 on.
P = ParamSpec("P", default=...)
R = TypeVar("R", default=Any)
DepsT = TypeVar("DepsT", default=Any)

HEARTBEAT = "request_heartbeat"
"""MemGPT's word for "let me go on after this call". Every tool accepts it; the write tools also name it."""

GOES_ON = "goes_on"
"""Among the extras of a write's result: the model is to read it before the turn ends."""

OUTSIDE: frozenset[Trust] = frozenset({"web"})
"""Strangers' words: they stand between delimiters wherever a model is shown them."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}$")


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StudentInfo:
    """Who a tool is called for: `language` is "ko" or "en", `zone` an IANA name or an offset such as "+05:30"."""

    id: int = 0
    name: str = ""
    language: str = "en"
    zone: str = "UTC"


class ToolMemory(Protocol):
    """The student's memory as a tool may use it."""

    def search(self, query: str, k: int = 5, where: Scope | Literal["all"] = "all") -> Sequence[ShownHit]:
        """Give the best `k` of what was said ("recall") and of what was put away ("archival"), best first."""
        ...

    def insert(self, text: str, kind: Literal["note", "fact"] = "note") -> str:
        """Put a statement away and give its id; a fact that the student did not say in this turn is kept as a note.

        Raises:
            ToolError: The tool only reads.
        """
        ...


class NoMemory:
    """The memory of nobody: nothing is found in it, and it keeps nothing."""

    def search(self, query: str, k: int = 5, where: Scope | Literal["all"] = "all") -> Sequence[ShownHit]:  # noqa: ARG002
        """Find nothing."""
        return ()

    def insert(self, text: str, kind: Literal["note", "fact"] = "note") -> str:  # noqa: ARG002
        """Refuse to keep anything.

        Raises:
            ToolError: Always.
        """
        raise ToolError("There is no memory here to keep it in.", "여기에는 적어 둘 기억이 없습니다.")


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make a `ToolContext[Deps](…)`
class ToolContext(Generic[DepsT]):
    """What a tool may know about the turn it is called in; `ToolContext[Deps]` says what `deps` is.

    Attributes:
        student: For whom it is called; `clock` gives the time, aware.
        progress: Shows the person one line while the tool runs.
        logger: Of this tool; what it is told never gets to stdout.
        memory: Searches and keeps as this student; what is kept is trusted as little as the tool and what is in view.
        deps: What the program handed to `open_tutor(deps=…)`.
        language: The student's, "ko" or "en".
        now: The injected clock's time, aware.
        zone: The student's zone, an IANA name or an offset such as "+05:30".
        session: Public id of the session ("s7"), "" outside one.
        text: What the student said in this turn; `message_id` is that message's row.
        earlier: What they said before, as far as it is in view.
        trust: The least trusted words in view.
        outside: A stranger's words came in during this very turn: a web page, a search, a tool that is not ours.
        exclude: Ids (`m12`, `a7`) that a search must not return: what is in view already and the tool's own
            earlier calls.
        reveals: Whether a text would tell somebody what is known of the student and `text` does not say.
        hide: Leaves out of a text what must not be read now: the key of a question that is open.
    """

    language: str = "en"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    zone: str = "UTC"
    session: str = ""
    text: str = ""
    message_id: int | None = None
    earlier: tuple[str, ...] = ()
    trust: Trust = "student"
    outside: bool = False
    exclude: frozenset[str] = frozenset()
    reveals: Callable[[str], bool] = lambda _text: False
    hide: Callable[[str], str] = lambda text: text
    student: StudentInfo = field(default_factory=StudentInfo)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    progress: Callable[[str], None] = lambda _text: None
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("officehours.tools"))
    memory: ToolMemory = field(default_factory=NoMemory)
    deps: DepsT = None  # pyright: ignore[reportAssignmentType] # who asks for deps hands them over

    @property
    def local_time(self) -> datetime:
        """What time it is where the student is."""
        return self.now.astimezone(zone_of(self.zone))


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A value with more to say about it.

    Attributes:
        output: For the model.
        display: One line for the person; the beginning of `output` where it is empty.
        extras: For the program: values computed, pages read. Never shown to the model.
        hits: The hits of memory that `output` shows.
        trust: Whose words `output` holds, the least trusted of them; None leaves it to the tool: "web" for what comes
            from outside. A tool that is not ours cannot vouch for its words: they are "imported" at most.
        source: Where untrusted output is from; the tool's name where it is empty.
        wrapped: The untrusted parts of `output` stand between delimiters already; else the registry puts all of it
            there.
    """

    output: str
    display: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict[str, Any])
    hits: tuple[ShownHit, ...] = ()
    trust: Trust | None = None
    source: str = ""
    wrapped: bool = False


Guard = Callable[[Mapping[str, Any], ToolContext], bool]
"""Decides from a call's arguments whether it needs the student's keypress once untrusted text is in the turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Tool(Generic[P, R]):
    """A function a model may call. It can still be called as the function it was, and has its signature.

    Attributes:
        parameters: JSON Schema of the arguments.
        function: The function itself.
        effect: What a call does; see `Effect`.
        guarded: Once untrusted text is in a turn, such a call waits for the student's keypress.
        asks: Every call waits for it.
        timeout: Seconds a call may take. Our own tools that stay inside this process need no limit.
        unavailable: Says why the tool cannot be used here and now (a missing key), or None if it can.
        adapters: What converts the parameters that were read from a signature; `optional` names those with a default.
        context: The parameter that receives the `ToolContext`.
        source: Where it came from: "" for our own, else a file or an entry point.
        described_by: Whose words name and describe it, which stand in every request.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    function: Callable[P, R]
    effect: Effect
    guarded: bool | Guard
    asks: bool
    timeout: float
    unavailable: Callable[[], str | None] | None
    adapters: Adapters
    optional: frozenset[str]
    context: str | None
    source: str
    described_by: Trust = "model"

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model is told of it."""
        return ToolSpec(self.name, self.description, self.parameters)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as it was written, without any check."""
        return self.function(*args, **kwargs)


def is_tool(value: object) -> TypeGuard[Tool]:
    """Whether something is a tool."""
    return isinstance(value, Tool)


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    effect: Effect = "read",
    guarded: bool | Guard | None = None,
    asks: bool = False,
    timeout: float = 30.0,
    unavailable: Callable[[], str | None] | None = None,
    told: Collection[str] | None = None,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...


def tool(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    effect: Effect = "read",
    guarded: bool | Guard | None = None,
    asks: bool = False,
    timeout: float = 30.0,
    unavailable: Callable[[], str | None] | None = None,
    told: Collection[str] | None = None,
) -> Tool[P, R] | Callable[[Callable[P, R]], Tool[P, R]]:
    """Make a plain function callable by the model: `@tool`, or `@tool(effect="outside")`.

    Args:
        function: Has a hint and a description for every parameter. It may be `async`, or a generator of lines of
            progress. A parameter annotated `ToolContext` is filled in and not shown to the model.
        name: What the model calls it; the function's own name by default.
        effect: "read", "write" (changes something on this machine) or "outside" (network, other programs).
        guarded: Whether a call waits for the student's keypress once untrusted text is in the turn; may be a
            function of the arguments. By default every tool that does more than read.
        asks: Whether every call waits for it.
        timeout: Seconds a call may take.
        unavailable: Says why the tool cannot be used now; it then removes itself and the reason is listed.
        told: Parameters whose description, default and examples the model is told; all by default. What a name says
            by itself need not be paid for in every request.

    Raises:
        ConfigError: At once, if a hint or a description is missing or an option is wrong; it names the function and the
            parameter, and what is allowed.
    """

    def make(wrapped: Callable[P, R]) -> Tool[P, R]:
        called = getattr(wrapped, "__name__", "") if name is None else name
        _refuse_name(called)
        refuse_wrong_options(
            called, effect=effect, timeout=timeout, asks=asks, guarded=guarded, unavailable=unavailable
        )
        read = read_signature(wrapped, called, ToolContext)
        refuse_untold(called, told, read.parameters["properties"])
        return Tool(
            name=called,
            description=read.description,
            parameters=read.parameters if told is None else only_told(read.parameters, told),
            function=wrapped,
            effect=effect,
            guarded=(effect != "read") if guarded is None else guarded,
            asks=asks,
            timeout=timeout,
            unavailable=unavailable,
            adapters=read.adapters,
            optional=read.optional,
            context=read.context,
            source=_origin(wrapped),
        )

    if function is None:
        return make
    if not callable(function):
        raise ConfigError(
            f'@tool stands over a function, and takes everything else by name, as in @tool(name="…"): {function!r}.',
            f'@tool은 함수 위에 쓰고, 나머지는 @tool(name="…")처럼 이름을 붙여 주어야 합니다: {function!r}.',
        )
    return make(function)


def tool_from_schema(
    name: str,
    description: str,
    parameters: Mapping[str, Any],
    function: Callable[..., object],
    *,
    effect: Effect,
    source: str,
    timeout: float = 30.0,
    context: str | None = None,
) -> Tool:
    """Make a tool of a function whose signature says nothing, such as one of an MCP server.

    Args:
        name: What the model calls it.
        description: What the model is told of it.
        parameters: A JSON Schema object. A call's arguments are checked against its names and what it requires, small
            models' slips are mended, and else they are handed on as they are.
        function: Takes them by name.
        effect: What a call does.
        source: Where it came from, which is never empty: it is nobody's tool but somebody else's.
        timeout: Seconds a call may take.
        context: The argument that receives the `ToolContext`, if there is one; no argument of the schema.

    Raises:
        ConfigError: The name cannot be a tool's, or the schema is none of an object.
    """
    _refuse_name(name)
    refuse_wrong_options(name, effect=effect, timeout=timeout)
    try:
        tidied = tidy({"properties": {}, **parameters})
        optional = frozenset(tidied["properties"].keys() - set(tidied.get("required", ())))
    except (TooLarge, RecursionError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"The schema of the tool `{name}` is none, or too large to be sent to a model: {error}",
            f"도구 `{name}`의 스키마가 올바르지 않거나 너무 커서 모델에 보낼 수 없습니다: {error}",
        ) from error
    if tidied.setdefault("type", "object") != "object" or not source:
        raise ConfigError(
            f"The tool `{name}` needs a JSON Schema object for its parameters, and a source.",
            f"도구 `{name}`의 매개변수는 JSON Schema 객체여야 하고, 출처가 있어야 합니다.",
        )
    return Tool(
        name=name,
        description=description,
        parameters=tidied,
        function=function,
        effect=effect,
        guarded=effect != "read",
        asks=False,
        timeout=timeout,
        unavailable=None,
        adapters=dict,
        optional=optional,
        context=context,
        source=source,
    )


def _refuse_name(name: str) -> None:
    if not isinstance(name, str) or not _NAME.match(name):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigError(
            f"`{name}` cannot be a tool's name: use letters, digits, _ and -, at most 64.",
            f"`{name}`은(는) 도구 이름이 될 수 없습니다. 영문자, 숫자, _, -만 64자까지 쓰세요.",
        )


def _origin(function: Callable[..., object]) -> str:
    """Say where a function was written: "" inside this package, else its file."""
    runtime = __name__.partition(".")[0]
    if getattr(function, "__module__", "").partition(".")[0] == runtime:
        return ""
    try:
        return inspect.getsourcefile(function) or "?"
    except TypeError:
        return "?"
