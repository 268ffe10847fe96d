"""Everything that was ever said: sessions, turns, views and messages, and who may write in them.

It calls `index`, `store` and `text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .approvals import Approvals, ApprovalState, TurnApprovals, WaitingCall
    from .lease import Lease
    from .memory import RecallMemory
    from .rows import BrokenRule, Session, Turn, TurnState, View
    from .sessions import Sessions

__all__ = [
    "ApprovalState",
    "Approvals",
    "BrokenRule",
    "Lease",
    "RecallMemory",
    "Session",
    "Sessions",
    "Turn",
    "TurnApprovals",
    "TurnState",
    "View",
    "WaitingCall",
]

__getattr__ = hand_on(
    __name__,
    {
        "approvals": "ApprovalState Approvals TurnApprovals WaitingCall",
        "lease": "Lease",
        "memory": "RecallMemory",
        "rows": "BrokenRule Session Turn TurnState View",
        "sessions": "Sessions",
    },
)
