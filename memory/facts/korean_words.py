"""What the rules for Korean clauses share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .clauses import Clause, Found

Rule = Callable[[Clause], Iterator[Found]]
"""Reads what a clause states of one kind."""

ME = r"(?:(?:저는|전|저|나는|난|나|제가|내가)(?=\s))"
IS = r"(?:이에요|예요|에요|입니다|이야|야|임|이고|고|인데|이구요|구요|이라서|라서|이니까|니까|이며|이라고\s*(?:합니다|해요|해|하고|하는데)|라고\s*(?:합니다|해요|해|하고|하는데))"
NOW = r"(?:아직도?|여전히|자꾸|너무|좀|조금|계속|정말|진짜|제일|가장|많이|매번|늘|항상|요즘|사실|특히|잘|도무지|전혀|도통|완전히|제대로|저는|전|제게는|저한테는|더|무척|매우|또|다시)"
NEGATED = re.compile(r"아니(?!라|고)|아닌|아닙|않|안\s|못\s|못해|없(?!어졌)|말아")


def bare(text: str) -> str:
    """A clause without the signs and the greeting at its ends."""
    text = re.sub(r"[\s.!~…,ㅎㅋㅠㅜ^♡]+$", "", text)
    return re.sub(
        r"^(?:(?:안녕하세요|안녕하십니까|반갑습니다|교수님|선생님|네|아\s*참|아참|참|아|음|어|저기)[\s,.!~]+)+",
        "",
        text,
    )
