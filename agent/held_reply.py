"""A reply that is held back until it is checked: shown whole, asked for once more, or replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .events import Event, TextDelta, TextRetracted
from .model import CallBroken
from .turn_run import Reply
from .tutor.lock import ReplyCheck

Listen = Callable[[Reply], Iterator[Event]]


def listen_held(
    listen: Listen, reply: Reply, check: ReplyCheck, drop: Callable[[Reply], None]
) -> Iterator[Event]:
    """Hear a reply whole, and show it only if the check has no objection to it.

    What nobody is to see is in no event, and not in the log either, whatever ends the turn.

    Args:
        listen: Hears one reply.
        reply: Takes in what is said.
        check: Looks at it.
        drop: Records what a reply cost that is not used.
    """
    for last in (False, True):
        try:
            for event in listen(reply):
                if not isinstance(event, TextDelta | TextRetracted):
                    yield event
        except BaseException:
            if check.objection(_whole(reply)):
                reply.discard()
            raise
        objection = check.objection(_whole(reply))
        if not objection:
            break
        drop(reply)
        reply.discard(objection)
        if last:
            reply.text, reply.reason = check.instead(), "stop"
    if reply.text:
        yield TextDelta(reply.text)


def _whole(reply: Reply) -> str:
    """Everything that a reply would bring to the person, the log or memory."""
    calls = (c.call.arguments if isinstance(c, CallBroken) else c.arguments for c in reply.calls)
    return "\n".join([reply.text, *calls])
