"""How full the window is, and making room in it: pressure, folding, overflow.

The prompt's size is the provider's own count of the last request plus our estimate of what came after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...memory.errors import ConnectionDropped, ContextOverflow
from ...tools.text import estimate_tokens
from ..events import Compacted, Event, Notice
from ..model import Model, SideReply, side_request
from .budget import Budget, TokenMeter, share
from .compaction import Fold, bounded, checked, extract, pinned, plan, plan_to_fit, summary_request
from .conversation import Conversation
from .prompt import earlier

SMALLEST = 2_048
"""A window that was found out by being refused is taken to be at least this large, in tokens."""


LONG = 0.25
"""Share of the window, by our count, from which a server that drops the connection may have been asked too much: where
it sends no usage and its tokenizer is a poor one, our count may be a quarter of the truth."""


class ContextWindow:
    """Watches and makes room in the window of one conversation.

    Args:
        budget: How the window is shared out.
        meter: Counts tokens.
        conversation: What is in view.
        questions: Gives the questions that wait for an answer, (message row, text): every summary holds them.
    """

    def __init__(
        self,
        budget: Budget,
        meter: TokenMeter,
        conversation: Conversation,
        questions: Callable[[], list[tuple[int, str]]],
    ) -> None:
        self.budget = budget
        self._meter, self._conversation, self._questions = meter, conversation, questions
        self._counted: tuple[int, int, int] | None = None  # view id, messages in the request, tokens

    def counted(self, messages: int, tokens: int) -> None:
        """Take in what the provider counted for a request that held so many messages of the view."""
        if self._conversation.view is not None and tokens > 0:
            self._counted = (self._conversation.view.id, messages, tokens)

    def size(self) -> int:
        """The prompt's tokens if it were sent now."""
        conversation = self._conversation
        view = conversation.view
        if self._counted is not None and view is not None and self._counted[0] == view.id:
            _, messages, tokens = self._counted
            return tokens + self._meter.count(sum(conversation.rendered.sizes[messages:]))
        return self._meter.count(conversation.estimate())

    def under_pressure(self) -> bool:
        """Whether compaction is due."""
        return self.size() >= self.budget.pressure

    def warned(self) -> bool:
        """Whether the model was told of the pressure in this view and has had its chance to save."""
        view = self._conversation.view
        return view is not None and view.pressure

    def overfull(self) -> bool:
        """Whether the next request leaves no room for a reply."""
        return self.size() > self.budget.prompt

    def fold(
        self,
        model: Model,
        reason: str,
        spend: Callable[[SideReply], None],
        *,
        to_fit: bool = False,
    ) -> Iterator[Event]:
        """Fold the oldest turns into the summary and open a new view; nothing happens where nothing may be folded.

        Args:
            model: Writes the summary if it can.
            reason: Why the view is opened.
            spend: Records what the summary cost.
            to_fit: In the middle of a turn, whose next request would not fit: fewer exchanges may stay than the
                budget promises.
        """
        before = self.size()
        log, factor = self._conversation.log, self._meter.factor
        sizes = [factor * size for size in self._conversation.rendered.sizes]
        view = self._conversation.view
        previous = view.summary if view else ""
        if log and previous:  # the first message of the view carries the summary, which is counted on its own
            sizes[0] -= factor * estimate_tokens(earlier(previous))
        fixed = factor * self._conversation.fixed() + self.budget.summary
        if to_fit:
            todo = plan_to_fit(log, sizes, fixed, self.budget)
        else:
            todo = plan(log, sizes, fixed, target=self.budget.target, keep=self.budget.keep)
        if todo is None:
            return
        side = self._written(model, previous, todo) if model.profile.summarizes else SideReply()
        spend(side)
        summary = self._summary(side, previous, todo)
        brief = view.brief if view else ""
        self._conversation.open_view(reason, brief=brief, summary=summary, first_seq=todo.first_seq)
        self._counted = None
        yield Compacted(todo.turns, before, self.size(), extractive=not side.text)

    def may_not_fit(self, error: ContextOverflow | ConnectionDropped) -> bool:
        """Whether an error may mean that the request was too long: one says so, the other only where it was long."""
        return isinstance(error, ContextOverflow) or self.size() >= LONG * self.budget.window

    def overflowed(
        self, error: ContextOverflow | ConnectionDropped, model: Model, spend: Callable[[SideReply], None]
    ) -> Iterator[Event]:
        """Make room after the provider refused a request as too long.

        Raises:
            ContextOverflow, ConnectionDropped: There is nothing left that could be folded or shown in part.
        """
        # The server knows its window better than we do; where it does not tell, what it refused is too large.
        told = error.window if isinstance(error, ContextOverflow) else None
        window = max(SMALLEST, told or self.size())
        if window < self.budget.window:
            self.budget = self._conversation.budget = share(model.profile.with_window(window))
        events = list(self.fold(model, "compaction", spend, to_fit=True))
        if not events and not self._conversation.show_anew():
            raise error
        self._counted = None
        yield Notice(
            "overflow",
            "The request seems too long for the model; I folded older turns and am trying once more.",
            "요청이 모델의 문맥 창을 넘은 듯해서, 이전 대화를 요약으로 접고 한 번 더 시도합니다.",
        )
        yield from events

    def _summary(self, side: SideReply, previous: str, todo: Fold) -> str:
        in_view = {m.id for m in self._conversation.log if m.seq >= todo.first_seq}
        first = pinned([q for q in self._questions() if q[0] not in in_view])
        limit = self.budget.summary / self._meter.factor - sum(map(estimate_tokens, first)) - len(first)
        if side.text:
            rest = bounded(checked(side.text, previous, todo.old), limit)
        else:
            rest = extract(previous, todo.old, limit)
        return "\n".join([*first, rest]).strip()

    def _written(self, model: Model, previous: str, todo: Fold) -> SideReply:
        limit = self.budget.summary
        room = (self.budget.prompt - 2 * limit) / self._meter.factor - 400
        return side_request(model, summary_request(previous, todo.old, limit, room), self._meter.text)
