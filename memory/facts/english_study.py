"""What English clauses state about the student's studies: goals, confusions, courses, school, major and year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import Clause, Rule
from .english import AM, CI, NEGATED, SOFT, bare
from .values import Found

_GOALS = (
    re.compile(
        r"\bmy\s+(?:main\s+|ultimate\s+|only\s+)?(?:goal|aim|target)\s*(?:is|for\s+this\s+(?:semester|term|year|course)\s+is)\s+(?:to\s+)?(?P<goal>.+)$",
        CI,
    ),
    re.compile(
        rf"^(?:i\s+(?:{SOFT})(?:want|hope|plan|need|aim|would\s+like|intend)|i'd\s+like|i'm\s+(?:{SOFT})(?:trying|hoping|planning|aiming))\s+(?:to\s+)(?P<goal>(?:get|pass|become|ace|graduate|earn|score|win|publish|apply|enter|finish\s+(?:with|the\s+course)|achieve|be\s+an?|improve\s+my\s+(?:grade|gpa)|go\s+to)\b.+)$",
        CI,
    ),
    re.compile(r"^i'm\s+(?:aiming|going|shooting)\s+for\s+(?P<goal>.+)$", CI),
)
_NO_GOAL = re.compile(
    r"\b(?:bathroom|home|bed|know|help|it|this|that|answer|rid|started|back|my\s+head|going|sleep|lunch|dinner|your\s+opinion|clarification)\b",
    CI,
)

_TOPIC = r"(?P<topic>.+?)"
_END = r"(?:\s+(?:at\s+all|yet|very\s+well|well|really|fully|properly|clearly|sometimes|a\s+lot|either|in\s+class|right\s+now|these\s+days|lately|for\s+me|to\s+me|again))*$"
_HARD = (
    re.compile(
        rf"^(?:{SOFT})?i\s+(?:{SOFT})(?:don't|do\s+not|can't|cannot|can\s+not|couldn't|didn't|dont|cant)\s+(?:{SOFT}|fully\s+|ever\s+|seem\s+to\s+|quite\s+)*(?:get|understand|follow|grasp|make\s+sense\s+of|see\s+(?=why|how)|wrap\s+my\s+head\s+around)\s+{_TOPIC}{_END}",
        CI,
    ),
    re.compile(
        rf"^{AM}\s+(?:{SOFT})(?:confused|puzzled|unclear|lost|stuck|shaky|weak)\s+(?:about|by|on|with|over|in|at)\s+{_TOPIC}{_END}",
        CI,
    ),
    re.compile(
        rf"^{AM}\s+(?:{SOFT})(?:struggling|having\s+(?:trouble|difficulty|a\s+hard\s+time|problems))\s+(?:with\s+|to\s+understand\s+|understanding\s+|grasping\s+|following\s+)?{_TOPIC}{_END}",
        CI,
    ),
    re.compile(
        rf"^i\s+(?:{SOFT})(?:struggle\s+with|have\s+(?:trouble|difficulty|a\s+hard\s+time|problems)\s+(?:with|understanding|grasping)|get\s+confused\s+(?:by|about|between|with)|get\s+stuck\s+on|(?:keep\s+)?(?:mix(?:ing)?\s+up|confus(?:e|ing)))\s+{_TOPIC}{_END}",
        CI,
    ),
    re.compile(
        rf"^{_TOPIC}\s+(?:{SOFT})(?:confuses\s+me|confuse\s+me|keeps?\s+confusing\s+me|(?:doesn't|does\s+not|don't)\s+make\s+(?:any\s+)?sense\s+to\s+me|makes\s+no\s+sense\s+to\s+me|(?:is|are)\s+(?:{SOFT})(?:confusing|hard|difficult|unclear)\s+(?:for|to)\s+me){_END}",
        CI,
    ),
    re.compile(
        rf"^{_TOPIC}\s+(?:is|are)\s+(?:(?:still|really|so|very|pretty|quite|super|way\s+too|too)\s+)*(?:confusing|hard\s+to\s+understand){_END}",
        CI,
    ),
    re.compile(
        rf"^i\s+(?:{SOFT})find\s+{_TOPIC}\s+(?:{SOFT})(?:hard|confusing|difficult|tricky)(?:\s+to\s+\w+)?{_END}",
        CI,
    ),
)
_SOLVED = (
    re.compile(
        rf"^(?:(?:finally|now|ok|okay),?\s+)*{AM}\s+(?:no\s+longer|not)\s+confused\s+(?:about|by)\s+(?P<topic>.+?)(?:\s+(?:anymore|any\s+more))?$",
        CI,
    ),
    re.compile(
        rf"^(?:(?:ok|okay|thanks\s+to\s+you),?\s+)*(?:now\s+i|i\s+(?:now|finally))\s+(?:get|understand|understood)\s+{_TOPIC}{_END}",
        CI,
    ),
    re.compile(rf"^i\s+(?:get|understand)\s+{_TOPIC}\s+now$", CI),
    re.compile(
        rf"^{_TOPIC}(?<!n't)(?<!not)\s+(?=.*\b(?:finally|now)\b)(?:(?:finally|now)\s+)?(?:makes?\s+(?:perfect\s+)?sense|(?:is|are)\s+(?:finally\s+)?clear(?:er)?)(?:\s+to\s+me)?(?:\s+(?:now|finally))?$",
        CI,
    ),
)
_NO_TOPIC = re.compile(
    r"^(?:it|this|that|these|those|them|you|me|him|what|why|how|what\s+(?:you|it|this|that|i|to)\b.*|why\s+(?:you|it|this|that|i)\b.*|"
    r"how\s+(?:you|it|this|to\s+(?:use|install|run|start))\b.*|your\b.*|my\b.*|back\b.*|the\s+(?:question|answer|point|joke|last\s+part|app|above)|"
    r"a\s+word|anything|everything|something|any\s+of\s+(?:it|this|that)|all\s+of\s+(?:it|this)|enough\b.*|to\b.*|half\s+of\s+it|"
    r"which\s+(?:one|to)\b.*|the\s+difference|life|the\s+chance\b.*|up\b.*|out\b.*|a\s+(?:job|grade)\b.*|there\b.*|here)$",
    CI,
)


def _goals(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    found = next((m for p in _GOALS if (m := p.search(text))), None)
    if found and not _NO_GOAL.search(text) and not NEGATED.search(text) and len(found["goal"]) <= 80:
        yield Found("goal", *clause.apart(found["goal"].strip()))


def _confusions(clause: Clause) -> Iterator[Found]:
    text = re.sub(
        r"^(?:honestly|actually|sometimes|unfortunately|professor|still|also|well|sorry|sadly),?\s+",
        "",
        bare(clause.text),
        flags=CI,
    )
    solved = next((m for p in _SOLVED if (m := p.match(text))), None)
    if solved:
        if topic := _topic(solved["topic"]):
            yield Found("confusion", topic, polarity="understood")
        return
    found = next((m for p in _HARD if (m := p.match(text))), None)
    if found and (topic := _topic(found["topic"])):
        yield Found("confusion", topic)


def _topic(words: str) -> str:
    """What is hard; "" where it is only a pronoun or about the talk itself."""
    topic = re.sub(
        r"^(?:the\s+(?:concept|idea|topic|notion)\s+of|about|with)\s+", "", words.strip(" ,.;"), flags=CI
    )
    topic = re.sub(r"\s+(?:at\s+all|yet|very\s+well|well|sometimes|in\s+class|either)$", "", topic, flags=CI)
    return "" if not topic or len(topic) > 60 or _NO_TOPIC.match(topic) else topic


_COURSE = (
    re.compile(
        rf"^{AM}\s+(?:{SOFT})(?:taking|enrolled\s+in|attending)\s+(?:(?:a|an|the|your)\s+)?(?P<course>[\w+#& -]{{2,40}}?)\s*(?:class|course|lectures?)?(?:\s+(?:this|next)\s+(?:semester|term|year|quarter))?(?:\s+with\s+.*)?$",
        CI,
    ),
    re.compile(
        r"^i\s+take\s+(?:a|an|the)?\s*(?P<course>[\w+#& -]{2,40}?)\s+(?:class|course)(?:\s+this\s+(?:semester|term|year))?$",
        CI,
    ),
    re.compile(r"^this\s+(?:semester|term)\s+i'm\s+taking\s+(?P<course>[\w+#& -]{2,40})$", CI),
)
_NO_COURSE = re.compile(
    r"^(?:a\s+)?(?:break|notes|nap|look|bus|your\s+advice|medicine|it|this|that|(?:some\s+|the\s+)?time\b.*|some\b.*|photo|shower|walk|day\s+off|exam|test|quiz|final|midterm|part|over|care|off|on|up|longer|shortcuts?|.*\b(?:exam|test|quiz|final|midterm|notes|credits|courses|classes)\b.*|what\b.*|too\b.*)$",
    CI,
)
_MAJOR = (
    re.compile(
        r"\b(?:changed|switched)\s+(?:my|the)\s+major\s+(?:from\s+[\w &-]{2,30}\s+)?to\s+(?P<major>[\w &-]{2,40}?)$",
        CI,
    ),
    re.compile(
        r"\b(?:freshman|sophomore|junior|senior|(?:first|second|third|fourth|final)[\s-]year(?:\s+student)?|(?:grad(?:uate)?|ph\.?d\.?|master's)\s+student)\s+in\s+(?P<major>[\w &-]{2,40}?)(?:\s+(?:at|with)\s+.*)?$",
        CI,
    ),
    re.compile(
        r"\b(?:i'm\s+majoring|i\s+am\s+majoring|i\s+major|majoring)\s+in\s+(?P<major>[\w &-]{2,40}?)(?:\s+(?:at|with)\s+.*)?$",
        CI,
    ),
    re.compile(r"\bmy\s+major\s+is\s+(?P<major>[\w &-]{2,40})$", CI),
    re.compile(
        rf"^{AM}\s+(?:a|an)\s+(?:(?:first|second|third|fourth|final|freshman|sophomore|junior|senior)[\s-]?(?:year)?\s+)?(?P<major>[\w &-]{{2,30}}?)\s+(?:major|student\s+at\b.*)$",
        CI,
    ),
    re.compile(
        rf"^{AM}\s+(?:a|an)\s+(?:(?:first|second|third|fourth|final)[\s-]year)\s+(?P<major>[\w &-]{{2,30}}?)\s+student\b",
        CI,
    ),
)
_SCHOOL = re.compile(
    r"\b(?:i\s+(?:go\s+to|attend|study\s+at)|i'm\s+(?:studying\s+at|enrolled\s+at|a\s+student\s+at)|i(?:'ve|\s+have)?\s+(?:just\s+)?transferred\s+to|my\s+(?:school|university|college)\s+is)\s+"
    r"(?:the\s+)?(?P<school>(?:university|college|institute)\s+of(?:\s+[\w.&'-]+){1,4}?|(?:[\w.&'-]+\s+){1,4}?(?:university|college|school|institute|academy)|[A-Z]{2,6})(?:\s+now)?$",
    CI,
)
_NO_SCHOOL = re.compile(r"(?:a|an|my|our|his|her|their|graduate|high|medical|law|night|summer)\b", CI)
_YEAR = re.compile(
    rf"^(?:{AM}\s+(?:[A-Z][\w-]+,\s+)?(?:{SOFT})(?:a|an|in\s+my)\s+)(?P<year>first[\s-]year|second[\s-]year|third[\s-]year|fourth[\s-]year|final[\s-]year|freshman|sophomore|junior|senior|"
    r"(?:first|1st)\s+year|(?:second|2nd)\s+year|(?:third|3rd)\s+year|(?:fourth|4th)\s+year|grad(?:uate)?\s+student|ph\.?d\.?\s+student|master'?s\s+student|undergrad(?:uate)?|high\s+school\s+student)"
    r"(?!\s+(?:engineer|developer|scientist|manager|lecturer|partner|citizen))\b",
    CI,
)
_NO_MAJOR = re.compile(
    r"^(?:a|an|the|good|bad|new|great|high\s+school|university|college|grad|graduate|phd|master'?s|exchange|transfer|first|fellow|undergraduate|student|part-time|full-time)$",
    CI,
)


def _studies(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    if NEGATED.search(text):
        return
    course = next((m for p in _COURSE if (m := p.search(text))), None)
    if course and not _NO_COURSE.match(course["course"].strip()):
        yield Found("course", course["course"].strip())
    major = next((m for p in _MAJOR if (m := p.search(text))), None)
    if major and not _NO_MAJOR.match(major["major"].strip()):
        yield Found("major", major["major"].strip())
    school = _SCHOOL.search(text)
    if school and not _NO_SCHOOL.match(school["school"]):
        yield Found("school", school["school"])
    year = _YEAR.search(text)
    if year:
        yield Found("year", re.sub(r"\s+", " ", year["year"].replace("-", " ")).lower())


RULES: tuple[Rule, ...] = (_goals, _confusions, _studies)
