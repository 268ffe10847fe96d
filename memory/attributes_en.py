"""English statements of one attribute: "my bank is …", "I moved to …", "I have read up to chapter …"."""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"^(?:(?:now|currently|these days|nowadays|actually|also|correction|so|and|but|well|i misspoke|sorry|update|fyi)\b[\s,:]+)+",
    re.IGNORECASE,
)
_SELF = r"(?:i|we|the student|student|they|he|she)"
_OWNER = r"(?:my|our|the student's|student's|their|his|her)"
_BE = r"(?:is|are|was|will be|has become|became|turned(?=\s+(?:\d|\w+$))|takes|costs|lasts|weighs)"
_MOVED = (
    r"(?:(?:was|were|is|has been|have been|got)\s+)?(?:moved|changed|postponed|rescheduled|switched|extended|pushed|went\s+up|"
    r"replaced|went\s+down|rose|dropped|increased|decreased|turned|updated)\s+(?:(?:back\s+|up\s+|down\s+)?to|by)"
)
_IS = re.compile(
    rf"^{_OWNER}\s+(?P<what>[\w' .+#-]{{2,40}}?)\s+(?:{_BE}|meets|takes\s+place|starts|runs|falls)\s+(?:now\s+)?(?P<value>.{{1,60}})$",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    rf"^(?:{_OWNER}|the)\s+(?P<what>[\w' .+#-]{{2,40}}?)\s+{_MOVED}\s+(?P<value>.{{1,60}})$", re.IGNORECASE
)
_SWITCHED = re.compile(
    rf"^{_SELF}(?:'ve|\s+have|\s+has)?\s+(?:just\s+)?(?:switched|changed|replaced|swapped|traded|upgraded)\s+{_OWNER}\s+"
    r"(?P<what>[\w' .+#-]{2,40}?)\s+(?:from\s+.+?\s+)?(?:to|with|for|into)\s+(?P<value>.{1,60})$",
    re.IGNORECASE,
)
_PROGRESS = re.compile(
    rf"^{_SELF}\b.*\b(?:read|watched|solved|finished|done|studied|covered|reached|completed|got|am|'m|is|on|worked)\b.*?"
    r"\b(?P<unit>chapter|page|lecture|unit|section|week|lesson|problem|exercise)s?\s+\d+(?P<span>\s*(?:to|-|–|through)\s*\d+)?"
    r"(?P<rest>.*)$",
    re.IGNORECASE,
)
_VERBS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (key, re.compile(rf"^{_SELF}(?:'m|'ve|\s+am|\s+is|\s+have|\s+has)?\s+(?:now\s+|just\s+|currently\s+)?(?:{words})", re.IGNORECASE))
    for key, words in (
        ("enrolment", r"(?:on|back\s+from|taking)\s+(?:a\s+)?(?:leave|gap\s+year)\b|enrolled\s+again|graduated\b|dropped\s+out\b"),
        ("home", r"rent(?:s|ing)?\s+an?\s+(?:\w+\s+)?(?:studio|room|flat|apartment|house)\b|(?:lives?\s+(?:in|at|on|with|near)|living\s+(?:in|at|on|with)|resides?\s+in|(?:moved|relocated)\s+(?:to|into|in with)(?!\s+(?:chapter|page|lecture|section|unit)))\b"),
        ("part-time", r"works?(?:ing)?\s+part[- ]time\s+(?:at|for|in)\b"),
        ("work", r"(?:works?|working)\s+(?:now\s+)?(?:at|for)\b|(?:got|started|took)\s+a\s+(?:new\s+)?job\s+(?:at|with)\b|joined\s+\S+\s+as\b|intern(?:ing)?\s+at\b"),
        ("school", r"(?:(?:go|goes|going)\s+to|attends?|attending|transferred\s+to|stud(?:y|ies|ying)\s+at|enrolled\s+(?:at|in))\s+(?:the\s+)?(?:[\w.&'-]+\s+){0,5}?(?:university|college|school|institute)\b|transferred\s+to\b"),
        ("wake", r"(?:wakes?|gets?|waking|getting)\s+up\s+(?:at|around)\b"),
        ("sleep", r"(?:(?:go|goes|going)\s+to\s+(?:bed|sleep)|sleeps?)\s+(?:at|around)\b"),
        ("study time", r"stud(?:y|ies|ying)\s+(?:for\s+)?(?:about\s+)?[\w.]+\s+(?:hours?|minutes?)\b"),
        ("reading", r"reading\b(?!\s+up)"),
        ("car", r"drives?\s+(?:an?|my|the)\b"),
        ("major", r"majoring\s+in\b"),
    )
)  # fmt: skip
_FAR = re.compile(
    r"\b(?:up\s+to|until|through|as\s+far\s+as|on|at|reached|finished)\s+(?:the\s+)?[a-z]+\s+\d",
    re.IGNORECASE,
)
_COMMUTE = re.compile(
    rf"^{_SELF}\s+(?:now\s+)?(?:go|goes|commute|commutes|get|gets|travel|travels)\s+to\s+(?P<to>[\w ]+?)\s+(?:by|on)\s+\w+",
    re.IGNORECASE,
)
_MEMBER = re.compile(
    rf"^{_SELF}(?:'m|\s+am|\s+is|\s+are)\s+(?:now\s+)?in\s+(?P<what>team|group|section|lab section|dorm|room)\s+\w+",
    re.IGNORECASE,
)
_PERSON_LIVES = re.compile(
    rf"^(?i:{_OWNER})\s+(?P<who>(?:girl|boy)friend|partner|wife|husband|parents|mother|father|mom|mum|dad|brother|sister|roommate|family|grand\w+)\s+(?:lives?|is\s+living|is\s+based|(?:has\s+)?moved|relocated)\s+(?:in|to|at)\s+(?!\d)[A-Z]"
)
_MANNER = re.compile(
    r"^(?:please\s+)?(?:keep|make)\s+(?:the\s+|your\s+)?(?:explanations|answers)\s+\w+", re.IGNORECASE
)
_MANY = re.compile(
    r"\b(?:model|network|loss|accuracy|results?|training|dataset|data|program|implementation|gradient|friends?|hobby|hobbies|questions?|answers?|problems?|code|guess|idea|point|opinion|concern|mistakes?|weakness|strengths?|"
    r"sisters?|brothers?|cousins?|interests?|skills?|class(?:es)?|courses?|homework|assignments?|reason|example|understanding|thing)$",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?\s+\d|"
    r"\d\s*(?:am|pm|a\.m|p\.m)|\d:\d\d|\d{4}-\d\d|\b(?:tomorrow|tonight|next\s+week|morning|evening|afternoon|noon|midnight)\b",
    re.IGNORECASE,
)
_ROOM = re.compile(r"\b(?:room|hall|building)\b", re.IGNORECASE)
_ALIASES = {
    "address": "home",
    "home address": "home",
    "home": "home",
    "apartment": "home",
    "email address": "email",
    "phone": "phone number",
    "cell number": "phone number",
    "job": "work",
    "workplace": "work",
    "university": "school",
    "college": "school",
    "supervisor": "advisor",
    "birth date": "birthday",
    "part-time job": "part-time",
}


