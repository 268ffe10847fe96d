"""By how many days something is moved: "일주일 미뤄졌어", "postponed by a week", "moved two days earlier"."""

from __future__ import annotations

import re

_COUNTS = {
    "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "일주일": 7, "열흘": 10, "보름": 15,
    "한": 1, "두": 2, "세": 3, "네": 4, "일": 1, "이": 2, "삼": 3, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3,
    "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_SPAN = re.compile(
    r"(?P<whole>하루|이틀|사흘|나흘|닷새|엿새|일주일|열흘|보름)|(?<![가-힣\d])(?P<count>\d{1,2}|[한두세네일이삼])\s?(?P<unit>일|주일?)(?!로|에|까지|부터|이\s)"
    r"|\b(?P<number>\d{1,2}|an?|one|two|three|four|five|six)\s+(?P<name>day|week)s?\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"미뤄|미루|밀려|밀렸|연기|연장|늦춰|늦췄|\b(?:postponed|delayed|pushed\s+back|moved\s+back|extended|later|pushed)\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"당겨|당긴|앞당|\b(?:earlier|moved\s+up|moved\s+forward|brought\s+forward|pulled\s+forward|pushed\s+up|sooner)\b",
    re.IGNORECASE,
)


def shift_in(text: str) -> int | None:
    """Give by how many days a clause says that something is moved, earlier as a negative number; None where it does not.

    A clause that names the new day as well moves it to that day, which is for whoever reads dates.
    """
    span, earlier, later = _SPAN.search(text), _EARLIER.search(text), _LATER.search(text)
    if span is None or not (earlier or later):
        return None
    if span["whole"]:
        days = _COUNTS[span["whole"]]
    else:
        count, unit = (span["count"] or span["number"]).lower(), span["unit"] or span["name"].lower()
        days = (int(count) if count.isdigit() else _COUNTS[count]) * (
            7 if unit in {"주", "주일", "week"} else 1
        )
    return -days if earlier else days
