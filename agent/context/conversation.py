"""One session as the agent holds it: the view the model sees and the messages in it.

Only what is in view is held in memory, so a long life costs no more than a short one. Another program may have spoken
in the same session meanwhile: `refresh` takes in what it said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...memory.recall import Lease, Session, Sessions, View
from ...memory.types import Message, StoredMessage, Trust, least_trusted, message_id
from ...tools.base import ToolSpec
from .budget import Budget, estimate_message, estimate_tools
from .prompt import RenderedView, same_specs, specs_to_json


class Conversation:
    """The current session of an agent.

    Args:
        sessions: The student's sessions.
        session: The one that is spoken in.
        specs: Tool schemas a new view is opened with.
        budget: How the window is shared out; may be set anew when the window turns out to be another.
        system: Composes the system text of a new view from its brief; `system_trust` says whose words it holds, and
            `mode` in which mode it tells the model to teach.

    Attributes:
        lease: Held during a turn. A program that slept through its own must not write into another's turn.
    """

    def __init__(
        self,
        sessions: Sessions,
        session: Session,
        specs: Sequence[ToolSpec],
        budget: Budget,
        system: Callable[[str], str],
        system_trust: Callable[[], Trust] = lambda: "student",
        mode: Callable[[], str] = str,
    ) -> None:
        self._sessions, self.session = sessions, session
        self._specs, self.budget, self._system, self._system_trust = specs, budget, system, system_trust
        self._mode = mode
        self._specs_size = estimate_tools(specs)
        self._compared: tuple[int, bool] | None = None  # view id, whether its tools are ours
        self.lease: Lease | None = None
        self.view: View | None = None
        self.log: list[StoredMessage] = []
        self._shown: RenderedView | None = None

    # Reading

    def refresh(self) -> None:
        """Take in what is stored: the latest view, and every message in it that is not held yet."""
        self.session = self._sessions.get(self.session.id)
        view = self._sessions.view(self.session)
        if view != self.view:
            self.view, self.log, self._shown = view, [], None
        first = view.first_seq if view else 1
        after = self.log[-1].seq + 1 if self.log else first
        if after <= self.session.last_seq:
            self.log += self._sessions.log(self.session, after)

    def reload(self) -> None:
        """Read the messages in view anew: some are undone, or a commit failed and they are not there."""
        self.session = self._sessions.get(self.session.id)
        self.log = self._sessions.log(self.session, self.view.first_seq if self.view else 1)
        self._shown = None

    @property
    def rendered(self) -> RenderedView:
        """What is in view as the model is sent it."""
        if self._shown is None or len(self._shown.messages) > len(self.log):
            self._shown = RenderedView(self.view, self.budget)
        return self._shown.extend(self.log)

    def show_anew(self) -> bool:
        """Show what is in view as the budget now has it, which may be less of a long message; whether it is less."""
        before = self.estimate()
        self._shown = None
        return self.estimate() < before

    def messages(self) -> tuple[Message, ...]:
        """The messages of the next request."""
        if self.view is None:
            raise RuntimeError("no view is open")
        return (Message("system", self.view.system), *self.rendered.messages)

    def estimate(self) -> float:
        """Estimate the tokens of the next request, uncalibrated."""
        return self.fixed() + sum(self.rendered.sizes)

    def fixed(self) -> float:
        """Estimate what stands before the messages whatever they are: system text and tools."""
        system = estimate_message(Message("system", self.view.system)) if self.view else 0.0
        return system + self._specs_size

    def same_tools(self) -> bool:
        """Whether the open view was opened with the tools at hand."""
        if self.view is None:
            return False
        if self._compared is None or self._compared[0] != self.view.id:
            self._compared = (self.view.id, same_specs(self.view.tools, self._specs))
        return self._compared[1]

    def ids_in_view(self) -> frozenset[str]:
        """Public ids of what the model already has before its eyes: messages, and hits shown beside them or by tools.

        What an acronym stands for shows nothing else of the passage that says so.
        """
        whole = frozenset(hit.id for m in self.log for hit in m.hits if hit.kind != "acronym")
        return frozenset(message_id(m.id) for m in self.log) | whole

    def hits_in_view(self) -> frozenset[str]:
        """Public ids of the hits that stand beside messages and in tools' results."""
        return frozenset(hit.id for m in self.log for hit in m.hits)

    @property
    def reply_trust(self) -> Trust:
        """Of a reply to what is in view: the model's words are worth no more than what it has read."""
        return least_trusted("model", self.rendered.trust)

    # Writing

    def check_lease(self) -> None:
        """Make sure that the conversation is still ours to write in.

        Raises:
            StoreBusy: Another program has taken it over.
            NotFound: It was deleted.
        """
        if self.lease is not None:
            self.lease.check()

    def open_view(
        self,
        reason: str,
        *,
        brief: str = "",
        summary: str = "",
        first_seq: int | None = None,
        trust: Trust = "student",
    ) -> View:
        """Open a new view: system text and tools as they are now, history from `first_seq` on.

        Args:
            summary: Rests on the summary before it and on what is folded now, and is trusted as little.
            trust: Of a summary that comes from another conversation.
        """
        self.check_lease()
        old = self.view
        start = first_seq if first_seq is not None else (old.first_seq if old else 1)
        folded: list[Trust] = [m.lowest_trust for m in self.log if m.seq < start]
        rests_on = (trust, old.trust if old else "student", *folded) if summary else ()
        self.view = self._sessions.open_view(
            self.session,
            reason,
            system=self._system(brief),
            tools=specs_to_json(self._specs),
            brief=brief,
            summary=summary,
            first_seq=start,
            trust=least_trusted(self._system_trust(), *rests_on),
            mode=self._mode(),
            # The warning may have stood in what was folded or taken back.
            pressure=old is not None and old.pressure and not folded and reason not in {"undo", "retry"},
        )
        self._compared = (self.view.id, True)
        self.log = [m for m in self.log if m.seq >= start]
        self._shown = None
        return self.view

    def add(self, stored: StoredMessage) -> None:
        """Take in a message that was just stored."""
        self.log.append(stored)

    def note_pressure(self) -> None:
        """Record that the model was told in this view that the window is nearly full."""
        if self.view is not None:
            self.view = self._sessions.note_pressure(self.view)

    def replace(self, stored: StoredMessage) -> None:
        """Put a message in the place of its older self: what stands beside it is known now."""
        place = next(i for i in reversed(range(len(self.log))) if self.log[i].id == stored.id)
        self.log[place] = stored
        if self._shown is not None and place < len(self._shown.messages):
            self._shown = None


def exchanges(log: Iterable[StoredMessage]) -> list[list[StoredMessage]]:
    """Group messages by turn, oldest first: the units compaction folds."""
    groups: list[list[StoredMessage]] = []
    for stored in log:
        if groups and groups[-1][-1].turn_id == stored.turn_id and stored.turn_id is not None:
            groups[-1].append(stored)
        else:
            groups.append([stored])
    return groups


def needs_pairing(log: Sequence[StoredMessage]) -> list[str]:
    """Ids of tool calls of the last reply that have no result yet: what a crash left undone, in call order."""
    answered: set[str | None] = set()
    for stored in reversed(log):
        match stored.message.role:
            case "tool":
                answered.add(stored.message.tool_call_id)
            case "assistant":
                return [c.id for c in stored.message.tool_calls if c.id not in answered]
            case _:
                return []
    return []
