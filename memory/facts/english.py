"""What English clauses state of exams, deadlines, goals and confusions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .clauses import Clause, Rule, of_others
from .dated import frames, read_dated
from .values import Found

_HEAD = re.compile(
    r"^(?:(?:hi|hello|hey|good\s+(?:morning|afternoon|evening)|professor|prof|oh|well|ok|okay|by\s+the\s+way|btw|actually|so|and|but|also|because|"
    r"yes|no|wait|oops|sorry|anyway|fyi|though|apparently|honestly|unfortunately|sadly|update|good\s+news|bad\s+news|as\s+i\s+(?:said|told\s+you)|now|(?:please\s+)?(?:remember|note)(?:\s+that)?)(?![\w'-])[\s,.!:]*)+",
    re.IGNORECASE,
)
_END = re.compile(r"(?:[\s.!~…,;:)]|\s(?:now|already|apparently|though)(?=[\s.!]*$))+$")
_AM = r"(?:i'm|i\s+am|im)"


def _patterns(*written: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in written)


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.match(text))), None)


def _bare(text: str) -> str:
    return _HEAD.sub("", _END.sub("", text))


# Exams and deadlines

_OWN = r"(?:(?:my|our|the|this|that|an?|another)\s+)?"
_WORD = r"(?!(?:no|not|any|every|your|their|is|are|was|i|we|on|of|in|for|and|my|the|an?|have|next|last|from)\b)[A-Z0-9+#&-]+"
_LABEL = rf"(?:{_WORD}\s+){{0,4}}?"
_COURSE = rf"(?:\s+(?:in|for|of)\s+(?:the\s+)?{_WORD}(?:\s+{_WORD}){{0,3}}?)?"
_AT = r"(?:\s+(?:at\s+)?[0-9]{1,2}(?::[0-9]{2})?\s*[ap]\.?m\.?|\s+in\s+the\s+(?:morning|afternoon|evening)|\s+at\s+noon|\s+(?:now|instead|already|too))*"
_DAY = rf"(?:(?:on|for|by|at)\s+)?(?:the\s+)?◆{_AT}"
_IS = r"(?:\s+is|'s|\s+are|\s+will\s+be|\s+falls|\s+takes\s+place|\s+starts?|\s+begins?)(?:\s+(?:now|actually|just|still|set|scheduled|due|coming\s+up|officially))*"
_WAS = r"(?:\s+(?:was|is|are|has\s+been|have\s+been|got|just|now|also|actually|officially)|'s\s+been)*"
_LATER = r"(?:postponed|delayed|deferred|extended|put\s+off|pushed(?:\s+(?:back|out))?|moved\s+back)"
_EARLIER = r"(?:moved\s+up|brought\s+forward|pushed\s+up|pulled\s+forward)"
_MOVED = rf"(?:{_LATER}|{_EARLIER}|moved|changed|rescheduled|shifted)"
_WHO = r"(?:they|we|the\s+(?:professor|prof|teacher|instructor|department)|my\s+(?:professor|prof|teacher)|prof(?:essor|\.)?\s+\w+)(?:\s+(?:just|have|has|had)|'ve)*"
_DATED = frames(
    rf"{_OWN}(?P<exam>{_LABEL}(?:exams?|examination|midterm|mid-term|finals?|test|quiz){_COURSE})(?:\s+date)?",
    rf"(?:the\s+(?:deadline|due\s+date)\s+(?:for|of)\s+)?{_OWN}(?P<deadline>{_LABEL}(?:assignment|homework|problem\s+set|pset|essay|report|project|paper|thesis|presentation|proposal|deadline))(?:\s+(?:deadline|due\s+date))?",
    rf"NP{_IS}\s+{_DAY}",
    rf"(?:i|we)(?:'ve|\s+also|\s+already)*(?:\s+(?:have|got|take|write|sit|am\s+taking|are\s+taking)|'m\s+taking|'re\s+taking)+\s+NP(?:\s+(?:coming\s+up|due|scheduled))?\s+{_DAY}",
    rf"there(?:'s|\s+is|\s+will\s+be)\s+NP(?:\s+(?:coming\s+up|due))?\s+{_DAY}",
    rf"(?:i|we)(?:\s+also)?(?:\s+(?:have|need)\s+to|'ve\s+got\s+to|\s+must|\s+gotta)\s+(?:submit|hand\s+in|turn\s+in)\s+NP\s+(?:on|by|before)\s+(?:the\s+)?◆{_AT}",
    rf"NP{_WAS}\s+{_MOVED}(?:\s+from\s+(?:the\s+)?◆)?\s+(?:to|till|until)\s+(?:the\s+)?◆{_AT}",
    rf"{_WHO}\s+{_MOVED}\s+NP(?:\s+(?:back|up|out))?(?:\s+from\s+(?:the\s+)?◆)?\s+(?:to|till|until)\s+(?:the\s+)?◆{_AT}",
    rf"NP\s*(?:is\s+not|isn't|'s\s+not)\s+(?:on\s+)?◆,?\s+(?:but|it's|it\s+is)\s+{_DAY}",
    rf"NP{_IS}\s+{_DAY},?\s+(?P<first>not|instead\s+of|rather\s+than)\s+(?:on\s+)?◆",
    rf"NP{_WAS}\s+(?:(?P<later>{_LATER})|(?P<earlier>{_EARLIER}))(?:\s+by)?\s+◇",
    r"NP(?:\s+(?:was|is|has\s+been|got|now|due))+(?:\s+moved)?(?:\s+by)?\s+◇\s+(?:(?P<later>later)|(?P<earlier>earlier))(?:\s+than\s+\w+)?",
    rf"{_WHO}\s+(?:(?P<later>postponed|delayed|extended|pushed|pushed\s+back|put\s+off)|(?P<earlier>moved\s+up))\s+NP(?:\s+back)?(?:\s+by)?\s+◇",
    rf"{_WHO}\s+(?:moved|pushed|brought)\s+NP\s+(?:(?P<later>back)|(?P<earlier>up|forward))(?:\s+by)?\s+◇",
    rf"NP{_WAS}\s+(?P<off>cancell?ed|called\s+off)",
)


def _dated(clause: Clause) -> Iterator[Found]:
    text, _, _ = clause.masked
    if not of_others(clause.sentence):
        for found in read_dated(_DATED, _bare(text), clause):
            yield replace(found, value=_course_first(found.value))


def _course_first(label: str) -> str:
    """Name an exam as it is named otherwise too: "final in linear algebra" -> "linear algebra final"."""
    for between in (" in ", " for ", " of "):
        exam, _, course = label.partition(between)
        if course:
            return f"{course.removeprefix('the ')} {exam}"
    return label


# Goals

_GOALS = _patterns(
    r"^my\s+(?:\w+\s+)?goal(?:\s+for\s+this\s+(?:semester|term|year|course))?\s+is\s+(?:to\s+)?(?P<goal>.+)$",
    rf"^{_AM}\s+(?:aiming|shooting)\s+(?:for|to)\s+(?P<goal>.+)$",
    r"^(?:i\s+(?:really\s+|just\s+)?(?:want|hope|plan)|i'd\s+like)\s+to\s+(?P<goal>(?:get\s+an?\s+[a-d][+-]?|get\s+into|pass(?!\s+(?:it|this|that|on|by))|ace|"
    r"become\s+an?|graduate(?=$|\s+(?:next|this|with|in|on|early|by))|publish)(?!\w).*)$",
)
_NO = re.compile(
    r"^(?:not|never|no|it|this|that)\b|\b(?:on|by|out|it|time|that\s+one)$",
    re.IGNORECASE,
)


def _goals(clause: Clause) -> Iterator[Found]:
    text = _bare(clause.text)
    found = _first(_GOALS, text)
    if found and len(found["goal"]) <= 80:
        goal, day = clause.apart(found["goal"])
        if not _NO.search(goal):
            yield Found("goal", goal, day)


# Confusions

_OFTEN = r"(?:(?:still|really|always|just|also|so|very|pretty|quite|totally|completely|fully|even|often|kinda|kind\s+of|keep|at\s+all|a\s+bit|seem\s+to|finally|now|ever)\s+)*"
_CANNOT = r"(?:don'?t|do\s+not|can'?t|cannot|can\s+not|couldn't|didn'?t)"
_TAIL = re.compile(
    r"(?:\s+(?:at\s+all|yet|too|either|very\s+well|well|really|fully|sometimes|a\s+lot|so\s+much|in\s+class|right\s+now|these\s+days|"
    r"lately|to\s+me|for\s+me|again|still|any\s*more|now|finally|though))+$",
    re.IGNORECASE,
)
_HARD = _patterns(
    rf"^{_OFTEN}i\s+{_OFTEN}{_CANNOT}\s+{_OFTEN}(?:(?<!can't\s)(?<!cant\s)(?<!cannot\s)get|understand|grasp|make\s+sense\s+of|"
    r"wrap\s+my\s+head\s+around)\s+(?P<topic>.+)$",
    rf"^{_AM}\s+{_OFTEN}(?:confused|puzzled)\s+(?:about|by|with)\s+(?P<topic>.+)$",
    rf"^(?:i|{_AM})\s+{_OFTEN}(?:struggl(?:e|ing)\s+to\s+understand|hav(?:e|ing)\s+trouble\s+understanding|mix(?:ing)?\s+up|"
    r"confus(?:e|ing)|get(?:ting)?\s+confused\s+(?:by|about|between))\s+(?P<topic>.+)$",
    rf"^i\s+{_OFTEN}find\s+(?P<topic>.+?)\s+{_OFTEN}confusing$",
    rf"^(?P<topic>.+?)\s+{_OFTEN}(?:confuses?|baffles?|keeps?\s+confusing)\s+me$",
    rf"^(?P<topic>.+?)\s+(?:(?:is|are)\s+{_OFTEN}confusing|{_OFTEN}(?:(?:doesn'?t|don'?t)\s+make\s+(?:any\s+)?|makes?\s+no\s+)sense)$",
)
_CLEAR = _patterns(
    rf"^(?:now\s+)?i\s+{_OFTEN}(?:get|understand|understood)\s+(?P<topic>.+)$",
    rf"^{_AM}\s+(?:no\s+longer|not)\s+confused\s+(?:about|by)\s+(?P<topic>.+)$",
    rf"^(?P<topic>.+?)(?<!n't)(?<!not)\s+{_OFTEN}(?:makes?\s+(?:perfect\s+|total\s+)?sense|clicked|(?:is|are)\s+{_OFTEN}clear)$",
)
_AT_LAST = re.compile(r"\b(?:now|finally|no\s+longer|any\s*more)\b", re.IGNORECASE)
_NO_TOPIC = re.compile(
    r"^(?:it|this|that|these|those|them|you|me|us|what|why|how|who|when|where|which|if|any\w*|everything|something|nothing|all|enough|much|"
    r"many|more|paid|up|along|out|off|back|around|to|into|in|on|an?|my|your|our|their|people|life|being|having|there|here|now|finally)\b|,|"
    r"\b(?:question|homework|assignment|joke|point|answer|problem|instructions?|app|website|page|schedule|syllabus|room|job|grade|bus|"
    r"difference|above|meaning|sleep|email|message|notes?|here|you|he|she|they|we|i)$",
    re.IGNORECASE,
)


def _confusions(clause: Clause) -> Iterator[Found]:
    text = _bare(clause.text)
    words = _TAIL.sub("", text)
    clear = _first(_CLEAR, words) if _AT_LAST.search(clause.text) else None
    found = clear or _first(_HARD, words)
    topic = (
        re.sub(r"^the\s+(?:concept|idea|notion)\s+of\s+", "", found["topic"], flags=re.IGNORECASE)
        if found
        else ""
    )
    if topic and len(topic.split()) <= 6 and not _NO_TOPIC.search(topic):
        yield Found("confusion", topic, polarity="understood" if clear else "holds")


RULES: tuple[Rule, ...] = (_dated, _goals, _confusions)
