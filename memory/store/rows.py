"""Rows as SQLAlchemy gives them, and ids as people and models write them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Row

from ..errors import UsageError

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are known by their names only."""


def row_id(shown: str | int, id_prefix: str) -> int:
    """Read an id as people and models write it: "m12", "M12", "12" or 12.

    Raises:
        UsageError: It is no such id.
    """
    if isinstance(shown, int):
        return shown
    found = re.fullmatch(rf"\s*{id_prefix}?([0-9]{{1,18}})\s*", shown, re.IGNORECASE | re.ASCII)
    if found is None:
        raise UsageError(
            f"{shown!r} is no id of this kind; it looks like {id_prefix}12.",
            f"{shown!r}은(는) 여기서 쓰는 id가 아닙니다. {id_prefix}12처럼 씁니다.",
        )
    return int(found[1])
