"""The relational database, which is the truth: opening, migrating, locking, backing up and moving it.

Its tables are in `store.schema`. It calls nothing above `types`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import hand_on

if TYPE_CHECKING:
    from .address import parse_url
    from .database import Database, insert_ignoring
    from .locks import WorkLock, work_lock
    from .owner import is_dead, new_owner
    from .rows import AnyRow, row_id

__all__ = [
    "AnyRow",
    "Database",
    "WorkLock",
    "insert_ignoring",
    "is_dead",
    "new_owner",
    "parse_url",
    "row_id",
    "work_lock",
]

__getattr__ = hand_on(
    __name__,
    {
        "address": "parse_url",
        "database": "Database insert_ignoring",
        "locks": "WorkLock work_lock",
        "owner": "is_dead new_owner",
        "rows": "AnyRow row_id",
    },
)
