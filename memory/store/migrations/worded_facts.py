"""The sentences in which revision 0001 kept facts, read back into values once.

Only the migration and the import of an export of version 1 use it. What students say, and what the program writes
today, is read nowhere here.
"""

from __future__ import annotations

import re
from typing import Any

_DAY = r"(?P<y{0}>\d{{4}})년 (?P<m{0}>\d{{1,2}})월 (?P<d{0}>\d{{1,2}})일"
_ISO = r"(?P<y{0}>\d{{4}})-(?P<m{0}>\d\d)-(?P<d{0}>\d\d)"
_DATED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<value>.+?)[은는] {_DAY.format(1)}(?P<about>쯤)?입니다\.",
        rf"(?P<value>.+?)[은는] {_DAY.format(1)}에서 {_DAY.format(2)} 사이입니다\.",
        r"(?P<value>.+?)[은는] (?P<off>취소되었습니다)\.",
        rf"The (?P<value>.+?) is (?:due )?(?:on|(?P<about>around)) {_ISO.format(1)}\.",
        rf"The (?P<value>.+?) is (?:due )?between {_ISO.format(1)} and {_ISO.format(2)}\.",
        r"The (?P<value>.+?) is (?P<off>cancelled)\.",
    )
)
_PLAIN = {
    "name": (r"이름은 (.+?)입니다\.", r"The student's name is (.+?)\."),
    "major": (r"전공은 (.+?)입니다\.", r"The student's major is (.+)\."),
    "year": (r"학년: (.+)", r"Year: (.+)"),
    "goal": (r"목표: (.+)", r"Goal: (.+)"),
    "course": (r"(.+?) 수업을 듣습니다\.", r"The student takes (.+)\."),
    "confusion": (r"(.+?)[을를] 헷갈려합니다\.", r"The student is confused about (.+)\."),
}
_UNDERSTOOD = (r"(.+?)[을를] 이제 이해합니다\.", r"The student now understands (.+)\.")


def fact_values(text: str, subject: str | None) -> dict[str, Any] | None:
    """Give the columns of a fact that rules wrote: its subject, kind, value, days and polarity; None for any other.

    Args:
        text: The sentence.
        subject: Its key, which begins with the kind.
    """
    kind = (subject or "").partition(":")[0]
    if kind in {"exam", "deadline"}:
        found = next((m for pattern in _DATED if (m := pattern.fullmatch(text))), None)
        if found is None:
            return None
        parts = found.groupdict()
        polarity = "cancelled" if parts.get("off") else "about" if parts.get("about") else "holds"
        value = parts["value"].removesuffix(" 마감") if kind == "deadline" else parts["value"]
        return _values(subject, kind, value, polarity, _day(parts, 1), _day(parts, 2))
    if kind == "confusion" and (value := _first(_UNDERSTOOD, text)):
        return _values(subject, kind, value, "understood")
    value = _first(_PLAIN.get(kind, ()), text)
    if not value:
        return None
    if kind == "goal":  # one of several by now
        key = re.sub(r"[\s.,·'\"()\-]+", "", re.sub(r"\b(?:the|an?|my)\b", " ", value).lower())
        subject = f"goal:{key}"
    return _values(subject, kind, value, "holds")


def _values(
    subject: str | None, kind: str, value: str, polarity: str, day: str | None = None, last: str | None = None
) -> dict[str, Any]:
    return {
        "subject": subject,
        "fact_kind": kind,
        "value": value,
        "day": day,
        "last_day": last,
        "polarity": polarity,
    }


def _first(patterns: tuple[str, ...], text: str) -> str:
    return next((found[1] for pattern in patterns if (found := re.fullmatch(pattern, text))), "")


def _day(parts: dict[str, Any], number: int) -> str | None:
    if not parts.get(f"y{number}"):
        return None
    return f"{parts[f'y{number}']}-{int(parts[f'm{number}']):02}-{int(parts[f'd{number}']):02}"
