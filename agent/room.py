"""How full the window is, and making room in it: pressure, folding, overflow.

The prompt's size is the provider's own count of the last request plus our estimate of what came after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from time import monotonic

from ..memory.errors import ContextOverflow, OfficeHoursError
from ..memory.messages import StoredMessage
from ..tools.base import ToolSpec
from .budget import Budget, TokenMeter, estimate_message
from .compaction import Fold, bounded, extract, plan, summary_request
from .context import sent
from .conversation import Conversation
from .events import Compacted, Event, Notice
from .model import Finished, Model, TextDelta, Usage
from .recollect import PRESSURE


@dataclass(frozen=True, slots=True)
class Summary:
    """A new summary; `usage` is None where no model wrote it."""

    text: str
    usage: Usage | None
    seconds: float


class Room:
    """Watches and makes room in the window of one conversation.

    Args:
        budget: How the window is shared out.
        meter: Counts tokens.
        conversation: What is in view.
        specs: The tool schemas of each request.
        pinned: Gives lines that every summary must hold, such as open questions with their ids.
    """

    def __init__(
        self,
        budget: Budget,
        meter: TokenMeter,
        conversation: Conversation,
        specs: tuple[ToolSpec, ...],
        pinned: Callable[[], list[str]],
    ) -> None:
        self._budget, self._meter, self._conversation = budget, meter, conversation
        self._specs, self._pinned = specs, pinned
        self._counted: tuple[int, int, int] | None = None  # view id, last seq of the request, tokens

    @property
    def budget(self) -> Budget:
        """How the window is shared out."""
        return self._budget

    def counted(self, tokens: int) -> None:
        """Take in what the provider counted for the request just made."""
        view, log = self._conversation.view, self._conversation.log
        if view is not None and log and tokens > 0:
            self._counted = (view.id, log[-1].seq, tokens)

    def size(self) -> int:
        """The prompt's tokens if it were sent now."""
        view, log = self._conversation.view, self._conversation.log
        if self._counted is not None and view is not None and self._counted[0] == view.id:
            _, seq, tokens = self._counted
            return tokens + sum(self._tokens(m) for m in log if m.seq > seq)
        return self._meter.count(self._conversation.messages(), self._specs)

    def under_pressure(self) -> bool:
        """Whether compaction is due."""
        return self.size() >= self._budget.pressure

    def warned(self) -> bool:
        """Whether the model was told of the pressure in this view and has had its chance to save."""
        return any(PRESSURE in m.beside for m in self._conversation.log)

    def overfull(self) -> bool:
        """Whether the next request leaves no room for a reply."""
        return self.size() > self._budget.prompt

    def fold(
        self, model: Model, reason: str, spend: Callable[[Summary], None], *, target: int | None = None
    ) -> Iterator[Event]:
        """Fold the oldest turns into the summary and open a new view; nothing happens where nothing may be folded.

        Args:
            model: Writes the summary if it can.
            reason: Why the view is opened.
            spend: Records what the summary cost.
            target: Tokens to fold down to; the budget's by default.
        """
        before = self.size()
        todo = plan(self._conversation.log, self._budget, self._fixed(), self._tokens, target=target)
        if todo is None:
            return
        view = self._conversation.view
        previous = view.summary if view else ""
        summary = self._summarise(model, previous, todo)
        if summary.usage is not None:
            spend(summary)
        pinned = [line for line in self._pinned() if line not in summary.text]
        text = "\n".join([*pinned[:10], summary.text])
        brief = view.brief if view else ""
        self._conversation.open_view(reason, brief=brief, summary=text, first_seq=todo.first_seq)
        self._counted = None
        yield Compacted(todo.turns, before, self.size(), extractive=summary.usage is None)

    def overflowed(
        self, error: ContextOverflow, model: Model, spend: Callable[[Summary], None]
    ) -> Iterator[Event]:
        """Make room after the provider refused a request as too long.

        Raises:
            ContextOverflow: There is nothing left that could be folded.
        """
        events = list(self.fold(model, "compaction", spend, target=self._budget.target // 2))
        if not events:
            raise error
        yield Notice(
            "overflow",
            "The request was too long for the model; I folded older turns and am trying once more.",
            "요청이 모델의 문맥 창을 넘어서, 이전 대화를 요약으로 접고 한 번 더 시도합니다.",
        )
        yield from events

    def _tokens(self, stored: StoredMessage) -> int:
        return round(self._meter.factor * estimate_message(sent(stored, self._budget)))

    def _fixed(self) -> int:
        view = self._conversation.view
        summary = self._meter.text(view.summary) if view else 0
        system = self._meter.count(self._conversation.messages()[:1], self._specs)
        return system - summary + self._budget.summary

    def _summarise(self, model: Model, previous: str, todo: Fold) -> Summary:
        limit = self._budget.summary
        if not model.profile.summarizes:
            return Summary(extract(previous, todo.old, limit), None, 0.0)
        room = self._budget.prompt - 2 * limit - 400
        request = summary_request(previous, todo.old, limit, room)
        started = monotonic()
        text, usage = "", Usage(estimated=True)
        try:
            with closing(model.stream(request)) as chunks:
                for chunk in chunks:
                    match chunk:
                        case TextDelta(piece):
                            text += piece
                        case Finished(_, counted) if counted is not None:
                            usage = counted
                        case _:
                            pass
        except OfficeHoursError:
            # The turn is answered and stored: a summary that the model cannot write now is extracted instead.
            return Summary(extract(previous, todo.old, limit), None, 0.0)
        if not text.strip():
            return Summary(extract(previous, todo.old, limit), None, 0.0)
        if usage.estimated:
            usage = Usage(self._meter.count(request.messages), 0, self._meter.text(text), 0, estimated=True)
        return Summary(bounded(text.strip().split("\n"), limit), usage, monotonic() - started)