def english_attribute(sentence: str) -> str | None:
    """Give the key of a sentence's attribute: "home", "bank", "piano lesson:when"; None where it has none."""
    text = sentence.strip().replace("’", "'").rstrip(" .!")
    if text.endswith("?"):
        return None
    text = _LEAD.sub("", text)
    text = re.sub(
        r"[\s,]+(?:now|these days|nowadays|currently|at the moment|last (?:week|month)|any\s?more)$", "", text
    )
    return _by_verb(text) or _by_noun(text)


def _by_verb(text: str) -> str | None:
    if (progress := _PROGRESS.match(text)) and (progress["span"] or _FAR.search(text)):
        return f"progress:{_object(text, progress)}"
    if commute := _COMMUTE.match(text):
        return f"commute:{commute['to'].lower()}"
    if member := _MEMBER.match(text):
        return member["what"].lower()
    if _MANNER.match(text):
        return "manner"
    if person := _PERSON_LIVES.match(text):
        return f"{_name(person['who'])}:home"
    return next((key for key, pattern in _VERBS if pattern.match(text)), None)


def _by_noun(text: str) -> str | None:
    found = _CHANGED.match(text) or _SWITCHED.match(text) or _IS.match(text)
    if found is None:
        return None
    name = _name(found["what"])
    if _ROOM.search(found["value"]) and re.search(r"\b(?:class|classroom|lecture|seminar|room)$", name):
        return "room"
    when = bool(_WHEN.search(found["value"]))
    if not when and (_MANY.search(name) or len(name.split()) > 5):
        return None
    if name in _ALIASES:
        return _ALIASES[name]
    return f"{name}:when" if when and name != "birthday" else name


def _object(text: str, found: re.Match[str]) -> str:
    """Name what somebody has got so far in: "of the linear algebra book", or what stands before the number."""
    after = re.search(r"\b(?:of|in|from)\s+(?P<what>.+)$", found["rest"], re.IGNORECASE)
    if after:
        return _name(after["what"])
    before = re.search(
        r"\b(?:the|my|our)\s+(?P<what>[\w ]+?)\s+(?:up\s+)?(?:to|until|through)\b", text, re.IGNORECASE
    )
    return _name(before["what"]) if before else found["unit"].lower()


def _name(words: str) -> str:
    name = re.sub(r"^(?:the|a|an|my|our|new|current|latest|old)\s+", "", words.strip().lower())
    name = re.sub(r"^(?:new|current|latest)\s+", "", name).replace("favourite", "favorite")
    name = re.sub(r"(?:'s)?\s+name$", "", name) if name != "name" else name
    return " ".join(name.split())
